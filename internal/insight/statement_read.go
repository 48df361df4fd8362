package insight

import (
	"fmt"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

// statement sums the ledger of a dealer's orders, order by order, up to the end of a month. What came before the
// month counts for what was owed and for what is held only. A dispute counts from the sale on: before it, the
// money was not held for the dealer either.
const statement = `
	SELECT number, model, handed_over_at, sold, vat, received, desk, held, disputed, fees, commission, rule, objection,
		before_held + before_commission - before_disputed - before_fees AS before, least(lies, greatest(-buyer, 0)) AS deposit, greatest(buyer, 0) AS open
	FROM (
		SELECT o.number, o.created_at, o.snapshot ->> 'model_name' AS model, CASE WHEN o.handed_over_at < @next THEN o.handed_over_at END AS handed_over_at,
			coalesce(-sum(n) FILTER (WHERE inside AND account IN ('sales', 'refunds', 'vat_payable', 'seller')), 0) AS sold,
			coalesce(-sum(n) FILTER (WHERE inside AND account = 'vat_payable'), 0) AS vat,
			coalesce(sum(n) FILTER (WHERE inside AND account IN ('card_bank', 'bank') AND kind IN ('capture', 'refund', 'refund_failed', 'transfer', 'transfer_return')), 0) AS received,
			coalesce(sum(n) FILTER (WHERE inside AND account = 'desk' AND kind IN ('desk', 'desk_return', 'desk_struck')), 0) AS desk,
			coalesce(-sum(n) FILTER (WHERE inside AND account = 'dealer_payable' AND kind <> 'goodwill'), 0) AS held,
			coalesce(-sum(n) FILTER (WHERE NOT inside AND account = 'dealer_payable' AND kind <> 'goodwill'), 0) AS before_held,
			coalesce(-sum(n) FILTER (WHERE inside AND disputed), 0) AS disputed,
			coalesce(-sum(n) FILTER (WHERE NOT inside AND disputed), 0) AS before_disputed,
			coalesce(sum(n) FILTER (WHERE inside AND account = 'fees' AND party NOT LIKE 'maker:%'), 0) AS fees,
			coalesce(sum(n) FILTER (WHERE NOT inside AND account = 'fees' AND party NOT LIKE 'maker:%'), 0) AS before_fees,
			coalesce(-sum(n) FILTER (WHERE inside AND account = 'commission_payable'), 0) AS commission,
			coalesce(-sum(n) FILTER (WHERE NOT inside AND account = 'commission_payable'), 0) AS before_commission,
			coalesce((SELECT c.version FROM commissions c WHERE c.order_id = o.id AND c.at < @next), '') AS rule,
			coalesce((SELECT b.state FROM commission_objections b WHERE b.order_id = o.id), '') AS objection,
			coalesce(sum(n) FILTER (WHERE account IN ('card_bank', 'bank') AND kind <> 'fee'), 0) AS lies,
			coalesce(sum(n) FILTER (WHERE account = 'buyer'), 0) AS buyer
		FROM orders o JOIN LATERAL (
			SELECT k.kind, k.at >= @first AS inside, l.account, l.party, l.amount_minor AS n,
				l.account = 'card_bank' AND k.kind IN ('dispute', 'dispute_won') AND EXISTS (SELECT FROM ledger_postings s
					WHERE s.order_id = o.id AND s.kind = 'handover' AND s.id < k.id)
					AND EXISTS (SELECT FROM ledger_lines s WHERE s.order_id = o.id AND s.account = 'dealer_claim') AS disputed
			FROM ledger_postings k JOIN ledger_lines l ON l.posting_id = k.id WHERE k.order_id = o.id AND k.at < @next) x ON true
		WHERE o.dealer = @dealer
		GROUP BY o.id) y
	ORDER BY created_at, number`

// goodwill is what a dealer gave buyers for its silences, order by order, also of those that another dealer has now. It
// began when it was given, and ended when the sale did.
const goodwill = `SELECT o.number, o.snapshot ->> 'model_name' AS model,
		coalesce(sum(w.amount_minor) FILTER (WHERE w.at >= @first), 0) - coalesce(sum(w.amount_minor) FILTER (WHERE w.back_at >= @first AND w.back_at < @next), 0) AS inside,
		coalesce(sum(w.amount_minor) FILTER (WHERE w.at < @first), 0) - coalesce(sum(w.amount_minor) FILTER (WHERE w.back_at < @first), 0) AS before
	FROM goodwills w JOIN orders o ON o.id = w.order_id WHERE w.dealer = @dealer AND w.at < @next GROUP BY o.id ORDER BY o.created_at, o.number`

// StatementOf reads a dealer's settlement of a month. An order belongs to the dealer who has it, or had it
// last: one that moved on takes its deposit along.
func StatementOf(g *gorm.DB, d id.Dealer, c money.Currency, m Month) (Statement, error) {
	out := Statement{Dealer: d, Currency: c, Month: m}
	var rows []struct {
		Number, Model, Rule, Objection                                                     string
		HandedOverAt                                                                       *time.Time
		Sold, VAT, Received, Desk, Deposit, Open, Held, Disputed, Fees, Commission, Before int64
	}
	asked := map[string]any{"dealer": d, "first": m.First, "next": m.Next}
	if err := g.Raw(statement, asked).Scan(&rows).Error; err != nil {
		return out, fmt.Errorf("insight: statement: %w", err)
	}
	var given []givenRow
	if err := g.Raw(goodwill, asked).Scan(&given).Error; err != nil {
		return out, fmt.Errorf("insight: statement: %w", err)
	}
	for _, r := range rows {
		l := StatementLine{Number: r.Number, Model: r.Model, Sold: r.Sold, VAT: r.VAT, Received: r.Received, Desk: r.Desk, Deposit: r.Deposit, Open: r.Open,
			Held: r.Held, Disputed: r.Disputed, Fees: r.Fees, Commission: r.Commission, Rule: r.Rule, Objection: r.Objection, Before: r.Before}
		l.HandedOver = db.OrZero(r.HandedOverAt)
		given = l.take(given)
		out.add(l)
	}
	for _, w := range given { // of orders that others have now
		l := StatementLine{Number: w.Number, Model: w.Model}
		l.take([]givenRow{w})
		out.add(l)
	}
	return out, nil
}

type givenRow struct {
	Number, Model  string
	Inside, Before int64
}

// take adds what was given for the line's order, and answers the rest.
func (l *StatementLine) take(given []givenRow) []givenRow {
	for i, w := range given {
		if w.Number == l.Number {
			l.Goodwill, l.Before = w.Inside, l.Before-w.Before
			return slices.Delete(given, i, i+1)
		}
	}
	return given
}

// FirstMovement is when money of a dealer's orders first moved; the zero time when it never did.
func FirstMovement(g *gorm.DB, d id.Dealer) (time.Time, error) {
	var r struct{ At *time.Time }
	err := g.Raw(`SELECT min(k.at) AS at FROM orders o JOIN ledger_postings k ON k.order_id = o.id WHERE o.dealer = ?`, d).Scan(&r).Error
	if err != nil || r.At == nil {
		return time.Time{}, err
	}
	return *r.At, nil
}
