package web

import (
	"net/mail"
	"strings"
)

// MostEmail is the longest that an address may be.
const MostEmail = 254

// PlausibleEmail accepts what mail servers do in practice: one address, with a dot in its domain.
func PlausibleEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > MostEmail || strings.ContainsAny(s, " \"<>(),;:\\[]") {
		return false
	}
	for _, b := range []byte(s) {
		if b > 0x7e { // mail servers and the card bank take plain addresses only
			return false
		}
	}
	at := strings.LastIndexByte(s, '@')
	domain := s[at+1:]
	return at > 0 && at <= 64 && strings.Contains(domain, ".") && !strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".")
}
