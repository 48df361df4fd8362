package raster

import (
	"image"
	"math"
	"testing"
)

func paint(t *testing.T, inner string) (*image.RGBA, error) {
	t.Helper()
	d, err := Parse(`<svg viewBox="0 0 20 20">` + inner + `</svg>`)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, 20, 20))
	return img, d.Paint(img, 0, 0, 20)
}

// ink is how many pixels are covered, in whole pixels.
func ink(img *image.RGBA) float64 {
	sum := 0
	for i := 3; i < len(img.Pix); i += 4 {
		sum += int(img.Pix[i])
	}
	return float64(sum) / 255
}

func TestAreas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		svg  string
		area float64
	}{
		"square":              {`<path d="M5 5L15 5 15 15 5 15Z"/>`, 100},
		"steps":               {`<path d="M5 5l10 0 0 10-10 0Z"/>`, 100},
		"circle":              {`<circle cx="10" cy="10" r="8"/>`, 64 * math.Pi},
		"half circle by arcs": {`<path d="M2 10A8 8 0 0 1 18 10Z"/>`, 32 * math.Pi},
		"clipped":             {`<defs><clipPath id="c"><path d="M0 0L10 0 10 20 0 20Z"/></clipPath></defs><g clip-path="url(#c)"><circle cx="10" cy="10" r="8"/></g>`, 32 * math.Pi},
		"moved twice":         {`<defs><path id="p" d="M0 0L2 0 2 2 0 2Z"/></defs><use href="#p" x="3"/><use href="#p" transform="translate(10 10)"/>`, 8},
		"half seen":           {`<path d="M5 5L15 5 15 15 5 15Z" fill-opacity=".5"/>`, 50},
		"line":                {`<path d="M5 10L15 10" stroke="#123456" stroke-width="4"/>`, 40},
		"round line":          {`<path d="M5 10L15 10" stroke="#123" stroke-width="4" stroke-linecap="round"/>`, 40 + 4*math.Pi},
		"dot":                 {`<path d="M5 10l0 0" stroke="#123" stroke-width="6" stroke-linecap="round"/>`, 9 * math.Pi},
		"corner":              {`<path d="M4 4L16 4 16 16" fill="none" stroke="#000" stroke-width="2"/>`, 24 + 24},
		"gradient":            {`<defs><linearGradient id="g" x1="0" x2="1"><stop offset="0"/><stop offset="1" stop-opacity="0"/></linearGradient></defs><path d="M5 5L15 5 15 15 5 15Z" fill="url(#g)"/>`, 50},
	} {
		img, err := paint(t, c.svg)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := ink(img); math.Abs(got-c.area) > .02*c.area+.3 {
			t.Errorf("%s covers %.2f pixels, want %.2f", name, got, c.area)
		}
	}
}

func TestWhatIsNotKnownIsRefused(t *testing.T) {
	t.Parallel()
	for _, svg := range []string{
		`<text>car</text>`, `<path d="M0 0L1 1" filter="url(#f)"/>`, `<path d="M0 0S1 1 2 2"/>`, `<path d="L"/>`, `<use href="#nobody"/>`,
		`<path d="M0 0L5 5 5 0Z" fill="url(#nobody)"/>`, `<path d="M0 0L5 5 5 0Z" fill="red"/>`, `<g transform="skewX(3)"/>`, `<circle r="many"/>`,
		`<g clip-path="url(#nobody)"/>`,
	} {
		if _, err := paint(t, svg); err == nil {
			t.Errorf("%s is drawn", svg)
		}
	}
	for _, s := range []string{"", "<svg", "<p/>", `<svg viewBox="0 0 0 0"/>`, `<svg viewBox="a"/>`, `<svg viewBox="0 0 1 1 1"/>`} {
		if _, err := Parse(s); err == nil {
			t.Errorf("%q is a drawing", s)
		}
	}
}
