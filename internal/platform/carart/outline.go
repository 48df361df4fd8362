package carart

import (
	"math"
	"strconv"
)

// The drawing's unit is the millimetre: x from the left of the picture, y down from its top. Shapes are
// described in x from the nose and h above the ground.
const (
	width  = 5000
	ground = 1720 // y of the road
	height = 1860
)

// pt is a corner: its place, the radius it is rounded with, and how far the edge to the next corner bows out.
type pt struct{ x, h, r, bow float64 }

// bend is one quadratic curve.
type bend struct{ a, c, z pt }

func (e bend) at(t float64) pt {
	u := 1 - t
	return pt{x: u*u*e.a.x + 2*u*t*e.c.x + t*t*e.z.x, h: u*u*e.a.h + 2*u*t*e.c.h + t*t*e.z.h}
}

// cut is the part of e between two of its parameters.
func (e bend) cut(t0, t1 float64) bend {
	p, q, s := (1-t0)*(1-t1), t0+t1-2*t0*t1, t0*t1
	mid := pt{x: p*e.a.x + q*e.c.x + s*e.z.x, h: p*e.a.h + q*e.c.h + s*e.z.h}
	return bend{e.at(t0), mid, e.at(t1)}
}

func (e bend) length() float64 { return math.Hypot(e.z.x-e.a.x, e.z.h-e.a.h) }

// edges are the bowed sides of a polygon.
func edges(pts []pt) []bend {
	out := make([]bend, len(pts))
	for i, a := range pts {
		z := pts[(i+1)%len(pts)]
		d := math.Hypot(z.x-a.x, z.h-a.h)
		if d == 0 {
			d = 1
		}
		c := pt{x: (a.x+z.x)/2 - (z.h-a.h)/d*2*a.bow, h: (a.h+z.h)/2 + (z.x-a.x)/d*2*a.bow}
		out[i] = bend{a, c, z}
	}
	return out
}

// outline rounds the corners of a bowed polygon: alternating corner and side, closed.
func outline(pts []pt) []bend {
	es := edges(pts)
	sides := make([]bend, len(es))
	for i, e := range es {
		z := pts[(i+1)%len(pts)]
		t0 := math.Min(.49, pts[i].r/e.length())
		t1 := 1 - math.Min(.49, z.r/e.length())
		sides[i] = e.cut(t0, t1)
	}
	out := make([]bend, 0, 2*len(es))
	for i, s := range sides {
		next := (i + 1) % len(sides)
		out = append(out, s, bend{s.z, pts[next], sides[next].a})
	}
	return out
}

// topAt is the highest point of an outline over x.
func topAt(o []bend, x float64) float64 {
	top := 0.0
	for _, e := range o {
		for i := range 9 {
			p, q := e.at(float64(i)/9), e.at(float64(i+1)/9)
			if p.x <= x && x <= q.x && q.x > p.x {
				top = math.Max(top, p.h+(q.h-p.h)*(x-p.x)/(q.x-p.x))
			}
		}
	}
	return top
}

// placing says where in the picture a point of the car's side stands.
type placing func(p pt) (x, y float64)

// trace writes path data: each path begins at a place of the picture and goes on in steps, which is shorter.
// Steps start from the rounded place before them, so that no error adds up.
type trace struct {
	buf  []byte
	to   placing
	x, y int  // where the pen is
	last byte // the command before, not written twice
}

func (t *trace) spot(p pt) (x, y int) {
	px, py := t.to(p)
	return int(math.Round(px)), int(math.Round(py))
}

// write adds a command and its numbers.
func (t *trace) write(c byte, n ...int) {
	said := c == t.last
	if !said {
		t.buf = append(t.buf, c)
	}
	t.last = c
	for i, v := range n {
		if v >= 0 && (i > 0 || said) {
			t.buf = append(t.buf, ' ')
		}
		t.buf = strconv.AppendInt(t.buf, int64(v), 10)
	}
}

func (t *trace) move(p pt) *trace {
	t.x, t.y = t.spot(p)
	t.last = 0
	t.write('M', t.x, t.y)
	return t
}

// steps draws with command c through control points to an end.
func (t *trace) steps(c byte, pts ...pt) *trace {
	var n [6]int
	x, y := t.x, t.y
	for i, p := range pts {
		x, y = t.spot(p)
		n[2*i], n[2*i+1] = x-t.x, y-t.y
	}
	t.write(c, n[:2*len(pts)]...)
	t.x, t.y = x, y
	return t
}

func (t *trace) close() *trace {
	t.buf, t.last = append(t.buf, 'Z'), 'Z'
	return t
}

func (t *trace) line(pts []pt) *trace {
	for i, p := range pts {
		if i == 0 {
			t.move(p)
		} else {
			t.steps('l', p)
		}
	}
	return t
}

func (t *trace) closed(o []bend) *trace {
	t.move(o[0].a)
	for _, e := range o {
		if x, y := t.spot(e.z); x == t.x && y == t.y {
			continue // a corner without a radius
		}
		if math.Hypot(2*e.c.x-e.a.x-e.z.x, 2*e.c.h-e.a.h-e.z.h) < .004*e.length() {
			t.steps('l', e.z)
		} else {
			t.steps('q', e.c, e.z)
		}
	}
	return t.close()
}
