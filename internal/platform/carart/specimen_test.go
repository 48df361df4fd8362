package carart

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
)

// everySpec is each body in each view with each set of wheels and each finish, bars and roof colours in turn.
func everySpec() []Spec {
	var out []Spec
	for _, b := range Bodies() {
		for _, w := range Wheels() {
			for _, f := range Finishes() {
				for _, v := range Views() {
					n := len(out)
					out = append(out, Spec{
						Body: b, View: v, Wheels: w, Paint: Paint{"#1c4f8f", f}, Rails: n%4 < 2, TwoTone: n%3 == 0, Trim: append(Trims(), "")[n%7%4],
						Label: fmt.Sprintf("%s on %s wheels, %s, %s", b, w, f, v), ID: fmt.Sprintf("c%d", n),
					})
				}
			}
		}
	}
	return out
}

func TestEverySpecimenIsWellFormedAndSmall(t *testing.T) {
	t.Parallel()
	for _, s := range everySpec() {
		got := Draw(s)
		if err := wellFormed(got); err != nil {
			t.Errorf("%s: %v", s.Label, err)
		}
		if n := gzipped(t, got); n > 4<<10 {
			t.Errorf("%s: %d bytes gzip, want at most 4096", s.Label, n)
		}
		for _, never := range []string{"style=", "http", "NaN", "Inf", "%!", "\x00", "<script", "data:"} {
			if strings.Contains(got, never) {
				t.Errorf("%s: contains %q", s.Label, never)
			}
		}
	}
}

func TestTheFullestDrawingIsSmallToo(t *testing.T) {
	t.Parallel()
	for _, s := range everySpec() {
		s.Rails, s.TwoTone = true, true
		for _, s.Trim = range Trims() {
			if n := gzipped(t, Draw(s)); n > 4<<10 {
				t.Errorf("%s, %s: %d bytes gzip, want at most 4096", s.Label, s.Trim, n)
			}
		}
	}
}

var (
	ids  = regexp.MustCompile(` id="([^"]+)"`)
	refs = regexp.MustCompile(`(?:url\(|href=")#([^")]+)`)
)

func TestIDsAreUniqueInAPageAndEveryReferenceMeetsOne(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range everySpec() {
		got, own := Draw(s), map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(got, -1) {
			if seen[m[1]] {
				t.Fatalf("%s: id %q twice in one page", s.Label, m[1])
			}
			seen[m[1]], own[m[1]] = true, true
		}
		for _, m := range refs.FindAllStringSubmatch(got, -1) {
			if !own[m[1]] {
				t.Errorf("%s: refers to %q, which it does not define", s.Label, m[1])
			}
		}
	}
}

func TestBodiesAndWheelsDifferAndKeepTheirScale(t *testing.T) {
	t.Parallel()
	drawn := map[string]string{}
	for _, s := range everySpec() {
		s.Label, s.ID = "", "x"
		name := fmt.Sprint(s)
		if other, ok := drawn[Draw(s)]; ok {
			t.Errorf("%s looks like %s", name, other)
		}
		drawn[Draw(s)] = name
	}
	for b, s := range shapes {
		if s.length < 3500 || s.length > 4700 || s.top() < 1350 || s.top() > 1900 {
			t.Errorf("%s is %.0f by %.0f mm", b, s.length, s.top())
		}
		for _, p := range s.body {
			if p.x < 0 || p.x > s.length {
				t.Errorf("%s: corner %v outside its length", b, p)
			}
		}
	}
	if shapes[City].length >= shapes[Hatch].length || shapes[SUV].length >= shapes[SUVLarge].length {
		t.Error("the small one is not smaller")
	}
}

func wellFormed(s string) error {
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

func gzipped(t *testing.T, s string) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
