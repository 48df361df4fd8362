package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"sync/atomic"

	"forecourt/internal/identity"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/limit"
	"forecourt/internal/platform/palette"
	"forecourt/internal/web/assets"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// Kit is what the surfaces share.
type Kit struct {
	DB        *db.DB
	World     *world.Keeper
	Catalogue *i18n.Catalogue
	Sessions  *identity.Sessions
	Unlocker  Unlocker // nil where nobody's session locks
	Assets    *assets.Set
	Log       *slog.Logger
	Demo      bool
	BaseURL   string
	Begin     limit.Rule // how often one network may begin something; none when its Max is zero

	dressed    atomic.Pointer[world.World] // whose brands the style sheet shows
	pages      map[string]*template.Template
	routes     map[string]Route
	lastResort []byte
}

// Init parses every page. A page is templates/<surface>/<name>.html with the blocks that its layout
// names; all parts of templates/shared may be used. Anything wrong is an error at start.
func (k *Kit) Init(files fs.FS) error {
	k.routes = map[string]Route{}
	pages, err := parsePages(files, template.FuncMap{"asset": k.asset, "icon": k.icon, "swatch": k.swatch, "tel": tel, "unbroken": unbroken, "upholstery": k.upholstery})
	if err != nil {
		return fmt.Errorf("web: templates: %w", err)
	}
	k.pages = pages
	k.lastResort = []byte("<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Forecourt</title><h1>Something went wrong on our side</h1><p>Please try again in a few minutes. Nothing is charged twice.")
	return nil
}

// Page gives a parsed page, for the test that checks templates against their structs.
func (k *Kit) Page(name string) *template.Template { return k.pages[name] }

// PageNames lists the parsed pages.
func (k *Kit) PageNames() []string {
	var out []string
	for n := range k.pages {
		out = append(out, n)
	}
	return out
}

// Looks are the colours of the picture's brands, as a part of the style sheet.
func Looks(w *world.World) string {
	var all []palette.Named
	for _, b := range w.Brands {
		all = append(all, palette.Named{Code: string(b.Code), Palette: b.Colours})
	}
	return palette.Sheet(all)
}

// asset is the URL of a file. The style sheet follows the picture of the world: a brand that was imported a
// moment ago wears its own colours on its first page.
func (k *Kit) asset(name string) (string, error) {
	if name == assets.Sheet && k.World != nil {
		if w := k.World.Now(); k.dressed.Load() != w {
			if err := k.Assets.Dress(Looks(w)); err != nil {
				return "", err
			}
			k.dressed.Store(w)
		}
	}
	return k.Assets.URL(name)
}

// sprite is the address of the sheet of symbols.
func (k *Kit) sprite() (string, error) { return k.Assets.URL("img/icons.svg") }

func (k *Kit) swatch(hex, finish string) (template.HTML, error) {
	u, err := k.sprite()
	return carart.Swatch(u, hex, carart.Finish(finish)), err
}

func (k *Kit) upholstery(seat, stitch string) (template.HTML, error) {
	u, err := k.sprite()
	return carart.Upholstery(u, seat, stitch), err
}

// icon writes one icon of the sprite; the name comes from the template's author.
func (k *Kit) icon(name string) (template.HTML, error) {
	u, err := k.sprite()
	if err != nil {
		return "", err
	}
	return template.HTML(`<svg class="icon" aria-hidden="true"><use href="` + u + `#` + template.HTMLEscapeString(name) + `"/></svg>`), nil
}

func (k *Kit) render(w io.Writer, name string, page any) error {
	t, ok := k.pages[name]
	if !ok {
		return fmt.Errorf("web: no page %q", name)
	}
	return t.ExecuteTemplate(w, "layout", page)
}

// Show renders a page whole, then writes it. Pages are private to their reader unless ShowShared.
func (k *Kit) Show(c echo.Context, status int, name string, page any) error {
	var buf bytes.Buffer
	buf.Grow(32 << 10)
	if err := k.render(&buf, name, page); err != nil {
		return err
	}
	if c.Response().Header().Get("Cache-Control") == "" {
		c.Response().Header().Set("Cache-Control", "no-store")
	}
	return c.HTMLBlob(status, buf.Bytes())
}

// Render gives a page's bytes, for pages that are kept and shared between visitors.
func (k *Kit) Render(name string, page any) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(32 << 10)
	err := k.render(&buf, name, page)
	return buf.Bytes(), err
}

// MayBegin counts a first step that writes rows for a stranger (a draft, a saved build, a lead, an
// order), over all instances; limit.ErrLimited when one network does it too often.
func (k *Kit) MayBegin(c echo.Context) error {
	if k.Begin.Max == 0 {
		return nil
	}
	return limit.Take(c.Request().Context(), k.DB, k.Begin, prefixOf(c.RealIP()).String())
}

// ETag names a version of a shared page.
func ETag(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// SeeOther answers a POST that worked.
func SeeOther(c echo.Context, to string) error { return c.Redirect(http.StatusSeeOther, to) }
