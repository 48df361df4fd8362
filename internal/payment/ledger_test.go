package payment_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"

	"pgregory.net/rapid"
)

var errUndo = errors.New("undone on purpose")

// sheet is what the ledger says of one order, and what a model says it must.
type sheet map[payment.Account]int64

// model is an order's money told in a few words: what each payment took and gave back, and whose the car is.
type model struct {
	took, gave                     [4]int64
	reserved                       [4]bool
	released                       [4]bool
	disputed                       map[string]int64 // open disputes of payment 0, by reference
	ended                          map[string]bool
	refs                           map[string]bool
	sold, credited                 bool
	total, vat, soldHeld, soldDesk int64
	kept, keptVAT, keptHeld        int64
	interest, fees                 int64
	maker                          bool
}

// The payments of the test: two by card, one at the desk, one by transfer.
var places = [4]payment.Account{payment.CardBank, payment.CardBank, payment.Desk, payment.Bank}

func (m *model) at(acc payment.Account) (n int64) {
	for i, p := range places {
		if p == acc {
			n += m.took[i] - m.gave[i]
		}
	}
	if acc == payment.CardBank {
		for _, d := range m.disputed {
			n -= d
		}
	}
	return n
}

func (m *model) paid() (n int64) {
	for i := range places {
		n += m.took[i] - m.gave[i]
	}
	return n
}

// sheet writes the model as accounts. It is the chart of accounts told a second time, from the end and not
// from the movements.
func (m *model) sheet() sheet {
	s := sheet{payment.CardBank: m.at(payment.CardBank) - m.fees, payment.Bank: m.at(payment.Bank), payment.Desk: m.at(payment.Desk),
		payment.Fees: m.fees, payment.Interest: m.interest, payment.Buyer: -m.paid() - m.interest + m.kept,
		payment.Sales: m.keptVAT - m.kept, payment.VATPayable: -m.keptVAT}
	for _, d := range m.disputed {
		s[payment.Disputes] += d
	}
	for i := range places {
		if m.reserved[i] && !m.released[i] {
			s[payment.Reserved] += payments[i]
			s[payment.ReservedContra] -= payments[i]
		}
	}
	if m.sold {
		s[payment.Sales] += m.vat - m.total
		if m.credited {
			s[payment.Refunds] = m.total - m.vat
		} else {
			s[payment.Buyer] += m.total
			s[payment.VATPayable] -= m.vat
			m.between(s, m.soldHeld, m.soldDesk)
		}
	}
	m.between(s, m.keptHeld, m.kept-m.keptHeld)
	maps.DeleteFunc(s, func(_ payment.Account, n int64) bool { return n == 0 })
	return s
}

func (m *model) between(s sheet, held, desk int64) {
	if m.maker {
		s[payment.DealerPayable] += desk
		s[payment.Desk] -= desk
		return
	}
	s[payment.DealerPayable] -= held
	s[payment.DealerClaim] += held
}

// payments are the amounts of the four.
var payments = [4]int64{50_000, 300_000, 1_200_000, 450_000}

func read(t *rapid.T, tx *db.Tx, o id.Order) sheet {
	var rows []struct {
		Account payment.Account
		N       int64
	}
	if err := tx.Raw(`SELECT account, sum(amount_minor) AS n FROM ledger_lines WHERE order_id = ? GROUP BY account HAVING sum(amount_minor) <> 0`, o).Scan(&rows).Error; err != nil {
		t.Fatal(err)
	}
	out := sheet{}
	for _, r := range rows {
		out[r.Account] = r.N
	}
	return out
}

// walk is one random life of an order's money.
type walk struct {
	*rapid.T
	tx *db.Tx
	o  *ordering.Order
	ps [4]*payment.Payment
	m  *model
}

func gbp(n int64) money.Money { return money.Of(n, "GBP") }

// try runs a posting that may be refused: a refusal leaves nothing, as the transaction around it would.
func (w *walk) try(post func() error) error {
	w.exec(`SAVEPOINT before`)
	err := post()
	if err != nil {
		w.exec(`ROLLBACK TO SAVEPOINT before`)
	}
	return err
}

func (w *walk) exec(q string) {
	if err := w.tx.Exec(q).Error; err != nil {
		w.Fatal(err)
	}
}

func (w *walk) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

