package storefront

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"
	"forecourt/internal/sale"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// desksPath is where a dealer's desk is.
const desksPath = "/dealer/showroom"

// codeTries bounds how often a member of staff may type a code that opens nothing: nobody guesses one.
var codeTries = limit.Rule{Name: "showroom.code", Max: 10, Window: 15 * time.Minute}

// DesksPage asks a dealer for a buyer's code, lists what he has open and begins a basket.
type DesksPage struct {
	web.Base
	Typed  string
	Errors web.FieldErrors
	Desks  []DeskLine
	Models []DeskModel
}

// DeskLine is a basket that is open at the desk.
type DeskLine struct{ URL, Text, Ends string }

// DeskModel is a model with which a basket can be begun.
type DeskModel struct{ URL, Name string }

// DeskPage is a basket as the dealer at whose desk it is open sees it.
type DeskPage struct {
	BasketView
	Buyer   string // the name, when the buyer lets it be seen
	Ends    string
	MoveTo  string // the desk's own dealer, when the basket names another
	Code    string // with it the buyer takes the basket home; empty for one that is his already
	Link    string
	QR      web.QR
	Claimed string // since when the basket is the buyer's; empty for one that he began
}

// deskSite is who sits at the desk.
type deskSite struct {
	at     newcar.AtDesk
	user   identity.User
	dealer *network.Dealer
	market *market.Market
	world  *world.World
	now    time.Time
}

// deskSiteOf finds the site of the signed-in user, which no address names.
func (h *Handlers) deskSiteOf(c echo.Context) (deskSite, error) {
	private(c)
	s := deskSite{world: h.Kit.World.Now(), now: h.NewCar.DB.Clock.Now()}
	s.user, _ = web.User(c)
	var ok bool
	if s.dealer, ok = s.world.Dealer(s.user.Dealer); !ok || !s.user.MayAt(web.Needs(c), s.dealer.Code) {
		return s, web.ErrForbidden
	}
	if s.market, ok = s.world.Market(s.dealer.Market); !ok {
		return s, web.ErrForbidden
	}
	s.at = newcar.AtDesk{Staff: sale.Staff{User: s.user.ID, Dealer: s.dealer.Code}, Role: string(roleAt(s.user, s.dealer.Code))}
	return s, nil
}

// roleAt is the most that somebody is at a site.
func roleAt(u identity.User, d id.Dealer) identity.SiteRole {
	for _, r := range slices.Backward(identity.SiteRoles) {
		if u.Holds(identity.Grant{Role: r.Role, Dealer: d}) {
			return r.Role
		}
	}
	return ""
}

// shop is the shop of a brand as the desk sees it: in the market's own language.
func (s deskSite) shop(h *Handlers, b id.Brand) (*shop, error) {
	brand, ok := s.world.Brand(b)
	if !ok || !newcar.SoldBy(s.dealer, b) {
		return nil, web.ErrNotFound
	}
	out := &shop{brand: brand, market: s.market, locale: s.market.Locale, now: s.now, day: world.Today(s.market, s.now), world: s.world, sign: h.Prices, desk: true, kind: id.FlowNew}
	out.state = s.world.Switch(b, s.market.Code, out.kind).State
	out.staff = out.state == market.Preview && s.user.May(identity.PreviewShop)
	return out, nil
}

// portal makes a page of the shop one of the portal: its head and foot are the portal's.
func portal(b web.Base) web.Base {
	b.Market, b.Theme = nil, "forecourt"
	return b
}

func (h *Handlers) showDesks(c echo.Context) error {
	s, err := h.deskSiteOf(c)
	if err != nil {
		return err
	}
	return h.desksPage(c, s, cut(web.CleanLine(c.QueryParam("code")), 40), http.StatusOK, web.FieldErrors{})
}

func (h *Handlers) desksPage(c echo.Context, s deskSite, typed string, status int, wrong web.FieldErrors) error {
	p := &DesksPage{Base: h.Kit.BaseFor(c), Typed: typed, Errors: wrong}
	p.Nav = p.DealerNav("showroom")
	p.Title, p.NoIndex = p.T("showroom.desk_title"), true
	g := h.NewCar.DB.Read(c.Request().Context())
	desks, err := ordering.DesksOf(g, s.dealer.Code, s.user.ID, s.now)
	if err != nil {
		return err
	}
	for _, d := range desks {
		p.Desks = append(p.Desks, DeskLine{URL: deskURL(d.ID), Text: p.T("showroom.desk_since", "Time", p.Time(d.JoinedAt)), Ends: p.T("showroom.until", "Time", p.Time(d.EndsAt))})
	}
	for _, b := range s.world.Brands {
		if shop, err := s.shop(h, b.Code); err != nil || !shop.sells() {
			continue
		}
		for _, r := range s.world.Ranges(b.Code, s.market.Code, world.Today(s.market, s.now)) {
			p.Models = append(p.Models, DeskModel{URL: newDeskURL(b.Code, r.Model), Name: b.Name + " " + r.Name})
		}
	}
	return h.Kit.Show(c, status, "storefront/desks", p)
}

