package web

import (
	"strconv"

	"forecourt/internal/allocation"
)

// Shot is a picture of a handover, for either side's page.
type Shot struct {
	URL, Alt      string
	Width, Height int
}

// Shots are the pictures of a handover; they lie below an address as 1.jpg, 2.jpg ...
func Shots(b Base, h *allocation.Handover, below string) []Shot {
	var out []Shot
	for _, f := range h.Photos {
		n := strconv.Itoa(f.Seq)
		out = append(out, Shot{below + n + ".jpg", b.T("order.record.photo", "Number", n), f.Width, f.Height})
	}
	return out
}
