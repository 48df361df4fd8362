package catalogue

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"forecourt/internal/id"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/filecheck"

	"go.yaml.in/yaml/v3"
)

// languages are those every text must be written in. It may be written in those of the later markets as
// well; until it is, their people read English.
var (
	languages = []string{"en", "it", "fr"}
	optional  = []string{"de", "es", "ro"}
)

// Languages are all that a text may be written in, in the order in which a file lists them.
func Languages() []string { return slices.Concat(languages, optional) }

var (
	codePattern = regexp.MustCompile(`^[a-z0-9-]{2,24}$`)
	hexPattern  = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
)

// checker looks at what a range says, after its form was read.
type checker struct {
	file     string
	root     *yaml.Node
	r        *Range
	unread   map[int]bool         // lines with a value that could not be read
	groups   map[id.Feature]Group // the known features
	bars     map[pair][]*Rule     // what excludes rules keep apart
	problems []Problem
}

// check finds every mistake of meaning. The problems of form are given so that a value which could
// not be read is not called missing as well.
func check(file string, root *yaml.Node, form []Problem, r *Range) []Problem {
	c := checker{file: file, root: root, r: r, unread: map[int]bool{}, groups: map[id.Feature]Group{}}
	for _, p := range form {
		c.unread[p.Line] = true
	}
	c.head()
	c.features()
	c.rules()
	c.prices()
	c.showOff()
	return c.problems
}

// say notes a mistake at a path of keys.
func (c *checker) say(at []string, format string, args ...any) {
	if len(c.problems) > filecheck.Most {
		return // enough is told; a file of a million mistakes must not cost a million searches
	}
	c.problems = append(c.problems, Problem{
		File: c.file, Line: filecheck.LineOf(c.root, at...), Reason: fmt.Sprintf(format, filecheck.Clip(args)...),
	})
}

// present says that a value is missing and answers false, or only answers false where the value is
// empty because it could not be read.
func (c *checker) present(empty bool, at []string) bool {
	if !empty {
		return true
	}
	if filecheck.Find(c.root, at...) == nil {
		c.say(at, "%s is missing", last(at))
		return false
	}
	return !c.unreadAt(at)
}

// unreadAt tells whether a mistake of form was told about this line.
func (c *checker) unreadAt(at []string) bool { return c.unread[filecheck.LineOf(c.root, at...)] }

func (c *checker) head() {
	c.code(string(c.r.Brand), in("brand"))
	c.code(string(c.r.Model), in("model"))
	if want := path.Join(string(c.r.Brand), string(c.r.Model)+".yaml"); c.r.Brand != "" && c.r.Model != "" && !strings.HasSuffix("/"+c.file, "/"+want) {
		c.say(in("model"), "the file of this model must be called %s", want)
	}
	c.present(c.r.Name == "", in("name"))
	c.short(c.r.Name, longName, in("name"))
	if c.present(c.r.Body == "", in("body")) && !carart.Body(c.r.Body).Known() {
		c.say(in("body"), "body must be one of %s, not %q", list(carart.Bodies()), c.r.Body)
	}
	c.number(int64(c.r.Seats), 2, 9, in("seats"))
	c.number(int64(c.r.Order), 1, 999, in("order"))
	c.text(c.r.Strapline, in("strapline"), true, longText)
	for i, tag := range c.r.Tags {
		c.oneOf(tag, Tags, in("tags", i))
	}
	c.number(int64(c.r.WeeksFrom), 1, 60, in("weeks_from"))
	if c.number(int64(c.r.WeeksTo), 1, 60, in("weeks_to")) && c.r.WeeksTo < c.r.WeeksFrom {
		c.say(in("weeks_to"), "weeks_to is %d, less than weeks_from", c.r.WeeksTo)
	}
}

