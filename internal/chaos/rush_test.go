package chaos

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
)

const (
	rushing   = 500 // want one car at the same moment
	fewRushes = 2
)

// TestFiveHundredWantOneCar lets five hundred people press the button of one used car at once. One has it, all others hear so;
// from the second car on the shop is killed in the middle of it and started again.
func TestFiveHundredWantOneCar(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	front := newRelay(t)
	x := &instance{said: &lockedBuffer{}}
	s := newStand(t, plot{fault: "kill -9 while 500 want one used car", buyers: rushing, front: front, serve: func(s *stand) {
		ports := freePorts(t, 2)
		x.stand, x.binary, x.addr, x.admin = s, filepath.Join(s.dir, "forecourt"), loopback(ports[0]), loopback(ports[1])
		build(t, x.binary)
		s.stops = append(s.stops, x.kill)
		if _, err := within(t.Context(), firstWait, x.start); err != nil {
			t.Fatal(err)
		}
		front.lead(x.addr)
	}})
	rounds := fewRushes
	if kills, is := large(t); is {
		rounds = max(fewRushes, kills/20)
	}
	for n := range rounds {
		r := &rush{stand: s, x: x, n: n}
		if err := r.run(ctx); err != nil {
			t.Fatalf("car %d: %v", n, err)
		}
	}
	s.c.checkFailures()
	s.auditRushes(ctx, rounds)
}

// rush is one car and those who want it.
type rush struct {
	*stand
	x      *instance
	n      int
	key    id.UsedCar
	mu     sync.Mutex
	has    []*visitor
	slow   time.Duration
	others int
}

func (r *rush) run(ctx context.Context) error {
	page, err := r.offer(ctx)
	if err != nil {
		return err
	}
	people, err := r.arrive(ctx, page)
	if err != nil {
		return err
	}
	struck := make(chan error, 1)
	go func() { struck <- r.strikeAmid(ctx) }()
	if err := r.pressAll(ctx, people); err != nil {
		return err
	}
	if err := <-struck; err != nil {
		return err
	}
	if len(r.has) != 1 || r.others != rushing-1 {
		return fmt.Errorf("%d have the car, %d heard that another has it, of %d", len(r.has), r.others, rushing)
	}
	r.t.Logf("car %d: one has it, %d heard so, the slowest after %v", r.n, r.others, r.slow.Round(time.Millisecond))
	return r.buy(ctx, r.has[0])
}

// offer lists the car of this round and gives the address of its page.
func (r *rush) offer(ctx context.Context) (string, error) {
	r.key = id.UsedCar(fmt.Sprintf("U-ABC%03d", 222+r.n%8+10*(r.n/8%8)+100*(r.n/64)))
	c := usedcars.Car{ID: r.key, Brand: "dacia", Market: "gb", Dealer: testkit.Leeds, VIN: fmt.Sprintf("UU1RUSH%010d", r.n), Make: "Dacia", Model: "Duster", Version: "Journey", Engine: "Hybrid 140", Body: "suv", Fuel: "hybrid",
		Gearbox: "automatic", Colour: "grey", Doors: 5, Seats: 5, KW: 103, CO2: 120, Emission: "euro6d", Registered: "2023-05-02", Km: 41000, Owners: 1,
		Look: usedcars.Look{Body: "suv", Hex: "#808285", Finish: "metallic", Wheels: "aero"}, PriceMinor: 1599000, Currency: "GBP", VAT: usedcars.Margin}
	err := r.books.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		if err := usedcars.AddTx(tx, &c, c.Title(), "chaos"); err != nil {
			return err
		}
		return usedcars.MoveTx(tx, &c, usedcars.Step{To: usedcars.Listed, Actor: "chaos"})
	})
	return r.shop + "/dacia/gb/used/" + c.Slug(), err
}

