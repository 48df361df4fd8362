package web

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// NationalPhone writes a stored number (E.164) as people of a country do; as it is when it is none.
func NationalPhone(stored, country string) string {
	n, err := phonenumbers.Parse(stored, country)
	if err != nil {
		return stored
	}
	if phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode())) != country {
		return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
	}
	return phonenumbers.Format(n, phonenumbers.NATIONAL)
}

// tel is a number as a phone dials it: spaces, dots and brackets are for readers.
func tel(number string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
}

// unbroken keeps a number on one line.
func unbroken(number string) string { return strings.ReplaceAll(number, " ", "\u00a0") }
