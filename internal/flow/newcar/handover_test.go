package newcar_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/document"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/photo"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

// fullHandover is one with everything that can be written down.
func fullHandover(k *testkit.Kit, o *ordering.Order) sale.HandOver {
	return sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 11, Keys: 2, Papers: []string{"service", "registration"},
		Faults: []string{"Scratch on the left mirror", " "}, Photos: []photo.Photo{{JPEG: []byte("\xff\xd8 drawn"), Width: 20, Height: 10}},
		Draft: k.NewCar.HandoverDraft(staffOf(o), o.ID)}
}

func handOverWith(k *testkit.Kit, staff sale.Staff, o *ordering.Order, h sale.HandOver) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.HandOverTx(ctx, tx, staff, o.Number, h) })
}

func undo(k *testkit.Kit, staff sale.Staff, o *ordering.Order, reason string) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.UndoTx(ctx, tx, staff, o.Number, reason) })
}

func confirmAs(k *testkit.Kit, o *ordering.Order, code string) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ConfirmHandoverTx(ctx, tx, o.ID, code) })
}

// paidUp is an order that waits for its handover with nothing to pay.
func paidUp(k *testkit.Kit, shop sale.Shop, vin string) *ordering.Order {
	k.T.Helper()
	o := bring(k, buyWith(k, shop, k.NewCar.PlaceTx), ordering.Ready, vin)
	desk(k, o, owed(k, o))
	return k.Order(o.ID)
}

