package letters

import (
	"strings"
	"testing"

	"forecourt/internal/ordering"
)

// A buyer whose car goes before it is paid reads what is open, until when, and every way to pay it.
func TestALetterAboutAnOpenRestNamesDayAndWays(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"deferred", "overdue", "handed_over"} {
		for in := range countries {
			l := sample("deferred", in)
			l.Template = template
			if template != "deferred" {
				l.Order.State = ordering.HandedOver
			}
			m := compose(t, l)
			w := newWriter(l, words(t).Printer(l.Market.Locale), Config{})
			for what, fact := range map[string]string{"the rest": w.p.Money(w.balance()), "the day": w.legal("2026-12-07"), "the card page": l.PayLink, "the order's page": l.Link, "the number": l.Order.Number} {
				if !strings.Contains(m.Text, fact) || !strings.Contains(m.HTML, fact) && !strings.HasPrefix(fact, "http") {
					t.Errorf("%s/%s lacks %s %q:\n%s", template, in, what, fact, m.Text)
				}
			}
			if strings.Contains(m.Text, "finance") || strings.Contains(m.Text, w.t("handover.all_paid")) {
				t.Errorf("%s/%s says too much", template, in)
			}
			// Paid while the letter was on its way: nothing is asked any more.
			l.PaidMinor = l.Order.TotalMinor
			if m := compose(t, l); strings.Contains(m.Text, l.PayLink) {
				t.Errorf("%s/%s asks for money that is here", template, in)
			}
		}
	}
}
