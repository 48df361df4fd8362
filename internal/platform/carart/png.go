package carart

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strconv"
	"sync"

	"forecourt/internal/platform/carart/raster"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// MaxWidth bounds a picture's width in pixels.
const MaxWidth = 2400

// Plate is a picture for places that show no SVG: the car on a floor, with a name if there is one.
type Plate struct {
	Spec          Spec
	Width, Height int
	Light, Dark   string // the floor, from its middle to its corners; none when Light is empty
	Ink           string // of the words
	Title, Sub    string
}

// PNG is the drawing as a PNG file on nothing, width pixels wide, as high as it needs.
func PNG(s Spec, width int) ([]byte, error) { return Plate{Spec: s, Width: width}.PNG() }

// key is the plate reduced to what its pixels depend on.
func (p Plate) key() Plate {
	p.Spec = p.Spec.drawn()
	p.Title, p.Sub = clean(p.Title), clean(p.Sub)
	return p
}

// Kept reports whether the plate was drawn lately, so that asking for it costs nothing.
func (p Plate) Kept() bool {
	_, ok := plates.get(p.key())
	return ok
}

// one lets one picture be drawn at a time: however many are asked for, they cost no more than one core.
var one sync.Mutex

// PNG draws the plate, or answers the one kept. Callers must not write to it.
func (p Plate) PNG() ([]byte, error) {
	p = p.key()
	if b, ok := plates.get(p); ok {
		return b, nil
	}
	one.Lock()
	defer one.Unlock()
	if b, ok := plates.get(p); ok { // drawn while we waited
		return b, nil
	}
	img, err := p.pixels()
	if err != nil {
		return nil, fmt.Errorf("carart.PNG: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("carart.PNG: %w", err)
	}
	plates.put(p, b.Bytes())
	return b.Bytes(), nil
}

func (p Plate) pixels() (*image.RGBA, error) {
	s := p.Spec
	s.ID = "p"
	d, err := raster.Parse(Draw(s))
	if err != nil {
		return nil, err
	}
	if p.Height == 0 {
		p.Height = int(math.Round(float64(p.Width) * d.Box[3] / d.Box[2]))
	}
	if p.Width < 1 || p.Width > MaxWidth || p.Height > MaxWidth {
		return nil, fmt.Errorf("a picture of %d by %d", p.Width, p.Height)
	}
	img := image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
	p.floor(img)
	w, h, top := float64(p.Width), float64(p.Height), 0.0
	if p.Title != "" {
		if top, err = p.words(img); err != nil {
			return nil, err
		}
	}
	// The car fills what the words leave, in the middle, standing at the lower edge.
	wide := min(w, (h-top)*d.Box[2]/d.Box[3])
	if err := d.Paint(img, (w-wide)/2, h-wide*d.Box[3]/d.Box[2], wide); err != nil {
		return nil, err
	}
	if p.Light != "" {
		quieten(img)
	}
	return img, nil
}

// quieten drops the lowest bit of all colours: nobody sees it, and it is a fifth of the file.
func quieten(img *image.RGBA) {
	for i, v := range img.Pix {
		if i%4 != 3 {
			img.Pix[i] = v&^1 | v>>7
		}
	}
}

// floor is the page's own soft stage.
func (p Plate) floor(img *image.RGBA) {
	if p.Light == "" {
		return
	}
	a, b := rgb(p.Light), rgb(p.Dark)
	w, h := float64(p.Width), float64(p.Height)
	for y := range p.Height {
		for x := range p.Width {
			t := min(1, math.Hypot((float64(x)-w/2)/(1.2*w/2*1.4), (float64(y)-h*.3)/(.9*h)))
			mix := func(u, v uint8) uint8 { return uint8(float64(u) + (float64(v)-float64(u))*t + .5) }
			img.SetRGBA(x, y, color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255})
		}
	}
}

func rgb(hex string) color.RGBA {
	v, err := strconv.ParseUint(safeHex(hex, "#ffffff")[1:], 16, 32)
	if err != nil {
		return color.RGBA{255, 255, 255, 255} // not of a colour that is valid
	}
	return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}
}

var faces = sync.OnceValues(func() ([2]*opentype.Font, error) {
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return [2]*opentype.Font{}, err
	}
	plain, err := opentype.Parse(goregular.TTF)
	return [2]*opentype.Font{bold, plain}, err
})

// words sets the name in the upper left corner and answers where it ends.
func (p Plate) words(img draw.Image) (below float64, err error) {
	fonts, err := faces()
	if err != nil {
		return 0, err
	}
	h := float64(p.Height)
	y := h * .09
	for i, line := range []struct {
		text string
		size float64
	}{{p.Title, h * .105}, {p.Sub, h * .052}} {
		if line.text == "" {
			continue
		}
		face, err := opentype.NewFace(fonts[i], &opentype.FaceOptions{Size: line.size, DPI: 72})
		if err != nil {
			return 0, err
		}
		pen := font.Drawer{Dst: img, Src: image.NewUniform(rgb(p.Ink)), Face: face}
		text := fit(&pen, line.text, fixed.I(p.Width*9/10))
		y += line.size
		pen.Dot = fixed.P(p.Width/20, int(y))
		pen.DrawString(text)
		y += line.size * .35
		if err := face.Close(); err != nil {
			return 0, err
		}
	}
	return y, nil
}

// fit cuts a text that is wider than there is room.
func fit(pen *font.Drawer, text string, room fixed.Int26_6) string {
	if pen.MeasureString(text) <= room {
		return text
	}
	r := []rune(text)
	for len(r) > 1 && pen.MeasureString(string(r)+"…") > room {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}
