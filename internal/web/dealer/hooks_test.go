package dealer_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/flow/outbound"
	"forecourt/internal/hook"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/mail"
	"forecourt/internal/sale"

	"github.com/getkin/kin-openapi/openapi3"
)

// receiver is a dealer's system: it checks each message as the contract says, and answers what it is told to.
type receiver struct {
	b      *bench
	secret string
	url    string
	mu     sync.Mutex
	got    []message
	answer func(m message) int
	schema *openapi3.Schema
}

// message is one that came.
type message struct {
	raw     string
	attempt string
	ID      string
	Type    string
	Seq     int64 `json:"sequence"`
	Order   map[string]any
}

func (m message) orderSeq() int { return int(m.Order["sequence"].(float64)) }

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	m := message{raw: string(body), attempt: q.Header.Get(hook.HeaderAttempt)}
	if err := json.Unmarshal(body, &m); err != nil || q.Header.Get(hook.HeaderEvent) != m.ID || q.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		r.b.Errorf("a message is not as the contract says: %v, %v", err, q.Header)
	}
	if !hook.Verify(r.secret, q.Header.Get(hook.HeaderSignature), body, r.b.db.Clock.Now(), 5*time.Minute) {
		r.b.Errorf("the signature of %s is wrong", m.ID)
	}
	var v any
	_ = json.Unmarshal(body, &v)
	if err := r.schema.VisitJSON(v, openapi3.EnableFormatValidation()); err != nil {
		r.b.Errorf("%s: %v", body, err)
	}
	for _, secret := range []string{buyer.Name, buyer.Email, buyer.Phone, buyer.Street, buyer.Postcode, "Zebedee"} {
		if strings.Contains(m.raw, secret) {
			r.b.Errorf("a message holds %q", secret)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, m)
	code := 204
	if r.answer != nil {
		code = r.answer(m)
	}
	w.WriteHeader(code)
}

func (r *receiver) messages() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func (r *receiver) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = nil
}

// post keeps letters.
type post struct{ sent []mail.Message }

func (p *post) Send(_ context.Context, m mail.Message) error {
	p.sent = append(p.sent, m)
	return nil
}

func (b *bench) outbound() (*outbound.Service, *post) {
	b.Helper()
	inserts, err := jobs.New(b.db.Pool, jobs.Options{})
	b.must(err)
	seal, err := hook.NewSeal([]byte("a secret"))
	b.must(err)
	p := &post{}
	return &outbound.Service{DB: b.db, World: b.cars.World, Jobs: inserts, Seal: seal, Courier: hook.NewCourier(true), Words: b.words, Letters: b.cars.Letters, Sender: p, BaseURL: "http://shop.example", Log: slog.New(slog.DiscardHandler)}, p
}

// boss is who runs a site.
func (s *staff) boss() identity.User {
	return identity.User{ID: s.user, Role: identity.RoleDealer, Dealer: s.dealer, Grants: []identity.Grant{{Role: identity.SiteManager, Dealer: s.dealer}}}
}

// listen registers a receiver for a site.
func (b *bench) listen(out *outbound.Service, s *staff, kinds ...string) (*receiver, id.Hook) {
	b.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../api/openapi.json")
	b.must(err)
	r := &receiver{b: b, schema: doc.Components.Schemas["Event"].Value}
	srv := httptest.NewServer(r)
	b.Cleanup(srv.Close)
	r.url = srv.URL
	if kinds == nil {
		kinds = hook.Kinds
	}
	var a *hook.Address
	b.tx(func(ctx context.Context, tx *db.Tx) (err error) {
		a, err = out.AddTx(ctx, tx, s.boss(), s.dealer, false, srv.URL+"/forecourt", kinds)
		return err
	})
	r.secret, err = out.Show(b.Context(), s.boss(), a.ID)
	b.must(err)
	return r, a.ID
}

func kindsOf(ms []message) string {
	var out []string
	for _, m := range ms {
		kind := strings.TrimPrefix(m.Type, "order.")
		if kind == "stage_changed" {
			kind = m.Order["state"].(string)
		}
		out = append(out, kind)
	}
	return strings.Join(out, " ")
}

