package carart

import (
	"fmt"
	"math"
	"sync"
)

// cast is a body's third dimension and its silhouette.
type cast struct {
	*solid
	outline string
}

// casts are made once each, when first asked for.
var casts = func() map[Body]func() cast {
	out := map[Body]func() cast{}
	for b, s := range shapes {
		out[b] = sync.OnceValue(func() cast {
			d := newSolid(s)
			return cast{d, smooth(d.seen())}
		})
	}
	return out
}()

// quarter draws the three-quarter view: the side's own layers put on a skin in space, and the front.
func (d *sketchpad) quarter() picture {
	c := casts[d.spec.Body]()
	d.solid, d.body, d.bodyPath, d.to = c.solid, c.solid.body, c.outline, c.onSide
	d.glassPath = d.loop(outline(d.glass))
	d.quarterDefs()
	d.quarterShadow()
	d.quarterPaint()
	d.windscreen()
	d.to = c.onSide
	d.windows()
	d.seams()
	d.handles()
	d.add(`<g clip-path="url(#%s-b)">`, idMark)
	d.face()
	d.add(`</g>`)
	d.farBar()
	d.to = c.onSide
	d.bars()
	d.quarterMirrors()
	d.quarterWheels()
	return picture{fmt.Sprintf("0 %.0f %d %.0f", d.sky(), width, height-d.sky()), d.out.String()}
}

// sky is the upper edge of the picture: the same for both views, so that changing them moves nothing.
func (d *sketchpad) sky() float64 { return min(0, ground-d.top()-90) }

// xy is a point of the picture.
func (d *sketchpad) xy(p pt) pt {
	x, y := d.to(p)
	return pt{x: x, h: y}
}

// quarterDefs turns the flank's light so that its bands run along the doors, and gives the nose its own.
func (d *sketchpad) quarterDefs() {
	d.add(`<defs>`)
	f, r, c := d.axles[0], d.axles[1], d.crease
	a, b := d.xy(at(f, c[0])), d.xy(at(r, c[1]))
	d.paintLight(d.slope(d.xy(at((f+r)/2, d.top())), d.xy(at((f+r)/2, 200)), a, b))
	d.to = d.solid.onFront
	p, q := d.xy(at(-d.half*.8, c[0])), d.xy(at(d.half*.8, c[0]))
	d.add(`<linearGradient id="%[1]s-q" href="#%[1]s-p" gradientUnits="userSpaceOnUse" %[2]s/>`, idMark, d.slope(d.xy(at(0, d.top())), d.xy(at(0, 200)), p, q))
	near, far := d.xy(at(d.half*1.12, c[0])), d.xy(at(-d.half, c[0]))
	d.add(`<linearGradient id="%s-f" gradientUnits="userSpaceOnUse" x1="%.0f" x2="%.0f" y1="0" y2="0"><stop stop-opacity=".5"/><stop offset=".2" stop-opacity=".22"/><stop offset=".8" stop-opacity=".02"/><stop offset="1" stop-color="#fff" stop-opacity=".12"/></linearGradient>`, idMark, far.x, near.x)
	d.to = d.solid.onSide
	d.endLight(near.x, d.xy(at(d.length-40, c[1])).x)
	d.glints()
	d.skyLight()
	d.add(`<clipPath id="%[1]s-b"><path id="%[1]s-n" d="%[2]s"/></clipPath><clipPath id="%[1]s-d"><path id="%[1]s-m" d="%[3]s"/></clipPath></defs>`, idMark, d.bodyPath, d.glassPath)
}

// skyLight lies on bonnet and roof.
func (d *sketchpad) skyLight() {
	bs := []band{{0, white, .34}, {1, white, .12}}
	switch d.spec.Paint.Finish {
	case Metallic:
		bs = []band{{0, white, .5}, {.45, tint(d.spec.Paint.Hex, .6), .3}, {1, black, .06}}
	case Pearl:
		bs = []band{{0, cool, .44}, {.5, rosy, .2}, {1, warm, .2}}
	}
	d.add(`<linearGradient id="%s-h" x1="0" y1="0" x2="0" y2="1">`, idMark)
	d.bands(bs)
}

// slope is a gradient from high to low whose bands run from a to b.
func (d *sketchpad) slope(high, low, a, b pt) string {
	dx, dy := b.x-a.x, b.h-a.h
	n := math.Hypot(dx, dy)
	nx, ny := -dy/n, dx/n
	l := (low.x-high.x)*nx + (low.h-high.h)*ny
	return fmt.Sprintf(`x1="%.0f" y1="%.0f" x2="%.0f" y2="%.0f"`, high.x, high.h, high.x+nx*l, high.h+ny*l)
}

