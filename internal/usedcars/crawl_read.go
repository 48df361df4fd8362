package usedcars

import (
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"

	"gorm.io/gorm"
)

// Slug writes a make, a model or a town for an address: "citroen", "c3-aircross". Of cars see Car.Slug.
func Slug(s string) string { return strings.Join(fold(s), "-") }

// ShopFile is how many cars of a shop can be bought, and when one of them changed last.
type ShopFile struct {
	Brand   id.Brand
	Market  id.Market
	Cars    int
	Changed time.Time
}

// ShopFiles lists the shops that have cars.
func ShopFiles(g *gorm.DB) ([]ShopFile, error) {
	var out []ShopFile
	err := g.Raw(`SELECT brand, market, count(*) AS cars, max(updated_at) AS changed FROM used_cars WHERE state IN ('listed', 'held') GROUP BY brand, market ORDER BY brand, market`).Scan(&out).Error
	return out, err
}

// Kept is a model as a dealer has it.
type Kept struct {
	Make, Model string
	Dealer      id.Dealer
	Changed     time.Time
}

// KeptOf lists which models a shop's dealers have now.
func KeptOf(g *gorm.DB, b id.Brand, m id.Market) ([]Kept, error) {
	var out []Kept
	err := g.Raw(`SELECT make, model, dealer, max(updated_at) AS changed FROM used_cars WHERE brand = ? AND market = ? AND state IN ('listed', 'held') GROUP BY make, model, dealer ORDER BY make, model, dealer`, b, m).Scan(&out).Error
	return out, err
}

// EachListed gives the slugs of a shop's cars, by their numbers, from one place on, with when each changed last. It keeps none.
func EachListed(g *gorm.DB, b id.Brand, m id.Market, from, most int, each func(slug string, changed time.Time) error) error {
	rows, err := g.Raw(`SELECT id, make, model, extract(year FROM registered_on)::int::text AS year, updated_at FROM used_cars WHERE brand = ? AND market = ? AND state IN ('listed', 'held') ORDER BY id LIMIT ? OFFSET ?`, b, m, most, from).Rows()
	if err != nil {
		return fmt.Errorf("usedcars: listed: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key, mk, model, year string
		var changed time.Time
		if err := rows.Scan(&key, &mk, &model, &year, &changed); err != nil {
			return fmt.Errorf("usedcars: listed: %w", err)
		}
		if err := each(slugOf(mk, model, year, key), changed); err != nil {
			return err
		}
	}
	return rows.Err()
}

// PricesOf are all prices that a car was offered at, the first one first.
func PricesOf(g *gorm.DB, key id.UsedCar) ([]PricePoint, error) { return pricesOf(g, key) }