// showOff must name one colour and one set of wheels, or the range page has nothing to draw.
func (c *checker) showOff() {
	if !c.present(len(c.r.ShowOff) == 0, in("show_off")) {
		return
	}
	count, read := map[Group]int{}, true
	for i, code := range c.r.ShowOff {
		if !c.known(code, in("show_off", i)) {
			read = false
			continue
		}
		count[c.groups[code]]++
	}
	if read && (len(c.r.ShowOff) != 2 || count[Colour] != 1 || count[Wheels] != 1) {
		c.say(in("show_off"), "show_off must name one colour and one set of wheels")
	}
}

// known says when a code is no feature of this range.
func (c *checker) known(code id.Feature, at []string) bool {
	if _, ok := c.groups[code]; !ok && c.present(code == "", at) {
		c.say(at, "there is no feature %q in this range", code)
		return false
	}
	return code != ""
}

func (c *checker) code(s string, at []string) {
	if c.present(s == "", at) && !codePattern.MatchString(s) {
		c.say(at, "%s %q must be 2 to 24 small letters, digits and dashes", last(at), s)
	}
}

func (c *checker) hex(s string, at []string) {
	if c.present(s == "", at) && !hexPattern.MatchString(s) {
		c.say(at, "%s %q must be a colour like #1a2b3c", last(at), s)
	}
}

func (c *checker) oneOf(s string, allowed []string, at []string) {
	if c.present(s == "", at) && !slices.Contains(allowed, s) {
		c.say(at, "%s must be one of %s, not %q", last(at), list(allowed), s)
	}
}

func (c *checker) number(n, low, high int64, at []string) bool {
	if !c.present(n == 0, at) {
		return false
	}
	if n < low || n > high {
		c.say(at, "%s must be %d to %d, not %d", last(at), low, high, n)
		return false
	}
	return true
}

// The longest that pages have room for, in letters.
const (
	longName = 80
	longText = 400
)

// name may be one word for all languages.
func (c *checker) name(w Words, at []string) {
	if word, one := w[""]; one && len(w) == 1 {
		c.short(word, longName, at)
		return
	}
	c.text(w, at, true, longName)
}

// short refuses what no page has room for, and names and sentences of several lines.
func (c *checker) short(s string, most int, at []string) {
	if n := utf8.RuneCountInString(s); n > most {
		c.say(at, "%s has %d letters; there is room for %d", last(at), n, most)
	}
	if strings.ContainsAny(s, "\n\t") {
		c.say(at, "%s must be one line without tabs", last(at))
	}
}

// text must be written in every language, and in none that no market speaks.
func (c *checker) text(w Words, at []string, must bool, most int) {
	if len(w) == 0 && (!must || !c.present(true, at)) {
		return
	}
	if _, one := w[""]; one {
		c.say(at, "%s must be written in each of %s", last(at), list(languages))
		return
	}
	for _, lang := range languages {
		if _, ok := w[lang]; !ok && filecheck.Find(c.root, below(at, lang)...) == nil {
			c.say(at, "%s lacks %s", last(at), lang)
		}
	}
	for _, lang := range sortedKeys(w) {
		c.short(w[lang], most, below(at, lang))
		if !slices.Contains(Languages(), lang) {
			c.say(below(at, lang), "%s has words in %q, which no market speaks", last(at), lang)
		}
	}
}

// in makes a path of keys and positions.
func in(steps ...any) []string {
	out := make([]string, len(steps), len(steps)+4)
	for i, s := range steps {
		out[i] = fmt.Sprint(s)
	}
	return out
}

// below adds steps to a path without touching the path it came from.
func below(at []string, steps ...any) []string { return append(slices.Clone(at), in(steps...)...) }

// last is the key a path ends in; an item is called by its list.
func last(at []string) string {
	for i := len(at) - 1; i >= 0; i-- {
		if _, err := strconv.Atoi(at[i]); err != nil {
			return at[i]
		}
	}
	return "the file"
}

func list[T ~string](words []T) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
