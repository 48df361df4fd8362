package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// half is a picture whose left half is red and whose right half is blue.
func half(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{220, 0, 0, 255}
			if x >= w/2 {
				c = color.RGBA{0, 0, 220, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts a part behind the head that says how the camera was held, and where it was.
func withExif(raw []byte, way uint16) []byte {
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	tiff = binary.BigEndian.AppendUint16(tiff, way)
	tiff = append(tiff, "\x00\x00\x00\x00\x00\x00GPS 53.8008 -1.5491"...)
	part := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(part)+2))...)
	return append(append(out, part...), raw[2:]...)
}

func TestAPictureIsDrawnAnew(t *testing.T) {
	t.Parallel()
	raw := append(withExif(jpegOf(t, half(3000, 1000)), 1), "<script>alert(1)</script>PK\x03\x04"...)
	p, err := Clean(bytes.NewReader(raw))
	if err != nil || p.Width != longestSide || p.Height != 533 {
		t.Fatalf("%d x %d: %v", p.Width, p.Height, err)
	}
	for _, secret := range []string{"GPS", "Exif", "script", "PK\x03\x04"} {
		if strings.Contains(string(p.JPEG), secret) {
			t.Errorf("%q is still in the picture", secret)
		}
	}
	if img, err := jpeg.Decode(bytes.NewReader(p.JPEG)); err != nil || img.Bounds().Dx() != p.Width {
		t.Errorf("what comes out cannot be read: %v", err)
	}
}

// TestAPictureStandsAsItWasTaken: the red half is where the camera's top, left, right or bottom was.
func TestAPictureStandsAsItWasTaken(t *testing.T) {
	t.Parallel()
	red := func(img image.Image, x, y int) bool { r, _, b, _ := img.At(x, y).RGBA(); return r > b }
	for way, want := range map[uint16]string{1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom", 99: "left"} {
		p, err := Clean(bytes.NewReader(withExif(jpegOf(t, half(200, 100)), way)))
		if err != nil {
			t.Fatal(err)
		}
		img, _ := jpeg.Decode(bytes.NewReader(p.JPEG))
		w, h := p.Width, p.Height
		got := ""
		for side, at := range map[string][2]int{"left": {5, h / 2}, "right": {w - 5, h / 2}, "top": {w / 2, 5}, "bottom": {w / 2, h - 5}} {
			if other := map[string][2]int{"left": {w - 5, h / 2}, "right": {5, h / 2}, "top": {w / 2, h - 5}, "bottom": {w / 2, 5}}[side]; red(img, at[0], at[1]) && !red(img, other[0], other[1]) {
				got = side
			}
		}
		if got != want {
			t.Errorf("held in way %d the red half is %s, want %s", way, got, want)
		}
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	if err := png.Encode(&bomb, image.NewGray(image.Rect(0, 0, 5000, 4000))); err != nil || bomb.Len() > 500_000 {
		t.Fatalf("a bomb of %d bytes: %v", bomb.Len(), err)
	}
	b := bomb.Bytes() // twenty million pixels in a few kilobytes
	small := jpegOf(t, half(200, 100))
	for name, c := range map[string]struct {
		raw  []byte
		want []error
	}{
		"a pixel bomb":       {b, []error{ErrTooLarge}},
		"a page":             {[]byte("<!DOCTYPE html><svg onload=alert(1)>"), []error{ErrKind}},
		"a GIF":              {[]byte("GIF89a\x01\x00\x01\x00"), []error{ErrKind}},
		"nothing":            {nil, []error{ErrKind}},
		"half a file":        {small[:len(small)/2], []error{ErrBroken}},
		"only a head":        {small[:20], []error{ErrBroken}},
		"far too many bytes": {append(bytes.Clone(small), make([]byte, MostBytes)...), []error{ErrTooLarge}},
	} {
		_, err := Clean(bytes.NewReader(c.raw))
		ok := false
		for _, w := range c.want {
			ok = ok || errors.Is(err, w)
		}
		if !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00\x2a"))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if p, err := Clean(bytes.NewReader(raw)); err == nil && (p.Width < 1 || len(p.JPEG) == 0) {
			t.Errorf("an empty picture without an error")
		}
	})
}
