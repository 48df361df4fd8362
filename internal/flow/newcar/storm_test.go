package newcar_test

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

var stormFor = flag.Duration("storm", 0, "how long 64 workers race for queue entries; a few rounds when zero")

// storm is 64 people and machines who all want something else of the same orders.
type storm struct {
	k      *testkit.Kit
	mu     sync.Mutex
	orders []*ordering.Order
	deeds  atomic.Int64 // that were done, not refused
}

func (s *storm) any(r *rand.Rand) *ordering.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.orders[len(s.orders)-1-r.IntN(min(8, len(s.orders)))] // those that are over are left alone
}

func (s *storm) buy() {
	o := s.k.BuyDraft(s.k.DraftWish(sale.Wish{Dealer: testkit.Leeds, Fallbacks: []id.Dealer{testkit.London}, Any: true}, testkit.Buyer))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders = append(s.orders, o)
}

// deed is one attempt of a worker; refusals are fine, anything unknown is not.
func (s *storm) deed(ctx context.Context, r *rand.Rand) error {
	k, o := s.k, s.any(r)
	now, err := ordering.Get(k.DB.Read(ctx), o.ID)
	if err != nil {
		return err
	}
	staff := sale.Staff{User: leedsStaff.User, Dealer: now.Dealer}
	do := func(fn func(ctx context.Context, tx *db.Tx) error) error { return k.DB.InTx(ctx, fn) }
	switch n := r.IntN(100); {
	case n < 12:
		err = do(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AcceptTx(ctx, tx, staff, o.Number) })
	case n < 50:
		err = do(func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.DeclineTx(ctx, tx, staff, o.Number, "staff")
		})
	case n < 62:
		err = do(func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.AskBuyerTx(ctx, tx, staff, o.Number, "When?")
		})
	case n < 72:
		err = do(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ReplyTx(ctx, tx, o.ID, "Soon.") })
	case n < 85:
		ds := k.World.Now().Dealers("dacia", "gb", id.FlowNew)
		err = do(func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.ChooseTx(ctx, tx, o.ID, ds[r.IntN(len(ds))].Code)
		})
	case n < 90:
		err = do(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.CancelTx(ctx, tx, o.ID) })
	case n < 94:
		k.Clock.Advance(10 * time.Minute)
		fallthrough
	default:
		return k.NewCar.Sweep(ctx)
	}
	var f *fault.Fault
	if errors.As(err, &f) && (f.Kind == fault.Conflict || f.Kind == fault.NotFound || f.Kind == fault.Invalid) {
		return nil
	}
	if err == nil {
		s.deeds.Add(1)
	}
	return err
}

// astray counts, in one snapshot, the paid orders that are not in exactly one place.
func (s *storm) astray(ctx context.Context) (n int, err error) {
	_, err = db.One(s.k.DB.Read(ctx), &n, `SELECT count(*) FROM orders o WHERE o.state NOT IN ('checkout', 'lapsed')
		AND (SELECT count(*) FROM queue_entries q WHERE q.order_id = o.id AND q.state IN ('offered', 'accepted'))
			<> CASE WHEN o.state IN ('choosing', 'cancelled', 'handed_over') THEN 0 ELSE 1 END`)
	return n, err
}

// Accept, decline, question, silence, another choice and leaving, 64 at once: at no instant is a paid order in two
// queues or in none.
func TestSixtyFourRaceForQueueEntries(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	s := &storm{k: k}
	for range 6 {
		s.buy()
	}
	ctx, end := t.Context(), time.Time{}
	if *stormFor > 0 {
		end = time.Now().Add(*stormFor)
	}
	var wg sync.WaitGroup
	var done atomic.Bool
	for w := range 64 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(64, uint64(w)))
			for n := 0; n < 10 || time.Now().Before(end); n++ {
				if err := s.deed(ctx, r); err != nil {
					t.Error(err)
					return
				}
				if n%4 == 3 && w < 4 { // fresh ones while it lasts
					s.buy()
				}
			}
		})
	}
	var looks int
	var watch sync.WaitGroup
	watch.Go(func() {
		for !done.Load() {
			n, err := s.astray(ctx)
			if err != nil || n > 0 {
				t.Errorf("%d orders are astray, %v", n, err)
				return
			}
			looks++
			time.Sleep(5 * time.Millisecond)
		}
	})
	wg.Wait()
	done.Store(true)
	watch.Wait()
	t.Logf("%d orders, %d deeds done, %d looks", len(s.orders), s.deeds.Load(), looks)
	if s.deeds.Load() < 12 || looks == 0 {
		t.Error("hardly anything happened")
	}
	must(k, k.NewCar.Sweep(ctx))
	for _, o := range s.orders {
		settleAll(k, o.ID)
		chain := chainOf(k, o.ID)
		live := 0
		for _, r := range chain {
			switch r.Note.Event {
			case allocation.EventOffer:
				live++
			case allocation.EventDecline, allocation.EventExpire, allocation.EventWithdraw:
				live--
			}
			if live < 0 || live > 1 {
				t.Fatalf("%s: %v", o.Number, tale(chain))
			}
		}
	}
	healthy(k, "mail_leaves")
}
