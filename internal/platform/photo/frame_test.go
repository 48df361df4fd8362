package photo

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"testing"
)

func TestAFrameIsFourToThreeAndInsideThePicture(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{1600, 1200}, {1600, 900}, {900, 1600}, {641, 481}, {1600, 100}, {17, 1600}} {
		for _, f := range []Frame{Middle, {50, 0, 0}, {50, 100, 100}, {85, 50, 100}} {
			r := f.In(size[0], size[1])
			if !r.In(image.Rect(0, 0, size[0], size[1])) || r.Empty() {
				t.Errorf("%v of %v lies at %v", f, size, r)
			}
			if d := r.Dx()*3 - r.Dy()*4; r.Dy() > 20 && (d < -4 || d > 8) {
				t.Errorf("%v of %v is %d by %d", f, size, r.Dx(), r.Dy())
			}
		}
	}
	if r := (Frame{50, 0, 0}).In(1600, 1200); r != image.Rect(0, 0, 800, 600) {
		t.Errorf("half of it, top left, is %v", r)
	}
	if r := (Frame{50, 100, 100}).In(1600, 1200); r != image.Rect(800, 600, 1600, 1200) {
		t.Errorf("half of it, bottom right, is %v", r)
	}
}

// TestAPictureIsCutInWidths: no cut is larger than its frame, and each shows that part of the picture.
func TestAPictureIsCutInWidths(t *testing.T) {
	t.Parallel()
	p, err := Clean(bytes.NewReader(jpegOf(t, half(1600, 1200))))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		frame Frame
		want  []int
		red   bool
	}{{Middle, []int{320, 640, 1280}, true}, {Frame{50, 0, 50}, []int{320, 640, 800}, true}, {Frame{50, 100, 50}, []int{320, 640, 800}, false}} {
		cuts, err := p.Cuts(x.frame, []int{320, 640, 1280})
		if err != nil || len(cuts) != len(x.want) {
			t.Fatalf("%v: %d cuts, %v", x.frame, len(cuts), err)
		}
		for i, c := range cuts {
			img, err := jpeg.Decode(bytes.NewReader(c.JPEG))
			if err != nil || c.Width != x.want[i] || img.Bounds().Dx() != c.Width || img.Bounds().Dy() != c.Height || c.Height != c.Width*3/4 {
				t.Fatalf("%v: cut %d is %d by %d, %v", x.frame, i, c.Width, c.Height, err)
			}
			if r, _, b, _ := img.At(5, c.Height/2).RGBA(); r > b != x.red {
				t.Errorf("%v: the left edge of the cut of %d is red: %t", x.frame, c.Width, r > b)
			}
		}
	}
	if _, err := (Photo{JPEG: []byte("no picture")}).Cuts(Middle, []int{320}); !errors.Is(err, ErrBroken) {
		t.Errorf("what is no picture is cut: %v", err)
	}
	if again, err := Read(p.JPEG); err != nil || again.Width != 1600 || again.Height != 1200 {
		t.Errorf("read again it is %d by %d, %v", again.Width, again.Height, err)
	}
}
