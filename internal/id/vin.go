package id

import (
	"regexp"
	"strings"
)

// vinForm is ISO 3779: 17 signs without I, O and Q. The check digit is mandatory in North America
// only, so European numbers are not refused for it.
var vinForm = regexp.MustCompile(`^[A-HJ-NPR-Z0-9]{17}$`)

// CleanVIN upper-cases a VIN and drops blanks; false when it is none.
func CleanVIN(s string) (string, bool) {
	s = strings.ToUpper(strings.Join(strings.Fields(s), ""))
	return s, vinForm.MatchString(s)
}

// What each letter counts for, and each place, in the check digit of 49 CFR 565.15: the ninth place is the check.
const (
	vinLetters = "ABCDEFGHJKLMNPRSTUVWXYZ"
	vinValues  = "12345678123457923456789"
)

var vinWeights = [17]int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2}

// DoubtfulVIN tells whether a VIN says that the car was made for the United States (it begins with 1, 4 or 5), where the ninth
// sign is reckoned from the others, and that sign is another: most likely a slip. No other VIN is doubted.
func DoubtfulVIN(vin string) bool {
	if !vinForm.MatchString(vin) || !strings.ContainsRune("145", rune(vin[0])) {
		return false
	}
	sum := 0
	for i, r := range vin {
		value := int(r - '0')
		if at := strings.IndexRune(vinLetters, r); at >= 0 {
			value = int(vinValues[at] - '0')
		}
		sum += value * vinWeights[i]
	}
	return vin[8] != "0123456789X"[sum%11]
}
