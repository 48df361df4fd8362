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
