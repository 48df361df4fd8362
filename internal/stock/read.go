package stock

import (
	"fmt"

	"forecourt/internal/id"

	"gorm.io/gorm"
)

// mostCars bounds what a page compares; a model with more free cars in a market shows the soonest.
const mostCars = 1000

// FreeOf lists the free cars of a model in a market, the soonest first: one statement a page.
func FreeOf(g *gorm.DB, b id.Brand, m id.Market, model id.Model) ([]*Car, error) {
	var rows []carRow
	err := g.Raw(`SELECT `+columns+` FROM stock_cars WHERE brand = ? AND market = ? AND model = ? AND state = 'free'
		ORDER BY ready_on, id LIMIT ?`, b, m, model, mostCars).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("stock: free: %w", err)
	}
	out := make([]*Car, len(rows))
	for i := range rows {
		out[i] = rows[i].car()
	}
	return out, nil
}
