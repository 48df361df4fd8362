package letters

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"forecourt/internal/ordering"
	"forecourt/internal/sale"
)

// A buyer sees the car that was ordered, in the letter itself; a dealer, and a buyer who left, do not.
func TestLettersShowTheCar(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, l sale.Letter) {
		m := compose(t, l)
		shown := strings.Count(m.HTML, `src="cid:`+pictureID+`"`)
		if plans[l.Template].staff() || l.Order.State == ordering.Cancelled {
			if shown != 0 || len(m.Pictures) != 0 {
				t.Error("a picture for nobody")
			}
			return
		}
		if shown != 1 || len(m.Pictures) != 1 || m.Pictures[0].ID != pictureID {
			t.Fatalf("%d pictures shown, %d sent", shown, len(m.Pictures))
		}
		c, err := png.DecodeConfig(bytes.NewReader(m.Pictures[0].PNG))
		if err != nil || c.Width != pictureWidth || c.Height != pictureHeight {
			t.Errorf("%+v, %v", c, err)
		}
		if n := len(m.Pictures[0].PNG); n > 80<<10 {
			t.Errorf("%d bytes of picture", n)
		}
		if strings.Contains(m.HTML, "http://") || strings.Contains(m.HTML, "<img src=\"http") {
			t.Error("the letter loads something from outside")
		}
	})
}
