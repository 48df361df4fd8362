package stripesim

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// params reads a request's form. It notes which names were asked for, so that whatever is left is
// refused as unknown, and it keeps the first mistake, so that handlers read without checking.
type params struct {
	v    url.Values
	used map[string]bool
	err  *apiError
}

func newParams(v url.Values) *params { return &params{v: v, used: map[string]bool{}} }

func (p *params) fail(e *apiError) {
	if p.err == nil {
		p.err = e
	}
}

func (p *params) text(name string) string {
	p.used[name] = true
	s := p.v.Get(name)
	if len(s) > 5000 {
		p.fail(invalid("parameter_invalid_string_blank", name, "Invalid string: "+name+" is too long."))
	}
	return s
}

func (p *params) need(name string) string {
	s := p.text(name)
	if s == "" {
		p.fail(invalid("parameter_missing", name, "Missing required param: "+name+"."))
	}
	return s
}

// oneOf reads a word of a closed list; empty gives the first.
func (p *params) oneOf(name string, allowed ...string) string {
	s := p.text(name)
	if s == "" {
		return allowed[0]
	}
	if !slices.Contains(allowed, s) {
		p.fail(invalid("", name, fmt.Sprintf("Invalid %s: must be one of %s", name, strings.Join(allowed, ", "))))
	}
	return s
}

func (p *params) number(name string, preset int64) int64 {
	s := p.text(name)
	if s == "" {
		return preset
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		p.fail(invalid("parameter_invalid_integer", name, "Invalid integer: "+name))
	}
	return n
}

// amount is a positive number of minor units that Stripe takes for a card.
func (p *params) amount(name string, preset int64) int64 {
	n := p.number(name, preset)
	if p.has(name) && (n < 1 || n > 99_999_999) {
		p.fail(invalid("parameter_invalid_integer", name, "Invalid amount: "+name+" must be between 1 and 99999999."))
	}
	return n
}

func (p *params) has(name string) bool { return p.v.Get(name) != "" }

// table reads name[key]=value pairs.
func (p *params) table(name string) map[string]string {
	var out map[string]string
	for key := range p.v {
		inner, ok := strings.CutPrefix(key, name+"[")
		if !ok || !strings.HasSuffix(inner, "]") || strings.Contains(inner, "][") {
			continue
		}
		p.used[key] = true
		if out == nil {
			out = map[string]string{}
		}
		out[strings.TrimSuffix(inner, "]")] = p.v.Get(key)
	}
	if len(out) > 50 {
		p.fail(invalid("", name, "Metadata can hold 50 keys at most."))
	}
	return out
}

// list reads name[]=value or name[0]=value in the order sent.
func (p *params) list(name string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(p.v)) {
		inner, ok := strings.CutPrefix(key, name+"[")
		if !ok || !strings.HasSuffix(inner, "]") || strings.Contains(inner, "][") {
			continue
		}
		p.used[key] = true
		out = append(out, p.v[key]...)
	}
	return out
}

// expand reads the names to expand and refuses those that the answer cannot expand. In lists they
// are written with "data." in front. Expanding a path expands what leads to it.
func (p *params) expand(allowed ...string) expansion {
	var out expansion
	for _, path := range p.list("expand") {
		path = strings.TrimPrefix(path, "data.")
		if !slices.Contains(allowed, path) {
			p.fail(invalid("", "expand", "This property cannot be expanded ("+path+")."))
		}
		for at, sign := range path {
			if sign == '.' {
				out = append(out, path[:at])
			}
		}
		out = append(out, path)
	}
	return out
}

// done gives the first mistake, or the first name that nobody asked for.
func (p *params) done() *apiError {
	if p.err != nil {
		return p.err
	}
	for _, name := range slices.Sorted(maps.Keys(p.v)) {
		if !p.used[name] {
			return invalid("parameter_unknown", name, "Received unknown parameter: "+name)
		}
	}
	return nil
}
