package payment

import (
	"regexp"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

// ErrNoDispute says that there is none of this key.
var ErrNoDispute = fault.New(fault.NotFound, "fault.not_found", "payment.Dispute")

// Disputed is a dispute as we keep it.
type Disputed struct {
	Account     string
	ID          string
	Payment     id.Payment
	Order       id.Order
	Number      string
	Market      id.Market
	Status      string
	Reason      string
	Currency    money.Currency
	AmountMinor int64
	AnswerBy    time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Open tells whether the bank has not decided.
func (d *Disputed) Open() bool {
	return d.Status != DisputeWon && d.Status != DisputeLost && d.Status != InquiryClosed
}

const disputeColumns = `d.account, d.id, d.payment_id AS payment, d.order_id AS order, o.number, d.market, d.status, d.reason, d.currency, d.amount_minor,
	coalesce(d.answer_by, '0001-01-01') AS answer_by, d.created_at, d.updated_at`

// KeepDisputeTx writes what the bank says of a dispute; false when it is known so. The caller holds the
// order's lock.
func KeepDisputeTx(tx *db.Tx, p *Payment, d Dispute) (bool, error) {
	return db.Changed(tx.DB, `INSERT INTO disputes (account, id, payment_id, order_id, market, status, reason, currency, amount_minor, answer_by, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (account, id) DO UPDATE SET status = excluded.status, answer_by = excluded.answer_by, updated_at = excluded.updated_at
		WHERE disputes.status <> excluded.status`,
		p.Account, d.ID, p.ID, p.Order, p.Market, d.Status, d.Reason, d.Amount.Currency, d.Amount.Minor, db.TimeOrNull(d.AnswerBy), tx.Now, tx.Now)
}

// DisputesIn lists disputes of markets, those that wait first.
func DisputesIn(g *gorm.DB, markets []id.Market, n int) ([]Disputed, error) {
	var out []Disputed
	err := g.Raw(`SELECT `+disputeColumns+` FROM disputes d JOIN orders o ON o.id = d.order_id WHERE d.market IN ?
		ORDER BY d.status IN ('won', 'lost', 'warning_closed'), d.answer_by NULLS LAST, d.created_at DESC LIMIT ?`, markets, n).Scan(&out).Error
	return out, err
}

// disputeKey is the form of the bank's keys: a wrong address never reaches the database.
var disputeKey = regexp.MustCompile(`^d[pu]_[A-Za-z0-9]{1,80}$`)

// DisputeBy reads a dispute by the bank's key.
func DisputeBy(g *gorm.DB, key string) (*Disputed, error) {
	if !disputeKey.MatchString(key) {
		return nil, ErrNoDispute
	}
	var d Disputed
	ok, err := db.One(g, &d, `SELECT `+disputeColumns+` FROM disputes d JOIN orders o ON o.id = d.order_id WHERE d.id = ? LIMIT 1`, key)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoDispute
	}
	return &d, nil
}

// DisputedTx tells whether a dispute of an order is open, be it only a question. The caller holds the order's
// lock, without which no dispute is written.
func DisputedTx(tx *db.Tx, o id.Order) (bool, error) {
	var n int
	_, err := db.One(tx.DB, &n, `SELECT count(*) FROM open_disputes WHERE order_id = ?`, o)
	return n > 0, err
}

// Decided counts the disputes of a payment that are over.
func Decided(g *gorm.DB, p id.Payment) (int, error) {
	var n int
	_, err := db.One(g, &n, `SELECT count(*) FROM disputes WHERE payment_id = ? AND status IN ('won', 'lost', 'warning_closed')`, p)
	return n, err
}

// CountLostTx writes down how much of a payment went back for good, by all its disputes.
func CountLostTx(tx *db.Tx, p *Payment) error {
	_, err := db.One(tx.DB, &p.LostMinor, `UPDATE payments SET lost_minor = (SELECT coalesce(sum(amount_minor), 0) FROM disputes d WHERE d.payment_id = payments.id AND d.status = 'lost')
		WHERE id = ? RETURNING lost_minor`, p.ID)
	return err
}

// CountLostOfBefore counts for disputes that code of before saw lost.
func CountLostOfBefore(g *gorm.DB) error {
	return g.Exec(`UPDATE payments p SET lost_minor = d.minor FROM (SELECT payment_id, sum(amount_minor) AS minor FROM disputes WHERE status = 'lost' GROUP BY payment_id) d
		WHERE d.payment_id = p.id AND p.lost_minor <> d.minor`).Error
}
