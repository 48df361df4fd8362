package ordering

import (
	"fmt"
	"strings"

	"forecourt/internal/id"

	"gorm.io/gorm"
)

// LiveVINs tells which of some VINs are on their way to a buyer, as LiveVIN does of one.
func LiveVINs(g *gorm.DB, vins []string) (map[string]bool, error) {
	var found []string
	err := g.Raw(`SELECT DISTINCT vin FROM orders WHERE vin = ANY (string_to_array(?, ',')) AND state NOT IN ('cancelled', 'lapsed', 'returned', 'handed_over')`, strings.Join(vins, ",")).Scan(&found).Error
	out := make(map[string]bool, len(found))
	for _, v := range found {
		out[v] = true
	}
	return out, err
}

// NumbersOf are the numbers of orders, by their keys.
func NumbersOf(g *gorm.DB, keys []id.Order) (map[id.Order]string, error) {
	out := map[id.Order]string{}
	if len(keys) == 0 {
		return out, nil
	}
	var rows []struct {
		ID     id.Order
		Number string
	}
	if err := g.Raw(`SELECT id, number FROM orders WHERE id IN (?)`, keys).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("ordering: numbers: %w", err)
	}
	for _, r := range rows {
		out[r.ID] = r.Number
	}
	return out, nil
}
