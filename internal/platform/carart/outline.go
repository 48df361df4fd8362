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

// trace writes path data; off moves the car to the middle of the picture.
type trace struct {
	buf []byte
	off float64
}

func (t *trace) pair(p pt) *trace {
	t.buf = strconv.AppendInt(t.buf, int64(math.Round(p.x+t.off)), 10)
	t.buf = append(t.buf, ' ')
	t.buf = strconv.AppendInt(t.buf, int64(math.Round(ground-p.h)), 10)
	return t
}

func (t *trace) op(c byte) *trace {
	t.buf = append(t.buf, c)
	return t
}

func (t *trace) line(pts []pt) *trace {
	for i, p := range pts {
		if i == 0 {
			t.op('M').pair(p)
		} else {
			t.op('L').pair(p)
		}
	}
	return t
}

func (t *trace) closed(o []bend) *trace {
	t.op('M').pair(o[0].a)
	for _, e := range o {
		t.op('Q').pair(e.c).op(' ').pair(e.z)
	}
	return t.op('Z')
}
