package storefront

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/market"
	"forecourt/internal/pricing"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// UsedPrices tell what a car has cost, and how its price stands among those of cars like it.
type UsedPrices struct {
	Position      string
	Line          string // of the drawing; empty while there was one price only
	Width, Height int
	Label         string // what the drawing shows
	Rows          []Fact // since when, and how much
	Lowest        string
}

// alikeYears is how far the years of registration of cars alike lie apart at most.
const alikeYears = 1

// alikeShown is how many cars stand on the page of one that cannot be had.
const alikeShown = 3

// usedPrices adds to a car's page what its price says: history, position and code, and of a car that cannot be had others.
func (h *Handlers) usedPrices(c echo.Context, s *shop, p *UsedCarPage, w *usedcars.Whole) error {
	index := h.UsedCar.Shelf.At(s.market.Code)
	if !p.Gone && len(w.Prices) > 0 {
		p.Prices = pricesOf(p.Base, s, w.Prices)
		p.Prices.Position = position(p.Base, index, w.Car)
		p.Proof = s.usedProof(w.Car, w.Prices[len(w.Prices)-1])
	}
	if !p.Gone && w.State != usedcars.Sold {
		return nil
	}
	p.NoIndex = true // somebody has it for good, or nobody can
	alike := alikeOf(s, w.Car)
	cars, err := usedcars.CarsBy(h.NewCar.DB.Read(c.Request().Context()), index.Find(alike).Cars)
	for _, x := range cars {
		p.Cards = append(p.Cards, usedCard(p.Base, s, x, alike))
	}
	return err
}

// alikeOf asks for the cheapest cars of the same model and about the same year.
func alikeOf(s *shop, c *usedcars.Car) usedcars.Ask {
	year := c.Registered.Time(time.UTC).Year()
	a := usedcars.Ask{Brand: s.brand.Code, YearFrom: year - alikeYears, YearTo: year + alikeYears, Sort: usedcars.Cheapest, Most: alikeShown}
	a.Values[usedcars.ByModel] = []string{c.Title()}
	return a
}

// position counts the cars alike that cost less and more; empty where there is none to compare with.
func position(b web.Base, x *usedcars.Index, c *usedcars.Car) string {
	year := c.Registered.Time(time.UTC).Year()
	all, less, more := x.Alike(c.Title(), year, c.PriceMinor)
	if all < 2 {
		return ""
	}
	return b.N("used.price.alike", all-1, "From", strconv.Itoa(year-alikeYears), "To", strconv.Itoa(year+alikeYears), "Less", less, "More", more)
}

// The drawing's size, in units of its own; it is stretched to the page.
const (
	figureWidth, figureHeight = 600, 120
	figureEdge                = 10
)

func pricesOf(b web.Base, s *shop, had []usedcars.PricePoint) *UsedPrices {
	p := &UsedPrices{Width: figureWidth, Height: figureHeight, Lowest: b.T("used.price.lowest", "Price", b.Money(s.market.Amount(usedcars.Lowest(had, s.now))))}
	least, most := had[0].PriceMinor, had[0].PriceMinor
	for i := len(had) - 1; i >= 0; i-- {
		least, most = min(least, had[i].PriceMinor), max(most, had[i].PriceMinor)
		p.Rows = append(p.Rows, Fact{b.Date(had[i].At), b.Money(s.market.Amount(had[i].PriceMinor))})
	}
	if least == most {
		return p
	}
	p.Label = b.T("used.price.figure", "From", b.DateShort(had[0].At), "To", b.DateShort(s.now), "Least", b.MoneyShort(s.market.Amount(least)), "Most", b.MoneyShort(s.market.Amount(most)))
	p.Line = stepLine(had, s.now, least, most)
	return p
}

