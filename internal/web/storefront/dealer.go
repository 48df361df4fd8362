package storefront

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
	"forecourt/internal/platform/telemetry"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// fallbacksShown is how many dealers the consent list offers.
const fallbacksShown = 8

// rowsShown is how many dealers a list by distance shows before the rest is folded away.
const rowsShown = 6

// ErrTooManyFallbacks refuses more fallback dealers than an order may go to.
var ErrTooManyFallbacks = fault.New(fault.Invalid, "checkout.too_many_fallbacks", "storefront.dealer")

// DealerPage is the choice of the dealer, for a new purchase or to change one.
type DealerPage struct {
	web.Base
	Steps     []Step
	Names     carNames
	Total     money.Money
	Search    DealerSearch
	Map       *DealerMap
	Rows      []DealerRow
	More      []DealerRow // those farther away
	MoreOpen  bool
	Fallbacks []DealerRow
	Max       int
	Any       *AnyDealer // nil where the choice can not be left to a rule
	Errors    web.FieldErrors
	PostURL   string
	Hidden    []Hidden
	BackURL   string
	LeaveURL  string
	Exists    string // which car it is and when it can be handed over where; empty for one from the factory
	Deal      *Deal  // nil once the order page tells it
}

// Deal says before the first form who sells, who holds the money and until when one may leave, from the market's terms.
type Deal struct{ Seller, Contract, Holder, Now, Rule string }

func dealOf(b web.Base, s *shop, deposit, total money.Money) *Deal {
	t, chosen := s.terms(), b.T("checkout.deal.chosen")
	l := foreseen(b, s, deposit, total, t.CaptureNow())
	return &Deal{Seller: sellerWords(b, s, t.Seller, chosen), Contract: b.T("checkout.contract." + t.Contract),
		Holder: holderWords(b, t.HoldsMoney, chosen, s.brand.Name), Now: l.Text, Rule: l.Rule}
}

// AnyDealer is the offer to leave the choice of the dealer to the market's rule.
type AnyDealer struct {
	Text   string
	After  string // the same for when none of those named can
	First  bool   // chosen: no dealer is named
	Agreed bool   // chosen for after those named
}

// anyDealer words the market's rule; nil where there is none or the car stands somewhere.
func (h *Handlers) anyDealer(b web.Base, s *shop, car id.StockCar, chosen chosenDealers) *AnyDealer {
	if !h.NewCar.AnyAllowed(s.market.Code, car) {
		return nil
	}
	rule, most := ruleWords(b, s), sale.MaxByRule
	a := &AnyDealer{Text: b.T("checkout.any.text", "Rule", rule, "Max", most), After: b.T("checkout.any.after", "Rule", rule, "Max", most),
		First: chosen.any && chosen.dealer == "", Agreed: chosen.any && chosen.dealer != ""}
	if within := withinWords(b, s); within != "" {
		a.Text, a.After = a.Text+" "+within, a.After+" "+within
	}
	return a
}

// ruleSentence is the offer in full, with how far it goes.
func ruleSentence(b web.Base, s *shop) string {
	return b.T("checkout.any.text", "Rule", ruleWords(b, s), "Max", sale.MaxByRule) + " " + withinWords(b, s)
}

func ruleWords(b web.Base, s *shop) string {
	return b.T("checkout.any.rule." + s.market.AllocationAt(s.kind, s.day).Strategy)
}

func withinWords(b web.Base, s *shop) string {
	km := s.market.AllocationAt(s.kind, s.day).ReachKm
	if km == 0 {
		return ""
	}
	return b.T("checkout.any.within", "Reach", b.Distance(int64(km)*1000))
}

// Step is a line of the checkout's progress.
type Step struct {
	Label   string
	URL     string
	Done    bool
	Current bool
}

// steps are the four steps of a checkout; those behind the reader are links.
func steps(b web.Base, at int, urls ...string) []Step {
	var out []Step
	for i, key := range []string{"car", "dealer", "details", "check"} {
		s := Step{Label: b.T("checkout.step." + key), Done: i < at, Current: i == at}
		if s.Done && i < len(urls) {
			s.URL = urls[i]
		}
		out = append(out, s)
	}
	return out
}

