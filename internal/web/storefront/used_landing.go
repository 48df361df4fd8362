package storefront

import (
	"net/http"
	"slices"
	"strings"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// UsedLandingPage is what search engines may know of the lists of used cars: a make, a model, a model in a town. There is one
// only while there are cars.
type UsedLandingPage struct {
	web.Base
	Path     []UsedChip // up to all used cars
	Heading  string
	Lede     string // how many, at how many dealers, from which price: counted
	Cheapest string
	Cards    []UsedCard
	Deeper   []UsedLinks
	AllURL   string // the same cars with all filters
	SaveURL  string
	Data     UsedItems
}

// UsedLinks lead to narrower pages.
type UsedLinks struct {
	Title string
	Links []UsedLink
}

// UsedLink is one of them.
type UsedLink struct {
	URL, Label string
	Cars       int
}

// UsedItems is a list for search engines: schema.org's ItemList.
type UsedItems struct {
	Context string     `json:"@context"`
	Type    string     `json:"@type"`
	Name    string     `json:"name"`
	Count   int        `json:"numberOfItems"`
	Items   []UsedItem `json:"itemListElement"`
}

// UsedItem is a car of it.
type UsedItem struct {
	Type     string `json:"@type"`
	Position int    `json:"position"`
	Name     string `json:"name"`
	URL      string `json:"url"`
}

// landing is what such a page is about; model and town may be empty.
type landing struct{ brand, model, town string }

// path is the page's address below the shop's.
func (l landing) path() string {
	out := "/used/" + usedcars.Slug(l.brand)
	if l.model != "" {
		out += "/" + usedcars.Slug(l.model)
	}
	if l.town != "" {
		out += "/" + usedcars.Slug(l.town)
	}
	return out
}

// query asks for the cars of the page. A town is its dealers.
func (l landing) query(s *shop) usedcar.Query {
	q := usedcar.Query{Values: map[usedcars.Facet][]string{}, Page: 1}
	if l.model != "" {
		q.Values[usedcars.ByModel] = []string{l.brand + " " + l.model}
	} else {
		q.Values[usedcars.ByMake] = []string{l.brand}
	}
	if l.town != "" {
		for _, d := range s.world.Dealers(s.brand.Code, s.market.Code, id.FlowUsed) {
			if d.Town == l.town {
				q.Values[usedcars.ByDealer] = append(q.Values[usedcars.ByDealer], string(d.Code))
			}
		}
	}
	return q
}

// showUsedAt shows a car, or the page of a make: the number at a car's end tells them apart.
func (h *Handlers) showUsedAt(c echo.Context) error {
	if _, ok := usedcars.OfSlug(c.Param("slug")); ok {
		return h.showUsedCar(c)
	}
	return h.showUsedLanding(c)
}

func (h *Handlers) showUsedLanding(c echo.Context) error {
	s, err := h.usedShop(c)
	if err != nil {
		return err
	}
	l, found, ok := h.landingOf(s, c.Param("slug"), c.Param("model"), c.Param("town"))
	if !ok {
		return web.ErrNotFound
	}
	p := &UsedLandingPage{Base: h.base(c, s, "", "used_cars")}
	if err := h.fillLanding(c, s, p, l, found); err != nil {
		return err
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/used_landing", p)
}

// landingOf finds what an address is about among what is there, and its cars, the cheapest first. False when there is none.
func (h *Handlers) landingOf(s *shop, brand, model, town string) (l landing, found usedcars.Found, ok bool) {
	x := h.UsedCar.Shelf.At(s.market.Code)
	pick := func(from []usedcars.Count, cut, slug string) string {
		for _, v := range from {
			if rest, ok := strings.CutPrefix(v.Value, cut); ok && v.Cars > 0 && usedcars.Slug(rest) == slug {
				return rest
			}
		}
		return ""
	}
	ask := usedcars.Ask{Brand: s.brand.Code, Sort: usedcars.Cheapest, Most: usedcar.CarsAPage}
	all := x.Find(usedcars.Ask{Brand: s.brand.Code})
	if l.brand = pick(all.Counts[usedcars.ByMake], "", brand); l.brand == "" {
		return l, found, false
	}
	ask.Values[usedcars.ByMake] = []string{l.brand}
	if model != "" {
		if l.model = pick(x.Find(ask).Counts[usedcars.ByModel], l.brand+" ", model); l.model == "" {
			return l, found, false
		}
		ask.Values[usedcars.ByModel] = []string{l.brand + " " + l.model}
	}
	if town != "" {
		for _, d := range s.world.Dealers(s.brand.Code, s.market.Code, id.FlowUsed) {
			if usedcars.Slug(d.Town) == town {
				l.town = d.Town
				ask.Values[usedcars.ByDealer] = append(ask.Values[usedcars.ByDealer], string(d.Code))
			}
		}
		if l.town == "" {
			return l, found, false
		}
	}
	found = x.Find(ask)
	return l, found, found.Total > 0
}

func (h *Handlers) fillLanding(c echo.Context, s *shop, p *UsedLandingPage, l landing, found usedcars.Found) error {
	name := strings.TrimSpace(l.brand + " " + l.model)
	p.Heading = p.T("used.land.title", "Car", name)
	p.Path = []UsedChip{{p.T("used.back"), s.path() + "/used"}}
	if l.town != "" {
		p.Heading = p.T("used.land.title_at", "Car", name, "Town", l.town)
		p.Path = append(p.Path, UsedChip{p.T("used.land.title", "Car", l.brand), s.path() + landing{brand: l.brand}.path()}, UsedChip{p.T("used.land.title", "Car", name), s.path() + landing{brand: l.brand, model: l.model}.path()})
	} else if l.model != "" {
		p.Path = append(p.Path, UsedChip{p.T("used.land.title", "Car", l.brand), s.path() + landing{brand: l.brand}.path()})
	}
	cars, err := usedcars.CarsBy(h.NewCar.DB.Read(c.Request().Context()), found.Cars)
	if err != nil {
		return err
	}
	p.Data = UsedItems{Context: "https://schema.org", Type: "ItemList", Name: p.Heading, Count: found.Total, Items: []UsedItem{}}
	for i, x := range cars {
		card := usedCard(p.Base, s, x, usedcars.Ask{})
		card.Picture.Lazy = i > 3
		p.Cards = append(p.Cards, card)
		p.Data.Items = append(p.Data.Items, UsedItem{"ListItem", i + 1, x.Title() + " " + x.Version, p.Abs(usedURL(s, x.Car))})
	}
	p.Lede = sentence(p.N("used.found", found.Total) + " " + p.N("used.at_dealers", found.Dealers))
	if len(cars) > 0 {
		p.Lede += " " + p.T("used.land.from", "Price", p.MoneyShort(s.market.Amount(cars[0].PriceMinor)))
	}
	p.Cheapest = p.N("used.land.cheapest", len(p.Cards))
	p.deeper(s, l, found)
	q := l.query(s)
	p.AllURL, p.SaveURL = q.URL(s.path()), saveURL(s, q)
	p.Title = p.Heading
	s.publishUsed(&p.Base, l.path(), sentence(p.Heading)+" "+p.Lede)
	return nil
}

// deeper leads to the models of a make, the towns of a model, and from a town to the others.
func (p *UsedLandingPage) deeper(s *shop, l landing, found usedcars.Found) {
	if l.model == "" {
		links := UsedLinks{Title: p.T("used.land.models")}
		for _, v := range found.Counts[usedcars.ByModel] {
			if model, ok := strings.CutPrefix(v.Value, l.brand+" "); ok && v.Cars > 0 {
				links.Links = append(links.Links, UsedLink{s.path() + landing{brand: l.brand, model: model}.path(), v.Value, v.Cars})
			}
		}
		p.Deeper = append(p.Deeper, links)
		return
	}
	// The count beside a dealer is what it would leave with the choice of dealers taken away: the towns of a town's page too.
	towns := map[string]int{}
	for _, v := range found.Counts[usedcars.ByDealer] {
		if d, ok := s.world.Dealer(id.Dealer(v.Value)); ok && v.Cars > 0 && usedcars.Slug(d.Town) != "" {
			towns[d.Town] += v.Cars
		}
	}
	links := UsedLinks{Title: p.T("used.land.towns", "Car", l.brand+" "+l.model)}
	for town, n := range towns {
		if town != l.town {
			links.Links = append(links.Links, UsedLink{s.path() + landing{l.brand, l.model, town}.path(), town, n})
		}
	}
	slices.SortFunc(links.Links, func(a, b UsedLink) int { return strings.Compare(a.Label, b.Label) })
	if len(links.Links) > 0 {
		p.Deeper = append(p.Deeper, links)
	}
}

// landingFor is the page that search engines know for a list: that of its one make or its one model; empty when the list is
// narrower, wider or has no car.
func landingFor(q usedcar.Query, found usedcars.Found) string {
	plain := q.Without(func(q *usedcar.Query) { q.Values[usedcars.ByMake], q.Values[usedcars.ByModel] = nil, nil })
	if plain.URL("") != "/used" || q.Page > 1 || found.Total == 0 {
		return ""
	}
	makes, models := q.Values[usedcars.ByMake], q.Values[usedcars.ByModel]
	if len(models) == 0 && len(makes) == 1 {
		return landing{brand: makes[0]}.path()
	}
	if len(models) == 1 && len(makes) == 0 {
		for _, v := range found.Counts[usedcars.ByMake] {
			if model, ok := strings.CutPrefix(models[0], v.Value+" "); ok && v.Cars > 0 {
				return landing{brand: v.Value, model: model}.path()
			}
		}
	}
	return ""
}

// saveURL is where a search is saved.
func saveURL(s *shop, q usedcar.Query) string {
	if saved := q.Saved(); saved != "" {
		return s.path() + "/used/save?" + saved
	}
	return s.path() + "/used/save"
}

// landings lead from the list of all cars to the pages of its makes and models.
func (p *UsedPage) landings(s *shop, found usedcars.Found) {
	for _, m := range found.Counts[usedcars.ByMake] {
		p.Landings = append(p.Landings, UsedLink{s.path() + landing{brand: m.Value}.path(), m.Value, m.Cars})
		for _, v := range found.Counts[usedcars.ByModel] {
			if model, ok := strings.CutPrefix(v.Value, m.Value+" "); ok {
				p.Landings = append(p.Landings, UsedLink{s.path() + landing{brand: m.Value, model: model}.path(), v.Value, v.Cars})
			}
		}
	}
}
