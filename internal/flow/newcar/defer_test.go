package newcar_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"forecourt/internal/document"
	"forecourt/internal/id"
	"forecourt/internal/insight"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/world"

	"pgregory.net/rapid"
)

// sells changes who sells in a market from today on, and answers its shop.
func sells(k *testkit.Kit, m id.Market, who string) sale.Shop {
	k.T.Helper()
	mk, ok := k.World.Now().Market(m)
	if !ok {
		k.T.Fatal(m)
	}
	terms := mk.Flows[id.FlowNew]
	last := terms[len(terms)-1]
	if last.From == "2026-11-24" {
		terms = terms[:len(terms)-1] // of an earlier change
	}
	last.From, last.Seller = "2026-11-24", who
	mk.Flows = map[id.Flow][]market.FlowTerms{id.FlowNew: append(append([]market.FlowTerms{}, terms...), last)}
	return sale.Shop{Brand: "dacia", Market: m, Flow: id.FlowNew}
}

func today(k *testkit.Kit, o *ordering.Order) market.Date {
	mk, _ := k.World.Now().Market(o.Market)
	return world.Today(mk, k.Clock.Now())
}

func deferral(k *testkit.Kit, o *ordering.Order, days int) sale.Deferral {
	return sale.Deferral{Reason: "finance", AmountMinor: owed(k, o), DueOn: today(k, o).Plus(days)}
}

func deferAs(k *testkit.Kit, staff sale.Staff, o *ordering.Order, d sale.Deferral) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.DeferTx(ctx, tx, staff, o.Number, d) })
}

func handOverAsIs(k *testkit.Kit, o *ordering.Order) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.HandOverTx(ctx, tx, staffOf(o), o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 11})
	})
}

// released hands a car over with all but the deposit and what bring took open for some days.
func released(k *testkit.Kit, shop sale.Shop, vin string, days int) *ordering.Order {
	k.T.Helper()
	o := bring(k, buyWith(k, shop, k.NewCar.PlaceTx), ordering.Ready, vin)
	must(k, deferAs(k, staffOf(o), o, deferral(k, o, days)))
	must(k, handOverAsIs(k, o))
	return k.Order(o.ID)
}

