package photo

import (
	"bytes"
	"image"
	"image/jpeg"
	"slices"
)

// Frame is a part of a picture of four to three. Size is its width in percent of the widest such part, Across and Down are
// where it lies in what is left over, in percent from the left and from the top.
type Frame struct{ Size, Across, Down int }

// Middle is the middle of a picture, as much of it as there is.
var Middle = Frame{100, 50, 50}

// In is where the frame lies in a picture of some pixels.
func (f Frame) In(w, h int) image.Rectangle {
	fw, fh := w, w*3/4
	if fh > h {
		fw, fh = h*4/3, h
	}
	fw, fh = max(1, fw*f.Size/100), max(1, fh*f.Size/100)
	at := image.Pt((w-fw)*f.Across/100, (h-fh)*f.Down/100)
	return image.Rectangle{at, at.Add(image.Pt(fw, fh))}
}

// Cuts draws the frame of a cleaned picture in several widths, the narrowest first. None is wider than the frame: the last
// one is the frame itself, or the widest that was asked for.
func (p Photo) Cuts(f Frame, widths []int) ([]Photo, error) {
	oneAtATime <- struct{}{}
	defer func() { <-oneAtATime }()
	whole, err := jpeg.Decode(bytes.NewReader(p.JPEG))
	if err != nil {
		return nil, ErrBroken
	}
	in := f.In(whole.Bounds().Dx(), whole.Bounds().Dy())
	part, ok := whole.(interface {
		SubImage(image.Rectangle) image.Image
	})
	if !ok {
		return nil, ErrBroken
	}
	cut := part.SubImage(in)
	var out []Photo
	for _, w := range append(slices.DeleteFunc(slices.Clone(widths), func(w int) bool { return w >= in.Dx() }), min(in.Dx(), slices.Max(widths))) {
		if len(out) > 0 && out[len(out)-1].Width == w {
			continue
		}
		small := scale(cut, w, max(1, w*3/4))
		var b bytes.Buffer
		if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: quality}); err != nil {
			return nil, ErrBroken
		}
		out = append(out, Photo{b.Bytes(), w, small.Bounds().Dy()})
	}
	return out, nil
}

// Read takes a picture that was cleaned before.
func Read(clean []byte) (Photo, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(clean))
	if err != nil {
		return Photo{}, ErrBroken
	}
	return Photo{clean, c.Width, c.Height}, nil
}
