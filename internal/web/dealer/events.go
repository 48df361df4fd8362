package dealer

import (
	"net/http"
	"strings"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// The stream of changes. A stream ends by itself, and the browser asks for the next one: so a session that ended or
// a login that was taken away hears nothing after that time.
const (
	streamLife = 5 * time.Minute
	heartbeat  = 20 * time.Second
)

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
	after := req.Header.Get("Last-Event-ID")
	if after == "" {
		after = c.QueryParam("after")
	}
	ear, err := h.live.Hear(req.Context(), s.dealer.Code, allocation.Moment(after))
	if req.Context().Err() != nil && err != nil {
		return nil // the page was closed before it was answered
	}
	if err != nil {
		return err
	}
	defer h.live.Leave(ear)
	w, ok := web.OpenStream(c)
	end, beat := time.NewTimer(streamLife), time.NewTicker(heartbeat)
	defer end.Stop()
	defer beat.Stop()
	for going := ok; going; {
		select {
		case at := <-ear.Change:
			going = w.Send(string(at), "queue", "changed")
		case <-beat.C:
			going = w.Beat()
		case <-ear.Done:
			going = false
		case <-end.C:
			going = false
		case <-req.Context().Done():
			going = false
		}
	}
	return nil
}
