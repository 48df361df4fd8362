package dotmap

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Point is a place on earth in degrees.
type Point struct{ Lat, Lon float64 }

// Map is a drawing, in units of its own.
type Map struct {
	Width, Height int
	Land          string // path
	Grid          string // path
	Dots          []Dot
	Here          *Mark // the reader's place
	Bar           Bar
	Outside       int // dots that lie outside the frame
}

// Mark is a place in the drawing.
type Mark struct{ X, Y float64 }

// Dot is a numbered place. Where dots crowd, the number stands beside its place, joined by a line.
type Dot struct {
	Number int
	At     Mark
	Label  Mark
	Apart  bool
}

// TextY is the label's baseline.
func (d Dot) TextY() float64 { return round(d.Label.Y + 3.8) }

// Bar is the scale: how long a round distance is in the drawing.
type Bar struct {
	Metres int64
	X1, X2 float64
	Y      float64
}

// TextY is the baseline of the scale's words, above it.
func (b Bar) TextY() float64 { return b.Y - 8 }

const (
	width              = 360
	lowest, highest    = 240, 440 // of the drawing's height
	margin             = 16       // keeps whole labels inside
	radius             = 9.5      // of a label
	near               = 6        // dots that a map around the reader holds at least
	least              = 0.45     // degrees of latitude that a map shows at least, about 50 km
	metresToDegree     = 111_195.0
	widestBar          = 110
	mostLines          = 6
	roundsOfUntangling = 120
	mostPushes         = 400_000 // in one drawing, a few thousandths of a second
)

// Draw makes a map of dots in the order of their numbers. Without the reader's place it shows the whole
// land; with it the nearest dots, which must be the first. unit is the metres of a kilometre or a mile.
func Draw(land [][]Point, dots []Point, here *Point, unit float64) Map {
	f := frameFor(land, dots, here)
	m := Map{Width: width, Height: f.height, Land: f.land(land), Grid: f.grid(), Bar: f.bar(unit)}
	if here != nil {
		at := f.mark(*here)
		m.Here = &at
	}
	for i, p := range dots {
		at := f.mark(p)
		if at.X < margin-1 || at.X > width-margin+1 || at.Y < margin-1 || at.Y > float64(f.height)-margin+1 {
			m.Outside++
			continue
		}
		m.Dots = append(m.Dots, Dot{Number: i + 1, At: at, Label: at})
	}
	m.untangle()
	return m
}

// frame is what part of the world the drawing shows, and how large.
type frame struct {
	middle Point
	high   float64 // drawn length of a degree of latitude
	wide   float64 // of longitude, in the middle
	height int
}

func frameFor(land [][]Point, dots []Point, here *Point) frame {
	seen := dots
	if here != nil {
		seen = append([]Point{*here}, dots[:min(near, len(dots))]...)
	} else {
		for _, ring := range land {
			seen = append(seen[:len(seen):len(seen)], ring...)
		}
	}
	low, high := Point{90, 180}, Point{-90, -180}
	for _, p := range seen {
		low = Point{min(low.Lat, p.Lat), min(low.Lon, p.Lon)}
		high = Point{max(high.Lat, p.Lat), max(high.Lon, p.Lon)}
	}
	if len(seen) == 0 {
		low, high = Point{}, Point{}
	}
	f := frame{middle: Point{(low.Lat + high.Lat) / 2, (low.Lon + high.Lon) / 2}}
	narrow := max(0.1, math.Cos(f.middle.Lat*math.Pi/180)) // of a degree of longitude against one of latitude; at a pole it would vanish
	tall, broad := max(high.Lat-low.Lat, least), max((high.Lon-low.Lon)*narrow, least)
	f.high = min((width-2*margin)/broad, (highest-2*margin)/tall)
	f.height = max(lowest, int(math.Ceil(tall*f.high))+2*margin)
	f.wide = f.high * narrow
	return f
}

func (f frame) mark(p Point) Mark {
	return Mark{round(width/2 + (p.Lon-f.middle.Lon)*f.wide), round(float64(f.height)/2 - (p.Lat-f.middle.Lat)*f.high)}
}

