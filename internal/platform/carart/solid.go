package carart

import "math"

// Where the viewer of the three-quarter view stands: ahead and to the left of the car, a tall person's eye
// on a step. The picture plane stays upright, so posts and wheels do too.
const (
	yaw      = 35 * math.Pi / 180
	distance = 11000.0
	eye      = 1800.0
	zoom     = .885
)

// solid is a shape with its third dimension: horizontal cuts, each a rectangle with rounded corners, stacked
// by the side's own outline, and the glass house leaning inwards on top.
type solid struct {
	shape
	half  float64
	body  []bend
	cowl  float64 // x at which the wind screen begins
	head  float64 // x at which it ends
	foot  float64 // lowest h of the body
	lean  [160]float64
	tops  [500]float64 // h of the outline's upper edge every step of x
	lows  [500]float64 // and of its lower edge
	plan  []pt         // the front's skin from above: x behind the nose, h aside
	run   []float64    // way along plan
	shift [2]float64   // moves the projection into the picture
}

const step = 10.0 // mm between samples of the outline

func newSolid(s shape) *solid {
	d := &solid{shape: s, half: s.front.width / 2, body: outline(s.body)}
	front, _ := s.screens()
	d.cowl, d.head = s.body[front].x, s.body[front+1].x
	d.foot = s.body[0].h
	for i := range d.lean {
		d.lean[i] = d.nose(float64(i) * step)
	}
	for i := range d.tops {
		d.tops[i], d.lows[i] = topAt(d.body, float64(i)*step), d.under(float64(i)*step)
	}
	for i := range 61 {
		t := float64(i) / 60
		z := d.half * math.Sin(t*math.Pi/2)
		d.plan = append(d.plan, pt{x: d.bow(z), h: z})
	}
	d.plan = append(d.plan, pt{x: d.front.depth + 1500, h: d.half})
	d.run = make([]float64, len(d.plan))
	for i := 1; i < len(d.plan); i++ {
		d.run[i] = d.run[i-1] + math.Hypot(d.plan[i].x-d.plan[i-1].x, d.plan[i].h-d.plan[i-1].h)
	}
	d.centre()
	return d
}

// nose is the x of the outline's front edge at a height.
func (d *solid) nose(h float64) float64 {
	best := math.Inf(1)
	for _, e := range d.body {
		for i := range 9 {
			p, q := e.at(float64(i)/9), e.at(float64(i+1)/9)
			if lo, hi := min(p.h, q.h), max(p.h, q.h); lo <= h && h <= hi && hi > lo {
				best = min(best, p.x+(q.x-p.x)*(h-p.h)/(q.h-p.h))
			}
		}
	}
	if math.IsInf(best, 1) {
		return d.cowl
	}
	return min(best, d.cowl)
}

// sample reads a table between its entries.
func sample(t []float64, at float64) float64 {
	at = max(0, min(at/step, float64(len(t)-1)-1e-6))
	i := int(at)
	return t[i] + (t[i+1]-t[i])*(at-float64(i))
}

func (d *solid) leanAt(h float64) float64 { return sample(d.lean[:], max(h, d.foot+5)) }

func (d *solid) topOf(x float64) float64 { return sample(d.tops[:], x) }

// bow is how far the front's skin lies behind the nose, aside of the middle.
func (d *solid) bow(z float64) float64 {
	u := min(1, math.Abs(z)/d.half)
	return d.front.depth * (1 - math.Pow(1-math.Pow(u, d.front.square), 1/d.front.square))
}

// halfAt is the body's half width, in a cut whose nose is at 0 and whose tail is at n.
func (d *solid) halfAt(x, n float64) float64 {
	corner := func(x, depth, square float64) float64 {
		if x >= depth {
			return 1
		}
		t := max(0, x/depth)
		return math.Pow(1-math.Pow(1-t, square), 1/square)
	}
	return d.half * corner(x, d.front.depth, d.front.square) * corner(n-x, 330, 2.6)
}

