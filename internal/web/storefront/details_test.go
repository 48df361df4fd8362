package storefront

import "testing"

func TestAPhoneNumberIsOneThatAnybodyCanCall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typed, country, want string }{
		{"07700 900142", "GB", "+447700900142"},
		{"0171 3920012", "DE", "+491713920012"},
		{"+34 600 000 012", "ES", "+34600000012"},
		{"0712 000 012", "RO", "+40712000012"},
		{"12", "DE", ""}, // possible by Germany's plan, and nobody's
		{"110", "DE", ""},
		{"12", "GB", ""},
		{"", "IT", ""},
	} {
		got, ok := e164(c.typed, c.country)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%q in %s: %q %t, want %q", c.typed, c.country, got, ok, c.want)
		}
	}
}