func (f frame) land(rings [][]Point) string {
	var b strings.Builder
	for _, ring := range rings {
		for i, p := range ring {
			m := f.mark(p)
			b.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + num(m.X) + " " + num(m.Y))
		}
		b.WriteString("Z")
	}
	return b.String()
}

// grid draws a few round degrees.
func (f frame) grid() string {
	tall := float64(f.height) / f.high
	step := 0.1
	for _, s := range []float64{0.2, 0.5, 1, 2, 5, 10, 20, 50} {
		if tall/step > mostLines {
			step = s
		}
	}
	var b strings.Builder
	for _, lat := range degrees(f.middle.Lat, tall, step) {
		b.WriteString(fmt.Sprintf("M0 %sH%d", num(f.mark(Point{lat, 0}).Y), width))
	}
	for _, lon := range degrees(f.middle.Lon, width/f.wide, step) {
		b.WriteString(fmt.Sprintf("M%s 0V%d", num(f.mark(Point{0, lon}).X), f.height))
	}
	return b.String()
}

// degrees are the multiples of step in a span around a middle; few, wherever that is.
func degrees(middle, span, step float64) []float64 {
	var out []float64
	first := math.Ceil((middle - span/2) / step)
	for i := 0.0; i < 10*mostLines && (first+i)*step < middle+span/2; i++ {
		out = append(out, (first+i)*step)
	}
	return out
}

// bar is the longest of 1, 2, 5, 10, ... kilometres or miles that is not too wide.
func (f frame) bar(unit float64) Bar {
	metres := metresToDegree / f.high // in one unit of the drawing
	longest := unit
	for _, digit := range []float64{1, 2, 5, 10, 20, 50, 100, 200, 500} {
		if digit*unit/metres <= widestBar {
			longest = digit * unit
		}
	}
	y := float64(f.height) - 12
	return Bar{Metres: int64(math.Round(longest)), X1: margin, X2: round(margin + longest/metres), Y: y}
}

// untangle moves labels apart that cover one another or the reader's place. It is the same for the same
// dots, so a page that is asked for twice is the same page.
func (m *Map) untangle() {
	for range rounds(len(m.Dots)) {
		if !m.spread() {
			break
		}
	}
	for i := range m.Dots {
		d := &m.Dots[i]
		d.Label = Mark{round(d.Label.X), round(d.Label.Y)}
		d.Apart = math.Hypot(d.Label.X-d.At.X, d.Label.Y-d.At.Y) > 3
	}
}

// rounds are fewer where each is long: labels of hundreds of dots find no room however long they look for it,
// and whoever asks for the map must not keep the machine busy with that.
func rounds(dots int) int { return min(roundsOfUntangling, max(1, mostPushes/max(1, dots*dots/2))) }

// spread moves every label a little; it answers whether any had to move.
func (m *Map) spread() (moved bool) {
	for i := range m.Dots {
		l := &m.Dots[i].Label
		for j := range i {
			other := &m.Dots[j].Label
			dx, dy := push(*l, *other, 2*radius+1.5, i)
			moved = moved || math.Abs(dx)+math.Abs(dy) > 0.05
			*l, *other = Mark{l.X + dx/2, l.Y + dy/2}, Mark{other.X - dx/2, other.Y - dy/2}
		}
		if m.Here != nil {
			dx, dy := push(*l, *m.Here, radius+9, i)
			moved = moved || math.Abs(dx)+math.Abs(dy) > 0.05
			*l = Mark{l.X + dx, l.Y + dy}
		}
		*l = Mark{min(max(l.X, radius+1), width-radius-1), min(max(l.Y, radius+1), float64(m.Height)-radius-1)}
	}
	return moved
}

// push is how far a must go from b to be gap away; two in one place part in a direction of their own.
func push(a, b Mark, gap float64, i int) (dx, dy float64) {
	dx, dy = a.X-b.X, a.Y-b.Y
	far := math.Hypot(dx, dy)
	switch {
	case far >= gap:
		return 0, 0
	case far < 0.01:
		dy, dx = math.Sincos(float64(i) * 2.4)
		return dx * gap, dy * gap
	}
	return dx / far * (gap - far), dy / far * (gap - far)
}

func round(v float64) float64 { return math.Round(v*10) / 10 }

func num(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
