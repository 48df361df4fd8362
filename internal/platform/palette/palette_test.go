package palette_test

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/platform/palette"
)

func TestTheHouseCanBeRead(t *testing.T) {
	t.Parallel()
	for _, flaw := range palette.House.Check() {
		t.Errorf("%s: %s", flaw.Scheme, flaw.Reason)
	}
}

func TestContrastIsThatOfWCAG(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		a, b      string
		low, high float64
	}{{"#000", "#fff", 21, 21}, {"#fff", "#ffffff", 1, 1}, {"#767676", "#fff", 4.54, 4.55}, {"#777", "#fff", 4.47, 4.49}, {"red", "#fff", 0, 0}, {"#12345", "#fff", 0, 0}} {
		if got := palette.Contrast(x.a, x.b); got < x.low || got > x.high {
			t.Errorf("%s on %s: %.3f", x.a, x.b, got)
		}
	}
}

// with is the house's look with one colour changed; without when the colour is empty.
func with(scheme, token, colour string) palette.Palette {
	p := palette.Palette{Light: maps.Clone(palette.House.Light), Dark: maps.Clone(palette.House.Dark)}
	c := map[string]palette.Colours{"light": p.Light, "dark": p.Dark}[scheme]
	if c[token] = colour; colour == "" {
		delete(c, token)
	}
	return p
}

func TestFlawsSayWhereAndWhy(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ scheme, token, colour, reason string }{
		{"light", "ink", "", "ink is missing"},
		{"dark", "stage-2", "", "stage-2 is missing"},
		{"light", "ink", "black", `ink can not be "black"; write it like #1a2b3c`},
		{"light", "bg", "#fff;}", `bg can not be "#fff;}"`},
		{"dark", "shine", "#fff", `there is no colour "shine"`},
		{"dark", "good", "#fff", `there is no colour "good"`},
		{"light", "quiet", "#8a949c", "quiet #8a949c on bg #f3f5f6 has a contrast of 2.8"},
		{"light", "edge", "#b9c0c6", "edge #b9c0c6 on bg #f3f5f6 has a contrast of 1.6"},
		{"dark", "on-accent", "#fff", "on-accent #fff on accent #8ec8f2 has a contrast of 1.80"},
		{"light", "sunken", "#8a8f93", "it needs 4.5"},
	} {
		var hit bool
		flaws := with(x.scheme, x.token, x.colour).Check()
		for _, f := range flaws {
			hit = hit || f.Scheme == x.scheme && f.Token == x.token && strings.Contains(f.Reason, x.reason)
		}
		if !hit {
			t.Errorf("%s %s %q: want %q, have %v", x.scheme, x.token, x.colour, x.reason, flaws)
		}
	}
}

func TestSheetWritesEveryLookOnce(t *testing.T) {
	t.Parallel()
	css := palette.Sheet([]palette.Named{
		{Code: "kestrel", Palette: with("light", "accent", "#0a3d62")},
		{Code: "murk", Palette: with("light", "ink", "#fff")},
		{Code: "old"},
	})
	light, dark, found := strings.Cut(css, "@media screen and (prefers-color-scheme:dark){")
	if !found || strings.Count(css, "{") != strings.Count(css, "}") {
		t.Fatalf("not a sheet:\n%s", css)
	}
	for _, half := range []string{light, dark} {
		for _, selector := range []string{":root{--bad:", ":where(:root),[data-brand=forecourt]{--bg:", "[data-brand=kestrel]{--bg:"} {
			if strings.Count(half, selector) != 1 {
				t.Errorf("%s is there %d times in\n%s", selector, strings.Count(half, selector), half)
			}
		}
	}
	if !strings.Contains(light, "--accent:#0a3d62;") || strings.Contains(dark, "#0a3d62") {
		t.Error("the colour of one scheme is not in it alone")
	}
	// Colours come from the database: what the check refuses never becomes a rule.
	if found := regexp.MustCompile(`murk|=old`).FindString(css); found != "" {
		t.Errorf("%s has no usable look and is in the sheet", found)
	}
}

func TestALookThatCannotBeUsedIsTheHouses(t *testing.T) {
	t.Parallel()
	own := palette.Palette{Light: maps.Clone(palette.House.Light), Dark: maps.Clone(palette.House.Dark)}
	own.Light["head"] = "#102030"
	for range 2 { // judged, then known
		if got := own.OrHouse(); got.Light["head"] != "#102030" {
			t.Errorf("a good look gives way: %v", got.Light["head"])
		}
		if got := (palette.Palette{}).OrHouse(); got.Light["head"] != palette.House.Light["head"] {
			t.Error("no look is not the house's")
		}
	}
	bad := palette.Palette{Light: maps.Clone(own.Light), Dark: own.Dark}
	bad.Light["ink"] = bad.Light["bg"]
	if got := bad.OrHouse(); got.Light["head"] != palette.House.Light["head"] {
		t.Error("ink like its ground is worn")
	}
}
