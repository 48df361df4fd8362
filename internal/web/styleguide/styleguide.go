package styleguide

import (
	"net/http"
	"strconv"
	"strings"

	"forecourt/internal/identity"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/palette"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Surface is the style guide.
type Surface struct{ kit *web.Kit }

// New makes the surface.
func New(k *web.Kit) *Surface { return &Surface{kit: k} }

// Routes are all doors of the surface.
func (s *Surface) Routes() []web.Route {
	return []web.Route{
		web.GET("/styleguide", identity.Public, s.show),
		web.GET("/styleguide/looks.css", identity.Public, s.looks),
		web.GET("/styleguide/cars/:file", identity.Public, s.car),
	}
}

// Samples gives a page per template, for the test that checks templates against their structs.
func Samples() map[string]any {
	p := newPage(web.Base{Theme: palette.HouseCode}, []named{{"Forecourt", palette.Named{Code: palette.HouseCode, Palette: palette.House}}})
	return map[string]any{"styleguide/guide": &p}
}

// Page is the style guide.
type Page struct {
	web.Base
	Brands   []string // codes of all looks; Looks has the one that the page wears
	Looks    []look
	Sizes    []measure
	Spaces   []measure
	Steps    []step
	Errors   web.FieldErrors
	Price    priceTable
	Rows     []row
	Models   []picture
	Pass     picture
	Drawings []picture
	Paints   []paint
	Seats    []seat
	QR       qrCode
	BadgeOf  []badge
}

// named is a look with the name that people know it by.
type named struct {
	Name string
	palette.Named
}

func (s *Surface) show(c echo.Context) error {
	b := s.kit.BaseFor(c)
	b.Title, b.NoIndex = "Style guide", true
	all := s.all()
	for _, n := range all {
		if n.Code == c.QueryParam("brand") {
			b.Theme = n.Code
		}
	}
	p := newPage(b, all)
	return s.kit.Show(c, http.StatusOK, "styleguide/guide", &p)
}

// all are the house's look and those of the brands that the world holds now.
func (s *Surface) all() []named {
	out := []named{{"Forecourt", palette.Named{Code: palette.HouseCode, Palette: palette.House}}}
	for _, b := range s.kit.World.Now().Brands {
		out = append(out, named{b.Name, palette.Named{Code: string(b.Code), Palette: b.Colours}})
	}
	return out
}

// looks serves the colours of both schemes at once, which no other page needs.
func (s *Surface) looks(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, "text/css; charset=utf-8", []byte(sideBySide(s.all())))
}

func newPage(b web.Base, all []named) Page {
	p := Page{Base: b, Sizes: measures("t"), Spaces: measures("s"), Steps: sampleSteps, Errors: sampleErrors, Price: samplePrice, Rows: sampleRows,
		Paints: samplePaints, Seats: sampleSeats, QR: drawQR("FC-7K3M-29QX"), BadgeOf: sampleBadges}
	for _, n := range all {
		p.Brands = append(p.Brands, n.Named.Code)
		if n.Code == b.Theme { // all of them would make the page three times as heavy as any other may be
			p.Looks = append(p.Looks, lookOf(n))
		}
	}
	for i, g := range gallery() {
		w, h := carart.Size(g.Spec)
		p.Drawings = append(p.Drawings, picture{g.Name, "/styleguide/cars/" + strconv.Itoa(i) + ".svg", w, h})
	}
	p.Models, p.Pass = p.Drawings[6:10:10], p.Drawings[12]
	return p
}

// specimen is a drawing of the gallery; picture is where the page finds it: all of them inside it would make
// it ten times as heavy as any other.
type (
	specimen struct {
		Name string
		Spec carart.Spec
	}
	picture struct {
		Name, URL     string
		Width, Height int
	}
)

// gallery shows every body from every side, and every set of wheels.
func gallery() []specimen {
	var out []specimen
	for i, body := range carart.Bodies() {
		for _, view := range carart.Views() {
			out = append(out, specimen{string(body) + ", " + string(view), carart.Spec{Body: body, View: view, Wheels: carart.Wheels()[i%len(carart.Wheels())],
				Paint: carart.Paint{Hex: samplePaints[i%len(samplePaints)].Hex, Finish: carart.Finishes()[i%len(carart.Finishes())]}, Rails: i%3 == 0, TwoTone: i%4 == 3}})
		}
	}
	for _, w := range carart.Wheels() {
		out = append(out, specimen{string(w), carart.Spec{Body: carart.Hatch, Wheels: w, Paint: carart.Paint{Hex: "#3d5a73", Finish: carart.Metallic}}})
	}
	return out
}

func (s *Surface) car(c echo.Context) error {
	all := gallery()
	i, err := strconv.Atoi(strings.TrimSuffix(c.Param("file"), ".svg"))
	if err != nil || i < 0 || i >= len(all) {
		return web.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.Blob(http.StatusOK, "image/svg+xml", carart.File(all[i].Spec))
}
