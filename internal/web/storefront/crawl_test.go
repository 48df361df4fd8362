package storefront_test

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/market"
)

type sitemap struct {
	XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []struct {
		Loc   string `xml:"loc"`
		Links []struct {
			Rel  string `xml:"rel,attr"`
			Lang string `xml:"hreflang,attr"`
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/1999/xhtml link"`
	} `xml:"url"`
}

func (s *shop) sitemap() (sitemap, answer) {
	s.T.Helper()
	a := s.page("/sitemap.xml")
	var m sitemap
	must(s.T, xml.Unmarshal([]byte(a.body), &m))
	return m, a
}

func TestRobotsKeepOutOfWhatIsPrivate(t *testing.T) {
	t.Parallel()
	s := open(t)
	a := s.page("/robots.txt")
	if got := a.head.Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("type %q", got)
	}
	for _, line := range []string{"User-agent: *", "Disallow: /*/*/checkout/", "Disallow: /*/*/orders/", "Disallow: /dealer/", "Disallow: /manager", "Disallow: /api/", "Sitemap: " + s.site.URL + "/sitemap.xml"} {
		if !slices.Contains(strings.Split(a.body, "\n"), line) {
			t.Errorf("robots.txt lacks %q:\n%s", line, a.body)
		}
	}
}

// What the map lists is there, is meant to be found, and says the same of its sisters as the map does.
func TestTheSitemapListsWhatIsOpen(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.switchTo("dacia", "fr", market.Off)
	s.switchTo("renault", "gb", market.Preview)
	m, _ := s.sitemap()
	seen := map[string]bool{}
	for _, u := range m.URLs {
		path := strings.TrimPrefix(u.Loc, s.site.URL)
		if seen[path] || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "/dacia/fr") || strings.HasPrefix(path, "/renault/gb") || strings.Contains(path, "/zz") {
			t.Errorf("the map lists %s", u.Loc)
		}
		seen[path] = true
		if !strings.HasPrefix(path, "/dacia/gb") && !strings.HasPrefix(path, "/renault/it/legal") && path != "/" {
			continue // one shop stands for all: every page is made anew here
		}
		got := s.page(path).told()
		if got["canonical"] != u.Loc || got["robots"] != "" {
			t.Errorf("%s: %v", path, got)
		}
		for _, l := range u.Links {
			if l.Rel != "alternate" || got["alternate "+l.Lang] != l.Href {
				t.Errorf("%s: the map says %s for %s, the page %s", path, l.Href, l.Lang, got["alternate "+l.Lang])
			}
		}
	}
	for _, path := range []string{"/", "/dacia/gb", "/dacia/it/new/duster", cheapDuster + "/configure", "/renault/de/legal/accessibility"} {
		if !seen[path] {
			t.Errorf("the map lacks %s", path)
		}
	}
}

func TestTheSitemapIsAskedForOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, a := s.sitemap()
	if a.head.Get("Content-Type") != "application/xml; charset=utf-8" || !strings.Contains(a.head.Get("Cache-Control"), "max-age") || a.head.Get("ETag") == "" {
		t.Errorf("headers: %v", a.head)
	}
	packed := httptest.NewRecorder()
	ask := httptest.NewRequest(http.MethodGet, "/sitemap.xml", nil)
	ask.Header.Set("Accept-Encoding", "gzip")
	s.site.Config.Handler.ServeHTTP(packed, ask)
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() > len(a.body)/10 {
		t.Errorf("packed it has %d bytes of %d", packed.Body.Len(), len(a.body))
	}
	again := func() answer {
		req, err := http.NewRequest(http.MethodGet, s.site.URL+"/sitemap.xml", nil)
		must(t, err)
		req.Header.Set("If-None-Match", a.head.Get("ETag"))
		return s.do(req)
	}
	if got := again(); got.status != http.StatusNotModified || got.body != "" {
		t.Errorf("unchanged: %d", got.status)
	}
	s.switchTo("dacia", "fr", market.Off)
	if got := again(); got.status != http.StatusOK || strings.Contains(got.body, "/dacia/fr") {
		t.Errorf("after a switch: %d", got.status)
	}
}
