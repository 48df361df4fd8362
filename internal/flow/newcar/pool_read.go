package newcar

import (
	"forecourt/internal/id"
	"forecourt/internal/stock"

	"gorm.io/gorm"
)

// waitingFor lists accepted orders whose very car is still to be ordered from the factory, and of which nobody waits for
// an answer, the longest accepted first: a car of the pool that is the same is theirs.
func waitingFor(g *gorm.DB, c *stock.Car, n int) ([]id.Order, error) {
	var out []id.Order
	err := g.Raw(`SELECT o.id FROM orders o JOIN configurations k ON k.code = o.configuration
		WHERE o.flow = 'new' AND o.state = 'accepted' AND o.brand = ? AND o.market = ? AND k.model = ? AND k.selection = ? AND NOT o.snapshot @> '{"stock": {}}'
			AND NOT EXISTS (SELECT FROM stock_cars x WHERE x.order_ref = o.id) AND NOT EXISTS (SELECT FROM order_requests r WHERE r.order_id = o.id AND r.state IN ('proposed', 'asked'))
		ORDER BY (SELECT min(h.at) FROM order_history h WHERE h.order_id = o.id AND h.to_state = 'accepted'), o.id LIMIT ?`, c.Brand, c.Market, c.Model, c.Selection, n).Scan(&out).Error
	return out, err
}

// endedWithCar lists orders that are over, were never handed over, and still have a car.
func endedWithCar(g *gorm.DB, n int) ([]id.Order, error) {
	var out []id.Order
	err := g.Raw(`SELECT c.order_ref FROM stock_cars c JOIN orders o ON o.id = c.order_ref
		WHERE c.state = 'held' AND o.state IN ('cancelled', 'lapsed') LIMIT ?`, n).Scan(&out).Error
	return out, err
}
