package stripesim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	courierTick    = 100 * time.Millisecond // how often the bank's clock is looked at
	courierTimeout = 10 * time.Second       // an endpoint that takes longer has failed
	couriers       = 16                     // deliveries under way at once
	pruneEvery     = 600                    // ticks
)

// courier delivers events until each was answered with 2xx or its schedule is over.
type courier struct {
	b      *Bank
	client *http.Client
	bell   chan struct{}
	slots  chan struct{}
	cancel context.CancelFunc
	runs   sync.WaitGroup

	underWay atomic.Int64 // taken off the list and not settled yet
}

func newCourier(b *Bank) *courier {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = couriers
	transport.Proxy = nil
	return &courier{
		b: b, bell: make(chan struct{}, 1), slots: make(chan struct{}, couriers),
		client: &http.Client{
			Timeout: courierTimeout, Transport: transport,
			// A redirect is a failure, as in the original.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

func (c *courier) start(ctx context.Context) {
	ctx, c.cancel = context.WithCancel(ctx)
	c.runs.Go(func() { c.run(ctx) })
}

func (c *courier) stop() {
	if c.cancel != nil {
		c.cancel()
	}
	c.runs.Wait()
	c.client.CloseIdleConnections()
}

// wake rings the bell; a bell that rings already is enough.
func (c *courier) wake() {
	select {
	case c.bell <- struct{}{}:
	default:
	}
}

func (c *courier) run(ctx context.Context) {
	tick := time.NewTicker(courierTick)
	defer tick.Stop()
	for n := 0; ; n++ {
		if n%pruneEvery == 0 {
			c.b.update(func(t *tx) { t.st.prune(t.now) })
		}
		c.round(ctx)
		select {
		case <-ctx.Done():
			return
		case <-c.bell:
		case <-tick.C:
		}
	}
}

// parcel is one delivery that is due.
type parcel struct {
	id       string
	url      string
	secrets  []string
	skew     time.Duration
	event    obj
	delivery delivery
}

// round sends everything that is due. It waits for the journal first: nobody may hear of what a
// crash could still undo.
func (c *courier) round(ctx context.Context) {
	var parcels []parcel
	line := c.b.update(func(t *tx) {
		parcels = t.dueParcels()
		c.underWay.Add(int64(len(parcels)))
	})
	left := len(parcels)
	defer func() { c.underWay.Add(-int64(left)) }() // those that nobody takes any more
	if c.b.durable(line) != nil {
		return
	}
	for _, p := range parcels {
		select {
		case <-ctx.Done():
			return
		case c.slots <- struct{}{}:
		}
		left--
		c.runs.Go(func() {
			defer func() { <-c.slots }()
			defer c.underWay.Add(-1)
			c.deliver(ctx, p)
		})
	}
}

func (t *tx) dueParcels() []parcel {
	var out []parcel
	for {
		d, ok := t.st.mails.next(t.now)
		if !ok {
			return out
		}
		e, w := t.st.events.byID[d.id], t.st.endpoints.byID[d.to]
		if e == nil || w == nil {
			continue
		}
		mail := e.Mail[e.mailTo(w.ID)]
		if mail.State != mailWaiting || !mail.Due.Equal(d.at) {
			continue // sent again or put off meanwhile
		}
		p := parcel{id: e.ID, url: w.URL, secrets: w.secrets(t.now), skew: time.Duration(w.Skew) * time.Second, delivery: mail, event: t.st.eventObject(e)}
		if w.Version != "" {
			p.event["api_version"] = w.Version
		}
		out = append(out, p)
		if mail.Attempts == 0 && t.b.delivery.dup > 0 && t.b.chance.Float64() < t.b.delivery.dup {
			out = append(out, p)
		}
	}
}

func (c *courier) deliver(ctx context.Context, p parcel) {
	verdict, ok := c.post(ctx, p)
	if ctx.Err() != nil && !ok {
		return // the bank is closing: this was no attempt, the next start tries again
	}
	c.b.update(func(t *tx) {
		d := p.delivery
		d.Event, d.Answer = p.id, verdict
		d.Attempts++
		switch {
		case ok:
			d.State = mailDelivered
		case d.Attempts < len(t.b.opt.Schedule):
			d.Due = t.now.Add(t.b.opt.Schedule[d.Attempts])
		default:
			d.State = mailFailed
		}
		if t.overtaken(p) {
			return
		}
		t.put(change{Mail: &d})
	})
}

// overtaken tells whether this delivery was settled meanwhile: the twin of a duplicate came
// through, or somebody pressed resend.
func (t *tx) overtaken(p parcel) bool {
	e := t.st.events.byID[p.id]
	if e == nil {
		return true
	}
	at := e.mailTo(p.delivery.Endpoint)
	return at < 0 || e.Mail[at].State != mailWaiting || !e.Mail[at].Due.Equal(p.delivery.Due)
}

func (c *courier) post(ctx context.Context, p parcel) (verdict string, ok bool) {
	body := encode(http.StatusOK, p.event).body // here, outside the lock
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return "bad address", false
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Stripe/1.0 (offline card bank)")
	req.Header.Set("Stripe-Signature", signature(body, time.Now().Add(p.skew), p.secrets...))
	res, err := c.client.Do(req)
	if err != nil {
		return "no answer", false
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, bodyLimit))
	return res.Status, res.StatusCode/100 == 2
}

// signature is made anew for each attempt, with the machine's time: the receiver compares it with
// its own machine's, whatever the demo world's date is. While a secret is rotated both sign.
func signature(body []byte, at time.Time, secrets ...string) string {
	header := fmt.Sprintf("t=%d", at.Unix())
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		fmt.Fprintf(mac, "%d.", at.Unix())
		mac.Write(body)
		header += ",v1=" + hex.EncodeToString(mac.Sum(nil))
	}
	return header
}

// resend plans a delivery at once to every endpoint that wants the event.
func (t *tx) resend(e *event) int {
	n := 0
	each(&t.st.endpoints, func(w *endpoint) {
		if !w.Enabled || !w.wants(e.Type) {
			return
		}
		t.put(change{Mail: &delivery{Event: e.ID, Endpoint: w.ID, Due: t.now, State: mailWaiting}})
		n++
	})
	return n
}
