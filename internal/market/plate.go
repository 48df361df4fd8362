package market

import (
	"regexp"
	"strings"
)

// CleanPlate writes a number plate as it is kept, upper-case without spaces, and tells whether the market has such ones; a market
// without a pattern takes any.
func (m *Market) CleanPlate(typed string) (string, bool) {
	plate := strings.ToUpper(strings.ReplaceAll(typed, " ", ""))
	if m.PlatePattern == "" {
		return plate, true
	}
	re, err := regexp.Compile(m.PlatePattern) // the file's check has compiled it before
	return plate, err == nil && re.MatchString(plate)
}
