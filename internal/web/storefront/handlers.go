package storefront

import (
	"context"
	"errors"
	"net/url"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/flow/barrier"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/flow/workshop"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/limit"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
	"forecourt/internal/sale"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// Deps is what the shop needs. CardOrigin is the origin of the hosted card page; the check page tells
// the buyer where the card will be typed.
type Deps struct {
	Kit        *web.Kit
	NewCar     *newcar.Service
	UsedCar    *usedcar.Service
	Workshop   *workshop.Service
	Barriers   *barrier.Service
	CardOrigin string
	Live       *allocation.Live
	Prices     pricing.Signer // of the codes beside prices
}

// Handlers answers the shop's routes.
type Handlers struct {
	Deps
	kept  *shelf
	score scores
	drawn *limit.Bucket // pictures nobody asked for lately, for all visitors together
	share web.Share     // and for one network of them
	turns turns         // of those who want the same used car
}

// New makes the handlers.
func New(d Deps) *Handlers {
	return &Handlers{Deps: d, kept: newShelf(), drawn: limit.NewBucket(1, 30), share: web.NewShare(.1, 10)}
}

// shop is the shop of a request, seen at one instant.
type shop struct {
	brand  market.Brand
	market *market.Market
	locale string // of the visitor
	state  market.State
	staff  bool
	now    time.Time
	day    market.Date
	world  *world.World
	sign   pricing.Signer
	desk   bool    // seen from a dealer's portal
	kind   id.Flow // of the order that the page is about; new cars where it is about none
}

// anyShop finds the shop of the path whatever its switch says: orders go on, texts stay readable.
func (h *Handlers) anyShop(c echo.Context) (*shop, error) {
	w := h.Kit.World.Now()
	b, okB := w.Brand(id.Brand(c.Param("brand")))
	m, okM := w.Market(id.Market(c.Param("market")))
	if !okB || !okM {
		return nil, web.ErrNotFound
	}
	now := h.NewCar.DB.Clock.Now()
	s := &shop{brand: b, market: m, locale: h.Kit.Locale(c, m), now: now, day: world.Today(m, now), world: w, sign: h.Prices, kind: id.FlowNew}
	s.state = w.Switch(b.Code, m.Code, s.kind).State
	s.staff = s.state == market.Preview && h.isStaff(c.Request().Context())
	h.Kit.Remember(c, s.path(), m)
	return s, nil
}

// about makes the shop that of an order's flow: its switch, its terms, its dealers, its words.
func (s *shop) about(f id.Flow) {
	s.kind, s.state = f, s.world.Switch(s.brand.Code, s.market.Code, f).State
}

// openShop finds a shop that shows its cars: a paused one too, a preview to staff only.
func (h *Handlers) openShop(c echo.Context) (*shop, error) {
	s, err := h.anyShop(c)
	if err != nil {
		return nil, err
	}
	if s.state == market.Live || s.state == market.Paused || s.staff {
		return s, nil
	}
	return nil, web.ErrNotFound
}

// isStaff tells whether the visitor may see a shop before the public.
func (h *Handlers) isStaff(ctx context.Context) bool {
	if h.Kit.Sessions == nil {
		return false
	}
	u, ok := h.Kit.Sessions.UserOf(ctx)
	return ok && u.May(identity.PreviewShop)
}

func (s *shop) flow() sale.Shop {
	return sale.Shop{Brand: s.brand.Code, Market: s.market.Code, Flow: s.kind, Locale: s.locale, Staff: s.staff}
}

// sells tells whether an order may be begun here now.
func (s *shop) sells() bool { return s.flow().OpenTo(s.state) }

func (s *shop) lang() string { return i18n.LanguageOf(s.locale) }

// say gives a range's words to the visitor.
func (s *shop) say(w catalogue.Words) string { return w.In(s.lang(), s.market.Language()) }

// read gives the market's own words to the visitor.
func (s *shop) read(w market.Wording) market.Said { return s.market.Say(w, s.lang()) }

// feeLabel names a line of a price; label is what it was called when the price was made.
func (s *shop) feeLabel(code, label string) string {
	if now, ok := s.market.FeeLabel(code, s.day, s.lang()); ok {
		return now
	}
	return label
}

func (s *shop) path() string { return shopPath(s.brand.Code, s.market.Code) }

func (s *shop) terms() market.FlowTerms {
	t, _ := s.market.TermsAt(s.kind, s.day)
	return t
}

// deposit is what is paid to order a car here today.
func (s *shop) deposit() money.Money { return s.market.Amount(s.terms().DepositMinor) }

// base is the page around a shop's content.
func (h *Handlers) base(c echo.Context, s *shop, title string, here string) web.Base {
	b := h.Kit.BaseFor(c)
	b.Title, b.P = title, b.P.For(string(s.kind))
	if s.desk { // the portal's page: the market only says how figures are written
		b.Market, b.Nav = s.market, b.DealerNav("showroom")
		return b
	}
	b.Closed = s.state == market.Paused
	b.Preview = s.staff
	nav := []struct{ key, url string }{{"new_cars", s.path()}, {"used_cars", s.path() + "/used"}, {"service", s.service()}, {"dealers", s.path() + "/dealers"}, {"saved_build", s.path() + "/build"}}
	for _, n := range nav {
		if f, ok := flowOfNav[n.key]; ok && !shows(s.world, s.brand.Code, s.market.Code, f) {
			continue
		}
		b.Nav = append(b.Nav, web.NavItem{URL: n.url, Label: b.T("storefront.nav." + n.key), Current: n.key == here})
	}
	return b
}

// flowOfNav are the places of the navigation that a flow's switch opens.
var flowOfNav = map[string]id.Flow{"used_cars": id.FlowUsed, "service": id.FlowService}

// shows tells whether the public sees what a shop sells in a flow.
func shows(w *world.World, b id.Brand, m id.Market, f id.Flow) bool {
	st := w.Switch(b, m, f).State
	return st == market.Live || st == market.Paused
}

// private marks a page that belongs to one buyer: not kept, not found, no trace of its address.
func private(c echo.Context) {
	head := c.Response().Header()
	head.Set("Cache-Control", "no-store")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("X-Robots-Tag", "noindex, nofollow")
}

// cardHost is where the buyer types the card, as the page names it.
func (h *Handlers) cardHost() string {
	u, err := url.Parse(h.CardOrigin)
	if err != nil || u.Host == "" {
		return "checkout.stripe.com"
	}
	return u.Host
}

// refusal is a fault that the reader can put right on the same page.
func refusal(err error) (*fault.Fault, bool) {
	var f *fault.Fault
	if errors.As(err, &f) && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return f, true
	}
	return nil, false
}

// refused tells whether what somebody typed into an address is no car at all.
func refused(err error) bool {
	for _, e := range []error{configurator.ErrUnknown, configurator.ErrTwoOfGroup, configurator.ErrTooMany, configurator.ErrMalformed, configurator.ErrIncomplete} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
