package storefront

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/money"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// UsedPage is the list of used cars with what it can be narrowed by.
type UsedPage struct {
	web.Base
	Form     UsedForm
	Facets   []UsedFacet
	Chips    []UsedChip
	Clear    string // where no choice is left; empty while there is none
	Total    int
	Found    string // "61 cars at 11 dealers"
	Instead  string // which words were taken for which
	Unknown  bool   // the place is not known
	Place    string
	Cards    []UsedCard
	Pages    Pages
	Sorts    []Option
	Carry    []Hidden // what the form of the order carries along
	Deposit  money.Money
	Landings []UsedLink // pages of makes and models, from the list of all
	SaveURL  string     // keeps this search and tells by mail what is new
}

// UsedForm is what was asked, as the fields show it, with what they offer.
type UsedForm struct {
	Words, Near string
	Lists       []UsedList
	Chosen      int // how many choices are made
	Action      string
}

// UsedList is a field with steps to choose from.
type UsedList struct {
	Name, Label, Any string
	Options          []Option
}

// Option is one choice of a list.
type Option struct {
	Value, Label string
	On           bool
}

// UsedFacet is a group of choices, each with how many cars it would leave.
type UsedFacet struct {
	Name, Title string
	Open        bool
	Choices     []UsedChoice
}

// UsedChoice is one of them.
type UsedChoice struct {
	Value, Label string
	Cars         int
	On           bool
}

// UsedChip is a choice that is made; its link takes it away.
type UsedChip struct{ Label, URL string }

// Pages leads through a list.
type Pages struct {
	Now, Of    int
	Prev, Next string // empty at an end
}

// UsedCard is a car on the list.
type UsedCard struct {
	URL     string
	Name    string
	Version string
	Facts   []string
	Picture sketch
	Photo   *UsedShot // nil where the drawing stands
	Price   money.Money
	Prior   string // the lowest price of the thirty days before the cut, in words
	Badge   string // what is most worth knowing
	Tone    string
	Dealer  string
	Away    string
}

// usedShop finds a shop that shows used cars: a paused one too, a preview to staff only.
func (h *Handlers) usedShop(c echo.Context) (*shop, error) {
	s, err := h.anyShop(c)
	if err != nil {
		return nil, err
	}
	s.about(id.FlowUsed)
	s.staff = s.state == market.Preview && h.isStaff(c.Request().Context())
	if s.state == market.Live || s.state == market.Paused || s.staff {
		return s, nil
	}
	return nil, web.ErrNotFound
}

func (h *Handlers) showUsed(c echo.Context) error {
	s, err := h.usedShop(c)
	if err != nil {
		return err
	}
	q := usedcar.ReadQuery(c.QueryParams())
	p := &UsedPage{Base: h.base(c, s, "", "used_cars"), Deposit: s.market.Amount(s.terms().DepositMinor)}
	p.Title = p.T("used.title", "Brand", s.brand.Name)
	if at, ok := s.world.Places(s.market.Code).Find(s.market.Code, q.Near); q.Near != "" && ok {
		p.Place = placeWords(p.Base, q.Near, at)
		return h.listUsed(c, p, s, q, &at)
	}
	p.Unknown = q.Near != ""
	return h.listUsed(c, p, s, q, nil)
}

