package filecheck

import (
	"strings"
	"testing"
)

type names map[string]string

func (n *names) SetWord(w string) { *n = names{"": w} }

type day string

type part struct {
	Code string `yaml:"code"`
	Kg   int64  `yaml:"kg"`
	Name names  `yaml:"name"`
}

type Head struct {
	Title string `yaml:"title"`
}

type sample struct {
	Head   `yaml:",inline"`
	Day    day              `yaml:"day"`
	Lat    float64          `yaml:"lat"`
	Spare  bool             `yaml:"spare"`
	Parts  []part           `yaml:"parts"`
	Best   *part            `yaml:"best"`
	Prices map[day][]int64  `yaml:"prices"`
	Hidden map[string]int64 `yaml:"-"`
}

const good = `title: A
day: 2026-01-01
lat: -3.25
spare: true
parts:
  - {code: a, kg: 1_200, name: Wheel}
  - code: b
    name: {en: Tyre, fr: Pneu}
best: {code: c}
prices:
  gb: [1, 2]
`

func TestDecodeReadsEveryKind(t *testing.T) {
	t.Parallel()
	var s sample
	if ps := Decode("a.yaml", []byte(good), &s); len(ps) != 0 {
		t.Fatalf("problems: %v", Problems(ps))
	}
	if s.Title != "A" || s.Day != "2026-01-01" || s.Lat != -3.25 || !s.Spare || s.Best.Code != "c" || s.Prices["gb"][1] != 2 {
		t.Errorf("read %+v", s)
	}
	if s.Parts[0].Kg != 1200 || s.Parts[0].Name[""] != "Wheel" || s.Parts[1].Name["fr"] != "Pneu" {
		t.Errorf("parts %+v", s.Parts)
	}
}

func TestDecodeCollectsEveryMistake(t *testing.T) {
	t.Parallel()
	broken := `title: 208
titel: A
day: 2026-01-01
day: 2026-01-02
lat: north
spare: perhaps
parts:
  - code: a
    kg: 1.5
    weight: 3
  - just a word
  - code: ""
    kg: 012
    name: [x]
best:
prices:
  gb: 12
hidden: {a: 1}
`
	want := []string{
		`a.yaml:1: title must be text; put 208 in quotes`,
		`a.yaml:2: the file has no key "titel"; did you mean "title"?`,
		`a.yaml:4: key "day" is given twice, first in line 3`,
		`a.yaml:5: lat must be a number, not "north"`,
		`a.yaml:6: spare must be true or false, not "perhaps"`,
		`a.yaml:9: kg must be a whole number, not "1.5"`,
		`a.yaml:10: item of parts has no key "weight"`,
		`a.yaml:11: item of parts must be a group of keys, not the value "just a word"`,
		`a.yaml:12: code is empty`,
		`a.yaml:13: kg must not start with 0: 012`,
		`a.yaml:14: name must be a group of keys, not a list`,
		`a.yaml:15: best has no value`,
		`a.yaml:17: gb must be a list, not the value "12"`,
		`a.yaml:18: the file has no key "hidden"`,
	}
	var s sample
	got := Problems(Decode("a.yaml", []byte(broken), &s))
	got.Sort()
	if text := got.Error(); text != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", text, strings.Join(want, "\n"))
	}
	if s.Day != "2026-01-01" || s.Parts[0].Code != "a" {
		t.Errorf("what could be read was not kept: %+v", s)
	}
}

func TestDecodeRefusesWholeFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"empty":         {"", "a.yaml:1: the file is empty"},
		"comments only": {"# nothing\n", "a.yaml:1: the file is empty"},
		"a list":        {"- a\n", "a.yaml:1: the file must be a group of keys, not a list"},
		"two documents": {"title: a\n---\ntitle: b\n", "a.yaml:2: a second document starts here; one file holds one"},
		"alias":         {"title: &t a\nday: *t\n", "a.yaml:1: title uses an anchor or alias; write the value out\na.yaml:2: day uses an anchor or alias; write the value out"},
		"syntax":        {"title: a\n  b: c\n", "a.yaml:2: not readable as YAML: mapping values are not allowed in this context"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s sample
			if got := Problems(Decode("a.yaml", []byte(c.in), &s)).Error(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestLineOfFindsKeysAndItems(t *testing.T) {
	t.Parallel()
	root, _ := Parse("a.yaml", []byte(good))
	for path, want := range map[string]int{
		"": 1, "lat": 3, "parts": 5, "parts/0": 6, "parts/0/kg": 6, "parts/1": 7, "parts/1/name": 8,
		"parts/1/kg": 7, "parts/9": 5, "prices/gb": 11, "prices/it": 10,
	} {
		var steps []string
		if path != "" {
			steps = strings.Split(path, "/")
		}
		if got := LineOf(root, steps...); got != want {
			t.Errorf("line of %q is %d, want %d", path, got, want)
		}
	}
	if LineOf(nil, "a") != 1 || Find(root, "parts", "1", "code").Value != "b" || Find(root, "no", "1") != nil {
		t.Error("paths that lead nowhere must be harmless")
	}
}
