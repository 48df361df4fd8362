package carart

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"
)

// Body names a silhouette.
type Body string

// The bodies we can draw.
const (
	City      Body = "city"
	Hatch     Body = "hatch"
	Stepway   Body = "stepway" // a hatch on stilts
	Supermini Body = "supermini"
	HatchEV   Body = "hatch-ev" // on a floor full of batteries: long between the axles, high in the flank
	Saloon    Body = "saloon"
	Estate    Body = "estate"
	SUV       Body = "suv"
	SUVSmall  Body = "suv-small"
	SUVLong   Body = "suv-long" // a small one with a long boot
	SUVFamily Body = "suv-family"
	SUVEV     Body = "suv-ev"
	SUVLarge  Body = "suv-large"
	CoupeSUV  Body = "coupe-suv"
	Van       Body = "van"
	VanGlazed Body = "van-glazed" // for people
)

// Wheel names a wheel design.
type Wheel string

// The wheel designs.
const (
	Steel   Wheel = "steel"
	Aero    Wheel = "aero"
	Multi   Wheel = "multi"
	Y5      Wheel = "y5"
	Turbine Wheel = "turbine"
	Blade   Wheel = "blade"
)

// Finish says how a paint answers to light.
type Finish string

// The finishes.
const (
	Solid    Finish = "solid"
	Metallic Finish = "metallic"
	Pearl    Finish = "pearl"
)

// View names where the viewer stands.
type View string

// The views. The empty one is the side.
const (
	Side    View = "side"
	Quarter View = "quarter" // three quarters, from the front
)

// Views lists the views.
func Views() []View { return []View{Side, Quarter} }

// Known reports whether v is a view; Draw takes anything else as the side.
func (v View) Known() bool { return slices.Contains(Views(), v) }

// Paint is a colour as #rrggbb and its finish.
type Paint struct {
	Hex    string
	Finish Finish
}

// Spec is all that a drawing depends on.
type Spec struct {
	Body    Body
	View    View // the side when empty
	Paint   Paint
	Wheels  Wheel
	Trim    Trim   // plain when empty
	Rails   bool   // roof bars
	TwoTone bool   // roof and mirrors in RoofHex
	RoofHex string // black when empty
	Label   string // what a screen reader says; empty hides the drawing from it
	ID      string // makes the ids of this drawing unique in its page
}

// Bodies lists the silhouettes, about from small to large.
func Bodies() []Body {
	return []Body{City, Supermini, Hatch, Stepway, HatchEV, SUVSmall, SUV, SUVLong, SUVEV, SUVFamily, Estate, Saloon, CoupeSUV, SUVLarge, Van, VanGlazed}
}

// Wheels lists the wheel designs.
func Wheels() []Wheel { return []Wheel{Steel, Multi, Aero, Y5, Turbine, Blade} }

// Finishes lists the paint finishes.
func Finishes() []Finish { return []Finish{Solid, Metallic, Pearl} }

// Known reports whether b can be drawn as itself; Draw shows a hatch for anything else.
func (b Body) Known() bool { return slices.Contains(Bodies(), b) }

// Known reports whether w can be drawn as itself; Draw shows multi-spoke wheels for anything else.
func (w Wheel) Known() bool { return slices.Contains(Wheels(), w) }

// Known reports whether f is a finish; Draw takes anything else as solid.
func (f Finish) Known() bool { return slices.Contains(Finishes(), f) }

// HTML is Draw for templates.
func HTML(s Spec) template.HTML { return template.HTML(Draw(s)) }

// Draw answers one inline <svg>. Unknown words fall back to a plain drawing: a page with a grey hatch is
// better than a page that fails.
func Draw(s Spec) string {
	inner := drawings.get(s.drawn())
	id := safeID(s.ID)
	var b strings.Builder
	b.Grow(len(inner.picture) + len(s.Label) + 160)
	b.WriteString(`<svg class="car" viewBox="`)
	b.WriteString(inner.viewBox)
	b.WriteString(`"`)
	if label := clean(s.Label); label != "" {
		b.WriteString(` role="img" aria-label="` + html.EscapeString(label) + `">`)
	} else {
		b.WriteString(` aria-hidden="true">`)
	}
	b.WriteString(strings.ReplaceAll(inner.picture, idMark, id))
	b.WriteString(`</svg>`)
	return b.String()
}

// File is Draw as a file of its own, which no page names and no screen reader reads: that is up to the <img>.
func File(s Spec) []byte {
	inner := drawings.get(s.drawn())
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="` + inner.viewBox + `">` + strings.ReplaceAll(inner.picture, idMark, "c") + `</svg>`)
}

// Size is how wide and high a drawing is, in units of its own, for boxes that must keep its shape.
func Size(s Spec) (width, height int) {
	var x, y, w, h float64
	if n, err := fmt.Sscan(drawings.get(s.drawn()).viewBox, &x, &y, &w, &h); err != nil || n != 4 {
		return 0, 0
	}
	return int(math.Round(w)), int(math.Round(h))
}

// drawn is the Spec reduced to what the strokes depend on, every word known and every colour valid: the
// key of the cache, so that neither labels nor ids nor rubbish can fill it.
func (s Spec) drawn() Spec {
	if s.Body == "crossover" {
		s.Body = Stepway
	}
	if !s.Body.Known() {
		s.Body = Hatch
	}
	if !s.View.Known() {
		s.View = Side
	}
	if !s.Wheels.Known() {
		s.Wheels = Multi
	}
	if !s.Paint.Finish.Known() {
		s.Paint.Finish = Solid
	}
	if !s.Trim.Known() {
		s.Trim = ""
	}
	s.Paint.Hex = safeHex(s.Paint.Hex, plainGrey)
	s.RoofHex = safeHex(s.RoofHex, roofBlack)
	if !s.TwoTone {
		s.RoofHex = ""
	}
	s.Label, s.ID = "", ""
	return s
}

// safeID keeps letters, digits and dashes: the id lands inside url(#...) where escaping is no help.
func safeID(id string) string {
	id = strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, id)
	if id == "" || id[0] == '-' || id[0] >= '0' && id[0] <= '9' {
		return "car" + id
	}
	return id
}

// clean drops what no name needs and XML forbids: control characters and broken UTF-8.
func clean(label string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(label, "")))
}
