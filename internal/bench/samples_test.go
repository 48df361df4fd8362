package main

import (
	"slices"
	"testing"
)

// Every page's sample stays within its budget of bytes, in every language that has words. Times are not
// judged here: the machine of a test has other things to do.
func TestSamplePagesStayLight(t *testing.T) {
	t.Parallel()
	g, err := openGallery()
	if err != nil {
		t.Fatal(err)
	}
	if names := g.kit.PageNames(); len(names) != len(g.pages) {
		t.Errorf("%d pages, %d samples", len(names), len(g.pages))
	}
	spoken := 0
	for _, locale := range []string{"en-GB", "it-IT", "fr-FR", "de-DE", "es-ES", "ro-RO"} {
		p := g.kit.Catalogue.Printer(locale)
		if !slices.Contains(g.kit.Catalogue.Languages(), locale[:2]) {
			continue // its words are not here; it reads English
		}
		spoken++
		g.speak(locale)
		for name, page := range g.pages {
			body, err := g.kit.Render(name, page)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if len(body) > mostBytes {
				t.Errorf("%s in %s has %d KB, more than %d", name, p.Lang(), len(body)>>10, mostBytes>>10)
			}
		}
	}
	if spoken < 4 {
		t.Errorf("only %d languages were tried", spoken)
	}
}
