package dealer

import (
	"forecourt/internal/allocation"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/sale"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// Deps is what the portal needs.
type Deps struct {
	Kit    *web.Kit
	NewCar *newcar.Service
	Live   *allocation.Live
}

// Handlers answer the portal's pages.
type Handlers struct {
	kit  *web.Kit
	cars *newcar.Service
	live *allocation.Live
}

// New makes the portal.
func New(d Deps) *Handlers { return &Handlers{kit: d.Kit, cars: d.NewCar, live: d.Live} }

// site is who works where, for one request.
type site struct {
	user   identity.User
	dealer *network.Dealer
	market *market.Market
	world  *world.World
	now    time.Time
}

// siteOf finds the site that the request is about: the one at which the signed-in user works, or, of his
// sites, the one that has the order which the address names. A user without one has no portal, one whose
// role there does not hold what the route needs may not pass.
func (h *Handlers) siteOf(c echo.Context) (site, error) {
	s := site{world: h.kit.World.Now(), now: h.kit.DB.Clock.Now()}
	s.user, _ = web.User(c)
	number, named := ordering.ReadNumber(c.Param("number"))
	if sites := s.user.SitesWith(identity.DealerSee); len(sites) > 1 && named {
		find := allocation.SiteOf
		if strings.HasPrefix(c.Path(), requestsPath) {
			find = allocation.AskedSite // which of his sites is asked, not which has the order
		}
		at, ok, err := find(h.kit.DB.Read(c.Request().Context()), sites, flow, number)
		if err != nil {
			return s, err
		}
		if ok {
			s.user.Dealer = at
		}
	}
	var ok bool
	if s.dealer, ok = s.world.Dealer(s.user.Dealer); !ok || !s.user.MayAt(web.Needs(c), s.dealer.Code) {
		return s, web.ErrForbidden
	}
	if s.market, ok = s.world.Market(s.dealer.Market); !ok {
		return s, web.ErrForbidden
	}
	return s, nil
}

func (s site) staff() sale.Staff {
	return sale.Staff{User: s.user.ID, Dealer: s.dealer.Code}
}

// flow is the only one that dealers work on here.
const flow = id.FlowNew

// Page is what all pages of the portal have.
type Page struct {
	web.Base
	Site   string // the dealer's name
	Errors web.FieldErrors
	// Problem says why the last act could not be done; empty when there was none.
	Problem string
	now     time.Time
}

// May tells whether the reader may do something at the site of the page: a button that would be refused is
// not shown.
func (p Page) May(perm string) bool {
	return p.User.MayAt(identity.Permission(perm), p.User.Dealer)
}

// page begins a page: its words, the menu and the sentence about what was just done.
func (h *Handlers) page(c echo.Context, s site, title, here string) Page {
	p := Page{Base: h.kit.BaseFor(c), Site: s.dealer.Name, now: s.now}
	p.Title, p.NoIndex = title, true
	p.User, p.Place = s.user, s.dealer.Name
	p.Nav = p.DealerNav(here)
	if done := c.QueryParam("done"); doneWords[done] && c.Request().Method != "POST" {
		p.Flash = p.T("dealer.done." + done)
	}
	return p
}

// doneWords are the sentences that an address may ask for after an act.
var doneWords = map[string]bool{"accepted": true, "asked": true, "snoozed": true, "awake": true, "declined": true, "order": true, "build": true, "dispatch": true, "arrive": true,
	"prepare": true, "release": true, "checks": true, "paid": true, "returned": true, "handed_over": true, "taken_back": true, "deferred": true,
	"on_plan": true, "message": true, "taken_over": true, "not_taken": true, "car_changed": true, "car_kept": true,
	"signed": true, "undone": true, "corrected": true, "pool_asked": true, "pool_left": true, "objected": true, "feed_ended": true, "view_saved": true, "view_dropped": true}
