package filecheck

import (
	"strings"
	"testing"
)

func TestLimitsRefuseWholeFiles(t *testing.T) {
	t.Parallel()
	small := Limits{Bytes: 200, Nodes: 20, Keys: 4, Depth: 3}
	for name, c := range map[string]struct{ in, want string }{
		"within":        {"a: [1, 2]\nb: {c: 3}\n", ""},
		"too long":      {strings.Repeat("# word\n", 40), "a.yaml:1: the file has 280 bytes; the most is 200"},
		"too many":      {"a: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n", "a.yaml:1: the file has too many values; the most is 20"},
		"uncounted":     {strings.Repeat("-\n", 19) + "-", "a.yaml:1: the file has 21 values; the most is 20"},
		"too many keys": {"z: 1\na: {b: 1, c: 1,\n  d: 1, e: 1, f: 1}\n", "a.yaml:2: 5 keys in one group; the most is 4"},
		"too deep":      {"a:\n  - b:\n    - c\n", "a.yaml:3: more than 3 lists and groups of keys within each other"},
		"second file":   {"a: 1\n---\nb: 1\n", "a.yaml:2: a second document starts here; one file holds one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, problems := ParseWithin("a.yaml", []byte(c.in), small)
			if got := Problems(problems).Error(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if kept := c.want == "" || name == "second file"; (root != nil) != kept {
				t.Errorf("a root: %v", root != nil)
			}
		})
	}
}

func TestUnseenLettersAreNamedOnceALine(t *testing.T) {
	t.Parallel()
	text := "\ufefftitle: a\r\nday: \"b\x00\x01\"\nlat: \u2067c\nspare: \x80\nparts: \u00e9\u4e16\rx: \ufeff\n"
	want := "a.yaml:2: the control character U+0000 has no place in a file\na.yaml:3: the control character U+2067 has no place in a file\n" +
		"a.yaml:4: the byte 0x80 is not UTF-8 text\na.yaml:5: the control character U+000D has no place in a file"
	if _, problems := Parse("a.yaml", []byte(text)); Problems(problems).Error() != want {
		t.Errorf("got\n%s\nwant\n%s", Problems(problems).Error(), want)
	}
	var s sample
	got := Problems(Decode("a.yaml", []byte("title: \"\\x1b\"\n\"da\\u202ey\": x\n&k lat: 1\n"), &s)).Error()
	want = "a.yaml:1: title has a control character: \"\\x1b\"\na.yaml:2: the file has a key that is not a plain word\na.yaml:3: the file has a key that is not a plain word"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOnlySoMuchIsSaid(t *testing.T) {
	t.Parallel()
	var s sample
	problems := Check("a.yaml", []byte("parts:\n"+strings.Repeat("  - word\n", 900)), &s).Done()
	if last := problems[len(problems)-1]; len(problems) != Most+1 || last.Line != Most+1 || !strings.Contains(last.Reason, "more mistakes") {
		t.Errorf("%d mistakes, the last is %s", len(problems), last)
	}
	long := Problems(Decode("a.yaml", []byte("lat: "+strings.Repeat("\u00e9", 9000)), &s)).Error()
	if len(long) > 300 || !strings.Contains(long, "\u00e9...\"") {
		t.Errorf("said %s", long)
	}
	if few := Cut([]Problem{{"a", 1, "b"}}); len(few) != 1 {
		t.Errorf("cut to %v", few)
	}
}
