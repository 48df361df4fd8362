package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The style guide belongs to the demo: a site of real buyers does not know it.
func TestOnlyTheDemoShowsTheStyleGuide(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	real := h.app.Parts
	real.Demo = false
	shop, err := Open(t.Context(), real)
	must(t, err)
	t.Cleanup(shop.Close)
	for _, path := range []string{"/styleguide", "/styleguide?brand=renault", "/styleguide/looks.css"} {
		demo, status := get(t, h.app, path), get(t, shop, path).Code
		if demo.Code != http.StatusOK || status != http.StatusNotFound {
			t.Errorf("%s: %d in the demo, %d in a shop", path, demo.Code, status)
		}
	}
	for path, wants := range map[string][]string{
		"/styleguide?brand=renault": {`content="noindex"`, `<html lang="en-GB" data-brand="renault">`, `data-brand="renault" data-scheme="dark"`, `href="/styleguide?brand=dacia"`, `src="/styleguide/cars/0.svg"`},
		"/styleguide":               {`Forecourt, light`},
	} {
		page := get(t, h.app, path).Body.String()
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not hold %s", path, want)
			}
		}
	}
	if css := get(t, h.app, "/styleguide/looks.css").Body.String(); !strings.Contains(css, "[data-brand=renault][data-scheme=dark]{--accent:#f2e11c;") {
		t.Error("the looks do not hold Renault in the dark")
	}
}

func get(t *testing.T, a *App, path string) *httptest.ResponseRecorder {
	t.Helper()
	door, err := a.Handler()
	must(t, err)
	w := httptest.NewRecorder()
	door.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}
