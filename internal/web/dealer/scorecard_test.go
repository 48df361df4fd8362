package dealer_test

import (
	"context"
	"errors"
	"html"
	"strings"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
)

// card reads the scorecard of a site, as the page does.
func (b *bench) card(d id.Dealer) allocation.Scorecard {
	b.Helper()
	x, _ := b.world.Dealer(d)
	mk, _ := b.world.Market(x.Market)
	now := b.db.Clock.Now()
	cards, err := allocation.ScorecardsOf(b.db.Read(b.Context()), allocation.CardAsk{Sites: []allocation.CardSite{{Dealer: x, Market: mk}}, Flow: id.FlowNew, Since: now.AddDate(0, 0, -allocation.RecordDays), Now: now})
	b.must(err)
	return cards[0]
}

// TestTheScorecardShowsWhatTheStrategyDrawsBy: answers, promises, declines and buyers of a site, from its own orders, equal
// to what the draw by record looks at.
func TestTheScorecardShowsWhatTheStrategyDrawsBy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, watch := b.staffOf(leeds), b.db.Clock.(*clock.Manual)
	who := sale.Staff{User: s.user, Dealer: leeds}
	sold, silent := b.offer(leeds), b.offer(leeds)
	var declined []*ordering.Order
	for range allocation.RepeatedFrom {
		o := b.offer(leeds, london)
		b.tx(func(ctx context.Context, tx *db.Tx) error { return b.cars.DeclineTx(ctx, tx, who, o.Number, "staff") })
		declined = append(declined, o)
	}
	watch.Advance(time.Hour)
	b.walk(sold, s, ordering.Ready)
	b.payAll(sold, s)
	b.book(sold, 0)
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		return b.cars.HandOverTx(ctx, tx, who, sold.Number, sale.HandOver{Code: sold.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 5})
	})
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		return b.cars.RateTx(ctx, tx, sold.ID, 4, "Marmalade words")
	})
	watch.Advance(4 * 24 * time.Hour)
	b.must(b.cars.Sweep(t.Context())) // the silent one is let pass

	got := b.card(leeds)
	cs := []allocation.Candidate{{Dealer: leeds}}
	b.must(allocation.FillFigures(b.db.Read(t.Context()), id.FlowNew, cs, b.db.Clock.Now()))
	if want := (allocation.Answers{Answered: cs[0].Answered, Accepted: cs[0].Accepted, Silent: cs[0].Silent}); got.Answers != want || got.Weight() != cs[0].Weight() {
		t.Errorf("the card says %+v, the strategy %+v", got.Answers, want)
	}
	if got.Answered != 4 || got.Accepted != 1 || got.Silent != 1 || got.Promised != 2 || got.Kept != 2 || got.Stars != [5]int{0, 0, 0, 1, 0} || got.ScoreTenths() != 40 {
		t.Errorf("the card: %+v", got)
	}
	if got.Median != 0 || got.Timed != 4 { // three of four answered at once
		t.Errorf("the median is %s of %d", got.Median, got.Timed)
	}

	page := html.UnescapeString(s.get("/dealer/scorecard").body)
	for _, want := range []string{"80% in time", "4 of 5", "1 of 5", "2 of 2", "3 of 5", "repeated", "4.0 of 5, 1 rating", "1 of 5 accepted"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for figure, want := range map[string][]string{
		"answer":                {sold.Number, silent.Number, declined[0].Number, "let pass", "after 1 h 00 min"},
		"declines&reason=staff": {declined[0].Number, declined[2].Number, "Not enough staff"},
		"keep":                  {sold.Number, "Car ready by", "Handover booked"},
		"buyers":                {sold.Number, "4 of 5", "Marmalade words"},
	} {
		a := s.get("/dealer/scorecard?figure=" + figure)
		for _, x := range want {
			if a.status != 200 || !strings.Contains(html.UnescapeString(a.body), x) {
				t.Errorf("%s, %d: no %q", figure, a.status, x)
			}
		}
	}
	if a := s.get("/dealer/scorecard?figure=declines&reason=closing"); strings.Contains(a.body, declined[0].Number) {
		t.Error("a case of another reason is listed")
	}
	if a := s.get("/dealer/scorecard?figure=answer"); strings.Contains(a.body, "/dealer/orders/"+declined[0].Number) {
		t.Error("an order that is another dealer's by now is linked")
	}
	for _, path := range []string{"?days=91", "?days=x", "?figure=money", "?figure=keep&reason=staff", "?figure=declines&reason=zzz"} {
		if a := s.get("/dealer/scorecard" + path); a.status != 404 {
			t.Errorf("%s answers %d", path, a.status)
		}
	}
	other := b.staffOf(london)
	for _, figure := range allocation.CardFigures {
		if a := other.get("/dealer/scorecard?figure=" + string(figure)); a.status != 200 || strings.Contains(a.body, sold.Number) || strings.Contains(a.body, silent.Number) {
			t.Errorf("another dealer's %s: %d", figure, a.status)
		}
	}
	if missing := b.words.Missing(); len(missing) > 0 {
		t.Errorf("words that are missing: %v", missing)
	}
}

