package storefront

import (
	"bufio"
	"encoding/xml"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// mostInPart is how many addresses a part of the map has at most; the protocol allows 50,000 and 50 MB.
const mostInPart = 40_000

type siteIndex struct {
	XMLName xml.Name   `xml:"sitemapindex"`
	Space   string     `xml:"xmlns,attr"`
	Parts   []sitePart `xml:"sitemap"`
}

type sitePart struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod"`
}

// usedURL is a page in a part of the map.
type usedAddress struct {
	XMLName xml.Name   `xml:"url"`
	Loc     string     `xml:"loc"`
	LastMod string     `xml:"lastmod"`
	Links   []siteLink `xml:"xhtml:link"`
}

// carsInPart is how many cars a part has: each has an address in each language.
func carsInPart(m *market.Market) int { return mostInPart / len(m.Locales()) }

// mapped tells whether the public sees a shop's used cars in the map.
func (h *Handlers) mapped(b id.Brand, m id.Market) (*market.Market, bool) {
	w := h.Kit.World.Now()
	mk, ok := w.Market(m)
	_, brand := w.Brand(b)
	return mk, ok && brand && m != market.Smoke && shows(w, b, m, id.FlowUsed)
}

// showUsedSitemap lists the parts of the map of used cars: of each shop its landing pages and, in as many parts as they need,
// its cars.
func (h *Handlers) showUsedSitemap(c echo.Context) error {
	shops, err := usedcars.ShopFiles(h.NewCar.DB.Read(c.Request().Context()))
	if err != nil {
		return err
	}
	out := siteIndex{Space: "http://www.sitemaps.org/schemas/sitemap/0.9", Parts: []sitePart{}}
	for _, x := range shops {
		mk, ok := h.mapped(x.Brand, x.Market)
		if !ok {
			continue
		}
		for n := 0; n == 0 || (n-1)*carsInPart(mk) < x.Cars; n++ {
			out.Parts = append(out.Parts, sitePart{h.Kit.BaseURL + "/sitemap-used/" + string(x.Brand) + "/" + string(x.Market) + "/" + strconv.Itoa(n) + ".xml", stamp(x.Changed)})
		}
	}
	body, err := xml.MarshalIndent(out, "", " ")
	if err != nil {
		return err
	}
	return answerTagged(c, "application/xml; charset=utf-8", crawlAge, append([]byte(xml.Header), body...))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// showUsedSitemapPart writes a part as it is read: however many cars there are, none is kept in memory. Part 0 is the landing
// pages.
func (h *Handlers) showUsedSitemapPart(c echo.Context) error {
	mk, ok := h.mapped(id.Brand(c.Param("brand")), id.Market(c.Param("market")))
	name, xmlFile := strings.CutSuffix(c.Param("part"), ".xml")
	n, err := strconv.Atoi(name)
	if !ok || !xmlFile || err != nil || n < 0 || strconv.Itoa(n) != name || n > 1_000_000 {
		return web.ErrNotFound
	}
	b := id.Brand(c.Param("brand"))
	p := &sitePartWriter{h: h, c: c, market: mk, shop: shopPath(b, mk.Code)}
	if n == 0 {
		err = h.mapLandings(c, b, mk, p)
	} else {
		err = usedcars.EachListed(h.NewCar.DB.Read(c.Request().Context()), b, mk.Code, (n-1)*carsInPart(mk), carsInPart(mk), func(slug string, changed time.Time) error { return p.add("/used/"+slug, changed) })
	}
	if err != nil {
		return err
	}
	return p.end()
}

// mapLandings writes the landing pages that have cars: makes, models, and models in towns.
func (h *Handlers) mapLandings(c echo.Context, b id.Brand, mk *market.Market, p *sitePartWriter) error {
	kept, err := usedcars.KeptOf(h.NewCar.DB.Read(c.Request().Context()), b, mk.Code)
	if err != nil {
		return err
	}
	changed, order := map[string]time.Time{}, []string{}
	note := func(l landing, at time.Time) {
		path := l.path()
		if _, known := changed[path]; !known {
			order = append(order, path)
		}
		if at.After(changed[path]) {
			changed[path] = at
		}
	}
	w := h.Kit.World.Now()
	for _, k := range kept {
		note(landing{brand: k.Make}, k.Changed)
		note(landing{brand: k.Make, model: k.Model}, k.Changed)
		if d, ok := w.Dealer(k.Dealer); ok && d.TakesPart(b, id.FlowUsed) && usedcars.Slug(d.Town) != "" {
			note(landing{k.Make, k.Model, d.Town}, k.Changed)
		}
	}
	for _, path := range order[:min(len(order), carsInPart(mk))] {
		if err := p.add(path, changed[path]); err != nil {
			return err
		}
	}
	return nil
}

// sitePartWriter writes a part; its head goes out with the first address, so that a part without any is not found.
type sitePartWriter struct {
	h      *Handlers
	c      echo.Context
	market *market.Market
	shop   string
	out    *bufio.Writer
	enc    *xml.Encoder
}

func (p *sitePartWriter) begin() error {
	if p.out != nil {
		return nil
	}
	head := p.c.Response().Header()
	head.Set("Content-Type", "application/xml; charset=utf-8")
	head.Set("Cache-Control", crawlAge)
	head.Del("Set-Cookie")
	p.c.Response().WriteHeader(http.StatusOK)
	p.out = bufio.NewWriterSize(p.c.Response(), 32<<10)
	p.enc = xml.NewEncoder(p.out)
	_, err := io.WriteString(p.out, xml.Header+`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">`+"\n")
	return err
}

// add writes a page in each of its market's languages, with its sisters where there are several.
func (p *sitePartWriter) add(path string, changed time.Time) error {
	if err := p.begin(); err != nil {
		return err
	}
	at := func(locale string) string {
		return p.h.Kit.BaseURL + web.LocalePath(p.shop+path, p.market, locale)
	}
	var links []siteLink
	if len(p.market.Locales()) > 1 {
		for _, l := range p.market.Locales() {
			links = append(links, siteLink{"alternate", hreflang(p.market, l), at(l)})
		}
	}
	for _, l := range p.market.Locales() {
		if err := p.enc.Encode(usedAddress{Loc: at(l), LastMod: stamp(changed), Links: links}); err != nil {
			return err
		}
	}
	return nil
}

func (p *sitePartWriter) end() error {
	if p.out == nil {
		return web.ErrNotFound
	}
	if _, err := io.WriteString(p.out, "\n</urlset>\n"); err != nil {
		return err
	}
	return p.out.Flush()
}
