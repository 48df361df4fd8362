package payment

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

// Why a part of a payment goes back.
const (
	PartChanged = "changed"  // the buyer changed the car, and it costs less than was paid
	PartTooMuch = "too_much" // more came than was owed

	PartGoodwill = "goodwill" // a dealer who was silent gives something, and all was paid
)

// PartState is where a part stands. One that was sent may come back: a card may refuse it days later.
type PartState string

// States of a part.
const (
	PartDue  PartState = "due"
	PartSent PartState = "sent" // and posted in the ledger
)

// Part is a part of a payment that goes back while the rest stays. The sums of a payment's parts stand with it.
type Part struct {
	ID           id.Part
	Payment      id.Payment
	Order        id.Order
	Seq          int // of the order's parts
	Amount       money.Money
	Reason       string
	State        PartState
	RefundID     string
	RefundStatus string // as of a payment
}

// Key is the idempotency key of the card bank's call.
func (p *Part) Key() string { return "forecourt:part:" + string(p.ID) }

// Waits tells whether the card bank may still say something new of it by itself, or was not asked yet.
func (p *Part) Waits() bool {
	return p.State == PartDue && p.RefundStatus != RefundFailed || p.State == PartSent && p.RefundStatus == RefundPending
}

// ByHand tells whether a person has to send it.
func (p *Part) ByHand(of *Payment) bool {
	return p.State == PartDue && (!of.Card() || p.RefundStatus == RefundFailed)
}

type partRow struct {
	ID           string
	PaymentID    string
	OrderID      string
	Seq          int
	AmountMinor  int64
	Currency     string
	Reason       string
	State        string
	RefundID     string
	RefundStatus string
}

const partColumns = `x.id, x.payment_id, x.order_id, x.seq, x.amount_minor, p.currency, x.reason, x.state, x.refund_id, x.refund_status`

func (r *partRow) part() *Part {
	return &Part{ID: id.Part(r.ID), Payment: id.Payment(r.PaymentID), Order: id.Order(r.OrderID), Seq: r.Seq, Amount: money.Of(r.AmountMinor, money.Currency(r.Currency)),
		Reason: r.Reason, State: PartState(r.State), RefundID: r.RefundID, RefundStatus: r.RefundStatus}
}

// AddPartTx decides that a part of a captured payment goes back. The caller holds the locks of order and payment, and
// sees to it that it is sent. ErrTooMuch refuses more than is left of the payment.
func AddPartTx(tx *db.Tx, p *Payment, minor int64, reason string) (*Part, error) {
	if minor <= 0 {
		return nil, ErrNegative
	}
	ok, err := db.Changed(tx.DB, `UPDATE payments SET part_minor = part_minor + ?, part_due_minor = part_due_minor + ?, updated_at = ?
		WHERE id = ? AND state = 'captured' AND part_minor + kept_minor + ? <= amount_minor`, minor, minor, tx.Now, p.ID, minor)
	if err != nil {
		return nil, fmt.Errorf("payment: part: %w", err)
	}
	if !ok {
		return nil, ErrTooMuch
	}
	x := &Part{ID: id.New[id.Part](), Payment: p.ID, Order: p.Order, Amount: money.Of(minor, p.Amount.Currency), Reason: reason, State: PartDue}
	_, err = db.One(tx.DB, &x.Seq, `INSERT INTO payment_parts (id, payment_id, order_id, seq, amount_minor, reason, state, created_at, updated_at)
		SELECT ?, ?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM payment_parts WHERE order_id = ?), ?, ?, 'due', ?, ? RETURNING seq`,
		x.ID, x.Payment, x.Order, x.Order, minor, reason, tx.Now, tx.Now)
	if err != nil {
		return nil, fmt.Errorf("payment: part: %w", err)
	}
	p.PartMinor, p.PartDueMinor, p.UpdatedAt = p.PartMinor+minor, p.PartDueMinor+minor, tx.Now
	_, err = NoteTx(tx, p, SaidPartDue, fmt.Sprintf("%s %d", reason, minor), string(x.ID))
	return x, err
}