func TestAMedianIsOfOpeningHours(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, watch := b.staffOf(leeds), b.db.Clock.(*clock.Manual)
	watch.Advance(6 * time.Hour)
	o := b.offer(leeds)
	d, _ := b.world.Dealer(leeds)
	mk, _ := b.world.Market("gb")
	at := d.AddOpenTime(mk, b.db.Clock.Now(), 7*time.Hour) // into the next day
	night := at.Sub(b.db.Clock.Now()) > 12*time.Hour
	watch.Set(at)
	b.walk(o, s, ordering.Accepted)
	if got := b.card(leeds).Median; got != 7*time.Hour || !night {
		t.Errorf("seven opening hours over a night (%t) are %s", night, got)
	}
}

func TestABrokenPromiseStandsOnTheCard(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, watch := b.staffOf(leeds), b.db.Clock.(*clock.Manual)
	o := b.offer(leeds)
	b.walk(o, s, ordering.Accepted)
	if got := b.card(leeds); got.Promised != 0 {
		t.Errorf("a promise that has not come counts: %+v", got)
	}
	es, err := allocation.Of(b.db.Read(t.Context()), o.ID)
	b.must(err)
	watch.Set(es[0].ReadyTo.Plus(1).Time(time.UTC).Add(12 * time.Hour))
	if got := b.card(leeds); got.Promised != 1 || got.Kept != 0 {
		t.Errorf("a day after the last: %+v", got)
	}
	if a := s.get("/dealer/scorecard?figure=keep"); !strings.Contains(a.body, "not yet") || !strings.Contains(a.body, o.Number) {
		t.Errorf("the case is not told: %d", a.status)
	}
}

func TestADealerCommentsOnItsOwnCasesOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, other := b.staffOf(leeds), b.staffOf(london)
	o, theirs := b.offer(leeds), b.offer(london)
	const at = "/dealer/scorecard/remarks"
	for name, bad := range map[string][]string{
		"nothing said":           {"figure", "answer", "body", " "},
		"too much":               {"figure", "answer", "body", strings.Repeat("x", allocation.MostRemark+1)},
		"a case of another":      {"figure", "answer", "body", "Why?", "number", theirs.Number},
		"a case that is nowhere": {"figure", "answer", "body", "Why?", "number", "FC-0000-0000"},
	} {
		a := s.post(at, form(bad...))
		if a.status != 422 || !strings.Contains(a.body, `aria-invalid="true"`) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := s.post(at, form("figure", "money", "body", "x")); a.status != 404 {
		t.Errorf("no figure: %d", a.status)
	}
	var n int
	_, err := db.One(b.db.Read(t.Context()), &n, `SELECT count(*) FROM scorecard_remarks`)
	if b.must(err); n != 0 {
		t.Fatalf("%d remarks were kept of what was refused", n)
	}
	f := form("figure", "answer", "days", "28", "body", "The line was down.", "number", o.Number)
	for range 2 { // sent twice, kept once
		if a := s.post(at, f); a.status != 303 || a.to != "/dealer/scorecard?days=28&figure=answer#cases" {
			t.Fatalf("a remark: %d to %s", a.status, a.to)
		}
	}
	if got := strings.Count(s.get("/dealer/scorecard?figure=answer").body, "The line was down."); got != 1 {
		t.Errorf("the remark stands %d times", got)
	}
	if strings.Contains(other.get("/dealer/scorecard?figure=answer").body, "The line was down.") {
		t.Error("another dealer reads it")
	}
	if got := b.card(leeds).Waiting; got != 1 {
		t.Errorf("%d remarks wait", got)
	}
	if a := b.helperOf(leeds, "service").post(at, form("figure", "answer", "body", "I may not")); a.status != 403 {
		t.Errorf("who may not answer orders: %d", a.status)
	}
}

// helperOf is a colleague with another role at the site.
func (b *bench) helperOf(d id.Dealer, role string) *staff {
	b.Helper()
	s := b.staffOf(d)
	b.tx(func(_ context.Context, tx *db.Tx) error {
		return tx.Exec(`UPDATE staff_roles SET role = ? WHERE user_id = ?`, role, s.user).Error
	})
	return s
}

// TestARatingOfAnUndoneHandoverIsVoid: it was about nothing that happened. After the next handover the buyer is asked anew,
// however long ago the void one was given.
func TestARatingOfAnUndoneHandoverIsVoid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, watch := b.staffOf(leeds), b.db.Clock.(*clock.Manual)
	who := sale.Staff{User: s.user, Dealer: leeds}
	o := readyPaid(b, s)
	handOver := func() {
		t.Helper()
		b.tx(func(ctx context.Context, tx *db.Tx) error {
			return b.cars.HandOverTx(ctx, tx, who, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 5})
		})
	}
	rate := func(stars int) error {
		return b.db.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return b.cars.RateTx(ctx, tx, o.ID, stars, "Void words") })
	}
	kept := func() *allocation.Rating {
		t.Helper()
		w, err := sale.WholeOf(b.db.Read(t.Context()), o.ID)
		b.must(err)
		return w.Rating
	}
	seen := func() bool { return strings.Contains(s.get("/dealer/scorecard?figure=buyers").body, "Void words") }
	handOver()
	b.must(rate(1))
	if got := b.card(leeds).Stars; got != [5]int{1, 0, 0, 0, 0} || !seen() || kept() == nil {
		t.Fatalf("before: %v", got)
	}
	watch.Advance(5 * time.Minute)
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		return b.cars.UndoTx(ctx, tx, who, o.Number, "other_order")
	})
	if got := b.card(leeds).Stars; got != [5]int{} || seen() || kept() != nil {
		t.Errorf("undone, and it still counts: %v, %+v", got, kept())
	}
	if err := rate(5); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("rated while undone: %v", err)
	}
	watch.Advance(allocation.RatingOpen + 24*time.Hour)
	handOver()
	if got := b.card(leeds).Stars; got != [5]int{} || kept() != nil {
		t.Errorf("the void one counts again: %v", got)
	}
	b.must(rate(5))
	if got := b.card(leeds).Stars; got != [5]int{0, 0, 0, 0, 1} || kept() == nil || !kept().GivenAt.Equal(b.db.Clock.Now()) {
		t.Errorf("rated anew: %v, %+v", got, kept())
	}
	b.must(rate(4)) // changed as any other
	if got := b.card(leeds).Stars; got != [5]int{0, 0, 0, 1, 0} {
		t.Errorf("changed: %v", got)
	}
}
