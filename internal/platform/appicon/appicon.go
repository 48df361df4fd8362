package appicon

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strconv"
	"strings"
)

// Colours are what the mark is painted in, each as "#rrggbb".
type Colours struct{ Ground, Car, Rims string }

// Shape says how the icon will be worn.
type Shape int

const (
	// Tile has round corners of its own.
	Tile Shape = iota
	// Full bleeds to the edges, for systems that cut the corners themselves.
	Full
	// Maskable bleeds to the edges and keeps the car inside the circle that every mask leaves.
	Maskable
)

// The drawing is 32 units wide. The car stands on the ground line; wheel arches are cut out of it.
const (
	wide    = 32.0
	corner  = 7.0
	arch    = 3.3
	rim     = 2.2
	wheelY  = 22.0
	samples = 4 // in each direction of a pixel
)

var wheels = [2]float64{9.95, 22.55}

type point struct{ x, y float64 }

// body is the car's outline: a start and cubic curves, three points each. A straight line is a curve whose
// handles lie on it.
var body = []point{{4, 20.5},
	{4, 18}, {6, 17.5}, {8.5, 17},
	{9.67, 15.6}, {10.83, 14.2}, {12, 12.8},
	{12.7, 12}, {13.5, 11.5}, {14.6, 11.5},
	{16.4, 11.5}, {18.2, 11.5}, {20, 11.5},
	{21.2, 11.5}, {22, 12}, {22.7, 12.9},
	{23.63, 14.2}, {24.57, 15.5}, {25.5, 16.8},
	{27.5, 17.3}, {28.5, 18.2}, {28.5, 20},
	{28.5, 20.5}, {28.5, 21}, {28.5, 21.5},
	{20.33, 21.5}, {12.17, 21.5}, {4, 21.5}}

// scale is how large the car stands on its ground.
func (s Shape) scale() float64 {
	switch s {
	case Maskable:
		return .78
	case Full:
		return .94
	}
	return 1
}

// at places a point of the drawing.
func (s Shape) at(p point) point {
	k := s.scale()
	return point{wide/2 + (p.x-wide/2)*k, wide/2 + (p.y-wide/2)*k}
}

// SVG draws the icon as text.
func SVG(c Colours, s Shape) []byte {
	var b strings.Builder
	round := ""
	if s == Tile {
		round = ` rx="` + number(corner) + `"`
	}
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32"%s fill="%s"/><path d="`, round, c.Ground)
	for i, p := range body {
		letter := " "
		switch {
		case i == 0:
			letter = "M"
		case i%3 == 1:
			letter = "C"
		}
		q := s.at(p)
		b.WriteString(letter + number(q.x) + " " + number(q.y))
	}
	fmt.Fprintf(&b, `Z" fill="%s"/>`, c.Car)
	for _, x := range wheels {
		q := s.at(point{x, wheelY})
		fmt.Fprintf(&b, `<circle cx="%[1]s" cy="%[2]s" r="%[3]s" fill="%[4]s"/><circle cx="%[1]s" cy="%[2]s" r="%[5]s" fill="%[6]s"/>`,
			number(q.x), number(q.y), number(arch*s.scale()), c.Ground, number(rim*s.scale()), c.Rims)
	}
	return []byte(b.String() + "</svg>")
}

func number(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
}

// PNG draws the icon as a picture of size x size pixels.
func PNG(c Colours, s Shape, size int) ([]byte, error) {
	colours, err := c.parse()
	if err != nil {
		return nil, err
	}
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	outline := flatten(s)
	rows := make([][]byte, samples)
	for y := range size {
		for i := range rows {
			rows[i] = scan(s, outline, (float64(y*samples+i)+.5)*wide/float64(size*samples), size*samples, rows[i])
		}
		for x := range size {
			img.SetNRGBA(x, y, mix(rows, x, colours))
		}
	}
	var out bytes.Buffer
	err = png.Encode(&out, img)
	return out.Bytes(), err
}

// What a sample can show: nothing, the ground, the car, a rim.
const (
	clear = iota
	ground
	car
	rims
)

// scan paints one line of samples at height y, later things over earlier ones.
func scan(s Shape, outline []point, y float64, n int, line []byte) []byte {
	if line == nil {
		line = make([]byte, n)
	}
	for i := range line {
		line[i] = clear
	}
	paint := func(from, to float64, what byte) {
		unit := float64(n) / wide
		for i := max(0, int(from*unit+.5)); i < min(n, int(to*unit+.5)); i++ {
			line[i] = what
		}
	}
	edge := 0.0
	if s == Tile {
		edge = roundedBy(y)
	}
	paint(edge, wide-edge, ground)
	if xs := crossings(outline, y); len(xs) > 0 {
		for i := 0; i+1 < len(xs); i += 2 {
			paint(xs[i], xs[i+1], car)
		}
	}
	for _, x := range wheels {
		q := s.at(point{x, wheelY})
		disc(paint, q, y, arch*s.scale(), ground)
		disc(paint, q, y, rim*s.scale(), rims)
	}
	return line
}

func disc(paint func(from, to float64, what byte), q point, y, r float64, what byte) {
	if d := r*r - (y-q.y)*(y-q.y); d > 0 {
		h := root(d)
		paint(q.x-h, q.x+h, what)
	}
}
