package carart

import "strconv"

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

// depth is how much metal flake a finish shows.
func (f Finish) depth() float64 {
	switch f {
	case Metallic:
		return .8
	case Pearl:
		return .6
	default:
		return 0
	}
}
