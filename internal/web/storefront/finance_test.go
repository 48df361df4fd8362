package storefront_test

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/finance"
	"forecourt/internal/platform/money"
)

var (
	financePart = regexp.MustCompile(`(?s)<section class="card finance.*?</section>`)
	financeRow  = regexp.MustCompile(`<dt>([^<]*)</dt><dd>([^<]*)</dd>`)
)

// Each market's model page holds every figure of the example, computed anew here, with the whole car's
// price before the first of them and the words that the market's law wants; none of them stands outside.
func TestFinanceExampleIsWhole(t *testing.T) {
	t.Parallel()
	s := open(t)
	w := s.World.Now()
	for _, m := range w.Markets {
		r := w.Ranges("dacia", m.Code, "2026-11-24")[0]
		body := s.page("/dacia/" + string(m.Code) + "/new/" + string(r.Model)).body
		law, ok := m.FinanceAt("2026-11-24")
		part := html.UnescapeString(financePart.FindString(body))
		if !ok || part == "" {
			if ok || part != "" {
				t.Errorf("%s: terms %t, example %q", m.Code, ok, part)
			}
			continue
		}
		model, err := w.Model("dacia", m.Code, r.Model, "2026-11-24")
		must(t, err)
		e, _ := finance.Of(law, model.From().Total.Minor)
		p := s.web.Catalogue.Printer(m.Locale)
		var shown []string
		for _, row := range financeRow.FindAllStringSubmatch(part, -1) {
			shown = append(shown, row[2])
		}
		amount := func(minor int64) string { return p.Money(money.Of(minor, m.Currency)) }
		want := []string{amount(e.Price), amount(e.Deposit), amount(e.Credit), p.Percent(law.RateBP), amount(e.Each), amount(e.Last), amount(e.Interest()), amount(e.Charge), amount(e.Total), p.Percent1(e.APR), law.Lender}
		if e.Final > 0 {
			want = append(want, amount(e.Final))
		}
		for _, f := range e.Fees {
			want = append(want, amount(f.Total))
		}
		for _, x := range want {
			if !slices.Contains(shown, x) {
				t.Errorf("%s: the example lacks %s: %v", m.Code, x, shown)
			}
		}
		for _, words := range []string{law.Notices[0][""], law.Notices[len(law.Notices)-1][""], law.Warning[""], law.Lender} {
			if !strings.Contains(part, words) {
				t.Errorf("%s: the example does not say %q", m.Code, words)
			}
		}
		rest := html.UnescapeString(financePart.ReplaceAllString(body, ""))
		if before, _, _ := strings.Cut(part, "<details"); strings.Contains(rest, amount(e.Each)) || strings.Contains(before, amount(e.Each)) || !strings.Contains(before, amount(e.Price)) {
			t.Errorf("%s: a month's payment stands apart from its example, or the price does not stand before it", m.Code)
		}
		if strings.Contains(part, "<details open") || strings.Contains(part, "<input") {
			t.Errorf("%s: finance is chosen beforehand", m.Code)
		}
	}
}

// What the laws of the markets name word for word.
func TestFinanceSaysTheLawsSentences(t *testing.T) {
	t.Parallel()
	s := open(t)
	for code, words := range map[string][]string{
		"gb": {"is a credit broker, not a lender", "Representative APR"},
		"fr": {"Un crédit vous engage et doit être remboursé. Vérifiez vos capacités de remboursement avant de vous engager.", "TAEG"},
		"de": {"Mindestens zwei Drittel der Verträge", "§ 17", "Effektiver Jahreszins", "gebunden"},
		"it": {"Messaggio pubblicitario con finalità promozionale.", "TAEG", "TAN"},
		"es": {"Ejemplo representativo", "Tomar dinero prestado cuesta dinero"},
		"ro": {"Exemplu reprezentativ", "Împrumutul de bani costă bani"},
	} {
		body := html.UnescapeString(s.page("/dacia/" + code + "/new/duster").body)
		if rate := map[string]string{"es": "TAE", "ro": "DAE"}[code]; slices.Contains(s.web.Catalogue.Languages(), code) && rate != "" {
			words = append(words, rate)
		}
		for _, w := range words {
			if !strings.Contains(body, w) {
				t.Errorf("%s does not say %q", code, w)
			}
		}
	}
}

// A saved build has the example of its own price.
func TestSavedBuildHasItsExample(t *testing.T) {
	t.Parallel()
	s := open(t)
	to := s.post(cheapDuster+"/save", s.page(cheapDuster+"/save").form(t, cheapDuster+"/save")).to()
	body := s.page(to).body
	part := html.UnescapeString(financePart.FindString(body))
	price := regexp.MustCompile(`<p class="price">([^ ]*) `).FindStringSubmatch(html.UnescapeString(body))
	if price == nil || !strings.Contains(part, "The car costs "+price[1]+" on the road") || !strings.Contains(part, "<dd>"+price[1]+"</dd>") {
		t.Errorf("a car of %v has the example %s", price, part)
	}
	if strings.Index(body, `class="price"`) > strings.Index(body, `class="card finance`) {
		t.Error("the example stands before the price")
	}
}