func (d *sketchpad) quarterShadow() {
	spot := func(x, z float64) pt {
		px, py := d.project(x, z, 0)
		return pt{x: px, h: py}
	}
	w, n := d.half-60, d.length
	mid, ahead, aside := spot(n/2, 0), spot(n, 0), spot(n/2, d.half)
	pool := func(along, across float64) { // the footprint as an ellipse in the road's own plane
		d.add(`<circle r="100" fill="url(#%s-s)" transform="matrix(%s %s %s %s %.0f %.0f)"/>`, idMark, num((ahead.x-mid.x)*along/100), num((ahead.h-mid.h)*along/100),
			num((aside.x-mid.x)*across/100), num((aside.h-mid.h)*across/100), mid.x, mid.h)
	}
	pool(1.16, 1.5)
	pool(1.06, 1.16)
	pool(1.02, 1.02)
	d.add(`<defs><g id="%s-t" fill="#1a1d1f">`, idMark)
	d.treads()
	d.add(`</g></defs>`)
	for _, x := range d.axles {
		d.add(`<use href="#%s-t" transform="%s"/>`, idMark, d.matrix(x, -d.half+190))
	}
	belly := func(x, h float64) pt {
		px, py := d.project(x, w*.9, h)
		return pt{x: px, h: py}
	}
	f, r := d.axles[0], d.axles[1]
	d.add(`<path d="%s" fill="#0d0f10"/>`, polygon([]pt{belly(f, 170), belly(f, 420), belly(r, 420), belly(r, 170)}))
}

// treads is a tyre seen from its running side, around the hub of its outer face: rings behind one another.
func (d *sketchpad) treads() {
	x, z := d.axles[0], d.half-24
	a, b, c, e, ox, oy := d.lens(x, z)
	ix, iy := d.project(x, z-190, d.tyre)
	det := a*e - b*c
	dx, dy := ((ix-ox)*e-(iy-oy)*c)/det, ((iy-oy)*a-(ix-ox)*b)/det
	for _, t := range []float64{1, .66, .33} {
		d.add(`<circle cx="%.0f" cy="%.0f" r="%.0f"/>`, dx*t, dy*t, d.tyre)
	}
}

// lens is how a wheel's plane, z aside of the middle, appears around its hub: an affine map.
func (d *sketchpad) lens(x, z float64) (a, b, c, e, ox, oy float64) {
	ox, oy = d.project(x, z, d.tyre)
	rx, ry := d.project(x+100, z, d.tyre)
	lx, ly := d.project(x, z, d.tyre-100)
	return (rx - ox) / 100, (ry - oy) / 100, (lx - ox) / 100, (ly - oy) / 100, ox, oy
}

func (d *sketchpad) matrix(x, z float64) string {
	a, b, c, e, ox, oy := d.lens(x, z)
	return fmt.Sprintf("matrix(%s %s %s %s %.0f %.0f)", num(a), num(b), num(c), num(e), ox, oy)
}

func (d *sketchpad) quarterPaint() {
	d.add(`<use href="#%[1]s-n" fill="%[2]s" stroke="#000" stroke-opacity=".22" stroke-width="9"/><g clip-path="url(#%[1]s-b)">`, idMark, d.spec.Paint.Hex)
	if d.spec.TwoTone {
		d.add(`<path d="%s" fill="%s"/>`, d.aboveWaist(), d.spec.RoofHex)
	}
	d.topLight()
	nose, flank := d.noseAndFlank()
	d.add(`<path d="%[1]s" fill="url(#%[3]s-q)"/><path d="%[1]s" fill="url(#%[3]s-f)"/><path d="%[2]s" fill="url(#%[3]s-p)"/><path d="%[2]s" fill="url(#%[3]s-e)"/>`, nose, flank, idMark)
	d.to = d.solid.onSide
	d.pressings()
	d.quarterCladding()
	d.quarterTrim()
	d.arches()
	d.rearLamp()
	d.add(`</g>`)
}

func (d *sketchpad) farBar() {
	if !d.spec.Rails {
		return
	}
	near := d.to
	d.to = func(p pt) (x, y float64) { return d.project(p.x, -d.aside(p.x, min(p.h, d.topOf(p.x)-40))*.92, p.h) }
	d.bars()
	d.to = near
}

func (d *sketchpad) quarterMirrors() {
	h := d.belt[0] + 6
	out := func(sign float64) placing {
		sweep := .22 + .3*sign
		return func(p pt) (x, y float64) {
			return d.project(d.glass[0].x+150+p.x*sweep, sign*(d.half-20+p.x), p.h)
		}
	}
	fill := d.mirrorPaint()
	for _, sign := range []float64{-1, 1} {
		d.to = out(sign)
		d.add(`<path d="%s" stroke="#15181a" stroke-width="34"/>`, d.line(at(-90, h+16), at(20, h+32)))
		d.add(`<path d="%s" fill="%s"/>`, d.patch(round(-16, h, 40), round(-10, h+120, 44), round(160, h+132, 60), round(186, h+46, 50), round(140, h, 40)), fill)
		d.add(`<path d="%s" fill="none" stroke="#000" stroke-opacity=".3" stroke-width="30" stroke-linecap="round"/>`, d.line(at(8, h+20), at(144, h+26)))
	}
	d.add(`<path d="%s" fill="none" stroke="#fff" stroke-opacity=".4" stroke-width="9" stroke-linecap="round"/>`, d.quad(at(8, h+104), at(80, h+118), at(140, h+110)))
}

// quarterWheels leans the side's own wheels into the picture.
func (d *sketchpad) quarterWheels() {
	d.add(`<defs>`)
	d.wheel("")
	d.add(`</defs>`)
	for _, x := range []float64{d.axles[1], d.axles[0]} {
		for _, part := range "tw" {
			d.add(`<use href="#%s-%c" transform="%s"/>`, idMark, part, d.upright(x))
		}
	}
}
