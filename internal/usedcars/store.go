package usedcars

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type carRow struct {
	ID           string
	Brand        string
	Market       string
	Dealer       string
	Vin          string
	Plate        string
	Make         string
	Model        string
	Version      string
	Engine       string
	Body         string
	Fuel         string
	Gearbox      string
	Colour       string
	Doors        int
	Seats        int
	Kw           int
	Co2          int
	Emission     string
	RegisteredOn time.Time
	Km           int
	Owners       int
	Has          string
	Look         []byte
	PriceMinor   int64
	PriorMinor   *int64
	Currency     string
	Vat          string
	BoughtMinor  *int64
	BatteryPct   *int
	BatteryHow   string
	BatteryOn    *time.Time
	State        string
	OrderRef     *string
	ListedAt     *time.Time
	CheckAskedAt *time.Time
}

const columns = `c.id, c.brand, c.market, c.dealer, c.vin, c.plate, c.make, c.model, c.version, c.engine, c.body, c.fuel, c.gearbox, c.colour, c.doors, c.seats, c.kw, c.co2, c.emission,
	c.registered_on, c.km, c.owners, array_to_string(c.equipment, ',') AS has, c.look, c.price_minor, c.prior_minor, c.currency, c.vat, c.bought_minor,
	c.battery_pct, c.battery_how, c.battery_on, c.state, c.order_ref, c.listed_at, c.check_asked_at`

func (r *carRow) car() (*Car, error) {
	c := &Car{ID: id.UsedCar(r.ID), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), Dealer: id.Dealer(r.Dealer), VIN: r.Vin, Plate: r.Plate,
		Make: r.Make, Model: r.Model, Version: r.Version, Engine: r.Engine, Body: r.Body, Fuel: r.Fuel, Gearbox: r.Gearbox, Colour: r.Colour, Doors: r.Doors,
		Seats: r.Seats, KW: r.Kw, CO2: r.Co2, Emission: r.Emission, Registered: market.DateOf(r.RegisteredOn), Km: r.Km, Owners: r.Owners,
		PriceMinor: r.PriceMinor, PriorMinor: db.OrZero(r.PriorMinor), Currency: r.Currency, VAT: VAT(r.Vat), Bought: db.OrZero(r.BoughtMinor),
		State: State(r.State), Order: id.Order(db.OrZero(r.OrderRef)), ListedAt: db.OrZero(r.ListedAt), AskedAt: db.OrZero(r.CheckAskedAt)}
	if r.Has != "" {
		c.Equipment = strings.Split(r.Has, ",")
	}
	if r.BatteryPct != nil {
		c.Battery = Battery{*r.BatteryPct, r.BatteryHow, market.DateOf(db.OrZero(r.BatteryOn))}
	}
	return c, json.Unmarshal(r.Look, &c.Look)
}

// AddTx writes a car as a draft of its dealer; words are what it is found by, in the market's language. ErrVINLive when its
// VIN is for sale already, here or at another dealer.
func AddTx(tx *db.Tx, c *Car, words, actor string) error {
	look, err := json.Marshal(c.Look)
	if err != nil {
		return err
	}
	text, err := textTx(tx, c.Market, words)
	if err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO used_cars (id, brand, market, dealer, vin, plate, make, model, version, engine, body, fuel, gearbox, colour, doors, seats, kw, co2, emission, registered_on,
			km, owners, equipment, look, text_id, price_minor, currency, vat, bought_minor, battery_pct, battery_how, battery_on, state, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, string_to_array(?, ','), ?, ?, ?, ?, ?, ?, ?, ?, ?, 'draft', ?, ?)`,
		c.ID, c.Brand, c.Market, c.Dealer, c.VIN, c.Plate, c.Make, c.Model, c.Version, c.Engine, c.Body, c.Fuel, c.Gearbox, c.Colour, c.Doors, c.Seats, c.KW, c.CO2, c.Emission,
		string(c.Registered), c.Km, c.Owners, strings.Join(c.Equipment, ","), look, text, c.PriceMinor, c.Currency, c.VAT, db.OrNull(c.Bought), db.OrNull(c.Battery.Pct), c.Battery.How,
		db.OrNull(string(c.Battery.On)), tx.Now, tx.Now).Error
	if db.Constraint(err) == "used_cars_live_vin" {
		return ErrVINLive
	}
	if err != nil {
		return fmt.Errorf("usedcars: add: %w", err)
	}
	c.State = Draft
	if err := noteTx(tx, c.ID, "", Draft, actor, "", ""); err != nil {
		return err
	}
	return readTx(tx, c, "dealer")
}

// readTx keeps what the odometer says today.
func readTx(tx *db.Tx, c *Car, source string) error {
	return tx.Exec(`INSERT INTO used_mileages (vin, read_on, km, source, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, c.VIN, tx.Now.UTC().Format(time.DateOnly), c.Km, source, tx.Now).Error
}

