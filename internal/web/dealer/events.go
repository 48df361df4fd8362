package dealer

import (
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// events tells an open queue that it changed.
func (h *Handlers) events(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	return web.Listen(c, h.live, s.dealer.Code, "queue")
}