// waist is the upper edge of the flank: bonnet, window line, boot.
func (d *solid) waist(x float64) float64 {
	t := (x - d.doors[0]) / (d.doors[2] - d.doors[0])
	return min(d.belt[0]-24+(d.belt[1]-d.belt[0])*max(0, t), d.topOf(x)-6)
}

// tuck is how far the skin lies inside its widest line.
func (d *solid) tuck(x, h float64) float64 {
	low := max(0, (d.crease[0]-h)/(d.crease[0]-d.foot))
	up := max(0, min(1, 1-(d.waist(max(x, d.axles[0]))-h)/150))
	return 52*low*low + 58*up*up
}

// aside is the z of the near side's skin.
func (d *solid) aside(x, h float64) float64 {
	w := d.waist(x)
	z := d.halfAt(x-d.leanAt(min(h, w)), d.length-d.leanAt(min(h, w))) - d.tuck(x, min(h, w))
	if h > w {
		z -= 14 + d.front.tumble*(h-w)
		if x > d.cowl {
			t := (x - d.cowl) / (d.length - d.cowl)
			z -= 70 * t * t
		}
	}
	return z
}

// project is the picture's point of a place in space; z points at the side that is near.
func (d *solid) project(x, z, h float64) (px, py float64) {
	sin, cos := math.Sincos(yaw)
	x -= d.length / 2
	s := zoom * distance / (distance + x*sin - z*cos)
	return (x*cos+z*sin)*s + d.shift[0], (eye-h)*s + d.shift[1]
}

// centre puts the car in the middle of the picture and its nearest wheel on the road.
func (d *solid) centre() {
	l, _ := d.onFront(pt{x: -d.half * .97, h: 500})
	r, _ := d.onSide(pt{x: d.length - 100, h: 700})
	_, low := d.project(d.axles[0], d.half, 0)
	d.shift = [2]float64{(width - l - r) / 2, ground + 88 - low}
}

// onSide places a point of the side view on the near side.
func (d *solid) onSide(p pt) (x, y float64) { return d.project(p.x, d.aside(p.x, p.h), p.h) }

// onFront places a point of the front: x runs along the skin from the middle, to the near side positive.
func (d *solid) onFront(p pt) (x, y float64) {
	s, sign := math.Abs(p.x), 1.0
	if p.x < 0 {
		sign = -1
	}
	i := 1
	for i < len(d.run)-1 && d.run[i] < s {
		i++
	}
	t := (s - d.run[i-1]) / (d.run[i] - d.run[i-1])
	px, pz := d.plan[i-1].x+(d.plan[i].x-d.plan[i-1].x)*t, d.plan[i-1].h+(d.plan[i].h-d.plan[i-1].h)*t
	px += d.leanAt(p.h)
	pz *= 1 - d.tuck(px, p.h)/d.half
	return d.project(px, sign*pz, p.h)
}

// onBonnet places a point seen from above: x behind the nose, h aside of the middle.
func (d *solid) onBonnet(p pt) (x, y float64) {
	return d.project(p.x, p.h, d.topOf(max(0, min(p.x-.8*d.bow(p.h), d.cowl)))-18*(p.h/d.half)*(p.h/d.half))
}

// onScreen places a point of the wind screen: x goes from one post (-1) to the other (1), h from cowl (0)
// to roof (1).
func (d *solid) onScreen(p pt) (x, y float64) {
	cx := d.cowl + (d.head-d.cowl)*p.h
	h := d.topOf(cx)
	back := (150 - 90*p.h) * p.x * p.x
	cx += back
	z := d.aside(max(cx, d.cowl+120), max(h, d.waist(d.cowl+120)+1)) - 26
	return d.project(cx, z*p.x, h-(12+30*p.h)*p.x*p.x)
}

// onRoof places a point of the roof: x along the car, h from one side (-1) to the other (1).
func (d *solid) onRoof(p pt) (x, y float64) {
	h := d.topOf(p.x)
	return d.project(p.x, (d.aside(p.x, h-20))*p.h, h-46*p.h*p.h)
}