// openAsOwed compares what pages show as owed with the buyer's account.
func openAsOwed(k *testkit.Kit, o *ordering.Order, want int64) {
	k.T.Helper()
	buyer, err := payment.BuyerMinor(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	if shown := owed(k, o); shown != want || buyer != want {
		k.T.Errorf("%s: shown %d, in the ledger %d, want %d", o.Number, shown, buyer, want)
	}
}

// accounts sums the ledger of an order by account.
func accounts(k *testkit.Kit, o *ordering.Order) map[payment.Account]int64 {
	k.T.Helper()
	all, err := payment.Postings(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	out := map[payment.Account]int64{}
	for _, p := range all {
		for _, l := range p.Lines {
			out[l.Account] += l.Minor
		}
	}
	return out
}

// claims checks who owes whom: a maker has what is at the bank and is owed what a dealer took; any other seller is
// owed what we hold.
func claims(k *testkit.Kit, o *ordering.Order) {
	k.T.Helper()
	a := accounts(k, o)
	held := a[payment.CardBank] + a[payment.Bank]
	if o.Snapshot.Seller == market.ByMaker {
		var atDesk int64
		for _, p := range payments(k, o.ID) {
			if p.AtDesk() && p.State == payment.Captured {
				atDesk += p.Amount.Minor
			}
		}
		if a[payment.Desk] != 0 || a[payment.DealerPayable] != atDesk || a[payment.DealerClaim] != 0 {
			k.T.Errorf("%s: the dealer took %d for the maker: %v", o.Number, atDesk, a)
		}
		return
	}
	if a[payment.DealerPayable] != -held || a[payment.DealerClaim] != held {
		k.T.Errorf("%s: we hold %d for the seller: %v", o.Number, held, a)
	}
}

func transferred(k *testkit.Kit, o *ordering.Order, minor int64, line string) sale.Imported {
	k.T.Helper()
	f := sale.Office{User: office.User, Markets: []id.Market{o.Market}}
	t := payment.Transfer{Market: o.Market, Key: line, BookedOn: "2026-11-24", Amount: money.Of(minor, o.Currency), Reference: o.Number, Payer: "P Raman"}
	var n sale.Imported
	k.Tx(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = k.NewCar.ImportTransfersTx(ctx, tx, f, o.Market, []payment.Transfer{t})
		return err
	})
	return n
}

func statementOf(k *testkit.Kit, o *ordering.Order) insight.StatementLine {
	k.T.Helper()
	mk, _ := k.World.Now().Market(o.Market)
	s, err := insight.StatementOf(k.DB.Read(k.T.Context()), o.Dealer, o.Currency, insight.MonthOf(k.Clock.Now(), mk.Zone()))
	must(k, err)
	for _, l := range s.Lines {
		if l.Number == o.Number {
			return l
		}
	}
	return insight.StatementLine{}
}

// TestACarGoesBeforeItIsPaid hands cars over with the rest open in every market and for every seller, takes the rest in
// every way after it, and looks at ledger, invoice and settlement at each step.
func TestACarGoesBeforeItIsPaid(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	cars := 0
	for _, shop := range shops {
		for _, who := range []string{market.ByDealer, market.ByMaker, market.ByGroup} {
			mk, _ := k.World.Now().Market(shop.Market)
			if _, known := mk.SellerAt(who, shop.Brand, "2026-11-24"); who != market.ByDealer && !known {
				continue // nobody of that kind sells there
			}
			cars++
			o := released(k, sells(k, shop.Market, who), fmt.Sprintf("VF1DEFR%010d", cars), 7)
			if o.State != ordering.HandedOver || o.Snapshot.Seller != who {
				t.Fatalf("%s/%s: %s, sold by %s", shop.Market, who, o.State, o.Snapshot.Seller)
			}
			rest := o.TotalMinor - o.DepositMinor - 1234_56 - 77
			openAsOwed(k, o, rest)
			claims(k, o)
			inv := papers(k, o.ID)[document.Invoice].Content
			if inv.Due.Minor != rest || inv.DueOn != string(today(k, o).Plus(7)) || inv.Total.Minor != o.TotalMinor {
				t.Errorf("%s/%s: the invoice says %v until %q of %v", shop.Market, who, inv.Due, inv.DueOn, inv.Total)
			}
			if l := statementOf(k, o); l.Open != rest || l.Sold != o.TotalMinor {
				t.Errorf("%s/%s: the settlement says %+v", shop.Market, who, l)
			}
			before := statementOf(k, o)
			// By card, by transfer, at the desk.
			pay(k, balancePage(k, o, 1_000_00))
			settleAll(k, o.ID)
			openAsOwed(k, o, rest-1_000_00)
			claims(k, o)
			if n := transferred(k, o, 2_000_00, "a"+o.Number); n.Assigned != 1 {
				t.Errorf("%s/%s: the transfer: %+v", shop.Market, who, n)
			}
			openAsOwed(k, o, rest-3_000_00)
			claims(k, o)
			desk(k, o, rest-3_000_00)
			openAsOwed(k, o, 0)
			claims(k, o)
			l := statementOf(k, o)
			wantHeld := before.Held + 3_000_00
			if who == market.ByMaker {
				wantHeld = before.Held - (rest - 3_000_00)
			}
			if l.Open != 0 || l.Held != wantHeld || l.Received != before.Received+3_000_00 || l.Desk != before.Desk+rest-3_000_00 {
				t.Errorf("%s/%s: at the end the settlement says %+v, before %+v", shop.Market, who, l, before)
			}
			// Nothing more is taken.
			if _, err := k.NewCar.BalancePage(t.Context(), o.ID, 0); !errors.Is(err, sale.ErrNothingOwed) {
				t.Errorf("a page for nothing: %v", err)
			}
			if n := transferred(k, o, 5_00, "b"+o.Number); n.Waiting != 1 {
				t.Errorf("a transfer for nothing: %+v", n)
			}
		}
	}
	if cars < 7 {
		t.Errorf("only %d kinds of sale", cars)
	}
	healthy(k, "mail_leaves")
}

// TestARestPaidTwiceComesBack pays a card page whose money came at the desk meanwhile.
func TestARestPaidTwiceComesBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := released(k, testkit.Dacia, "VF1DEFR0000000201", 7)
	page := balancePage(k, o, 0)
	rest := owed(k, o)
	desk(k, o, rest)
	pay(k, page)
	settleAll(k, o.ID)
	back := false
	for _, p := range payments(k, o.ID) {
		back = back || p.State == payment.Refunded && p.Amount.Minor == rest && p.ReturnReason == "too_much"
	}
	if !back {
		t.Error("the second payment did not come back")
	}
	openAsOwed(k, o, 0)
	claims(k, o)
	healthy(k, "mail_leaves")
}

