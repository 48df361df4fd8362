package assets

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"forecourt/static"
)

// The budgets of what a first visit loads, after gzip.
var budgets = map[string]int{"css/app.css": 14 << 10, "js/app.js": 4 << 10, "img/icons.svg": 4 << 10, "img/favicon.svg": 1 << 10}

func TestShippedFilesKeepTheirBudgets(t *testing.T) {
	t.Parallel()
	s, err := New(static.Files)
	if err != nil {
		t.Fatal(err)
	}
	for name, most := range budgets {
		f := s.files[url(t, s, name)]
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

func shipped(t *testing.T, name string) string {
	t.Helper()
	b, err := fs.ReadFile(static.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
