package dealer_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"
	"time"

	"forecourt/internal/insight"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"
)

// figures are a settlement's amounts of one order, counted posting by posting.
type figures struct{ sold, vat, received, desk, deposit, open, held, disputed, fees, commission, before int64 }

func (f figures) owed() int64 { return f.held + f.commission - f.disputed - f.fees }

// count goes through the journal of an order and tells what a month's settlement must say. The seller is the
// dealer in all demo markets.
func (b *bench) count(o *ordering.Order, m insight.Month) (f figures) {
	b.Helper()
	all, err := payment.Postings(b.db.Read(b.Context()), o.ID)
	b.must(err)
	var lies, buyer int64
	sold := false
	for _, p := range all {
		if !p.At.Before(m.Next) {
			continue
		}
		inside := !p.At.Before(m.First)
		var owed int64
		for _, l := range p.Lines {
			lost := sold && l.Account == payment.CardBank && (p.Kind == payment.KindDispute || p.Kind == payment.KindDisputeWon)
			switch {
			case l.Account == payment.DealerPayable, l.Account == payment.Fees, l.Account == payment.CommissionPayable:
				owed -= l.Minor
			case lost:
				owed += l.Minor
			}
			if (l.Account == payment.CardBank || l.Account == payment.Bank) && p.Kind != payment.KindFee {
				lies += l.Minor
			}
			if l.Account == payment.Buyer {
				buyer += l.Minor
			}
			if inside {
				f.add(p.Kind, l, lost)
			}
		}
		if !inside {
			f.before += owed
		}
		sold = sold || p.Kind == payment.KindHandover
	}
	f.deposit = min(lies, max(-buyer, 0))
	f.open = max(buyer, 0)
	return f
}

func (f *figures) add(k payment.Kind, l payment.Line, lost bool) {
	switch {
	case l.Account == payment.Sales, l.Account == payment.Refunds:
		f.sold -= l.Minor
	case l.Account == payment.VATPayable:
		f.sold, f.vat = f.sold-l.Minor, f.vat-l.Minor
	case l.Account == payment.DealerPayable:
		f.held -= l.Minor
	case l.Account == payment.CommissionPayable:
		f.commission -= l.Minor
	case l.Account == payment.Fees:
		f.fees += l.Minor
	case l.Account == payment.Desk:
		f.desk += l.Minor
	case lost:
		f.disputed -= l.Minor
	case l.Account == payment.CardBank && (k == payment.KindCapture || k == payment.KindRefund):
		f.received += l.Minor
	}
}

// season makes two months of orders at Leeds: one sold at once, one in the second month, one that left, one
// that waits with its deposit, and one of another dealer.
func (b *bench) season(s *staff) (mine []*ordering.Order, other *ordering.Order) {
	b.Helper()
	watch := b.db.Clock.(*clock.Manual)
	sell := func(o *ordering.Order) {
		b.walk(o, s, ordering.Ready)
		b.payAll(o, s)
		b.tx(func(ctx context.Context, tx *db.Tx) error {
			return b.cars.HandOverTx(ctx, tx, sale.Staff{User: s.user, Dealer: leeds}, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 5})
		})
	}
	now, later, left, waits := b.offer(leeds), b.offer(leeds), b.offer(leeds), b.offer(leeds)
	other = b.offer(london)
	sell(now)
	b.walk(later, s, ordering.Accepted)
	b.walk(waits, s, ordering.Accepted)
	b.walk(left, s, ordering.Accepted)
	b.tx(func(ctx context.Context, tx *db.Tx) error { return b.cars.CancelTx(ctx, tx, left.ID) })
	b.settle(left)
	b.post(now, func(tx *db.Tx, p *payment.Payment) error {
		return payment.PostFeeTx(tx, now.ID, p, sale.SellerOf(now), money.Of(170, now.Currency), "txn_1")
	})
	b.post(later, func(tx *db.Tx, p *payment.Payment) error { // before the sale it is not the dealer's yet
		return payment.PostPartTx(tx, later.ID, p, payment.KindDispute, money.Of(3_000, now.Currency), "dp_1")
	})
	watch.Set(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) // the month's first instant
	b.post(later, func(tx *db.Tx, p *payment.Payment) error {
		return payment.PostPartTx(tx, later.ID, p, payment.KindDisputeWon, money.Of(3_000, now.Currency), "dp_1")
	})
	sell(later)
	b.post(now, func(tx *db.Tx, p *payment.Payment) error {
		if err := payment.PostPartTx(tx, now.ID, p, payment.KindDispute, money.Of(5_000, now.Currency), "dp_2"); err != nil {
			return err
		}
		return payment.PostFeeTx(tx, now.ID, p, sale.SellerOf(now), money.Of(1_500, now.Currency), "txn_2")
	})
	return []*ordering.Order{now, later, left, waits}, other
}

