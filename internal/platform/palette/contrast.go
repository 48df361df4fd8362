package palette

import (
	"math"
	"regexp"
	"strconv"
)

var hexShape = regexp.MustCompile(`^#([0-9a-f]{3}|[0-9a-f]{6})$`)

func hex(colour string) bool { return hexShape.MatchString(colour) }

// Contrast is the ratio of two colours as WCAG defines it, from 1 to 21; 0 when one is no colour.
func Contrast(a, b string) float64 {
	if !hex(a) || !hex(b) {
		return 0
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(colour string) float64 {
	if len(colour) == 4 {
		c := []byte(colour)
		colour = string([]byte{'#', c[1], c[1], c[2], c[2], c[3], c[3]})
	}
	sum := 0.0
	for i, part := range []float64{.2126, .7152, .0722} {
		v, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return 0 // not possible: hex has looked
		}
		c := float64(v) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += part * c
	}
	return sum
}
