package payment

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

type transferRow struct {
	ID          string
	Market      string
	LineKey     string
	BookedOn    time.Time
	Currency    string
	AmountMinor int64
	Reference   string
	Payer       string
	State       string
	Reason      string
	OrderID     *string
	PaymentID   *string
	PartOf      *string
}

const transferColumns = `id, market, line_key, booked_on, currency, amount_minor, reference, payer, state, reason, order_id, payment_id, part_of`

func (r *transferRow) transfer() *Transfer {
	return &Transfer{ID: id.Transfer(r.ID), Market: id.Market(r.Market), Key: r.LineKey, BookedOn: r.BookedOn.Format(time.DateOnly),
		Amount: money.Of(r.AmountMinor, money.Currency(r.Currency)), Reference: r.Reference, Payer: r.Payer, State: TransferState(r.State),
		Reason: r.Reason, Order: id.Order(db.OrZero(r.OrderID)), Payment: id.Payment(db.OrZero(r.PaymentID)), PartOf: id.Transfer(db.OrZero(r.PartOf))}
}

// AddTransferTx keeps a line of a statement as waiting; false when the line is known already.
func AddTransferTx(tx *db.Tx, t *Transfer, by string) (bool, error) {
	t.ID, t.State = id.New[id.Transfer](), TransferWaiting
	if t.PartOf != "" {
		t.State = TransferReturning
	}
	return db.Changed(tx.DB, `INSERT INTO transfers (id, market, line_key, booked_on, currency, amount_minor, reference, payer, state, reason, part_of, imported_by, imported_at, changed_by, changed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (market, line_key) DO NOTHING`,
		t.ID, t.Market, t.Key, t.BookedOn, t.Amount.Currency, t.Amount.Minor, t.Reference, t.Payer, t.State, t.Reason, db.OrNull(string(t.PartOf)), by, tx.Now, by, tx.Now)
}

// LockTransferTx reads and locks a transfer; lock its order before.
func LockTransferTx(tx *db.Tx, key id.Transfer) (*Transfer, error) {
	var r transferRow
	ok, err := db.One(tx.DB, &r, `SELECT `+transferColumns+` FROM transfers WHERE id = ? FOR UPDATE`, key)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoTransfer
	}
	return r.transfer(), nil
}

// GetTransfer reads a transfer.
func GetTransfer(g *gorm.DB, key id.Transfer) (*Transfer, error) {
	var r transferRow
	ok, err := db.One(g, &r, `SELECT `+transferColumns+` FROM transfers WHERE id = ?`, key)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoTransfer
	}
	return r.transfer(), nil
}

// MoveTransferTx makes one step, guarded by the state t was read in.
func MoveTransferTx(tx *db.Tx, t *Transfer, to TransferState, reason, by string) error {
	ok, err := db.Changed(tx.DB, `UPDATE transfers SET state = ?, reason = ?, order_id = ?, payment_id = ?, changed_by = ?, changed_at = ? WHERE id = ? AND state = ?`,
		to, reason, db.OrNull(string(t.Order)), db.OrNull(string(t.Payment)), by, tx.Now, t.ID, t.State)
	if err != nil {
		return fmt.Errorf("payment: transfer to %s: %w", to, err)
	}
	if !ok {
		return ErrTransferMoved
	}
	t.State, t.Reason = to, reason
	return nil
}

// WaitTransferTx notes why a transfer waits.
func WaitTransferTx(tx *db.Tx, t *Transfer, reason string) error {
	t.Reason = reason
	return tx.Exec(`UPDATE transfers SET reason = ? WHERE id = ? AND state = 'waiting'`, reason, t.ID).Error
}

// OpenTransfers lists what a person must deal with, oldest first.
func OpenTransfers(g *gorm.DB, markets []id.Market, n int) ([]*Transfer, error) {
	var rows []transferRow
	err := g.Raw(`SELECT `+transferColumns+` FROM transfers WHERE market IN ? AND state IN ('waiting', 'returning') ORDER BY imported_at, id LIMIT ?`, markets, n).Scan(&rows).Error
	out := make([]*Transfer, len(rows))
	for i := range rows {
		out[i] = rows[i].transfer()
	}
	return out, err
}

