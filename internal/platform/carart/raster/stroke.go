package raster

import "math"

// strokeOf is the area a pen covers: a box for each line, a wedge at each turn, caps at the ends. All turn the
// same way round, so that where they overlap they cover once.
func strokeOf(o outline, m matrix, s style) [][]vec {
	st := &stroker{m: m, r: s.width / 2, s: s}
	for i, l := range o.lines {
		st.run(l, o.shut[i])
	}
	return st.out
}

type stroker struct {
	m   matrix
	r   float64
	s   style
	out [][]vec
}

func (st *stroker) run(l []vec, shut bool) {
	var pts []vec
	for _, p := range l {
		if n := len(pts); n == 0 || math.Hypot(p.x-pts[n-1].x, p.y-pts[n-1].y) > 1e-6 {
			pts = append(pts, p)
		}
	}
	if n := len(pts); shut && n > 1 && math.Hypot(pts[0].x-pts[n-1].x, pts[0].y-pts[n-1].y) < 1e-6 {
		pts = pts[:n-1]
	}
	n := len(pts)
	if n < 2 {
		if n == 1 && st.s.cap == "round" {
			st.dot(pts[0])
		}
		return
	}
	sides := n
	if !shut {
		sides--
	}
	for i := range sides {
		a, b := pts[i], pts[(i+1)%n]
		nx, ny := st.normal(a, b)
		st.add(vec{a.x + nx, a.y + ny}, vec{b.x + nx, b.y + ny}, vec{b.x - nx, b.y - ny}, vec{a.x - nx, a.y - ny})
		if shut || i+1 < sides {
			st.turn(a, b, pts[(i+2)%n])
		}
	}
	if !shut && st.s.cap == "round" {
		st.dot(pts[0])
		st.dot(pts[n-1])
	}
}

func (st *stroker) normal(a, b vec) (nx, ny float64) {
	d := math.Hypot(b.x-a.x, b.y-a.y)
	return -(b.y - a.y) / d * st.r, (b.x - a.x) / d * st.r
}

// turn fills the gap outside of a corner.
func (st *stroker) turn(a, b, c vec) {
	ux, uy := st.normal(a, b)
	vx, vy := st.normal(b, c)
	// The slight turns of a curve get wedges whatever the join: a row of dots would thicken its edge.
	if st.s.join == "round" && (ux*vx+uy*vy)/(st.r*st.r) < .9 {
		st.dot(b)
		return
	}
	cross := ux*vy - uy*vx
	if cross > 0 { // the outside is on the other side
		ux, uy, vx, vy = -ux, -uy, -vx, -vy
	}
	p, q := vec{b.x + ux, b.y + uy}, vec{b.x + vx, b.y + vy}
	wedge := []vec{b, p, q}
	// A sharp corner reaches as far as four times the pen, then it is cut.
	if cos := (ux*vx + uy*vy) / (st.r * st.r); 2/(1+cos) <= 16 {
		k := 1 / (1 + cos)
		wedge = []vec{b, p, {b.x + (ux+vx)*k, b.y + (uy+vy)*k}, q}
	}
	st.add(wedge...)
}

func (st *stroker) dot(c vec) {
	ring := make([]vec, 40)
	for i := range ring {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(len(ring)))
		ring[i] = vec{c.x + st.r*cos, c.y + st.r*sin}
	}
	st.add(ring...)
}

// add takes a convex piece in the picture, turned the common way.
func (st *stroker) add(pts ...vec) {
	out, area := make([]vec, len(pts)), 0.0
	for i, p := range pts {
		out[i] = st.m.at(p)
	}
	for i, p := range out {
		q := out[(i+1)%len(out)]
		area += p.x*q.y - p.y*q.x
	}
	if area < 0 {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	st.out = append(st.out, out)
}
