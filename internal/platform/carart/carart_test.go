package carart

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestNothingACallerPassesLeavesItsAttribute(t *testing.T) {
	t.Parallel()
	evil := `"/><script>alert(1)</script><g id="`
	got := Draw(Spec{
		Body: Body(evil), Wheels: Wheel(evil), Paint: Paint{evil, Finish(evil)}, TwoTone: true, RoofHex: evil,
		Label: evil + "\x00\x1b\xff", ID: evil,
	})
	if err := wellFormed(got); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got, "<script") {
		t.Fatal("markup from the caller reached the drawing")
	}
	for _, s := range []string{string(Swatch("/s.svg", evil, Finish(evil))), string(Upholstery("/s.svg", evil, evil))} {
		if wellFormed(s) != nil || strings.Contains(s, "script") {
			t.Errorf("unsafe: %s", s)
		}
	}
}

func TestHexIsExact(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"#a9492c": "#a9492c", "#A9492C": "#a9492c", "": "x", "#fff": "x", "a9492c0": "x", "#a9492g": "x",
		"#a9492c ": "x", "red": "x", "#a9492c;": "x", "#é1234": "x", "url(#a)": "x",
	} {
		if got := safeHex(in, "x"); got != want {
			t.Errorf("safeHex(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLabelDecidesWhoHearsTheDrawing(t *testing.T) {
	t.Parallel()
	said := Draw(Spec{Body: Hatch, Label: `Sandero "Stepway" & more`, ID: "c1"})
	if !strings.Contains(said, `role="img" aria-label="Sandero &#34;Stepway&#34; &amp; more"`) || strings.Contains(said, "aria-hidden") {
		t.Errorf("labelled: %.200s", said)
	}
	mute := Draw(Spec{Body: Hatch, ID: "c1"})
	if !strings.Contains(mute, `aria-hidden="true"`) || strings.Contains(mute, "role=") {
		t.Errorf("unlabelled: %.200s", mute)
	}
}

func TestUnknownWordsFallBackAndAliasWorks(t *testing.T) {
	t.Parallel()
	plain := Draw(Spec{Body: Hatch, Wheels: Multi, Paint: Paint{plainGrey, Solid}})
	if got := Draw(Spec{Body: "spaceship", Wheels: "caterpillar", Paint: Paint{"nope", "glitter"}}); got != plain {
		t.Error("unknown words do not fall back to the plain hatch")
	}
	if Draw(Spec{Body: "crossover"}) != Draw(Spec{Body: Stepway}) {
		t.Error("crossover is not drawn as stepway")
	}
	if Body("crossover").Known() || !Van.Known() || Wheel("x").Known() || Finish("").Known() {
		t.Error("Known tells wrong")
	}
}

func TestCacheStaysBoundedUnderManyHands(t *testing.T) {
	t.Parallel()
	c := cache{kept: map[Spec]picture{}}
	var wg sync.WaitGroup
	for hand := range 4 {
		wg.Go(func() {
			for i := range maxDrawings/2 + 10 {
				s := Spec{Body: City, Wheels: Steel, Paint: Paint{fmt.Sprintf("#%02x%04x", hand, i), Solid}}
				if p := c.get(s); !strings.Contains(p.picture, s.Paint.Hex) {
					t.Errorf("got another car's paint for %s", s.Paint.Hex)
				}
			}
		})
	}
	wg.Wait()
	if len(c.kept) > maxDrawings {
		t.Errorf("%d drawings kept, want at most %d", len(c.kept), maxDrawings)
	}
}

func BenchmarkDraw(b *testing.B) {
	s := Spec{Body: SUVLarge, Wheels: Turbine, Paint: Paint{"#39503f", Metallic}, Rails: true, TwoTone: true, Label: "SUV", ID: "c1"}
	b.Run("sketch", func(b *testing.B) {
		for b.Loop() {
			sketch(s.drawn())
		}
	})
	b.Run("cached", func(b *testing.B) {
		for b.Loop() {
			Draw(s)
		}
	})
}
