package carart

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func shown(t testing.TB, p Plate) image.Image {
	t.Helper()
	b, err := p.PNG()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// difference is the mean of how far the parts of all pixels lie apart, of 255, both on white.
func difference(a, b image.Image) float64 {
	on := func(img image.Image) *image.RGBA {
		out := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
		draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Over)
		return out
	}
	p, q, sum := on(a), on(b), 0
	for i := range p.Pix {
		sum += max(int(p.Pix[i]), int(q.Pix[i])) - min(int(p.Pix[i]), int(q.Pix[i]))
	}
	return float64(sum) / float64(len(p.Pix)) * 4 / 3
}

// TestPixelsAreThoseOfABrowser puts drawings one below the other on a page and compares them with ours.
func TestPixelsAreThoseOfABrowser(t *testing.T) {
	t.Parallel()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("no Chromium: install the package chromium; without it nobody knows whether pixels and drawing agree")
	}
	const wide = 800
	specs := []Spec{
		{Body: SUV, View: Quarter, Wheels: Y5, Rails: true, Trim: Rugged, Paint: Paint{"#b4532d", Metallic}},
		{Body: HatchEV, View: Quarter, Wheels: Blade, TwoTone: true, Trim: Sport, Paint: Paint{"#eceae3", Pearl}},
		{Body: Saloon, View: Quarter, Wheels: Turbine, Trim: Chrome, Paint: Paint{"#1c4f8f", Solid}},
		{Body: Van, View: Side, Wheels: Steel, Paint: Paint{"#f0f1ee", Solid}},
		{Body: Estate, View: Side, Wheels: Multi, Rails: true, Trim: Rugged, Paint: Paint{"#15181b", Metallic}},
		{Body: City, View: Side, Wheels: Aero, Trim: Sport, Paint: Paint{"#a3162a", Pearl}},
	}
	var page strings.Builder
	page.WriteString(`<!doctype html><style>html,body{margin:0;background:#fff}svg{display:block;width:800px}</style>`)
	var ours []image.Image
	high := 0
	for i, s := range specs {
		s.ID = fmt.Sprint("n", i)
		img := shown(t, Plate{Spec: s, Width: wide})
		fmt.Fprintf(&page, `<div>%s</div>`, strings.Replace(Draw(s), "<svg", fmt.Sprintf(`<svg height="%d"`, img.Bounds().Dy()), 1))
		high += img.Bounds().Dy()
		ours = append(ours, img)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "page.html"), []byte(page.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	shot := filepath.Join(dir, "shot.png")
	out, err := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb", fmt.Sprintf("--window-size=%d,%d", wide, high),
		"--screenshot="+shot, "--user-data-dir="+dir, "file://"+filepath.Join(dir, "page.html")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f, err := os.Open(shot)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	defer f.Close()
	theirs, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	y := 0
	for i, img := range ours {
		part := theirs.(interface {
			SubImage(image.Rectangle) image.Image
		}).SubImage(image.Rect(0, y, wide, y+img.Bounds().Dy()))
		y += img.Bounds().Dy()
		if d := difference(img, part); d > 1.5 {
			t.Errorf("%s %s: pixels differ by %.2f of 255 on average", specs[i].Body, specs[i].View, d)
		} else {
			t.Logf("%s %s: %.2f", specs[i].Body, specs[i].View, d)
		}
	}
}

func TestFinishesAndTrimsAreSeen(t *testing.T) {
	t.Parallel()
	for _, v := range Views() {
		for _, hex := range []string{"#b4532d", "#2d4f73", "#f0f1ee", "#15181b"} {
			img := map[Finish]image.Image{}
			for _, f := range Finishes() {
				img[f] = shown(t, Plate{Spec: Spec{Body: SUV, View: v, Paint: Paint{hex, f}}, Width: 300})
			}
			for _, pair := range [][2]Finish{{Solid, Metallic}, {Solid, Pearl}, {Metallic, Pearl}} {
				if d := difference(img[pair[0]], img[pair[1]]); d < 2 {
					t.Errorf("%s %s: %s and %s differ by %.2f only", v, hex, pair[0], pair[1], d)
				}
			}
		}
		for _, b := range Bodies() {
			plain := shown(t, Plate{Spec: Spec{Body: b, View: v}, Width: 300})
			for _, trim := range Trims() {
				if d := difference(plain, shown(t, Plate{Spec: Spec{Body: b, View: v, Trim: trim}, Width: 300})); d < .12 {
					t.Errorf("%s %s: %s is not seen: %.2f", b, v, trim, d)
				}
			}
		}
	}
}