var (
	takes = [4]payment.Kind{payment.KindCapture, payment.KindCapture, payment.KindDesk, payment.KindTransfer}
	gives = [4]payment.Kind{payment.KindRefund, payment.KindRefund, payment.KindDeskReturn, payment.KindTransferReturn}
)

func (w *walk) reserve(i int) {
	w.must(payment.PostTx(w.tx, w.o.ID, w.ps[i], payment.KindAuthorise))
	w.m.reserved[i] = true
}

// release of what was never reserved is none, and does not keep a later reservation from being written.
func (w *walk) release(i int) {
	w.must(payment.PostTx(w.tx, w.o.ID, w.ps[i], payment.KindRelease))
	w.m.released[i] = w.m.reserved[i]
}

func (w *walk) take(i int) {
	w.must(payment.PostTx(w.tx, w.o.ID, w.ps[i], takes[i]))
	if w.m.took[i] == 0 {
		w.m.took[i] = payments[i]
	}
}

func (w *walk) give(i int) {
	n := rapid.Int64Range(-1, payments[i]*5/4).Draw(w.T, "back")
	ref := fmt.Sprint("re_", rapid.IntRange(1, 4).Draw(w.T, "ref"))
	err := w.try(func() error { return payment.PostPartTx(w.tx, w.o.ID, w.ps[i], gives[i], gbp(n), ref) })
	key := fmt.Sprint(i, ref)
	room := w.m.took[i] - w.m.gave[i]
	if i >= 2 {
		room += w.m.interest // paid out with money of ours
	}
	switch {
	case n <= 0:
		w.want(err, payment.ErrNegative)
	case w.m.refs[key]:
		w.must(err)
	case n > room:
		w.want(err, payment.ErrTooMuch)
	default:
		w.must(err)
		w.m.refs[key], w.m.gave[i] = true, w.m.gave[i]+n
	}
}

func (w *walk) want(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("answered %v, want %v", err, want)
	}
}

func (w *walk) cameBack() {
	ref := fmt.Sprint("re_", rapid.IntRange(1, 4).Draw(w.T, "ref"))
	n := rapid.Int64Range(1, max(1, w.m.gave[0])).Draw(w.T, "failed")
	if !w.m.refs["0"+ref] || w.m.refs["f"+ref] || n > w.m.gave[0] {
		return // the bank does not say so
	}
	w.must(payment.PostPartTx(w.tx, w.o.ID, w.ps[0], payment.KindRefundFailed, gbp(n), ref))
	w.m.refs["f"+ref], w.m.gave[0] = true, w.m.gave[0]-n
}

func (w *walk) dispute() {
	ref := fmt.Sprint("dp_", rapid.IntRange(1, 3).Draw(w.T, "ref"))
	if w.m.took[0] == 0 || w.m.ended[ref] {
		return
	}
	if n, open := w.m.disputed[ref]; open {
		won := rapid.Bool().Draw(w.T, "won")
		kind := payment.KindDisputeLost
		if won {
			kind = payment.KindDisputeWon
		}
		err := w.try(func() error { return payment.PostPartTx(w.tx, w.o.ID, w.ps[0], kind, gbp(n), ref) })
		if !won && n > w.m.took[0]-w.m.gave[0] {
			w.want(err, payment.ErrTooMuch)
			return
		}
		w.must(err)
		delete(w.m.disputed, ref)
		w.m.ended[ref] = true
		if !won {
			w.m.gave[0] += n
		}
		return
	}
	n := rapid.Int64Range(1, payments[0]).Draw(w.T, "disputed")
	w.must(payment.PostPartTx(w.tx, w.o.ID, w.ps[0], payment.KindDispute, gbp(n), ref))
	w.m.disputed[ref] = n
}

func (w *walk) fee() {
	ref := fmt.Sprint("txn_", rapid.IntRange(1, 3).Draw(w.T, "ref"))
	n := rapid.Int64Range(1, 900).Draw(w.T, "fee")
	w.must(payment.PostFeeTx(w.tx, w.o.ID, w.ps[0], sale.SellerOf(w.o), gbp(n), ref))
	if !w.m.refs[ref] {
		w.m.refs[ref], w.m.fees = true, w.m.fees+n
	}
}

