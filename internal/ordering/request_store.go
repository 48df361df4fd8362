package ordering

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type requestRow struct {
	ID                string     `json:"id"`
	OrderID           string     `json:"order_id"`
	Market            string     `json:"market"`
	Seq               int        `json:"seq"`
	Kind              string     `json:"kind"`
	State             string     `json:"state"`
	FromDealer        string     `json:"from_dealer"`
	ToDealer          string     `json:"to_dealer"`
	AskedAt           time.Time  `json:"asked_at"`
	DueAt             time.Time  `json:"due_at"`
	AnsweredAt        *time.Time `json:"answered_at"`
	Reason            string     `json:"reason"`
	FromConfiguration *string    `json:"from_configuration"`
	ToConfiguration   *string    `json:"to_configuration"`
	ToTotalMinor      *int64     `json:"to_total_minor"`
	ToSnapshot        []byte     `json:"-"`
	Snapshot          *Snapshot  `json:"to_snapshot" gorm:"-"`
	PricesOf          *string    `json:"prices_of"`
	OrderedBy         string     `json:"ordered_by"`
	Cause             string     `json:"cause"`
	AgreedAt          *time.Time `json:"agreed_at"`
}

const requestColumns = `id, order_id, market, seq, kind, state, from_dealer, to_dealer, asked_at, due_at, answered_at, reason,
	from_configuration, to_configuration, to_total_minor, to_snapshot, prices_of::text AS prices_of, ordered_by, cause, agreed_at`

func (r *requestRow) request() (*Request, error) {
	out := &Request{ID: id.Request(r.ID), Order: id.Order(r.OrderID), Market: id.Market(r.Market), Seq: r.Seq, Kind: RequestKind(r.Kind), State: RequestState(r.State),
		From: id.Dealer(r.FromDealer), To: id.Dealer(r.ToDealer), AskedAt: r.AskedAt, DueAt: r.DueAt, AnsweredAt: db.OrZero(r.AnsweredAt), Reason: r.Reason,
		FromCar: id.BuildCode(db.OrZero(r.FromConfiguration)), Car: ChangedCar{Configuration: id.BuildCode(db.OrZero(r.ToConfiguration)), TotalMinor: db.OrZero(r.ToTotalMinor), PricesOf: db.OrZero(r.PricesOf)}}
	out.OrderedBy, out.Cause, out.AgreedAt = r.OrderedBy, MoveCause(r.Cause), db.OrZero(r.AgreedAt)
	if r.Snapshot != nil {
		out.Car.Snapshot = *r.Snapshot
	}
	if len(r.ToSnapshot) > 0 {
		if err := json.Unmarshal(r.ToSnapshot, &out.Car.Snapshot); err != nil {
			return nil, fmt.Errorf("ordering: request %s: %w", r.ID, err)
		}
	}
	return out, nil
}

// AskTx writes a request about an order that the caller has locked; one that the office ordered is proposed to the buyer
// first. ErrAskedOnce while another waits for its answer.
func AskTx(tx *db.Tx, r *Request) error {
	r.ID, r.State, r.AskedAt = id.New[id.Request](), RequestAsked, tx.Now
	if r.Ordered() {
		r.State = RequestProposed
	}
	var snap []byte
	var total *int64
	if r.Kind == AskCar {
		var err error
		if snap, err = json.Marshal(r.Car.Snapshot); err != nil {
			return err
		}
		total = &r.Car.TotalMinor
	}
	_, err := db.One(tx.DB, &r.Seq, `INSERT INTO order_requests (id, order_id, market, seq, kind, state, from_dealer, to_dealer, asked_at, due_at, from_configuration, to_configuration, to_total_minor, to_snapshot, prices_of, ordered_by, cause)
		SELECT ?, ?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM order_requests WHERE order_id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::date, ?, ? RETURNING seq`,
		r.ID, r.Order, r.Market, r.Order, r.Kind, r.State, r.From, r.To, tx.Now, r.DueAt, db.OrNull(string(r.FromCar)), db.OrNull(string(r.Car.Configuration)), total, snap, db.OrNull(r.Car.PricesOf), r.OrderedBy, r.Cause)
	if db.Constraint(err) == "order_requests_one_asked" {
		return ErrAskedOnce
	}
	if err != nil {
		return fmt.Errorf("ordering: ask: %w", err)
	}
	return nil
}

// AnswerTx ends a request, once; ErrAnswered when it was ended before.
func AnswerTx(tx *db.Tx, r *Request, to RequestState, by, reason string) error {
	ok, err := db.Changed(tx.DB, `UPDATE order_requests SET state = ?, answered_at = ?, answered_by = ?, reason = ? WHERE id = ? AND state = ? AND answered_at IS NULL`, to, tx.Now, by, reason, r.ID, r.State)
	if err != nil {
		return fmt.Errorf("ordering: answer: %w", err)
	}
	if !ok {
		return ErrAnswered
	}
	r.State, r.Reason, r.AnsweredAt = to, reason, tx.Now
	return nil
}