// TestAWithdrawalWithARestOpenPaysBackWhatWasPaid leaves in every market, with and without a late payment.
func TestAWithdrawalWithARestOpenPaysBackWhatWasPaid(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	cars := 300
	for _, shop := range shops {
		for i, who := range []string{market.ByDealer, market.ByMaker, market.ByDealer} {
			mk, _ := k.World.Now().Market(shop.Market)
			if _, known := mk.SellerAt(who, shop.Brand, "2026-11-24"); who != market.ByDealer && !known {
				continue
			}
			cars++
			o := released(k, sells(k, shop.Market, who), fmt.Sprintf("VF1DEFR%010d", cars), 7)
			if i > 0 {
				desk(k, o, 300_00)
				pay(k, balancePage(k, o, 400_00))
				settleAll(k, o.ID)
			}
			paid := o.TotalMinor - owed(k, o)
			if now := shown(k, o, sale.Worn{}); now.Back.Minor != paid || now.Rule != sale.LeaveWithdraw {
				t.Errorf("%s: leaving now shows %v under %s, paid was %d", shop.Market, now.Back, now.Rule, paid)
			}
			balancePage(k, o, 0) // opened and not paid
			must(k, withdraw(k, o))
			must(k, k.NewCar.Sweep(t.Context()))
			worn := sale.Worn{DrivenKm: 700 * i}
			want := shown(k, o, worn)
			must(k, takeBack(k, o, sale.TakeBack{OdometerKm: 11 + worn.DrivenKm}))
			back, _ := landed(k, o)
			if back != want.Back.Minor || back+want.Kept.Minor != paid {
				t.Errorf("%s: shown %v with %v kept of %d, paid back %d", shop.Market, want.Back, want.Kept, paid, back)
			}
			checkLeaving(k, o, want)
			note := papers(k, o.ID)[document.CreditNote]
			if note == nil || note.Total.Minor != o.TotalMinor-want.Kept.Minor || note.Content.SetOff.Minor != o.TotalMinor-paid || note.Total.Minor-note.Content.SetOff.Minor != back {
				t.Errorf("%s: the credit note is %+v", shop.Market, note)
			}
			if a := accounts(k, o); a[payment.Buyer] != 0 || a[payment.Sales]+a[payment.Refunds]+a[payment.VATPayable] != -want.Kept.Minor {
				t.Errorf("%s: the books say %v", shop.Market, a)
			}
			if _, err := k.NewCar.BalancePage(t.Context(), o.ID, 0); !errors.Is(err, sale.ErrNothingOwed) {
				t.Errorf("a page after it: %v", err)
			}
		}
	}
	healthy(k, "mail_leaves", "deadlines_kept")
}

