package letters

import (
	"strings"
	"testing"

	"forecourt/internal/market"
	"forecourt/internal/ordering"
)

// A buyer's letters speak the language of the order, a dealer's the market's first.
func TestLettersSpeakTheOrdersLanguage(t *testing.T) {
	t.Parallel()
	for _, name := range templateNames() {
		l := sample(name, "it")
		mk := *l.Market
		mk.Also, mk.Papers = []string{"de-DE"}, []market.Wording{{"it": "Documento", "de": "Ausweis"}}
		l.Market = &mk
		l.Order.Locale = "de-DE"
		l.Order.Snapshot.Read = &ordering.Read{Version: "Reise", Engine: "Hybrid 140 PS", Colour: "Zederngrün"}
		m := compose(t, l)
		want, colour := "de", "Zederngrün"
		if plans[name].staff() {
			want, colour = "it", "Cedar green"
		}
		if m.Lang != want || !strings.Contains(m.HTML, `<html lang="`+want+`">`) || !strings.Contains(m.Text, colour) {
			t.Errorf("%s is in %s: %s", name, m.Lang, m.Text)
		}
		if strings.Contains(m.Text, "Documento") {
			t.Errorf("%s lists papers in Italian", name)
		}
		l.Order.Locale = "fr-FR" // not spoken any more
		if m := compose(t, l); m.Lang != "it" {
			t.Errorf("%s speaks %s where no French is spoken", name, m.Lang)
		}
	}
}
