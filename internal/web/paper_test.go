package web

import (
	"strings"
	"testing"
	"time"

	"forecourt/internal/document"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
)

// Every kind of paper says in its own words what it is, and ends its money in its own way: nothing of another kind stands in.
func TestEveryKindOfPaperHasItsOwnWords(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	ends := map[document.Kind]string{document.Confirmation: "paper.deposit", document.Invoice: "paper.due", document.CreditNote: "paper.refund", document.Handover: ""}
	for _, lang := range words.Languages() {
		ledes := map[string]document.Kind{}
		for _, k := range document.Kinds {
			c := document.Content{Kind: k, Supplied: "2026-11-24", Refers: &document.Ref{Number: "GB01-I-2026-00001", Day: "2026-11-24"}, Total: money.Of(100, "GBP"), Deposit: money.Of(10, "GBP"), Due: money.Of(90, "GBP")}
			if k == document.Handover {
				c.Refers, c.Given = nil, &document.Given{At: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)}
			}
			w := paperWriter{c: c, p: words.Printer(lang), zone: time.UTC}
			lede, name := w.lede(), w.p.T("paper.name."+string(k))
			if strings.HasPrefix(lede, "[") || strings.HasPrefix(name, "[") {
				t.Errorf("%s: a %s has no words: %s %s", lang, k, name, lede)
			}
			if other, taken := ledes[lede]; taken {
				t.Errorf("%s: a %s says the same as a %s: %s", lang, k, other, lede)
			}
			ledes[lede] = k
			last, lines := "", w.paid()
			if len(lines) > 0 {
				last = lines[len(lines)-1].Label
			}
			switch end, known := ends[k]; {
			case !known:
				t.Errorf("say here how the money of a %s ends, and in paid", k)
			case end == "" && last != "", end != "" && last != w.p.T(end):
				t.Errorf("%s: the money of a %s ends with %q", lang, k, last)
			}
		}
	}
}

// A used car sold by the margin scheme has its name on the line and in the sums, and no VAT.
func TestAPaperShowsNoVATOfTheMarginScheme(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	price, fee, none := money.Of(1_500_000, "GBP"), money.Of(5_500, "GBP"), money.Of(0, "GBP")
	c := document.Content{Kind: document.Invoice, Total: price.Add(fee), Due: none,
		Lines: []document.Line{{Kind: "car", Label: "Duster", Amount: price, VAT: none, Margin: true}, {Kind: "fee", Label: "Registration", Amount: fee, VAT: none}},
		Taxes: []document.Tax{{Margin: true, Net: price, VAT: none, Gross: price}, {Net: fee, VAT: none, Gross: fee}}}
	w := paperWriter{c: c, p: words.Printer("en-GB"), zone: time.UTC}
	var got []string
	for _, l := range w.price().Lines[:5] {
		got = append(got, l.Label+"|"+l.Note+"|"+l.Amount)
	}
	want := "Duster|Margin scheme: second-hand goods|£15,000.00; Registration|Outside VAT|£55.00; " + w.p.T("paper.total") + "||£15,055.00; Margin scheme: second-hand goods||£15,000.00; Outside VAT||£55.00"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}