func TestADealersSystemHearsOfAnOrdersLife(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out, _ := b.outbound()
	s, far := b.staffOf(leeds), b.staffOf(london)
	r, h := b.listen(out, s)
	other, oh := b.listen(out, far)
	o := b.offer(leeds)
	b.must(out.Send(t.Context(), h))
	if ms := r.messages(); len(ms) != 1 || ms[0].Type != "order.offered" || ms[0].Order["vin"] != nil || ms[0].Order["due_at"] == nil {
		t.Fatalf("an offer: %+v", ms)
	}
	// What is rolled back was never told.
	oops := errors.New("oops")
	if err := b.db.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := b.cars.AcceptTx(ctx, tx, sale.Staff{User: s.user, Dealer: leeds}, o.Number); err != nil {
			return err
		}
		return oops
	}); !errors.Is(err, oops) {
		t.Fatal(err)
	}
	b.walk(o, s, ordering.Ready)
	b.payAll(o, s)
	b.book(o, 0)
	b.book(o, 2)
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		return b.cars.HandOverTx(ctx, tx, sale.Staff{User: s.user, Dealer: leeds}, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 5})
	})
	b.must(out.Send(t.Context(), h))
	ms := r.messages()
	if got, want := kindsOf(ms), "offered accepted ordered built in_transit arrived prepared ready appointment appointment handed_over"; got != want {
		t.Errorf("heard: %s\nwant:  %s", got, want)
	}
	ids := map[string]bool{}
	for i, m := range ms {
		if m.Seq != int64(i+1) || m.orderSeq() != i+1 || ids[m.ID] || m.Order["number"] != o.Number {
			t.Errorf("message %d: %s", i, m.raw)
		}
		ids[m.ID] = true
	}
	if last := ms[len(ms)-1]; last.Order["vin"] != b.order(o.ID).VIN {
		t.Errorf("after the handover: %s", last.raw)
	}
	if ms[8].Order["pickup"] == nil {
		t.Errorf("a booking without its time: %s", ms[8].raw)
	}
	b.must(out.Send(t.Context(), oh))
	if len(other.messages()) != 0 {
		t.Error("another dealer's system hears of it")
	}
	// Declined, and left by the buyer: the last is the order's number alone.
	p, q := b.offer(leeds, london), b.offer(leeds)
	r.forget()
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		return b.cars.DeclineTx(ctx, tx, sale.Staff{User: s.user, Dealer: leeds}, p.Number, "no_slot")
	})
	b.tx(func(ctx context.Context, tx *db.Tx) error { return b.cars.CancelTx(ctx, tx, q.ID) })
	b.must(out.Send(t.Context(), h))
	b.must(out.Send(t.Context(), oh))
	if got := kindsOf(r.messages()); got != "offered offered declined withdrawn" {
		t.Errorf("heard: %s", got)
	}
	for _, m := range r.messages()[2:] {
		if len(m.Order) != 3 {
			t.Errorf("an order that is over: %s", m.raw)
		}
	}
	if got := kindsOf(other.messages()); got != "offered" {
		t.Errorf("the next dealer heard: %s", got)
	}
}

func TestARetryIsTheSameMessageAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out, _ := b.outbound()
	s := b.staffOf(leeds)
	r, h := b.listen(out, s)
	down := true
	r.answer = func(message) int {
		if down {
			return 503
		}
		return 200
	}
	o := b.offer(leeds)
	b.walk(o, s, ordering.Ordered)
	clock := dbtest.Clock(t, b.db)
	for range 3 {
		b.must(out.Send(t.Context(), h)) // at rest after the first failure: nothing goes
	}
	if ms := r.messages(); len(ms) != 1 || ms[0].Type != "order.offered" {
		t.Fatalf("with the first one open: %+v", ms)
	}
	// A worker that is killed between the sending and the mark: the message is sent again, the same.
	clock.Advance(time.Minute)
	b.tx(func(_ context.Context, tx *db.Tx) error {
		p, err := hook.PackTx(tx, out.Seal, h)
		if err != nil || p == nil {
			t.Fatalf("nothing to send: %v", err)
		}
		return nil
	})
	b.must(out.Send(t.Context(), h))
	down = false
	clock.Advance(time.Minute)
	b.must(out.Send(t.Context(), h))
	ms := r.messages()
	if len(ms) < 5 || ms[1].raw != ms[0].raw || ms[2].raw != ms[0].raw || ms[2].attempt != "3" {
		t.Fatalf("the retries differ: %+v", ms)
	}
	if got := kindsOf(ms[2:]); got != "offered accepted ordered" {
		t.Errorf("heard: %s", got)
	}
	// Sent again by hand: the same id and body, delivered before or not.
	first := id.Event(ms[0].ID)
	r.forget()
	b.tx(func(ctx context.Context, tx *db.Tx) error { return out.AgainTx(ctx, tx, s.boss(), h, first) })
	b.must(out.Send(t.Context(), h))
	if again := r.messages(); len(again) != 1 || again[0].raw != ms[0].raw {
		t.Errorf("sent again: %+v", again)
	}
	r.forget()
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		n, err := out.SinceTx(ctx, tx, s.boss(), h, clock.Now().Add(-time.Hour))
		if err == nil && n != 3 {
			t.Errorf("%d events since, want 3", n)
		}
		return err
	})
	b.must(out.Send(t.Context(), h))
	if got := kindsOf(r.messages()); got != "offered accepted ordered" {
		t.Errorf("sent since: %s", got)
	}
	stranger := b.staffOf(london).boss()
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		if err := out.AgainTx(ctx, tx, stranger, h, first); !errors.Is(err, hook.ErrNoHook) {
			t.Errorf("another dealer sends it again: %v", err)
		}
		return nil
	})
}

