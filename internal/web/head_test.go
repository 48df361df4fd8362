package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"forecourt/static"
)

// The browser's bar goes on where the page's head bar ends: both have one colour, by day and by night.
func TestLooksAreThoseOfTheStyleSheet(t *testing.T) {
	t.Parallel()
	var css strings.Builder
	names, err := fs.Glob(static.Files, "css/*.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(static.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		css.Write(b)
	}
	for _, theme := range Themes() {
		blocks := regexp.MustCompile(`(?s)\[data-brand=`+theme+`\] \{(.*?)\}`).FindAllStringSubmatch(css.String(), -1)
		var heads, grounds []string
		for _, b := range blocks {
			if m := regexp.MustCompile(`--head: (#[0-9a-f]+);`).FindStringSubmatch(b[1]); m != nil {
				heads = append(heads, m[1])
			}
			if m := regexp.MustCompile(`--bg: (#[0-9a-f]+);`).FindStringSubmatch(b[1]); m != nil {
				grounds = append(grounds, m[1])
			}
		}
		look := LookOf(theme)
		if len(heads) != 2 || heads[0] != look.Light || heads[1] != look.Dark || len(grounds) == 0 || grounds[0] != look.Ground {
			t.Errorf("%s: the style sheet has heads %v and grounds %v, the look says %+v", theme, heads, grounds, look)
		}
	}
}

func TestAnAddressIsMadeComplete(t *testing.T) {
	t.Parallel()
	b := Base{origin: "https://shop.example"}
	for path, want := range map[string]string{"/dacia/gb": "https://shop.example/dacia/gb", "https://pictures.example/a.png": "https://pictures.example/a.png"} {
		if got := b.Abs(path); got != want {
			t.Errorf("%s becomes %s", path, got)
		}
	}
	if (Base{Canonical: "/x", Preview: true}).Public() || (Base{Canonical: "/x", NoIndex: true}).Public() || (Base{}).Public() || !(Base{Canonical: "/x"}).Public() {
		t.Error("the wrong pages are public")
	}
}
