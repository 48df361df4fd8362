package dealer

import (
	"net/http"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// openQueue is the stream of a page that shows the queue.
type openQueue struct{ *web.Stream }

// Changed implements allocation.Listener.
func (q openQueue) Changed(m allocation.Moment) bool { return q.Send(string(m), "queue", "changed") }

// events tells an open queue that it changed, and nothing else: the page asks for what is new itself, with the
// right that its reader has then.
func (h *Handlers) events(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	req := c.Request()
	if !strings.Contains(req.Header.Get("Accept"), "text/event-stream") || req.Method != http.MethodGet {
		return web.ErrBadForm // an address for scripts: a person who opens it would wait for ever
	}
	if err := h.live.Room(s.dealer.Code); err != nil {
		return err
	}
	after := req.Header.Get("Last-Event-ID")
	if after == "" {
		after = c.QueryParam("after")
	}
	to, err := web.OpenStream(c)
	if err != nil {
		return err
	}
	// From here on nothing can be answered any more: a failure closes the stream, and the page asks again.
	_ = h.live.Hear(req.Context(), s.dealer.Code, allocation.Moment(after), openQueue{to})
	return nil
}
