package carart

import (
	"fmt"
	"strconv"
)

const (
	plainGrey = "#8b9096" // what a colour we cannot read becomes
	roofBlack = "#15181b"
)

// safeHex answers hex in lower case if it is exactly #rrggbb, else other.
func safeHex(hex, other string) string {
	if len(hex) != 7 || hex[0] != '#' {
		return other
	}
	b := []byte(hex)
	for i, c := range b[1:] {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f':
		case c >= 'A' && c <= 'F':
			b[i+1] = c + 'a' - 'A'
		default:
			return other
		}
	}
	return string(b)
}

// luma is how light a valid #rrggbb looks, 0 to 1.
func luma(hex string) float64 {
	part := func(i int) float64 {
		v, err := strconv.ParseUint(hex[i:i+2], 16, 8)
		if err != nil {
			return 0
		}
		return float64(v) / 255
	}
	return .2126*part(1) + .7152*part(3) + .0722*part(5)
}

// tint is a valid #rrggbb on its way to white.
func tint(hex string, way float64) string {
	out := []byte("#")
	for i := 1; i < 7; i += 2 {
		v, err := strconv.ParseUint(hex[i:i+2], 16, 8)
		if err != nil {
			return hex
		}
		out = append(out, fmt.Sprintf("%02x", v+uint64(float64(255-v)*way))...)
	}
	return string(out)
}