func (w *walk) handOver() {
	s := sale.SaleOf(w.o)
	w.must(payment.PostHandoverTx(w.tx, w.o.ID, s, ""))
	if !w.m.sold {
		w.m.sold, w.m.total, w.m.vat = true, s.Total.Minor, s.VAT.Minor
		w.m.soldHeld, w.m.soldDesk = w.m.at(payment.CardBank)+w.m.at(payment.Bank), w.m.at(payment.Desk)
	}
}

// takeLate takes a payment after the handover, with the claim that follows from it, twice.
func (w *walk) takeLate(i int) {
	if !w.m.sold || w.m.credited || w.m.took[i] != 0 {
		w.Skip()
	}
	w.take(i)
	for range 2 {
		w.must(payment.PostClaimTx(w.tx, w.o.ID, w.ps[i], sale.SaleOf(w.o)))
	}
	if places[i] == payment.Desk {
		w.m.soldDesk += payments[i]
	} else {
		w.m.soldHeld += payments[i]
	}
}

func (w *walk) withdraw() {
	err := w.try(func() error { return payment.PostCreditTx(w.tx, w.o.ID) })
	if !w.m.sold {
		w.want(err, payment.ErrNotSold)
		return
	}
	w.must(err)
	w.m.credited = true
}

func (w *walk) keep() {
	n := rapid.Int64Range(1, 200_000).Draw(w.T, "kept")
	held := rapid.Int64Range(0, n).Draw(w.T, "held")
	k := payment.Kept{Seller: sale.SellerOf(w.o), Dealer: w.o.Dealer, Amount: gbp(n), VAT: gbp(n).VATInGross(2000), Held: gbp(held)}
	err := w.try(func() error { return payment.PostValueLossTx(w.tx, w.o.ID, k) })
	if !w.m.credited {
		w.want(err, payment.ErrNotSold)
		return
	}
	w.must(err)
	if w.m.kept == 0 {
		w.m.kept, w.m.keptVAT, w.m.keptHeld = n, k.VAT.Minor, held
	}
}

func (w *walk) grow() {
	day := fmt.Sprint("2026-12-0", rapid.IntRange(1, 3).Draw(w.T, "day"))
	n := rapid.Int64Range(1, 20_000).Draw(w.T, "increase")
	w.must(payment.PostInterestTx(w.tx, w.o.ID, sale.SellerOf(w.o), gbp(n), day))
	if !w.m.refs[day] {
		w.m.refs[day], w.m.interest = true, w.m.interest+n
	}
}

func (w *walk) check() {
	if got, want := read(w.T, w.tx, w.o.ID), w.m.sheet(); !maps.Equal(got, want) {
		w.Fatalf("the ledger says %v, the model %v", got, want)
	}
	paid, err := payment.PaidMinor(w.tx.DB, w.o.ID)
	w.must(err)
	buyer, err := payment.BuyerMinor(w.tx.DB, w.o.ID)
	w.must(err)
	if paid != w.m.paid() || buyer != w.m.sheet()[payment.Buyer] {
		w.Fatalf("paid %d and a balance of %d, the model says %d and %d", paid, buyer, w.m.paid(), w.m.sheet()[payment.Buyer])
	}
}

// Any order of events, repeated as often as a bank or a dealer repeats them, leaves every account as a model
// that counts only the outcome.
func TestEveryAccountIsRightAfterAnyEvents(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	placed, _ := k.Place(k.Draft())
	o := k.Order(placed.Order)
	ps := fourPayments(k, o)
	rapid.Check(t, func(r *rapid.T) {
		x := *o
		m := &model{disputed: map[string]int64{}, ended: map[string]bool{}, refs: map[string]bool{}, maker: rapid.Bool().Draw(r, "maker")}
		if m.maker {
			x.Snapshot.Seller = "maker"
		}
		err := k.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
			w := &walk{r, tx, &x, ps, m}
			card, any4 := rapid.IntRange(0, 1), rapid.IntRange(0, 3)
			r.Repeat(map[string]func(*rapid.T){
				"":         func(*rapid.T) { w.check() },
				"reserve":  func(*rapid.T) { w.reserve(card.Draw(r, "card")) },
				"release":  func(*rapid.T) { w.release(card.Draw(r, "card")) },
				"take":     func(*rapid.T) { w.take(any4.Draw(r, "payment")) },
				"late":     func(*rapid.T) { w.takeLate(any4.Draw(r, "payment")) },
				"give":     func(*rapid.T) { w.give(any4.Draw(r, "payment")) },
				"give it":  func(*rapid.T) { w.give(any4.Draw(r, "payment")) },
				"failed":   func(*rapid.T) { w.cameBack() },
				"dispute":  func(*rapid.T) { w.dispute() },
				"fee":      func(*rapid.T) { w.fee() },
				"handover": func(*rapid.T) { w.handOver() },
				"credit":   func(*rapid.T) { w.withdraw() },
				"keep":     func(*rapid.T) { w.keep() },
				"interest": func(*rapid.T) { w.grow() },
			})
			w.exec(`SET CONSTRAINTS ALL IMMEDIATE`) // what a commit would check
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			r.Fatal(err)
		}
	})
}

