package storefront_test

import (
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/id"
)

var (
	mapPart = regexp.MustCompile(`(?s)<figure class="dotmap.*?</figure>`)
	mapNo   = regexp.MustCompile(`<text class="no"[^>]*>(\d+)</text>`)
	pins    = regexp.MustCompile(`<span class="pin" aria-hidden="true">(\d+)</span>`)
)

// The map's numbers are the list's, in every market, on both pages; readers who can not see the map are
// spared it.
func TestMapAndListHaveTheSameNumbers(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, code := range []string{"gb", "it", "fr", "de", "es", "ro", "zz"} {
		m, _ := s.World.Now().Market(id.Market(code))
		if (len(m.Outline) == 0) != (code == "zz") {
			t.Errorf("%s has an outline of %d rings", code, len(m.Outline))
		}
		model := s.World.Now().Ranges("dacia", m.Code, "2026-11-24")[0].Model
		for _, path := range []string{"/dealers", "/new/" + string(model) + "/dealer"} {
			body := s.page("/dacia/" + code + path).body
			drawn := mapPart.FindString(body)
			shown, listed := mapNo.FindAllStringSubmatch(drawn, -1), pins.FindAllStringSubmatch(body, -1)
			if len(shown) == 0 || len(shown) != len(listed) || !strings.Contains(drawn, `aria-hidden="true"`) || strings.Contains(drawn, `class="here"`) {
				t.Errorf("%s%s: %d on the map, %d in the list: %s", code, path, len(shown), len(listed), drawn)
				continue
			}
			for i := range shown {
				if shown[i][1] != listed[i][1] {
					t.Errorf("%s%s: %s on the map is %s in the list", code, path, shown[i][1], listed[i][1])
				}
			}
		}
	}
}

// Near a place the map shows the nearest, numbered from the top, the reader's place as a ring, a scale in
// the market's unit, and says how many are farther away.
func TestMapAroundTheReader(t *testing.T) {
	t.Parallel()
	s := open(t)
	for path, want := range map[string][]string{
		"/dacia/gb/dealers?near=LS3+1LH":          {" mi</text>", "The ring is where you are.", "farther away than this map"},
		"/dacia/it/new/duster/dealer?near=Milano": {" km</text>", "L'anello"},
		"/dacia/gb/dealers?lat=90&lon=180":        {" mi</text>"},
		"/dacia/gb/dealers?lat=-90&lon=-180":      {" mi</text>"},
	} {
		drawn := strings.ReplaceAll(mapPart.FindString(s.page(path).body), "&#39;", "'")
		for _, w := range append(want, `class="here"`) {
			if !strings.Contains(drawn, w) {
				t.Errorf("%s: the map has no %q: %s", path, w, drawn)
			}
		}
	}
	if drawn := mapPart.FindString(s.page("/dacia/gb/dealers?near=LS3+1LH").body); !strings.Contains(drawn, ">1</text>") {
		t.Error("the nearest dealer is not on the map")
	}
	if body := s.page("/dacia/gb/dealers?skill=french&skill=german&skill=sign_language&skill=italian").body; mapPart.MatchString(body) {
		t.Error("a list of nobody has a map")
	}
}
