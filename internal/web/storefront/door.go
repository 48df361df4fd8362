package storefront

import (
	"net/http"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/carart"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// DoorPage is the front door: brands side by side, a market each to enter.
type DoorPage struct {
	web.Base
	Doors []Door
}

// Door is one brand.
type Door struct {
	Brand   market.Brand
	Drawing carart.Spec
	Shops   []DoorShop
}

// DoorShop is one market of a brand. Note is a word key when the shop is not simply open.
type DoorShop struct {
	URL  string
	Name string
	Lang string
	Note string
}

func (h *Handlers) showDoor(c echo.Context) error {
	w := h.Kit.World.Now()
	if hasPreviews(w) && h.isStaff(c.Request().Context()) {
		return h.Kit.Show(c, http.StatusOK, "storefront/door", h.doorPage(c, w, true))
	}
	return h.shared(c, nil, nil, "storefront/door", func() (any, error) { return h.doorPage(c, w, false), nil })
}

func hasPreviews(w *world.World) bool {
	for _, s := range w.Switches(func(m id.Market) bool { return m != market.Smoke }) {
		if s.Flow == id.FlowNew && s.State == market.Preview {
			return true
		}
	}
	return false
}

func (h *Handlers) doorPage(c echo.Context, w *world.World, staff bool) *DoorPage {
	p := &DoorPage{Base: h.Kit.BaseFor(c)}
	p.Title = p.T("storefront.door.title")
	p.Canonical, p.Description = "/", p.T("storefront.describe.door")
	for _, b := range w.Brands {
		d := Door{Brand: b}
		for _, m := range w.Markets {
			if shop, ok := doorShop(w, b, m, staff); ok && m.Code != market.Smoke {
				d.Shops = append(d.Shops, shop)
			}
		}
		if len(d.Shops) == 0 {
			continue
		}
		d.Drawing = doorCar(w, b, h.NewCar.DB.Clock.Now().Format("2006-01-02"))
		p.Doors = append(p.Doors, d)
	}
	return p
}

func doorShop(w *world.World, b market.Brand, m *market.Market, staff bool) (DoorShop, bool) {
	s := DoorShop{URL: "/" + string(b.Code) + "/" + string(m.Code), Name: m.Name, Lang: m.Language()}
	switch w.Switch(b.Code, m.Code, id.FlowNew).State {
	case market.Live:
		return s, true
	case market.Paused:
		s.Note = "storefront.door.paused"
		return s, true
	case market.Preview:
		s.Note = "storefront.door.preview"
		return s, staff
	}
	return s, false
}

// doorCar draws the last of a brand's range that is not a van: the one made to be looked at.
func doorCar(w *world.World, b market.Brand, day string) carart.Spec {
	var last *catalogue.Range
	for _, m := range w.Markets {
		for _, r := range w.Ranges(b.Code, m.Code, market.Date(day)) {
			if !strings.HasPrefix(r.Body, string(carart.Van)) && (last == nil || r.Order > last.Order) {
				last = r
			}
		}
	}
	if last == nil {
		return carart.Spec{ID: "door-" + string(b.Code)}
	}
	s := showOff(last)
	s.ID = "door-" + string(b.Code)
	return s
}

// showOff is a model as the range shows it: in the colour and on the wheels its makers chose.
func showOff(r *catalogue.Range) carart.Spec { return dressed(r, r.ShowOff) }
