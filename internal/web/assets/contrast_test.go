package assets

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Each rule says which ink stands on which grounds of the style sheet, and how strongly it must differ.
var rules = []struct {
	least   float64
	ink     string
	grounds string
}{
	{4.5, "ink", "bg surface sunken tint good-bg warn-bg bad-bg info-bg"},
	{4.5, "quiet", "bg surface sunken tint"},
	{4.5, "link", "bg surface sunken tint good-bg"},
	{4.5, "on-accent", "accent accent-hover"},
	{4.5, "on-head", "head"},
	{4.5, "good", "good-bg surface bg sunken"},
	{4.5, "warn", "warn-bg surface bg sunken tint"},
	{4.5, "bad", "bad-bg surface bg sunken tint"},
	{4.5, "info", "info-bg surface bg sunken"},
	{4.5, "surface", "select bad"}, // the tick in a chosen mark, the sign beside an error
	{4.5, "bg", "ink"},             // the current chip and page number
	{3, "edge", "bg surface sunken tint"},
	{3, "select", "bg surface sunken tint"},
	{3, "focus", "bg surface sunken tint good-bg bad-bg"},
}

func TestContrastOfEveryBrandLightAndDark(t *testing.T) {
	t.Parallel()
	light, dark, found := strings.Cut(shipped(t, "css/app.css"), "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("no dark scheme in the style sheet")
	}
	dark, _, _ = strings.Cut(dark, "@layer base")
	for _, brand := range []string{"forecourt", "dacia", "renault"} {
		day := tokens(light, brand)
		night := maps.Clone(day)
		maps.Copy(night, tokens(dark, brand))
		check(t, brand+", light", day)
		check(t, brand+", dark", night)
	}
}

func check(t *testing.T, where string, colours map[string]string) {
	t.Helper()
	for _, r := range rules {
		for ground := range strings.FieldsSeq(r.grounds) {
			got, err := contrast(colours[r.ink], colours[ground])
			if err != nil {
				t.Errorf("%s: %s on %s: %v", where, r.ink, ground, err)
			} else if got < r.least {
				t.Errorf("%s: %s %s on %s %s is %.2f, want %.1f", where, r.ink, colours[r.ink], ground, colours[ground], got, r.least)
			}
		}
	}
}

var (
	block = regexp.MustCompile(`(?s)([^{}]*)\{([^{}]*)\}`)
	token = regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{3,6});`)
)

// tokens are the colours a page of this brand sees: what all brands share, then its own.
func tokens(css, brand string) map[string]string {
	out := map[string]string{}
	for _, own := range []bool{false, true} {
		for _, m := range block.FindAllStringSubmatch(css, -1) {
			if strings.Contains(m[1], "[data-brand="+brand+"]") != own || !own && !strings.Contains(m[1], ":root") {
				continue
			}
			for _, tk := range token.FindAllStringSubmatch(m[2], -1) {
				out[tk[1]] = tk[2]
			}
		}
	}
	return out
}

func contrast(a, b string) (float64, error) {
	x, err := luminance(a)
	if err != nil {
		return 0, err
	}
	y, err := luminance(b)
	if err != nil {
		return 0, err
	}
	return (max(x, y) + .05) / (min(x, y) + .05), nil
}

func luminance(hex string) (float64, error) {
	if len(hex) == 4 {
		hex = fmt.Sprintf("#%c%c%c%c%c%c", hex[1], hex[1], hex[2], hex[2], hex[3], hex[3])
	}
	if len(hex) != 7 {
		return 0, fmt.Errorf("not a colour: %q", hex)
	}
	sum := 0.0
	for i, part := range []float64{.2126, .7152, .0722} {
		v, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return 0, err
		}
		c := float64(v) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += part * c
	}
	return sum, nil
}
