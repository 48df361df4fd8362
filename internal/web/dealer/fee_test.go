package dealer_test

import (
	"context"
	"html"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
)

// sold is an order of Leeds whose car was handed over.
func (b *bench) sold(s *staff) *ordering.Order {
	b.Helper()
	o := b.offer(s.dealer)
	b.walk(o, s, ordering.Ready)
	b.payAll(o, s)
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		return b.cars.HandOverTx(ctx, tx, sale.Staff{User: s.user, Dealer: s.dealer}, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 5})
	})
	return b.order(o.ID)
}

// owedFor is what the journal says the dealer is owed for handing a car over.
func (b *bench) owedFor(o *ordering.Order) int64 {
	b.Helper()
	all, err := payment.Postings(b.db.Read(b.Context()), o.ID)
	b.must(err)
	var owed, spent int64
	for _, p := range all {
		for _, l := range p.Lines {
			switch l.Account {
			case payment.CommissionPayable:
				owed -= l.Minor
			case payment.CommissionSpent:
				spent += l.Minor
			}
		}
	}
	if owed != spent {
		b.Errorf("the dealer is owed %d, the maker spent %d", owed, spent)
	}
	return owed
}

func TestADealerObjectsToAFeeAndTheLedgerFollowsTheVerdict(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, other := b.staffOf(leeds), b.staffOf(london)
	open := b.offer(leeds)
	if a := s.get("/dealer/orders/" + open.Number); !strings.Contains(a.body, "gb-fee-2026-1") || strings.Contains(a.body, "/dealer/fees/") {
		t.Error("an offer does not say what it brings, or leads to a fee that is not owed yet")
	}
	o, stays := b.sold(s), b.sold(s)
	at := "/dealer/fees/" + o.Number
	if o.Snapshot.FeeRule != "gb-fee-2026-1" || b.owedFor(o) != b.commission(o) {
		t.Errorf("rule %q, owed %d, want %d", o.Snapshot.FeeRule, b.owedFor(o), b.commission(o))
	}
	page := html.UnescapeString(s.get(at).body)
	for _, want := range []string{"gb-fee-2026-1", b.pounds(b.commission(o)), "the same online and in the showroom"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for name, bad := range map[string]string{"nothing": " ", "too much": strings.Repeat("x", payment.MostObjectionWords+1)} {
		if a := s.post(at, form("words", bad)); a.status != 422 || !strings.Contains(a.body, `id="words-error"`) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a, p := other.get(at), other.post(at, form("words", "mine")); a.status != 404 || p.status != 404 {
		t.Errorf("another dealer: %d, %d", a.status, p.status)
	}
	if a := b.helperOf(leeds, "handover").get(at); a.status != 403 {
		t.Errorf("who sees no money: %d", a.status)
	}
	for _, x := range []*ordering.Order{o, stays} {
		if a := s.post("/dealer/fees/"+x.Number, form("words", "The towbar is missing.")); a.status != 303 {
			t.Fatalf("an objection: %d", a.status)
		}
	}
	office := sale.Office{User: s.user, Markets: []id.Market{"gb"}}
	settle := func(x *ordering.Order, by sale.Office, to payment.ObjectionState, minor int64) (err error) {
		_ = b.db.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			err = b.cars.SettleObjectionTx(ctx, tx, by, x.Number, to, minor, "We looked at it.")
			return err
		})
		return err
	}
	if err := settle(o, sale.Office{User: s.user, Markets: []id.Market{"it"}}, payment.ObjectionCorrected, 1); err == nil {
		t.Error("an office of another market settles")
	}
	if err := settle(o, office, payment.ObjectionCorrected, b.commission(o)); err == nil {
		t.Error("a correction to the same amount")
	}
	if err := settle(o, office, payment.ObjectionCorrected, -1); err == nil {
		t.Error("a correction to less than nothing")
	}
	more := b.commission(o) + 12_345
	b.must(settle(o, office, payment.ObjectionCorrected, more))
	b.must(settle(stays, office, payment.ObjectionStands, 0))
	if b.owedFor(o) != more || b.owedFor(stays) != b.commission(stays) {
		t.Errorf("owed %d and %d", b.owedFor(o), b.owedFor(stays))
	}
	if err := settle(o, office, payment.ObjectionStands, 0); err == nil || b.owedFor(o) != more {
		t.Errorf("settled twice: %v, %d", err, b.owedFor(o))
	}
	if a := s.post(at, form("words", "And yet.")); a.status != 409 {
		t.Errorf("a word after the verdict: %d", a.status)
	}
	statement := html.UnescapeString(s.get("/dealer/statement").body)
	for _, want := range []string{at, "gb-fee-2026-1", b.pounds(more), "corrected", "stands"} {
		if !strings.Contains(statement, want) {
			t.Errorf("the settlement has no %q", want)
		}
	}
	file := s.get("/dealer/statement/csv").body
	if !strings.Contains(file, dotted(more)) || !strings.Contains(file, ",GBP,gb-fee-2026-1,corrected") || !strings.Contains(file, ",GBP,gb-fee-2026-1,stands") {
		t.Errorf("the file: %s", file)
	}
	if missing := b.words.Missing(); len(missing) > 0 {
		t.Errorf("words that are missing: %v", missing)
	}
}

// TestTheFeeIsTheSameOnlineAndInTheShowroom: whatever way the buyer came, and whichever dealer hands the car over, the
// same car at the same price brings the same.
func TestTheFeeIsTheSameOnlineAndInTheShowroom(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := b.offer(leeds)
	mk, _ := b.world.Market("gb")
	want, ok := sale.CommissionDue(mk, o)
	if !ok {
		t.Fatal("no commission")
	}
	for _, contract := range []string{"online", "dealer", ""} {
		for _, d := range []id.Dealer{leeds, london} {
			x := *o
			x.Snapshot.Contract, x.Dealer = contract, d
			if contract == "" {
				x.OriginDealer = d // begun at the desk
			}
			got, ok := sale.CommissionDue(mk, &x)
			if !ok || got.Amount != want.Amount || got.Version != want.Version {
				t.Errorf("%q at %s: %v by %s, want %v by %s", contract, d, got.Amount, got.Version, want.Amount, want.Version)
			}
		}
	}
	x := *o
	x.Snapshot.FeeRule, x.Snapshot.TermsDay = "", "2026-10-31" // an order of before the rule, of an older release
	if got, _ := sale.CommissionDue(mk, &x); got.Version != "gb-fee-2025-1" || got.Amount == want.Amount {
		t.Errorf("by %s: %v", got.Version, got.Amount)
	}
}
