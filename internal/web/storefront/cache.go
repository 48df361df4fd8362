package storefront

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"forecourt/internal/market"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Half the bounds of the shelf: it holds two generations, so at most 2,000 pages or 64 MB.
const (
	halfPages = 1000
	halfBytes = 32 << 20
)

// shelf keeps rendered pages that every visitor shares. When the young half is full the old half is
// dropped: what is asked for often is carried over, and no list has to be kept in order.
type shelf struct {
	mu         sync.Mutex
	young, old map[string]keptPage
	bytes      int
}

type keptPage struct {
	body []byte
	etag string
}

func newShelf() *shelf { return &shelf{young: map[string]keptPage{}} }

func (s *shelf) get(key string) (keptPage, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.young[key]; ok {
		return p, true
	}
	p, ok := s.old[key]
	if ok {
		s.add(key, p)
	}
	return p, ok
}

func (s *shelf) put(key string, p keptPage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(key, p)
}

func (s *shelf) add(key string, p keptPage) {
	if len(s.young) >= halfPages || s.bytes+len(p.body) > halfBytes {
		s.old, s.young, s.bytes = s.young, map[string]keptPage{}, 0
	}
	if before, ok := s.young[key]; ok {
		s.bytes -= len(before.body)
	}
	s.young[key] = p
	s.bytes += len(p.body)
}

// shared answers a page that is the same for every visitor. params are the query fields that count;
// others do not make another page. Staff previews are made anew each time.
func (h *Handlers) shared(c echo.Context, s *shop, params []string, name string, make func() (any, error)) error {
	if s != nil && s.staff {
		page, err := make()
		if err != nil {
			return err
		}
		return h.Kit.Show(c, http.StatusOK, name, page)
	}
	key := h.pageKey(c, s, params)
	p, ok := h.kept.get(key)
	if !ok {
		page, err := make()
		if err != nil {
			return err
		}
		body, err := h.Kit.Render(name, page)
		if err != nil {
			return err
		}
		p = keptPage{body: body, etag: web.ETag(body)}
		h.kept.put(key, p)
	}
	return answerKept(c, p)
}

// pageKey holds all that a shared page depends on: its address, the picture of the world and the day,
// on which prices and texts turn.
func (h *Handlers) pageKey(c echo.Context, s *shop, params []string) string {
	asked, q := c.QueryParams(), url.Values{}
	for _, name := range params {
		if v := asked.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	w, day := h.Kit.World.Now(), market.DateOf(h.NewCar.DB.Clock.Now())
	if s != nil {
		w, day = s.world, s.day
	}
	return strings.Join([]string{c.Request().URL.Path, q.Encode(), strconv.FormatInt(w.Version, 10), string(day)}, "\x00")
}

func answerKept(c echo.Context, p keptPage) error {
	head := c.Response().Header()
	head.Set("Cache-Control", "no-cache")
	head.Set("ETag", p.etag)
	for _, tag := range strings.Split(c.Request().Header.Get("If-None-Match"), ",") {
		if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == p.etag || tag == "*" {
			return c.NoContent(http.StatusNotModified)
		}
	}
	return c.HTMLBlob(http.StatusOK, p.body)
}
