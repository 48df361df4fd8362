package storefront

import (
	"context"
	"errors"
	"net/http"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/stock"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// This file carries a car that exists through the checkout: into the dealer step, onto the check page,
// and back out when somebody else was quicker.

// NoCarPage answers who wants a car that can not be had, with the two ways on.
type NoCarPage struct {
	web.Base
	Text       string
	NearestURL string
	FactoryURL string // the same build, ordered from the factory; empty when there is none
}

// LostCar is the check page's word on a car that was taken meanwhile.
type LostCar struct {
	Text       string
	NearestURL string
	FactoryURL string // where the button posts
}

// isNoCar tells faults that mean: this very car can not be had.
func isNoCar(err error) bool {
	return errors.Is(err, newcar.ErrCarTaken) || errors.Is(err, newcar.ErrCarUnsold)
}

// wished is the build that an address or a form asks for: of a car that exists, its own.
func (h *Handlers) wished(c echo.Context, k *car, picked, number string) (configurator.Build, *stock.Car, error) {
	if number == "" {
		b, err := k.build(picked)
		return b, nil, err
	}
	existing, err := stock.Get(h.NewCar.DB.Read(c.Request().Context()), id.StockCar(number))
	if err == nil {
		err = h.NewCar.CarFor(existing, k.flow(), k.rng.Model)
	}
	if err != nil {
		return configurator.Build{}, nil, err
	}
	unheld, err := k.unheld()
	if err != nil {
		return configurator.Build{}, nil, err
	}
	b, err := newcar.BuildOf(unheld, existing)
	return b, existing, err
}

// noSuchCar answers a wish that can not be met; what is no car at all is answered as everywhere.
func (h *Handlers) noSuchCar(c echo.Context, k *car, picked string, err error) error {
	private(c)
	status, key := http.StatusConflict, ""
	switch {
	case errors.Is(err, newcar.ErrCarTaken):
		key = newcar.ErrCarTaken.Key
	case errors.Is(err, newcar.ErrCarUnsold):
		key = newcar.ErrCarUnsold.Key
	case errors.Is(err, stock.ErrNoCar):
		status, key = http.StatusNotFound, "storefront.nearest.unknown"
	default:
		return h.unbuildable(c, k, err)
	}
	p := &NoCarPage{Base: h.base(c, k.shop, "", "new_cars"), NearestURL: k.url("nearest", nil)}
	p.Title, p.NoIndex, p.Text = p.T("storefront.nearest.lost_title"), true, p.T(key)
	if b, err := k.build(picked); err == nil && picked != "" {
		p.NearestURL, p.FactoryURL = k.url("nearest", b.Selection), k.url("dealer", b.Selection)
	}
	return h.Kit.Show(c, status, "storefront/no_car", p)
}

// about puts a car that exists onto the dealer step; its number goes along with both forms.
func (p *DealerPage) about(k *car, existing *stock.Car) {
	if existing == nil {
		return
	}
	p.Exists = existsWords(p.Base, k, existing)
	number := Hidden{"car", string(existing.ID)}
	p.Search.Hidden = append(p.Search.Hidden, number)
	p.Hidden = append(p.Hidden, number)
}

// existsWords says which car it is, where it can be had when, and how long it takes elsewhere.
func existsWords(b web.Base, k *car, existing *stock.Car) string {
	if existing == nil {
		return ""
	}
	place, ok := k.world.Dealer(existing.Dealer)
	if !ok {
		return ""
	}
	ready := existing.ReadyAt(place, k.market, k.day)
	return b.T("checkout.dealer."+existsKey(existing.Stage), "Number", string(existing.ID), "Dealer", place.Name, "Day", dayWords(b, ready), "Moving", stock.TransferDays)
}

// existsKey keeps the page from saying of a car that nobody has built yet that it exists.
func existsKey(st stock.Stage) string {
	if st == stock.Build {
		return "planned"
	}
	return "exists"
}

func dayWords(b web.Base, d market.Date) string { return b.Date(d.Time(b.Zone)) }

// existing puts the wanted car onto the check page, or that it was taken meanwhile.
func (p *CheckPage) existing(k *car, d *draft) {
	if d.existing == nil {
		return
	}
	err := error(newcar.ErrCarTaken)
	if d.existing.State == stock.Free {
		var unheld *configurator.Model
		if unheld, err = k.unheld(); err == nil {
			_, err = newcar.BuildOf(unheld, d.existing)
		}
	}
	if errors.Is(err, newcar.ErrCarTaken) || errors.Is(err, newcar.ErrCarUnsold) {
		key := newcar.ErrCarTaken.Key
		if errors.Is(err, newcar.ErrCarUnsold) {
			key = newcar.ErrCarUnsold.Key
		}
		p.Lost = &LostCar{Text: p.T(key), NearestURL: modelURL(k.shop, k.rng) + "/nearest?s=" + exactText(d.saved.Selection), FactoryURL: d.url("factory")}
		return
	}
	if dealer, ok := k.world.Dealer(d.Dealer); ok {
		ready := d.existing.ReadyAt(dealer, k.market, k.day)
		p.Exists = p.T("checkout.check."+existsKey(d.existing.Stage), "Number", string(d.existing.ID), "Day", dayWords(p.Base, ready))
	}
}

// leaveCar lets go of the car that exists: the purchase goes on with the same build from the factory.
func (h *Handlers) leaveCar(c echo.Context) error {
	return h.actOnDraft(c, func(d *draft, _ *car, _ configurator.Build, _ *web.Form) web.Act {
		return web.Act{Name: "storefront.leave_car", Do: func(_ context.Context, tx *db.Tx) (string, error) {
			return "done", h.NewCar.LeaveCarTx(tx, d.shop.flow(), d.token)
		}, To: func(string) string { return d.next() }}
	})
}