// TestAPageOfARestThatIsPaidAfterTheWithdrawalComesBack is the buyer who says he leaves and pays in another tab.
func TestAPageOfARestThatIsPaidAfterTheWithdrawalComesBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := released(k, testkit.Dacia, "VF1DEFR0000000401", 7)
	page := balancePage(k, o, 0)
	must(k, withdraw(k, o))
	pay(k, page)
	settleAll(k, o.ID)
	l, err := ordering.LeavingOf(k.DB.Read(t.Context()), o.ID)
	must(k, err)
	if st := state(k, o.ID); st != ordering.Returning || !l.SettledAt.IsZero() {
		t.Fatalf("%s, settled %v", st, l.SettledAt)
	}
	healthy(k, "mail_leaves")
	must(k, takeBack(k, o, sale.TakeBack{OdometerKm: 11}))
	settleAll(k, o.ID)
	for _, p := range payments(k, o.ID) {
		if p.AtDesk() {
			must(k, act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.DeskReturnedTx(ctx, tx, staffOf(o), p.ID) }))
		}
	}
	if buyer, _ := payment.BuyerMinor(k.DB.Read(t.Context()), o.ID); buyer != 0 {
		t.Errorf("the books still say %d", buyer)
	}
	healthy(k, "mail_leaves")
}

// TestWordsThatDoNotCount tries to let a rest open that may not be, and to hand over with one that does not cover it.
func TestWordsThatDoNotCount(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	early := accepted(k)
	if err := deferAs(k, staffOf(early), early, deferral(k, early, 7)); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("before the car is ready: %v", err)
	}
	o := bring(k, k.Buy(), ordering.Ready, "VF1DEFR0000000501")
	good := deferral(k, o, 7)
	with := func(change func(*sale.Deferral)) sale.Deferral {
		d := good
		change(&d)
		return d
	}
	if err := handOverAsIs(k, o); !errors.Is(err, sale.ErrUnpaid) {
		t.Errorf("handed over without a word: %v", err)
	}
	for name, x := range map[string]struct {
		d    sale.Deferral
		want error
	}{
		"more than owed":     {with(func(d *sale.Deferral) { d.AmountMinor++ }), sale.ErrDeferAmount},
		"less than owed":     {with(func(d *sale.Deferral) { d.AmountMinor-- }), sale.ErrDeferAmount},
		"negative":           {with(func(d *sale.Deferral) { d.AmountMinor = -d.AmountMinor }), sale.ErrDeferAmount},
		"nothing":            {with(func(d *sale.Deferral) { d.AmountMinor = 0 }), sale.ErrDeferAmount},
		"too large":          {with(func(d *sale.Deferral) { d.AmountMinor = 1 << 62 }), sale.ErrDeferAmount},
		"no reason":          {with(func(d *sale.Deferral) { d.Reason = "" }), sale.ErrDeferReason},
		"another reason":     {with(func(d *sale.Deferral) { d.Reason = "friend" }), sale.ErrDeferReason},
		"yesterday":          {with(func(d *sale.Deferral) { d.DueOn = today(k, o).Plus(-1) }), sale.ErrDeferDay},
		"far away":           {with(func(d *sale.Deferral) { d.DueOn = today(k, o).Plus(sale.DeferDays + 1) }), sale.ErrDeferDay},
		"no day":             {with(func(d *sale.Deferral) { d.DueOn = "2026-13-45" }), sale.ErrDeferDay},
		"goodwill, no words": {with(func(d *sale.Deferral) { d.Reason, d.Note = "goodwill", "  " }), sale.ErrDeferNote},
	} {
		if err := deferAs(k, staffOf(o), o, x.d); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := deferAs(k, londonStaff, o, good); !errors.Is(err, ordering.ErrNoOrder) {
		t.Errorf("another dealer: %v", err)
	}
	if d, err := ordering.DeferralOf(k.DB.Read(t.Context()), o.ID); err != nil || d != nil {
		t.Fatalf("something was written: %+v, %v", d, err)
	}
	must(k, deferAs(k, staffOf(o), o, good))
	if err := deferAs(k, staffOf(o), o, with(func(d *sale.Deferral) { d.DueOn = d.DueOn.Plus(1) })); !errors.Is(err, sale.ErrDeferred) {
		t.Errorf("twice: %v", err)
	}
	// The promised day passes before the buyer comes: the word does not count any more, a new one does.
	k.Clock.Advance(8 * 24 * time.Hour)
	if err := handOverAsIs(k, o); !errors.Is(err, sale.ErrUnpaid) {
		t.Errorf("handed over on a word of last week: %v", err)
	}
	must(k, deferAs(k, staffOf(o), o, deferral(k, o, 3)))
	desk(k, o, 500_00) // less is open than was let open
	must(k, handOverAsIs(k, o))
	if err := deferAs(k, staffOf(o), o, deferral(k, o, 3)); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("after the handover: %v", err)
	}
	for _, minor := range []int64{owed(k, o) + 1, 0, -5} {
		if err := atDesk(k, o, minor); !errors.Is(err, payment.ErrTooMuch) {
			t.Errorf("the desk took %d: %v", minor, err)
		}
	}
	if err := act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.RecordDeskTx(ctx, tx, londonStaff, o.Number, payment.ByDeskCash, 1_00, "")
	}); !errors.Is(err, ordering.ErrNoOrder) {
		t.Errorf("another dealer's desk: %v", err)
	}
	left := bring(k, k.Buy(), ordering.Ready, "VF1DEFR0000000502")
	must(k, cancel(k, left.ID))
	if err := deferAs(k, staffOf(left), left, good); err == nil {
		t.Error("after the buyer left")
	}
	landed(k, left)
	healthy(k, "mail_leaves", "deadlines_kept")
}

