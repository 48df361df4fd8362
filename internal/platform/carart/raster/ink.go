package raster

import (
	"math"
	"strconv"
	"strings"
)

// colour has parts of 0 to 255 and an alpha of 0 to 1.
type colour struct{ r, g, b, a float64 }

// inkOf is the colour at a place of the picture.
type inkOf func(x, y float64) colour

func (p *painter) ink(paint string, alpha float64, o outline, m matrix) inkOf {
	if !strings.HasPrefix(paint, "url(") {
		c := p.colour(paint)
		c.a = alpha
		return func(_, _ float64) colour { return c }
	}
	g := p.d.ids[reference(paint)]
	if g == nil {
		p.fail("no paint %q", paint)
		return nil
	}
	if g.attr["gradientUnits"] != "userSpaceOnUse" {
		lo, hi := o.box()
		m = m.then(matrix{hi.x - lo.x, 0, 0, hi.y - lo.y, lo.x, lo.y})
	}
	back, ok := m.inverse()
	if !ok {
		return nil // a line has no box to spread a gradient over
	}
	stops := p.stops(g)
	if g.name == "radialGradient" {
		return func(x, y float64) colour {
			v := back.at(vec{x, y})
			return stops.at(math.Hypot(v.x-.5, v.y-.5)/.5, alpha)
		}
	}
	from, to := vec{p.number(g, "x1"), p.number(g, "y1")}, vec{1, p.number(g, "y2")}
	if _, said := g.attr["x2"]; said {
		to.x = p.number(g, "x2")
	}
	dx, dy := to.x-from.x, to.y-from.y
	l := dx*dx + dy*dy
	return func(x, y float64) colour {
		v := back.at(vec{x, y})
		return stops.at(((v.x-from.x)*dx+(v.y-from.y)*dy)/l, alpha)
	}
}

type stop struct {
	at float64
	colour
}

type ramp []stop

func (p *painter) stops(g *node) ramp {
	if ref := g.attr["href"]; ref != "" && len(g.kids) == 0 {
		if g = p.d.ids[strings.TrimPrefix(ref, "#")]; g == nil {
			p.fail("no gradient %q", ref)
			return nil
		}
	}
	var out ramp
	for _, k := range g.kids {
		s := stop{at: p.number(k, "offset"), colour: colour{a: 1}}
		if c, ok := k.attr["stop-color"]; ok {
			s.colour = p.colour(c)
			s.a = 1
		}
		if _, ok := k.attr["stop-opacity"]; ok {
			s.a = p.number(k, "stop-opacity")
		}
		out = append(out, s)
	}
	return out
}

func (r ramp) at(t, alpha float64) colour {
	if len(r) == 0 {
		return colour{}
	}
	c := r[len(r)-1].colour
	for i, s := range r {
		if t > s.at {
			continue
		}
		c = s.colour
		if i > 0 && s.at > r[i-1].at {
			q, k := r[i-1].colour, (t-r[i-1].at)/(s.at-r[i-1].at)
			c = colour{q.r + (c.r-q.r)*k, q.g + (c.g-q.g)*k, q.b + (c.b-q.b)*k, q.a + (c.a-q.a)*k}
		}
		break
	}
	c.a *= alpha
	return c
}

// colour reads #rgb and #rrggbb.
func (p *painter) colour(s string) colour {
	h := strings.TrimPrefix(s, "#")
	if len(h) == 3 {
		h = string([]byte{h[0], h[0], h[1], h[1], h[2], h[2]})
	}
	v, err := strconv.ParseUint(h, 16, 32)
	if err != nil || len(h) != 6 || h == s {
		p.fail("colour %q", s)
	}
	return colour{float64(v >> 16 & 255), float64(v >> 8 & 255), float64(v & 255), 1}
}