func (h *Handlers) listUsed(c echo.Context, p *UsedPage, s *shop, q usedcar.Query, at *network.Place) error {
	a := q.Ask(s.usedIn(), at)
	g := h.NewCar.DB.Read(c.Request().Context())
	if q.Words != "" {
		said, err := usedcars.FindWords(g, s.market.Code, q.Words)
		if err != nil {
			return err
		}
		a.Worded, a.Texts = true, said.Texts
		if len(said.Instead) > 0 {
			p.Instead = p.T("used.instead", "Words", p.P.List(said.Instead))
		}
	}
	found := h.UsedCar.Shelf.At(s.market.Code).Find(a)
	if last := pagesOf(found.Total); q.Page > last { // of a link kept while there were more
		q.Page, a.From = last, (last-1)*usedcar.CarsAPage
		found = h.UsedCar.Shelf.At(s.market.Code).Find(a)
	}
	cars, err := usedcars.CarsBy(g, found.Cars)
	if err != nil {
		return err
	}
	for i, x := range cars {
		card := usedCard(p.Base, s, x, a)
		card.Picture.Lazy = i > 3
		p.Cards = append(p.Cards, card)
	}
	p.Total = found.Total
	p.Found = p.N("used.found", found.Total) + " " + p.N("used.at_dealers", found.Dealers)
	p.facets(s, q, found)
	p.form(s, q)
	p.chips(s, q)
	p.pages(s, q, found.Total)
	p.SaveURL = saveURL(s, q)
	describe := p.T("used.describe", "Brand", s.brand.Name, "Deposit", p.MoneyShort(p.Deposit))
	if q.URL("") == "/used" {
		p.landings(s, found)
		s.publishUsed(&p.Base, "/used", describe)
	} else if page := landingFor(q, found); page != "" {
		s.publishUsed(&p.Base, page, describe)
	} else {
		p.NoIndex = true // one list, not one page for every choice of it
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/used", p)
}

// publishUsed makes a page of used cars known outside; other markets have other cars, so it has no sisters there.
func (s *shop) publishUsed(b *web.Base, page, words string) {
	if s.market.Code == market.Smoke || s.state != market.Live && s.state != market.Paused {
		b.NoIndex = true
		return
	}
	b.Canonical, b.Description = web.LocalePath(s.path()+page, s.market, s.locale), words
	for _, l := range s.market.Locales() {
		b.Alternates = append(b.Alternates, web.Alternate{Lang: hreflang(s.market, l), Path: web.LocalePath(s.path()+page, s.market, l)})
	}
}

func usedCard(b web.Base, s *shop, x usedcars.Shown, a usedcars.Ask) UsedCard {
	c := UsedCard{URL: usedURL(s, x.Car), Name: x.Title(), Version: x.Version, Facts: usedFacts(b, x.Car), Picture: usedSketch(x.Car), Price: s.market.Amount(x.PriceMinor)}
	if x.First != nil {
		shot := usedShot(*x.First, 640)
		c.Photo = &shot
	}
	if x.PriorMinor > 0 {
		c.Prior = b.T("used.prior", "Price", b.MoneyShort(s.market.Amount(x.PriorMinor)))
	}
	if d, ok := s.world.Dealer(x.Dealer); ok {
		c.Dealer = d.Name
	}
	if km, ok := a.Near[x.Dealer]; ok {
		c.Away = b.Distance(int64(km * 1000))
	}
	switch {
	case x.State == usedcars.Held && !x.HeldUntil.IsZero():
		c.Badge, c.Tone = b.T("used.held_until", "Time", b.Time(x.HeldUntil)), "warn"
	case x.State == usedcars.Held:
		c.Badge, c.Tone = b.T("used.held"), "warn"
	case x.PriorMinor > 0:
		c.Badge, c.Tone = b.T("used.cut", "Amount", b.MoneyShort(s.market.Amount(x.PriorMinor-x.PriceMinor))), "good"
	case x.Battery.Pct > 0:
		c.Badge, c.Tone = b.T("used.battery_badge", "Percent", b.P.Percent(int64(x.Battery.Pct)*100)), "info"
	case x.VAT == usedcars.Qualifying:
		c.Badge = b.T("used.vat_badge")
	case x.Owners == 1:
		c.Badge = b.T("used.one_owner")
	}
	return c
}

func usedURL(s *shop, c *usedcars.Car) string { return s.path() + "/used/" + c.Slug() }

// usedFacts are the figures by which people tell used cars apart.
func usedFacts(b web.Base, c *usedcars.Car) []string {
	return []string{c.Year(), b.Distance(int64(c.Km) * 1000), b.T("used.fuel." + c.Fuel), b.T("used.gearbox." + c.Gearbox)}
}

// facets lists what the cars can be told apart by. A group of one choice that nobody made tells nothing.
func (p *UsedPage) facets(s *shop, q usedcar.Query, found usedcars.Found) {
	for _, f := range usedcar.Facets {
		if len(found.Counts[f.Facet]) < 2 && len(q.Values[f.Facet]) == 0 {
			continue
		}
		out := UsedFacet{Name: f.Name, Title: p.T("used.facet." + f.Name), Open: len(q.Values[f.Facet]) > 0 || f.Facet == usedcars.ByModel || f.Facet == usedcars.ByFuel}
		for _, c := range found.Counts[f.Facet] {
			out.Choices = append(out.Choices, UsedChoice{c.Value, usedcar.ValueWords(p.P, s.world, f.Facet, c.Value), c.Cars, c.On})
		}
		slices.SortStableFunc(out.Choices, func(a, b UsedChoice) int { return strings.Compare(a.Label, b.Label) })
		p.Facets = append(p.Facets, out)
	}
	if len(found.Equipment) > 0 {
		out := UsedFacet{Name: "eq", Title: p.T("used.facet.eq"), Open: len(q.Equipment) > 0}
		for _, c := range found.Equipment {
			out.Choices = append(out.Choices, UsedChoice{c.Value, p.T("used.equipment." + c.Value), c.Cars, c.On})
		}
		p.Facets = append(p.Facets, out)
	}
}

// The steps that the lists of the form offer, in whole units of the market.
var (
	priceSteps   = []int64{5000, 7500, 10000, 12500, 15000, 17500, 20000, 25000, 30000, 40000}
	monthlySteps = []int64{100, 150, 200, 250, 300, 400, 500}
	farSteps     = []int64{10000, 20000, 40000, 60000, 80000, 100000, 150000}
	nearSteps    = []int64{10, 25, 50, 100, 200}
)

const yearsOffered = 12

func (p *UsedPage) form(s *shop, q usedcar.Query) {
	amount := func(n int64) string { return p.MoneyShort(s.market.Amount(n * 100)) }
	far := func(n int64) string { return p.Distance(s.market.Metres(n)) }
	var years []int64
	for y := range yearsOffered {
		years = append(years, int64(s.now.Year()-y))
	}
	plain := func(n int64) string { return strconv.FormatInt(n, 10) }
	p.Form = UsedForm{Words: q.Words, Near: q.Near, Action: s.path() + "/used"}
	p.list("within", nearSteps, int64(q.Within), far)
	p.list("min", priceSteps, q.From, amount)
	p.list("max", priceSteps, q.To, amount)
	if _, ok := s.market.FinanceAt(s.day); ok {
		p.list("monthly", monthlySteps, q.Monthly, amount)
	}
	p.list("year_from", years, int64(q.YearFrom), plain)
	p.list("year_to", years, int64(q.YearTo), plain)
	p.list("km", farSteps, int64(q.Far), far)
	for _, x := range usedcars.Sorts {
		if x != usedcars.Nearest || p.Place != "" {
			on := x == q.Sort || q.Sort == "" && (x == usedcars.Nearest || x == usedcars.Newest && p.Place == "")
			p.Sorts = append(p.Sorts, Option{string(x), p.T("used.sort." + string(x)), on})
		}
	}
	for name, vs := range q.Without(func(q *usedcar.Query) { q.Sort = "" }).Address() {
		for _, v := range vs {
			p.Carry = append(p.Carry, Hidden{name, v})
		}
	}
	slices.SortFunc(p.Carry, func(a, b Hidden) int { return strings.Compare(a.Name+a.Value, b.Name+b.Value) })
}

func (p *UsedPage) list(name string, steps []int64, now int64, say func(int64) string) {
	p.Form.Lists = append(p.Form.Lists, UsedList{name, p.T("used.field." + name), p.T("used.any"), offered(steps, now, say)})
}

// offered are the steps of a list, with what is asked among them though it is none of them.
func offered(steps []int64, now int64, say func(int64) string) []Option {
	all := slices.Clone(steps)
	if now > 0 && !slices.Contains(all, now) {
		all = append(all, now)
		slices.Sort(all)
	}
	out := make([]Option, len(all))
	for i, n := range all {
		out[i] = Option{strconv.FormatInt(n, 10), say(n), n == now}
	}
	return out
}

// chips name every choice that is made, each with the way to take it back.
func (p *UsedPage) chips(s *shop, q usedcar.Query) {
	for _, c := range q.Choices(p.P, s.usedIn(), p.Place) {
		p.Chips = append(p.Chips, UsedChip{c.Label, c.Without.URL(s.path())})
	}
	if p.Form.Chosen = len(p.Chips); len(p.Chips) > 0 {
		p.Clear = s.path() + "/used"
	}
}

// pagesOf is how many pages so many cars have, as far as anybody turns them.
func pagesOf(total int) int {
	return min(usedcar.MostPages, max(1, (total+usedcar.CarsAPage-1)/usedcar.CarsAPage))
}

func (p *UsedPage) pages(s *shop, q usedcar.Query, total int) {
	p.Pages = Pages{Now: q.Page, Of: pagesOf(total)}
	to := func(n int) string { q := q; q.Page = n; return q.URL(s.path()) }
	if q.Page > 1 {
		p.Pages.Prev = to(q.Page - 1)
	}
	if q.Page < p.Pages.Of {
		p.Pages.Next = to(q.Page + 1)
	}
}

// usedLook is a car's drawing.
func usedLook(l usedcars.Look, key, label string) carart.Spec {
	return carart.Spec{Body: carart.Body(l.Body), Paint: carart.Paint{Hex: l.Hex, Finish: carart.Finish(l.Finish)}, Wheels: carart.Wheel(l.Wheels), Rails: l.Rails, TwoTone: l.TwoTone,
		Trim: carart.Trim(l.Trim), ID: key, Label: label}
}

// usedSketch is a car's drawing as a file, whose address says all that it depends on.
func usedSketch(c *usedcars.Car) sketch {
	spec := usedLook(c.Look, "u", "")
	w, height := carart.Size(spec)
	return sketch{URL: "/used-car/" + lookName(c.Look) + ".svg", Width: w, Height: height}
}

func lookName(l usedcars.Look) string {
	parts := []string{l.Body, strings.TrimPrefix(l.Hex, "#"), l.Finish, l.Wheels, "-"}
	if l.Trim != "" {
		parts[4] = l.Trim
	}
	for _, x := range []struct {
		on   bool
		name string
	}{{l.Rails, "rails"}, {l.TwoTone, "two"}} {
		if x.on {
			parts = append(parts, x.name)
		}
	}
	return strings.Join(parts, ".")
}

var hexForm = regexp.MustCompile(`^[0-9a-f]{6}$`)

// showUsedSketch draws a look. What the address may say is what a drawing knows.
func (h *Handlers) showUsedSketch(c echo.Context) error {
	name, ok := strings.CutSuffix(c.Param("look"), ".svg")
	parts := strings.Split(name, ".")
	if !ok || len(parts) < 5 || len(parts) > 7 || !hexForm.MatchString(parts[1]) {
		return errBadPicture
	}
	l := usedcars.Look{Body: parts[0], Hex: "#" + parts[1], Finish: parts[2], Wheels: parts[3], Rails: slices.Contains(parts[5:], "rails"), TwoTone: slices.Contains(parts[5:], "two")}
	if parts[4] != "-" {
		l.Trim = parts[4]
	}
	spec := usedLook(l, "u", "")
	if lookName(l) != name || !spec.Body.Known() || !slices.Contains(carart.Wheels(), spec.Wheels) || !slices.Contains(carart.Finishes(), spec.Paint.Finish) || spec.Trim != "" && !spec.Trim.Known() {
		return errBadPicture
	}
	return answerPacked(c, keep(carart.File(spec)), foreverCache, "image/svg+xml")
}

// leftOf is how long until an instant, in whole seconds.
func leftOf(until, now time.Time) int { return max(0, int(until.Sub(now)/time.Second)) }
