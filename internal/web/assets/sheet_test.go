package assets

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"forecourt/static"
)

func TestTheSheetIsItsFilesInOrder(t *testing.T) {
	t.Parallel()
	fsys := files([]byte("/* why\n   so */\na {\n  color: red;\n\n  /* here */\n}\n"))
	fsys["css/print.css"] = &fstest.MapFile{Data: []byte("p { margin: 0; }\n")}
	got, err := join(fsys)
	if want := "a {\ncolor: red;\n}\np { margin: 0; }\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestNoFileOfTheSheetIsLostOrMissing(t *testing.T) {
	t.Parallel()
	more := files(css)
	more["css/wheel.css"] = &fstest.MapFile{}
	if _, err := New(more, ""); err == nil || !strings.Contains(err.Error(), "css/wheel.css") {
		t.Errorf("a file without a place: %v", err)
	}
	less := files(css)
	delete(less, "css/print.css")
	if _, err := New(less, ""); err == nil {
		t.Error("a place without a file was taken")
	}
}

// A page that was written a moment before the looks changed still finds its sheet.
func TestDressingKeepsTheOldSheet(t *testing.T) {
	t.Parallel()
	s := set(t)
	old := url(t, s, Sheet)
	if err := s.Dress(looks); err != nil || url(t, s, Sheet) != old {
		t.Errorf("the same looks made another sheet: %v", err)
	}
	if err := s.Dress("b { color: green; }\n"); err != nil {
		t.Fatal(err)
	}
	next := url(t, s, Sheet)
	if next == old {
		t.Error("other looks, same URL")
	}
	for u, want := range map[string]string{old: "blue", next: "green"} {
		if body := string(unpack(t, ask(s, "GET", u))); !strings.Contains(body, want) || !strings.HasPrefix(body, "a {") {
			t.Errorf("%s does not hold %s", u, want)
		}
	}
}

// A brace too many or too few takes every rule behind it along, without a word from any browser.
func TestEveryFileOfTheSheetClosesWhatItOpens(t *testing.T) {
	t.Parallel()
	for _, noun := range sheetOrder {
		text, err := fs.ReadFile(static.Files, "css/"+noun+".css")
		if err != nil {
			t.Fatal(err)
		}
		depth := 0
		for i, c := range lean(text) {
			if c == '{' {
				depth++
			} else if c == '}' {
				depth--
			}
			if depth < 0 {
				t.Errorf("%s.css closes what it never opened at byte %d", noun, i)
				break
			}
		}
		if depth > 0 {
			t.Errorf("%s.css leaves %d blocks open", noun, depth)
		}
	}
}
