package ordering

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/log"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

type orderRow struct {
	ID            string
	Number        string
	Brand         string
	Market        string
	Flow          string
	State         string
	Buyer         string
	Configuration *string
	Snapshot      []byte
	Currency      string
	TotalMinor    int64
	DepositMinor  int64
	TermsVersion  string
	Dealer        string
	Vin           *string
	Plate         *string
	PickupCode    string
	Checks        string
	CancelReason  string
	DueAt         *time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
	HandedOverAt  *time.Time
	Locale        *string
	WishDay       *string
	AnyDealer     string
	OriginDealer  *string
}

const orderColumns = `id, number, brand, market, flow, state, buyer, configuration, snapshot, currency, total_minor,
	deposit_minor, terms_version, dealer, vin, plate, pickup_code, array_to_string(checks, ',') AS checks,
	cancel_reason, due_at, created_at, updated_at, handed_over_at, locale, any_dealer, origin_dealer, wish_day::text AS wish_day`

// orderColumnsOf are the same columns of a table alias, for joins.
func orderColumnsOf(t string) string {
	cols := strings.Split(strings.Replace(orderColumns, "array_to_string(checks, ',') AS checks", "checks_text", 1), ",")
	for i, c := range cols {
		cols[i] = t + "." + strings.TrimSpace(c)
	}
	return strings.Replace(strings.Join(cols, ", "), t+".checks_text", "array_to_string("+t+".checks, ',') AS checks", 1)
}

