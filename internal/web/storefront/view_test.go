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
	if !strings.Contains(a.body, `<input type="hidden" name="view" value="quarter">`) {
		t.Error("a click turns the car back")
	}
	if next := s.get("/dacia/gb/new/duster/configure?view=quarter&take=cedar"); !strings.Contains(next.body, `href="?s=&amp;`) && !strings.Contains(next.body, "view=quarter&amp;was=cedar") {
		t.Error("undoing turns the car back")
	}
	if b := s.get("/dacia/gb/new/duster/configure?view=upside-down"); !strings.Contains(b.body, ", side view\"") {
		t.Error("an unknown view is not the side")
	}
	if m := s.get("/dacia/gb/new/duster"); !strings.Contains(m.body, `aria-label="Duster, three-quarter view from the front"`) {
		t.Error("the model page does not show the car from the front")
	}
}
