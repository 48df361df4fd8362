package assets

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"forecourt/config"
	"forecourt/internal/market"
	"forecourt/internal/platform/palette"
	"forecourt/static"
)

// The budgets of what a first visit loads, after gzip.
var budgets = map[string]int{Sheet: 14 << 10, "js/app.js": 4 << 10, "js/queue.js": 13 << 8, "js/handover.js": 3 << 10, "js/turn.js": 1 << 10, "img/icons.svg": 4 << 10, "img/favicon.svg": 1 << 10}

func TestShippedFilesKeepTheirBudgets(t *testing.T) {
	t.Parallel()
	s := home(t)
	for name, most := range budgets {
		f := s.now.Load().files[url(t, s, name)]
		if f.gz == nil || len(f.gz) > most || len(f.br) > len(f.gz) {
			t.Errorf("%s: %d bytes gzip, %d brotli; budget %d", name, len(f.gz), len(f.br), most)
		}
	}
}

func TestShippedFilesStayAtHome(t *testing.T) {
	t.Parallel()
	outside := regexp.MustCompile(`(?i)(https?:)?//[a-z0-9-]+\.[a-z]{2}|@import|\beval\(|new Function|innerHTML`)
	for name := range budgets {
		text := strings.ReplaceAll(shipped(t, name), "http://www.w3.org/2000/svg", "")
		if found := outside.FindString(text); found != "" {
			t.Errorf("%s contains %q", name, found)
		}
	}
}

func TestEveryIconIsThereOnce(t *testing.T) {
	t.Parallel()
	const wanted = "check lock swap bolt calendar print phone map warn info clock search scan arrow-left arrow-right chevron " +
		"doc mail key user car close download undo cross flag filter pause play wrench"
	text := shipped(t, "img/icons.svg")
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range strings.Fields(wanted) {
		if n := strings.Count(text, `<symbol id="`+id+`" viewBox="0 0 24 24">`); n != 1 {
			t.Errorf("icon %s is there %d times", id, n)
		}
	}
}

// home is what the demo serves: our files, and the looks of its brands behind the sheet.
func home(t *testing.T) *Set {
	t.Helper()
	data, err := config.World.ReadFile("brands.yaml")
	if err != nil {
		t.Fatal(err)
	}
	brands, problems := market.DecodeBrands("brands.yaml", data)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var all []palette.Named
	for _, b := range brands {
		all = append(all, palette.Named{Code: string(b.Code), Palette: b.Colours})
	}
	s, err := New(static.Files, palette.Sheet(all))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shipped(t *testing.T, name string) string {
	t.Helper()
	s := home(t)
	return string(s.now.Load().files[url(t, s, name)].plain)
}
