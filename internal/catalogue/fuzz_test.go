package catalogue

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"forecourt/internal/platform/filecheck"
)

// FuzzDecodeRange feeds the reader with spoilt files. Whatever it is given, it either refuses with
// reasons that name a line, or gives a range that the store keeps as it is and that can be asked.
func FuzzDecodeRange(f *testing.F) {
	demo, err := filepath.Glob(filepath.Join(rangesDir, "*", "*.yaml"))
	if err != nil || len(demo) == 0 {
		f.Fatalf("no range files: %v", err)
	}
	for _, name := range demo {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(sound))
	f.Add([]byte(withTable()))
	for _, c := range hostile {
		if len(c.text) < 50_000 { // larger seeds would only slow the search down
			f.Add([]byte(c.text))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, problems := DecodeRange("acme/pony.yaml", data)
		if (r == nil) != (len(problems) > 0) || len(problems) > filecheck.Most+1 {
			t.Fatalf("range %v, %d problems", r != nil, len(problems))
		}
		for _, p := range problems {
			if p.Line < 1 || p.Reason == "" || len(p.Reason) > 2000 {
				t.Fatalf("a mistake nobody can find: %+v", p)
			}
		}
		if r != nil {
			keepsItself(t, r)
		}
	})
}

func keepsItself(t *testing.T, r *Range) {
	t.Helper()
	stored, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Range
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(&back); err != nil || string(again) != string(stored) || len(back.Rules) != len(r.Rules) {
		t.Fatalf("the store changes the range: %v\n%s\n%s", err, stored, again)
	}
	for i := range r.Rules {
		if !reflect.DeepEqual(back.Rules[i].Rows, r.Rules[i].Rows) {
			t.Fatalf("rows %v came back as %v", r.Rules[i].Rows, back.Rules[i].Rows)
		}
	}
	for m := range r.Prices {
		for _, d := range r.Edges(m, "") {
			if !d.Valid() {
				t.Fatalf("%q is no day", d)
			}
		}
	}
}
