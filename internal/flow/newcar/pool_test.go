package newcar_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/configurator"
	"forecourt/internal/doctor"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stock"
	"forecourt/internal/testkit"
)

const day = 24 * time.Hour

func rule(k *testkit.Kit) market.Unused {
	k.T.Helper()
	m, _ := k.World.Now().Market("gb")
	u, ok := m.UnusedAt("2026-11-24")
	if !ok {
		k.T.Fatal("the market has no rule")
	}
	return u
}

func look(k *testkit.Kit) {
	k.T.Helper()
	if err := k.NewCar.SweepPool(k.T.Context()); err != nil {
		k.T.Fatal(err)
	}
}

// became lists what became of the car, in order.
func became(k *testkit.Kit) string {
	k.T.Helper()
	var s string
	if _, err := db.One(k.DB.Read(k.T.Context()), &s, `SELECT coalesce(string_agg(what || '>' || to_dealer, ' ' ORDER BY seq), '') FROM stock_moves WHERE car = ?`, pipeline); err != nil {
		k.T.Fatal(err)
	}
	return s
}

// pooled lets the car of the test lie until it is nobody's.
func pooled(k *testkit.Kit) {
	k.T.Helper()
	u := rule(k)
	k.Clock.Advance(time.Duration(u.CarDays) * day)
	look(k)
	k.Clock.Advance(time.Duration(u.WarnDays) * day)
	look(k)
	if theCar(k).PooledAt.IsZero() {
		k.T.Fatalf("the car is not in the pool: %s", became(k))
	}
}

func TestAnUnsoldCarGoesBackAfterItsDealerWasTold(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	u := rule(k)
	look(k)
	k.Clock.Advance(time.Duration(u.CarDays-u.WarnDays-1) * day)
	look(k)
	if s := became(k); s != "" {
		t.Fatalf("too early: %s", s)
	}
	k.Clock.Advance(day)
	look(k)
	look(k) // twice is once
	leeds := string(testkit.Leeds)
	if s := became(k); s != "warned>"+leeds {
		t.Fatalf("on the day: %s", s)
	}
	k.Clock.Advance(time.Duration(u.WarnDays-1) * day)
	look(k)
	if !theCar(k).PooledAt.IsZero() {
		t.Fatal("taken a day early")
	}
	k.Clock.Advance(day)
	look(k)
	look(k)
	if s := became(k); s != "warned>"+leeds+" pooled>"+leeds {
		t.Fatalf("at the end: %s", s)
	}
	if c := theCar(k); c.State != stock.Free || c.Dealer != testkit.Leeds {
		t.Errorf("the car does not stand where it stood: %+v", c)
	}
}

// Nobody loses a car of whose end he was not told so many days before, however late the look at it was.
func TestALateLookTellsFirst(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	u := rule(k)
	k.Clock.Advance(time.Duration(3*u.CarDays) * day)
	look(k)
	look(k)
	if s := became(k); s != "warned>"+string(testkit.Leeds) {
		t.Fatalf("%s", s)
	}
	k.Clock.Advance(time.Duration(u.WarnDays) * day)
	look(k)
	if theCar(k).PooledAt.IsZero() {
		t.Error("and never taken")
	}
}

func TestASlotHasItsOwnDays(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Build)
	u := rule(k)
	if u.SlotDays >= u.CarDays {
		t.Fatal("the test needs another rule")
	}
	k.Clock.Advance(time.Duration(u.SlotDays-u.WarnDays) * day)
	look(k)
	if !strings.HasPrefix(became(k), "warned") {
		t.Error("not told")
	}
}

