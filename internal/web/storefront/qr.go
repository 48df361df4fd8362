package storefront

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"
)

// QR is a code drawn as one path, so that it prints sharp and needs no picture.
type QR struct {
	Size int
	Path template.HTML // digits and path letters only
}

// drawQR encodes a text of ours; a text that does not fit gives no drawing.
func drawQR(text string) QR {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return QR{}
	}
	const quiet = 4
	var b strings.Builder
	for y := 0; y < code.Size; y++ {
		for x := 0; x < code.Size; x++ {
			run := 0
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	return QR{Size: code.Size + 2*quiet, Path: template.HTML(b.String())}
}
