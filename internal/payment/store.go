package payment

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

type paymentRow struct {
	ID            string     `json:"id"`
	OrderID       string     `json:"order_id"`
	Market        string     `json:"market"`
	Purpose       string     `json:"purpose"`
	Attempt       int        `json:"attempt"`
	Means         string     `json:"means"`
	Account       string     `json:"account"`
	Manual        bool       `json:"manual"`
	Renews        *string    `json:"renews"`
	State         string     `json:"state"`
	Currency      string     `json:"currency"`
	AmountMinor   int64      `json:"amount_minor"`
	SessionID     *string    `json:"session_id"`
	SessionURL    *string    `json:"session_url"`
	SessionEnds   *time.Time `json:"session_ends"`
	IntentID      *string    `json:"intent_id"`
	ChargeID      *string    `json:"charge_id"`
	CaptureBefore *time.Time `json:"capture_before"`
	RefundID      *string    `json:"refund_id"`
	RefundStatus  string     `json:"refund_status"`
	Reference     string     `json:"reference"`
	ReturnReason  string     `json:"return_reason"`
	KeptMinor     int64      `json:"kept_minor"`
	PartMinor     int64      `json:"part_minor"`
	PartDueMinor  int64      `json:"part_due_minor"`
	LostMinor     int64      `json:"lost_minor"`
	DueAt         *time.Time `json:"due_at"`
	CreatedAt     time.Time  `json:"created_at"`
	UpdatedAt     time.Time  `json:"updated_at"`
}

const columns = `id, order_id, market, purpose, attempt, means, account, manual, renews, state, currency, amount_minor, session_id,
	session_url, session_ends, intent_id, charge_id, capture_before, refund_id, refund_status, reference, return_reason, kept_minor, part_minor, part_due_minor, lost_minor, due_at, created_at, updated_at`

func (r *paymentRow) payment() *Payment {
	return &Payment{
		ID: id.Payment(r.ID), Order: id.Order(r.OrderID), Market: id.Market(r.Market), Purpose: Purpose(r.Purpose),
		Attempt: r.Attempt, Means: Means(r.Means), Account: r.Account, Manual: r.Manual, Renews: id.Payment(db.OrZero(r.Renews)), State: State(r.State),
		Amount:    money.Of(r.AmountMinor, money.Currency(r.Currency)),
		SessionID: db.OrZero(r.SessionID), SessionURL: db.OrZero(r.SessionURL), SessionEnds: db.OrZero(r.SessionEnds),
		IntentID: db.OrZero(r.IntentID), ChargeID: db.OrZero(r.ChargeID), CaptureBefore: db.OrZero(r.CaptureBefore),
		RefundID: db.OrZero(r.RefundID), RefundStatus: r.RefundStatus, Reference: r.Reference, ReturnReason: r.ReturnReason, KeptMinor: r.KeptMinor, PartMinor: r.PartMinor, PartDueMinor: r.PartDueMinor, LostMinor: r.LostMinor,
		DueAt: db.OrZero(r.DueAt), CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}

// OpenTx begins the next attempt of a card payment. The caller holds the order's lock; a second
// open attempt for the same purpose breaks payments_one_open.
func OpenTx(tx *db.Tx, p *Payment) error {
	p.ID, p.State, p.Means, p.CreatedAt, p.UpdatedAt = id.New[id.Payment](), Opening, ByCard, tx.Now, tx.Now
	_, err := db.One(tx.DB, &p.Attempt, `WITH moved AS (INSERT INTO payments (id, order_id, market, purpose, attempt, means, account, manual, renews, state, currency, amount_minor, session_ends, due_at, created_at, updated_at)
		SELECT ?, ?, ?, ?, (SELECT coalesce(max(attempt), 0) + 1 FROM payments WHERE order_id = ? AND purpose = ?), 'card', ?, ?, ?, 'opening', ?, ?, ?, ?, ?, ?
		RETURNING id, order_id, attempt), told AS (`+stepOfMoved+`) SELECT attempt FROM moved`,
		p.ID, p.Order, p.Market, p.Purpose, p.Order, p.Purpose, p.Account, p.Manual, db.OrNull(string(p.Renews)), p.Amount.Currency, p.Amount.Minor, p.SessionEnds, p.DueAt, tx.Now, tx.Now, tx.Now, Opening, "")
	if err != nil {
		return fmt.Errorf("payment: open: %w", err)
	}
	return nil
}

// Get reads a payment.
func Get(g *gorm.DB, key id.Payment) (*Payment, error) {
	return one(g, `SELECT `+columns+` FROM payments WHERE id = ?`, key)
}

// LockTx reads and locks a payment; lock its order before.
func LockTx(tx *db.Tx, key id.Payment) (*Payment, error) {
	return one(tx.DB, `SELECT `+columns+` FROM payments WHERE id = ? FOR UPDATE`, key)
}

// OpenOf is the open card payment of an order for a purpose.
func OpenOf(g *gorm.DB, o id.Order, purpose Purpose) (*Payment, error) {
	return one(g, `SELECT `+columns+` FROM payments WHERE order_id = ? AND purpose = ? AND state IN ('opening', 'open')`, o, purpose)
}

// OpenPages lists the open card payments of an order.
func OpenPages(g *gorm.DB, o id.Order) ([]*Payment, error) {
	ps, err := Of(g, o)
	return slices.DeleteFunc(ps, func(p *Payment) bool { return !p.Waits() }), err
}

// ByProvider finds the payment of a session or intent id; either may be empty.
func ByProvider(g *gorm.DB, sessionID, intentID string) (*Payment, error) {
	return one(g, `SELECT `+columns+` FROM payments WHERE session_id = ? OR intent_id = ?`, db.OrNull(sessionID), db.OrNull(intentID))
}

// Of lists the payments of an order, oldest first.
func Of(g *gorm.DB, o id.Order) ([]*Payment, error) {
	var rows []paymentRow
	err := g.Raw(`SELECT `+columns+` FROM payments WHERE order_id = ? ORDER BY created_at, attempt`, o).Scan(&rows).Error
	out := make([]*Payment, len(rows))
	for i := range rows {
		out[i] = rows[i].payment()
	}
	return out, err
}

// FromJSON reads payments as row_to_json writes them, for reads that fetch several tables at once.
func FromJSON(rows []byte) ([]*Payment, error) { return db.JSONRows(rows, (*paymentRow).payment) }

func one(g *gorm.DB, query string, args ...any) (*Payment, error) {
	var r paymentRow
	ok, err := db.One(g, &r, query, args...)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoPayment
	}
	return r.payment(), nil
}