// A buyer who waits for the very same car comes before a dealer who asked for it, and the books agree.
func TestASoldOrderComesBeforeAStockOrder(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	pooled(k)
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.AskCarTx(ctx, tx, sale.Staff{User: id.New[id.User](), Dealer: testkit.Leeds}, pipeline)
	})
	look(k)
	if theCar(k).PooledAt.IsZero() {
		t.Fatal("given for stock before others had their day")
	}
	o := accepted(k) // the very same build, by Leeds
	k.Clock.Advance(stock.PoolRest)
	var all sync.WaitGroup
	for range 4 { // several instances at once
		all.Go(func() {
			if err := k.NewCar.SweepPool(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	c := theCar(k)
	if c.State != stock.Held || c.Order != o.ID || !c.PooledAt.IsZero() {
		t.Fatalf("the car: %+v (%s)", c, became(k))
	}
	if got := k.Order(o.ID); got.VIN != c.VIN || got.State != ordering.Arrived {
		t.Errorf("the order: %s %q", got.State, got.VIN)
	}
	if s := became(k); strings.Count(s, "to_") != 1 || !strings.HasSuffix(s, "to_order>"+string(testkit.Leeds)) {
		t.Errorf("receipts: %s", s)
	}
	var open int
	if _, err := db.One(k.DB.Read(t.Context()), &open, `SELECT count(*) FROM stock_wishes WHERE ended_at IS NULL`); err != nil || open != 0 {
		t.Errorf("%d wishes are open: %v", open, err)
	}
	report, err := doctor.Examine(t.Context(), k.DB)
	if err != nil {
		t.Fatal(err)
	}
	// No worker runs here, so that letters wait.
	if broken := slices.DeleteFunc(report.Broken(), func(s string) bool { return s == "mail_leaves" }); len(broken) > 0 {
		t.Errorf("the books: %v", broken)
	}
}

func TestADealerWhoAskedGetsWhatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	staff := sale.Staff{User: id.New[id.User](), Dealer: testkit.London}
	ask := func(s sale.Staff) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AskCarTx(ctx, tx, s, pipeline) })
	}
	if err := ask(staff); !errors.Is(err, stock.ErrNotPooled) {
		t.Errorf("a dealer's own car: %v", err)
	}
	pooled(k)
	if err := ask(sale.Staff{User: staff.User, Dealer: "it-milano-porta"}); !errors.Is(err, stock.ErrNoCar) {
		t.Errorf("of another market: %v", err)
	}
	for range 2 {
		if err := ask(staff); err != nil {
			t.Fatal(err)
		}
	}
	look(k)
	k.Clock.Advance(stock.PoolRest)
	look(k)
	look(k)
	c := theCar(k)
	if c.Dealer != testkit.London || c.Stage != stock.Transit || !c.PooledAt.IsZero() || !c.WarnedAt.IsZero() || !c.KeptSince.Equal(k.Clock.Now()) {
		t.Fatalf("the car: %+v", c)
	}
	if !strings.HasSuffix(became(k), "to_stock>"+string(testkit.London)) {
		t.Errorf("receipts: %s", became(k))
	}
}

// A car of the pool is for sale as before, and what a buyer lets go of begins anew with its dealer.
func TestAPooledCarIsSoldAndLetGo(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	pooled(k)
	o := bought(k, wish(k, testkit.Leeds))
	if c := theCar(k); c.State != stock.Held || !c.PooledAt.IsZero() {
		t.Fatalf("sold: %+v", c)
	}
	k.Clock.Advance(time.Hour)
	k.Tx(func(_ context.Context, tx *db.Tx) error { return stock.ReleaseTx(tx, o.ID) })
	if c := theCar(k); c.State != stock.Free || !c.WarnedAt.IsZero() || !c.KeptSince.Equal(k.Clock.Now()) {
		t.Errorf("let go: %+v", c)
	}
	if _, err := configurator.Decode(theCar(k).Selection); err != nil {
		t.Error(err)
	}
}

// The letters name the cars and the day, once, in the words of the site.
func TestTheDealerIsTold(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	k.Work()
	pooled(k)
	told := func() (n int) {
		for _, m := range k.Mails.Sent() {
			if strings.Contains(m.Text, string(pipeline)) && strings.Contains(m.Text, "/dealer/stock") {
				n++
			}
		}
		return n
	}
	for end := time.Now().Add(5 * time.Minute); told() < 2; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d letters, want two", told())
		}
	}
}
