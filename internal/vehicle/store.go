package vehicle

import (
	"errors"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type vehicleRow struct {
	ID, Vin, Market, Brand, Model, Title, Fuel, Plate string
	RegisteredOn                                      time.Time
	Km                                                int
	KmAt                                              *time.Time
}

const columns = `v.id, v.vin, v.market, v.brand, v.model, v.title, v.fuel, v.plate, v.registered_on, coalesce(r.km, 0) AS km, r.at AS km_at`

// lastReading is the highest mileage that nobody doubts; the latest of equal ones.
const lastReading = ` LEFT JOIN LATERAL (SELECT e.km, e.at FROM vehicle_events e WHERE e.vehicle_id = v.id AND e.km IS NOT NULL AND NOT e.doubtful
	ORDER BY e.km DESC, e.at DESC LIMIT 1) r ON true `

func (r *vehicleRow) vehicle() *Vehicle {
	return &Vehicle{ID: id.Vehicle(r.ID), VIN: r.Vin, Market: id.Market(r.Market), Brand: id.Brand(r.Brand), Model: id.Model(r.Model), Title: r.Title, Fuel: r.Fuel,
		Plate: r.Plate, Registered: market.DateOf(r.RegisteredOn), Km: r.Km, KmAt: db.OrZero(r.KmAt)}
}

func one(g *gorm.DB, where string, args ...any) (*Vehicle, error) {
	var r vehicleRow
	ok, err := db.One(g, &r, `SELECT `+columns+` FROM vehicles v`+lastReading+where, args...)
	if err != nil {
		return nil, fmt.Errorf("vehicle: %w", err)
	}
	if !ok {
		return nil, ErrUnknown
	}
	return r.vehicle(), nil
}

// ByID finds a car.
func ByID(g *gorm.DB, v id.Vehicle) (*Vehicle, error) { return one(g, `WHERE v.id = ?`, v) }

// ByVIN finds a car, wherever it is registered.
func ByVIN(g *gorm.DB, vin string) (*Vehicle, error) { return one(g, `WHERE v.vin = ?`, vin) }

// ByPlate finds a car by its plate, without spaces.
func ByPlate(g *gorm.DB, m id.Market, plate string) (*Vehicle, error) {
	return one(g, `WHERE v.market = ? AND v.plate = ? AND v.plate <> ''`, m, plate)
}

// RegisterTx writes a car, or what is newly known of it, and locks it; today is the market's day. A plate that another car had
// passes to this one.
func RegisterTx(tx *db.Tx, v *Vehicle, today market.Date) error {
	if err := v.check(today); err != nil {
		return err
	}
	if v.Plate != "" {
		if err := tx.Exec(`UPDATE vehicles SET plate = '' WHERE market = ? AND plate = ? AND vin <> ?`, v.Market, v.Plate, v.VIN).Error; err != nil {
			return fmt.Errorf("vehicle: plate: %w", err)
		}
	}
	v.ID = id.New[id.Vehicle]()
	_, err := db.One(tx.DB, &v.ID, `INSERT INTO vehicles AS v (id, vin, market, brand, model, title, fuel, plate, registered_on, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (vin) DO UPDATE SET market = excluded.market, title = excluded.title, plate = CASE WHEN excluded.plate = '' THEN v.plate ELSE excluded.plate END,
			model = CASE WHEN excluded.model = '' THEN v.model ELSE excluded.model END, fuel = CASE WHEN excluded.fuel = '' THEN v.fuel ELSE excluded.fuel END
		RETURNING id`, v.ID, v.VIN, v.Market, v.Brand, v.Model, v.Title, v.Fuel, v.Plate, string(v.Registered), tx.Now)
	if err != nil {
		return fmt.Errorf("vehicle: register: %w", err)
	}
	return nil
}

// LockTx locks a car: its keepers and its history change one after the other.
func LockTx(tx *db.Tx, v id.Vehicle) (*Vehicle, error) {
	if ok, err := db.One(tx.DB, new(string), `SELECT id FROM vehicles WHERE id = ? FOR UPDATE`, v); err != nil || !ok {
		return nil, errors.Join(err, unknownUnless(ok))
	}
	return ByID(tx.DB, v)
}

func unknownUnless(ok bool) error {
	if ok {
		return nil
	}
	return ErrUnknown
}

type keeperRow struct {
	ID, VehicleID, GarageID, ProvenBy string
	Since                             time.Time
	Until                             *time.Time
	PassesOn                          bool
}

const keeperColumns = `k.id, k.vehicle_id, k.garage_id, k.since, k.until, k.proven_by, k.passes_on`

func (r *keeperRow) keeper() *Keeper {
	return &Keeper{ID: id.Keeper(r.ID), Vehicle: id.Vehicle(r.VehicleID), Garage: id.Garage(r.GarageID), Since: r.Since, Until: db.OrZero(r.Until), Proof: Proof(r.ProvenBy), PassesOn: r.PassesOn}
}

// KeepTx makes a garage's owner the keeper of a locked car, by a proof that it has or none. A proven keeper ends the time of
// the one before; a claim ends nobody's. Told again, the same keeper is answered, proven if it was not.
func KeepTx(tx *db.Tx, v id.Vehicle, g id.Garage, proof Proof, order id.Order) (*Keeper, error) {
	if proof != Claimed {
		if err := tx.Exec(`UPDATE vehicle_keepers SET until = ?, ended_why = ? WHERE vehicle_id = ? AND until IS NULL AND proven_at IS NOT NULL AND garage_id <> ?`, tx.Now, Resold, v, g).Error; err != nil {
			return nil, fmt.Errorf("vehicle: keep: %w", err)
		}
	}
	var r keeperRow
	var proven *time.Time
	if proof != Claimed {
		proven = &tx.Now
	}
	_, err := db.One(tx.DB, &r, `INSERT INTO vehicle_keepers AS k (id, vehicle_id, garage_id, since, proven_at, proven_by, order_ref) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (vehicle_id, garage_id) WHERE until IS NULL DO UPDATE SET proven_at = coalesce(k.proven_at, excluded.proven_at),
			proven_by = CASE WHEN k.proven_by = '' THEN excluded.proven_by ELSE k.proven_by END, order_ref = coalesce(excluded.order_ref, k.order_ref)
		RETURNING `+keeperColumns, id.New[id.Keeper](), v, g, tx.Now, proven, proof, db.OrNull(order))
	if err != nil {
		return nil, fmt.Errorf("vehicle: keep: %w", err)
	}
	return r.keeper(), nil
}

// EndKeeperTx ends a time that lasts; false when it is over already.
func EndKeeperTx(tx *db.Tx, k id.Keeper, why string) (bool, error) {
	return db.Changed(tx.DB, `UPDATE vehicle_keepers SET until = ?, ended_why = ? WHERE id = ? AND until IS NULL`, tx.Now, why, k)
}

// KeeperOf is who keeps a car for sure now; nil when nobody is known to.
func KeeperOf(g *gorm.DB, v id.Vehicle) (*Keeper, error) {
	return keeper(g, `WHERE k.vehicle_id = ? AND k.until IS NULL AND k.proven_at IS NOT NULL`, v)
}

// KeeperByOrder is whose time with a car began by a purchase and lasts; nil when there is none.
func KeeperByOrder(g *gorm.DB, o id.Order) (*Keeper, error) {
	return keeper(g, `WHERE k.order_ref = ? AND k.until IS NULL`, o)
}

func keeper(g *gorm.DB, where string, args ...any) (*Keeper, error) {
	var r keeperRow
	ok, err := db.One(g, &r, `SELECT `+keeperColumns+` FROM vehicle_keepers k `+where, args...)
	if err != nil || !ok {
		return nil, err
	}
	return r.keeper(), nil
}

// PassOnTx says whether the next keeper may read the history of a keeper's time; only the garage's own keeper, past or present.
func PassOnTx(tx *db.Tx, garage id.Garage, k id.Keeper, yes bool) error {
	ok, err := db.Changed(tx.DB, `UPDATE vehicle_keepers SET passes_on = ? WHERE id = ? AND garage_id = ?`, yes, k, garage)
	return errors.Join(err, unknownUnless(ok || err != nil))
}
