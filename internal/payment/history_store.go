package payment

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// What the bank says beside a step of the machine.
const (
	SaidDeclined      = "declined"       // a card was refused; the code says why
	SaidAsked         = "asked"          // the buyer's bank asked for a confirmation
	SaidRefundPending = "refund_pending" // a refund is on its way
	SaidRefundSent    = "refund_sent"    // the card bank has paid it out
	SaidRefundFailed  = "refund_failed"  // and got it back
	SaidInquiry       = "inquiry"        // the buyer's bank asks what this was
	SaidDisputed      = "disputed"       // and takes the money back while it decides
	SaidAnswered      = "dispute_answered"
	SaidDisputeWon    = "dispute_won"
	SaidDisputeLost   = "dispute_lost"
	SaidInquiryOver   = "inquiry_closed"
	SaidPartDue       = "part_due"    // a part goes back; the code is its reason and its minor units: "changed 65000"
	SaidPartSent      = "part_sent"   // and was sent
	SaidPartFailed    = "part_failed" // the card did not take it: a person sends it
)

// Said is one line of a payment's story: a state that it came to, or what the bank said.
type Said struct {
	Payment   id.Payment `json:"payment_id"`
	Seq       int        `json:"seq"`
	At        time.Time  `json:"at"`
	What      string     `json:"what"`
	Code      string     `json:"code"`
	Reference string     `json:"reference"`
}

// NoteTx keeps what the bank said of a payment; ref is the bank's key, and told before it changes nothing.
func NoteTx(tx *db.Tx, p *Payment, what, code, ref string) (bool, error) {
	ok, err := db.Changed(tx.DB, `INSERT INTO payment_history (payment_id, order_id, seq, at, what, code, reference)
		SELECT ?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM payment_history WHERE payment_id = ?), ?, ?, ?, ? ON CONFLICT DO NOTHING`,
		p.ID, p.Order, p.ID, tx.Now, what, code, ref)
	if err != nil {
		return false, fmt.Errorf("payment: note %s: %w", what, err)
	}
	return ok, nil
}

// SetRefundTx keeps how far a refund is; due is when to look again, zero when there is nothing to wait for.
func SetRefundTx(tx *db.Tx, p *Payment, status string, due time.Time) error {
	p.RefundStatus, p.DueAt = status, due
	return tx.Exec(`UPDATE payments SET refund_status = ?, due_at = ?, updated_at = CASE WHEN refund_status = ? THEN updated_at ELSE ? END WHERE id = ? AND state = ?`,
		status, db.TimeOrNull(due), status, tx.Now, p.ID, p.State).Error
}

// SaidOf is the story of all payments of an order, oldest first.
func SaidOf(g *gorm.DB, o id.Order) ([]Said, error) {
	var r struct{ Said []byte }
	if _, err := db.One(g, &r, `SELECT json_agg(h ORDER BY h.at, h.payment_id, h.seq) AS said FROM payment_history h WHERE h.order_id = ?`, o); err != nil {
		return nil, err
	}
	return SaidFromJSON(r.Said)
}

// SaidFromJSON reads a story as row_to_json writes it.
func SaidFromJSON(raw []byte) ([]Said, error) {
	var out []Said
	if len(raw) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("payment: history: %w", err)
	}
	return out, nil
}
