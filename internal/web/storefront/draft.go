package storefront

import (
	"context"
	"errors"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/telemetry"
	"forecourt/internal/sale"
	"forecourt/internal/stock"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// draft is the purchase behind a checkout link.
type draft struct {
	*ordering.Draft
	shop  *shop
	token string
	saved *ordering.Configuration

	existing *stock.Car   // the car that exists and is wanted; nil for one from the factory
	gone     []id.Feature // what cannot be ordered any more; the car shown is the nearest without it
}

func (d *draft) url(page string) string { return d.shop.path() + "/checkout/" + d.token + "/" + page }

// next is where a changed dealer leads: to what is still missing.
func (d *draft) next() string {
	if d.Buyer == "" {
		return d.url("details")
	}
	return d.url("check")
}

func (h *Handlers) draftOf(c echo.Context) (*draft, error) {
	private(c)
	s, err := h.anyShop(c)
	if err != nil {
		return nil, err
	}
	g, token := h.NewCar.DB.Read(c.Request().Context()), c.Param("token")
	d, saved, err := ordering.DraftAndBuild(g, s.brand.Code, s.market.Code, token)
	if err != nil {
		return nil, err
	}
	telemetry.Request(c, telemetry.Of(c.Request().Context(), string(d.ID)))
	out := &draft{Draft: d, shop: s, token: token, saved: saved}
	if d.Car != "" {
		out.existing, err = stock.Get(g, d.Car)
	}
	return out, err
}

// placed is the page of the draft's order while that lives; empty when none does. What was ordered
// is not changed behind its back: the buyer goes on with it or cancels it there.
func (h *Handlers) placed(c echo.Context, d *draft) (string, error) {
	if d.Order == "" {
		return "", nil
	}
	g := h.NewCar.DB.Read(c.Request().Context())
	o, err := ordering.Get(g, d.Order)
	if err != nil || o.State == ordering.Lapsed || o.State == ordering.Cancelled {
		return "", err
	}
	link, err := ordering.FirstLink(g, o.ID)
	if err != nil {
		return "", err
	}
	return d.shop.path() + "/orders/" + h.NewCar.Tokens.Link(link), nil
}

// onDraft goes on with a draft that may still be changed; with an order that lives it leads to that.
func (h *Handlers) onDraft(c echo.Context, then func(d *draft, k *car, b configurator.Build) error) error {
	d, err := h.draftOf(c)
	if err != nil {
		return err
	}
	// An order that lives is found even when its model is not sold any more.
	to, err := h.placed(c, d)
	if err != nil {
		return err
	}
	if to != "" {
		return web.SeeOther(c, to)
	}
	k, b, err := h.carOfDraft(d)
	if err != nil {
		return err
	}
	return then(d, k, b)
}

// actOnDraft carries out a form of a purchase that may still be changed.
func (h *Handlers) actOnDraft(c echo.Context, plan func(d *draft, k *car, b configurator.Build, f *web.Form) web.Act) error {
	return h.onDraft(c, func(d *draft, k *car, b configurator.Build) error {
		f, err := web.ReadForm(c)
		if err != nil {
			return err
		}
		return h.Kit.Act(c, f, plan(d, k, b, f))
	})
}

// begins makes an act one that writes rows for a stranger, which is counted.
func (h *Handlers) begins(c echo.Context, a web.Act) web.Act {
	a.First = func(context.Context) error { return h.Kit.MayBegin(c) }
	return a
}

// draftCar is the draft with its car as today's range makes it. A car that can not be built any more
// is mended for the page; the order itself is checked again when it is placed.
func (h *Handlers) draftCar(c echo.Context) (*draft, *car, configurator.Build, error) {
	d, err := h.draftOf(c)
	if err != nil {
		return nil, nil, configurator.Build{}, err
	}
	k, b, err := h.carOfDraft(d)
	return d, k, b, err
}

func (h *Handlers) carOfDraft(d *draft) (*car, configurator.Build, error) {
	k, err := h.carOf(d.shop, d.saved.Model)
	if err != nil {
		return nil, configurator.Build{}, err
	}
	picked, err := configurator.Decode(d.saved.Selection)
	if err != nil {
		return nil, configurator.Build{}, err
	}
	if d.existing != nil {
		unheld, err := k.unheld()
		if err != nil {
			return nil, configurator.Build{}, err
		}
		if b, err := unheld.Complete(picked); err == nil {
			return k, b, nil
		}
	}
	b, gone, err := stillSold(k, picked)
	d.gone = gone
	return k, b, err
}

// closedOr answers a first step in a shop that closed meanwhile: the visitor may leave a name, and
// the configuration is kept. Other errors come back.
func (h *Handlers) closedOr(c echo.Context, s *shop, err error, model id.Model, selection string) error {
	if !errors.Is(err, sale.ErrClosed) {
		return err
	}
	return web.SeeOther(c, leaveURL(s, model, selection))
}

// stockOf reads the car that exists and is wanted.
func (h *Handlers) stockOf(c echo.Context, car id.StockCar) (*stock.Car, error) {
	return stock.Get(h.NewCar.DB.Read(c.Request().Context()), car)
}
