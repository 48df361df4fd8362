package dealersite

import (
	"slices"

	"forecourt/internal/flow/membership"
	"forecourt/internal/flow/outbound"
	"forecourt/internal/flow/sitecalendar"
	"forecourt/internal/flow/team"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// Deps is what the pages need.
type Deps struct {
	Kit      *web.Kit
	Users    *identity.Users
	Team     *team.Service
	Calendar *sitecalendar.Service
	Pilots   *membership.Service
	Outbound *outbound.Service
	SSO      *identity.SSO
}

// Handlers answer the pages.
type Handlers struct {
	kit   *web.Kit
	users *identity.Users
	team  *team.Service

	calendar *sitecalendar.Service
	pilots   *membership.Service
	outbound *outbound.Service
	sso      *identity.SSO
}

// New makes the surface.
func New(d Deps) *Handlers {
	return &Handlers{kit: d.Kit, users: d.Users, team: d.Team, calendar: d.Calendar, pilots: d.Pilots, sso: d.SSO, outbound: d.Outbound}
}

// desk is who runs what, for one request.
type desk struct {
	user   identity.User
	sites  []*network.Dealer // where the user has what the route needs
	site   *network.Dealer   // of them, the one at which he works; the first when that is none of them
	market *market.Market
	world  *world.World
}

// deskOf finds the sites at which the reader has what the route needs. The guard has seen that there is one.
func (h *Handlers) deskOf(c echo.Context) (desk, error) {
	d := desk{world: h.kit.World.Now()}
	d.user, _ = web.User(c)
	for _, code := range d.user.SitesWith(web.Needs(c)) {
		if s, ok := d.world.Dealer(code); ok {
			d.sites = append(d.sites, s)
		}
	}
	if len(d.sites) == 0 {
		return d, web.ErrForbidden
	}
	d.site = d.sites[0]
	if i := slices.IndexFunc(d.sites, func(s *network.Dealer) bool { return s.Code == d.user.Dealer }); i >= 0 {
		d.site = d.sites[i]
	}
	var ok bool
	if d.market, ok = d.world.Market(d.site.Market); !ok {
		return d, web.ErrForbidden
	}
	return d, nil
}

// name is a site's name, its code when it has left the files.
func (d desk) name(code id.Dealer) string {
	if s, ok := d.world.Dealer(code); ok {
		return s.Name
	}
	return string(code)
}

// Page is what all pages here have.
type Page struct {
	web.Base
	Site    string
	Errors  web.FieldErrors
	Problem string // why the last act could not be done; empty when there was none
}

func (h *Handlers) page(c echo.Context, d desk, title, here string) Page {
	p := Page{Base: h.kit.BaseFor(c), Site: d.site.Name}
	p.User, p.Place = d.user, d.site.Name
	p.User.Dealer = d.site.Code
	p.Title, p.NoIndex = p.T(title), true
	p.Nav = p.DealerNav(here)
	if done := c.QueryParam("done"); doneWords[done] && c.Request().Method != "POST" {
		p.Flash = p.T("site.done." + done)
	}
	return p
}

// doneWords are the sentences that an address may ask for after an act.
var doneWords = map[string]bool{"invited": true, "roles": true, "withdrawn": true, "reset": true, "reset_ended": true, "policy": true, "sso": true, "sso_ended": true, "sso_unlinked": true, "plan": true, "plan_dropped": true, "day": true, "day_dropped": true, "joined": true, "notice": true,
	"hook_added": true, "hook_changed": true, "hook_secret": true, "hook_paused": true, "hook_active": true, "hook_ended": true, "hook_again": true}
