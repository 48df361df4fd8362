package newcar_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"forecourt/internal/document"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stock"
	"forecourt/internal/testkit"
)

func slipOf(manager bool) sale.Slip {
	return sale.Slip{Reason: "mistyped", Proof: "terminal slip 4711", Manager: manager}
}

func correctCar(k *testkit.Kit, staff sale.Staff, o *ordering.Order, manager bool, change func(*newcar.CorrectCar)) error {
	in := newcar.CorrectCar{Slip: slipOf(manager), VIN: o.VIN, Plate: o.Plate, Seen: newcar.CarSeen(o.VIN, o.Plate)}
	change(&in)
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.CorrectCarTx(ctx, tx, staff, o.Number, in) })
}

func correctPayment(k *testkit.Kit, staff sale.Staff, o *ordering.Order, manager bool, p id.Payment, minor int64, change ...func(*sale.CorrectPayment)) error {
	in := sale.CorrectPayment{Slip: slipOf(manager), Payment: p, Means: payment.ByDeskCard, AmountMinor: minor, Reference: "T-1"}
	for _, c := range change {
		c(&in)
	}
	return act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.CorrectPaymentTx(ctx, tx, staff, o.Number, in)
	})
}

// lastAtDesk is the last payment of an order that a dealer recorded and that stands.
func lastAtDesk(k *testkit.Kit, o *ordering.Order) *payment.Payment {
	k.T.Helper()
	for _, p := range slices.Backward(paymentsOf(k, o)) {
		if p.AtDesk() && p.State == payment.Captured {
			return p
		}
	}
	k.T.Fatal("no payment at the desk")
	return nil
}

func byCard(k *testkit.Kit, o *ordering.Order) *payment.Payment {
	k.T.Helper()
	ps := paymentsOf(k, o)
	return ps[slices.IndexFunc(ps, (*payment.Payment).Card)]
}

