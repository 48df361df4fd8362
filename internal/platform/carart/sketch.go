package carart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sketchpad is one drawing in the making. Each method adds one layer; sketch names their order, back to front.
type sketchpad struct {
	out  strings.Builder
	spec Spec
	shape
	*solid                      // of the three-quarter view
	off                 float64 // left edge of the car in the picture
	to                  placing // where the pens put a point of the car's side
	body                []bend
	bodyPath, glassPath string
	dark                bool
}

func sketch(s Spec) picture {
	d := &sketchpad{spec: s, shape: shapes[s.Body], dark: luma(s.Paint.Hex) < .27}
	d.out.Grow(14 << 10)
	if s.View == Quarter {
		return d.quarter()
	}
	d.off = (width - d.length) / 2
	d.to = func(p pt) (x, y float64) { return p.x + d.off, ground - p.h }
	d.body = outline(d.shape.body)
	d.bodyPath = d.loop(d.body)
	d.glassPath = d.loop(outline(d.glass))
	d.defs()
	d.shadow()
	d.bars()
	d.paintwork()
	d.screensEdge()
	d.windows()
	d.seams()
	d.handles()
	d.mirror()
	d.lamps()
	d.wheels()
	y := min(0, ground-d.top()-90)
	return picture{fmt.Sprintf("0 %.0f %d %.0f", y, width, height-y), d.out.String()}
}

func (d *sketchpad) add(format string, args ...any) { fmt.Fprintf(&d.out, format, args...) }

// The pens: paths through points in car millimetres.

func (d *sketchpad) loop(o []bend) string { return string((&trace{to: d.to}).closed(o).buf) }

func (d *sketchpad) patch(pts ...pt) string { return d.loop(outline(pts)) }

func (d *sketchpad) line(pts ...pt) string { return string((&trace{to: d.to}).line(pts).buf) }

func (d *sketchpad) quad(a, c, z pt) string {
	return string((&trace{to: d.to}).move(a).steps('q', c, z).buf)
}

func (d *sketchpad) cubic(a, b, c, z pt) string {
	return string((&trace{to: d.to}).move(a).steps('c', b, c, z).buf)
}

func at(x, h float64) pt { return pt{x: x, h: h} }

func round(x, h, r float64) pt { return pt{x: x, h: h, r: r} }

func between(a, b pt, t float64) pt { return at(a.x+(b.x-a.x)*t, a.h+(b.h-a.h)*t) }

// num writes a small number without a leading zero.
func num(v float64) string {
	s := strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64)
	if s == "0" {
		return s
	}
	return strings.TrimPrefix(s, "0")
}

// bars are the roof bars, standing on the roof's own line.
func (d *sketchpad) bars() {
	if !d.spec.Rails {
		return
	}
	x0, x1 := d.roof[0]+240, d.roof[1]-190
	mid := (x0 + x1) / 2
	h := func(x, over float64) pt { return at(x, topAt(d.body, x)+over) }
	bow := func(a, m, z pt) string { return d.quad(a, at(m.x, 2*m.h-(a.h+z.h)/2), z) }
	for _, x := range []float64{x0 + 40, mid, x1 - 40} {
		d.add(`<path d="%s" stroke="#1d2022" stroke-width="62"/>`, d.line(h(x, -60), h(x, 34)))
	}
	d.add(`<path d="%s" fill="none" stroke="#1d2022" stroke-width="40" stroke-linecap="round"/>`, bow(h(x0, 26), h(mid, 46), h(x1, 26)))
	d.add(`<path d="%s" fill="none" stroke="#c9ced2" stroke-width="9" stroke-linecap="round"/>`, bow(h(x0+30, 38), h(mid, 58), h(x1-30, 38)))
}