// sums are the balances of an order's accounts, by account and party; refunds count as sales.
func sums(k *testkit.Kit, o *ordering.Order) map[string]int64 {
	k.T.Helper()
	ps, err := payment.Postings(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	out := map[string]int64{}
	for _, p := range ps {
		for _, l := range p.Lines {
			if l.Account == payment.Refunds {
				l.Account = payment.Sales
			}
			out[string(l.Account)+" "+string(l.Party)] += l.Minor
		}
	}
	maps.DeleteFunc(out, func(_ string, n int64) bool { return n == 0 })
	return out
}

func papersOf(k *testkit.Kit, o *ordering.Order) []*document.Document {
	k.T.Helper()
	ds, err := document.Of(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	return ds
}

// TestAHandoverIsUndoneAsIfItHadNotBeen: whoever sells, the books are where they were before it, to the cent; its papers
// are taken back by papers; the car can be handed over again, and its buyer can then leave like any other.
func TestAHandoverIsUndoneAsIfItHadNotBeen(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	for i, who := range []string{market.ByDealer, market.ByMaker, market.ByGroup} {
		for j, m := range []string{"gb", "it"} {
			shop := sells(k, shops[j].Market, who)
			o := paidUp(k, shop, fmt.Sprintf("VF1RJA00X8%07d", 10*i+j))
			before := sums(k, o)
			must(k, handOverWith(k, staffOf(o), o, fullHandover(k, o)))
			k.Healthy("mail_leaves")
			if maps.Equal(before, sums(k, o)) {
				t.Fatal("a handover left no trace in the books")
			}
			k.Clock.Advance(9 * time.Minute)
			must(k, undo(k, staffOf(o), o, "slip"))
			o = k.Order(o.ID)
			if o.State != ordering.Ready || !o.HandedOverAt.IsZero() {
				t.Fatalf("%s by %s: %s, handed over %v", m, who, o.State, o.HandedOverAt)
			}
			if after := sums(k, o); !maps.Equal(before, after) {
				t.Errorf("%s by %s: the books were %v and are %v", m, who, before, after)
			}
			e, err := allocation.LiveOf(k.DB.Read(t.Context()), o.ID)
			if err != nil || e == nil || e.State != allocation.Accepted {
				t.Errorf("the queue entry after it: %+v, %v", e, err)
			}
			mk, _ := k.World.Now().Market(o.Market)
			if c := sale.ClocksOf(o, mk); c != (sale.Clocks{}) {
				t.Errorf("clocks run: %+v", c)
			}
			undonePapers(t, k, o)
			k.Healthy("mail_leaves")
			// Again, and this time it stays.
			must(k, handOverWith(k, staffOf(o), o, fullHandover(k, o)))
			k.Healthy("mail_leaves")
			k.Clock.Advance(time.Hour)
			must(k, withdraw(k, o))
			must(k, takeBack(k, o, sale.TakeBack{OdometerKm: 20}))
			landed(k, o)
			k.Healthy("mail_leaves")
			if n := len(papersOf(k, o)); n != 8 {
				t.Errorf("%d papers: confirmation, two invoices with two notes, three records should be eight", n)
			}
		}
	}
}

// undonePapers looks at what an undone handover leaves: an invoice and its credit note over all of it, a record and the
// one that takes it back.
func undonePapers(t *testing.T, k *testkit.Kit, o *ordering.Order) {
	t.Helper()
	by := map[document.Kind][]*document.Document{}
	for _, d := range papersOf(k, o) {
		by[d.Kind] = append(by[d.Kind], d)
	}
	inv, note, rec := by[document.Invoice], by[document.CreditNote], by[document.Handover]
	if len(inv) != 1 || len(note) != 1 || len(rec) != 2 {
		t.Fatalf("papers: %d invoices, %d credit notes, %d records", len(inv), len(note), len(rec))
	}
	if note[0].Refers != inv[0].ID || note[0].Total != inv[0].Total || note[0].Content.Reason != "undone" {
		t.Errorf("the credit note: %+v", note[0].Content)
	}
	if r := rec[1].Content; r.Refers == nil || r.Refers.Number != rec[0].Number || r.Given.Undone == nil || r.Given.Clocks != nil {
		t.Errorf("the record that takes the first one back: %+v", r)
	}
	g := rec[0].Content.Given
	if g.Keys != 2 || !slices.Equal(g.Papers, []string{"registration", "service"}) || !slices.Equal(g.Faults, []string{"Scratch on the left mirror"}) || len(g.Photos) != 1 ||
		g.Dealer == nil || g.Dealer.How != "pickup_code" || g.Buyer != nil || g.Clocks == nil || g.Clocks.Withdraw == "" || g.Clocks.Maker == "" {
		t.Errorf("the record: %+v", g)
	}
}

// TestWhatRestsOnAHandoverKeepsIt: time, a withdrawal, money, another dealer and a missing reason refuse the undo, and
// nothing is half undone.
func TestWhatRestsOnAHandoverKeepsIt(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		then  func(k *testkit.Kit, o *ordering.Order)
		staff func(o *ordering.Order) sale.Staff
		why   string
		want  error
		state ordering.State
	}{
		"ten minutes":    {then: func(k *testkit.Kit, _ *ordering.Order) { k.Clock.Advance(sale.UndoFor + time.Second) }, want: sale.ErrUndoLate},
		"withdrawn":      {then: func(k *testkit.Kit, o *ordering.Order) { must(k, withdraw(k, o)) }, want: sale.ErrUndoLeft, state: ordering.Returning},
		"money":          {then: func(k *testkit.Kit, o *ordering.Order) { desk(k, o, 500) }, want: sale.ErrUndoMoney},
		"another dealer": {staff: func(*ordering.Order) sale.Staff { return londonStaff }, want: ordering.ErrNoOrder},
		"no reason":      {why: "because", want: sale.ErrUndoReason},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			o := released(k, testkit.Dacia, "VF1RJA00X90000001", 5) // its rest is open, so that money can come
			if c.then != nil {
				c.then(k, o)
			}
			staff, why := staffOf(o), "not_taken"
			if c.staff != nil {
				staff = c.staff(o)
			}
			if c.why != "" {
				why = c.why
			}
			books := sums(k, o)
			if err := undo(k, staff, o, why); !errors.Is(err, c.want) {
				t.Errorf("undone: %v, not %v", err, c.want)
			}
			want := ordering.HandedOver
			if c.state != "" {
				want = c.state
			}
			if got := state(k, o.ID); got != want || !maps.Equal(books, sums(k, o)) {
				t.Errorf("the order is %s, its books moved: %t", got, !maps.Equal(books, sums(k, o)))
			}
			k.Healthy("mail_leaves")
		})
	}
}

