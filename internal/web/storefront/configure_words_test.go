package storefront

import (
	"strings"
	"testing"

	"forecourt/internal/platform/i18n"
	"forecourt/internal/web"
)

// One million is not "1 millions".
func TestLongNumbersOfCarsInWords(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for locale, want := range map[string]map[float64]string{
		"en-GB": {1: "One car", 999_999: "999,999 ", 1e6: "1 million ", 2.9e6: "2 million ", 1e9: "1 billion ", 3e9: "3 billion "},
		"it-IT": {1_999_999: "1 milione di auto", 2e6: "2 milioni di auto", 1e9: "1 miliardo di auto", 3e9: "3 miliardi di auto"},
		"fr-FR": {1e6: "1 million de voitures différentes reste", 2e6: "2 millions de voitures différentes restent", 1e9: "1 milliard de", 999e9: "999 milliards de"},
		"de-DE": {1e6: "1 Million verschiedene", 2e6: "2 Millionen verschiedene", 1e9: "1 Milliarde verschiedene", 3e9: "3 Milliarden verschiedene"},
		"es-ES": {1e6: "1 millón de", 2e6: "2 millones de", 3e9: "3 mil millones de"},
		"ro-RO": {1e6: "1 milion de", 2e6: "2 milioane de", 20e6: "20 de milioane de"},
	} {
		b := web.Base{P: words.Printer(locale)}
		if b.P.Lang() != locale {
			continue // its catalogue is not there
		}
		for n, part := range want {
			if got := carsLeft(b, n); !strings.Contains(got, part) {
				t.Errorf("%s: %.0f is %q, want %q in it", locale, n, got, part)
			}
		}
	}
}
