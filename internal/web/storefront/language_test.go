package storefront_test

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
	"forecourt/internal/world"
)

// southTyrol makes Italy a market of two languages, with some words in both and some holes.
func southTyrol(t *testing.T) *shop {
	t.Helper()
	s := open(t)
	s.Tx(func(_ context.Context, tx *db.Tx) error {
		for _, change := range []string{
			`UPDATE markets SET doc = doc || '{"also": ["de-DE"]}' WHERE code = 'it'`,
			`UPDATE markets SET doc = jsonb_set(doc, '{fees,0,label}', '{"it": "Messa su strada", "de": "Überführung und Zulassung"}') WHERE code = 'it'`,
			`UPDATE markets SET doc = jsonb_set(doc, '{papers,0}', '{"it": "Documento valido", "de": "Gültiger Ausweis"}') WHERE code = 'it'`,
			`UPDATE markets SET doc = jsonb_set(doc, '{texts,terms,0,title}', '{"it": "Condizioni di vendita", "de": "Verkaufsbedingungen für Neuwagen"}') WHERE code = 'it'`,
			`UPDATE markets SET doc = jsonb_set(doc, '{texts,privacy,0}', doc #> '{texts,privacy,0}' || '{"title": {"it": "Privacy", "de": "Datenschutz"}, "body": {"it": "Primo.", "de": "Erstens.\n\nZweitens."}}') WHERE code = 'it'`,
			`UPDATE world_version SET static_version = static_version + 1`,
			`UPDATE ranges SET doc = doc #- '{strapline,de}' WHERE doc ->> 'model' = 'duster'`,
		} {
			if err := tx.Exec(change).Error; err != nil {
				return err
			}
		}
		return world.TouchTx(tx)
	})
	must(t, s.World.Refresh(t.Context()))
	return s
}

// as gets a page with a cookie.
func (s *shop) as(path, cookie string, more ...string) answer {
	s.T.Helper()
	req, err := http.NewRequest(http.MethodGet, s.abs(path), nil)
	must(s.T, err)
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	for i := 0; i+1 < len(more); i += 2 {
		req.Header.Set(more[i], more[i+1])
	}
	return s.do(req)
}

func (a answer) lang() string {
	_, rest, _ := strings.Cut(a.body, `<html lang="`)
	l, _, _ := strings.Cut(rest, `"`)
	return l
}

// The order of these requests counts: each page is on the shelf when the next visitor comes.
func TestAVisitorChoosesALanguage(t *testing.T) {
	t.Parallel()
	s := southTyrol(t)
	for _, page := range []string{"", "/new/duster", "/new/duster/configure", "/guide", "/compare", "/legal/terms", "/legal/accessibility", "/dealers", "/build", "/offline", "/nowhere"} {
		path := "/dacia/it" + page
		for _, c := range []struct{ query, cookie, want, set string }{
			{"", "", "it-IT", ""},
			{"?lang=de", "", "de-DE", "de"},
			{"", "", "it-IT", ""},
			{"", "lang=de", "de-DE", ""},
			{"?lang=it", "lang=de", "it-IT", "it"},
			{"?lang=de", "lang=it", "de-DE", "de"},
			{"?lang=fr", "", "it-IT", ""},
			{"?lang=fr", "lang=de", "de-DE", ""},
			{"?lang=de-DE", "", "it-IT", ""},
			{"?lang=%00%ff", "lang=xx", "it-IT", ""},
			{"", "lang=fr", "it-IT", ""},
			{"?lang=", "lang=", "it-IT", ""},
		} {
			a := s.as(path+c.query, c.cookie)
			if a.lang() != c.want {
				t.Errorf("%s with %q: %q, want %q", path+c.query, c.cookie, a.lang(), c.want)
			}
			set := a.head.Get("Set-Cookie")
			if page == "/nowhere" {
				if got := a.head.Get("Cache-Control"); got != "no-store" {
					t.Errorf("the page that is not there, in one visitor's language, may be kept: %q", got)
				}
				continue
			}
			if c.set == "" && set != "" || c.set != "" && set != "lang="+c.set+"; Path=/dacia/it; Max-Age=31536000; HttpOnly; SameSite=Lax" {
				t.Errorf("%s with %q sets %q", path+c.query, c.cookie, set)
			}
			if vary := strings.Join(a.head.Values("Vary"), ", "); !strings.Contains(vary, "Cookie") || strings.Contains(a.head.Get("Cache-Control"), "public") {
				t.Errorf("%s may be kept for others: %q, %q", path, vary, a.head.Get("Cache-Control"))
			}
		}
	}
	it, de := s.as("/dacia/it", ""), s.as("/dacia/it", "lang=de")
	if it.head.Get("ETag") == "" || it.head.Get("ETag") == de.head.Get("ETag") {
		t.Error("two languages have one tag")
	}
	if a := s.as("/dacia/it", "lang=de", "If-None-Match", it.head.Get("ETag")); a.status != http.StatusOK || a.lang() != "de-DE" {
		t.Errorf("who has the Italian page is told that it is the German one: %d", a.status)
	}
	if a := s.as("/dacia/it?lang=de", "", "If-None-Match", de.head.Get("ETag")); a.status != http.StatusNotModified || a.head.Get("Set-Cookie") == "" {
		t.Errorf("a page known already: %d %v", a.status, a.head)
	}
	for _, file := range []string{"manifest.webmanifest", "new/duster/phone.svg"} {
		if a, b := s.as("/dacia/it/"+file, "lang=de"), s.as("/dacia/it/"+file, ""); a.body != b.body {
			t.Errorf("%s depends on a cookie", file)
		}
		if a := s.as("/dacia/it/"+file+"?lang=de", "lang=de"); a.status != http.StatusOK || a.head.Get("Set-Cookie") != "" || strings.Contains(a.body, "de-DE") {
			t.Errorf("%s is kept for everybody, with one visitor's language: %v", file, a.head)
		}
	}
	if a, b := s.as("/dacia/it/worker.js", ""), s.as("/dacia/it/worker.js", "lang=de"); a.body == b.body || strings.Contains(b.head.Get("Cache-Control"), "public") {
		t.Error("the page for no connection is the same in both languages")
	}
	if a := s.as("/dacia/gb?lang=de", "lang=it"); a.lang() != "en-GB" || a.head.Get("Set-Cookie") != "" || strings.Contains(a.body, `id="languages"`) || strings.Contains(strings.Join(a.head.Values("Vary"), ","), "Cookie") {
		t.Errorf("a market of one language: %q %v", a.lang(), a.head)
	}
}

