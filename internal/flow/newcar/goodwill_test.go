package newcar_test

import (
	"context"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/insight"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/world"
)

// leftAlone lets the clock run until the buyer was told that he was left without news, and answers what his market sets.
func leftAlone(k *testkit.Kit, o *ordering.Order) int64 {
	k.T.Helper()
	mk, _ := k.World.Now().Market(o.Market)
	p := mk.Promised()
	clock := dbtest.Clock(k.T.(*testing.T), k.DB)
	for _, days := range []int{p.NewsDays, p.DealerDays, p.CountryDays} {
		clock.Advance(time.Duration(days)*24*time.Hour + time.Hour)
		sweepTwice(k)
	}
	return p.GoodwillAt(world.Today(mk, k.Clock.Now()))
}

func given(k *testkit.Kit, o id.Order) (sum int64) {
	k.T.Helper()
	list, err := payment.GoodwillsOf(k.DB.Read(k.T.Context()), o)
	must(k, err)
	for _, g := range list {
		sum += g.Amount.Minor
	}
	return sum
}

// monthOf is what the settlement of a dealer says now, of an order and at its end.
func monthOf(k *testkit.Kit, d id.Dealer, number string) (insight.StatementLine, int64) {
	k.T.Helper()
	s, err := insight.StatementOf(k.DB.Read(k.T.Context()), d, "GBP", insight.MonthOf(k.Clock.Now(), time.UTC))
	must(k, err)
	for _, l := range s.Lines {
		if l.Number == number {
			return l, s.After()
		}
	}
	return insight.StatementLine{}, s.After()
}

// A promise that was openly broken costs the dealer who was silent what the market sets: once for each silence, taken off
// what the buyer owes, and the books agree before the handover, at it, and when the car comes back.
func TestAnOpenlyBrokenPromiseCostsTheSilentDealer(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	before := owed(k, o)
	gift := leftAlone(k, o)
	if gift <= 0 {
		t.Fatal("the market of this test sets nothing")
	}
	sweepTwice(k) // told again, given once
	if got := given(k, o.ID); got != gift || owed(k, k.Order(o.ID)) != before-gift {
		t.Fatalf("given %d, want %d; still owed %d of %d", got, gift, owed(k, k.Order(o.ID)), before)
	}
	if seller := sale.SellerOf(o); party(k, o, payment.GoodwillSpent, seller) != gift || party(k, o, payment.DealerPayable, seller) != gift || party(k, o, payment.DealerClaim, seller) != -gift {
		t.Error("the books do not say who pays")
	}
	if l, after := monthOf(k, o.Dealer, o.Number); l.Goodwill != gift || after != -gift {
		t.Errorf("the settlement says %d, and %d at the end", l.Goodwill, after)
	}
	k.Healthy("mail_leaves")
	// A second silence is a second breach.
	if leftAlone(k, o); given(k, o.ID) != 2*gift {
		t.Fatalf("after a second silence %d", given(k, o.ID))
	}
	k.Healthy("mail_leaves")
	stepTo(k, leedsStaff, o, ordering.Ready)
	sold := keys(k, o) // pays what is owed, no more
	if paid := party(k, o, payment.Desk, ""); paid != o.TotalMinor-o.DepositMinor-2*gift {
		t.Errorf("paid at the desk: %d", paid)
	}
	k.Healthy("mail_leaves")
	if l, _ := monthOf(k, o.Dealer, o.Number); l.Sold != o.TotalMinor || l.Open != 0 {
		t.Errorf("sold for %d, open %d", l.Sold, l.Open)
	}
	must(k, withdraw(k, sold))
	must(k, takeBack(k, sold, sale.TakeBack{OdometerKm: 11}))
	landed(k, sold)
	if got := given(k, o.ID); got != 0 || party(k, o, payment.Buyer, "") != 0 {
		t.Errorf("a sale that was taken back leaves %d given, and the buyer's account at %d", got, party(k, o, payment.Buyer, ""))
	}
	k.Healthy("mail_leaves")
}

// Who leaves before the handover gets back what he paid; what was taken off a price that nobody pays is nothing.
func TestGoodwillEndsWithTheOrder(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	leftAlone(k, o)
	must(k, cancel(k, o.ID))
	if back, _ := landed(k, o); back != o.DepositMinor {
		t.Errorf("%d came back of %d", back, o.DepositMinor)
	}
	for _, a := range []payment.Account{payment.Buyer, payment.DealerPayable, payment.DealerClaim, payment.GoodwillSpent} {
		if n := party(k, o, a, ""); n != 0 {
			t.Errorf("%s is left at %d", a, n)
		}
	}
	if l, after := monthOf(k, o.Dealer, o.Number); l.Goodwill != 0 || after != 0 {
		t.Errorf("the settlement says %d, and %d at the end", l.Goodwill, after)
	}
	k.Healthy("mail_leaves")
}

// Where all is paid, it goes back as part of a payment, by the way it came.
func TestGoodwillOnACarThatIsPaidGoesBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	desk(k, o, owed(k, o))
	gift := leftAlone(k, o)
	var due []*payment.Part
	for _, p := range payments(k, o.ID) {
		xs, err := payment.PartsOf(k.DB.Read(t.Context()), p.ID)
		must(k, err)
		due = append(due, xs...)
	}
	if len(due) != 1 || due[0].Amount.Minor != gift || due[0].Reason != payment.PartGoodwill {
		t.Fatalf("parts: %+v", due)
	}
	k.Healthy("mail_leaves")
	must(k, act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.DeskReturnedTx(ctx, tx, staffOf(o), due[0].Payment)
	}))
	if left := owed(k, k.Order(o.ID)); left != 0 {
		t.Errorf("%d is owed", left)
	}
	k.Healthy("mail_leaves")
	stepTo(k, leedsStaff, o, ordering.Ready)
	keys(k, o)
	k.Healthy("mail_leaves")
}

// A dealer who was silent pays although another hands the car over, and that one has its whole price.
func TestWhoWasSilentPaysAlsoAfterTheOrderMoved(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	stepTo(k, leedsStaff, o, ordering.Ordered)
	gift := leftAlone(k, o)
	must(k, askDealer(k, o, testkit.London))
	must(k, takeOver(k, londonStaff, o))
	stepTo(k, londonStaff, o, ordering.Ready)
	keys(k, k.Order(o.ID))
	leeds, london := payment.DealerParty(testkit.Leeds), payment.DealerParty(testkit.London)
	if party(k, o, payment.DealerPayable, leeds) != gift || -party(k, o, payment.DealerPayable, london) != o.DepositMinor+gift || party(k, o, payment.GoodwillSpent, london) != 0 {
		t.Errorf("Leeds owes %d, London is owed %d", party(k, o, payment.DealerPayable, leeds), -party(k, o, payment.DealerPayable, london))
	}
	if l, after := monthOf(k, testkit.Leeds, o.Number); l.Goodwill != gift || after != -gift {
		t.Errorf("Leeds' settlement says %d, and %d at the end", l.Goodwill, after)
	}
	if l, _ := monthOf(k, testkit.London, o.Number); l.Goodwill != 0 || l.Held != o.DepositMinor+gift {
		t.Errorf("London's settlement says %d, held %d", l.Goodwill, l.Held)
	}
	k.Healthy("mail_leaves")
}