func noteTx(tx *db.Tx, key id.UsedCar, from, to State, actor, why string, o id.Order) error {
	return tx.Exec(`INSERT INTO used_moves (car, seq, from_state, to_state, actor, why, order_ref, at)
		SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ?, ? FROM used_moves WHERE car = ?`, key, from, to, actor, why, db.OrNull(string(o)), tx.Now, key).Error
}

// LiveVIN tells whether a car is in somebody's stock under its VIN.
func LiveVIN(g *gorm.DB, vin string) (bool, error) {
	var live bool
	_, err := db.One(g, &live, `SELECT EXISTS (SELECT FROM used_cars WHERE vin = ? AND state IN ('draft', 'listed', 'held', 'sold'))`, vin)
	return live, err
}

// Get reads a car.
func Get(g *gorm.DB, key id.UsedCar) (*Car, error) { return get(g, key, ``) }

// LockTx reads a car and locks it until the transaction ends, so that many who want it queue up.
func LockTx(tx *db.Tx, key id.UsedCar) (*Car, error) { return get(tx.DB, key, ` FOR UPDATE`) }

func get(g *gorm.DB, key id.UsedCar, lock string) (*Car, error) {
	if !idForm.MatchString(string(key)) {
		return nil, ErrNoCar
	}
	return one(g, `c.id = ?`+lock, key)
}

func one(g *gorm.DB, where string, args ...any) (*Car, error) {
	var r carRow
	ok, err := db.One(g, &r, `SELECT `+columns+` FROM used_cars c WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("usedcars: get: %w", err)
	}
	if !ok {
		return nil, ErrNoCar
	}
	return r.car()
}

// Step is a move of a car, with who makes it and why; Order names the order that it is of from then on, where it has one.
type Step struct {
	To    State
	Actor string
	Why   string
	Order id.Order
}

// MoveTx makes a step of a locked car; ErrMoved when the table has no such step or somebody was quicker, ErrFell when a car is
// to be offered whose mileage fell without a word.
func MoveTx(tx *db.Tx, c *Car, s Step) error {
	if !allowed(c.State, s.To) {
		return ErrMoved
	}
	if c.State == Draft && s.To == Listed {
		if err := straightTx(tx, c.ID); err != nil {
			return err
		}
	}
	ok, err := db.Changed(tx.DB, `UPDATE used_cars SET state = ?, order_ref = ?, listed_at = CASE WHEN ? = 'draft' THEN ? ELSE listed_at END, updated_at = ? WHERE id = ? AND state = ?`,
		s.To, db.OrNull(string(s.Order)), c.State, tx.Now, tx.Now, c.ID, c.State)
	switch {
	case err != nil:
		return fmt.Errorf("usedcars: move: %w", err)
	case !ok:
		return ErrMoved
	}
	if err := noteTx(tx, c.ID, c.State, s.To, s.Actor, s.Why, s.Order); err != nil {
		return err
	}
	if c.State == Draft && s.To == Listed {
		if err := tx.Exec(`INSERT INTO used_prices (car, at, price_minor, actor) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, c.ID, tx.Now, c.PriceMinor, s.Actor).Error; err != nil {
			return err
		}
		c.ListedAt = tx.Now
	}
	c.State, c.Order = s.To, s.Order
	return nil
}

// PriceTx gives a locked car that is for sale another price, and keeps the lowest of the thirty days before a cut beside it.
func PriceTx(tx *db.Tx, c *Car, minor int64, actor string) error {
	if !IsPrice(minor) {
		return ErrPrice
	}
	if minor == c.PriceMinor {
		return nil
	}
	if c.State != Draft && c.State != Listed { // who has it was promised this price
		return ErrMoved
	}
	prior := int64(0)
	if c.State == Listed {
		had, err := pricesOf(tx.DB, c.ID)
		if err != nil {
			return err
		}
		prior = Prior(had, tx.Now, minor)
	}
	ok, err := db.Changed(tx.DB, `UPDATE used_cars SET price_minor = ?, prior_minor = ?, updated_at = ? WHERE id = ? AND state = ? AND price_minor = ?`,
		minor, db.OrNull(prior), tx.Now, c.ID, c.State, c.PriceMinor)
	if err == nil && !ok {
		err = ErrMoved
	}
	if err != nil {
		return err
	}
	c.PriceMinor, c.PriorMinor = minor, prior
	if c.State == Draft {
		return nil
	}
	return tx.Exec(`INSERT INTO used_prices (car, at, price_minor, actor) VALUES (?, ?, ?, ?)`, c.ID, tx.Now, minor, actor).Error
}

func pricesOf(g *gorm.DB, key id.UsedCar) ([]PricePoint, error) {
	var out []PricePoint
	err := g.Raw(`SELECT at, price_minor FROM used_prices WHERE car = ? ORDER BY at`, key).Scan(&out).Error
	return out, err
}
