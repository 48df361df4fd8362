package vehicle

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Hash gives the hash of the secret link of a garage; the number counts its links.
type Hash func(g id.Garage, linkNo int) []byte

type garageRow struct {
	ID, Market, Email, Name, Locale string
	LinkNo                          int
	Repairer                        *string
}

const garageColumns = `g.id, g.market, g.email, g.name, g.locale, g.link_no, g.repairer`

func (r *garageRow) garage() *Garage {
	return &Garage{ID: id.Garage(r.ID), Market: id.Market(r.Market), Person: Person{r.Email, r.Name, r.Locale}, LinkNo: r.LinkNo, Repairer: id.Dealer(db.OrZero(r.Repairer))}
}

// GarageTx is the garage of a mailbox in a market, made when there is none. What is known of the person stays as it is: whoever
// types an address changes nothing behind it.
func GarageTx(tx *db.Tx, m id.Market, p Person, hash Hash) (*Garage, error) {
	key := id.New[id.Garage]()
	var r garageRow
	_, err := db.One(tx.DB, &r, `INSERT INTO garages AS g (id, market, email, name, locale, token_hash, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (market, lower(email)) WHERE erased_at IS NULL DO UPDATE SET market = excluded.market RETURNING `+garageColumns, key, m, p.Email, p.Name, p.Locale, hash(key, 1), tx.Now)
	if err != nil {
		return nil, fmt.Errorf("vehicle: garage: %w", err)
	}
	return r.garage(), nil
}

// OpenGarage opens a garage of a market by the hash of its link; ErrNoGarage for every other.
func OpenGarage(g *gorm.DB, m id.Market, hash []byte) (*Garage, error) {
	if hash == nil {
		return nil, ErrNoGarage
	}
	return garage(g, `WHERE g.token_hash = ? AND g.market = ? AND g.erased_at IS NULL`, hash, m)
}

// GarageByID finds a garage.
func GarageByID(g *gorm.DB, key id.Garage) (*Garage, error) { return garage(g, `WHERE g.id = ?`, key) }

func garage(g *gorm.DB, where string, args ...any) (*Garage, error) {
	var r garageRow
	ok, err := db.One(g, &r, `SELECT `+garageColumns+` FROM garages g `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("vehicle: garage: %w", err)
	}
	if !ok {
		return nil, ErrNoGarage
	}
	return r.garage(), nil
}

// VisitedTx makes the dealer of a first visit the preferred one where none was chosen, and says that the garage is in use.
func VisitedTx(tx *db.Tx, key id.Garage, d id.Dealer) error {
	return tx.Exec(`UPDATE garages SET repairer = coalesce(repairer, ?), seen_at = ? WHERE id = ?`, d, tx.Now, key).Error
}

// forgetAfter is how long a garage that nobody opens stays.
const forgetAfter = 3 * 365 * 24 * time.Hour

// ForgetTx empties garages that nobody opened for three years and that keep no proven car, and tells how many.
func ForgetTx(tx *db.Tx) (int64, error) {
	r := tx.Exec(`UPDATE garages g SET email = '', name = '', locale = '', erased_at = ? WHERE erased_at IS NULL AND coalesce(seen_at, created_at) < ?
		AND NOT EXISTS (SELECT FROM vehicle_keepers k WHERE k.garage_id = g.id AND k.until IS NULL AND k.proven_at IS NOT NULL)`, tx.Now, tx.Now.Add(-forgetAfter))
	return r.RowsAffected, r.Error
}
