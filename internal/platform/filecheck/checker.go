package filecheck

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Checker collects mistakes of meaning beside those of form, each with the line it stands in. Its
// checks take the value, the bounds, and last the path of the value in the file.
type Checker struct {
	file     string
	root     *yaml.Node
	problems []Problem
}

// Check reads the form into dst; the checks of meaning follow on the Checker.
func Check(file string, data []byte, dst any) *Checker {
	root, problems := Parse(file, data)
	c := &Checker{file: file, root: root, problems: problems}
	if root != nil {
		c.problems = append(c.problems, DecodeNode(file, root, dst)...)
	}
	return c
}

// Empty tells whether there is nothing to check: the file could not be read at all.
func (c *Checker) Empty() bool { return c.root == nil }

// LineOf is the line where the value at path is written.
func (c *Checker) LineOf(path ...string) int { return LineOf(c.root, path...) }

// Done gives all mistakes in the order of their lines.
func (c *Checker) Done() []Problem {
	Problems(c.problems).Sort()
	return Cut(c.problems)
}

// Say tells a mistake of the value at path.
func (c *Checker) Say(path []string, format string, args ...any) {
	if len(c.problems) <= Most {
		c.problems = append(c.problems, Problem{File: c.file, Line: LineOf(c.root, path...), Reason: fmt.Sprintf(format, Clip(args)...)})
	}
}

// Given tells whether the file has a value here. A value that could not be read is given: its mistake
// of form has been told, and a second one about the same value would only confuse.
func (c *Checker) Given(path []string) bool { return Find(c.root, path...) != nil }

// Present says that a value is missing; it answers whether there is one to check further.
func (c *Checker) Present(value string, path ...string) bool {
	if value == "" && !c.Given(path) {
		c.Say(path, "%s is missing", path[len(path)-1])
	}
	return value != ""
}

// Some demands at least one item in a list or group of keys.
func (c *Checker) Some(count int, path ...string) {
	n := Find(c.root, path...)
	switch {
	case count > 0:
	case n == nil:
		c.Say(path, "%s is missing", path[len(path)-1])
	case n.Kind != yaml.ScalarNode && len(n.Content) == 0:
		c.Say(path, "%s is empty", path[len(path)-1])
	}
}

// OneOf refuses words that are not in the list.
func (c *Checker) OneOf(value string, allowed []string, path ...string) {
	if c.Present(value, path...) && !slices.Contains(allowed, value) {
		c.Say(path, "%s can not be %q; it is one of %s", path[len(path)-1], value, strings.Join(allowed, ", "))
	}
}

// Shape refuses words that do not look right.
func (c *Checker) Shape(value string, re *regexp.Regexp, like string, path ...string) {
	if c.Present(value, path...) && !re.MatchString(value) {
		c.Say(path, "%s can not be %q; write it like %s", path[len(path)-1], value, like)
	}
}

// Between refuses numbers out of bounds. A number that is not in the file is missing, not zero.
func (c *Checker) Between(v, low, high int64, path ...string) {
	n := Find(c.root, path...)
	switch {
	case n == nil && (v < low || v > high):
		c.Say(path, "%s is missing", path[len(path)-1])
	case n != nil && n.Tag == "!!int" && (v < low || v > high):
		c.Say(path, "%s must be from %d to %d, not %d", path[len(path)-1], low, high, v)
	}
}

// YesNo demands that a switch is written down, so that no market gets it by forgetting.
func (c *Checker) YesNo(path ...string) {
	if !c.Given(path) {
		c.Say(path, "%s is missing", path[len(path)-1])
	}
}

// At makes the path of a part of a list item.
func At(list string, i int, rest ...string) []string {
	return append([]string{list, fmt.Sprint(i)}, rest...)
}

// Email refuses what is no plain address, and one that was seen before.
func (c *Checker) Email(email string, seen map[string]bool, path ...string) {
	if !c.Present(email, path...) {
		return
	}
	addr, err := mail.ParseAddress(email)
	if err != nil || addr.Address != email || email != strings.ToLower(email) || !strings.Contains(email, ".") {
		c.Say(path, "email can not be %q; write it like anna@example.com, in lower case", email)
	}
	if seen[email] {
		c.Say(path, "email %s is given twice", email)
	}
	seen[email] = true
}
