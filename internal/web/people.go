package web

import "github.com/nyaruka/phonenumbers"

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