// post writes to the deposit of an order.
func (b *bench) post(o *ordering.Order, fn func(*db.Tx, *payment.Payment) error) {
	b.Helper()
	b.tx(func(_ context.Context, tx *db.Tx) error {
		ps, err := payment.Of(tx.DB, o.ID)
		if err != nil {
			return err
		}
		return fn(tx, ps[0])
	})
}

func dotted(minor int64) string { return fmt.Sprintf("%.2f", float64(minor)/100) }

func TestPageFileAndPaperSayWhatTheLedgerSays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	orders, other := b.season(s)
	mk, _ := b.world.Market("gb")
	owed := map[string]int64{}
	for _, code := range []string{"2026-11", "2026-12"} {
		month, _ := insight.ParseMonth(code, mk.Zone())
		page := html.UnescapeString(s.get("/dealer/statement?month=" + code).body)
		rows, err := csv.NewReader(strings.NewReader(s.get("/dealer/statement/csv?month=" + code).body)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if a := s.get("/dealer/statement/pdf?month=" + code); a.status != 200 || !strings.HasPrefix(a.body, "%PDF-") {
			t.Errorf("%s: the paper is %.20q", code, a.body)
		}
		paper := b.paper(month)
		var sum figures
		for _, o := range orders {
			f := b.count(o, month)
			sum.before += f.before
			cells := []int64{f.sold, f.vat, f.received, f.desk, f.deposit, f.open, f.held, f.disputed, f.fees, f.commission, 0, f.owed()}
			sum.sold, sum.vat, sum.received, sum.desk, sum.deposit = sum.sold+f.sold, sum.vat+f.vat, sum.received+f.received, sum.desk+f.desk, sum.deposit+f.deposit
			sum.open += f.open
			sum.held, sum.disputed, sum.fees, sum.commission = sum.held+f.held, sum.disputed+f.disputed, sum.fees+f.fees, sum.commission+f.commission
			moved := slices.ContainsFunc(cells, func(n int64) bool { return n != 0 })
			b.agree(code, o.Number, moved, cells, page, rows, paper)
		}
		b.agree(code, "Total", true, []int64{sum.sold, sum.vat, sum.received, sum.desk, sum.deposit, sum.open, sum.held, sum.disputed, sum.fees, sum.commission, 0, sum.owed()}, page, rows, paper)
		owed[code] = sum.before + sum.owed()
		for head, n := range map[string]int64{"Owed before": sum.before, "Owed at the end": sum.before + sum.owed()} {
			if !strings.Contains(page, "<dt>"+head+"</dt><dd><strong>"+b.pounds(n)+"<") {
				t.Errorf("%s: the page has not %s %s", code, head, b.pounds(n))
			}
			if i := slices.IndexFunc(rows, func(r []string) bool { return r[0] == head }); i < 0 || rows[i][14] != dotted(n) {
				t.Errorf("%s: the file has not %s %s", code, head, dotted(n))
			}
		}
		if strings.Contains(page, other.Number) {
			t.Errorf("%s: another dealer's order is in it", code)
		}
	}
	deposit, paid := orders[0].DepositMinor, b.commission(orders[0])
	if want := deposit - 170 + paid; owed["2026-11"] != want {
		t.Errorf("at the end of November %d are owed, want %d", owed["2026-11"], want)
	}
	if want := 2*deposit - 170 - 1_500 - 5_000 + paid + b.commission(orders[1]); owed["2026-12"] != want {
		t.Errorf("at the end of December %d are owed, want %d", owed["2026-12"], want)
	}
}

// commission is what an order brings by its market's rule, reckoned here by hand: a fixed sum and two hundredths of the
// car's price without VAT.
func (b *bench) commission(o *ordering.Order) int64 {
	var gross int64
	for _, l := range o.Snapshot.Lines {
		if l.Kind != "fee" {
			gross += l.Amount.Minor
		}
	}
	net := gross - money.Of(gross, o.Currency).VATInGross(o.Snapshot.Quote.VATRateBP).Minor
	return 30_000 + (net*2+50)/100
}

// paper is the paper's tables, cell by cell, by the order's number.
func (b *bench) paper(m insight.Month) map[string][]string {
	b.Helper()
	f, err := insight.StatementOf(b.db.Read(b.Context()), leeds, "GBP", m)
	b.must(err)
	out := map[string][]string{}
	for _, p := range web.NewStatement(web.Base{P: b.words.Printer("en-GB")}, web.StatementDealer{Code: leeds}, f).Parts() {
		for _, r := range p.Rows {
			for i, c := range r.Cells {
				if p.Cols[i].Right {
					out[r.Cells[0]] = append(out[r.Cells[0]], c)
				}
			}
		}
	}
	return out
}

