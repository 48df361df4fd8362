package api

import (
	"bytes"
	"net/http"
	"time"

	"forecourt/internal/identity"
	"forecourt/internal/insight"
	"forecourt/internal/ordering"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// showLead answers one order of the caller's dealer as an ADF lead: what a system asks for that heard of the order.
func (s *Surface) showLead(c echo.Context, caller identity.Caller) error {
	number, ok := ordering.ReadNumber(c.Param("number"))
	d, known := s.kit.World.Now().Dealer(caller.Dealer)
	if !ok || !known {
		return web.ErrNotFound
	}
	found, err := insight.Leads(s.kit.DB.Read(c.Request().Context()), caller.Dealer, number, time.Time{}, time.Time{}, 1)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return web.ErrNotFound
	}
	v := insight.Vendor{Code: d.Code, Name: d.Name, Email: d.Email, Phone: d.Phone, Street: d.Street, Town: d.Town, Post: d.Postcode, Country: d.Market, Zone: d.Zone()}
	var out bytes.Buffer
	if err := insight.WriteADF(&out, v, s.kit.BaseURL, found); err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "application/xml; charset=utf-8", out.Bytes())
}