func paidMinor(k *testkit.Kit, o *ordering.Order) int64 {
	k.T.Helper()
	n, err := payment.PaidMinor(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	return n
}

func papersByKind(k *testkit.Kit, o *ordering.Order) map[document.Kind][]*document.Document {
	k.T.Helper()
	out := map[document.Kind][]*document.Document{}
	for _, d := range papersOf(k, o) {
		out[d.Kind] = append(out[d.Kind], d)
	}
	return out
}

func paymentsOf(k *testkit.Kit, o *ordering.Order) []*payment.Payment {
	k.T.Helper()
	ps, err := payment.Of(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	return ps
}

const (
	slipVIN  = "VF1RJA00X70000011"
	rightVIN = "VF1RJA00X70000012"
	otherVIN = "VF1RJA00X70000013"
)

// A VIN that was mistyped on the way is put right where the order stands, by whoever prepares cars; the history, the
// correction and the buyer's letter say so. Another order's VIN, a stranger, a stale page and nonsense change nothing.
func TestAMistypedVINIsPutRight(t *testing.T) {
	t.Parallel()
	k, shop := testkit.New(t), shops[0]
	o := bring(k, buyWith(k, shop, k.NewCar.PlaceTx), ordering.InTransit, slipVIN)
	bring(k, buyWith(k, shop, k.NewCar.PlaceTx), ordering.InTransit, otherVIN)
	staff := staffOf(o)
	other := sale.Staff{User: staff.User, Dealer: "gb-london-kestrel"}
	for name, x := range map[string]struct {
		want   error
		staff  sale.Staff
		change func(*newcar.CorrectCar)
	}{
		"another order's VIN": {ordering.ErrVINTaken, staff, func(c *newcar.CorrectCar) { c.VIN = otherVIN }},
		"no VIN":              {newcar.ErrVIN, staff, func(c *newcar.CorrectCar) { c.VIN = "OIQ" }},
		"the same":            {sale.ErrSlipSame, staff, func(*newcar.CorrectCar) {}},
		"a stale page":        {sale.ErrSlipStale, staff, func(c *newcar.CorrectCar) { c.VIN, c.Seen = rightVIN, newcar.CarSeen(otherVIN, "") }},
		"no reason":           {sale.ErrSlipReason, staff, func(c *newcar.CorrectCar) { c.VIN, c.Reason = rightVIN, "twice" }},
		"no proof":            {sale.ErrSlipProof, staff, func(c *newcar.CorrectCar) { c.VIN, c.Proof = rightVIN, " " }},
		"another dealer":      {ordering.ErrNoOrder, other, func(c *newcar.CorrectCar) { c.VIN = rightVIN }},
	} {
		if err := correctCar(k, x.staff, o, true, x.change); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if now := k.Order(o.ID); now.VIN != slipVIN {
		t.Fatalf("the VIN is %s", now.VIN)
	}
	must(k, correctCar(k, staff, o, false, func(c *newcar.CorrectCar) { c.VIN = " vf1rja00x 70000012" }))
	now := k.Order(o.ID)
	cs, err := ordering.CorrectionsOf(k.DB.Read(t.Context()), o.ID)
	must(k, err)
	if now.VIN != rightVIN || now.State != ordering.InTransit || len(cs) != 1 || cs[0].VINWas != slipVIN || cs[0].VINNow != rightVIN || cs[0].By != staff.User || cs[0].Proof == "" {
		t.Errorf("the order has %s in %s, the corrections are %+v", now.VIN, now.State, cs)
	}
	if err := correctCar(k, staff, o, false, func(c *newcar.CorrectCar) { c.VIN = otherVIN }); !errors.Is(err, sale.ErrSlipStale) {
		t.Errorf("the page of before once more: %v", err)
	}
	k.Healthy("mail_leaves")
}

// The VIN of the stock list is nobody's slip: it is not typed over. One that was typed when the car left the factory is
// put right in the stock too, and a car of the stock keeps its VIN for itself.
func TestAStockCarsVINIsTheLists(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Build)
	free := bring(k, buyWith(k, shops[0], k.NewCar.PlaceTx), ordering.InTransit, otherVIN)
	o := bought(k, wish(k, testkit.Leeds))
	staff := staffOf(o)
	must(k, accept(k, staff, o))
	settleAll(k, o.ID)
	for _, e := range []ordering.Event{ordering.Build, ordering.Dispatch} {
		must(k, act(k, func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.AdvanceTx(ctx, tx, staff, o.Number, newcar.Progress{Event: e, VIN: slipVIN})
		}))
	}
	o = k.Order(o.ID)
	if err := correctCar(k, staffOf(free), free, false, func(c *newcar.CorrectCar) { c.VIN = slipVIN }); !errors.Is(err, ordering.ErrVINTaken) {
		t.Errorf("the VIN of a car in the stock: %v", err)
	}
	must(k, correctCar(k, staff, o, false, func(c *newcar.CorrectCar) { c.VIN = rightVIN }))
	if c := theCar(k); c.VIN != rightVIN || k.Order(o.ID).VIN != rightVIN {
		t.Errorf("the stock has %s, the order %s", c.VIN, k.Order(o.ID).VIN)
	}
	k.Healthy("mail_leaves")
}

func TestAListedVINIsNotTypedOver(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	free := bring(k, buyWith(k, shops[0], k.NewCar.PlaceTx), ordering.InTransit, otherVIN)
	if err := correctCar(k, staffOf(free), free, false, func(c *newcar.CorrectCar) { c.VIN = theCar(k).VIN }); !errors.Is(err, stock.ErrVINTaken) {
		t.Errorf("the VIN of a free car: %v", err)
	}
	o := bought(k, wish(k, testkit.Leeds))
	must(k, accept(k, staffOf(o), o))
	settleAll(k, o.ID)
	o = k.Order(o.ID)
	if err := correctCar(k, staffOf(o), o, true, func(c *newcar.CorrectCar) { c.VIN = rightVIN }); !errors.Is(err, stock.ErrListed) || k.Order(o.ID).VIN != theCar(k).VIN {
		t.Errorf("a VIN of the list: %v", err)
	}
	k.Healthy("mail_leaves")
}

// After the handover it is the site manager's, and the papers that named the wrong number are replaced, never changed.
func TestAWrongPlateOnIssuedPapers(t *testing.T) {
	t.Parallel()
	k, shop := testkit.New(t), shops[0]
	o := paidUp(k, shop, slipVIN)
	staff := staffOf(o)
	must(k, handOverWith(k, staff, o, fullHandover(k, o)))
	o = k.Order(o.ID)
	before, books := papersByKind(k, o), sums(k, o)
	right := func(c *newcar.CorrectCar) { c.VIN, c.Plate = rightVIN, "ab12 cde" }
	if err := correctCar(k, staff, o, false, right); !errors.Is(err, sale.ErrSlipManager) {
		t.Fatalf("who prepares cars corrects what is handed over: %v", err)
	}
	must(k, correctCar(k, staff, o, true, right))
	after := papersByKind(k, o)
	if len(after[document.Invoice]) != 2 || len(after[document.Handover]) != 2 || len(after[document.CreditNote]) != 1 {
		t.Fatalf("papers: %d invoices, %d records, %d credit notes", len(after[document.Invoice]), len(after[document.Handover]), len(after[document.CreditNote]))
	}
	old, inv, note, record := after[document.Invoice][0], after[document.Invoice][1], after[document.CreditNote][0], after[document.Handover][1]
	if old.Raw != before[document.Invoice][0].Raw || old.Content.Car.VIN != slipVIN || after[document.Handover][0].Raw != before[document.Handover][0].Raw {
		t.Error("a paper that was issued changed")
	}
	for _, d := range []*document.Document{inv, record} {
		if d.Content.Car.VIN != rightVIN || d.Content.Car.Plate != "AB12 CDE" || d.Content.Reason != "corrected" || d.Content.Refers == nil {
			t.Errorf("%s: %+v, %q", d.Number, d.Content.Car, d.Content.Reason)
		}
	}
	if inv.Content.Refers.SHA256 != old.SHA256 || note.Refers != old.ID || note.Total != old.Total || inv.Total != old.Total || inv.Content.Due.Minor != 0 {
		t.Errorf("the invoice takes the place of %s, the note takes back %s, due is %s", inv.Content.Refers.Number, note.Content.Refers.Number, inv.Content.Due)
	}
	if !maps.Equal(sums(k, o), books) {
		t.Error("the books moved")
	}
	k.Healthy("mail_leaves")
	// The handover may still be undone: the newest papers are taken back.
	must(k, undo(k, staff, o, "slip"))
	k.Healthy("mail_leaves")
}

// A payment that was typed wrongly is evened out and recorded anew; what is owed is right, and a car whose rest is open
// again is not released.
func TestAWrongAmountAtTheDesk(t *testing.T) {
	t.Parallel()
	k, shop := testkit.New(t), shops[0]
	o := paidUp(k, shop, slipVIN)
	staff, p := staffOf(o), lastAtDesk(k, o)
	wrong, till := p.Amount.Minor, sums(k, o)["desk "]
	for name, x := range map[string]struct {
		want   error
		staff  sale.Staff
		minor  int64
		change func(*sale.CorrectPayment)
	}{
		"more than is owed": {payment.ErrTooMuch, staff, wrong + 1, func(*sale.CorrectPayment) {}},
		"below nothing":     {sale.ErrSlipAmount, staff, -1, func(*sale.CorrectPayment) {}},
		"by card bank":      {sale.ErrSlipAmount, staff, 1, func(c *sale.CorrectPayment) { c.Means = payment.ByCard }},
		"no such payment":   {payment.ErrNoPayment, staff, 1, func(c *sale.CorrectPayment) { c.Payment = id.New[id.Payment]() }},
		"the card deposit":  {payment.ErrNoPayment, staff, 1, func(c *sale.CorrectPayment) { c.Payment = byCard(k, o).ID }},
		"the same":          {sale.ErrSlipSame, staff, wrong, func(c *sale.CorrectPayment) { c.Means, c.Reference = p.Means, p.Reference }},
		"another dealer":    {ordering.ErrNoOrder, sale.Staff{User: staff.User, Dealer: "gb-london-kestrel"}, 1, func(*sale.CorrectPayment) {}},
	} {
		if err := correctPayment(k, x.staff, o, true, p.ID, x.minor, x.change); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(k, correctPayment(k, staff, o, false, p.ID, wrong-100_00))
	if got := owed(k, o); got != 100_00 {
		t.Errorf("owed %d", got)
	}
	struck, err := payment.Get(k.DB.Read(t.Context()), p.ID)
	must(k, err)
	if struck.State != payment.Struck || struck.Amount.Minor != wrong {
		t.Errorf("the wrong payment is %s over %s", struck.State, struck.Amount)
	}
	if right := lastAtDesk(k, o); right.Amount.Minor != wrong-100_00 || right.Means != payment.ByDeskCard || right.Reference != "T-1" {
		t.Errorf("recorded anew: %+v", right)
	}
	if got := sums(k, o)["desk "]; got != till-100_00 {
		t.Errorf("the till holds %d: %v", got, sums(k, o))
	}
	if err := handOverWith(k, staff, o, fullHandover(k, o)); !errors.Is(err, sale.ErrUnpaid) {
		t.Errorf("a car whose rest is open again is handed over: %v", err)
	}
	if err := correctPayment(k, staff, o, false, p.ID, 1); !errors.Is(err, payment.ErrStruck) {
		t.Errorf("the page of before once more: %v", err)
	}
	// Nothing was taken at all: the buyer owes the whole again, and pays it.
	must(k, correctPayment(k, staff, o, false, lastAtDesk(k, o).ID, 0, func(c *sale.CorrectPayment) { c.Reason = "not_received" }))
	if got := owed(k, o); got != wrong {
		t.Errorf("owed %d of %d", got, wrong)
	}
	desk(k, o, wrong)
	must(k, handOverWith(k, staff, o, fullHandover(k, o)))
	k.Healthy("mail_leaves")
}

// After the handover it is the site manager's; what the correction leaves open is promised for a day, and the invoice
// says what was really paid.
func TestAWrongAmountAfterTheHandover(t *testing.T) {
	t.Parallel()
	k, shop := testkit.New(t), shops[0]
	o := paidUp(k, shop, slipVIN)
	staff, p := staffOf(o), lastAtDesk(k, o)
	must(k, handOverWith(k, staff, o, fullHandover(k, o)))
	o = k.Order(o.ID)
	less, soon := p.Amount.Minor-100_00, today(k, o).Plus(7)
	by := func(d market.Date) func(*sale.CorrectPayment) {
		return func(c *sale.CorrectPayment) { c.DueOn = d }
	}
	if err := correctPayment(k, staff, o, false, p.ID, less, by(soon)); !errors.Is(err, sale.ErrSlipManager) {
		t.Fatalf("who takes money corrects it after the handover: %v", err)
	}
	for _, day := range []market.Date{"", "soon", soon.Plus(-30), soon.Plus(300)} {
		if err := correctPayment(k, staff, o, true, p.ID, less, by(day)); !errors.Is(err, sale.ErrDeferDay) {
			t.Errorf("a rest that comes %q: %v", day, err)
		}
	}
	if lastAtDesk(k, o).ID != p.ID || len(papersByKind(k, o)[document.Invoice]) != 1 {
		t.Fatal("a correction that was refused left something")
	}
	must(k, correctPayment(k, staff, o, true, p.ID, less, by(soon)))
	papers := papersByKind(k, o)
	inv := papers[document.Invoice][len(papers[document.Invoice])-1]
	if len(papers[document.Invoice]) != 2 || len(papers[document.Handover]) != 1 || len(papers[document.CreditNote]) != 1 || inv.Content.Due.Minor != 100_00 || inv.Content.DueOn != string(soon) {
		t.Errorf("%d invoices, the last with %s due by %q", len(papers[document.Invoice]), inv.Content.Due, inv.Content.DueOn)
	}
	d, err := ordering.DeferralOf(k.DB.Read(t.Context()), o.ID)
	must(k, err)
	if d == nil || d.Reason != ordering.DeferCorrection || d.AmountMinor != 100_00 || owed(k, o) != 100_00 {
		t.Errorf("the rest is %+v, owed %d", d, owed(k, o))
	}
	if err := undo(k, staff, o, "slip"); !errors.Is(err, sale.ErrUndoMoney) {
		t.Errorf("the handover is undone though money moved: %v", err)
	}
	k.Healthy("mail_leaves")
	desk(k, o, 100_00)
	k.Healthy("mail_leaves")
	// The buyer withdraws: what was struck out does not go back.
	before := paidMinor(k, o)
	if before != o.TotalMinor {
		t.Errorf("paid %d of %d", before, o.TotalMinor)
	}
}

// Whoever sells, and whatever was typed wrongly, before or after the handover: the accounts are as if it had been typed
// rightly at once, and a buyer who withdraws gets back what he paid.
func TestCorrectedBooksAreTheRightBooks(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	draw := rand.New(rand.NewPCG(20261130, 39))
	for i, who := range []string{market.ByDealer, market.ByMaker, market.ByGroup} {
		for j, sold := range []bool{false, true} {
			shop := sells(k, shops[i%2].Market, who)
			o, twin := ready(k, shop, 100+10*i+2*j), ready(k, shop, 101+10*i+2*j)
			all := owed(k, o)
			wrong, right := 1+draw.Int64N(all), 1+draw.Int64N(all-1)
			if sold {
				wrong = all
			}
			desk(k, o, wrong)
			desk(k, twin, right)
			first := lastAtDesk(k, o)
			if sold {
				must(k, handOverWith(k, staffOf(o), o, fullHandover(k, o)))
				must(k, deferAs(k, staffOf(twin), twin, deferral(k, twin, 3)))
				must(k, handOverWith(k, staffOf(twin), twin, fullHandover(k, twin)))
			}
			must(k, correctPayment(k, staffOf(o), o, true, first.ID, right, func(c *sale.CorrectPayment) { c.DueOn, c.Means = today(k, o).Plus(3), first.Means }))
			if got, want := sums(k, o), sums(k, twin); !maps.Equal(got, want) {
				t.Errorf("by %s, sold %t, %d for %d: corrected %v, right at once %v", who, sold, right, wrong, got, want)
			}
			k.Healthy("mail_leaves")
			if sold {
				must(k, withdraw(k, o))
				must(k, takeBack(k, o, sale.TakeBack{OdometerKm: 20}))
				landed(k, o)
			}
		}
	}
	k.Healthy("mail_leaves")
}

func ready(k *testkit.Kit, shop sale.Shop, n int) *ordering.Order {
	k.T.Helper()
	return bring(k, buyWith(k, shop, k.NewCar.PlaceTx), ordering.Ready, fmt.Sprintf("VF1RJA00X9%07d", n))
}
