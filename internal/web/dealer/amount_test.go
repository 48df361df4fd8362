package dealer

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
		got, err := parseAmount(words.Printer(x.locale), x.typed, x.symbol)
		if err != nil {
			got = refused
		}
		if got != x.want {
			t.Errorf("%s %q is %d, want %d", x.locale, x.typed, got, x.want)
		}
	}
}

func TestOdometersAreReadInTheMarketsUnit(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		typed string
		unit  i18n.Unit
		km    int
		ok    bool
	}{
		{"11", i18n.Miles, 18, true}, {"0", i18n.Miles, 0, true}, {"1242", i18n.Miles, 1999, true}, {"1243", i18n.Miles, 2000, true}, {"1244", i18n.Miles, 0, false},
		{"12 mi", i18n.Miles, 19, true}, {"2000", i18n.Kilometres, 2000, true}, {"2001", i18n.Kilometres, 0, false}, {"7 km", i18n.Kilometres, 7, true},
		{"", i18n.Kilometres, 0, false}, {"-1", i18n.Kilometres, 0, false}, {"1.5", i18n.Kilometres, 0, false}, {"999999", i18n.Kilometres, 0, false},
	} {
		km, ok := odometer(x.typed, x.unit)
		if ok != x.ok || ok && km != x.km {
			t.Errorf("%q %s is %d %v, want %d %v", x.typed, x.unit, km, ok, x.km, x.ok)
		}
	}
}
