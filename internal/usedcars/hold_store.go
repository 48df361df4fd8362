package usedcars

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type holdRow struct {
	ID        string
	Car       string
	Brand     string
	Market    string
	Place     int64
	State     string
	Locale    string
	Email     string
	DueAt     *time.Time
	Longer    int
	Buyer     *string
	OrderRef  *string
	StartedAt time.Time
	EndWhy    *string
	HeldBy    *string
}

const holdColumns = `id, car, brand, market, place, state, locale, email, due_at, longer, buyer, order_ref, started_at, end_why, held_by`

func (r *holdRow) hold() *Hold {
	return &Hold{ID: id.Hold(r.ID), Car: id.UsedCar(r.Car), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), Place: r.Place, State: HoldState(r.State), Locale: r.Locale,
		Email: r.Email, DueAt: db.OrZero(r.DueAt), Longer: r.Longer > 0, Buyer: id.Buyer(db.OrZero(r.Buyer)), Order: id.Order(db.OrZero(r.OrderRef)),
		Started: r.StartedAt, EndWhy: EndWhy(db.OrZero(r.EndWhy)), By: id.User(db.OrZero(r.HeldBy))}
}

// AddHoldTx writes a hold of a locked car: one that has it (Holding), or a place in its line (Waiting). token is what its
// secret link will carry, hashed. ErrTaken when somebody else has the car, ErrWaits when the address waits already,
// ErrLineFull when enough do.
func AddHoldTx(tx *db.Tx, h *Hold, tokenHash []byte) error {
	if h.State == Waiting {
		var n int
		if _, err := db.One(tx.DB, &n, `SELECT count(*) FROM used_holds WHERE car = ? AND state = 'waiting'`, h.Car); err != nil {
			return err
		}
		if n >= MostWaiting {
			return ErrLineFull
		}
	}
	err := tx.Exec(`INSERT INTO used_holds (id, car, brand, market, token_hash, state, locale, email, due_at, started_at, held_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		h.ID, h.Car, h.Brand, h.Market, tokenHash, h.State, h.Locale, h.Email, db.TimeOrNull(h.DueAt), tx.Now, db.OrNull(string(h.By))).Error
	switch db.Constraint(err) {
	case "":
	case "used_holds_one":
		return ErrTaken
	case "used_holds_waits_once":
		return ErrWaits
	}
	if err != nil {
		return fmt.Errorf("usedcars: hold: %w", err)
	}
	h.Started = tx.Now
	return nil
}

// HoldBy reads the hold of a secret link in its shop; ErrNoHold too for what has not even a token's form, whose hash is nil.
func HoldBy(g *gorm.DB, b id.Brand, m id.Market, tokenHash []byte) (*Hold, error) {
	if tokenHash == nil {
		return nil, ErrNoHold
	}
	return holdWhere(g, `token_hash = ? AND brand = ? AND market = ?`, tokenHash, b, m)
}

// HoldOfOrder is the hold that became an order; ErrNoHold when there is none.
func HoldOfOrder(g *gorm.DB, o id.Order) (*Hold, error) { return holdWhere(g, `order_ref = ?`, o) }

// HolderOf is the hold that has a car; ErrNoHold when nobody has it.
func HolderOf(g *gorm.DB, car id.UsedCar) (*Hold, error) {
	return holdWhere(g, `car = ? AND state IN ('offered', 'holding', 'ordered')`, car)
}

// NextTx locks the first of a car's line; ErrNoHold when nobody waits.
func NextTx(tx *db.Tx, car id.UsedCar) (*Hold, error) {
	return holdWhere(tx.DB, `car = ? AND state = 'waiting' ORDER BY place LIMIT 1 FOR UPDATE`, car)
}

// LockHoldTx reads a hold again and locks it. Its car is locked before it, always.
func LockHoldTx(tx *db.Tx, key id.Hold) (*Hold, error) {
	return holdWhere(tx.DB, `id = ? FOR UPDATE`, key)
}

func holdWhere(g *gorm.DB, where string, args ...any) (*Hold, error) {
	var r holdRow
	ok, err := db.One(g, &r, `SELECT `+holdColumns+` FROM used_holds WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("usedcars: hold: %w", err)
	}
	if !ok {
		return nil, ErrNoHold
	}
	return r.hold(), nil
}