// PartSentTx writes down that a part was sent, with its ledger posting of a kind; refundID is the card bank's key, empty
// when a person gave it back. ErrMoved when it was sent before.
func PartSentTx(tx *db.Tx, p *Payment, x *Part, kind Kind, refundID string) error {
	if err := movePartTx(tx, p, x, PartSent, refundID, "", -x.Amount.Minor); err != nil {
		return err
	}
	ref := refundID
	if ref == "" {
		ref = string(x.ID)
	}
	if err := PostPartTx(tx, x.Order, p, kind, x.Amount, ref); err != nil {
		return err
	}
	_, err := NoteTx(tx, p, SaidPartSent, fmt.Sprintf("%s %d", x.Reason, x.Amount.Minor), ref)
	return err
}

// PartFailedTx writes down that the card did not take a part that was sent: a person sends it.
func PartFailedTx(tx *db.Tx, p *Payment, x *Part) error {
	ref := x.RefundID
	if err := movePartTx(tx, p, x, PartDue, ref, RefundFailed, x.Amount.Minor); err != nil {
		return err
	}
	if err := PostPartTx(tx, x.Order, p, KindRefundFailed, x.Amount, ref); err != nil {
		return err
	}
	_, err := NoteTx(tx, p, SaidPartFailed, fmt.Sprintf("%s %d", x.Reason, x.Amount.Minor), ref)
	return err
}

func movePartTx(tx *db.Tx, p *Payment, x *Part, to PartState, refundID, status string, due int64) error {
	ok, err := db.Changed(tx.DB, `WITH moved AS (UPDATE payment_parts SET state = ?, refund_id = ?, refund_status = ?, updated_at = ? WHERE id = ? AND state = ? RETURNING payment_id)
		UPDATE payments SET part_due_minor = part_due_minor + ?, updated_at = ? WHERE id = (SELECT payment_id FROM moved)`,
		to, refundID, status, tx.Now, x.ID, x.State, due, tx.Now)
	if err != nil {
		return fmt.Errorf("payment: part to %s: %w", to, err)
	}
	if !ok {
		return ErrMoved
	}
	x.State, x.RefundID, x.RefundStatus = to, refundID, status
	p.PartDueMinor += due
	return nil
}

// SetPartStatusTx keeps how far the money of a part that was sent is.
func SetPartStatusTx(tx *db.Tx, x *Part, status string) error {
	x.RefundStatus = status
	return tx.Exec(`UPDATE payment_parts SET refund_status = ?, updated_at = ? WHERE id = ? AND state = 'sent'`, status, tx.Now, x.ID).Error
}

// LookAgainTx sets when a captured payment is looked at again because of its parts; never when due is zero.
func LookAgainTx(tx *db.Tx, p *Payment, due time.Time) error {
	p.DueAt = due
	return tx.Exec(`UPDATE payments SET due_at = ? WHERE id = ? AND state IN ('captured', 'refunded')`, db.TimeOrNull(due), p.ID).Error
}

// PartsOf lists the parts of a payment, oldest first. In a transaction whose caller has locked the payment they stand still.
func PartsOf(g *gorm.DB, key id.Payment) ([]*Part, error) {
	return parts(g, `SELECT `+partColumns+` FROM payment_parts x JOIN payments p ON p.id = x.payment_id WHERE x.payment_id = ? ORDER BY x.seq`, key)
}

// PartOf is the part with a number of an order's; nil when there is none.
func PartOf(g *gorm.DB, o id.Order, seq int) (*Part, error) {
	xs, err := parts(g, `SELECT `+partColumns+` FROM payment_parts x JOIN payments p ON p.id = x.payment_id WHERE x.order_id = ? AND x.seq = ?`, o, seq)
	if err != nil || len(xs) == 0 {
		return nil, err
	}
	return xs[0], nil
}

func parts(g *gorm.DB, query string, args ...any) ([]*Part, error) {
	var rows []partRow
	if err := g.Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("payment: parts: %w", err)
	}
	out := make([]*Part, len(rows))
	for i := range rows {
		out[i] = rows[i].part()
	}
	return out, nil
}
