package dealer

import (
	"forecourt/internal/allocation"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/flow/workshop"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/sale"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// Deps is what the portal needs.
type Deps struct {
	Kit      *web.Kit
	NewCar   *newcar.Service
	Used     *usedcar.Service  // nil where none are sold
	Workshop *workshop.Service // nil where no work is sold
	Live     *allocation.Live
}

// Handlers answer the portal's pages.
type Handlers struct {
	kit  *web.Kit
	cars *newcar.Service
	used *usedcar.Service
	work *workshop.Service
	live *allocation.Live
}

// New makes the portal.
func New(d Deps) *Handlers {
	return &Handlers{kit: d.Kit, cars: d.NewCar, used: d.Used, work: d.Workshop, live: d.Live}
}

// site is who works where, for one request.
type site struct {
	user   identity.User
	dealer *network.Dealer
	market *market.Market
	world  *world.World
	now    time.Time
	flow   id.Flow             // what the page is of: the order's, the one that the address names, or the site's first
	flows  []allocation.FlowAt // all that it has; where it is one, nobody chooses
	kind   sale.Flow           // what the flow adds to a sale
}

// siteOf finds the site that the request is about: the one at which the signed-in user works, or, of his
// sites, the one that has the order which the address names. A user without one has no portal, one whose
// role there does not hold what the route needs may not pass.
func (h *Handlers) siteOf(c echo.Context) (site, error) {
	s := site{world: h.kit.World.Now(), now: h.kit.DB.Clock.Now()}
	s.user, _ = web.User(c)
	number, named := ordering.ReadNumber(c.Param("number"))
	sold, order := h.cars.Flows(), id.Flow("")
	if sites := s.user.SitesWith(identity.DealerSee); (len(sites) > 1 || len(sold) > 1) && named {
		find := allocation.SiteOf
		if strings.HasPrefix(c.Path(), requestsPath) {
			find = allocation.AskedSite // which of his sites is asked, not which has the order
		}
		at, ok, err := find(h.kit.DB.Read(c.Request().Context()), sites, number)
		if err != nil {
			return s, err
		}
		if ok {
			s.user.Dealer, order = at.Dealer, at.Flow
		}
	}
	var ok bool
	if s.dealer, ok = s.world.Dealer(s.user.Dealer); !ok || !s.user.MayAt(web.Needs(c), s.dealer.Code) {
		return s, web.ErrForbidden
	}
	if s.market, ok = s.world.Market(s.dealer.Market); !ok {
		return s, web.ErrForbidden
	}
	var err error
	if s.flows, err = h.flowsAt(c, s.dealer, sold); err != nil {
		return s, err
	}
	s.flow = chosenFlow(s.flows, cmp.Or(order, id.Flow(c.QueryParam("flow"))))
	s.kind, _ = h.cars.Sold(s.flow)
	return s, nil
}

// flowsAt are the flows of a site, of those that are sold here: what it takes part in, and what it has orders of.
func (h *Handlers) flowsAt(c echo.Context, d *network.Dealer, sold []id.Flow) ([]allocation.FlowAt, error) {
	if len(sold) == 1 {
		return []allocation.FlowAt{{Flow: sold[0]}}, nil
	}
	has, err := allocation.FlowsAt(h.kit.DB.Read(c.Request().Context()), d.Code)
	if err != nil {
		return nil, err
	}
	var out []allocation.FlowAt
	for _, f := range sold {
		i := slices.IndexFunc(has, func(x allocation.FlowAt) bool { return x.Flow == f })
		switch {
		case i >= 0:
			out = append(out, has[i])
		case d.Sells(f):
			out = append(out, allocation.FlowAt{Flow: f})
		}
	}
	if len(out) == 0 { // a site that left everything before it had an order
		out = []allocation.FlowAt{{Flow: sold[0]}}
	}
	return out, nil
}

// chosenFlow is the flow that is named, where the site has it; else its first.
func chosenFlow(flows []allocation.FlowAt, named id.Flow) id.Flow {
	for _, f := range flows {
		if f.Flow == named {
			return named
		}
	}
	return flows[0].Flow
}

// named is the flow as addresses name it: not at all, where it is the site's first.
func (s site) named() id.Flow {
	if s.flow == s.flows[0].Flow {
		return ""
	}
	return s.flow
}

// in is an address of the portal with the flow that the page is of.
func (s site) in(url string) string {
	if s.named() == "" {
		return url
	}
	sign := "?"
	if strings.Contains(url, "?") {
		sign = "&"
	}
	return url + sign + "flow=" + string(s.flow)
}

func (s site) staff() sale.Staff {
	return sale.Staff{User: s.user.ID, Dealer: s.dealer.Code}
}

// Page is what all pages of the portal have.
type Page struct {
	web.Base
	Site   string // the dealer's name
	Errors web.FieldErrors
	// Problem says why the last act could not be done; empty when there was none.
	Problem string
	Flows   []FlowLink // leads to the same page of another flow; none where the site has one
	Flow    id.Flow    // of the page, when it is not the site's first
	now     time.Time
}

// FlowLink is a flow of the site with what is open of it.
type FlowLink struct {
	URL, Label string
	Open       int
	Current    bool
}

// May tells whether the reader may do something at the site of the page: a button that would be refused is
// not shown.
func (p Page) May(perm string) bool {
	return p.User.MayAt(identity.Permission(perm), p.User.Dealer)
}

// page begins a page: its words, the menu and the sentence about what was just done.
func (h *Handlers) page(c echo.Context, s site, title, here string) Page {
	p := Page{Base: h.kit.BaseFor(c), Site: s.dealer.Name, now: s.now}
	p.Title, p.NoIndex, p.P = title, true, p.P.For(string(s.flow))
	p.User, p.Place = s.user, s.dealer.Name
	p.Nav = p.DealerNav(here)
	p.chooseFlow(s, c.Request().URL.Path)
	if done := c.QueryParam("done"); doneWords[done] && c.Request().Method != "POST" {
		p.Flash = p.T("dealer.done." + done)
	}
	return p
}

// chooseFlow fills what leads to the other flows' pages.
func (p *Page) chooseFlow(s site, path string) {
	if len(s.flows) < 2 {
		return
	}
	p.Flow = s.named()
	for _, f := range s.flows {
		at := s
		at.flow = f.Flow
		p.Flows = append(p.Flows, FlowLink{URL: at.in(path), Label: p.FlowName(f.Flow), Open: f.Open, Current: f.Flow == s.flow})
	}
}

// doneWords are the sentences that an address may ask for after an act.
var doneWords = map[string]bool{"accepted": true, "asked": true, "snoozed": true, "awake": true, "declined": true, "order": true, "build": true, "dispatch": true, "fetch": true, "exchange_taken": true, "exchange_asked": true, "arrive": true,
	"prepare": true, "release": true, "checks": true, "paid": true, "returned": true, "handed_over": true, "taken_back": true, "deferred": true,
	"on_plan": true, "message": true, "taken_over": true, "not_taken": true, "car_changed": true, "car_kept": true,
	"signed": true, "undone": true, "corrected": true, "pool_asked": true, "pool_left": true, "objected": true, "feed_ended": true, "view_saved": true, "view_dropped": true,
	"used_added": true, "used_listed": true, "used_priced": true, "used_withdrawn": true, "used_released": true, "used_explained": true,
	"used_photo": true, "used_photo_kept": true, "used_fault": true, "used_fault_dropped": true, "used_inspected": true, "used_asked": true, "used_battery": true,
	"arrived": true, "work": true, "extra": true, "no_show": true, "moved": true}
