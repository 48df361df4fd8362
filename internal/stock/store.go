package stock

import (
	"fmt"
	"regexp"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type carRow struct {
	ID        string
	Brand     string
	Market    string
	Model     string
	Dealer    string
	Vin       *string
	Selection string
	Stage     string
	ReadyOn   time.Time
	State     string
	OrderRef  *string
	KeptSince time.Time
	WarnedAt  *time.Time
	PooledAt  *time.Time

	Wishes int  // of a car of the pool
	Mine   bool // one of them is the reader's
}

const columns = `id, brand, market, model, dealer, vin, selection, stage, ready_on, state, order_ref, kept_since, warned_at, pooled_at`

func (r *carRow) car() *Car {
	c := &Car{ID: id.StockCar(r.ID), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), Model: id.Model(r.Model), Dealer: id.Dealer(r.Dealer),
		Selection: r.Selection, Stage: Stage(r.Stage), ReadyOn: market.DateOf(r.ReadyOn), State: State(r.State), KeptSince: r.KeptSince}
	c.WarnedAt = db.OrZero(r.WarnedAt)
	c.PooledAt = db.OrZero(r.PooledAt)
	c.VIN = db.OrZero(r.Vin)
	if r.OrderRef != nil {
		c.Order = id.Order(*r.OrderRef)
	}
	return c
}

var idForm = regexp.MustCompile(`^P-[2-9A-HJ-NPR-Z]{6}$`)

// AddTx writes a free car. One whose number is known already is written anew while it is free, and
// stays as it is when somebody has it.
func AddTx(tx *db.Tx, c *Car) error {
	err := tx.Exec(`INSERT INTO stock_cars (id, brand, market, model, dealer, vin, selection, stage, ready_on, created_at, updated_at, kept_since)
		VALUES (?, ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET dealer = excluded.dealer, vin = excluded.vin, selection = excluded.selection, stage = excluded.stage,
			ready_on = excluded.ready_on, updated_at = excluded.updated_at WHERE stock_cars.state = 'free'`,
		c.ID, c.Brand, c.Market, c.Model, c.Dealer, c.VIN, c.Selection, c.Stage, string(c.ReadyOn), tx.Now, tx.Now, tx.Now).Error
	if err != nil {
		return fmt.Errorf("stock: add: %w", err)
	}
	return nil
}

// Any tells whether there is any car at all.
func Any(g *gorm.DB) (bool, error) {
	var found bool
	_, err := db.One(g, &found, `SELECT EXISTS (SELECT 1 FROM stock_cars)`)
	return found, err
}

// Get reads a car. What has not even the form of a number is no car.
func Get(g *gorm.DB, key id.StockCar) (*Car, error) {
	return get(g, key, ``)
}

// LockTx reads a car and locks it until the transaction ends, so that many who want it queue up.
func LockTx(tx *db.Tx, key id.StockCar) (*Car, error) {
	return get(tx.DB, key, ` FOR UPDATE`)
}

func get(g *gorm.DB, key id.StockCar, lock string) (*Car, error) {
	if !idForm.MatchString(string(key)) {
		return nil, ErrNoCar
	}
	var r carRow
	ok, err := db.One(g, &r, `SELECT `+columns+` FROM stock_cars WHERE id = ?`+lock, key)
	if err != nil {
		return nil, fmt.Errorf("stock: get: %w", err)
	}
	if !ok {
		return nil, ErrNoCar
	}
	return r.car(), nil
}

// HeldBy is the car of an order; nil when it has none.
func HeldBy(g *gorm.DB, o id.Order) (*Car, error) {
	var r carRow
	ok, err := db.One(g, &r, `SELECT `+columns+` FROM stock_cars WHERE order_ref = ?`, o)
	if err != nil || !ok {
		return nil, err
	}
	return r.car(), nil
}

// HoldTx takes a free car for an order. Of many at once one succeeds, the others get ErrTaken.
func HoldTx(tx *db.Tx, key id.StockCar, o id.Order) error {
	ok, err := db.Changed(tx.DB, `UPDATE stock_cars SET state = 'held', order_ref = ?, updated_at = ? WHERE id = ? AND state = 'free'`, o, tx.Now, key)
	switch {
	case db.Constraint(err) == "stock_cars_order_ref_key":
		return ErrTaken // this order has another car
	case err != nil:
		return fmt.Errorf("stock: hold: %w", err)
	case !ok:
		return ErrTaken
	}
	return nil
}

