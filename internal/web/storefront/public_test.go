package storefront_test

import (
	"context"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"
)

var (
	metaTags = regexp.MustCompile(`<meta (?:name|property)="([^"]+)"(?: media="[^"]*")? content="([^"]*)">`)
	relLinks = regexp.MustCompile(`<link rel="(canonical|alternate)"(?: hreflang="([^"]*)")? href="([^"]*)">`)
)

// told is what a page says of itself to machines.
func (a answer) told() map[string]string {
	out := map[string]string{}
	for _, m := range metaTags.FindAllStringSubmatch(a.body, -1) {
		out[m[1]] = html.UnescapeString(m[2])
	}
	for _, m := range relLinks.FindAllStringSubmatch(a.body, -1) {
		out[strings.TrimSpace(m[1]+" "+m[2])] = html.UnescapeString(m[3])
	}
	return out
}

func (s *shop) switchTo(brand, place string, st market.State) {
	s.T.Helper()
	s.Tx(func(_ context.Context, tx *db.Tx) error {
		if err := tx.Exec(`UPDATE switches SET state = ? WHERE brand = ? AND market = ?`, st, brand, place).Error; err != nil {
			return err
		}
		return world.TouchTx(tx)
	})
	must(s.T, s.World.Refresh(s.T.Context()))
}

func TestPublicPagesTellWhatTheyAre(t *testing.T) {
	t.Parallel()
	s := open(t)
	seen := map[string]string{}
	for _, path := range []string{"/", "/dacia/it", "/dacia/gb", "/renault/fr", cheapDuster, "/dacia/it/new/duster", cheapDuster + "/configure", "/dacia/gb/guide", "/dacia/gb/compare", "/dacia/gb/dealers", "/dacia/gb/legal/terms", "/dacia/gb/legal/accessibility"} {
		got := s.page(path).told()
		words := got["description"]
		if n := utf8.RuneCountInString(words); n < 50 || n > 300 || strings.ContainsAny(words, "{[") {
			t.Errorf("%s describes itself with %d letters: %q", path, n, words)
		}
		if before, twice := seen[words]; twice {
			t.Errorf("%s and %s have the same description", path, before)
		}
		seen[words] = path
		if got["canonical"] != s.site.URL+path || got["og:url"] != got["canonical"] || got["og:description"] != words || got["og:title"] == "" || got["og:type"] != "website" || got["og:site_name"] == "" {
			t.Errorf("%s: %v", path, got)
		}
		// A model brings its picture along; other pages have none that says more than their words.
		if _, pictured := got["og:image"]; pictured != strings.HasSuffix(path, "/new/duster") {
			t.Errorf("%s names a picture: %t", path, pictured)
		}
		if got["robots"] != "" || got["theme-color"] == "" {
			t.Errorf("%s: robots %q, theme %q", path, got["robots"], got["theme-color"])
		}
	}
	if got := s.page("/dacia/it").told(); got["og:locale"] != "it_IT" || got["og:site_name"] != "Dacia Italia" {
		t.Errorf("the Italian shop: %v", got)
	}
	if a, b := s.page(cheapDuster + "/configure?s=~&was=x").told()["canonical"], s.site.URL+cheapDuster+"/configure"; a != b {
		t.Errorf("a configured car is another page: %s", a)
	}
}

// Each page names itself and its sisters, and each sister names it back.
func TestTheSamePageInTheOtherMarkets(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.switchTo("dacia", "fr", market.Off)
	s.switchTo("dacia", "de", market.Preview)
	s.switchTo("dacia", "it", market.Paused)
	for _, page := range []string{"", "/new/duster", "/new/duster/configure", "/guide", "/legal/terms"} {
		got := s.page("/dacia/gb" + page).told()
		if got["alternate en-GB"] != s.site.URL+"/dacia/gb"+page || got["alternate it-IT"] != s.site.URL+"/dacia/it"+page || got["alternate x-default"] != s.site.URL+"/" {
			t.Errorf("%s: %v", page, got)
		}
		if got["alternate fr-FR"] != "" || got["alternate de-DE"] != "" {
			t.Errorf("%s names a shop that the public does not see: %v", page, got)
		}
		if back := s.page("/dacia/it" + page).told(); back["alternate en-GB"] != got["canonical"] {
			t.Errorf("%s: the Italian page does not name the British one: %v", page, back)
		}
	}
	if got := s.page("/dacia/fr/legal/terms").told(); got["robots"] != "noindex" || got["canonical"] != "" {
		t.Errorf("a text of a shop that is off: %v", got)
	}
	if got := s.page("/dacia/zz/legal/terms").told(); got["robots"] != "noindex" {
		t.Errorf("the market of the smoke test: %v", got)
	}
}

func TestPagesWithSecretsTellNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	draft, _ := s.ready()
	for _, path := range []string{order, order + "/cancel", order + "/documents/confirmation", draft, "/dacia/gb/build", cheapDuster + "/save", cheapDuster + "/dealer", cheapDuster + "/nearest", "/dacia/gb/leave-name", "/dacia/gb/compare?c=duster"} {
		a := s.get(path)
		for a.status == 303 {
			a = s.get(a.to())
		}
		got := a.told()
		for _, key := range []string{"canonical", "description", "og:title", "og:url", "alternate x-default", "alternate en-GB"} {
			if got[key] != "" {
				t.Errorf("%s tells %s %q", path, key, got[key])
			}
		}
		if got["robots"] != "noindex" {
			t.Errorf("%s: robots %q", path, got["robots"])
		}
	}
}