func deskURL(k id.Desk) string { return desksPath + "/" + string(k) }

func newDeskURL(b id.Brand, m id.Model) string {
	return desksPath + "/new/" + string(b) + "/" + string(m)
}

// openDesk opens the basket of a code. Codes that open nothing are counted.
func (h *Handlers) openDesk(c echo.Context) error {
	return web.Post(h.Kit, c, h.deskSiteOf, func(s deskSite, f *web.Form) (web.Act, error) {
		return web.Act{Name: "dealer.showroom " + string(s.user.ID) + " " + string(s.dealer.Code), Field: "code", First: func(ctx context.Context) error {
			return limit.Take(ctx, h.NewCar.DB, codeTries, string(s.user.ID))
		}, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			code, ok := ordering.ParseCode(f.Value("code"))
			if !ok {
				return "", ordering.ErrDeskCode
			}
			d, err := h.NewCar.JoinDeskTx(ctx, tx, s.at, code)
			if err != nil {
				return "", err
			}
			return deskURL(d.ID), nil
		}, Done: func() error { return limit.GiveBack(c.Request().Context(), h.NewCar.DB, codeTries, string(s.user.ID)) },
			Again: func(r web.Refusal) error {
				return h.desksPage(c, s, cut(f.Value("code"), 40), r.Status, f.Errors())
			}}, nil
	})
}

// deskBasket is a basket that is open at the reader's desk.
type deskBasket struct {
	site  deskSite
	desk  *ordering.Desk
	draft *draft
}

// deskBasket finds the one that the address names.
func (h *Handlers) deskBasket(c echo.Context) (at deskBasket, err error) {
	if at.site, err = h.deskSiteOf(c); err != nil {
		return at, err
	}
	g := h.NewCar.DB.Read(c.Request().Context())
	if at.desk, err = ordering.DeskFor(g, id.Desk(c.Param("desk")), at.site.dealer.Code, at.site.user.ID, at.site.now); err != nil {
		return at, err
	}
	at.site.at.Desk = at.desk.ID
	at.draft = &draft{}
	d := at.draft
	if d.shop, err = at.site.shop(h, at.desk.Brand); err != nil {
		return at, err
	}
	if d.Draft, d.saved, err = ordering.DraftByID(g, at.desk.Draft); err != nil || d.Car == "" {
		return at, err
	}
	d.existing, err = h.stockOf(c, d.Car)
	return at, err
}

func (h *Handlers) showDesk(c echo.Context) error {
	return h.deskAgain(c, web.Refusal{Status: http.StatusOK})
}

func (h *Handlers) deskAgain(c echo.Context, r web.Refusal) error {
	at, err := h.deskBasket(c)
	if err != nil {
		return err
	}
	s, desk, d := at.site, at.desk, at.draft
	k, b, err := h.carOfDraft(d)
	if err != nil {
		return err
	}
	v, _, err := h.basketView(c, d, k, b)
	if err != nil {
		return err
	}
	p := &DeskPage{BasketView: v, Ends: v.Time(desk.EndsAt)}
	p.Title, p.Problem, p.PostURL, p.Stream = p.T("showroom.desk_basket"), p.Sentence(r.Key), deskURL(desk.ID), deskURL(desk.ID)+"/events"
	if d.existing == nil {
		p.CarURL = deskURL(desk.ID) + "/car"
		if d.Dealer != s.dealer.Code || d.AnyDealer == ordering.AnyFirst {
			p.MoveTo = s.dealer.Name
		}
	}
	if desk.SharesName && d.Buyer != "" {
		buyer, err := ordering.BuyerOf(h.NewCar.DB.Read(c.Request().Context()), d.Buyer)
		if err != nil {
			return err
		}
		p.Buyer = buyer.Name
	}
	if desk.ByDealer {
		p.home(h, d, desk)
	}
	p.Base = portal(p.Base)
	return h.Kit.Show(c, r.Status, "storefront/desk", p)
}

// home fills the way on which the buyer takes a basket home that was begun here.
func (p *DeskPage) home(h *Handlers, d *draft, desk *ordering.Desk) {
	if !desk.ClaimedAt.IsZero() {
		p.Claimed = p.Time(desk.ClaimedAt)
		return
	}
	p.Code = ordering.Pretty(h.NewCar.Tokens.DeskCode(desk.ID))
	p.Link = h.Kit.BaseURL + d.shop.path() + "/showroom?code=" + url.QueryEscape(p.Code)
	p.QR = web.DrawQR(p.Link)
}