// Change is what a step writes beside the state; empty fields stay. DueAt is always written.
type Change struct {
	SessionID     string
	SessionURL    string
	SessionEnds   time.Time
	IntentID      string
	ChargeID      string
	CaptureBefore time.Time
	RefundID      string
	ReturnReason  string
	KeptMinor     int64
	DueAt         time.Time
}

// stepOfMoved writes the history row of a payment that "moved" names.
const stepOfMoved = `INSERT INTO payment_history (payment_id, order_id, seq, at, what, code)
	SELECT id, order_id, (SELECT coalesce(max(seq), 0) + 1 FROM payment_history h WHERE h.payment_id = moved.id), ?, ?, ? FROM moved`

// MoveTx makes one step, guarded by the state p had when it was read; ErrMoved when it moved on or
// the machine has no such step.
func MoveTx(tx *db.Tx, p *Payment, to State, c Change) error {
	if !Allowed(p.State, to) {
		return ErrMoved.With("state", string(p.State))
	}
	ok, err := db.Changed(tx.DB, `WITH moved AS (UPDATE payments SET state = ?, session_id = coalesce(?, session_id), session_url = coalesce(?, session_url),
		session_ends = coalesce(?, session_ends), intent_id = coalesce(?, intent_id), charge_id = coalesce(?, charge_id),
		capture_before = coalesce(?, capture_before), refund_id = coalesce(?, refund_id), return_reason = coalesce(?, return_reason),
		kept_minor = coalesce(nullif(?::bigint, 0), kept_minor), due_at = ?, updated_at = ? WHERE id = ? AND state = ? RETURNING id, order_id)
		`+stepOfMoved,
		to, db.OrNull(c.SessionID), db.OrNull(c.SessionURL), db.TimeOrNull(c.SessionEnds), db.OrNull(c.IntentID), db.OrNull(c.ChargeID),
		db.TimeOrNull(c.CaptureBefore), db.OrNull(c.RefundID), db.OrNull(c.ReturnReason), c.KeptMinor, db.TimeOrNull(c.DueAt), tx.Now, p.ID, p.State, tx.Now, to, c.ReturnReason)
	if err != nil {
		return fmt.Errorf("payment: to %s: %w", to, err)
	}
	if !ok {
		return ErrMoved.With("state", string(p.State))
	}
	p.State, p.DueAt, p.UpdatedAt = to, c.DueAt, tx.Now
	set(&p.SessionID, c.SessionID)
	set(&p.SessionURL, c.SessionURL)
	set(&p.IntentID, c.IntentID)
	set(&p.ChargeID, c.ChargeID)
	set(&p.RefundID, c.RefundID)
	if c.KeptMinor > 0 {
		p.KeptMinor = c.KeptMinor
	}
	if !c.CaptureBefore.IsZero() {
		p.CaptureBefore = c.CaptureBefore
	}
	return nil
}

func set(dst *string, v string) {
	if v != "" {
		*dst = v
	}
}

