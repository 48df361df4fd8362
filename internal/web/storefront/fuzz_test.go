package storefront

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzContact: whatever is typed as mail address, phone number or postcode, what is taken is plain enough
// for a mail server, a telephone and a card bank.
func FuzzContact(f *testing.F) {
	for _, s := range []string{"priya.raman@example.com", "a@b", "a@b.c\r\nBcc: x@y.z", "\"a b\"@x.y", "07700 900142", "+44", "+999999999999999999999", "112", "LS6 2AB", "ls62ab", "é", "\xff", ""} {
		for _, c := range []string{"GB", "IT", "DE", "FR", "ES", "RO"} {
			f.Add(s, c)
		}
	}
	f.Fuzz(func(t *testing.T, typed, country string) {
		if plausibleEmail(typed) && (len(typed) > maxEmail || strings.Count(typed, "@") != 1 || strings.ContainsAny(typed, "\r\n\t <>,;")) {
			t.Fatalf("the address %q", typed)
		}
		if phone, ok := e164(typed, country); ok && (!strings.HasPrefix(phone, "+") || len(phone) > 16 || strings.Trim(phone[1:], "0123456789") != "") {
			t.Fatalf("%q in %q is the number %q", typed, country, phone)
		}
		if p := postcode(typed, country); utf8.ValidString(typed) && !utf8.ValidString(p) {
			t.Fatalf("the postcode %q", p)
		}
		if n, ok := parsePrice(typed); ok && (n <= 0 || n >= 100_000) {
			t.Fatalf("%q is the price %d", typed, n)
		}
	})
}