// settled are the amounts of a settlement, in the order of the file and the paper.
var settled = []string{"sold", "vat", "received", "desk", "deposit", "open", "held", "disputed", "fees", "commission", "goodwill", "owed"}

// agree looks for one row in all three forms, or in none.
func (b *bench) agree(month, row string, there bool, cells []int64, page string, file [][]string, paper map[string][]string) {
	b.Helper()
	i := slices.IndexFunc(file, func(r []string) bool { return r[0] == row })
	if onPage := strings.Contains(page, ">"+row+"<"); onPage != there || (i >= 0) != there || (paper[row] != nil) != there {
		b.Errorf("%s, %s: on the page %t, in the file %t, on the paper %t, want %t", month, row, onPage, i >= 0, paper[row] != nil, there)
		return
	}
	if !there {
		return
	}
	_, rest, _ := strings.Cut(page, ">"+row+"<")
	rest, _, _ = strings.Cut(rest, "</tr>")
	for n, minor := range cells {
		head := b.words.Printer("en-GB").T("statement." + settled[n])
		_, after, found := strings.Cut(rest, `<td class="num" data-label="`+head+`">`)
		text, _, _ := strings.Cut(strings.TrimPrefix(after, "<span>"), "<")
		want := b.pounds(minor)
		if minor == 0 && row != "Total" { // so that what is something stands out
			want = "–"
		}
		if !found && minor == 0 && row != "Total" || !found && !strings.Contains(page, `data-label="`+head+`">`) && minor == 0 {
			text = want // a column in which there is nothing is not on the page
		}
		at := n
		if settled[n] == "goodwill" { // nobody gave any: the paper has no such column
			continue
		} else if settled[n] == "owed" {
			at--
		}
		if text != want || paper[row][at] != want {
			b.Errorf("%s, %s: %s is %q on the page and %q on paper, want %q", month, row, head, text, paper[row][at], want)
		}
		if file[i][3+n] != dotted(minor) {
			b.Errorf("%s, %s: amount %d is %s in the file, want %s", month, row, n, file[i][3+n], dotted(minor))
		}
	}
}

func TestASettlementAnswersForItsOwnMonthsOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	if a := s.get("/dealer/statement"); a.status != 200 || !strings.Contains(a.body, "No money moved in this month.") || !strings.Contains(a.body, "nobody owes anything") {
		t.Errorf("a dealer without orders: %d", a.status)
	}
	o := b.offer(leeds)
	b.walk(o, s, ordering.Accepted)
	for path, want := range map[string]int{"?month=2026-11": 200, "?month=2026-10": 404, "?month=2026-12": 404, "?month=2026-13": 404, "?month=x": 404, "/pdf": 200, "/csv": 200, "/xml": 404} {
		if a := s.get("/dealer/statement" + path); a.status != want {
			t.Errorf("%s answers %d, want %d", path, a.status, want)
		}
	}
	if a := b.staffOf(london).get("/dealer/statement"); strings.Contains(a.body, o.Number) {
		t.Error("another dealer reads the order")
	}
}

// TestEarlierMonthsAreLinks: whoever opens the settlement sees the months before it, and each is one click away.
func TestEarlierMonthsAreLinks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, watch := b.staffOf(leeds), b.db.Clock.(*clock.Manual)
	o := b.sold(s)
	if a := s.get("/dealer/statement"); a.status != 200 || !strings.Contains(a.body, "no earlier months") || strings.Contains(a.body, `class="chip"`) {
		t.Fatalf("the first month: %d", a.status)
	}
	watch.Advance(70 * 24 * time.Hour) // from the end of November to the beginning of February
	now := s.get("/dealer/statement")
	for _, want := range []string{`href="/dealer/statement?month=2026-11"`, `href="/dealer/statement?month=2026-12"`, `href="/dealer/statement?month=2027-01"`, `href="/dealer/statement?month=2027-02" aria-current="page"`} {
		if !strings.Contains(now.body, want) {
			t.Errorf("no %s", want)
		}
	}
	if a := s.get("/dealer/statement?month=2026-11"); a.status != 200 || !strings.Contains(a.body, o.Number) || !strings.Contains(a.body, `month=2026-11" aria-current="page"`) {
		t.Errorf("an earlier month: %d", a.status)
	}
	watch.Advance(300 * 24 * time.Hour)
	if a := s.get("/dealer/statement?month=2026-11"); strings.Count(a.body, `class="chip"`) != 7 || !strings.Contains(a.body, `month=2026-11" aria-current="page"`) || !strings.Contains(a.body, `<option value="2026-12"`) {
		t.Error("a month long ago is no link beside the latest six, or the list lacks the others")
	}
}