// PostponeTx moves the time at which the sweep looks again, when the state stays.
func PostponeTx(tx *db.Tx, p *Payment, due time.Time) error {
	return tx.Exec(`UPDATE payments SET due_at = ? WHERE id = ? AND state = ?`, due, p.ID, p.State).Error
}

// Due lists payments whose time to look again has come.
func Due(g *gorm.DB, now time.Time, n int) ([]id.Payment, error) {
	var out []id.Payment
	err := g.Raw(`SELECT id FROM payments WHERE due_at <= ? ORDER BY due_at LIMIT ?`, now, n).Scan(&out).Error
	return out, err
}

// KeptTx tells whether another deposit of the order is authorised or taken.
func KeptTx(tx *db.Tx, p *Payment) (bool, error) {
	var n int
	_, err := db.One(tx.DB, &n, `SELECT count(*) FROM payments WHERE order_id = ? AND purpose = ? AND id <> ? AND state IN ('authorised', 'capturing', 'captured')`, p.Order, p.Purpose, p.ID)
	return n > 0, err
}

// RecordDeskTx writes a payment taken at the dealer's desk, with its ledger posting. owed is what
// the ledger says is still to pay: more than that is refused.
func RecordDeskTx(tx *db.Tx, p *Payment, owed int64, by id.User) error {
	if p.Amount.Minor <= 0 || p.Amount.Minor > owed {
		return ErrTooMuch
	}
	p.Account = "desk"
	if err := recordTx(tx, p, string(by)); err != nil {
		return err
	}
	return PostTx(tx, p.Order, p, KindDesk)
}

// kept is what is stored of an event: the id that a sweep needs. The event itself names addresses, a
// buyer's e-mail and a secret link, and is always read again at the bank.
func kept(e Event) string {
	b, _ := json.Marshal(map[string]any{"data": map[string]any{"object": map[string]string{"payment_intent": e.IntentID}}})
	return string(b)
}

// RecordEventTx keeps an event of the provider; false when it came before.
func RecordEventTx(tx *db.Tx, account string, e Event) (bool, error) {
	return db.Changed(tx.DB, `INSERT INTO provider_events (account, id, type, object_id, payload, received_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		account, e.ID, e.Type, e.ObjectID, kept(e), tx.Now)
}

// RecordNewsTx keeps an event that tells of a success. When our books know of it already, as after the
// buyer's return, it is done with at once; waits tells whether somebody must still deal with it.
func RecordNewsTx(tx *db.Tx, account string, e Event) (waits bool, err error) {
	_, err = db.One(tx.DB, &waits, `INSERT INTO provider_events (account, id, type, object_id, payload, received_at, processed_at) SELECT ?, ?, ?, ?, ?, ?,
		(SELECT ?::timestamptz FROM payments WHERE (session_id = ? OR intent_id = ?) AND state NOT IN ('opening', 'open', 'expired') LIMIT 1)
		ON CONFLICT DO NOTHING RETURNING processed_at IS NULL`,
		account, e.ID, e.Type, e.ObjectID, kept(e), tx.Now, tx.Now, db.OrNull(e.SessionID), db.OrNull(e.IntentID))
	return waits, err
}

// RecordIdle keeps an event that changes nothing here.
func RecordIdle(g *gorm.DB, account string, e Event, now time.Time) error {
	return g.Exec(`INSERT INTO provider_events (account, id, type, object_id, payload, received_at, processed_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		account, e.ID, e.Type, e.ObjectID, kept(e), now, now).Error
}

// EventDone notes that an event was dealt with.
func EventDone(g *gorm.DB, account, eventID string, now time.Time) error {
	return g.Exec(`UPDATE provider_events SET processed_at = ? WHERE account = ? AND id = ? AND processed_at IS NULL`, now, account, eventID).Error
}

// WaitingEvent is an event that was kept and not dealt with.
type WaitingEvent struct {
	Account, ID, Type, ObjectID, IntentID string
}

// WaitingEventsTx takes up to n events kept before an instant and not dealt with, and moves their
// received time on so that the next sweep does not take them at once.
func WaitingEventsTx(tx *db.Tx, before time.Time, n int) ([]WaitingEvent, error) {
	var out []WaitingEvent
	err := tx.Raw(`UPDATE provider_events SET received_at = ? WHERE (account, id) IN (
		SELECT account, id FROM provider_events WHERE processed_at IS NULL AND received_at < ? ORDER BY received_at LIMIT ? FOR UPDATE SKIP LOCKED)
		RETURNING account, id, type, object_id, coalesce(payload -> 'data' -> 'object' ->> 'payment_intent',
			CASE WHEN object_id LIKE 'pi\_%' THEN object_id ELSE '' END) AS intent_id`, tx.Now, before, n).Scan(&out).Error
	return out, err
}
