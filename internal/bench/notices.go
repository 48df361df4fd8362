package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/db"
	"forecourt/internal/stripesim/banktest"
)

// The pace of the notices: so many orders a second for so long, whoever is late.
const (
	noticeRate = 50
	noticeTime = 10 * time.Second
	waitAtMost = 30 * time.Second
)

// measureNotices lets people pay at a steady rate and close the tab: only the bank's notice tells of the
// payment. Beside it bare SQL writes the same rows at the same rate: the notice in one transaction, the
// booking in another.
func (h *house) measureNotices(ctx context.Context, s *stall, t table) error {
	floor, err := s.bareNotices(ctx)
	if err != nil {
		return err
	}
	ours, err := h.notices(ctx)
	if err != nil {
		return err
	}
	t.notices([]string{"floor: bare SQL, notice and booking", "ours: notice, job, bank asked, booked"}, []figure{floor, ours})
	return nil
}

// pace calls do n times at the rate, each on its own, and waits for all.
func pace(ctx context.Context, n int, do func(int)) {
	tick := time.NewTicker(time.Second / noticeRate)
	defer tick.Stop()
	var all sync.WaitGroup
	for i := range n {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		all.Go(func() { do(i) })
	}
	all.Wait()
}

const noticeCount = noticeRate * int(noticeTime/time.Second)

func (s *stall) bareNotices(ctx context.Context) (f figure, err error) {
	plans := make([][3][]statement, noticeCount)
	for i := range plans {
		plans[i] = s.like.plan(s.drafts[s.next.Add(1)-1])
		if err := inBareTx(ctx, s.bare, append(plans[i][0], plans[i][1]...)); err != nil {
			return f, err
		}
	}
	before := meter([]int{-s.pgPid, os.Getpid()})
	var mu sync.Mutex
	start := time.Now()
	pace(ctx, len(plans), func(i int) {
		begin := time.Now()
		event := statement{`INSERT INTO provider_events (account, id, type, object_id, payload, received_at) VALUES ('bench', $1, 'checkout.session.completed', $1, '{}', $2)`,
			[]any{fmt.Sprint("evt_", i), begin}}
		e := inBareTx(ctx, s.bare, []statement{event})
		if e == nil {
			e = inBareTx(ctx, s.bare, plans[i][2])
		}
		mu.Lock()
		defer mu.Unlock()
		if e != nil {
			f.failed, err = f.failed+1, e
			return
		}
		f.n++
		f.lat = append(f.lat, time.Since(begin))
	})
	f.took = time.Since(start)
	f.cpu, f.others = before.since()
	return f, err
}

// notices counts from the moment at which the notice is read until another connection sees the order in
// its dealer's queue.
func (h *house) notices(ctx context.Context) (f figure, err error) {
	gw, err := stripegw.New(stripegw.Config{SecretKey: cardKey, WebhookSecrets: []string{cardSecret}, URL: "http://" + h.bankAddr, Account: "cardbank"})
	if err != nil {
		return f, err
	}
	s := &stall{}
	if s.db, s.flow, s.total, err = openFlow(ctx, h.pg.DSN, gw); err != nil {
		return f, err
	}
	defer s.db.Close()
	keys, pages := make([]id.Payment, noticeCount), make([]string, noticeCount)
	for i := range keys {
		if keys[i], pages[i], err = s.placeFresh(ctx); err != nil {
			return f, err
		}
	}
	before := meter([]int{-h.pgPid, h.serve.pid(), h.worker.pid()})
	w := &watch{db: s.db, paid: map[id.Payment]bool{}, seen: map[id.Payment]time.Time{}}
	booked := w.run(ctx)
	person, start := newPerson(), time.Now()
	var mu sync.Mutex
	pace(ctx, len(pages), func(i int) {
		w.expect(keys[i])
		if _, e := banktest.Pay(ctx, person, pages[i], banktest.Visa); e != nil {
			mu.Lock()
			f.failed, err = f.failed+1, e
			mu.Unlock()
		}
	})
	f.took = time.Since(start)
	f.cpu, f.others = before.since()
	seen := booked()
	if err != nil {
		return f, fmt.Errorf("pay: %w", err)
	}
	heard, err := heardAt(ctx, s.db, keys)
	for key, at := range seen {
		f.n++
		f.lat = append(f.lat, at.Sub(heard[key]))
	}
	f.failed += len(keys) - len(seen)
	return f, err
}

func (s *stall) placeFresh(ctx context.Context) (key id.Payment, page string, err error) {
	var d draft
	if err = s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		d, err = s.draftTx(ctx, tx)
		return err
	}); err != nil {
		return "", "", err
	}
	if key, page, err = s.place(ctx, s.flow, d); db.Constraint(err) == "orders_pickup" {
		return s.placeFresh(ctx) // all go to one dealer: two codes may meet by chance
	}
	return key, page, err
}

// watch sees which of the payments under way have their order booked.
type watch struct {
	db   *db.DB
	mu   sync.Mutex
	paid map[id.Payment]bool // and not seen yet
	seen map[id.Payment]time.Time
}

func (w *watch) expect(key id.Payment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paid[key] = true
}

func (w *watch) underWay() []id.Payment {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.paid))
}

func (w *watch) note(keys []id.Payment, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range keys {
		w.seen[k] = at
		delete(w.paid, k)
	}
}

// run looks every few milliseconds; the function it gives waits for the rest.
func (w *watch) run(ctx context.Context) (wait func() map[id.Payment]time.Time) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		var end time.Time
		asked := (<-chan struct{})(stop)
		for ctx.Err() == nil {
			keys := w.underWay()
			if !end.IsZero() && (len(keys) == 0 || time.Now().After(end)) {
				return
			}
			var fresh []id.Payment
			if len(keys) > 0 && w.db.Read(ctx).Raw(`SELECT p.id FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.id IN ? AND o.state = 'offered'`, keys).Scan(&fresh).Error == nil {
				w.note(fresh, time.Now())
			}
			select {
			case <-asked:
				end, asked = time.Now().Add(waitAtMost), nil
			case <-time.After(4 * time.Millisecond):
			}
		}
	}()
	return func() map[id.Payment]time.Time {
		close(stop)
		<-done
		return w.seen
	}
}

// heardAt is when the shop read the first notice of each payment.
func heardAt(ctx context.Context, d *db.DB, keys []id.Payment) (map[id.Payment]time.Time, error) {
	var rows []struct {
		ID id.Payment
		At time.Time
	}
	err := d.Read(ctx).Raw(`SELECT p.id, min(e.received_at) AS at FROM payments p JOIN provider_events e ON e.object_id IN (p.session_id, p.intent_id, p.charge_id)
		WHERE p.id IN ? GROUP BY p.id`, keys).Scan(&rows).Error
	out := map[id.Payment]time.Time{}
	for _, r := range rows {
		out[r.ID] = r.At
	}
	return out, err
}