// actAtDesk does what the dealer pressed beside changing the car. There is nothing here that pays or consents.
func (h *Handlers) actAtDesk(c echo.Context) error {
	return web.Post(h.Kit, c, h.deskBasket, func(at deskBasket, f *web.Form) (web.Act, error) {
		b := newcar.Basket{Shop: at.draft.shop.flow(), At: &at.site.at}
		return web.Act{Name: "dealer.basket " + string(at.site.user.ID), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			switch f.Value("act") {
			case "move":
				return deskURL(at.desk.ID), h.NewCar.MoveBasketTx(ctx, tx, b, number(f.Value("version")))
			case "close":
				return desksPath, h.NewCar.EndDeskTx(ctx, tx, b)
			}
			return "", web.ErrBadForm
		}, Again: func(r web.Refusal) error { return h.deskAgain(c, r) }}, nil
	})
}

func (h *Handlers) deskEvents(c echo.Context) error {
	at, err := h.deskBasket(c)
	if err != nil {
		return err
	}
	return h.hear(c, at.draft.ID)
}

// showDeskCar is the configurator with the basket's car in it, at the desk.
func (h *Handlers) showDeskCar(c echo.Context) error {
	at, err := h.deskBasket(c)
	if err != nil {
		return err
	}
	k, b, err := h.carOfDraft(at.draft)
	if err != nil {
		return err
	}
	return h.basketCar(c, at.draft, k, b, deskURL(at.desk.ID)+"/car", deskURL(at.desk.ID))
}

// changeDeskCar makes it so, signed by the member of staff.
func (h *Handlers) changeDeskCar(c echo.Context) error {
	return web.Post(h.Kit, c, h.deskBasket, func(at deskBasket, f *web.Form) (web.Act, error) {
		k, err := h.carOf(at.draft.shop, at.draft.saved.Model)
		return h.takeCar(f, newcar.Basket{Shop: at.draft.shop.flow(), At: &at.site.at}, deskURL(at.desk.ID), func(r web.Refusal) error {
			if refused(r.Cause) {
				return h.refuseDesk(c, k, deskURL(at.desk.ID)+"/car")
			}
			return h.deskAgain(c, r)
		}), err
	})
}

func (h *Handlers) refuseDesk(c echo.Context, k *car, start string) error {
	p := &RefusedPage{Base: portal(h.base(c, k.shop, "", "")), Name: k.rng.Name, StartURL: start}
	p.Title, p.NoIndex = p.T("storefront.refused.title"), true
	return h.Kit.Show(c, http.StatusUnprocessableEntity, "storefront/refused", p)
}

// deskModel is the model that a basket shall begin with.
func (h *Handlers) deskModel(c echo.Context) (deskSite, *car, error) {
	s, err := h.deskSiteOf(c)
	if err != nil {
		return s, nil, err
	}
	shop, err := s.shop(h, id.Brand(c.Param("brand")))
	if err != nil {
		return s, nil, err
	}
	k, err := h.carOf(shop, id.Model(c.Param("model")))
	return s, k, err
}

// showDeskNew is the configurator for a basket that begins at the desk.
func (h *Handlers) showDeskNew(c echo.Context) error {
	_, k, err := h.deskModel(c)
	if err != nil {
		return err
	}
	here := newDeskURL(k.brand.Code, k.rng.Model)
	p, err := h.configurePage(c, k)
	if refused(err) {
		return h.refuseDesk(c, k, here)
	}
	if err != nil {
		return err
	}
	p.revise("", here, desksPath, "showroom.begin")
	p.Revision.Text, p.Revision.Keep = p.T("showroom.begin_text"), p.T("showroom.back")
	return h.showConfigurator(c, p)
}

func (h *Handlers) beginAtDesk(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, k, err := h.deskModel(c)
	if err != nil {
		return err
	}
	return h.Kit.Act(c, f, web.Act{Name: "dealer.begin " + string(s.user.ID), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
		sel, err := wholeCar(f)
		if err != nil {
			return "", err
		}
		d, err := h.NewCar.BeginAtDeskTx(ctx, tx, s.at, newcar.Build{Shop: k.flow(), Model: k.rng.Model, Selection: sel})
		if isClash(err) {
			return "", configurator.ErrIncomplete
		}
		if err != nil {
			return "", err
		}
		return deskURL(d.ID), nil
	}, Again: func(r web.Refusal) error {
		if !refused(r.Cause) {
			return r.Cause
		}
		return h.refuseDesk(c, k, newDeskURL(k.brand.Code, k.rng.Model))
	}})
}
