package carart

import "math"

// bins is how finely a silhouette is taken: columns of the picture, 4 mm each.
const (
	bin  = 4.0
	bins = 5600 / 4
)

// hull collects the highest and the lowest point over each column of the picture.
type hull struct{ top, low [bins]float64 }

func newHull() *hull {
	h := &hull{}
	for i := range h.top {
		h.top[i], h.low[i] = math.Inf(1), math.Inf(-1)
	}
	return h
}

// stroke takes in a line through points of the picture.
func (h *hull) stroke(pts []pt) {
	for i := 1; i < len(pts); i++ {
		a, b := pts[i-1], pts[i]
		if a.x > b.x {
			a, b = b, a
		}
		for c := max(0, int(math.Ceil(a.x/bin))); c < bins && float64(c)*bin <= b.x; c++ {
			t := 0.0
			if b.x > a.x {
				t = (float64(c)*bin - a.x) / (b.x - a.x)
			}
			y := a.h + (b.h-a.h)*t
			h.top[c], h.low[c] = min(h.top[c], y), max(h.low[c], y)
		}
	}
}

// ring is the silhouette's outline, clockwise from its left end.
func (h *hull) ring() []pt {
	var up, down []pt
	for c := range h.top {
		if math.IsInf(h.top[c], 1) {
			continue
		}
		x := float64(c) * bin
		up, down = append(up, pt{x: x, h: h.top[c]}), append(down, pt{x: x, h: h.low[c]})
	}
	up, down = thin(up, 4), thin(down, 4)
	for i := len(down) - 1; i >= 0; i-- {
		up = append(up, down[i])
	}
	return up
}

// aside is how far p stands from the line between a and z.
func aside(p, a, z pt) float64 {
	dx, dy := z.x-a.x, z.h-a.h
	t := ((p.x-a.x)*dx + (p.h-a.h)*dy) / max(dx*dx+dy*dy, 1e-9)
	q := between(a, z, max(0, min(1, t)))
	return math.Hypot(p.x-q.x, p.h-q.h)
}

// thin drops points that stand less than off beside the line without them.
func thin(pts []pt, off float64) []pt {
	if len(pts) < 3 {
		return pts
	}
	a, z, far, at := pts[0], pts[len(pts)-1], 0.0, 0
	for i, p := range pts {
		if v := aside(p, a, z); v > far {
			far, at = v, i
		}
	}
	if far <= off {
		return []pt{a, z}
	}
	left := thin(pts[:at+1], off)
	return append(left[:len(left)-1:len(left)-1], thin(pts[at:], off)...)
}

// smooth writes a ring of picture points as curves; sharp turns stay sharp.
func smooth(ring []pt) string {
	t := &trace{to: flat}
	n := len(ring)
	mid := func(i int) pt { return between(ring[i%n], ring[(i+1)%n], .5) }
	t.move(mid(n - 1))
	for i, p := range ring {
		a, b := ring[(i+n-1)%n], ring[(i+1)%n]
		turn := math.Abs(math.Remainder(math.Atan2(p.h-a.h, p.x-a.x)-math.Atan2(b.h-p.h, b.x-p.x), 2*math.Pi))
		if turn > .9 {
			t.steps('l', p).steps('l', mid(i))
			continue
		}
		t.steps('q', p, mid(i))
	}
	return string(t.close().buf)
}

// flat takes points of the picture as they are.
func flat(p pt) (x, y float64) { return p.x, p.h }

// polygon writes picture points as they are.
func polygon(pts []pt) string {
	return string((&trace{to: flat}).line(thin(pts, 2.5)).close().buf)
}

// seen is the silhouette of the whole car without its wheels.
func (d *solid) seen() []pt {
	h := newHull()
	row := func(n int, at func(t float64) (x, y float64)) {
		var pts []pt
		for i := range n + 1 {
			x, y := at(float64(i) / float64(n))
			pts = append(pts, pt{x: x, h: y})
		}
		h.stroke(pts)
	}
	end := d.run[len(d.run)-1] - 1400
	for hh := d.foot + 6; hh < d.belt[0]; hh += 8 {
		row(90, func(t float64) (x, y float64) { return d.onFront(pt{x: (2*t - 1) * end, h: hh}) })
	}
	d.rows(h, row)
	return h.ring()
}

// rows are the lines along the car: flank, bonnet, house and roof.
func (d *solid) rows(h *hull, row func(n int, at func(t float64) (x, y float64))) {
	for i := range 41 {
		u := float64(i)/20 - 1
		row(60, func(t float64) (x, y float64) {
			return d.onBonnet(pt{x: d.leanAt(d.belt[0]*.9) + 60 + t*(d.cowl-60-d.leanAt(d.belt[0]*.9)), h: u * (d.half - 60)})
		})
		row(40, func(t float64) (x, y float64) { return d.onScreen(pt{x: u, h: t}) })
		row(90, func(t float64) (x, y float64) { return d.onRoof(pt{x: d.head + t*(d.length-d.head-30), h: u}) })
	}
	for i := range 60 {
		t := float64(i) / 59
		row(120, func(u float64) (x, y float64) {
			px := d.length * (.1 + .88*u)
			lo, hi := sample(d.lows[:], px), d.topOf(px)-22
			return d.onSide(pt{x: px, h: lo + (hi-lo)*t})
		})
		row(60, func(u float64) (x, y float64) { // the far side's upper edge
			px := d.cowl + (d.length-d.cowl-40)*u
			w, hi := d.waist(px), d.topOf(px)-22
			hh := w + (hi-w)*t
			if px < d.head {
				hh = min(hh, d.topOf(max(d.cowl, px-150)))
			}
			return d.project(px, -d.aside(px, hh), hh)
		})
	}
}

// under is the lower edge of the flank.
func (d *solid) under(x float64) float64 {
	best := math.Inf(1)
	for _, e := range d.body {
		for i := range 9 {
			p, q := e.at(float64(i)/9), e.at(float64(i+1)/9)
			if lo, hi := min(p.x, q.x), max(p.x, q.x); lo <= x && x <= hi && hi > lo {
				best = min(best, p.h+(q.h-p.h)*(x-p.x)/(q.x-p.x))
			}
		}
	}
	if math.IsInf(best, 1) {
		return d.foot + 40
	}
	return best
}
