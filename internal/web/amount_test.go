package web

import (
	"testing"

	"forecourt/internal/platform/i18n"
)

func TestAmountsAreReadAsTheMarketWritesThem(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	const refused = -1
	for _, x := range []struct {
		locale, symbol, typed string
		want                  int64
	}{
		{"en-GB", "£", "25,635.00", 2563500}, {"en-GB", "£", "25635", 2563500}, {"en-GB", "£", "25635.50", 2563550}, {"en-GB", "£", "£25,635", 2563500},
		{"en-GB", "£", "£ 1.05", 105}, {"en-GB", "£", "25 635.00", 2563500}, {"en-GB", "£", "1,234,567.89", 123456789}, {"en-GB", "£", "0.01", 1},
		{"en-GB", "£", "25.635,00", refused}, {"en-GB", "£", "25.635", refused}, {"en-GB", "£", "25,63", refused}, {"en-GB", "£", "2563,500", refused},
		{"en-GB", "£", "25,635.0", refused}, {"en-GB", "£", "25,635.", refused}, {"en-GB", "£", "-5", refused}, {"en-GB", "£", "0", refused}, {"en-GB", "£", "0.00", refused},
		{"en-GB", "£", "", refused}, {"en-GB", "£", "abc", refused}, {"en-GB", "£", "1e5", refused}, {"en-GB", "£", "1.000.000", refused}, {"en-GB", "£", "25, 635", refused},
		{"en-GB", "£", "€25", refused}, {"en-GB", "£", "99999999999", refused}, {"en-GB", "£", "9999999999", 999999999900}, {"en-GB", "£", "٢٥", refused},
		{"en-GB", "£", "1,23,456", refused}, {"en-GB", "£", ",635", refused}, {"en-GB", "£", "25,,635", refused},
		{"it-IT", "€", "25.635,00", 2563500}, {"it-IT", "€", "25635,00", 2563500}, {"it-IT", "€", "25.635", 2563500}, {"it-IT", "€", "25635 €", 2563500},
		{"it-IT", "€", "25,635.00", refused}, {"it-IT", "€", "25635.00", refused}, {"it-IT", "€", "25,635", refused},
		{"fr-FR", "€", "25 635", 2563500}, {"fr-FR", "€", "25 635,00", 2563500}, {"fr-FR", "€", "25 635,00 €", 2563500}, {"fr-FR", "€", "25635,5", refused}, {"fr-FR", "€", "25 63", refused},
	} {
		got, err := ParseAmount(words.Printer(x.locale), x.typed, x.symbol)
		if err != nil {
			got = refused
		}
		if got != x.want {
			t.Errorf("%s %q is %d, want %d", x.locale, x.typed, got, x.want)
		}
	}
}