// A worker that dies after the answer and before the mark is like one that was never there: the next sends the same.
func TestAMessageThatWasNotMarkedComesAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out, _ := b.outbound()
	s := b.staffOf(leeds)
	r, h := b.listen(out, s)
	b.offer(leeds)
	died, die := context.WithCancel(t.Context())
	r.answer = func(message) int { die(); return 200 } // it has the message; the worker is stopped before it knows
	if err := out.Send(died, h); err == nil {
		t.Error("a stopped worker says that all is well")
	}
	r.answer = nil
	b.must(out.Send(t.Context(), h))
	b.must(out.Send(t.Context(), h))
	if ms := r.messages(); len(ms) != 2 || ms[0].raw != ms[1].raw {
		t.Errorf("came: %+v", ms)
	}
}

func TestADeadLetterLetsTheNextPassAndAnAddressIsPaused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out, letters := b.outbound()
	s := b.staffOf(leeds)
	r, h := b.listen(out, s)
	poison := ""
	r.answer = func(m message) int {
		if m.ID == poison || poison == "" {
			poison = m.ID
			return 422
		}
		return 200
	}
	o := b.offer(leeds)
	b.walk(o, s, ordering.Accepted)
	clock := dbtest.Clock(t, b.db)
	for n := range hook.MostAttempts {
		b.must(out.Send(t.Context(), h))
		wait, _ := hook.Wait(n + 1)
		clock.Advance(max(wait, 11*time.Minute))
	}
	b.must(out.Send(t.Context(), h))
	g := b.db.Read(t.Context())
	dead, err := hook.DeliveriesOf(g, h, hook.Dead, 0, 10)
	b.must(err)
	if ms := r.messages(); len(dead) != 1 || string(dead[0].ID) != poison || len(ms) != hook.MostAttempts+1 || ms[len(ms)-1].Type != "order.accepted" {
		t.Fatalf("%d dead, %d messages", len(dead), len(r.messages()))
	}
	// A side that answers nothing good for hours is left alone, and the site is told once.
	r.answer = func(message) int { return 500 }
	b.walk(o, s, ordering.Ordered)
	for range 3 {
		b.offer(leeds)
	}
	for range 60 {
		b.must(out.Send(t.Context(), h))
		clock.Advance(20 * time.Minute)
	}
	a, err := hook.Get(g, h)
	b.must(err)
	if a.State != hook.Paused || a.PausedWhy != hook.ByFailing {
		t.Fatalf("after hours of failures it is %s, %d in a row", a.State, a.Failures)
	}
	before := len(r.messages())
	b.must(out.Send(t.Context(), h))
	var notices int
	_, err = db.One(g, &notices, `SELECT count(*) FROM river_job WHERE kind = 'outbound.notice'`)
	b.must(err)
	if len(r.messages()) != before || notices != 1 {
		t.Errorf("a paused address is sent to, or %d notices", notices)
	}
	b.must(out.Notice(t.Context(), h))
	if d, _ := b.world.Dealer(leeds); len(letters.sent) != 1 || letters.sent[0].To != d.Email || !strings.Contains(letters.sent[0].Text, r.url) || !strings.Contains(letters.sent[0].Text, "/dealer/site/hooks/"+string(h)) {
		t.Errorf("letters: %+v", letters.sent)
	}
	// Resumed, all that waited goes in order.
	r.answer = nil
	r.forget()
	b.tx(func(ctx context.Context, tx *db.Tx) error { return out.MoveTx(ctx, tx, s.boss(), h, hook.Active) })
	b.must(out.Send(t.Context(), h))
	if got := kindsOf(r.messages()); got != "ordered offered offered offered" {
		t.Errorf("after the pause: %s", got)
	}
	r.answer = func(message) int { return 410 }
	b.offer(leeds)
	b.must(out.Send(t.Context(), h))
	if a, err := hook.Get(g, h); err != nil || a.State != hook.Paused || a.PausedWhy != hook.ByGone {
		t.Errorf("after 410: %+v, %v", a, err)
	}
}

