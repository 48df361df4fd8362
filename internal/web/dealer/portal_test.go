package dealer_test

import (
	"strings"
	"testing"

	"forecourt/internal/ordering"
)

func TestBeforeAcceptNothingPersonalIsShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds, london)
	secrets := []string{"Zebedee", "Quillfeather", "zebedee", "7700900987", "7700", "Marmalade", "Wetherbyshire", "LS22", "9ZZ", o.PickupCode}
	for _, path := range []string{"/dealer", "/dealer?tab=answer", "/dealer?q=" + o.Number, "/dealer/orders/" + o.Number, "/dealer/handovers"} {
		a := s.get(path)
		if a.status != 200 {
			t.Fatalf("%s: %d", path, a.status)
		}
		for _, x := range secrets {
			if strings.Contains(a.body, x) {
				t.Errorf("%s shows %q before accept", path, x)
			}
		}
	}
	for _, words := range []string{"Quillfeather", "LS22", o.PickupCode, "Marmalade"} {
		if a := s.get("/dealer?q=" + words); strings.Contains(a.body, o.Number) {
			t.Errorf("the order is found by %q before accept", words)
		}
	}
	if a := s.get("/dealer/orders/" + o.Number); !strings.Contains(a.body, "(LS)") || !strings.Contains(a.body, "Duster") {
		t.Error("the order shows neither area nor car")
	}
	b.walk(o, s, ordering.Accepted)
	for path, want := range map[string]string{"/dealer?q=quillfeather": "Zebedee Quillfeather", "/dealer/orders/" + o.Number: "zebedee.quillfeather@example.com"} {
		if a := s.get(path); !strings.Contains(a.body, want) {
			t.Errorf("%s lacks %q after accept: %d", path, want, a.status)
		}
	}
	if missing := b.words.Missing(); len(missing) > 0 {
		t.Errorf("words that are missing: %v", missing)
	}
}
