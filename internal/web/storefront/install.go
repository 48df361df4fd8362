package storefront

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"sync"

	"forecourt/internal/id"
	"forecourt/internal/platform/appicon"
	"forecourt/internal/platform/palette"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// manifest is what a phone needs to keep the shop beside its other programs.
type manifest struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	ShortName  string         `json:"short_name"`
	StartURL   string         `json:"start_url"`
	Scope      string         `json:"scope"`
	Lang       string         `json:"lang"`
	Dir        string         `json:"dir"`
	Display    string         `json:"display"`
	Theme      string         `json:"theme_color"`
	Background string         `json:"background_color"`
	Icons      []manifestIcon `json:"icons"`
}

type manifestIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

func (h *Handlers) showManifest(c echo.Context) error {
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	look, icons := web.LookOf(s.brand), "/icons/"+string(s.brand.Code)+"/"
	m := manifest{ID: s.path(), Name: s.brand.Name + " " + s.market.Name, ShortName: s.brand.Name, StartURL: s.path(), Scope: s.path(),
		Lang: h.Kit.Catalogue.Printer(s.market.Locale).Lang(), Dir: "ltr", Display: "standalone", Theme: look.Light, Background: look.Ground,
		Icons: []manifestIcon{{icons + "icon.svg", "any", "image/svg+xml", "any"}, {icons + "192.png", "192x192", "image/png", "any"},
			{icons + "512.png", "512x512", "image/png", "any"}, {icons + "maskable.png", "512x512", "image/png", "maskable"}}}
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return answerTagged(c, "application/manifest+json", crawlAge, body)
}

// iconFile is one way to draw the mark; no size means as SVG.
type iconFile struct {
	size  int
	shape appicon.Shape
}

var iconFiles = map[string]iconFile{
	"icon.svg": {0, appicon.Tile}, "192.png": {192, appicon.Tile}, "512.png": {512, appicon.Tile},
	"maskable.png": {512, appicon.Maskable}, "apple-touch.png": {180, appicon.Full},
}

// drawnIcons keeps what was drawn, by colours and file: as many as there are brands times files, and a few
// more when an import changes colours.
var drawnIcons sync.Map

func (h *Handlers) showIcon(c echo.Context) error {
	theme, name := c.Param("theme"), c.Param("file")
	f, known := iconFiles[name]
	brand, shop := h.Kit.World.Now().Brand(id.Brand(theme))
	if !known || !shop && theme != palette.HouseCode {
		return web.ErrNotFound
	}
	look := web.LookOf(brand)
	key := look.Light + look.Mark + look.Rims + name
	body, drawn := drawnIcons.Load(key)
	if !drawn {
		b, err := f.draw(appicon.Colours{Ground: look.Light, Car: look.Mark, Rims: look.Rims})
		if err != nil {
			return err
		}
		body, _ = drawnIcons.LoadOrStore(key, b)
	}
	kind := "image/png"
	if f.size == 0 {
		kind = "image/svg+xml"
	}
	return answerTagged(c, kind, "public, max-age=86400", body.([]byte))
}

func (f iconFile) draw(c appicon.Colours) ([]byte, error) {
	if f.size == 0 {
		return appicon.SVG(c, f.shape), nil
	}
	return appicon.PNG(c, f.shape, f.size)
}

// OfflinePage is what a phone without a connection shows in place of a page it could not get.
type OfflinePage struct{ web.Base }

func (h *Handlers) showOffline(c echo.Context) error {
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	return h.shared(c, s, nil, "storefront/offline", func() (any, error) { return h.offlinePage(c, s), nil })
}

func (h *Handlers) offlinePage(c echo.Context, s *shop) *OfflinePage {
	p := &OfflinePage{h.base(c, s, "", "")}
	p.Title, p.NoIndex = p.T("storefront.offline.title"), true
	return p
}

//go:embed offline.js
var offlineScript []byte

// showWorker answers the script that stands in when there is no connection. It holds one page without
// prices, and its name changes with that page, so that nobody is ever shown an old one of another version.
func (h *Handlers) showWorker(c echo.Context) error {
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	page, err := h.Kit.Render("storefront/offline", h.offlinePage(c, s))
	if err != nil {
		return err
	}
	css, err := h.Kit.Assets.URL("css/app.css")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(append(page, offlineScript...))
	keep, err := json.Marshal(map[string]any{"shop": s.path() + " ", "version": s.path() + " " + hex.EncodeToString(sum[:8]), "page": s.path() + "/offline", "files": []string{css}})
	if err != nil {
		return err
	}
	c.Response().Header().Set("Service-Worker-Allowed", s.path())
	body := append([]byte("const keep = "+string(keep)+";\n"), offlineScript...)
	return answerTagged(c, "text/javascript; charset=utf-8", "no-cache", body)
}
