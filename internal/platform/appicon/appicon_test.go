package appicon

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/png"
	"testing"
)

var night = Colours{Ground: "#13222e", Car: "#8ec8f2", Rims: "#f3f6f8"}

func picture(t *testing.T, s Shape, size int) image.Image {
	t.Helper()
	b, err := PNG(night, s, size)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil || img.Bounds().Dx() != size || img.Bounds().Dy() != size {
		t.Fatalf("%d pixels: %v, %v", size, img.Bounds(), err)
	}
	return img
}

func alpha(img image.Image, x, y int) uint32 {
	_, _, _, a := img.At(x, y).RGBA()
	return a >> 8
}

func TestThePictureIsTheDrawing(t *testing.T) {
	t.Parallel()
	for _, size := range []int{180, 192, 512} {
		img := picture(t, Tile, size)
		at := func(x, y float64) [3]uint32 {
			r, g, b, _ := img.At(int(x*float64(size)/wide), int(y*float64(size)/wide)).RGBA()
			return [3]uint32{r >> 8, g >> 8, b >> 8}
		}
		for what, c := range map[string]struct {
			x, y float64
			want [3]uint32
		}{
			"sky":  {16, 5, [3]uint32{0x13, 0x22, 0x2e}},
			"door": {16, 17, [3]uint32{0x8e, 0xc8, 0xf2}},
			"rim":  {9.95, 22, [3]uint32{0xf3, 0xf6, 0xf8}},
			"arch": {9.95, 19.2, [3]uint32{0x13, 0x22, 0x2e}},
		} {
			if got := at(c.x, c.y); got != c.want {
				t.Errorf("%d pixels, %s: %v, want %v", size, what, got, c.want)
			}
		}
		if alpha(img, 0, 0) != 0 || alpha(img, size/2, 0) != 255 {
			t.Errorf("%d pixels: the corners are not round", size)
		}
	}
}

// A mask may leave no more than a circle of 80% of the width.
func TestTheMaskLeavesTheCarWhole(t *testing.T) {
	t.Parallel()
	const size = 512
	img := picture(t, Maskable, size)
	ground := img.At(0, 0)
	if alpha(img, 0, 0) != 255 {
		t.Error("a maskable icon must bleed to its edges")
	}
	for y := range size {
		for x := range size {
			dx, dy := float64(x)-size/2, float64(y)-size/2
			if dx*dx+dy*dy > .16*size*size && img.At(x, y) != ground {
				t.Fatalf("something of the car lies outside the safe circle at %d, %d", x, y)
			}
		}
	}
}

func TestTheDrawingIsXML(t *testing.T) {
	t.Parallel()
	for _, s := range []Shape{Tile, Full, Maskable} {
		if err := xml.Unmarshal(SVG(night, s), new(struct{})); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "red", "#12345", "#12345g", "#1234567"} {
		if _, err := PNG(Colours{bad, night.Car, night.Rims}, Tile, 8); err == nil {
			t.Errorf("the colour %q was taken", bad)
		}
	}
}
