package appicon

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
)

// flatten turns the outline's curves into short straight lines.
func flatten(s Shape) []point {
	const pieces = 12
	out := []point{s.at(body[0])}
	for i := 1; i+2 < len(body); i += 3 {
		a, b, c, d := body[i-1], body[i], body[i+1], body[i+2]
		for k := 1; k <= pieces; k++ {
			t := float64(k) / pieces
			u := 1 - t
			out = append(out, s.at(point{
				u*u*u*a.x + 3*u*u*t*b.x + 3*u*t*t*c.x + t*t*t*d.x,
				u*u*u*a.y + 3*u*u*t*b.y + 3*u*t*t*c.y + t*t*t*d.y}))
		}
	}
	return out
}

// crossings are where a horizontal line meets the closed outline, from left to right.
func crossings(outline []point, y float64) []float64 {
	var xs []float64
	for i, a := range outline {
		b := outline[(i+1)%len(outline)]
		if (a.y <= y) != (b.y <= y) {
			xs = append(xs, a.x+(y-a.y)/(b.y-a.y)*(b.x-a.x))
		}
	}
	slices.Sort(xs)
	return xs
}

// roundedBy is how far the tile's edge stands back at height y.
func roundedBy(y float64) float64 {
	d := corner - min(y, wide-y)
	if d <= 0 {
		return 0
	}
	return corner - root(corner*corner-d*d)
}

func root(v float64) float64 { return math.Sqrt(max(0, v)) }

// mix is the colour of a pixel from its samples.
func mix(rows [][]byte, x int, colours [4]color.NRGBA) color.NRGBA {
	var r, g, b, n int
	for _, row := range rows {
		for _, what := range row[x*samples : (x+1)*samples] {
			if what == clear {
				continue
			}
			c := colours[what]
			r, g, b, n = r+int(c.R), g+int(c.G), b+int(c.B), n+1
		}
	}
	if n == 0 {
		return color.NRGBA{}
	}
	return color.NRGBA{uint8(r / n), uint8(g / n), uint8(b / n), uint8(255 * n / (samples * samples))}
}

func (c Colours) parse() ([4]color.NRGBA, error) {
	var out [4]color.NRGBA
	for i, hex := range []string{ground: c.Ground, car: c.Car, rims: c.Rims} {
		if i == clear {
			continue
		}
		v, err := strconv.ParseUint(hex[min(1, len(hex)):], 16, 32)
		if err != nil || len(hex) != 7 {
			return out, fmt.Errorf("appicon: %q is no colour", hex)
		}
		out[i] = color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}
	}
	return out, nil
}