// AgreeTx is the buyer's yes to a change of dealer that the office ordered: from now on the other dealer is asked, until due.
func AgreeTx(tx *db.Tx, r *Request, due time.Time) error {
	ok, err := db.Changed(tx.DB, `UPDATE order_requests SET state = 'asked', agreed_at = ?, asked_at = ?, due_at = ? WHERE id = ? AND state = 'proposed'`, tx.Now, tx.Now, due, r.ID)
	if err != nil {
		return fmt.Errorf("ordering: agree: %w", err)
	}
	if !ok {
		return ErrAnswered
	}
	r.State, r.AgreedAt, r.AskedAt, r.DueAt = RequestAsked, tx.Now, tx.Now, due
	return nil
}

// Waiting is the request of an order that waits for the word of a dealer or, where the office ordered it, of the buyer;
// nil when there is none.
func Waiting(g *gorm.DB, o id.Order) (*Request, error) {
	return oneRequest(g, `SELECT `+requestColumns+` FROM order_requests WHERE order_id = ? AND state IN ('proposed', 'asked')`, o)
}

// Asked is the request of an order that waits for a dealer's answer; nil when there is none.
func Asked(g *gorm.DB, o id.Order) (*Request, error) {
	return oneRequest(g, `SELECT `+requestColumns+` FROM order_requests WHERE order_id = ? AND state = 'asked'`, o)
}

// AskedOf is the waiting request about an order of a number that a dealer is to answer; others do not exist for it.
func AskedOf(g *gorm.DB, d id.Dealer, kind RequestKind, number string) (*Request, error) {
	r, err := oneRequest(g, `SELECT `+requestColumns+` FROM order_requests WHERE to_dealer = ? AND kind = ? AND state = 'asked'
		AND order_id = (SELECT id FROM orders WHERE number = ?)`, d, kind, number)
	if err == nil && r == nil {
		err = ErrNoRequest
	}
	return r, err
}

// LastAskedOf is the newest request about an order of a number that a dealer was asked, however it ended.
func LastAskedOf(g *gorm.DB, d id.Dealer, kind RequestKind, number string) (*Request, error) {
	r, err := oneRequest(g, `SELECT `+requestColumns+` FROM order_requests WHERE to_dealer = ? AND kind = ? AND (ordered_by = '' OR agreed_at IS NOT NULL)
		AND order_id = (SELECT id FROM orders WHERE number = ?) ORDER BY seq DESC LIMIT 1`, d, kind, number)
	if err == nil && r == nil {
		err = ErrNoRequest
	}
	return r, err
}

// RequestOf is the request of an order with a number; nil when there is none.
func RequestOf(g *gorm.DB, o id.Order, seq int) (*Request, error) {
	return oneRequest(g, `SELECT `+requestColumns+` FROM order_requests WHERE order_id = ? AND seq = ?`, o, seq)
}

func oneRequest(g *gorm.DB, query string, args ...any) (*Request, error) {
	var r requestRow
	ok, err := db.One(g, &r, query, args...)
	if err != nil || !ok {
		return nil, err
	}
	return r.request()
}

// RequestList is a column of the requests of the order "o", for reads that fetch several tables at once.
const RequestList = `(SELECT json_agg(r ORDER BY r.seq) FROM order_requests r WHERE r.order_id = o.id)`

// RequestsFromJSON reads requests as row_to_json writes them.
func RequestsFromJSON(rows []byte) ([]*Request, error) {
	var rs []requestRow
	if len(rows) > 0 {
		if err := json.Unmarshal(rows, &rs); err != nil {
			return nil, fmt.Errorf("ordering: requests: %w", err)
		}
	}
	out := make([]*Request, len(rs))
	for i := range rs {
		r, err := rs[i].request()
		if err != nil {
			return nil, err
		}
		out[i] = r
	}
	return out, nil
}

// RequestsOf lists the requests of an order, first to last.
func RequestsOf(g *gorm.DB, o id.Order) ([]*Request, error) {
	var rows []requestRow
	if err := g.Raw(`SELECT `+requestColumns+` FROM order_requests WHERE order_id = ? ORDER BY seq`, o).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("ordering: requests: %w", err)
	}
	out := make([]*Request, len(rows))
	for i := range rows {
		r, err := rows[i].request()
		if err != nil {
			return nil, err
		}
		out[i] = r
	}
	return out, nil
}

// RequestsDue lists orders with a request whose dealer, or whose buyer, let the time to answer pass.
func RequestsDue(g *gorm.DB, now time.Time, n int) ([]id.Order, error) {
	var out []id.Order
	err := g.Raw(`SELECT order_id FROM (SELECT order_id, due_at FROM order_requests WHERE state = 'asked' AND due_at <= @now
		UNION ALL SELECT order_id, due_at FROM order_requests WHERE state = 'proposed' AND due_at <= @now) r ORDER BY due_at LIMIT @n`, map[string]any{"now": now, "n": n}).Scan(&out).Error
	return out, err
}

// SetWishTx keeps the first day on which the buyer can fetch the car, "2026-12-24"; empty for none.
func SetWishTx(tx *db.Tx, o *Order, day string) error {
	o.WishDay = day
	return tx.Exec(`UPDATE orders SET wish_day = nullif(?, '')::date, updated_at = ? WHERE id = ?`, day, tx.Now, o.ID).Error
}
