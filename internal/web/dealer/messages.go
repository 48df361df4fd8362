package dealer

import (
	"context"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/talk"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// thread reads what the dealer and the buyer of an order wrote to each other; nothing before the dealer accepted.
func (h *Handlers) thread(c echo.Context, p *OrderPage) error {
	v := p.Order
	if v.Name == "" {
		return nil
	}
	ms, err := talk.Of(h.kit.DB.Read(c.Request().Context()), v.ID)
	if err != nil {
		return err
	}
	open := p.May(string(identity.DealerPrepare)) && sale.CanTalk(ordering.State(v.OrderState)) && (v.EntryState == allocation.Accepted || v.EntryState == allocation.Done)
	p.Thread = web.NewThread(ms, talk.Dealer, p.Site, v.Name, "/dealer/orders/"+v.Number+"/messages", open, func(m talk.Message) string { return p.When(m.At) })
	return nil
}

// answer sends a message to the buyer.
func (h *Handlers) answer(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	f, body, picture, err := web.ReadMessage(c)
	if err != nil {
		return err
	}
	a, err := h.onOrder(c, deed{name: "message", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, _ *web.Form) (string, error) {
		return orderURL(number, "message") + "#messages", h.cars.AnswerTx(ctx, tx, s.staff(), number, body, picture)
	}}, s, f)
	if err != nil {
		return err
	}
	return h.kit.Act(c, f, a)
}

func (h *Handlers) threadPhoto(ctx context.Context, o id.Order, seq int) ([]byte, bool, error) {
	return talk.PhotoOf(h.kit.DB.Read(ctx), o, seq)
}

func (h *Handlers) handoverPhoto(ctx context.Context, o id.Order, seq int) ([]byte, bool, error) {
	return allocation.HandoverPhotoOf(h.kit.DB.Read(ctx), o, seq)
}

// photoOf shows a picture that belongs to an order: of its thread, or of its handover.
func (h *Handlers) photoOf(read func(context.Context, id.Order, int) ([]byte, bool, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, err := h.siteOf(c)
		if err != nil {
			return err
		}
		v, err := h.order(c, s)
		if err != nil {
			return err
		}
		if v.Name == "" {
			return web.ErrNotFound
		}
		return web.AnswerPhoto(c, func(seq int) ([]byte, bool, error) { return read(c.Request().Context(), v.ID, seq) })
	}
}
