package raster

import (
	"fmt"
	"image"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/vector"
)

type vec struct{ x, y float64 }

// matrix maps x to a*x + c*y + e and y to b*x + d*y + f.
type matrix struct{ a, b, c, d, e, f float64 }

func (m matrix) at(p vec) vec { return vec{m.a*p.x + m.c*p.y + m.e, m.b*p.x + m.d*p.y + m.f} }

// then is inner first, m after it.
func (m matrix) then(in matrix) matrix {
	return matrix{m.a*in.a + m.c*in.b, m.b*in.a + m.d*in.b, m.a*in.c + m.c*in.d, m.b*in.c + m.d*in.d, m.a*in.e + m.c*in.f + m.e, m.b*in.e + m.d*in.f + m.f}
}

func (m matrix) inverse() (matrix, bool) {
	det := m.a*m.d - m.b*m.c
	if math.Abs(det) < 1e-12 {
		return m, false
	}
	return matrix{m.d / det, -m.b / det, -m.c / det, m.a / det, (m.c*m.f - m.d*m.e) / det, (m.b*m.e - m.a*m.f) / det}, true
}

func parseTransform(s string) (matrix, error) {
	name, rest, ok := strings.Cut(strings.TrimSuffix(s, ")"), "(")
	var n []float64
	for _, f := range strings.Fields(rest) {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return matrix{}, err
		}
		n = append(n, v)
	}
	switch {
	case ok && name == "matrix" && len(n) == 6:
		return matrix{n[0], n[1], n[2], n[3], n[4], n[5]}, nil
	case ok && name == "translate" && len(n) == 2:
		return matrix{1, 0, 0, 1, n[0], n[1]}, nil
	case ok && name == "scale" && len(n) == 1:
		return matrix{n[0], 0, 0, n[0], 0, 0}, nil
	case ok && name == "rotate" && len(n) == 1:
		sin, cos := math.Sincos(n[0] * math.Pi / 180)
		return matrix{cos, sin, -sin, cos, 0, 0}, nil
	}
	return matrix{}, fmt.Errorf("transform %q", s)
}

// outline is a shape in its own units, curves cut into lines.
type outline struct {
	lines [][]vec
	shut  []bool
}

func (o outline) box() (lo, hi vec) {
	lo, hi = vec{math.Inf(1), math.Inf(1)}, vec{math.Inf(-1), math.Inf(-1)}
	for _, l := range o.lines {
		for _, p := range l {
			lo, hi = vec{min(lo.x, p.x), min(lo.y, p.y)}, vec{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	return lo, hi
}

func (p *painter) outline(n *node) outline {
	if n.name == "path" {
		o, err := parsePath(n.attr["d"])
		if err != nil {
			p.fail("%v", err)
		}
		return o
	}
	rx, ry := p.number(n, "rx"), p.number(n, "ry")
	if n.name == "circle" {
		rx = p.number(n, "r")
		ry = rx
	}
	const corners = 96
	ring := make([]vec, corners)
	for i := range ring {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		ring[i] = vec{p.number(n, "cx") + rx*cos, p.number(n, "cy") + ry*sin}
	}
	return outline{[][]vec{ring}, []bool{true}}
}

func fillOf(o outline, m matrix) [][]vec {
	out := make([][]vec, len(o.lines))
	for i, l := range o.lines {
		out[i] = make([]vec, len(l))
		for j, p := range l {
			out[i][j] = m.at(p)
		}
	}
	return out
}

// cover is how much of each pixel polygons cover: a mask and where it begins; nil when it misses the picture.
func cover(polys [][]vec, b image.Rectangle) (*image.Alpha, image.Point) {
	lo, hi := outline{lines: polys}.box()
	if math.IsInf(lo.x, 1) {
		return nil, image.Point{}
	}
	part := image.Rect(int(math.Floor(clampTo(lo.x))), int(math.Floor(clampTo(lo.y))), int(math.Ceil(clampTo(hi.x))), int(math.Ceil(clampTo(hi.y)))).Intersect(b)
	if part.Empty() {
		return nil, image.Point{}
	}
	r := vector.NewRasterizer(part.Dx(), part.Dy())
	for _, l := range polys {
		for i, p := range l {
			x, y := float32(p.x-float64(part.Min.X)), float32(p.y-float64(part.Min.Y))
			if i == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	mask := image.NewAlpha(image.Rect(0, 0, part.Dx(), part.Dy()))
	r.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	return mask, part.Min
}

func clampTo(v float64) float64 { return max(-1e5, min(1e5, v)) }
