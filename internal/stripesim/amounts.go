package stripesim

import (
	"fmt"
	"strings"
)

// nbsp and narrow are the blanks that some languages put into and behind a number.
const (
	nbsp   = "\u00a0"
	narrow = "\u202f"
)

// amountText writes minor units as the language does: £1,234.50, 1.234,50 €, 1 234,50 €. Italian
// and Spanish group from five digits on; Romanian writes the code of every currency.
func amountText(minor int64, currency, lang string) string {
	whole, cents := fmt.Sprint(minor/100), fmt.Sprintf("%02d", minor%100)
	sign := currencySign(currency)
	switch lang {
	case "fr":
		return grouped(whole, narrow, 4) + "," + cents + nbsp + sign
	case "it", "es":
		return grouped(whole, ".", 5) + "," + cents + nbsp + sign
	case "de":
		return grouped(whole, ".", 4) + "," + cents + nbsp + sign
	case "ro":
		return grouped(whole, ".", 4) + "," + cents + nbsp + strings.ToUpper(currency)
	}
	if len([]rune(sign)) > 1 {
		sign += nbsp
	}
	return sign + grouped(whole, ",", 4) + "." + cents
}

func currencySign(code string) string {
	switch code {
	case "gbp":
		return "£"
	case "eur":
		return "€"
	}
	return strings.ToUpper(code)
}

// grouped sets sep between groups of three when there are at least from digits.
func grouped(digits, sep string, from int) string {
	if len(digits) < from {
		return digits
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(d)
	}
	return b.String()
}