func TestAPlateHasItsSizeAndItsName(t *testing.T) {
	t.Parallel()
	p := Plate{Spec: Spec{Body: SUV, View: Quarter}, Width: 1200, Height: 630, Light: "#fbfaf6", Dark: "#e4e0d4", Ink: "#23251e"}
	bare := shown(t, p)
	p.Title, p.Sub = "Duster", "Dacia"
	if p.Kept() {
		t.Error("kept before it was drawn")
	}
	named := shown(t, p)
	if s := named.Bounds().Size(); s != image.Pt(1200, 630) {
		t.Errorf("size %v", s)
	}
	if difference(bare, named) < .5 || !p.Kept() {
		t.Error("the name is not on the picture, or the picture is not kept")
	}
	if _, _, _, a := named.At(0, 0).RGBA(); a != 0xffff {
		t.Error("a floor with holes")
	}
	p.Title = strings.Repeat("Estate of the long name ", 20)
	long := shown(t, p)
	if long.At(1190, 90) == color.Color(color.RGBA{0x23, 0x25, 0x1e, 255}) {
		t.Error("a long name runs out of the picture")
	}
	for _, w := range []int{0, -4, MaxWidth + 1} {
		if _, err := PNG(Spec{Body: SUV}, w); err == nil {
			t.Errorf("a picture %d wide", w)
		}
	}
}

func TestEveryDrawingCanBePixels(t *testing.T) {
	t.Parallel()
	for i, s := range everySpec() {
		s.Trim = append(Trims(), "")[i%4]
		if _, err := (Plate{Spec: s, Width: 40}).pixels(); err != nil {
			t.Errorf("%s: %v", s.Label, err)
		}
	}
}

func TestKeptPlatesAreBounded(t *testing.T) {
	t.Parallel()
	s := plateShelf{young: map[Plate][]byte{}}
	for i := range 100 {
		s.put(Plate{Width: i}, make([]byte, 1<<20))
		s.get(Plate{Width: 3})
	}
	held := 0
	for _, half := range []map[Plate][]byte{s.young, s.old} {
		for _, b := range half {
			held += len(b)
		}
	}
	if held > 2*halfPlates {
		t.Errorf("%d bytes are held", held)
	}
	if _, ok := s.get(Plate{Width: 3}); !ok {
		t.Error("what is asked for all the time was dropped")
	}
	if _, ok := s.get(Plate{Width: 5}); ok {
		t.Error("what nobody asked for was kept")
	}
}

func BenchmarkPNG(b *testing.B) {
	p := Plate{Spec: Spec{Body: SUV, View: Quarter, Wheels: Y5, Rails: true, Paint: Paint{"#1c4f8f", Pearl}}.drawn(), Width: 1200, Height: 630, Light: "#fbfaf6", Dark: "#e4e0d4"}
	for b.Loop() {
		if _, err := p.pixels(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPNGKept(b *testing.B) {
	s := Spec{Body: SUV, View: Quarter, Wheels: Y5, Paint: Paint{"#1c4f8f", Pearl}}
	for b.Loop() {
		if _, err := PNG(s, 600); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSketch(b *testing.B) {
	for _, v := range Views() {
		b.Run(string(v), func(b *testing.B) {
			for b.Loop() {
				sketch(Spec{Body: SUV, View: v, Wheels: Y5, Paint: Paint{"#1c4f8f", Pearl}})
			}
		})
	}
}
