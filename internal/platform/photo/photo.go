package photo

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
)

// The bounds. A PNG is unpacked to four bytes a pixel, a JPEG to one and a half.
const (
	MostBytes     = 8 << 20
	mostJPEG      = 50_000_000 // pixels
	mostPNG       = 16_000_000
	mostSide      = 12_000
	longestSide   = 1_600 // of what is kept
	quality       = 82
	smallestThere = 16 // a picture that shows anything
)

// What is refused, and why.
var (
	ErrTooLarge = errors.New("photo: too large")
	ErrKind     = errors.New("photo: neither JPEG nor PNG")
	ErrBroken   = errors.New("photo: cannot be read")
)

// Photo is a picture drawn anew.
type Photo struct {
	JPEG          []byte
	Width, Height int
}

// oneAtATime bounds the memory: a picture may need 75 MB while it is made smaller.
var oneAtATime = make(chan struct{}, 1)

// Clean reads a picture and draws it anew.
func Clean(r io.Reader) (Photo, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return Photo{}, ErrBroken
	}
	if len(raw) > MostBytes {
		return Photo{}, ErrTooLarge
	}
	oneAtATime <- struct{}{}
	defer func() { <-oneAtATime }()
	img, err := decode(raw)
	if err != nil {
		return Photo{}, err
	}
	small := turn(shrink(img), orientation(raw))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: quality}); err != nil {
		return Photo{}, ErrBroken
	}
	return Photo{b.Bytes(), small.Bounds().Dx(), small.Bounds().Dy()}, nil
}

// decode unpacks a picture whose head says that it may be.
func decode(raw []byte) (image.Image, error) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xd8\xff")):
		c, err := jpeg.DecodeConfig(bytes.NewReader(raw))
		if err := fits(c, err, mostJPEG); err != nil {
			return nil, err
		}
		return done(jpeg.Decode(bytes.NewReader(raw)))
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		c, err := png.DecodeConfig(bytes.NewReader(raw))
		if err := fits(c, err, mostPNG); err != nil {
			return nil, err
		}
		return done(png.Decode(bytes.NewReader(raw)))
	}
	return nil, ErrKind
}

func fits(c image.Config, err error, most int) error {
	switch {
	case err != nil || c.Width < smallestThere || c.Height < smallestThere:
		return ErrBroken
	case c.Width > mostSide || c.Height > mostSide || c.Width*c.Height > most:
		return ErrTooLarge
	}
	return nil
}

func done(img image.Image, err error) (image.Image, error) {
	if err != nil {
		return nil, ErrBroken
	}
	return img, nil
}

// shrink makes the longer side longestSide at most.
func shrink(img image.Image) *image.RGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	nw, nh := w, h
	if long := max(w, h); long > longestSide {
		nw, nh = max(1, w*longestSide/long), max(1, h*longestSide/long)
	}
	return scale(img, nw, nh)
}

// scale makes a picture smaller: every new pixel is the mean of those it stands for. What is see-through becomes white.
func scale(img image.Image, nw, nh int) *image.RGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	out := image.NewRGBA(image.Rect(0, 0, nw, nh))
	line := image.NewRGBA(image.Rect(0, 0, w, 1))
	sums := make([][4]uint64, nw)
	for y := range nh {
		clear(sums)
		top, bottom := y*h/nh, max(y*h/nh+1, (y+1)*h/nh)
		for row := top; row < bottom; row++ {
			draw.Draw(line, line.Bounds(), image.White, image.Point{}, draw.Src)
			draw.Draw(line, line.Bounds(), img, image.Pt(b.Min.X, b.Min.Y+row), draw.Over)
			addLine(sums, line.Pix, w, nw)
		}
		for x, s := range sums {
			n := max(s[3], 1)
			out.SetRGBA(x, y, color.RGBA{uint8(s[0] / n), uint8(s[1] / n), uint8(s[2] / n), 255})
		}
	}
	return out
}

func addLine(sums [][4]uint64, pix []uint8, w, nw int) {
	for x := range sums {
		left, right := x*w/nw, max(x*w/nw+1, (x+1)*w/nw)
		for i := left; i < right; i++ {
			sums[x][0] += uint64(pix[4*i])
			sums[x][1] += uint64(pix[4*i+1])
			sums[x][2] += uint64(pix[4*i+2])
			sums[x][3]++
		}
	}
}

// turn draws a picture as the camera was held: EXIF counts eight ways.
func turn(img *image.RGBA, way int) *image.RGBA {
	if way < 2 || way > 8 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	nw, nh := w, h
	if way >= 5 {
		nw, nh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, nw, nh))
	for y := range h {
		for x := range w {
			nx, ny := [...]int{2: w - 1 - x, 3: w - 1 - x, 4: x, 5: y, 6: h - 1 - y, 7: h - 1 - y, 8: y}[way],
				[...]int{2: y, 3: h - 1 - y, 4: h - 1 - y, 5: x, 6: x, 7: w - 1 - x, 8: w - 1 - x}[way]
			out.SetRGBA(nx, ny, img.RGBAAt(x, y))
		}
	}
	return out
}

// orientation finds how the camera was held in a JPEG's EXIF part; 1, upright, when nothing says so.
func orientation(raw []byte) int {
	r := bufio.NewReader(bytes.NewReader(raw))
	if _, err := r.Discard(2); err != nil || raw[0] != 0xff || raw[1] != 0xd8 {
		return 1
	}
	for {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil || head[0] != 0xff || head[1] == 0xda {
			return 1
		}
		part := make([]byte, max(0, int(binary.BigEndian.Uint16(head[2:]))-2))
		if _, err := io.ReadFull(r, part); err != nil {
			return 1
		}
		if head[1] == 0xe1 && bytes.HasPrefix(part, []byte("Exif\x00\x00")) {
			return heldIn(part[6:])
		}
	}
}

// heldIn reads tag 0x0112 of the first directory of a TIFF part.
func heldIn(tiff []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 8:
		return 1
	case string(tiff[:2]) == "MM":
		order = binary.BigEndian
	case string(tiff[:2]) != "II":
		return 1
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > len(tiff) {
		return 1
	}
	for i := range int(order.Uint16(tiff[at:])) {
		e := at + 2 + 12*i
		if e+12 > len(tiff) {
			return 1
		}
		if order.Uint16(tiff[e:]) == 0x0112 {
			return int(order.Uint16(tiff[e+8:]))
		}
	}
	return 1
}