// arrive lets everybody read the page first, some at a time.
func (r *rush) arrive(ctx context.Context, page string) ([]*visitor, error) {
	people, errs := make([]*visitor, rushing), make([]error, rushing)
	var wg sync.WaitGroup
	some := make(chan struct{}, 20)
	for i := range people {
		people[i] = r.c.crowd.visitor()
		wg.Go(func() {
			some <- struct{}{}
			defer func() { <-some }()
			errs[i] = people[i].open(ctx, page)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return people, nil
}

// strikeAmid kills the shop while the presses come in, and starts it again; the first car is left in peace.
func (r *rush) strikeAmid(ctx context.Context) error {
	if r.n == 0 {
		return nil
	}
	if err := sleep(ctx, time.Duration(r.c.rnd(uint64(1000+r.n)).Int64N(int64(200*time.Millisecond)))); err != nil {
		return err
	}
	at := time.Now()
	r.x.kill()
	ready, err := within(ctx, again, r.x.start)
	r.c.struck(at, at, ready)
	return err
}

// pressAll presses all buttons at once. Whoever had no answer presses again with the same form.
func (r *rush) pressAll(ctx context.Context, people []*visitor) error {
	errs := make([]error, len(people))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, v := range people {
		wg.Go(func() {
			<-start
			at := time.Now()
			errs[i] = v.press(ctx, "/hold", nil, http.StatusConflict)
			r.heard(v, time.Since(at))
		})
	}
	close(start)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *rush) heard(v *visitor, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slow = max(r.slow, took)
	switch {
	case strings.Contains(v.at.Path, "/used/hold/"):
		r.has = append(r.has, v)
	case v.status == http.StatusConflict:
		r.others++
	}
}

// buy is the winner's way to the paid order.
func (r *rush) buy(ctx context.Context, v *visitor) error {
	fill := url.Values{"name": {"Casey Test"}, "email": {fmt.Sprintf("casey%d@example.com", r.n)}, "phone": {"07700 900123"}, "street": {"8 Ash Grove"}, "postcode": {"LS6 2AB"}, "town": {"Leeds"}, "terms": {"yes"}}
	if err := v.press(ctx, "/pay", fill); err != nil {
		return err
	}
	if err := v.press(ctx, v.at.Path, url.Values{"number": {plainCard}, "expiry": {"12 / 34"}, "cvc": {"123"}, "name": {"Casey Test"}}); err != nil {
		return err
	}
	for end := time.Now().Add(again); ; {
		var state string
		if _, err := db.One(r.books.Read(ctx), &state, `SELECT o.state FROM orders o JOIN used_cars c ON c.order_ref = o.id WHERE c.id = ?`, r.key); err != nil || state == "offered" {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("paid, and the order is %q", state)
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// auditRushes compares what the cars became with the books and the bank's own ledger.
func (s *stand) auditRushes(ctx context.Context, rounds int) {
	a := s.c.auditor(ctx, s.reads())
	defer a.pool.Close()
	res := result{fault: s.c.fault, seed: s.c.seed, runs: len(s.c.ready), orders: rounds, rest: a.waitForRest()}
	for what, query := range map[string]string{
		"cars sold":                `SELECT count(*) FROM used_cars WHERE state = 'sold'`,
		"orders":                   `SELECT count(*) FROM orders WHERE flow = 'used' AND state = 'offered'`,
		"orders of any state":      `SELECT count(*) FROM orders`,
		"holds":                    `SELECT count(*) FROM used_holds`,
		"payments that hold money": `SELECT count(*) FROM payments WHERE state IN ('authorised', 'captured')`,
		"payments":                 `SELECT count(*) FROM payments`,
	} {
		if n := a.count(query); n != rounds {
			a.wrong("%d %s after %d rushes", n, what, rounds)
		}
	}
	a.invariants()
	a.money()
	for _, d := range s.c.ready {
		res.recovery = max(res.recovery, d)
	}
	res.violations = s.c.wrongs
	results.add(res)
}
