package dealer

import (
	"context"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// saveView keeps the part of the queue that the page shows, for the member of staff who looks at it.
func (h *Handlers) saveView(c echo.Context) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, f *web.Form) (web.Act, error) {
		v := allocation.View{Name: f.Value("name"), Tab: tabOf(f.Value("tab")), Words: cut(f.Value("q"), mostWords)}
		return web.Act{Name: "dealer.view " + string(s.user.ID), Field: "name", Do: func(_ context.Context, tx *db.Tx) (string, error) {
			return withDone(s.queueURL(v.Tab, v.Words, 1), "view_saved"), allocation.SaveViewTx(tx, s.user.ID, v)
		}, Again: func(r web.Refusal) error {
			p, err := h.queuePage(c, s, v.Tab, v.Words, 1)
			if err != nil {
				return err
			}
			p.Errors, p.NewView, p.FoldOut = f.Errors(), v.Name, true
			return h.kit.Show(c, r.Status, "dealer/queue", p)
		}}, nil
	})
}

// dropView forgets a view of the reader's own; there is no other way to one than the reader.
func (h *Handlers) dropView(c echo.Context) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, _ *web.Form) (web.Act, error) {
		view := c.Param("view")
		if !id.IsKey(view) {
			return web.Act{}, web.ErrNotFound
		}
		return web.Act{Name: "dealer.view_drop " + view + " " + string(s.user.ID), Do: func(_ context.Context, tx *db.Tx) (string, error) {
			return withDone(s.in("/dealer"), "view_dropped"), allocation.DropViewTx(tx, s.user.ID, id.View(view))
		}}, nil
	})
}

// withDone adds the sentence about what was done to an address of the queue.
func withDone(to, done string) string {
	if strings.Contains(to, "?") {
		return to + "&done=" + done
	}
	return to + "?done=" + done
}
