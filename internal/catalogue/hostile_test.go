package catalogue

import (
	"fmt"
	"strings"
	"testing"

	"forecourt/internal/platform/filecheck"
)

// repeated makes a text of many numbered parts.
func repeated(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// into puts text after a line of the sound range.
func into(line, text string) string { return strings.Replace(sound, line+"\n", line+"\n"+text, 1) }

// bomb is ten levels of ten aliases each.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x]\n")
	for i := 1; i <= 10; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String()
}

// hostile are files that nobody writes by mistake, with a part of what is said of each.
var hostile = map[string]struct{ text, want string }{
	"more than 2 MiB":       {sound + strings.Repeat("#", 2<<20), ":1: the file has "},
	"NUL":                   {strings.Replace(sound, "Pony", "Po\x00ny", 1), ":3: the control character U+0000"},
	"NUL by escape":         {strings.Replace(sound, "name: Pony", `name: "Po\x00ny"`, 1), ":3: name has a control character"},
	"escape sequence":       {strings.Replace(sound, "name: Basic", `name: "\e[31mBasic"`, 1), ":13: name has a control character"},
	"text turned round":     {strings.Replace(sound, "name: Basic", "name: Ba\u202esic", 1), ":13: the control character U+202E"},
	"control in a key":      {strings.Replace(sound, "seats: 5", "seats: 5\n\"se\\x07ats\": 5", 1), ":6: the file has a key that is not a plain word"},
	"not UTF-8":             {strings.Replace(sound, "Pony", "P\xf6ny", 1), ":3: the byte 0xf6 is not UTF-8 text"},
	"UTF-16":                {"\xff\xfeb\x00r\x00", ":1: the byte 0xff is not UTF-8 text"},
	"name of two lines":     {strings.Replace(sound, "name: Basic", `name: "Ba\nsic"`, 1), ":13: name must be one line without tabs"},
	"endless name":          {strings.Replace(sound, "name: Basic", "name: "+strings.Repeat("B", 900), 1), ":13: name has 900 letters; there is room for 80"},
	"alias bomb":            {bomb() + sound, `:1: the file has no key "a0"`},
	"alias in its place":    {strings.Replace(strings.Replace(sound, "seats: 5", "seats: &n 5", 1), "order: 1", "order: *n", 1), ":6: order uses an anchor or alias"},
	"alias of itself":       {"a: &a [*a]\n" + sound, `:1: the file has no key "a"`},
	"merged keys":           {strings.Replace(sound, "{code: plus, name: Plus}", "{<<: {code: plus}, name: Plus}", 1), ":14: item of versions has no key \"<<\""},
	"deep brackets":         {"brand: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n", ":1: more than 8 lists and groups of keys within each other"},
	"deeper brackets":       {"brand: " + strings.Repeat("[", 500_000), "not readable as YAML: exceeded max depth"},
	"deep keys":             {strings.Repeat("{a: ", 2000) + "1" + strings.Repeat("}", 2000), "more than 8 lists"},
	"deep dashes":           {strings.Repeat("- ", 90_000) + "a", "not readable as YAML"},
	"a million values":      {"brand: [" + strings.Repeat("a,", 900_000) + "]\n", ":1: the file has too many values"},
	"as many keys":          {repeated(3000, "k%d: 1\n") + sound, ":1: 3019 keys in one group; the most is 2100"},
	"features":              {into("options:", repeated(2001, "  - {code: o-%d, name: O}\n")), ":1: 2010 features; the most is 2000"},
	"rules":                 {into("rules:", repeated(5000, "  - {kind: standard, if: plus, any: [bars], from: %04d-01-01}\n")), ":30: 5003 rules; the most is 5000"},
	"rows":                  {into("rules:", "  - {kind: only_with, of: [version], rows: ["+strings.Repeat("[plus],", 200_001)+"]}\n"), ":30: 200001 rows in tables; the most is 200000"},
	"names in one rule":     {into("rules:", "  - {kind: standard, if: plus, any: ["+strings.Repeat("bars,", 501)+"]}\n"), ":30: 501 features in one rule; the most is 500"},
	"names in all rules":    {into("rules:", strings.Repeat("  - {kind: standard, if: plus, any: ["+strings.Repeat("bars,", 500)+"]}\n", 101)), "50503 features named by rules; the most is 50000"},
	"lists of prices":       {into("prices:", "  it: ["+strings.Repeat("{},", 201)+"]\n"), "202 price lists; the most is 200"},
	"absurd number":         {strings.Replace(sound, "seats: 5", "seats: "+strings.Repeat("9", 400), 1), ":5: seats must be a whole number"},
	"number by exponent":    {strings.Replace(sound, "seats: 5", "seats: 1e99", 1), `:5: seats must be a whole number, not "1e99"`},
	"no number":             {strings.Replace(sound, "radio: 20000", "radio: .nan", 1), ":39: radio must be a whole number"},
	"price beyond counting": {strings.Replace(sound, "radio: 20000", "radio: 9223372036854775807", 1), `:39: price of "radio" must be 0 to 49999999`},
	"price below counting":  {strings.Replace(sound, "radio: 20000", "radio: -9223372036854775808", 1), `:39: price of "radio" must be 0 to 49999999`},
	"year ten thousand":     {strings.Replace(sound, "from: 2026-01-01", "from: 10000-01-01", 1), `is no calendar day`},
	"a type of its own":     {strings.Replace(sound, "name: Pony", "name: !!binary UG9ueQ==", 1), ":3: name must be text"},
	"code of a group":       {strings.Replace(sound, "code: bars, name", "code: wheels, name", 1), `:27: code "wheels" is the name of a group`},
}

func TestHostileFilesAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, problems := DecodeRange("acme/pony.yaml", []byte(c.text))
			if r != nil || len(problems) > filecheck.Most+1 {
				t.Fatalf("%d problems, range %v", len(problems), r != nil)
			}
			said := filecheck.Problems(problems).Error()
			if len(said) > 400*len(problems) {
				t.Errorf("%d mistakes are told in %d bytes", len(problems), len(said))
			}
			if !strings.Contains(said, c.want) {
				t.Errorf("want %q in\n%.600s", c.want, said)
			}
		})
	}
}

func TestManyMistakesAreCutShort(t *testing.T) {
	t.Parallel()
	_, problems := DecodeRange("acme/pony.yaml", []byte(into("rules:", strings.Repeat("  - {kind: standard, if: plus, any: [gold]}\n", 900))))
	if last := problems[len(problems)-1]; len(problems) != filecheck.Most+1 || !strings.Contains(last.Reason, "there are more mistakes") {
		t.Errorf("%d mistakes, the last is %s", len(problems), last)
	}
}

const because = ", because: {en: A., it: B., fr: C.}"

func TestContradictionsAreFound(t *testing.T) {
	t.Parallel()
	packs := "  - {code: pack-a, name: A, pack: true}\n  - {code: pack-b, name: B, pack: true}\n  - {code: pack-c, name: C, pack: true}\n"
	chain := "  - {kind: includes, if: pack-a, any: [pack-b]}\n  - {kind: includes, if: pack-b, any: [radio, pack-c]}\n"
	priced := func(rules string) string {
		text := strings.Replace(sound, "options:\n", "options:\n"+packs, 1)
		text = strings.Replace(text, "radio: 20000", "radio: 20000, pack-a: 1, pack-b: 2, pack-c: 3", 1)
		return strings.Replace(text, "rules:\n", "rules:\n"+rules, 1)
	}
	for name, c := range map[string]struct{ text, want string }{
		"packs in a circle":      {priced(chain + "  - {kind: includes, if: pack-c, any: [pack-a]}\n"), "33: packs include each other in a circle: pack-a, pack-b, pack-c, pack-a"},
		"two packs in a circle":  {priced(chain + "  - {kind: includes, if: pack-c, any: [bars, pack-b]}\n"), "34: packs include each other in a circle: pack-b, pack-c, pack-b"},
		"packs in a row":         {priced(chain + "  - {kind: includes, if: pack-c, any: [bars]}\n"), ""},
		"a pack of itself":       {into("rules:", "  - {kind: includes, if: pack, any: [pack]}\n"), `30: "pack" can not have a rule with itself`},
		"excludes itself":        {into("rules:", "  - {kind: excludes, if: bars, any: [bars]"+because+"}\n"), `30: "bars" can not have a rule with itself`},
		"parts that quarrel":     {into("rules:", "  - {kind: includes, if: pack, any: [bars, radio]}\n  - {kind: excludes, if: radio, any: [bars]"+because+"}\n"), `30: "pack" has both "bars" and "radio", which another rule keeps apart`},
		"parts that part ways":   {into("rules:", "  - {kind: includes, if: pack, any: [bars, radio], to: 2026-05-31}\n  - {kind: excludes, if: radio, any: [bars], from: 2026-06-01"+because+"}\n"), ""},
		"required and excluded":  {into("rules:", "  - {kind: excludes, if: bars, any: [plus]"+because+"}\n"), `32: "bars" requires plus and excludes the same`},
		"excluded from the side": {into("rules:", "  - {kind: excludes, if: plus, any: [bars]"+because+"}\n"), `32: "bars" requires plus and excludes the same`},
		"in other markets":       {into("rules:", "  - {kind: excludes, if: plus, any: [bars], to: 2025-01-01"+because+"}\n"), `32: "bars" requires plus and excludes the same`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := DecodeRange("acme/pony.yaml", []byte(c.text))
			got := strings.ReplaceAll(filecheck.Problems(problems).Error(), "acme/pony.yaml:", "")
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
