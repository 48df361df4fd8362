package styleguide

import (
	"html/template"
	"net/http"

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
	Looks   []look
	Sizes   []measure
	Spaces  []measure
	Steps   []step
	Errors  web.FieldErrors
	Price   priceTable
	Rows    []row
	Models  []drawing
	Pass    drawing
	Bodies  []drawing
	Wheels  []drawing
	Paints  []paint
	Seats   []seat
	QR      qrCode
	BadgeOf []badge
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
		p.Looks = append(p.Looks, lookOf(n))
	}
	for i, body := range carart.Bodies() {
		finish := carart.Finishes()[i%len(carart.Finishes())]
		p.Bodies = append(p.Bodies, draw("body", string(body), carart.Spec{Body: body, Wheels: carart.Wheels()[i%len(carart.Wheels())],
			Paint: carart.Paint{Hex: samplePaints[i%len(samplePaints)].Hex, Finish: finish}, Rails: i%3 == 0, TwoTone: i%4 == 3}))
	}
	blue := carart.Paint{Hex: "#3d5a73", Finish: carart.Metallic}
	for _, w := range carart.Wheels() {
		p.Wheels = append(p.Wheels, draw("wheel", string(w), carart.Spec{Body: carart.Hatch, Wheels: w, Paint: blue}))
	}
	p.Models = []drawing{draw("model", "Stepway", carart.Spec{Body: carart.Stepway, Wheels: carart.Multi, Paint: blue}), draw("model", "Bigster", carart.Spec{Body: carart.SUVLarge, Wheels: carart.Blade, Paint: blue})}
	p.Pass = draw("pass", "Duster", carart.Spec{Body: carart.SUV, Wheels: carart.Y5, Paint: blue, Rails: true})
	return p
}

type drawing struct {
	Name string
	Car  template.HTML
}

// draw makes a drawing whose ids are its own: place and name are unique together.
func draw(place, name string, s carart.Spec) drawing {
	s.ID, s.Label = place+"-"+name, name
	return drawing{name, carart.HTML(s)}
}
