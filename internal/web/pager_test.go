package web

import "testing"

func TestALeafEndsWithAnAddress(t *testing.T) {
	t.Parallel()
	at := func(last string) string { return "?after=" + last }
	for want, rows := range map[string][]string{"": {"a", "b"}, "?after=b": {"a", "b", "c"}} {
		if leaf, next := Leaf(rows, 2, at); len(leaf) != 2 || next != want {
			t.Errorf("%v: %v, %q", rows, leaf, next)
		}
	}
	if leaf, next := Leaf([]string(nil), 2, at); leaf != nil || next != "" {
		t.Error("nothing has a next page")
	}
}
