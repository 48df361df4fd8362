package dealer

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// saveView keeps the part of the queue that the page shows, for the member of staff who looks at it.
func (h *Handlers) saveView(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	v := allocation.View{Name: f.Value("name"), Tab: tabOf(f.Value("tab")), Words: cut(f.Value("q"), mostWords)}
	to, err := h.kit.Once(c, f, "dealer.view "+string(s.user.ID), func(_ context.Context, tx *db.Tx) (string, error) {
		return withDone(s.queueURL(v.Tab, v.Words, 1), "view_saved"), allocation.SaveViewTx(tx, s.user.ID, v)
	})
	if err == nil {
		return web.SeeOther(c, to)
	}
	var x *fault.Fault
	if !errors.As(err, &x) || x.Kind != fault.Invalid {
		return err
	}
	f.Reject("name", x.Key)
	p, err := h.queuePage(c, s, v.Tab, v.Words, 1)
	if err != nil {
		return err
	}
	p.Errors, p.NewView, p.FoldOut = f.Errors(), v.Name, true
	return h.kit.Show(c, http.StatusUnprocessableEntity, "dealer/queue", p)
}

// dropView forgets a view of the reader's own; there is no other way to one than the reader.
func (h *Handlers) dropView(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	view := c.Param("view")
	if !id.IsKey(view) {
		return web.ErrNotFound
	}
	to, err := h.kit.Once(c, f, "dealer.view_drop "+view+" "+string(s.user.ID), func(_ context.Context, tx *db.Tx) (string, error) {
		return withDone(s.in("/dealer"), "view_dropped"), allocation.DropViewTx(tx, s.user.ID, id.View(view))
	})
	if err != nil {
		return err
	}
	return web.SeeOther(c, to)
}

// withDone adds the sentence about what was done to an address of the queue.
func withDone(to, done string) string {
	if strings.Contains(to, "?") {
		return to + "&done=" + done
	}
	return to + "?done=" + done
}