func (r *orderRow) order() (*Order, error) {
	o := &Order{
		ID: id.Order(r.ID), Number: r.Number, Brand: id.Brand(r.Brand), Market: id.Market(r.Market),
		Flow: id.Flow(r.Flow), State: State(r.State), Buyer: id.Buyer(r.Buyer),
		Configuration: id.BuildCode(db.OrZero(r.Configuration)), Currency: money.Currency(r.Currency),
		TotalMinor: r.TotalMinor, DepositMinor: r.DepositMinor, TermsVersion: r.TermsVersion,
		Dealer: id.Dealer(r.Dealer), VIN: db.OrZero(r.Vin), Plate: db.OrZero(r.Plate), PickupCode: r.PickupCode,
		Checks: split(r.Checks), CancelReason: r.CancelReason, DueAt: db.OrZero(r.DueAt),
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, HandedOverAt: db.OrZero(r.HandedOverAt), Locale: db.OrZero(r.Locale),
		AnyDealer: AnyDealer(r.AnyDealer), WishDay: db.OrZero(r.WishDay), OriginDealer: id.Dealer(db.OrZero(r.OriginDealer)),
	}
	if err := json.Unmarshal(r.Snapshot, &o.Snapshot); err != nil {
		return nil, fmt.Errorf("ordering: snapshot of %s: %w", r.ID, err)
	}
	return o, nil
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// AddBuyerTx writes a buyer.
func AddBuyerTx(tx *db.Tx, b Buyer) error {
	return tx.Exec(`INSERT INTO buyers (id, market, name, email, phone, street, town, postcode, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.ID, b.Market, b.Name, b.Email, b.Phone, b.Street, b.Town, b.Postcode, tx.Now).Error
}

// BuyerOf reads a buyer.
func BuyerOf(g *gorm.DB, key id.Buyer) (Buyer, error) {
	var b Buyer
	ok, err := db.One(g, &b, `SELECT id, market, name, email, phone, street, town, postcode FROM buyers WHERE id = ?`, key)
	if err == nil && !ok {
		err = ErrNoOrder
	}
	return b, err
}

// BuyersAt are those of some buyers who have an e-mail address.
func BuyersAt(g *gorm.DB, keys []id.Buyer, email string) ([]id.Buyer, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var out []id.Buyer
	err := g.Raw(`SELECT id FROM buyers WHERE id IN ? AND lower(email) = lower(?)`, keys, email).Scan(&out).Error
	return out, err
}

// CreateTx writes an order in state checkout with the dealers agreed to by name (the first is the chosen
// one; none when the rule chooses) and its first history row.
func CreateTx(ctx context.Context, tx *db.Tx, o *Order, dealers []id.Dealer) error {
	snap, err := json.Marshal(o.Snapshot)
	if err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO orders (id, number, brand, market, flow, state, buyer, configuration, snapshot, currency,
		total_minor, deposit_minor, terms_version, dealer, pickup_code, due_at, created_at, updated_at, locale, any_dealer, origin, origin_dealer)
		VALUES (?, ?, ?, ?, ?, 'checkout', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o.ID, o.Number, o.Brand, o.Market, o.Flow, o.Buyer, db.OrNull(string(o.Configuration)), snap, o.Currency,
		o.TotalMinor, o.DepositMinor, o.TermsVersion, o.Dealer, o.PickupCode, o.DueAt, tx.Now, tx.Now, db.OrNull(o.Locale), o.AnyDealer, origin(o.OriginDealer != ""), db.OrNull(string(o.OriginDealer))).Error
	if err != nil {
		return fmt.Errorf("ordering: create: %w", err)
	}
	for i, d := range dealers {
		if err := AgreeDealerTx(tx, o, i, d); err != nil {
			return err
		}
	}
	return tx.Exec(`INSERT INTO order_history (order_id, seq, flow, from_state, event, to_state, at, actor, request_id)
		VALUES (?, 1, ?, '', 'begin', 'checkout', ?, 'buyer', ?)`, o.ID, o.Flow, tx.Now, log.RequestID(ctx)).Error
}

// AgreeDealerTx records the buyer's consent that the order may go to a dealer.
func AgreeDealerTx(tx *db.Tx, o *Order, rank int, d id.Dealer) error {
	return tx.Exec(`INSERT INTO order_dealers (order_id, market, rank, dealer, agreed_at) VALUES (?, ?, ?, ?, ?)`,
		o.ID, o.Market, rank, d, tx.Now).Error
}

// AgreeRuleTx records that the rule the buyer agreed to found a dealer. Guarded: without that agreement it is a conflict.
func AgreeRuleTx(tx *db.Tx, o *Order, d id.Dealer) error {
	ok, err := db.Changed(tx.DB, `INSERT INTO order_dealers (order_id, market, rank, dealer, agreed_at, how)
		SELECT id, market, (SELECT coalesce(max(rank) + 1, 0) FROM order_dealers WHERE order_id = orders.id), ?, ?, 'rule'
		FROM orders WHERE id = ? AND any_dealer <> ''`, d, tx.Now, o.ID)
	if err == nil && !ok {
		err = ErrMoved
	}
	return err
}

// AgreedDealer is a dealer that an order may go to.
type AgreedDealer struct {
	Dealer id.Dealer
	ByRule bool // the rule found it; the buyer did not name it
}

// AgreedHow lists the dealers the buyer agreed to, in order, and how.
func AgreedHow(g *gorm.DB, key id.Order) ([]AgreedDealer, error) {
	var out []AgreedDealer
	err := g.Raw(`SELECT dealer, how = 'rule' AS by_rule FROM order_dealers WHERE order_id = ? ORDER BY rank`, key).Scan(&out).Error
	return out, err
}

// Agreed lists the dealers the buyer agreed to, in order.
func Agreed(g *gorm.DB, key id.Order) ([]id.Dealer, error) {
	var out []id.Dealer
	err := g.Raw(`SELECT dealer FROM order_dealers WHERE order_id = ? ORDER BY rank`, key).Scan(&out).Error
	return out, err
}

// LockTx reads an order and locks it until the transaction ends. Everything that changes an order,
// its payments or its queue entry takes this lock first, so that they can not pass one another.
func LockTx(tx *db.Tx, key id.Order) (*Order, error) {
	return one(tx.DB, `SELECT `+orderColumns+` FROM orders WHERE id = ? FOR UPDATE`, key)
}

// LockFreeTx locks those of some orders that nobody else holds at this moment, in the order of their ids, and answers
// which. It is for sweeps: who is busy is looked at again.
func LockFreeTx(tx *db.Tx, keys []id.Order) ([]id.Order, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var out []id.Order
	err := tx.Raw(`SELECT id FROM orders WHERE id IN ? ORDER BY id FOR UPDATE SKIP LOCKED`, keys).Scan(&out).Error
	return out, err
}

// Get reads an order.
func Get(g *gorm.DB, key id.Order) (*Order, error) {
	return one(g, `SELECT `+orderColumns+` FROM orders WHERE id = ?`, key)
}

// ByNumber reads an order by the number that people read. Whose it is, is for the caller to ask.
func ByNumber(g *gorm.DB, number string) (*Order, error) {
	return one(g, `SELECT `+orderColumns+` FROM orders WHERE number = ?`, number)
}

// GetByNumber reads an order of a shop by the number that people know.
func GetByNumber(g *gorm.DB, b id.Brand, m id.Market, number string) (*Order, error) {
	return one(g, `SELECT `+orderColumns+` FROM orders WHERE number = ? AND brand = ? AND market = ?`, number, b, m)
}

// GetInMarket reads an order of a market, whatever its brand, by its number.
func GetInMarket(g *gorm.DB, m id.Market, number string) (*Order, error) {
	return one(g, `SELECT `+orderColumns+` FROM orders WHERE number = ? AND market = ?`, number, m)
}

// GetForDealer reads an order that the dealer has now; others do not exist for that dealer.
func GetForDealer(g *gorm.DB, d id.Dealer, number string) (*Order, error) {
	return one(g, `SELECT `+orderColumns+` FROM orders o WHERE number = ? AND dealer = ?
		AND EXISTS (SELECT 1 FROM queue_entries q WHERE q.order_id = o.id AND q.dealer = o.dealer AND q.state IN ('offered', 'accepted', 'done'))`, number, d)
}

// GetLeft reads an order that the buyer left while the dealer had it; others do not exist for that dealer.
func GetLeft(g *gorm.DB, d id.Dealer, number string) (*Order, error) {
	return one(g, `SELECT `+orderColumns+` FROM orders o WHERE number = ? AND dealer = ? AND EXISTS (SELECT 1 FROM leavings l WHERE l.order_id = o.id)
		AND EXISTS (SELECT 1 FROM queue_entries q WHERE q.order_id = o.id AND q.dealer = o.dealer AND q.state IN ('withdrawn', 'done'))`, number, d)
}

func one(g *gorm.DB, query string, args ...any) (*Order, error) {
	var r orderRow
	ok, err := db.One(g, &r, query, args...)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoOrder
	}
	return r.order()
}

// ProlongTx moves the end of the time to pay of an order that the caller has locked.
func ProlongTx(tx *db.Tx, o *Order, due time.Time) error {
	r := tx.Exec(`UPDATE orders SET due_at = ?, updated_at = ? WHERE id = ? AND state = 'checkout'`, due, tx.Now, o.ID)
	if r.Error != nil {
		return fmt.Errorf("ordering: prolong: %w", r.Error)
	}
	if r.RowsAffected != 1 {
		return ErrMoved
	}
	o.DueAt, o.UpdatedAt = due, tx.Now
	return nil
}

// Change is what a step writes beside the state. Empty fields stay as they are; DueAt is always
// written, because a deadline belongs to a state.
type Change struct {
	DueAt        time.Time
	Dealer       id.Dealer
	VIN          string
	Plate        string
	NoPlate      bool // what stood as the plate was none
	CancelReason string
	HandedOver   bool
	Undone       bool // the handover did not happen
}

// MoveTx makes one step: guarded by the state that o had when it was read, with its history row.
// It answers ErrMoved when the order stands elsewhere or the machine has no such step.
func MoveTx(ctx context.Context, tx *db.Tx, o *Order, e Event, actor, reason string, c Change) error {
	to, ok := MachineOf(o.Flow).Next(o.State, e)
	if !ok {
		return ErrMoved.With("state", string(o.State))
	}
	var handed *time.Time
	if c.HandedOver {
		handed = &tx.Now
	}
	ok, err := db.Changed(tx.DB, `WITH moved AS (
		UPDATE orders SET state = ?, due_at = ?, updated_at = ?, dealer = coalesce(?, dealer), vin = coalesce(?, vin),
			plate = CASE WHEN NOT ?::boolean THEN coalesce(?, plate) END, cancel_reason = coalesce(?, cancel_reason), handed_over_at = CASE WHEN NOT ?::boolean THEN coalesce(?, handed_over_at) END
		WHERE id = ? AND state = ? RETURNING id, flow)
		INSERT INTO order_history (order_id, seq, flow, from_state, event, to_state, at, actor, reason, request_id)
		SELECT id, (SELECT max(seq) + 1 FROM order_history h WHERE h.order_id = moved.id), flow, ?, ?, ?, ?, ?, ?, ? FROM moved`,
		to, db.TimeOrNull(c.DueAt), tx.Now, db.OrNull(string(c.Dealer)), db.OrNull(c.VIN), c.NoPlate, db.OrNull(c.Plate), db.OrNull(c.CancelReason), c.Undone, handed,
		o.ID, o.State, o.State, e, to, tx.Now, actor, reason, log.RequestID(ctx))
	switch {
	case db.Constraint(err) == "orders_one_live_vin":
		return ErrVINTaken
	case db.Constraint(err) == "orders_pickup": // its code was drawn again since it was handed over
		return ErrMoved.With("state", string(o.State))
	case err != nil:
		return fmt.Errorf("ordering: %s: %w", e, err)
	case !ok:
		return ErrMoved.With("state", string(o.State))
	}
	o.State, o.DueAt, o.UpdatedAt = to, c.DueAt, tx.Now
	if c.Dealer != "" {
		o.Dealer = c.Dealer
	}
	if c.VIN != "" {
		o.VIN = c.VIN
	}
	if c.Plate != "" || c.NoPlate {
		o.Plate = c.Plate
	}
	if c.HandedOver {
		o.HandedOverAt = tx.Now
	}
	if c.Undone {
		o.HandedOverAt = time.Time{}
	}
	return nil
}

// SetChecksTx ticks or unticks a preparation item while the car stands at the dealer.
func SetChecksTx(tx *db.Tx, o *Order, checks []string) error {
	ok, err := db.Changed(tx.DB, `UPDATE orders SET checks = string_to_array(?, ','), updated_at = ? WHERE id = ? AND state = 'arrived'`,
		strings.Join(checks, ","), tx.Now, o.ID)
	if err == nil && !ok {
		return ErrMoved
	}
	o.Checks = checks
	return err
}

type stepRow struct {
	Seq       int       `json:"seq"`
	FromState string    `json:"from_state"`
	Event     string    `json:"event"`
	ToState   string    `json:"to_state"`
	At        time.Time `json:"at"`
	Actor     string    `json:"actor"`
	Reason    string    `json:"reason"`
}

// HistoryFromJSON reads steps as row_to_json writes them, for reads that fetch several tables at once.
func HistoryFromJSON(rows []byte) ([]Step, error) {
	return db.JSONRows(rows, func(r *stepRow) Step {
		return Step{Seq: r.Seq, From: State(r.FromState), Event: Event(r.Event), To: State(r.ToState), At: r.At, Actor: r.Actor, Reason: r.Reason}
	})
}

// HoldTx locks an order without reading it, for writes that need no more than its lock.
func HoldTx(tx *db.Tx, key id.Order) error {
	var one int
	ok, err := db.One(tx.DB, &one, `SELECT 1 FROM orders WHERE id = ? FOR UPDATE`, key)
	if err == nil && !ok {
		err = ErrNoOrder
	}
	return err
}

// DueTx locks up to n orders whose own deadline has passed, skipping those somebody works on.
func DueTx(tx *db.Tx, n int) ([]id.Order, error) {
	var out []id.Order
	err := tx.Raw(`SELECT id FROM orders WHERE state = 'choosing' AND due_at <= ? ORDER BY due_at LIMIT ?`, tx.Now, n).Scan(&out).Error
	return out, err
}

// WentThroughTx tells whether an order ever made a step.
func WentThroughTx(tx *db.Tx, key id.Order, e Event) (bool, error) {
	var ok bool
	_, err := db.One(tx.DB, &ok, `SELECT EXISTS (SELECT FROM order_history WHERE order_id = ? AND event = ?)`, key, e)
	return ok, err
}

// LiveVIN tells whether a car is on its way to a buyer: in an order that is neither over nor handed over.
func LiveVIN(g *gorm.DB, vin string) (bool, error) {
	var live bool
	_, err := db.One(g, &live, `SELECT EXISTS (SELECT FROM orders WHERE vin = ? AND state NOT IN ('cancelled', 'lapsed', 'returned', 'handed_over'))`, vin)
	return live, err
}
