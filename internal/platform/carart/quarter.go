package carart

import (
	"fmt"
	"math"
	"sync"
)

// cast is a body's third dimension and its silhouette; they are made once.
type cast struct {
	*solid
	outline string
}

var casts = sync.OnceValue(func() map[Body]cast {
	out := map[Body]cast{}
	for b, s := range shapes {
		d := newSolid(s)
		out[b] = cast{d, smooth(d.seen())}
	}
	return out
})

// quarter draws the three-quarter view: the side's own layers put on a skin in space, and the front.
func (d *sketchpad) quarter() picture {
	c := casts()[d.spec.Body]
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
	d.add(`<clipPath id="%s-b"><path d="%s"/></clipPath><clipPath id="%s-d"><path d="%s"/></clipPath></defs>`, idMark, d.bodyPath, idMark, d.glassPath)
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
	d.add(`<path d="%s" fill="%s" stroke="#000" stroke-opacity=".22" stroke-width="9"/><g clip-path="url(#%s-b)">`, d.bodyPath, d.spec.Paint.Hex, idMark)
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

// aboveWaist is what a second colour covers: posts and roof.
func (d *sketchpad) aboveWaist() string {
	d.to = d.solid.onScreen
	pts := []pt{d.xy(at(-1.04, -.02)), d.xy(at(1.0, -.02))}
	d.to = d.solid.onSide
	for i := range 9 {
		x := d.cowl + 150 + (d.length-d.cowl-350)*float64(i)/8
		pts = append(pts, d.xy(at(x, d.waist(x)+70*float64(i)/8)))
	}
	end, start := pts[len(pts)-1], pts[0]
	pts = append(pts, pt{x: end.x + 400, h: end.h}, pt{x: end.x + 400, h: d.sky()}, pt{x: start.x, h: d.sky()})
	return polygon(pts)
}

// polygon writes picture points as they are.
func polygon(pts []pt) string {
	return string((&trace{to: flat}).line(thin(pts, 2.5)).close().buf)
}

// noseAndFlank are the two halves of the lower body, parted where the corner turns.
func (d *sketchpad) noseAndFlank() (nose, flank string) {
	var edge, crest []pt
	d.to = d.solid.onFront
	s := d.half * 1.06
	lip := d.onFace(at(0, 1)).h
	for i := range 9 {
		edge = append(edge, d.xy(at(s, d.foot+5+(lip-d.foot)*float64(i)/8)))
	}
	var brow []pt
	for i := range 9 {
		brow = append(brow, d.xy(at(s-2*s*float64(i)/8, lip)))
	}
	nose = polygon(append(append(append([]pt{}, edge...), brow...), pt{h: brow[len(brow)-1].h}, pt{h: edge[0].h + 200}, pt{x: edge[0].x, h: edge[0].h + 200}))
	crest = append(crest, d.bonnetEdge(d.half * .8)[1:]...)
	d.to = d.solid.onScreen
	for i := range 5 {
		crest = append(crest, d.xy(at(1, float64(i)/4)))
	}
	d.to = d.solid.onRoof
	for i := range 9 {
		crest = append(crest, d.xy(at(d.head+60+(d.roof[1]+40-d.head)*float64(i)/8, .97)))
	}
	end := crest[len(crest)-1]
	flank = polygon(append(append(append([]pt{}, edge...), crest...), pt{x: end.x + 900, h: end.h - 300}, pt{x: end.x + 900, h: edge[0].h + 200}, pt{x: edge[0].x, h: edge[0].h + 200}))
	return nose, flank
}

// bonnetEdge is where the bonnet ends, z aside of its middle, from nose to cowl.
func (d *sketchpad) bonnetEdge(z float64) (out []pt) {
	d.to = d.solid.onBonnet
	lip := d.leanAt(d.onFace(at(0, .9)).h)
	for i := range 7 {
		x := lip + .8*d.bow(z) + (d.cowl-20-lip-.4*d.bow(z))*float64(i)/6
		out = append(out, d.xy(at(x, z*(1-.02*float64(i)))))
	}
	return out
}

// topLight is the sky on bonnet and roof, and the shut line around the bonnet.
func (d *sketchpad) topLight() {
	d.to = d.solid.onBonnet
	w, lip := d.half*.8, d.leanAt(d.onFace(at(0, .9)).h)
	near, far := d.bonnetEdge(w), d.bonnetEdge(-w)
	d.to = d.solid.onBonnet
	ring := append([]pt{}, near...)
	for i := len(far) - 1; i >= 0; i-- {
		ring = append(ring, far[i])
	}
	d.add(`<path d="%s" fill="url(#%s-h)"/>`, polygon(ring), idMark)
	fold := func(z float64) string {
		return d.line(at(lip+140, z), at(lip+350, z*1.06), at(d.cowl-40, z*1.25))
	}
	d.add(`<path d="%s" fill="none" stroke="#fff" stroke-opacity=".3" stroke-width="16"/>`, fold(w*.55)+fold(-w*.55))
	open := &trace{to: flat}
	open.line(thin(near, 2)).line(thin(far, 2))
	d.add(`<path d="%s" fill="none" stroke="#000" stroke-opacity=".36" stroke-width="8"/>`, open.buf)
	d.to = d.solid.onRoof
	var roof []pt
	for i := range 9 {
		roof = append(roof, d.xy(at(d.head+60+(d.roof[1]-d.head)*float64(i)/8, .96)))
	}
	for i := range 9 {
		roof = append(roof, d.xy(at(d.roof[1]+60-(d.roof[1]-d.head)*float64(i)/8, -.96)))
	}
	d.add(`<path d="%s" fill="url(#%s-h)"/>`, polygon(roof), idMark)
}

func (d *sketchpad) windscreen() {
	d.to = d.solid.onScreen
	patch := func(aside, low, high float64) string {
		var pts []pt
		for i := range 7 {
			pts = append(pts, d.xy(at(aside*(float64(i)/3-1), low)))
		}
		for i := range 7 {
			pts = append(pts, d.xy(at((aside-.02)*(1-float64(i)/3), high)))
		}
		return polygon(pts)
	}
	d.add(`<path d="%s" fill="#0b0d0e"/><path d="%s" fill="url(#%s-g)"/>`, patch(.95, -.03, .99), patch(.9, .06, .93), idMark)
	d.add(`<path d="%s" fill="#0b0d0e" fill-opacity=".5"/>`, d.patch(round(.3, .08, .05), round(.33, .5, .1), round(.62, .5, .1), round(.7, .08, .05))+d.patch(round(-.62, .08, .05), round(-.6, .5, .1), round(-.3, .5, .1), round(-.28, .08, .05)))
	d.add(`<path d="%s" fill="#fff" fill-opacity=".12"/>`, d.line(at(-.75, .06), at(-.2, .93), at(.12, .93), at(-.45, .06))+"Z"+d.line(at(-.3, .06), at(.24, .93), at(.3, .93), at(-.22, .06))+"Z")
	d.add(`<path d="%s" fill="none" stroke="#050606" stroke-width="13" stroke-linecap="round"/>`, d.line(at(.06, .02), at(.72, .09))+d.line(at(-.66, .02), at(.02, .09)))
}

func (d *sketchpad) rearLamp() {
	d.add(`<path d="%s" fill="#8e0f1b"/>`, d.rounded(d.tail, 22))
}

// quarterCladding is the plastic around nose and sills.
func (d *sketchpad) quarterCladding() {
	f, r, w, sill, n := d.axles[0], d.axles[1], d.tyre, d.sill, d.length
	high, arch, rear := d.foot+70, d.foot+100, sill+60
	if d.clad > 0 {
		high, arch, rear = sill+110, sill+80, sill+170
	}
	end := d.run[60]
	d.to = d.solid.onFront
	var skirt []pt
	for i := range 13 {
		skirt = append(skirt, d.xy(at(-end+2*end*float64(i)/12, high)))
	}
	left, right := skirt[0], skirt[len(skirt)-1]
	d.to = d.solid.onSide
	for _, p := range []pt{at(f-w, arch), at(f, sill), at(r, sill+10), at(r+w, sill+90), at(n-380, rear)} {
		skirt = append(skirt, d.xy(p))
	}
	tail := skirt[len(skirt)-1]
	skirt = append(skirt, pt{x: tail.x + 500, h: tail.h - 60}, pt{x: tail.x + 500, h: right.h + 400}, pt{x: left.x - 200, h: right.h + 400})
	d.add(`<path d="%s" fill="url(#%s-k)"/>`, polygon(skirt), idMark)
	if d.clad >= 1 {
		d.add(`<path d="%s" fill="none" stroke="#c3c8cb" stroke-width="15"/>`, d.line(at(f+w+120, sill-45), at(r-w-120, sill-35)))
	}
}

func (d *sketchpad) quarterTrim() {
	d.to = d.solid.onSide
	switch d.spec.Trim {
	case Rugged:
		d.stripe(copper)
	case Chrome:
		d.stripe("#d5d9dc")
	case Sport:
		d.stripe("#101315")
		x := d.roof[1]
		d.to = d.solid.onRoof
		d.add(`<path d="%s" fill="#101315"/>`, d.line(at(x-190, -1), at(x-190, 1), at(x+60, 1), at(x+60, -1)))
	}
	d.to = d.solid.onSide
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