// OwedBack is a payment by transfer that must be sent back, with what a person needs for it.
type OwedBack struct {
	ID          id.Payment
	Order       id.Order
	Number      string
	Market      id.Market
	Currency    money.Currency
	AmountMinor int64
	Payer       string
	Since       time.Time
}

// backMinor is what a person is to send back of a payment now: the parts that are due, else what a return leaves of it.
const backMinor = `CASE WHEN p.part_due_minor > 0 THEN p.part_due_minor ELSE p.amount_minor - p.kept_minor - p.part_minor - p.lost_minor END`

// TransfersOwedBack lists payments by transfer whose order has ended, or of which a part was too much.
func TransfersOwedBack(g *gorm.DB, markets []id.Market, n int) ([]OwedBack, error) {
	var out []OwedBack
	err := g.Raw(`SELECT p.id, p.order_id AS order, o.number, p.market, p.currency, `+backMinor+` AS amount_minor, coalesce(t.payer, '') AS payer, p.updated_at AS since
		FROM payments p JOIN orders o ON o.id = p.order_id LEFT JOIN transfers t ON t.payment_id = p.id
		WHERE p.market IN ? AND p.means = 'transfer' AND (p.state = 'returning' OR p.part_due_minor > 0) ORDER BY p.updated_at LIMIT ?`, markets, n).Scan(&out).Error
	return out, err
}

// RefundsToSend lists refunds that a card did not take: a person sends them another way.
func RefundsToSend(g *gorm.DB, markets []id.Market, n int) ([]OwedBack, error) {
	var out []OwedBack
	err := g.Raw(`SELECT p.id, p.order_id AS order, o.number, p.market, p.currency, `+backMinor+` AS amount_minor, '' AS payer, p.updated_at AS since
		FROM payments p JOIN orders o ON o.id = p.order_id
		WHERE p.market IN ? AND p.means = 'card' AND (p.state = 'returning' AND p.refund_status = 'failed'
			OR EXISTS (SELECT FROM payment_parts x WHERE x.payment_id = p.id AND x.state = 'due' AND x.refund_status = 'failed')) ORDER BY p.updated_at LIMIT ?`, markets, n).Scan(&out).Error
	return out, err
}

// RecordTransferTx writes a payment by transfer with its ledger posting.
func RecordTransferTx(tx *db.Tx, p *Payment, by string) error {
	p.Means, p.Account = ByTransfer, "bank"
	if err := recordTx(tx, p, by); err != nil {
		return err
	}
	return PostTx(tx, p.Order, p, KindTransfer)
}

// recordTx writes a payment that is here already and came without a card.
func recordTx(tx *db.Tx, p *Payment, by string) error {
	p.ID, p.Purpose, p.State, p.CreatedAt, p.UpdatedAt = id.New[id.Payment](), ForBalance, Captured, tx.Now, tx.Now
	_, err := db.One(tx.DB, &p.Attempt, `WITH moved AS (INSERT INTO payments (id, order_id, market, purpose, attempt, means, account, manual, state, currency, amount_minor, reference, created_at, updated_at, recorded_by)
		SELECT ?, ?, ?, 'balance', (SELECT coalesce(max(attempt), 0) + 1 FROM payments WHERE order_id = ? AND purpose = 'balance'), ?, ?, false, 'captured', ?, ?, ?, ?, ?, ? RETURNING id, order_id, attempt), told AS (`+stepOfMoved+`) SELECT attempt FROM moved`,
		p.ID, p.Order, p.Market, p.Order, p.Means, p.Account, p.Amount.Currency, p.Amount.Minor, p.Reference, tx.Now, tx.Now, by, tx.Now, Captured, "")
	if err != nil {
		return fmt.Errorf("payment: record %s: %w", p.Means, err)
	}
	return nil
}
