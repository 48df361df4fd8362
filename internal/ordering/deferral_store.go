package ordering

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

type deferralRow struct {
	OrderID     string    `json:"order_id"`
	Seq         int       `json:"seq"`
	Market      string    `json:"market"`
	Currency    string    `json:"currency"`
	Reason      string    `json:"reason"`
	AmountMinor int64     `json:"amount_minor"`
	DueOn       string    `json:"due_on"`
	Note        string    `json:"note"`
	ByUser      string    `json:"by_user"`
	At          time.Time `json:"at"`
}

func (r *deferralRow) deferral() *Deferral {
	return &Deferral{Order: id.Order(r.OrderID), Seq: r.Seq, Market: id.Market(r.Market), Currency: money.Currency(r.Currency), Reason: r.Reason,
		AmountMinor: r.AmountMinor, DueOn: r.DueOn, Note: r.Note, By: id.User(r.ByUser), At: r.At}
}

// DeferTx writes a deferral beside the step that the caller has just made, and numbers it after that step.
func DeferTx(tx *db.Tx, d *Deferral) error { return deferTx(tx, d, Defer) }

// DeferCorrectedTx is DeferTx beside a step that corrected a payment.
func DeferCorrectedTx(tx *db.Tx, d *Deferral) error { return deferTx(tx, d, CorrectPayment) }

func deferTx(tx *db.Tx, d *Deferral, step Event) error {
	d.At = tx.Now
	_, err := db.One(tx.DB, &d.Seq, `INSERT INTO deferrals (order_id, seq, market, currency, reason, amount_minor, due_on, note, by_user, at)
		SELECT ?, (SELECT max(seq) FROM order_history WHERE order_id = ? AND event = ?), ?, ?, ?, ?, ?::date, ?, ?, ? RETURNING seq`,
		d.Order, d.Order, step, d.Market, d.Currency, d.Reason, d.AmountMinor, d.DueOn, d.Note, d.By, tx.Now)
	if err != nil {
		return fmt.Errorf("ordering: defer: %w", err)
	}
	return nil
}

// DeferralOf reads the deferral of an order that counts; nil when there is none.
func DeferralOf(g *gorm.DB, o id.Order) (*Deferral, error) {
	var r deferralRow
	ok, err := db.One(g, &r, `SELECT order_id, seq, market, currency, reason, amount_minor, due_on::text AS due_on, note, by_user, at
		FROM deferrals WHERE order_id = ? ORDER BY seq DESC LIMIT 1`, o)
	if err != nil || !ok {
		return nil, err
	}
	return r.deferral(), nil
}

// DeferralFromJSON reads a deferral as row_to_json writes it, for reads that fetch several tables at once.
func DeferralFromJSON(row []byte) (*Deferral, error) {
	return db.JSONRow(row, (*deferralRow).deferral)
}
