package storefront

import (
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/web"
	"forecourt/internal/world"
)

// publish makes a page of the shop known outside: its address without what was asked for, the words under
// a search result, and the same page in the brand's other markets. page is the path below the shop's; model
// is empty when every market has the page. A shop that the public does not see publishes nothing.
func (s *shop) publish(b *web.Base, page string, model id.Model, words string) {
	if !isOpen(s.world, s.brand.Code, s.market) {
		b.NoIndex = true
		return
	}
	b.Canonical, b.Description = web.LocalePath(s.path()+page, s.market, s.locale), words
	b.Alternates = alternates(s.world, s.brand.Code, page, model, s.now)
}

// alternates lists a page in every open market of a brand, its own too, as search engines want it. Readers
// whom no shop serves are sent to the front door.
func alternates(w *world.World, b id.Brand, page string, model id.Model, now time.Time) []web.Alternate {
	var out []web.Alternate
	for _, m := range w.Markets {
		if isOpen(w, b, m) && (model == "" || isSold(w, b, m, model, now)) {
			for _, l := range m.Locales() {
				out = append(out, web.Alternate{Lang: hreflang(m, l), Path: web.LocalePath(shopPath(b, m.Code)+page, m, l)})
			}
		}
	}
	return append(out, web.Alternate{Lang: "x-default", Path: "/"})
}

// hreflang names readers by their language and where they live: German in Italy is not the German of Germany.
func hreflang(m *market.Market, locale string) string {
	return i18n.LanguageOf(locale) + "-" + m.Country
}

// isOpen tells whether the public sees a shop; a paused one is seen, it only takes no orders.
func isOpen(w *world.World, b id.Brand, m *market.Market) bool {
	st := w.Switch(b, m.Code, id.FlowNew).State
	return m.Code != market.Smoke && (st == market.Live || st == market.Paused)
}

func isSold(w *world.World, b id.Brand, m *market.Market, model id.Model, now time.Time) bool {
	r, ok := w.Range(b, model)
	if !ok {
		return false
	}
	_, ok = r.PricesAt(m.Code, world.Today(m, now))
	return ok
}

func shopPath(b id.Brand, m id.Market) string { return "/" + string(b) + "/" + string(m) }

func modelPath(model id.Model) string { return "/new/" + string(model) }

// sentence ends a line with a stop, so that another sentence may follow.
func sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}
