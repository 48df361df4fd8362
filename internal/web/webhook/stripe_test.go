package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/flow/newcar"
	"forecourt/internal/payment"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/sale"
	"forecourt/internal/web/webhook"
	"forecourt/internal/web/webtest"
)

const secret = "whsec_for_tests"

func house(t *testing.T) *webtest.House {
	t.Helper()
	h := webtest.New(t)
	gateway, err := stripegw.New(stripegw.Config{SecretKey: "sk_test_x", URL: "http://127.0.0.1:1", WebhookSecrets: []string{secret}})
	if err != nil {
		t.Fatal(err)
	}
	queue, err := jobs.New(h.DB.Pool, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	flow := newcar.New(&sale.Service{DB: h.DB, World: h.Kit.World, Gateway: gateway, Jobs: queue, Log: slog.New(slog.DiscardHandler)})
	h.Open(webhook.New(h.Kit, gateway, flow).Routes())
	return h
}

func event(key, version string) []byte {
	return fmt.Appendf(nil, `{"id":%q,"object":"event","type":"checkout.session.completed","created":5,"api_version":%q,"livemode":false,"data":{"object":{"id":"cs_1","object":"checkout.session","payment_intent":"pi_1"}}}`, key, version)
}

const version = "2023-10-16"

// sign makes the header as the provider documents it.
func sign(body []byte, key string, at time.Time) string {
	m := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(m, "%d.%s", at.Unix(), body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(m.Sum(nil)))
}

func send(h *webtest.House, body []byte, signature string) int {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/stripe", bytes.NewReader(body))
	if signature != "" {
		r.Header.Set("Stripe-Signature", signature)
	}
	return h.Stranger().Do(r).Status
}

func kept(t *testing.T, h *webtest.House) (events, work int) {
	t.Helper()
	g := h.DB.Read(t.Context())
	if _, err := db.One(g, &events, `SELECT count(*) FROM provider_events`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.One(g, &work, `SELECT count(*) FROM river_job WHERE kind = 'sale.event'`); err != nil {
		t.Fatal(err)
	}
	return events, work
}

func TestOnlySignedNoticesAreKept(t *testing.T) {
	t.Parallel()
	h, now := house(t), time.Now()
	body := event("evt_1", version)
	for name, c := range map[string]struct {
		body      []byte
		signature string
	}{
		"unsigned":        {body, ""},
		"rubbish":         {body, "t=1,v1=zz"},
		"another secret":  {body, sign(body, "whsec_other", now)},
		"another body":    {event("evt_2", version), sign(body, secret, now)},
		"old":             {body, sign(body, secret, now.Add(-time.Hour))},
		"foreign version": {event("evt_1", "2020-08-27"), sign(event("evt_1", "2020-08-27"), secret, now)},
		"live mode":       {bytes.Replace(body, []byte("false"), []byte("true"), 1), sign(bytes.Replace(body, []byte("false"), []byte("true"), 1), secret, now)},
		"no id":           {event("", version), sign(event("", version), secret, now)},
		"no JSON":         {[]byte("hello"), sign([]byte("hello"), secret, now)},
		"empty":           {nil, sign(nil, secret, now)},
	} {
		if got := send(h, c.body, c.signature); got != 400 {
			t.Errorf("%s: %d, want 400", name, got)
		}
	}
	if events, work := kept(t, h); events != 0 || work != 0 {
		t.Errorf("%d events and %d jobs of refused notices", events, work)
	}
	if got := send(h, body, sign(body, secret, now)); got != 200 {
		t.Fatalf("a good notice: %d", got)
	}
	if events, work := kept(t, h); events != 1 || work != 1 {
		t.Errorf("%d events and %d jobs, want one each", events, work)
	}
}

func TestARepeatedNoticeCountsOnce(t *testing.T) {
	t.Parallel()
	h := house(t)
	body := event("evt_1", version)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if got := send(h, body, sign(body, secret, time.Now())); got != 200 {
				t.Errorf("%d", got)
			}
		})
	}
	all.Wait()
	if events, work := kept(t, h); events != 1 || work != 1 {
		t.Errorf("%d events and %d jobs, want one each", events, work)
	}
}

func TestTooLargeIsNotRead(t *testing.T) {
	t.Parallel()
	h := house(t)
	body := bytes.Repeat([]byte("a"), 1<<20+1)
	if got := send(h, body, sign(body, secret, time.Now())); got != 413 {
		t.Errorf("%d, want 413", got)
	}
	r := httptest.NewRequest(http.MethodPost, "/webhooks/stripe", struct{ *strings.Reader }{strings.NewReader(string(body))})
	r.ContentLength = -1 // sent in pieces, without a length
	if a := h.Stranger().Do(r); a.Status != 413 {
		t.Errorf("without a length: %d, want 413", a.Status)
	}
	if a := h.Stranger().Get("/webhooks/stripe"); a.Status != 405 {
		t.Errorf("GET: %d", a.Status)
	}
}

func TestWithoutADatabaseItMustComeAgain(t *testing.T) {
	t.Parallel()
	h := house(t)
	body := event("evt_1", version)
	h.DB.Close()
	if got := send(h, body, sign(body, secret, time.Now())); got < 500 {
		t.Errorf("%d after a failure", got)
	}
}

type broken struct{ err error }

func (b broken) Receive(context.Context, payment.Event) error { return b.err }

func (b broken) ParseEvent([]byte, string) (payment.Event, error) {
	return payment.Event{ID: "evt_1"}, b.err
}

func TestFailuresAreNeverAnsweredWith200(t *testing.T) {
	t.Parallel()
	err := context.DeadlineExceeded
	for name, s := range map[string]struct{ parser, receiver broken }{"receiver": {broken{}, broken{err}}, "parser": {broken{err}, broken{}}} {
		h := webtest.New(t)
		h.Open(webhook.New(h.Kit, s.parser, s.receiver).Routes())
		if got := send(h, []byte("{}"), "x"); got != 500 {
			t.Errorf("%s: %d", name, got)
		}
	}
}