// fourPayments adds payments to an order whose deposit is open: amounts are what the postings need of them.
func fourPayments(k *testkit.Kit, o *ordering.Order) (out [4]*payment.Payment) {
	k.T.Helper()
	means := [4]payment.Means{payment.ByCard, payment.ByCard, payment.ByDeskCash, payment.ByTransfer}
	for i := range out {
		out[i] = &payment.Payment{ID: id.New[id.Payment](), Order: o.ID, Means: means[i], Amount: gbp(payments[i]), RefundID: fmt.Sprint("re_whole", i)}
		if _, err := k.DB.Pool.Exec(k.T.Context(), `INSERT INTO payments (id, order_id, market, purpose, attempt, means, account, state, currency, amount_minor, intent_id, created_at, updated_at)
			VALUES ($1, $2, $3, 'balance', $4, $5, 'x', 'captured', 'GBP', $6, $7, now(), now())`, out[i].ID, o.ID, o.Market, 10+i, means[i], payments[i], fmt.Sprint("pi_", i)); err != nil {
			k.T.Fatal(err)
		}
	}
	return out
}

// Code of before writes a sale as one sum for "seller"; both sorts stand side by side.
func TestASaleOfBeforeIsToldApartOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	placed, _ := k.Place(k.Draft())
	o := k.Order(placed.Order)
	ps := fourPayments(k, o)
	k.Tx(func(_ context.Context, tx *db.Tx) error {
		for i, p := range ps[:3] {
			if err := payment.PostTx(tx, o.ID, p, takes[i]); err != nil {
				return err
			}
		}
		return tx.Exec(`WITH k AS (INSERT INTO ledger_postings (order_id, payment_id, kind, currency, at) VALUES (?, NULL, 'handover', 'GBP', now()) ON CONFLICT DO NOTHING RETURNING id)
			INSERT INTO ledger_lines (posting_id, order_id, currency, account, amount_minor) SELECT k.id, ?, 'GBP', l.a, l.n FROM k, (VALUES ('buyer', ?::bigint), ('seller', ?::bigint)) l (a, n)`,
			o.ID, o.ID, o.TotalMinor, -o.TotalMinor).Error
	})
	for range 2 {
		k.Tx(func(_ context.Context, tx *db.Tx) error {
			todo, err := payment.Unstated(tx.DB, 10)
			if err != nil {
				return err
			}
			for _, key := range todo {
				if err := payment.RestateTx(tx, key, sale.SaleOf(o)); err != nil {
					return err
				}
			}
			return payment.RestateTx(tx, o.ID, sale.SaleOf(o))
		})
	}
	all, err := payment.Postings(k.DB.Read(t.Context()), o.ID)
	if err != nil || len(all) != 5 {
		t.Fatalf("%d postings, %v", len(all), err)
	}
	sums := map[payment.Account]int64{}
	for _, p := range all {
		for _, l := range p.Lines {
			sums[l.Account] += l.Minor
		}
	}
	vat := o.Snapshot.Quote.VAT.Minor
	want := map[payment.Account]int64{payment.Unsplit: 0, payment.Buyer: o.TotalMinor - 1_550_000, payment.CardBank: 350_000, payment.Desk: 1_200_000,
		payment.Sales: vat - o.TotalMinor, payment.VATPayable: -vat, payment.DealerPayable: -350_000, payment.DealerClaim: 350_000}
	if !maps.Equal(sums, want) {
		t.Errorf("%v, want %v", sums, want)
	}
	if paid, err := payment.PaidMinor(k.DB.Read(t.Context()), o.ID); err != nil || paid != 1_550_000 {
		t.Errorf("paid %d, %v", paid, err)
	}
}
