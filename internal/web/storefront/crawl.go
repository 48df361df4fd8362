package storefront

import (
	"encoding/xml"
	"net/http"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// crawlAge is how long a crawler may go without asking again; after that the tag tells whether anything
// changed.
const crawlAge = "public, max-age=600"

// closedToCrawlers are the paths that hold one person's things or act. Pages that are merely not to be
// found say so themselves: a crawler that may not fetch them would never read it.
var closedToCrawlers = []string{"/*/*/checkout/", "/*/*/orders/", "/*/*/build/", "/dealer$", "/dealer/", "/manager", "/hq", "/login", "/logout", "/api/", "/webhooks/"}

func (h *Handlers) showRobots(c echo.Context) error {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, path := range closedToCrawlers {
		b.WriteString("Disallow: " + path + "\n")
	}
	b.WriteString("\nSitemap: " + h.Kit.BaseURL + "/sitemap.xml\nSitemap: " + h.Kit.BaseURL + "/sitemap-used.xml\n")
	return answerTagged(c, "text/plain; charset=utf-8", crawlAge, []byte(b.String()))
}

type urlSet struct {
	XMLName xml.Name  `xml:"urlset"`
	Space   string    `xml:"xmlns,attr"`
	XHTML   string    `xml:"xmlns:xhtml,attr"`
	URLs    []siteURL `xml:"url"`
}

type siteURL struct {
	Loc   string     `xml:"loc"`
	Links []siteLink `xml:"xhtml:link"`
}

type siteLink struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

// showSitemap lists the public pages of the shops that are open now, in each language, with their sisters.
func (h *Handlers) showSitemap(c echo.Context) error {
	set := urlSet{Space: "http://www.sitemaps.org/schemas/sitemap/0.9", XHTML: "http://www.w3.org/1999/xhtml",
		URLs: []siteURL{{Loc: h.Kit.BaseURL + "/"}}}
	w, now := h.Kit.World.Now(), h.NewCar.DB.Clock.Now()
	for _, b := range w.Brands {
		for _, m := range w.Markets {
			if !isOpen(w, b.Code, m) {
				continue
			}
			for _, p := range publicPages(w, b.Code, m, world.Today(m, now)) {
				var links []siteLink
				for _, a := range alternates(w, b.Code, p.path, p.model, now) {
					links = append(links, siteLink{"alternate", a.Lang, h.Kit.BaseURL + a.Path})
				}
				for _, l := range m.Locales() {
					set.URLs = append(set.URLs, siteURL{h.Kit.BaseURL + web.LocalePath(shopPath(b.Code, m.Code)+p.path, m, l), links})
				}
			}
		}
	}
	body, err := xml.MarshalIndent(set, "", " ")
	if err != nil {
		return err
	}
	// Packed: it is a third of a megabyte for whoever asks, and a twentieth of that for who reads gzip.
	return answerPacked(c, keep(append([]byte(xml.Header), body...)), crawlAge, "application/xml; charset=utf-8")
}

// publicPage is a page below a shop's path; model is empty when every market has it.
type publicPage struct {
	path  string
	model id.Model
}

// publicTexts are the texts that a page of the shop leads to.
var publicTexts = []string{"help", "withdrawal", "privacy", "terms", "accessibility"}

func publicPages(w *world.World, b id.Brand, m *market.Market, day market.Date) []publicPage {
	out := []publicPage{{path: ""}, {path: "/guide"}, {path: "/compare"}, {path: "/dealers"}}
	for _, r := range w.Ranges(b, m.Code, day) {
		out = append(out, publicPage{modelPath(r.Model), r.Model}, publicPage{modelPath(r.Model) + "/configure", r.Model})
	}
	for _, name := range publicTexts {
		if len(m.TextAt(name, day).Body) > 0 {
			out = append(out, publicPage{path: "/legal/" + name})
		}
	}
	return out
}

// answerTagged answers something small and public with its tag, or says that the asker has it already.
func answerTagged(c echo.Context, kind, cache string, body []byte) error {
	head, tag := c.Response().Header(), web.ETag(body)
	head.Set("Cache-Control", cache)
	if strings.HasPrefix(cache, "public") { // what everybody may be handed is nobody's choice of a language
		head.Del("Set-Cookie")
		head.Del("Vary")
	}
	head.Set("ETag", tag)
	for _, known := range strings.Split(c.Request().Header.Get("If-None-Match"), ",") {
		if known = strings.TrimPrefix(strings.TrimSpace(known), "W/"); known == tag || known == "*" {
			return c.NoContent(http.StatusNotModified)
		}
	}
	return c.Blob(http.StatusOK, kind, body)
}