// stepLine draws each price as a level from its instant to the next one's, the last until now.
func stepLine(had []usedcars.PricePoint, now time.Time, least, most int64) string {
	begin := had[0].At
	whole := max(now.Sub(begin), time.Second)
	x := func(t time.Time) int { return int(figureWidth * max(0, min(whole, t.Sub(begin))) / whole) }
	y := func(minor int64) int64 {
		return figureEdge + (figureHeight-2*figureEdge)*(most-minor)/(most-least)
	}
	var d strings.Builder
	fmt.Fprintf(&d, "M0 %d", y(had[0].PriceMinor))
	for _, p := range had[1:] {
		fmt.Fprintf(&d, "H%dV%d", x(p.At), y(p.PriceMinor))
	}
	fmt.Fprintf(&d, "H%d", figureWidth)
	return d.String()
}

// usedProof is the code of a used car's price, with the address that looks it up again. Nothing is written: which of the car's
// prices it is travels in the address.
func (s *shop) usedProof(c *usedcars.Car, last usedcars.PricePoint) *Proof {
	if last.PriceMinor != c.PriceMinor {
		return nil // it is changed at this moment
	}
	f := pricing.UsedFacts{Brand: s.brand.Code, Market: s.market.Code, Car: c.ID, Day: s.day, Since: last.At, Total: s.market.Amount(c.PriceMinor), Prior: c.PriorMinor}
	query := f.Query()
	p := &Proof{Code: s.sign.UsedCode(f)}
	query.Set("code", p.Code)
	p.URL = s.path() + "/price?" + query.Encode()
	return p
}

var usedProofFields = []string{"car", "day", "since", "prior", "total"}

// showProofOfUsed looks the price of a used car up again in the prices that are kept, with what the law lets stand beside it.
func (h *Handlers) showProofOfUsed(c echo.Context, s *shop, p *ProofPage) error {
	f, err := pricing.ParseUsedFacts(s.brand.Code, s.market, c.QueryParams())
	if err == nil {
		p.Asked = true
		p.hide(c.QueryParams(), usedProofFields)
	}
	switch {
	case err != nil && p.Code != "", err == nil && p.Code != "" && !s.sign.ProvesUsed(p.Code, f):
		p.say("wrong")
	case err == nil && p.Code != "":
		err = h.compareUsed(c, s, p, f)
	default:
		err = nil
	}
	if err != nil && p.Answer == "" {
		return err
	}
	return h.Kit.Show(c, 200, "storefront/proof", p)
}

// compareUsed is the proof: the price that began then, on that day, and the lowest of the thirty days before it.
func (h *Handlers) compareUsed(c echo.Context, s *shop, p *ProofPage, f pricing.UsedFacts) error {
	g := h.NewCar.DB.Read(c.Request().Context())
	had, err := usedcars.PricesOf(g, f.Car)
	if err != nil {
		return err
	}
	p.Car = string(f.Car)
	if car, err := usedcars.Get(g, f.Car); err == nil {
		p.Car = car.Title() + " " + car.Version
	}
	minor, prior, until, kept := usedcars.PriceFrom(had, f.Since)
	p.Shown, p.Now = f.Total, s.market.Amount(minor)
	if !kept {
		p.sayUsed("gone", f, s)
		return nil
	}
	money := func(n int64) string { return p.Money(s.market.Amount(n)) }
	p.Used = []Fact{{p.T("used.price.price"), money(minor)}, {p.T("used.price.since"), p.DateTime(f.Since)}}
	if !until.IsZero() {
		p.Used = append(p.Used, Fact{p.T("used.price.until"), p.DateTime(until)})
	}
	if prior > 0 {
		p.Used = append(p.Used, Fact{p.T("used.price.before"), money(prior)})
	}
	day := market.DateOf(f.Since.In(s.market.Zone()))
	held := day <= f.Day && (until.IsZero() || market.DateOf(until.In(s.market.Zone())) >= f.Day)
	if held && minor == f.Total.Minor && (f.Prior == 0 || f.Prior == prior) {
		p.sayUsed("right", f, s)
	} else {
		p.sayUsed("differs", f, s)
	}
	return nil
}

func (p *ProofPage) sayUsed(answer string, f pricing.UsedFacts, s *shop) {
	p.Answer, p.Heading = answer, p.T("storefront.proof."+answer)
	p.Text = p.T("storefront.proof.used_"+answer, "Total", p.Money(f.Total), "Car", p.Car, "Day", p.day(f.Day, s))
}