// Ahead is how many wait before a hold.
func Ahead(g *gorm.DB, h *Hold) (int, error) {
	var n int
	_, err := db.One(g, &n, `SELECT count(*) FROM used_holds WHERE car = ? AND state = 'waiting' AND place < ?`, h.Car, h.Place)
	return n, err
}

// HoldMove is a step of a hold with what it brings.
type HoldMove struct {
	To    HoldState
	DueAt time.Time
	Buyer id.Buyer
	Order id.Order
	Why   EndWhy
}

// MoveHoldTx makes a step of a locked hold; ErrMoved when there is no such step or somebody was quicker.
func MoveHoldTx(tx *db.Tx, h *Hold, m HoldMove) error {
	ok := false
	for _, e := range HoldEdges {
		ok = ok || e == (HoldEdge{h.State, m.To})
	}
	if !ok {
		return ErrMoved
	}
	var ended any
	if m.To == Ended {
		ended = tx.Now
	}
	ok, err := db.Changed(tx.DB, `UPDATE used_holds SET state = ?, due_at = ?, buyer = coalesce(?, buyer), order_ref = coalesce(?, order_ref), ended_at = ?, end_why = ? WHERE id = ? AND state = ?`,
		m.To, db.TimeOrNull(m.DueAt), db.OrNull(string(m.Buyer)), db.OrNull(string(m.Order)), ended, db.OrNull(string(m.Why)), h.ID, h.State)
	switch {
	case db.Constraint(err) == "used_holds_one":
		return ErrTaken
	case err != nil:
		return fmt.Errorf("usedcars: move hold: %w", err)
	case !ok:
		return ErrMoved
	}
	h.State, h.DueAt, h.EndWhy = m.To, m.DueAt, m.Why
	if m.Buyer != "" {
		h.Buyer = m.Buyer
	}
	if m.Order != "" {
		h.Order = m.Order
	}
	return nil
}

// LongerTx prolongs a hold that runs, once.
func LongerTx(tx *db.Tx, h *Hold, until time.Time) error {
	if h.Longer {
		return ErrLongerUsed
	}
	ok, err := db.Changed(tx.DB, `UPDATE used_holds SET due_at = ?, longer = 1 WHERE id = ? AND state = 'holding' AND longer = 0 AND due_at > ?`, until, h.ID, tx.Now)
	if err == nil && !ok {
		err = ErrHoldOver
	}
	if err == nil {
		h.DueAt, h.Longer = until, true
	}
	return err
}

// DueHolds are the cars whose hold or offer has run out, the oldest first.
func DueHolds(g *gorm.DB, now time.Time, most int) ([]id.UsedCar, error) {
	var out []id.UsedCar
	err := g.Raw(`SELECT car FROM used_holds WHERE state IN ('offered', 'holding') AND due_at <= ? ORDER BY due_at LIMIT ?`, now, most).Scan(&out).Error
	return out, err
}

// LineOverTx ends everybody who waits for a car that cannot be had any more, and answers who they were.
func LineOverTx(tx *db.Tx, car id.UsedCar) ([]*Hold, error) {
	var rows []holdRow
	err := tx.Raw(`UPDATE used_holds SET state = 'ended', ended_at = ?, end_why = 'car_gone' WHERE car = ? AND state = 'waiting' RETURNING `+holdColumns, tx.Now, car).Scan(&rows).Error
	out := make([]*Hold, len(rows))
	for i := range rows {
		out[i] = rows[i].hold()
	}
	return out, err
}

// ForgetTx empties the addresses of who waited, some days after the hold ended.
func ForgetTx(tx *db.Tx, before time.Time) error {
	return tx.Exec(`UPDATE used_holds SET email = '' WHERE state = 'ended' AND ended_at < ? AND email <> ''`, before).Error
}

// HoldByID reads a hold.
func HoldByID(g *gorm.DB, key id.Hold) (*Hold, error) { return holdWhere(g, `id = ?`, key) }