// A rest that was let open stays open by the same word when the handover is undone and made again.
func TestAnUndoneHandoverKeepsTheDealersWord(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := released(k, testkit.Dacia, "VF1RJA00X90000002", 5)
	must(k, undo(k, staffOf(o), o, "slip"))
	if err := undo(k, staffOf(o), o, "slip"); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("undone twice: %v", err)
	}
	k.Healthy("mail_leaves")
	must(k, handOverAsIs(k, o))
	desk(k, o, owed(k, o))
	k.Healthy("mail_leaves")
	var mails []string
	must(k, k.DB.Read(t.Context()).Raw(`SELECT template || seq FROM mails WHERE order_id = ? AND template LIKE 'hand%' ORDER BY 1`, o.ID).Scan(&mails).Error)
	if got := strings.Join(mails, " "); got != "handed_over0 handed_over1 handover_undone1" {
		t.Errorf("letters: %s", got)
	}
}

// The slot and the car of the stock are the buyer's again.
func TestAnUndoneHandoverKeepsSlotAndCar(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := paidUp(k, testkit.Dacia, "VF1RJA00X90000003")
	d, _ := k.World.Now().Dealer(o.Dealer)
	mk, _ := k.World.Now().Market(o.Market)
	slot := d.Slots(mk, k.Clock.Now(), nil, false)[0]
	must(k, act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.BookTx(ctx, tx, o.ID, slot.StartsAt) }))
	must(k, handOverAsIs(k, o))
	must(k, undo(k, staffOf(o), o, "slip"))
	taken, err := network.Taken(k.DB.Read(t.Context()), o.Dealer, k.Clock.Now())
	must(k, err)
	whole, err := sale.WholeOf(k.DB.Read(t.Context()), o.ID)
	must(k, err)
	if whole.Appointment == nil || taken[slot.StartsAt] != 1<<whole.Appointment.Bay || !whole.Appointment.StartsAt.Equal(slot.StartsAt) || whole.Handover != nil {
		t.Errorf("taken %v, appointment %+v, handover %+v", taken, whole.Appointment, whole.Handover)
	}
	k.Healthy("mail_leaves")
}

// TestBothSidesConfirm: the buyer's word needs the dealer's code, counts once, and a new record names it; on paper it is
// the dealer's note.
func TestBothSidesConfirm(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := paidUp(k, testkit.Dacia, "VF1RJA00X90000004")
	if err := confirmAs(k, o, "ABCDEF"); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("confirmed before the handover: %v", err)
	}
	must(k, handOverWith(k, staffOf(o), o, fullHandover(k, o)))
	h, err := allocation.HandoverOf(k.DB.Read(t.Context()), o.ID)
	must(k, err)
	if h.Code == o.PickupCode || len(h.Code) != 6 || h.Confirmed != "" || len(h.Photos) != 1 {
		t.Fatalf("the handover: %+v", h)
	}
	if err := confirmAs(k, o, o.PickupCode); !errors.Is(err, sale.ErrDealerCode) {
		t.Errorf("confirmed with the buyer's own code: %v", err)
	}
	k.Clock.Advance(time.Minute)
	must(k, confirmAs(k, o, strings.ToLower(h.Code[:3])+" "+h.Code[3:]))
	for _, again := range []error{confirmAs(k, o, h.Code), act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.SignedTx(ctx, tx, staffOf(o), o.Number) })} {
		if !errors.Is(again, allocation.ErrConfirmed) {
			t.Errorf("confirmed again: %v", again)
		}
	}
	rec, err := document.Latest(k.DB.Read(t.Context()), o.ID, document.Handover)
	must(k, err)
	if b := rec.Content.Given.Buyer; rec.Edition != 2 || b == nil || b.How != allocation.ByCode || !b.At.Equal(k.Clock.Now()) {
		t.Errorf("the record of both sides: %+v", rec.Content.Given)
	}
	k.Healthy("mail_leaves")

	p := paidUp(k, testkit.Dacia, "VF1RJA00X90000005")
	signed := fullHandover(k, p)
	signed.OnPaper = true
	must(k, handOverWith(k, staffOf(p), p, signed))
	if rec, err = document.Latest(k.DB.Read(t.Context()), p.ID, document.Handover); err != nil || rec.Content.Given.Buyer == nil || rec.Content.Given.Buyer.How != allocation.OnPaper {
		t.Errorf("signed on paper: %+v, %v", rec, err)
	}
	k.Healthy("mail_leaves")
}

