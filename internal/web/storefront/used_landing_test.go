package storefront_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
)

func TestLandingPagesAreThereWhileThereAreCars(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.offer("U-7K2M9X", "Duster", "petrol", 1299000, usedcars.Listed)
	s.offer("U-7K2M9Y", "Duster", "petrol", 1199000, usedcars.Listed)
	s.offer("U-7K2M9Z", "Spring", "electric", 899000, usedcars.Listed)
	s.offer("U-7K2M9A", "Jogger", "petrol", 1499000, usedcars.Draft)
	for path, want := range map[string][]string{
		"/dacia/gb/used/dacia":              {"Used Dacia", "3 cars at 1 dealer. Prices begin at £8,990.", "Dacia Spring"},
		"/dacia/gb/used/dacia/duster":       {"Used Dacia Duster", "2 cars at 1 dealer. Prices begin at £11,990.", "Leeds"},
		"/dacia/gb/used/dacia/duster/leeds": {"Used Dacia Duster in Leeds", "2 cars at 1 dealer. Prices begin at £11,990."},
	} {
		a := s.page(path)
		for _, w := range want {
			if !strings.Contains(a.text(), w) {
				t.Errorf("%s does not say %q: %.400s", path, w, a.text())
			}
		}
		told := a.told()
		if told["canonical"] != s.site.URL+path || told["robots"] != "" {
			t.Errorf("%s is told as %v", path, told)
		}
		ld := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`).FindStringSubmatch(a.body)
		var list struct {
			Type  string `json:"@type"`
			Count int    `json:"numberOfItems"`
			Items []struct {
				Position int
				URL      string `json:"url"`
			} `json:"itemListElement"`
		}
		if ld == nil || json.Unmarshal([]byte(ld[1]), &list) != nil || list.Type != "ItemList" || list.Count != len(list.Items) || !strings.HasPrefix(list.Items[0].URL, s.site.URL+"/dacia/gb/used/dacia-") {
			t.Errorf("search engines read %v", ld)
		}
	}
	for _, path := range []string{"/dacia/gb/used/renault", "/dacia/gb/used/dacia/jogger", "/dacia/gb/used/dacia/duster/london", "/dacia/gb/used/dacia/duster/nowhere", "/renault/gb/used/dacia", "/dacia/gb/used/hold", "/dacia/gb/used/alerts", "/dacia/gb/used/dacia/%00", "/dacia/de/used/dacia"} {
		if a := s.get(path); a.status != 404 {
			t.Errorf("%s without a car answers %d", path, a.status)
		}
	}
	for path, want := range map[string]string{"/dacia/gb/used?model=Dacia+Duster": "/dacia/gb/used/dacia/duster", "/dacia/gb/used?make=Dacia": "/dacia/gb/used/dacia", "/dacia/gb/used?model=Dacia+Duster&sort=km": "", "/dacia/gb/used?model=Dacia+Duster&fuel=petrol": "", "/dacia/gb/used?model=Dacia+Jogger": "", "/dacia/gb/used": "/dacia/gb/used"} {
		told := s.page(path).told()
		if want == "" && told["robots"] == "" || want != "" && (told["canonical"] != s.site.URL+want || told["robots"] != "") {
			t.Errorf("%s is told as %v, want %q", path, told, want)
		}
	}
}

func TestTheMapOfUsedCarsListsWhatCanBeBought(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.offer("U-7K2M9X", "Duster", "petrol", 1299000, usedcars.Listed)
	s.offer("U-7K2M9Y", "Spring", "electric", 899000, usedcars.Listed)
	s.offer("U-7K2M9A", "Jogger", "petrol", 1499000, usedcars.Draft)
	var index struct {
		Parts []struct {
			Loc     string `xml:"loc"`
			LastMod string `xml:"lastmod"`
		} `xml:"sitemap"`
	}
	a := s.page("/sitemap-used.xml")
	must(t, xml.Unmarshal([]byte(a.body), &index))
	if len(index.Parts) != 2 || index.Parts[1].Loc != s.site.URL+"/sitemap-used/dacia/gb/1.xml" {
		t.Fatalf("the index: %s", a.body)
	}
	seen := map[string]bool{}
	for _, p := range index.Parts {
		part := s.page(p.Loc)
		var m sitemap
		must(t, xml.Unmarshal([]byte(part.body), &m))
		for _, u := range m.URLs {
			seen[u.Loc] = true
			if got := s.page(u.Loc).told(); got["canonical"] != u.Loc || got["robots"] != "" {
				t.Errorf("%s is told as %v", u.Loc, got)
			}
		}
		if _, err := time.Parse(time.RFC3339, p.LastMod); err != nil || !strings.Contains(part.body, "<lastmod>") {
			t.Errorf("when it changed: %q, %v", p.LastMod, err)
		}
	}
	for _, path := range []string{"/dacia/gb/used/dacia", "/dacia/gb/used/dacia/duster", "/dacia/gb/used/dacia/spring/leeds", dusterSlug} {
		if !seen[s.site.URL+path] {
			t.Errorf("the map lacks %s", path)
		}
	}
	if len(seen) != 7 {
		t.Errorf("the map has %d pages: %v", len(seen), seen)
	}
	if robots := s.page("/robots.txt").body; !strings.Contains(robots, "Sitemap: "+s.site.URL+"/sitemap-used.xml\n") {
		t.Error("robots.txt does not name the map")
	}
	for _, path := range []string{"/sitemap-used/dacia/gb/2.xml", "/sitemap-used/dacia/gb/-1.xml", "/sitemap-used/dacia/gb/01.xml", "/sitemap-used/dacia/gb/1", "/sitemap-used/dacia/zz/1.xml", "/sitemap-used/none/gb/0.xml"} {
		if a := s.get(path); a.status != 404 {
			t.Errorf("%s answers %d", path, a.status)
		}
	}
	s.switchTo("dacia", "gb", market.Off)
	if a := s.get("/sitemap-used/dacia/gb/1.xml"); a.status != 404 {
		t.Errorf("of a closed shop the map lists cars: %d", a.status)
	}
}

func TestAUsedPriceIsProvenAndItsHistoryShown(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.offer("U-7K2M9X", "Duster", "petrol", 1299000, usedcars.Listed)
	s.offer("U-7K2M9Y", "Duster", "petrol", 1199000, usedcars.Listed)
	s.offer("U-7K2M9Z", "Duster", "petrol", 1399000, usedcars.Listed)
	before := s.proofLinkOf(dusterSlug)
	s.Clock.Advance(40 * 24 * time.Hour)
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return s.UsedCar.PriceTx(ctx, tx, sale.Staff{User: id.New[id.User](), Dealer: testkit.Leeds}, "U-7K2M9X", 1249000)
	})
	must(t, s.UsedCar.Shelf.Refresh(context.Background()))
	a := s.page(dusterSlug)
	for _, want := range []string{"What it has cost", "Lowest price of the last 30 days: £12,490.00", "Lowest price of the 30 days before the cut: £12,990", "1 cost less, 1 cost more"} {
		if !strings.Contains(a.text(), want) {
			t.Errorf("the page does not say %q: %s", want, a.text())
		}
	}
	if !strings.Contains(a.body, `<svg role="img" aria-label="From `) || !regexp.MustCompile(`class="step" d="M0 10H600V110H600"|class="step" d="M0 10H\d+V110H600"`).MatchString(a.body) {
		t.Error("the history is not drawn")
	}
	if n := s.proven(dusterSlug); n != 1249000 {
		t.Errorf("proven is %d", n)
	}
	at := s.proofLinkOf(dusterSlug)
	if text := s.page(at).text(); !strings.Contains(text, "Equal to the cent") || !strings.Contains(text, "Lowest price of the 30 days before £12,990.00") {
		t.Errorf("the proof says %s", text)
	}
	if text := s.page(before).text(); !strings.Contains(text, "Equal to the cent") || !strings.Contains(text, "Until") {
		t.Errorf("the price of before is not proven any more: %s", text)
	}
	u, err := url.Parse(at)
	must(t, err)
	for name, v := range map[string]string{"total": "1149000", "prior": "1499000", "day": "2026-11-01", "since": "1", "car": "U-7K2M9Y", "code": "AAAA-AAAA-AAAA-AAAA"} {
		q := u.Query()
		q.Set(name, v)
		if text := s.page(u.Path + "?" + q.Encode()).text(); !strings.Contains(text, "does not belong to this price") {
			t.Errorf("%s changed to %s: %s", name, v, text)
		}
	}
	// Sold it is not found by search engines any more, and others like it are offered.
	s.Tx(func(_ context.Context, tx *db.Tx) error {
		c, err := usedcars.LockTx(tx, "U-7K2M9X")
		if err != nil {
			return err
		}
		return usedcars.MoveTx(tx, c, usedcars.Step{To: usedcars.Withdrawn, Actor: "test"})
	})
	must(t, s.UsedCar.Shelf.Refresh(context.Background()))
	if gone := s.get(dusterSlug); gone.status != 410 || gone.told()["robots"] == "" || !strings.Contains(gone.text(), "Others like it") || !strings.Contains(gone.body, "u-7k2m9y") {
		t.Errorf("a car that is gone: %d %s", gone.status, gone.text())
	}
}

func (s *shop) proofLinkOf(path string) string {
	s.T.Helper()
	m := proofLink.FindStringSubmatch(s.page(path).body)
	if m == nil {
		s.T.Fatalf("no price code on %s", path)
	}
	return html.UnescapeString(m[1])
}