func TestTheLinkKeepsThePageAndItsQuery(t *testing.T) {
	t.Parallel()
	s := southTyrol(t)
	for _, c := range []struct{ path, cookie, want string }{
		{"/dacia/it?tag=hybrid&mine=secret", "", `<a href="/dacia/it?lang=de&amp;tag=hybrid" lang="de-DE" hreflang="de-DE">Deutsch</a>`},
		{"/dacia/it?tag=hybrid", "lang=de", `<a href="/dacia/it?lang=it&amp;tag=hybrid" lang="it-IT" hreflang="it-IT">Italiano</a>`},
		{"/dacia/it/new/duster/configure?s=~&lang=de", "", `<a href="/dacia/it/new/duster/configure?lang=it&amp;s=~" lang="it-IT"`},
		{"/dacia/it/leave-name?model=duster&s=a.b", "", `<a href="/dacia/it/leave-name?lang=de&amp;model=duster&amp;s=a.b" lang="de-DE"`},
		{"/dacia/it/dealers?near=Bolzano", "", `<a href="/dacia/it/dealers?lang=de&amp;near=Bolzano" lang="de-DE"`},
	} {
		a := s.as(c.path, c.cookie)
		if !strings.Contains(a.body, c.want) {
			_, nav, _ := strings.Cut(a.body, `id="languages"`)
			t.Errorf("%s: %.300s", c.path, nav)
		}
		if strings.Contains(a.body, "secret") {
			t.Errorf("%s: a shared page repeats what one visitor came with", c.path)
		}
	}
	form := s.page("/dacia/it/leave-name").form(t, "/dacia/it/leave-name")
	if a := s.post("/dacia/it/leave-name", form); a.status != http.StatusUnprocessableEntity || strings.Contains(a.body, `id="languages"`) {
		t.Errorf("the answer to a form leads to where nothing is: %d", a.status)
	}
}

