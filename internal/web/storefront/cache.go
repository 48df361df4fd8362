package storefront

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"forecourt/internal/market"
	"forecourt/internal/platform/clock"
	"forecourt/internal/web"
	"forecourt/internal/web/assets"

	"github.com/labstack/echo/v4"
)

// Half the bounds of the shelf: it holds two generations, so at most 2,000 pages or 64 MB.
const (
	halfPages = 1000
	halfBytes = 32 << 20
	maxKey    = 2048
)

// shelf keeps rendered pages that every visitor shares. When the young half is full the old half is
// dropped: what is asked for often is carried over, and no list has to be kept in order.
type shelf struct {
	mu         sync.Mutex
	young, old map[string]keptPage
	bytes      int
}

// keptPage is a page as it is and packed. Only shared pages are packed: they hold no secret whose
// length could be guessed from the outside.
type keptPage struct {
	body, packed []byte
	etag         string
}

// packers are costly to make and good for many pages. They pack quickly: most pages of the configurator
// are asked for once, and packing them well took as long as making them.
var packers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // a level of the package's own: cannot fail
	return w
}}

func keep(body []byte) keptPage {
	var buf bytes.Buffer
	w := packers.Get().(*gzip.Writer)
	defer packers.Put(w)
	w.Reset(&buf)
	_, _ = w.Write(body) // to memory: cannot fail
	_ = w.Close()
	return keptPage{body: body, packed: buf.Bytes(), etag: web.ETag(body)}
}

func (p keptPage) size() int { return len(p.body) + len(p.packed) }

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
	if len(s.young) >= halfPages || s.bytes+p.size() > halfBytes {
		s.old, s.young, s.bytes = s.young, map[string]keptPage{}, 0
	}
	if before, ok := s.young[key]; ok {
		s.bytes -= before.size()
	}
	s.young[key] = p
	s.bytes += p.size()
}

// shared answers a page that is the same for every visitor. params are the query fields that count;
// others do not make another page. Staff previews are made anew each time.
func (h *Handlers) shared(c echo.Context, s *shop, params []string, name string, make func() (any, error)) error {
	counted := countedQuery(c, params)
	web.CountQuery(c, counted)
	if s != nil && s.staff {
		page, err := make()
		if err != nil {
			return err
		}
		return h.Kit.Show(c, http.StatusOK, name, page)
	}
	key := h.pageKey(c, s, counted)
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
		p = keep(body)
		if len(key) <= maxKey { // a longer one is nobody's link: made anew each time, kept never
			h.kept.put(key, p)
		}
	}
	return answerKept(c, s, p)
}

// countedQuery is the part of an address that makes another page.
func countedQuery(c echo.Context, params []string) url.Values {
	asked, q := c.QueryParams(), url.Values{}
	for _, name := range params {
		for _, v := range asked[name] { // a field may stand more than once: cars side by side
			if v != "" {
				q.Add(name, v)
			}
		}
	}
	return q
}

// pageKey holds all that a shared page depends on: its address, its language, the picture of the world and
// the day, on which prices and texts turn. A demo's pages say how many hours its clock is ahead.
func (h *Handlers) pageKey(c echo.Context, s *shop, counted url.Values) string {
	w, day, locale := h.Kit.World.Now(), market.DateOf(h.NewCar.DB.Clock.Now()), ""
	if s != nil {
		w, day, locale = s.world, s.day, s.locale
	}
	return strings.Join([]string{c.Request().URL.Path, counted.Encode(), locale, strconv.FormatInt(w.Version, 10), string(day), strconv.Itoa(int(clock.AheadOf(h.NewCar.DB.Clock).Hours()))}, "\x00")
}

// answerKept lets nobody between us and the visitor keep a page that a cookie chose.
func answerKept(c echo.Context, s *shop, p keptPage) error {
	cache := "no-cache"
	if s != nil && len(s.market.Also) > 0 {
		cache = "private, no-cache"
	}
	return answerPacked(c, p, cache, echo.MIMETextHTMLCharsetUTF8)
}

func answerPacked(c echo.Context, p keptPage, cache, kind string) error {
	head := c.Response().Header()
	head.Set("Cache-Control", cache)
	head.Add("Vary", "Accept-Encoding")
	body, tag := p.body, p.etag
	if assets.AcceptsGzip(c.Request().Header.Values("Accept-Encoding")) {
		head.Set("Content-Encoding", "gzip")
		body, tag = p.packed, strings.TrimSuffix(p.etag, `"`)+`-gz"`
	}
	head.Set("ETag", tag)
	for _, known := range strings.Split(c.Request().Header.Get("If-None-Match"), ",") {
		if known = strings.TrimPrefix(strings.TrimSpace(known), "W/"); known == tag || known == "*" {
			head.Del("Content-Encoding")
			return c.NoContent(http.StatusNotModified)
		}
	}
	return c.Blob(http.StatusOK, kind, body)
}
