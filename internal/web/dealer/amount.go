package dealer

import (
	"strconv"
	"strings"

	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/i18n"
)

// errAmount refuses what cannot be read as one amount and no other.
var errAmount = fault.New(fault.Invalid, "pay.amount", "dealer.parseAmount")

// longestAmount is ten digits before the decimals: no car costs more, and int64 holds it.
const longestAmount = 10

// parseAmount reads money as the locale writes it, in minor units: "25,635.00" in Britain,
// "25.635,00" in Italy, "25 635" in France. It never guesses. Decimals are two or none, groups are of
// three digits with one sign between them, so the decimal sign of one country is never taken for the
// group sign of another: "25.635" is no amount in Britain and not a small one in Italy.
func parseAmount(p *i18n.Printer, typed, symbol string) (int64, error) {
	s := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(typed), symbol), symbol))
	decimal := p.Decimal1(15)[1:2]
	group := "."
	if decimal == "." {
		group = ","
	}
	whole, cents, found := strings.Cut(s, decimal)
	if found && (len(cents) != 2 || !digits(cents)) {
		return 0, errAmount
	}
	whole, ok := ungroup(whole, group)
	if !ok {
		return 0, errAmount
	}
	n, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	if err != nil || n <= 0 {
		return 0, errAmount
	}
	return n, nil
}

// ungroup takes the signs between groups of three out; everywhere a blank will do too, but not both.
func ungroup(s, group string) (string, bool) {
	if strings.Contains(s, " ") {
		group = " "
	}
	parts := strings.Split(s, group)
	for i, part := range parts {
		if !digits(part) || i > 0 && len(part) != 3 || i == 0 && len(parts) > 1 && len(part) > 3 {
			return "", false
		}
	}
	s = strings.Join(parts, "")
	return s, len(s) <= longestAmount
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}