func TestAnOrderThatGoesToAnotherDealer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out, _ := b.outbound()
	s, far := b.staffOf(leeds), b.staffOf(london)
	// One asked for offers alone: that the order is gone comes unasked.
	r, h := b.listen(out, s, "order.offered", "order.stage_changed")
	to, th := b.listen(out, far)
	o := b.offer(leeds)
	b.walk(o, s, ordering.Accepted)
	b.must(out.Send(t.Context(), h))
	b.walk(o, s, ordering.Ordered) // not sent in time
	b.tx(func(ctx context.Context, tx *db.Tx) error { return b.cars.AskDealerTx(ctx, tx, o.ID, london) })
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		return b.cars.TakeOverTx(ctx, tx, sale.Staff{User: far.user, Dealer: london}, o.Number)
	})
	b.walk(b.order(o.ID), far, ordering.Built)
	b.must(out.Send(t.Context(), h))
	b.must(out.Send(t.Context(), th))
	ms := r.messages()
	if got := kindsOf(ms); got != "offered transferred_away" || len(ms[1].Order) != 3 {
		t.Fatalf("the first dealer heard: %s, %s", got, ms[len(ms)-1].raw)
	}
	if got := kindsOf(to.messages()); got != "offered accepted built" {
		t.Errorf("the second dealer heard: %s", got)
	}
	// Nothing of it is sent again, one by one or all together, and its body is shown no more.
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		if err := out.AgainTx(ctx, tx, s.boss(), h, id.Event(ms[0].ID)); !errors.Is(err, hook.ErrWithheld) {
			t.Errorf("an old event is sent again: %v", err)
		}
		n, err := out.SinceTx(ctx, tx, s.boss(), h, b.db.Clock.Now().Add(-time.Hour))
		if n != 1 {
			t.Errorf("%d events are sent again, want the last one alone", n)
		}
		return err
	})
	d, err := hook.DeliveryOf(b.db.Read(t.Context()), h, id.Event(ms[0].ID))
	if err != nil || !d.Gone {
		t.Errorf("an old event: %+v, %v", d, err)
	}
}

func TestARotationSignsWithBothSecrets(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out, _ := b.outbound()
	s := b.staffOf(leeds)
	r, h := b.listen(out, s)
	if _, err := out.Show(t.Context(), s.boss(), h); !errors.Is(err, hook.ErrMoved) {
		t.Errorf("a secret is shown twice: %v", err)
	}
	b.tx(func(ctx context.Context, tx *db.Tx) error { return out.RotateTx(ctx, tx, s.boss(), h) })
	b.offer(leeds)
	b.must(out.Send(t.Context(), h)) // the receiver still has the old one
	clock := dbtest.Clock(t, b.db)
	fresh, err := out.Show(t.Context(), s.boss(), h)
	b.must(err)
	r.secret = fresh
	b.offer(leeds)
	b.must(out.Send(t.Context(), h))
	clock.Advance(hook.OldSecret + time.Minute)
	b.offer(leeds)
	b.must(out.Send(t.Context(), h))
	if n := len(r.messages()); n != 3 {
		t.Errorf("%d messages", n)
	}
	b.tx(func(ctx context.Context, tx *db.Tx) error { return out.RotateTx(ctx, tx, s.boss(), h) })
	clock.Advance(hook.ShowSecret + time.Minute)
	if _, err := out.Show(t.Context(), s.boss(), h); !errors.Is(err, hook.ErrMoved) {
		t.Errorf("an old secret is shown: %v", err)
	}
}
