package storefront

import (
	"context"
	"errors"
	"net/http"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/talk"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// thread reads what the buyer and the dealer who has the order wrote to each other.
func (h *Handlers) thread(c echo.Context, p *OrderPage, o *openOrder) error {
	if o.dealer == nil {
		return nil
	}
	open := sale.CanTalk(o.State)
	if !open && !o.State.Left() {
		return nil
	}
	ms, err := talk.Of(h.NewCar.DB.Read(c.Request().Context()), o.ID)
	if err != nil {
		return err
	}
	p.Thread = web.NewThread(ms, talk.Buyer, p.T("talk.you"), o.dealer.Name, o.url()+"/messages", open, func(m talk.Message) string { return p.DateTime(m.At) })
	return nil
}

// write sends a message to the dealer.
func (h *Handlers) write(c echo.Context) error {
	f, body, picture, err := web.ReadMessage(c)
	if err != nil {
		return err
	}
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	a := o.did(web.Act{Name: "storefront.message", Field: "body", Again: func(r web.Refusal) error {
		if errors.Is(r.Cause, talk.ErrMany) {
			r.Status = http.StatusConflict
		}
		return h.orderAgain(c, f, r, func(p *OrderPage) { p.Thread.Errors, p.Thread.Typed = f.Errors(), body })
	}}, "#messages", func(ctx context.Context, tx *db.Tx) error { return h.NewCar.WriteTx(ctx, tx, o.ID, body, picture) })
	a.Over[ordering.ErrMoved] = a.To("")
	return h.Kit.Act(c, f, a)
}

// messagePhoto shows a picture of the thread to who has the secret link.
func (h *Handlers) messagePhoto(c echo.Context) error {
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	return web.AnswerPhoto(c, func(seq int) ([]byte, bool, error) {
		return talk.PhotoOf(h.NewCar.DB.Read(c.Request().Context()), o.ID, seq)
	})
}