// chosenDealers is what a dealer form says.
type chosenDealers struct {
	dealer    id.Dealer
	fallbacks []id.Dealer
	any       bool // by the market's rule: from the first without a dealer, else after those named
}

func (c chosenDealers) wish() sale.Wish {
	return sale.Wish{Dealer: c.dealer, Fallbacks: c.fallbacks, Any: c.any}
}

// anyDealerValue stands in a form for no dealer by name.
const anyDealerValue = "any"

func readDealers(f *web.Form) chosenDealers {
	var out chosenDealers
	if f.Value("dealer") == anyDealerValue {
		return chosenDealers{any: true}
	}
	out.dealer, out.any = id.Dealer(f.Value("dealer")), f.Has("any")
	for _, v := range f.Values("fallback") {
		if d := id.Dealer(v); d != out.dealer && !slices.Contains(out.fallbacks, d) {
			out.fallbacks = append(out.fallbacks, d)
		}
	}
	if out.dealer == "" {
		f.Reject("dealer", "checkout.dealer_missing")
	}
	if len(out.fallbacks) > sale.MaxFallbacks {
		f.Reject("fallback", ErrTooManyFallbacks.Key)
	}
	return out
}

func (h *Handlers) showDealerChoice(c echo.Context) error {
	k, err := h.openCar(c)
	if err != nil {
		return err
	}
	b, existing, err := h.wished(c, k, c.QueryParam("s"), c.QueryParam("car"))
	if err != nil {
		return h.noSuchCar(c, k, c.QueryParam("s"), err)
	}
	var chosen chosenDealers
	if existing != nil { // where it stands is the quickest
		chosen.dealer = existing.Dealer
	}
	p := h.dealerPage(c, k, b, chosen)
	p.about(k, existing)
	if existing != nil {
		p.Any = nil
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/dealer", p)
}

func (h *Handlers) dealerPage(c echo.Context, k *car, b configurator.Build, chosen chosenDealers) *DealerPage {
	private(c)
	encoded := configurator.Encode(b.Selection)
	p := &DealerPage{Base: h.base(c, k.shop, "", "new_cars"), Names: namesOf(k.shop, k.rng, b), Total: b.Quote.Total, Max: sale.MaxFallbacks,
		PostURL: modelURL(k.shop, k.rng) + "/dealer", BackURL: k.configureURL(b), LeaveURL: leaveURL(k.shop, k.rng.Model, encoded)}
	p.Title, p.NoIndex = p.T("checkout.dealer.title"), true
	p.Closed = !k.sells()
	p.Steps = steps(p.Base, 1, p.BackURL)
	p.Deal = dealOf(p.Base, k.shop, k.deposit(), b.Quote.Total)
	p.Any = h.anyDealer(p.Base, k.shop, "", chosen)
	p.list(c, k.shop, p.PostURL, chosen)
	p.Search.Hidden = []Hidden{{"s", encoded}}
	p.Hidden = append(p.Hidden, Hidden{"s", encoded})
	return p
}

// list fills the dealers and the fallbacks, with the earlier answers kept.
func (p *DealerPage) list(c echo.Context, s *shop, action string, chosen chosenDealers) {
	p.Search, p.Rows = searchDealers(c, p.Base, s, action)
	p.Map = dealerMap(p.Base, s, p.Search, p.Rows)
	for i := range p.Rows {
		code := id.Dealer(p.Rows[i].Code)
		p.Rows[i].Chosen = code == chosen.dealer
		p.Rows[i].Agreed = slices.Contains(chosen.fallbacks, code)
	}
	for _, r := range p.Rows {
		if !r.Chosen && (r.Agreed || len(p.Fallbacks) < fallbacksShown) {
			p.Fallbacks = append(p.Fallbacks, r)
		}
	}
	for _, x := range []Hidden{{"near", p.Search.Near}, {"lat", p.Search.Lat}, {"lon", p.Search.Lon}} {
		if x.Value != "" {
			p.Hidden = append(p.Hidden, x)
		}
	}
	if p.Search.Located() && len(p.Rows) > rowsShown {
		p.Rows, p.More = p.Rows[:rowsShown], p.Rows[rowsShown:]
		p.MoreOpen = slices.ContainsFunc(p.More, func(r DealerRow) bool { return r.Chosen })
	}
}

// startCheckout begins a purchase with the build of the form and the chosen dealers.
func (h *Handlers) startCheckout(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	k, err := h.openCar(c)
	if err != nil {
		return err
	}
	b, existing, err := h.wished(c, k, f.Value("s"), f.Value("car"))
	if err != nil {
		return h.noSuchCar(c, k, f.Value("s"), err)
	}
	chosen := readDealers(f)
	return h.Kit.Act(c, f, h.begins(c, web.Act{Name: "storefront.start", Field: "dealer", Fields: map[string]string{sale.ErrClosed.Key: ""}, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
		d, err := h.NewCar.StartWishTx(ctx, tx, newcar.Build{Shop: k.flow(), Model: k.rng.Model, Selection: b.Selection, Car: id.StockCar(f.Value("car"))}, chosen.wish())
		return string(d), err
	}, To: func(key string) string {
		telemetry.Request(c, telemetry.Of(c.Request().Context(), key)) // the sale begins here
		return k.path() + "/checkout/" + h.NewCar.Tokens.Draft(id.Draft(key)) + "/details"
	}, Again: func(r web.Refusal) error {
		if isNoCar(r.Cause) { // taken between the page and the button
			return h.noSuchCar(c, k, f.Value("s"), r.Cause)
		}
		if errors.Is(r.Cause, sale.ErrClosed) {
			return h.closedOr(c, k.shop, r.Cause, k.rng.Model, configurator.Encode(b.Selection))
		}
		keepSearch(c, f)
		p := h.dealerPage(c, k, b, chosen)
		p.about(k, existing)
		if existing != nil {
			p.Any = nil
		}
		p.Errors = f.Errors()
		return h.Kit.Show(c, r.Status, "storefront/dealer", p)
	}}))
}

