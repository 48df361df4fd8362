package storefront_test

import (
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/document/pack"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
)

// mine is the order behind an order page.
func (s *shop) mine(page string) *ordering.Order {
	s.T.Helper()
	o, err := ordering.OrderByToken(s.DB.Read(s.T.Context()), "dacia", "gb", page[strings.LastIndex(page, "/")+1:], s.Clock.Now())
	must(s.T, err)
	return o
}

func TestABuyerReadsEveryPaper(t *testing.T) {
	t.Parallel()
	s := open(t)
	page := s.bought()
	if before := s.page(page); strings.Contains(before.body, "/papers/") || !strings.Contains(before.body, "/texts/terms") {
		t.Error("papers before a dealer took the order, or no texts")
	}
	o := s.Deliver(s.mine(page))
	links := regexp.MustCompile(`href="(`+regexp.QuoteMeta(page)+`/papers/[^"/]+)"`).FindAllStringSubmatch(s.page(page).body, -1)
	if len(links) != 3 {
		t.Fatalf("papers %v", links)
	}
	total := "£" + thousands(o.TotalMinor)
	for i, want := range [][]string{
		{"Order confirmation GB01-A-2026-00001", "The contract with Northgate Motors Ltd was made on", "Total " + total, "Deposit agreed £100.00"},
		{"Handover record GB01-H-2026-00001", "VF1RJA00X747K2M9X", "Walked round the car", "2 mi"},
		{"Invoice GB01-I-2026-00001", "VAT number GB 000 0101", "Total " + total, "Still to pay £0.00", "Priya Raman", "Outside VAT", "VAT at 20%"},
	} {
		a := s.page(links[i][1])
		for _, w := range want {
			if !strings.Contains(a.text(), w) {
				t.Errorf("%s lacks %q: %s", links[i][1], w, a.text())
			}
		}
		pdf, again := s.get(links[i][1]+"/pdf"), s.get(links[i][1]+"/pdf")
		if pdf.status != 200 || pdf.head.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.body, "%PDF-") || pdf.body != again.body || pdf.head.Get("Cache-Control") != "no-store" {
			t.Errorf("PDF of %s: %d %v", links[i][1], pdf.status, pdf.head)
		}
	}
	other := s.bought()
	if a := s.get(other + links[0][1][len(page):]); a.status != 404 {
		t.Errorf("another buyer's link opens the paper: %d", a.status)
	}
}

func thousands(minor int64) string {
	whole := minor / 100
	out := ""
	for ; whole >= 1000; whole /= 1000 {
		out = "," + pad(whole%1000, 3) + out
	}
	return pad(whole, 1) + out + "." + pad(minor%100, 2)
}

func pad(n int64, width int) string {
	s := ""
	for ; n > 0 || len(s) < width; n /= 10 {
		s = string(rune('0'+n%10)) + s
	}
	return s
}

// C16: an old order shows its own text after the market's text changed.
func TestAnOrderKeepsItsTextWhenTheTermsChange(t *testing.T) {
	t.Parallel()
	s := open(t)
	page := s.bought()
	mk, _ := s.World.Now().Market("gb")
	words := strings.SplitN(mk.Say(mk.TextAt("terms", "2026-11-24").Body, "en").Text, "\n\n", 2)[0]
	mk.Texts["terms"] = []market.Text{{Version: "2027-1", From: "2026-01-01", Title: market.Plain("New terms"), Body: market.Plain("All is different.")}}
	a := s.page(page + "/texts/terms")
	if !strings.Contains(a.text(), words[:60]) || strings.Contains(a.text(), "All is different") || !strings.Contains(a.text(), "Accepted on") {
		t.Errorf("the order's terms: %.300s", a.text())
	}
	if c := s.page(page + "/documents/confirmation"); !strings.Contains(c.text(), words[:60]) || strings.Contains(c.text(), "All is different") {
		t.Error("the summary shows the new terms")
	}
	if live := s.page("/dacia/gb/legal/terms"); !strings.Contains(live.text(), "All is different") {
		t.Error("the market's page does not show the new terms")
	}
	if a := s.get(page + "/texts/help"); a.status != 404 {
		t.Errorf("a text that nobody accepted: %d", a.status)
	}
}

// C10: what the buyer downloads is true without the shop.
func TestTheProofOfAnOrderVerifiesOffline(t *testing.T) {
	t.Parallel()
	s := open(t)
	page := s.bought()
	s.Deliver(s.mine(page))
	zip, key := s.get(page+"/proof.zip"), s.get("/evidence-key")
	trusted, err := pack.ParsePEM([]byte(key.body))
	must(t, err)
	r, err := pack.Check([]byte(zip.body), trusted)
	must(t, err)
	if !r.OK() || !r.Trusted || r.Papers != 3 || r.Texts != 4 || r.Files != 3*2+4+3 {
		t.Errorf("%+v", r)
	}
	if zip.head.Get("Cache-Control") != "no-store" || zip.head.Get("Content-Type") != "application/zip" {
		t.Errorf("%v", zip.head)
	}
}

// C03: who sells is a dated line of the market's data; the page before the order and the papers after it follow.
func TestARetailGroupSells(t *testing.T) {
	t.Parallel()
	s := open(t)
	mk, _ := s.World.Now().Market("gb")
	terms := mk.Flows[id.FlowNew]
	group := terms[len(terms)-1]
	group.From, group.Seller = "2026-11-24", market.ByGroup
	mk.Flows = map[id.Flow][]market.FlowTerms{id.FlowNew: append(append([]market.FlowTerms{}, terms...), group)}
	_, check := s.ready()
	if !strings.Contains(check.text(), "Fairlane Retail Group (demo) Ltd sells and invoices the car") {
		t.Errorf("the check page: %s", check.text())
	}
	page := s.bought()
	s.Deliver(s.mine(page))
	link := regexp.MustCompile(`href="(` + regexp.QuoteMeta(page) + `/papers/GBGR-I-2026-00001)"`).FindStringSubmatch(s.page(page).body)
	if link == nil {
		t.Fatal("no invoice of the group")
	}
	if a := s.page(link[1]); !strings.Contains(a.text(), "Fairlane Retail Group (demo) Ltd") || !strings.Contains(a.text(), "Handed over by Northgate Motors Ltd") {
		t.Errorf("the invoice: %s", a.text())
	}
}