// What goes from the desk to a phone, or to paper, has no cookie with it.
func TestALinkThatIsTakenAwayKeepsTheLanguage(t *testing.T) {
	t.Parallel()
	s := southTyrol(t)
	part := phoneParts.FindString(s.as("/dacia/it/new/duster/configure", "lang=de").body)
	if !strings.Contains(part, s.site.URL+"/dacia/it/new/duster/configure?lang=de") || !strings.Contains(part, "/dacia/it/new/duster/phone.svg?lang=de") {
		t.Errorf("to the phone: %s", part)
	}
	if a, b := s.page("/dacia/it/new/duster/phone.svg"), s.page("/dacia/it/new/duster/phone.svg?lang=de"); a.body == b.body {
		t.Error("two languages have one code")
	}
	if part := phoneParts.FindString(s.page("/dacia/it/new/duster/configure").body); strings.Contains(part, "lang=") {
		t.Errorf("the first language needs no word: %s", part)
	}
	to := s.post("/dacia/it/new/duster/save", s.page("/dacia/it/new/duster/save").form(t, "/dacia/it/new/duster/save")).to()
	if body := s.as(to, "lang=de").body; !strings.Contains(body, s.site.URL+to+"?lang=de") {
		t.Error("a saved build does not keep its language on paper")
	}
}

func TestSearchEnginesFindEachLanguage(t *testing.T) {
	t.Parallel()
	s := southTyrol(t)
	m, _ := s.sitemap()
	listed := map[string]map[string]string{}
	for _, u := range m.URLs {
		links := map[string]string{}
		for _, l := range u.Links {
			if links[l.Lang] != "" {
				t.Errorf("%s names %s twice", u.Loc, l.Lang)
			}
			links[l.Lang] = l.Href
		}
		listed[strings.TrimPrefix(u.Loc, s.site.URL)] = links
	}
	for _, path := range []string{"/dacia/it", "/dacia/it/new/duster", "/dacia/it/legal/terms"} {
		for _, c := range []struct{ query, locale string }{{"", "it_IT"}, {"?lang=de", "de_DE"}} {
			got := s.page(path + c.query).told()
			page := strings.TrimPrefix(path, "/dacia/it")
			for key, want := range map[string]string{"canonical": path + c.query, "alternate it-IT": path, "alternate de-IT": path + "?lang=de", "alternate de-DE": "/dacia/de" + page, "alternate en-GB": "/dacia/gb" + page} {
				if got[key] != s.site.URL+want {
					t.Errorf("%s: %s is %q", path+c.query, key, got[key])
				}
			}
			if got["og:locale"] != c.locale {
				t.Errorf("%s: %v", path+c.query, got["og:locale"])
			}
			if links := listed[path+c.query]; links["de-IT"] != s.site.URL+path+"?lang=de" || links["it-IT"] != s.site.URL+path {
				t.Errorf("the map has %v for %s", links, path+c.query)
			}
		}
	}
	if got := s.as("/dacia/it", "lang=de").told(); got["canonical"] != s.site.URL+"/dacia/it?lang=de" {
		t.Errorf("a page by a cookie names %s", got["canonical"])
	}
}

func TestWordsFallBackAndSayTheirLanguage(t *testing.T) {
	t.Parallel()
	s := southTyrol(t)
	de := func(path string) answer { return s.page("/dacia/it" + path + "?lang=de") }
	if body := de("").body; !strings.Contains(body, "Fango sulle porte") || strings.Contains(body, "Mud on the doors") || !strings.Contains(body, "Überführung und Zulassung") || strings.Contains(body, "Messa su strada") {
		t.Error("the range does not fall back to the market's first language, or takes it where German is there")
	}
	if body := s.page("/dacia/de").body; !strings.Contains(body, "Mud on the doors") {
		t.Error("a market of German alone does not fall back to English")
	}
	if body := de("/legal/terms").body; !strings.Contains(body, "<h1>Verkaufsbedingungen für Neuwagen</h1>") || !strings.Contains(body, `<p lang="it">Chi vende.`) {
		t.Error("Italian terms do not say on a German page that they are Italian")
	}
	if body := de("/legal/privacy").body; !strings.Contains(body, "<p>Zweitens.</p>") || strings.Contains(body, "Primo") {
		t.Error("German words are not taken")
	}
	if body := s.page("/dacia/it/legal/privacy").body; !strings.Contains(body, "<p>Primo.</p>") {
		t.Error("Italian words are not taken")
	}
	if body := de("/new/duster/configure").body; !strings.Contains(body, "Überführung und Zulassung") || !strings.Contains(body, "Schotterweiß") && !strings.Contains(body, "weiß") {
		t.Error("the price or the colours are not German")
	}
	if body := de("/new/duster").body; !strings.Contains(body, `<span lang="it">Messaggio pubblicitario`) {
		t.Error("a notice in Italian does not say so")
	}
}

