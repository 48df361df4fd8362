package storefront

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"forecourt/internal/configurator"
	"forecourt/internal/market"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// GuidePage asks a few questions and answers with up to three cars. The address holds the answers.
type GuidePage struct {
	web.Base
	Questions   []Question
	Errors      web.FieldErrors
	Asked       bool
	Groups      []GuideGroup // what fits, then what comes near
	CompareURL  string       // empty for a single car
	CompareText string
	Mentions    []market.Said
}

// GuideGroup is a heading with its cars. Advice is there when nothing fits: what it would take.
type GuideGroup struct {
	Title  string
	Advice []Advice
	Cars   []GuideCar
}

// GuideCar is one car with the reasons for it, or with what it misses.
type GuideCar struct {
	Names        carNames
	Drawing      carart.Spec
	Total        money.Money
	Proof        *Proof
	Weeks        string
	Reasons      []string
	Misses       []string
	ConfigureURL string
	ChooseURL    string // straight to the dealer step; to the waiting list while the shop is paused
}

// Advice is a sentence with a way on.
type Advice struct{ Text, URL, Link string }

// errShown ends the making of a page that is not the same for everybody: it is shown, and not kept.
var errShown = errors.New("storefront: shown, not kept")

func (h *Handlers) showGuide(c echo.Context) error {
	s, err := h.openShop(c)
	if err != nil {
		return err
	}
	var refusedPage *GuidePage
	err = h.shared(c, s, guideParams, "storefront/guide", func() (any, error) {
		p, err := h.guidePage(c, s)
		if err == nil && p.Errors.Any() {
			refusedPage, err = p, errShown
		}
		return p, err
	})
	if refusedPage != nil {
		return h.Kit.Show(c, http.StatusUnprocessableEntity, "storefront/guide", refusedPage)
	}
	return err
}

func (h *Handlers) guidePage(c echo.Context, s *shop) (*GuidePage, error) {
	p := &GuidePage{Base: h.base(c, s, "", "new_cars"), Mentions: mentions(s)}
	p.Title = p.T("storefront.guide.title", "Brand", s.brand.Name)
	s.publish(&p.Base, "/guide", "", p.T("storefront.describe.guide", "Brand", s.brand.Name))
	var w wishes
	w, p.Errors = readWishes(c.QueryParams())
	p.Asked = !w.empty()
	m, err := h.matcher(s)
	if err != nil {
		return nil, err
	}
	plain := m.suitors(wishes{}, false)
	p.Questions = questions(p.Base, w, p.Errors, m.offered(plain), stepsOf(plain), s.market.Currency)
	p.answer(m, s, w)
	return p, nil
}

// answer ranks the cars and says what fits, what comes near and, when nothing fits, what it would take.
func (p *GuidePage) answer(m *matcher, s *shop, w wishes) {
	all := m.suitors(w, false)
	picks, near := rank(w, plainSuitors(all))
	first := GuideGroup{Title: p.T("storefront.guide.none"), Cars: p.cars(w, all, picks)}
	second := GuideGroup{Title: p.T("storefront.guide.near"), Cars: p.cars(w, all, near)}
	switch {
	case len(picks) == 0:
		first.Advice, second.Title = p.advice(m, s, w, all), p.T("storefront.guide.nearest")
	case p.Asked:
		first.Title = p.N("storefront.guide.found", len(picks))
	default:
		first.Title = p.T("storefront.guide.unasked")
	}
	p.Groups = []GuideGroup{first}
	if len(near) > 0 {
		p.Groups = append(p.Groups, second)
	}
	shown := append(slices.Clone(picks), near...)
	p.CompareURL, p.CompareText = compareGuided(s, all, shown), p.N("storefront.guide.compare", len(shown))
}

// compareGuided puts the cars that are shown side by side.
func compareGuided(s *shop, all []guided, shown []int) string {
	if len(shown) < fewestCandidates {
		return ""
	}
	var cs []string
	for _, i := range shown {
		cs = append(cs, rawCandidate(all[i].Model, all[i].build.Selection))
	}
	return compareLink(s, cs)
}