// TestADraftIsSentOnceByItsOwner: forged, stranger's, other order's, old, used and outlived drafts hand nothing over.
func TestADraftIsSentOnceByItsOwner(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o, other := paidUp(k, testkit.Dacia, "VF1RJA00X90000006"), paidUp(k, testkit.Dacia, "VF1RJA00X90000007")
	colleague := staffOf(o)
	colleague.User = "0198a000-0000-7000-8000-000000000009"
	good := k.NewCar.HandoverDraft(staffOf(o), o.ID)
	forged := good[:len(good)-2] + "AA"
	if forged == good {
		forged = good[:len(good)-2] + "BB"
	}
	for name, draft := range map[string]string{"forged": forged, "of a colleague": k.NewCar.HandoverDraft(colleague, o.ID), "of another order": k.NewCar.HandoverDraft(staffOf(o), other.ID),
		"no draft": "abc", "three parts": "1.2.3", "with more in front": "0" + good} {
		h := fullHandover(k, o)
		if h.Draft = draft; !errors.Is(handOverWith(k, staffOf(o), o, h), sale.ErrDraft) || state(k, o.ID) != ordering.Ready {
			t.Errorf("a draft that is %s was taken", name)
		}
	}
	k.Clock.Advance(sale.DraftFor + time.Second)
	h := fullHandover(k, o)
	if h.Draft = good; !errors.Is(handOverWith(k, staffOf(o), o, h), sale.ErrDraft) {
		t.Error("a draft of yesterday was taken")
	}
	waits := fullHandover(k, o) // in another tab, without a connection
	h = fullHandover(k, o)
	k.Clock.Advance(time.Minute)
	must(k, handOverWith(k, staffOf(o), o, h))
	k.Clock.Advance(time.Minute)
	must(k, undo(k, staffOf(o), o, "slip"))
	k.Clock.Advance(time.Second)
	for name, late := range map[string]sale.HandOver{"sent before": h, "begun before the undo": waits} {
		if err := handOverWith(k, staffOf(o), o, late); !errors.Is(err, sale.ErrDraft) && !errors.Is(err, allocation.ErrDraftTaken) || state(k, o.ID) != ordering.Ready {
			t.Errorf("a draft %s: %v", name, err)
		}
	}
	must(k, handOverWith(k, staffOf(o), o, fullHandover(k, o)))
	k.Healthy("mail_leaves")
}

// What a handover writes down has bounds.
func TestAHandoverRefusesWhatItCanNotRecord(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := paidUp(k, testkit.Dacia, "VF1RJA00X90000008")
	cases := map[error]func(h *sale.HandOver){
		sale.ErrKeys:   func(h *sale.HandOver) { h.Keys = 10 },
		sale.ErrGiven:  func(h *sale.HandOver) { h.Papers = []string{"banknotes"} },
		sale.ErrFaults: func(h *sale.HandOver) { h.Faults = []string{strings.Repeat("ö", allocation.LongestFault+1)} },
		sale.ErrPhotos: func(h *sale.HandOver) { h.Photos = make([]photo.Photo, allocation.MostHandPhotos+1) },
		sale.ErrChecks: func(h *sale.HandOver) { h.Checks = h.Checks[1:] },
	}
	for want, spoil := range cases {
		h := fullHandover(k, o)
		h.Checks = slices.Clone(h.Checks)
		spoil(&h)
		if err := handOverWith(k, staffOf(o), o, h); !errors.Is(err, want) || state(k, o.ID) != ordering.Ready {
			t.Errorf("%v, not %v", err, want)
		}
	}
	k.Healthy("mail_leaves")
}