// TestTheBuyerIsRemindedOnce waits past the promised day.
func TestTheBuyerIsRemindedOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := released(k, testkit.Dacia, "VF1DEFR0000000601", 2)
	paid := released(k, testkit.Dacia, "VF1DEFR0000000602", 2)
	desk(k, paid, owed(k, paid))
	reminders := func(o *ordering.Order) (n int) {
		must(k, k.NewCar.Sweep(t.Context()))
		_, err := db.One(k.DB.Read(t.Context()), &n, `SELECT count(*) FROM mails WHERE order_id = ? AND template = 'overdue'`, o.ID)
		must(k, err)
		return n
	}
	if n := reminders(o); n != 0 {
		t.Errorf("%d reminders on the day of the handover", n)
	}
	k.Clock.Advance(2 * 24 * time.Hour) // the promised day itself
	if n := reminders(o); n != 0 {
		t.Errorf("%d reminders on the promised day", n)
	}
	k.Clock.Advance(24 * time.Hour)
	for range 3 {
		if n := reminders(o); n != 1 {
			t.Errorf("%d reminders after it", n)
		}
	}
	if n := reminders(paid); n != 0 {
		t.Error("who has paid is reminded")
	}
	healthy(k, "mail_leaves", "deadlines_kept")
}

// TestWhatIsOpenIsTheReceivable takes money after a handover in any order, way and size: what is shown as owed and the
// buyer's account agree at every step, and the claims follow the money.
func TestWhatIsOpenIsTheReceivable(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	cars := 700
	rapid.Check(t, func(r *rapid.T) {
		cars++
		who := rapid.SampledFrom([]string{market.ByDealer, market.ByMaker, market.ByGroup}).Draw(r, "seller")
		o := released(k, sells(k, "gb", who), fmt.Sprintf("VF1DEFR%010d", cars), 9)
		left := o.TotalMinor - o.DepositMinor - 1234_56 - 77
		for step := range rapid.IntRange(1, 4).Draw(r, "payments") {
			minor := rapid.Int64Range(1_00, min(left-1_00, 9_999_99)).Draw(r, "amount")
			switch rapid.IntRange(0, 2).Draw(r, "way") {
			case 0:
				pay(k, balancePage(k, o, minor))
				settleAll(k, o.ID)
			case 1:
				transferred(k, o, minor, fmt.Sprint("p", cars, "/", step))
			default:
				desk(k, o, minor)
			}
			left -= minor
			openAsOwed(k, o, left)
			claims(k, o)
			if l := statementOf(k, o); l.Open != left {
				r.Fatalf("the settlement shows %d open, not %d", l.Open, left)
			}
			if left < 3_00 {
				break
			}
		}
	})
	healthy(k, "mail_leaves")
}
