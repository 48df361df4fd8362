package dealer

import (
	"bytes"
	"time"

	"forecourt/internal/insight"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const leadsPath = "/dealer/leads.xml"

// leadsLife is how far back a period without a beginning goes.
const leadsLife = 30

// exportLead answers one order as a lead, for the dealer's own system.
func (h *Handlers) exportLead(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	number, ok := ordering.ReadNumber(c.Param("number"))
	if !ok {
		return web.ErrNotFound
	}
	found, err := insight.Leads(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, number, time.Time{}, time.Time{}, 1)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return web.ErrNotFound
	}
	return h.sendLeads(c, s, found, "lead", number)
}

// exportLeads answers the orders that came in a period of days, both included: the last thirty when no day is named, or
// one that is none.
func (h *Handlers) exportLeads(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	today := market.DateOf(s.now.In(s.dealer.Zone()))
	from, to := market.Date(c.QueryParam("from")), market.Date(c.QueryParam("to"))
	if !to.Valid() {
		to = today
	}
	if !from.Valid() {
		from = to.Plus(-leadsLife)
	}
	// Days that no order can be of are not handed to the database, which knows no year 0.
	from, to = max(from, "2000-01-01"), min(to, "2999-12-31")
	found, err := insight.Leads(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, "", from.Time(s.dealer.Zone()), to.Plus(1).Time(s.dealer.Zone()), mostExported)
	if err != nil {
		return err
	}
	return h.sendLeads(c, s, found, "leads", string(s.dealer.Code), string(from), string(to))
}

func (h *Handlers) sendLeads(c echo.Context, s site, leads []insight.Lead, name ...string) error {
	d := s.dealer
	v := insight.Vendor{Code: d.Code, Name: d.Name, Email: d.Email, Phone: d.Phone, Street: d.Street, Town: d.Town, Post: d.Postcode, Country: d.Market, Zone: d.Zone()}
	var out bytes.Buffer
	if err := insight.WriteADF(&out, v, h.kit.BaseURL, leads); err != nil {
		return err
	}
	return web.Download(c, "application/xml; charset=utf-8", out.Bytes(), "xml", name...)
}
