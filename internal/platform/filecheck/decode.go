package filecheck

import (
	"encoding"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Worder is a type that may also be written as one plain word instead of a list of keys.
type Worder interface{ SetWord(word string) }

type decoder struct {
	file     string
	problems []Problem
}

func (d *decoder) say(n *yaml.Node, format string, args ...any) {
	if len(d.problems) <= Most {
		d.problems = append(d.problems, Problem{d.file, n.Line, fmt.Sprintf(format, Clip(args)...)})
	}
}

// value puts node n into v; name is how the place is called in messages.
func (d *decoder) value(n *yaml.Node, v reflect.Value, name string) {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		// An alias can hide a mistake far from its line, and can grow without bound.
		d.say(n, "%s uses an anchor or alias; write the value out", name)
		return
	case n.Tag == "!!null":
		d.say(n, "%s has no value", name)
		return
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), name)
		return
	}
	if n.Kind == yaml.ScalarNode && d.ownForm(n, v, name) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, name)
	case reflect.Map:
		d.mapping(n, v, name)
	case reflect.Slice:
		d.list(n, v, name)
	default:
		d.scalar(n, v, name)
	}
}

// ownForm lets types read a plain word themselves.
func (d *decoder) ownForm(n *yaml.Node, v reflect.Value, name string) bool {
	if !v.CanAddr() {
		return false
	}
	switch t := v.Addr().Interface().(type) {
	case Worder:
		if word, ok := d.text(n, name); ok {
			t.SetWord(word)
		}
		return true
	case encoding.TextUnmarshaler:
		if err := t.UnmarshalText([]byte(n.Value)); err != nil {
			d.say(n, "%s: %v", name, err)
		}
		return true
	}
	return false
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value, name string) {
	fields := fieldsOf(v.Type())
	d.pairs(n, name, func(k, val *yaml.Node) {
		i, ok := fields[k.Value]
		if !ok {
			d.say(k, "%s has no key %q%s", name, k.Value, nearest(k.Value, fields))
			return
		}
		d.value(val, v.FieldByIndex(i), k.Value)
	})
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, name string) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	d.pairs(n, name, func(k, val *yaml.Node) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(val, item, k.Value)
		v.SetMapIndex(reflect.ValueOf(k.Value).Convert(v.Type().Key()), item)
	})
}

// pairs visits each key of a mapping once and refuses keys given twice.
func (d *decoder) pairs(n *yaml.Node, name string, visit func(k, v *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.say(n, "%s must be a group of keys, not %s", name, kindOf(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, val := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || k.Anchor != "" || strings.ContainsFunc(k.Value, unseen) {
			d.say(k, "%s has a key that is not a plain word", name)
			continue
		}
		if line, twice := seen[k.Value]; twice {
			d.say(k, "key %q is given twice, first in line %d", k.Value, line)
			continue
		}
		seen[k.Value] = k.Line
		visit(k, val)
	}
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, name string) {
	if n.Kind != yaml.SequenceNode {
		d.say(n, "%s must be a list, not %s", name, kindOf(n))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		d.value(item, out.Index(i), "item of "+name)
	}
	v.Set(out)
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, name string) {
	if n.Kind != yaml.ScalarNode {
		d.say(n, "%s must be a single value, not %s", name, kindOf(n))
		return
	}
	switch v.Kind() {
	case reflect.String:
		if s, ok := d.text(n, name); ok {
			v.SetString(s)
		}
	case reflect.Bool:
		if n.Tag != "!!bool" {
			d.say(n, "%s must be true or false, not %q", name, n.Value)
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int, reflect.Int32, reflect.Int64:
		d.integer(n, v, name)
	case reflect.Float64:
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || (n.Tag != "!!float" && n.Tag != "!!int") || f != f || f > 1e300 || f < -1e300 {
			d.say(n, "%s must be a number, not %q", name, n.Value)
			return
		}
		v.SetFloat(f)
	default:
		d.say(n, "%s can not be read from a file", name)
	}
}

// text accepts words and days; a bare number or true would be a slip of the pen.
func (d *decoder) text(n *yaml.Node, name string) (string, bool) {
	if n.Tag != "!!str" && n.Tag != "!!timestamp" {
		d.say(n, "%s must be text; put %s in quotes", name, n.Value)
		return "", false
	}
	if strings.TrimSpace(n.Value) == "" {
		d.say(n, "%s is empty", name)
		return "", false
	}
	if strings.ContainsFunc(n.Value, unseen) || !utf8.ValidString(n.Value) {
		d.say(n, "%s has a control character: %q", name, n.Value)
		return "", false
	}
	return n.Value, true
}

func (d *decoder) integer(n *yaml.Node, v reflect.Value, name string) {
	digits := n.Value
	if len(digits) > 1 && digits[0] == '0' {
		d.say(n, "%s must not start with 0: %s", name, digits)
		return
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(digits, "_", ""), 10, 64)
	if err != nil || n.Tag != "!!int" || v.OverflowInt(i) {
		d.say(n, "%s must be a whole number, not %q", name, n.Value)
		return
	}
	v.SetInt(i)
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a group of keys"
	case yaml.SequenceNode:
		return "a list"
	default:
		return fmt.Sprintf("the value %q", Clip([]any{n.Value})...)
	}
}

// fieldsOf maps the yaml names of a struct to its fields; the fields of an embedded struct marked
// inline count as its own. A field without a name or with "-" can not be written in a file.
func fieldsOf(t reflect.Type) map[string][]int {
	out := map[string][]int{}
	for i := range t.NumField() {
		name, rest, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		switch {
		case rest == "inline":
			for inner, index := range fieldsOf(t.Field(i).Type) {
				out[inner] = append([]int{i}, index...)
			}
		case name != "" && name != "-":
			out[name] = []int{i}
		}
	}
	return out
}

// nearest suggests the known key that shares the longest start with the unknown one.
func nearest(key string, fields map[string][]int) string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	best, length := "", 2
	for _, name := range names {
		if n := sharedStart(key, name); n > length {
			best, length = name, n
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

func sharedStart(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
