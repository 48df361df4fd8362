package storefront_test

import (
	"strings"
	"testing"
)

func TestATurnedCarStaysTurned(t *testing.T) {
	t.Parallel()
	s := open(t)
	a := s.get("/dacia/gb/new/duster/configure")
	if !strings.Contains(a.body, ", side view\"") || strings.Contains(a.body, "view=") && !strings.Contains(a.body, "view=quarter") {
		t.Error("the configurator does not begin at the side")
	}
	a = s.get("/dacia/gb/new/duster/configure?view=quarter")
	if !strings.Contains(a.body, ", three-quarter view from the front\"") {
		t.Error("the car was not turned")
	}
	picks, kept := strings.Count(a.body, `href="?`), strings.Count(a.body, "view=quarter")
	if picks < 20 || kept < picks-2 { // the link to the side has none
		t.Errorf("%d of %d links keep the view", kept, picks)
	}
	if b := s.get("/dacia/gb/new/duster/configure?view=upside-down"); !strings.Contains(b.body, ", side view\"") {
		t.Error("an unknown view is not the side")
	}
	if m := s.get("/dacia/gb/new/duster"); !strings.Contains(m.body, `aria-label="Duster, three-quarter view from the front"`) {
		t.Error("the model page does not show the car from the front")
	}
}