// ReleaseTx frees the car of an order that ended without a handover, if it has one.
func ReleaseTx(tx *db.Tx, o id.Order) error {
	_, err := db.Changed(tx.DB, `UPDATE stock_cars SET state = 'free', order_ref = NULL, updated_at = ? WHERE order_ref = ? AND state = 'held'`, tx.Now, o)
	return err
}

// GoneTx ends the car of an order that is handed over, if it has one.
func GoneTx(tx *db.Tx, o id.Order) error {
	_, err := db.Changed(tx.DB, `UPDATE stock_cars SET state = 'gone', updated_at = ? WHERE order_ref = ? AND state = 'held'`, tx.Now, o)
	return err
}

// StayTx takes back that the car of an order is gone, if the order has one: its handover was undone.
func StayTx(tx *db.Tx, o id.Order) error {
	_, err := db.Changed(tx.DB, `UPDATE stock_cars SET state = 'held', updated_at = ? WHERE order_ref = ? AND state = 'gone'`, tx.Now, o)
	return err
}

// BackTx notes that the car of an order came back after its handover, if the order had one, and where it is.
func BackTx(tx *db.Tx, o id.Order, at id.Dealer) error {
	_, err := db.Changed(tx.DB, `UPDATE stock_cars SET state = 'returned', dealer = ?, updated_at = ? WHERE order_ref = ? AND state = 'gone'`, at, tx.Now, o)
	return err
}

// FollowTx notes how far the car of an order has come, so that it is where it says should the order
// end. A car's VIN is given once: another one is another car.
func FollowTx(tx *db.Tx, o id.Order, st Stage, vin string, at id.Dealer) error {
	c, err := HeldBy(tx.DB, o)
	if err != nil || c == nil {
		return err
	}
	if vin != "" && c.VIN != "" && vin != c.VIN {
		return ErrVIN
	}
	if vin == "" {
		vin = c.VIN
	}
	_, err = db.Changed(tx.DB, `UPDATE stock_cars SET stage = ?, vin = ?, dealer = ?, updated_at = ? WHERE id = ? AND order_ref = ?`, st, vin, at, tx.Now, c.ID, o)
	if db.Constraint(err) == "stock_cars_vin_key" {
		return ErrVIN
	}
	return err
}

// CorrectVINTx gives the car of an order another VIN, where the one it has was typed by hand with the order: those of the
// stock list are not touched. ErrListed refuses them, ErrVINTaken a VIN that another car of the stock has.
func CorrectVINTx(tx *db.Tx, o id.Order, typed bool, vin string) error {
	var taken bool
	if _, err := db.One(tx.DB, &taken, `SELECT EXISTS (SELECT FROM stock_cars WHERE vin = ? AND order_ref IS DISTINCT FROM ?)`, vin, o); err != nil {
		return fmt.Errorf("stock: vin: %w", err)
	}
	if taken {
		return ErrVINTaken
	}
	c, err := HeldBy(tx.DB, o)
	if err != nil || c == nil {
		return err
	}
	if !typed {
		return ErrListed
	}
	_, err = db.Changed(tx.DB, `UPDATE stock_cars SET vin = ?, updated_at = ? WHERE id = ? AND order_ref = ?`, vin, tx.Now, c.ID, o)
	if db.Constraint(err) == "stock_cars_vin_key" {
		return ErrVINTaken
	}
	return err
}

// ArriveTx lets free cars whose day has come stand at their dealer: what the makers' transport
// messages would say in a demo that nobody sends any to.
func ArriveTx(tx *db.Tx, today market.Date) error {
	return tx.Exec(`UPDATE stock_cars SET stage = 'ground', vin = coalesce(vin, '`+demoVIN+`' || substr(id, 3)), updated_at = ?
		WHERE state = 'free' AND stage <> 'ground' AND ready_on <= ?`, tx.Now, string(today)).Error
}
