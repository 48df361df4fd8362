package manager

import (
	"cmp"
	"net/url"
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

const rangesPath = "/manager/ranges"

// rangeURL is the address of a page about a model, with pairs of parameter and value; empty values
// are left out.
func rangeURL(b id.Brand, m id.Model, page string, pairs ...string) string {
	out := rangesPath + "/" + string(b) + "/" + string(m)
	if page != "" {
		out += "/" + page
	}
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) > 0 {
		out += "?" + q.Encode()
	}
	return out
}

// about is the model and the market that a page is about, and who looks.
type about struct {
	reader reader // his markets are those of his that sell the model
	world  *world.World
	brand  market.Brand
	rng    *catalogue.Range
	market *market.Market
	day    market.Date
}

// about finds them. A model that none of the reader's markets sells does not exist for him, nor does a
// market that is not his. Without a market the first of his is meant.
func (s *Surface) about(c echo.Context, code string) (about, error) {
	a := about{reader: s.reader(c), world: s.kit.World.Now()}
	var okB, okR bool
	a.brand, okB = a.world.Brand(id.Brand(c.Param("brand")))
	a.rng, okR = a.world.Range(a.brand.Code, id.Model(c.Param("model")))
	if !okB || !okR {
		return about{}, web.ErrNotFound
	}
	a.reader.markets = a.reader.sold(a.rng)
	if len(a.reader.markets) == 0 {
		return about{}, web.ErrNotFound
	}
	a.market = a.reader.markets[0]
	if code != "" {
		one, err := a.reader.only(id.Market(code))
		if err != nil {
			return about{}, err
		}
		a.market = one.markets[0]
	}
	a.day = s.today(a.market)
	return a, nil
}

func (s *Surface) today(m *market.Market) market.Date { return world.Today(m, s.kit.DB.Clock.Now()) }

func (a about) url(page string, pairs ...string) string {
	return rangeURL(a.brand.Code, a.rng.Model, page, pairs...)
}

// code is the market as addresses have it.
func (a about) code() string { return string(a.market.Code) }

func (a about) edition() (world.EditionInfo, bool) {
	return live(a.world, a.rng, a.market.Code, a.day)
}

// sold are the markets of the reader in which a model has prices.
func (r reader) sold(rng *catalogue.Range) []*market.Market {
	var out []*market.Market
	for _, m := range r.markets {
		if len(rng.Prices[m.Code]) > 0 {
			out = append(out, m)
		}
	}
	return out
}

// mayHold tells whether the reader may hold and release features of the market on the page, which is one
// of his.
func (a about) mayHold() bool { return a.reader.May(identity.RangeEdit) }

// lacks lists the markets whose prices stand in a range and for which the reader may not act: a
// publication moves all markets of a model at once, so it takes all of them. The market of the smoke
// test belongs to no country and is not asked for, unless it is the only one.
func (r reader) lacks(ranges ...*catalogue.Range) []id.Market {
	var all, out []id.Market
	for _, rng := range ranges {
		for m := range rng.Prices {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	if len(all) > 1 {
		all = slices.DeleteFunc(all, func(m id.Market) bool { return m == market.Smoke })
	}
	for _, m := range all {
		if !r.May(identity.RangeEdit) || !r.User.Sees(m) {
			out = append(out, m)
		}
	}
	slices.Sort(out)
	return out
}

// mayPublish refuses whoever lacks one of the markets, or all when there is none.
func (r reader) mayPublish(ranges ...*catalogue.Range) bool {
	n := 0
	for _, rng := range ranges {
		n += len(rng.Prices)
	}
	return n > 0 && len(r.lacks(ranges...)) == 0
}

// whyNot says why the reader can not publish; empty when he can.
func (a about) whyNot(b web.Base, more ...*catalogue.Range) string {
	ranges := append([]*catalogue.Range{a.rng}, more...)
	if a.reader.mayPublish(ranges...) {
		return ""
	}
	if !a.reader.May(identity.RangeEdit) {
		return b.T("manager.range.draft.looks_only")
	}
	var names []string
	for _, m := range a.reader.lacks(ranges...) {
		names = append(names, marketName(a.world, m))
	}
	return b.T("manager.range.draft.lacks", "Markets", b.P.List(names))
}

// inForce keeps the holds of a day.
func inForce(holds []configurator.Hold, day market.Date) []configurator.Hold {
	return slices.DeleteFunc(holds, func(h configurator.Hold) bool { return h.Until != "" && h.Until < day })
}

// Tab leads to the same page about something else.
type Tab struct {
	URL     string
	Label   string
	Current bool
}

// tabs lead to the same page in the reader's other markets.
func (a about) tabs(page string, pairs ...string) []Tab {
	var out []Tab
	for _, m := range a.reader.markets {
		out = append(out, Tab{Label: m.Name, Current: m == a.market, URL: a.url(page, append([]string{"market", string(m.Code)}, pairs...)...)})
	}
	return out
}

// models lists what the reader's markets sell of a brand, in order.
func (s *Surface) models(w *world.World, r reader, b id.Brand) []*catalogue.Range {
	var out []*catalogue.Range
	for _, m := range r.markets {
		for _, rng := range w.Ranges(b, m.Code, s.today(m)) {
			if !slices.Contains(out, rng) {
				out = append(out, rng)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *catalogue.Range) int { return cmp.Compare(a.Order, b.Order) })
	return out
}
