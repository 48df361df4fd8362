package letters

import (
	"strings"
	"testing"

	"forecourt/internal/ordering"
	"forecourt/internal/sale"
)

// A letter about a car that exists names it and its day, and no weeks of waiting; where it was sold to
// another dealer than its own, the day is that dealer's.
func TestLettersAboutACarThatExists(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, l sale.Letter) {
		sold := *l.Order
		sold.Snapshot.Stock = &ordering.StockCar{Number: "P-7K2M9X", Stage: "ground", Dealer: l.Dealer.Code, ReadyOn: "2026-12-03", MovedOn: "2026-12-10"}
		l.Order = &sold
		m := compose(t, l)
		tidy(t, m)
		if !strings.Contains(m.Text, "P-7K2M9X") || !strings.Contains(m.HTML, "P-7K2M9X") || !strings.Contains(m.Text, "3") {
			t.Errorf("the car is not named:\n%s", m.Text)
		}
		if l.Template == "accepted" {
			for _, wrong := range []string{"factory", "fabbrica", "usine", "weeks", "settimane", "semaines"} {
				if strings.Contains(m.Text, wrong) {
					t.Errorf("a car that stands there and %q:\n%s", wrong, m.Text)
				}
			}
		}
		sold.Snapshot.Stock.Dealer = "another"
		if l.Market.Code == "gb" && !strings.Contains(compose(t, l).Text, "10 December 2026") {
			t.Error("the day is not that of the dealer who hands it over")
		}
	})
}
