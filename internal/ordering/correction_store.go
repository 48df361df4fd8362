package ordering

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

type correctionRow struct {
	OrderID   string    `json:"order_id"`
	Seq       int       `json:"seq"`
	Market    string    `json:"market"`
	Kind      string    `json:"kind"`
	Reason    string    `json:"reason"`
	Proof     string    `json:"proof"`
	VINWas    string    `json:"vin_was"`
	VINNow    string    `json:"vin_now"`
	PlateWas  string    `json:"plate_was"`
	PlateNow  string    `json:"plate_now"`
	PaymentID string    `json:"payment_id"`
	Recorded  string    `json:"recorded"`
	Currency  string    `json:"currency"`
	WasMinor  int64     `json:"was_minor"`
	NowMinor  int64     `json:"now_minor"`
	RefWas    string    `json:"ref_was"`
	RefNow    string    `json:"ref_now"`
	ByUser    string    `json:"by_user"`
	At        time.Time `json:"at"`
}

// CorrectionList is a sub-select that gives the corrections of the order o, oldest first, as JSON, for reads that fetch
// several tables at once (CorrectionsFromJSON).
const CorrectionList = `(SELECT json_agg(x ORDER BY x.seq) FROM corrections x WHERE x.order_id = o.id)`

// CorrectionsFromJSON reads such a list; nothing is an empty one.
func CorrectionsFromJSON(rows []byte) ([]*Correction, error) {
	return db.JSONRows(rows, func(r *correctionRow) *Correction {
		return &Correction{Order: id.Order(r.OrderID), Seq: r.Seq, Market: id.Market(r.Market), Kind: r.Kind, Reason: r.Reason, Proof: r.Proof,
			VINWas: r.VINWas, VINNow: r.VINNow, PlateWas: r.PlateWas, PlateNow: r.PlateNow, Payment: id.Payment(r.PaymentID), Recorded: id.Payment(r.Recorded),
			Currency: money.Currency(r.Currency), WasMinor: r.WasMinor, NowMinor: r.NowMinor, RefWas: r.RefWas, RefNow: r.RefNow, By: id.User(r.ByUser), At: r.At}
	})
}

// CorrectionsOf lists what was put right of an order, oldest first.
func CorrectionsOf(g *gorm.DB, key id.Order) ([]*Correction, error) {
	var r struct{ Corrections []byte }
	if _, err := db.One(g, &r, `SELECT `+CorrectionList+` AS corrections FROM orders o WHERE o.id = ?`, key); err != nil {
		return nil, fmt.Errorf("ordering: corrections: %w", err)
	}
	return CorrectionsFromJSON(r.Corrections)
}

// CorrectTx writes a correction beside the step that the caller has just made, and numbers it after that step.
func CorrectTx(tx *db.Tx, c *Correction) error {
	c.At = tx.Now
	var was, now *int64
	if c.Kind == SlipPayment {
		was, now = &c.WasMinor, &c.NowMinor
	}
	_, err := db.One(tx.DB, &c.Seq, `INSERT INTO corrections (order_id, seq, market, kind, reason, proof, vin_was, vin_now, plate_was, plate_now, payment_id, recorded, currency, was_minor, now_minor, ref_was, ref_now, by_user, at)
		SELECT ?, (SELECT max(seq) FROM order_history WHERE order_id = ?), ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, '')::uuid, nullif(?, '')::uuid, nullif(?, ''), ?, ?, ?, ?, ?, ? RETURNING seq`,
		c.Order, c.Order, c.Market, c.Kind, c.Reason, c.Proof, c.VINWas, c.VINNow, c.PlateWas, c.PlateNow, string(c.Payment), string(c.Recorded), string(c.Currency), was, now,
		c.RefWas, c.RefNow, c.By, tx.Now)
	if err != nil {
		return fmt.Errorf("ordering: correct: %w", err)
	}
	return nil
}
