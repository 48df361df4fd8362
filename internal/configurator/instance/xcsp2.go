package instance

import "strings"

// readXCSP2 reads version 2.1 and its forerunner: domains, variables, relations and constraints that
// refer to each other by name.
func readXCSP2(root *element) (*Instance, error) {
	in := newInstance("XCSP 2.1")
	if err := in.variables2(root); err != nil {
		return nil, err
	}
	relations := map[string]*element{}
	for _, r := range root.children("relations", "relation") {
		relations[r.attr("name")] = r
	}
	constraints := root.child("constraints")
	if constraints == nil {
		return nil, refuse("the file has no constraints")
	}
	for _, c := range constraints.Within {
		if c.name() != "constraint" {
			return nil, refuse("<%s> among the constraints is not understood", c.name())
		}
		if err := in.constraint2(c, relations); err != nil {
			return nil, err
		}
	}
	return in, nil
}

func (in *Instance) variables2(root *element) error {
	domains := map[string][]string{}
	for _, d := range root.children("domains", "domain") {
		values, err := expand(d.Text)
		if err != nil {
			return err
		}
		domains[d.attr("name")] = distinct(values)
	}
	for _, v := range root.children("variables", "variable") {
		values, ok := domains[v.attr("domain")]
		if !ok {
			return refuse("variable %s: there is no domain %q", v.attr("name"), v.attr("domain"))
		}
		if err := in.addVariable(v.attr("name"), values); err != nil {
			return err
		}
	}
	if len(in.Values) == 0 {
		return refuse("the file has no variables")
	}
	return nil
}

func (in *Instance) constraint2(c *element, relations map[string]*element) error {
	name := c.attr("name")
	vars, err := in.scope2(name, c.attr("scope"))
	if err != nil {
		return err
	}
	relation, ok := relations[c.attr("reference")]
	if !ok {
		return refuse("constraint %s refers to %q, which is no relation of this file: only tables are understood", name, c.attr("reference"))
	}
	t, err := in.newTable(name, vars)
	if err != nil {
		return err
	}
	if err := t.bars(relation.Text); err != nil {
		return err
	}
	switch semantics := relation.attr("semantics"); semantics {
	case "supports":
		t.allow()
		return nil
	case "conflicts":
		return t.forbid()
	default:
		return refuse("relation %s has the semantics %q: supports and conflicts are understood", relation.attr("name"), semantics)
	}
}

func (in *Instance) scope2(name, scope string) ([]int, error) {
	var vars []int
	for _, s := range strings.Fields(scope) {
		v, ok := in.Variable(s)
		if !ok {
			return nil, refuse("constraint %s: there is no variable %q", name, s)
		}
		vars = append(vars, v)
	}
	return vars, nil
}

// bars reads tuples such as 1 2|3 4. One with a value outside its domain can never hold and is dropped.
func (t *table) bars(text string) error {
	tuple := make([]int32, len(t.cols))
	for line := range strings.SplitSeq(text, "|") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != len(tuple) {
			return refuse("constraint %s has %d variables, but a tuple has %d values: %.60q", t.name, len(tuple), len(words), line)
		}
		known := true
		for i, w := range words {
			var ok bool
			if w == "*" || strings.Contains(w, ":") {
				return refuse("constraint %s: %q is no value", t.name, w)
			}
			tuple[i], ok = t.value(i, w)
			known = known && ok
		}
		if known {
			if err := t.add(tuple); err != nil {
				return err
			}
		}
	}
	return nil
}