func (p *GuidePage) cars(w wishes, all []guided, which []int) []GuideCar {
	var out []GuideCar
	for _, i := range which {
		k, b := all[i].car, all[i].build
		one := GuideCar{Names: namesOf(k.shop, k.rng, b), Total: b.Quote.Total, Proof: k.proof(b.Quote), Reasons: guideReasons(p.Base, w, all[i]), Misses: misses(p.Base, w, all[i]),
			Weeks: p.T("storefront.weeks", "From", k.rng.WeeksFrom, "To", k.rng.WeeksTo), ConfigureURL: k.url("configure", all[i].picks), ChooseURL: k.chooseURL(b)}
		one.Drawing = spec(b.Drawing, "guide-"+strconv.Itoa(i), drawingLabel(p.Base, one.Names))
		out = append(out, one)
	}
	return out
}

// chooseURL is the step after the car: the dealer, or the waiting list while nothing is sold.
func (k *car) chooseURL(b configurator.Build) string {
	if !k.sells() {
		return leaveURL(k.shop, k.rng.Model, configurator.Encode(b.Selection))
	}
	return k.url("dealer", b.Selection)
}

// advice says what stands in the way when nothing fits, and what it would take.
func (p *GuidePage) advice(m *matcher, s *shop, w wishes, all []guided) []Advice {
	var out []Advice
	now := int64(0)
	if i, ok := cheapestWhole(plainSuitors(all)); ok {
		now = all[i].Total
		dearer := w
		dearer.Budget = (now + 99) / 100 * 100
		out = append(out, Advice{URL: guideURL(s, dearer), Link: p.T("storefront.guide.advice.raise", "Total", p.short(s, dearer.Budget)),
			Text: p.T("storefront.guide.advice.over", "Car", all[i].car.rng.Name, "Total", p.short(s, now), "Over", p.short(s, now-w.Budget))})
	}
	if best, found := p.relieve(m, s, w, now); found {
		out = append(out, best)
	} else if now == 0 {
		out = append(out, Advice{Text: p.T("storefront.guide.advice.many"), URL: s.path() + "/guide", Link: p.T("storefront.guide.reset")})
	}
	return out
}

func (p *GuidePage) short(s *shop, minor int64) string { return p.MoneyShort(s.market.Amount(minor)) }

// relieve finds the wish that costs most.
func (p *GuidePage) relieve(m *matcher, s *shop, w wishes, now int64) (Advice, bool) {
	cars := map[string][]guided{}
	var rs []relief
	for _, key := range w.hard() {
		all := m.suitors(w.without(key), true)
		cars[key] = all
		if i, ok := cheapestWhole(plainSuitors(all)); ok {
			rs = append(rs, relief{key, i, all[i].Total})
		}
	}
	r, ok := dearest(now, rs)
	if !ok {
		return Advice{}, false
	}
	args := []any{"Wish", w.words(p.Base, r.Wish), "Car", cars[r.Wish][r.Car].car.rng.Name, "Total", p.short(s, r.Total)}
	key := "storefront.guide.advice.opens"
	if now > 0 {
		key = "storefront.guide.advice.costs"
		args = append(args, "Saves", p.short(s, now-r.Total))
	}
	return Advice{Text: p.T(key, args...), URL: guideURL(s, w.without(r.Wish)), Link: p.T("storefront.guide.advice.without")}, true
}

func guideURL(s *shop, w wishes) string {
	q := w.query().Encode()
	if q == "" {
		return s.path() + "/guide"
	}
	return s.path() + "/guide?" + q + "#picks"
}

func stepsOf(plain []guided) []int64 {
	lo, hi := int64(0), int64(0)
	from := map[string]int64{}
	for _, g := range plain {
		if old, ok := from[string(g.Model)]; !ok || g.Total < old {
			from[string(g.Model)] = g.Total
		}
		if lo == 0 || g.Total < lo {
			lo = g.Total
		}
	}
	for _, t := range from {
		hi = max(hi, t)
	}
	return budgetSteps(lo, hi)
}

// offered tells which answers some car here can meet. It looks at what is sold, not at what goes
// together: that is for the ranking to say.
func (m *matcher) offered(plain []guided) func(field, value string) bool {
	return func(field, value string) bool {
		if field == "home" {
			return slices.ContainsFunc(plain, func(g guided) bool { return g.Engine.Fuel == "electric" || g.Engine.Fuel == "plugin" })
		}
		w, _ := readWishes(url.Values{field: {value}})
		return slices.ContainsFunc(plain, func(g guided) bool { return m.could(&g, w) })
	}
}