// The order speaks German to its buyer, wherever it is opened, and Italian to the dealer.
func TestAnOrderRemembersItsLanguage(t *testing.T) {
	t.Parallel()
	s := southTyrol(t)
	stranger := *s.client
	jar, err := cookiejar.New(nil)
	must(t, err)
	s.client.Jar = jar
	const duster = "/dacia/it/new/duster"
	s.page(duster + "?lang=de")
	a := s.post(duster+"/dealer", with(s.page(duster+"/dealer?near=20121").form(t, duster+"/dealer"), "dealer", "it-milano-naviglio"))
	draft := strings.TrimSuffix(a.to(), "/details")
	page := s.page(draft + "/details")
	if page.lang() != "de-DE" {
		t.Errorf("the details are asked in %s", page.lang())
	}
	a = s.post(draft+"/details", with(page.form(t, draft+"/details"), "name", "Anna Pichler", "email", "anna.pichler@example.com", "phone", "02 0012 3456", "street", "Via Roma 1", "postcode", "39100", "town", "Bozen"))
	if a.to() != draft+"/check" {
		t.Fatalf("details: %d %s", a.status, a.text())
	}
	a = s.post(draft+"/pay", with(s.page(draft+"/check").form(t, draft+"/pay"), "terms", "yes"))
	if card := s.page(a.to()); card.lang() != "de" {
		t.Errorf("the card page speaks %q", card.lang())
	}
	back, err := banktest.Pay(t.Context(), nil, a.to(), testkit.Good)
	must(t, err)
	order, _, _ := strings.Cut(s.get(back).to(), "?")

	*s.client = stranger
	sold := s.keepsBothWords()
	if got := s.page(order); got.lang() != "de-DE" || !strings.Contains(got.body, sold.Read.Colour) {
		t.Errorf("the order's page by its link: %s", got.lang())
	}
	if got := s.page(order + "?lang=it"); got.lang() != "it-IT" || !strings.Contains(got.body, sold.Colour) || strings.Contains(got.body, sold.Read.Colour) {
		t.Errorf("a reader who asks for Italian gets %s", got.lang())
	}
	if got := s.as(order+"/cancel", "lang=it"); got.lang() != "it-IT" {
		t.Errorf("a reader who always reads Italian gets %s", got.lang())
	}
	if got := s.page(order + "/documents/confirmation?lang=it"); got.lang() != "de-DE" || !strings.Contains(got.body, "<h2>Verkaufsbedingungen für Neuwagen</h2>") || !strings.Contains(got.body, `<p lang="it">`) || !strings.Contains(got.body, "Überführung und Zulassung") || strings.Contains(got.body, `id="languages"`) {
		t.Errorf("the confirmation speaks %s", got.lang())
	}
	s.Tx(func(_ context.Context, tx *db.Tx) error { // as old code writes orders
		return tx.Exec(`UPDATE orders SET locale = NULL, snapshot = snapshot - 'read'`).Error
	})
	if got := s.page(order); got.lang() != "it-IT" || !strings.Contains(got.body, sold.Colour) {
		t.Errorf("an order from before speaks %s", got.lang())
	}
}

func (s *shop) keepsBothWords() ordering.Snapshot {
	s.T.Helper()
	var key string
	must(s.T, s.DB.Read(s.T.Context()).Raw(`SELECT id FROM orders`).Scan(&key).Error)
	o, err := ordering.Get(s.DB.Read(s.T.Context()), id.Order(key))
	must(s.T, err)
	if o.Locale != "de-DE" || o.Snapshot.Read == nil {
		s.T.Fatalf("the order remembers %q, %v", o.Locale, o.Snapshot.Read)
	}
	all := func(sn ordering.Snapshot) string {
		words := sn.Colour + sn.Engine + sn.Version
		for _, l := range sn.Lines {
			words += "|" + l.Label
		}
		return words
	}
	if dealer, buyer := all(o.Snapshot), all(o.Snapshot.AsRead()); !strings.Contains(dealer, "Messa su strada") || !strings.Contains(buyer, "Überführung") || strings.Contains(buyer, "Messa su strada") {
		s.T.Errorf("the dealer reads %s, the buyer %s", dealer, buyer)
	}
	return o.Snapshot
}

// A path that begins with two slashes is, in a link, the name of another site.
func TestALanguageLinkStaysOnTheSite(t *testing.T) {
	t.Parallel()
	s := southTyrol(t)
	for _, path := range []string{"//dacia/it", "///dacia/it/new", "//dacia/it/new/duster?lang=de"} {
		a := httptest.NewRecorder()
		s.site.Config.Handler.ServeHTTP(a, httptest.NewRequest(http.MethodGet, path, nil))
		if strings.Contains(a.Body.String(), `href="//`) {
			t.Errorf("%s answers %d with a link to another site", path, a.Code)
		}
	}
}
