package web

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

// DrawQR encodes a text of ours; a text that does not fit gives no drawing.
func DrawQR(text string) QR {
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

// SVG is the code as a picture of its own.
func (q QR) SVG() []byte {
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges"><rect width="%[1]d" height="%[1]d" fill="#fff"/><path d="%[2]s"/></svg>`, q.Size, q.Path)
}
