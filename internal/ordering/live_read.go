package ordering

import (
	"strings"

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