// keepSearch lets the page after a refused form list the dealers as before: the search travels as
// hidden fields and is read where searches are read.
func keepSearch(c echo.Context, f *web.Form) {
	q := c.QueryParams()
	for _, name := range []string{"near", "lat", "lon"} {
		if v := f.Value(name); v != "" && q.Get(name) == "" {
			q.Set(name, v)
		}
	}
}

func (h *Handlers) showDealerChange(c echo.Context) error {
	return h.onDraft(c, func(d *draft, k *car, b configurator.Build) error {
		p := h.changePage(c, d, k, b, chosenOf(d))
		return h.Kit.Show(c, http.StatusOK, "storefront/dealer", p)
	})
}

// chosenOf is what a draft's buyer chose before.
func chosenOf(d *draft) chosenDealers {
	if d.AnyDealer == ordering.AnyFirst {
		return chosenDealers{any: true}
	}
	return chosenDealers{dealer: d.Dealer, fallbacks: d.Fallbacks, any: d.AnyDealer == ordering.AnyAfter}
}

func (h *Handlers) changePage(c echo.Context, d *draft, k *car, b configurator.Build, chosen chosenDealers) *DealerPage {
	p := h.dealerPage(c, k, b, chosen)
	p.PostURL, p.Hidden, p.Fallbacks = d.url("dealer"), nil, nil
	p.Exists = existsWords(p.Base, k, d.existing)
	p.Any = h.anyDealer(p.Base, k.shop, d.Car, chosen)
	p.list(c, k.shop, p.PostURL, chosen)
	p.Search.Hidden = nil
	return p
}

func (h *Handlers) changeDealer(c echo.Context) error {
	return h.actOnDraft(c, func(d *draft, k *car, b configurator.Build, f *web.Form) web.Act {
		chosen := readDealers(f)
		return web.Act{Name: "storefront.change_dealer", Field: "dealer", Do: func(_ context.Context, tx *db.Tx) (string, error) {
			return "done", h.NewCar.ChangeDealerTx(tx, k.flow(), d.token, chosen.wish())
		}, To: func(string) string { return d.next() }, Again: func(r web.Refusal) error {
			keepSearch(c, f)
			p := h.changePage(c, d, k, b, chosen)
			p.Errors = f.Errors()
			return h.Kit.Show(c, r.Status, "storefront/dealer", p)
		}}
	})
}
