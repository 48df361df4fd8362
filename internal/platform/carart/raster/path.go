package raster

import (
	"fmt"
	"math"
	"strconv"
)

// pathReader walks path data.
type pathReader struct {
	s   string
	at  int
	err error
}

func (r *pathReader) blanks() {
	for r.at < len(r.s) && (r.s[r.at] == ' ' || r.s[r.at] == ',') {
		r.at++
	}
}

// more tells whether a number comes next.
func (r *pathReader) more() bool {
	r.blanks()
	if r.at >= len(r.s) {
		return false
	}
	c := r.s[r.at]
	return c == '-' || c == '.' || c >= '0' && c <= '9'
}

func (r *pathReader) number() float64 {
	r.blanks()
	from, dot := r.at, false
	for ; r.at < len(r.s); r.at++ {
		c := r.s[r.at]
		if c == '-' && r.at == from || c >= '0' && c <= '9' {
			continue
		}
		if c == '.' && !dot {
			dot = true
			continue
		}
		break
	}
	v, err := strconv.ParseFloat(r.s[from:r.at], 64)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("path data %q at %d", r.s, from)
	}
	return v
}

// pen collects lines.
type pen struct {
	outline
	now, first vec
	open       bool
}

func (p *pen) move(to vec) {
	p.now, p.first, p.open = to, to, false
}

func (p *pen) line(to vec) {
	if !p.open {
		p.lines, p.shut, p.open = append(p.lines, []vec{p.now}), append(p.shut, false), true
	}
	i := len(p.lines) - 1
	p.lines[i] = append(p.lines[i], to)
	p.now = to
}

func (p *pen) close() {
	if p.open {
		p.shut[len(p.shut)-1] = true
	}
	p.now, p.open = p.first, false
}

// curve cuts a Bezier curve of any degree into lines.
func (p *pen) curve(ctrl ...vec) {
	pts := append([]vec{p.now}, ctrl...)
	const cuts = 20
	for i := 1; i <= cuts; i++ {
		t, q := float64(i)/cuts, append([]vec{}, pts...)
		for n := len(q) - 1; n > 0; n-- {
			for j := range n {
				q[j] = vec{q[j].x + (q[j+1].x-q[j].x)*t, q[j].y + (q[j+1].y-q[j].y)*t}
			}
		}
		p.line(q[0])
	}
}

// arc follows a circle of radius r; SVG's general arcs are none of ours.
func (p *pen) arc(r float64, large, sweep bool, to vec) {
	from := p.now
	dx, dy := (from.x-to.x)/2, (from.y-to.y)/2
	half := math.Hypot(dx, dy)
	if half == 0 || r == 0 {
		p.line(to)
		return
	}
	r = max(r, half)
	k := math.Sqrt(r*r-half*half) / half
	if large != sweep {
		k = -k
	}
	c := vec{(from.x+to.x)/2 - k*dy, (from.y+to.y)/2 + k*dx}
	a0, a1 := math.Atan2(from.y-c.y, from.x-c.x), math.Atan2(to.y-c.y, to.x-c.x)
	if sweep && a1 < a0 {
		a1 += 2 * math.Pi
	}
	if !sweep && a1 > a0 {
		a1 -= 2 * math.Pi
	}
	for i := 1; i <= 16; i++ {
		sin, cos := math.Sincos(a0 + (a1-a0)*float64(i)/16)
		p.line(vec{c.x + r*cos, c.y + r*sin})
	}
}

func parsePath(d string) (outline, error) {
	r, p := &pathReader{s: d}, &pen{}
	for r.blanks(); r.at < len(r.s) && r.err == nil; r.blanks() {
		c := r.s[r.at]
		r.at++
		if c == 'Z' || c == 'z' {
			p.close()
			continue
		}
		for first := true; (first || r.more()) && r.err == nil; first = false {
			if c = r.step(p, c); c == 0 {
				return p.outline, fmt.Errorf("path data %q at %d", d, r.at)
			}
		}
	}
	return p.outline, r.err
}

// step reads the numbers of one command and draws; it answers the command that further numbers mean.
func (r *pathReader) step(p *pen, c byte) byte {
	from := p.now
	point := func() vec {
		v := vec{r.number(), r.number()}
		if c >= 'a' {
			v.x, v.y = v.x+from.x, v.y+from.y
		}
		return v
	}
	switch c {
	case 'M', 'm':
		p.move(point())
		return c - 'M' + 'L'
	case 'L', 'l':
		p.line(point())
	case 'Q', 'q':
		p.curve(point(), point())
	case 'C', 'c':
		p.curve(point(), point(), point())
	case 'A', 'a':
		radius := r.number()
		r.number()
		r.number()
		large, sweep := r.number() != 0, r.number() != 0
		p.arc(radius, large, sweep, point())
	default:
		return 0
	}
	return c
}
