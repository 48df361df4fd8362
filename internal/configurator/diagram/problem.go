package diagram

import (
	"errors"
	"fmt"
)

// Problem is what may be built: variables and the rules between them.
type Problem struct {
	Name  string
	Vars  []Var
	Rules []Rule
}

// Var is a variable: it takes exactly one of its values, numbered from 0.
type Var struct {
	Name   string
	Values int
}

// Rule is a table of allowed rows or, when Scope is nil, a clause: at least one of its literals holds.
type Rule struct {
	Name  string
	Scope []int   // variables of a table's columns, each at most once
	Rows  []int32 // row after row, len(Scope) values each; a row may stand twice
	Any   []Literal
}

// Literal holds when the variable has one of the values.
type Literal struct {
	Var    int
	Values []int32
}

// ErrProblem is a problem that makes no sense: a variable without values, a rule that names what is
// not there.
var ErrProblem = errors.New("diagram: malformed problem")

// Check answers ErrProblem with the reason when the problem is malformed.
func (p *Problem) Check() error {
	for i, v := range p.Vars {
		if v.Values < 1 || v.Values > maxValues {
			return fmt.Errorf("%w: variable %d (%s) has %d values", ErrProblem, i, v.Name, v.Values)
		}
	}
	for i := range p.Rules {
		if reason := p.Rules[i].wrong(p.Vars); reason != "" {
			return fmt.Errorf("%w: rule %d (%s): %s", ErrProblem, i, p.Rules[i].Name, reason)
		}
	}
	return nil
}

// maxValues bounds one variable; real ranges have some hundreds.
const maxValues = 1 << 14

func (r *Rule) wrong(vars []Var) string {
	if r.Scope == nil {
		return wrongClause(r.Any, vars)
	}
	seen := map[int]bool{}
	for _, v := range r.Scope {
		if v < 0 || v >= len(vars) || seen[v] {
			return fmt.Sprintf("column for variable %d", v)
		}
		seen[v] = true
	}
	if len(r.Any) > 0 || len(r.Scope) == 0 || len(r.Rows)%len(r.Scope) != 0 {
		return "rows and columns do not fit"
	}
	for i, x := range r.Rows {
		if v := r.Scope[i%len(r.Scope)]; x < 0 || int(x) >= vars[v].Values {
			return fmt.Sprintf("row %d: variable %d has no value %d", i/len(r.Scope), v, x)
		}
	}
	return ""
}

func wrongClause(any []Literal, vars []Var) string {
	for _, l := range any {
		if l.Var < 0 || l.Var >= len(vars) {
			return fmt.Sprintf("no variable %d", l.Var)
		}
		for _, x := range l.Values {
			if x < 0 || int(x) >= vars[l.Var].Values {
				return fmt.Sprintf("variable %d has no value %d", l.Var, x)
			}
		}
	}
	return ""
}

// Allows tells whether a whole assignment keeps the rule: the raw rule, not the diagram.
func (r *Rule) Allows(car []int32) bool {
	if r.Scope == nil {
		for _, l := range r.Any {
			for _, x := range l.Values {
				if car[l.Var] == x {
					return true
				}
			}
		}
		return false
	}
	n := len(r.Scope)
rows:
	for i := 0; i+n <= len(r.Rows); i += n {
		for j, v := range r.Scope {
			if r.Rows[i+j] != car[v] {
				continue rows
			}
		}
		return true
	}
	return false
}

// Broken is the first rule that an assignment breaks, -1 when it keeps them all.
func (p *Problem) Broken(car []int32) int {
	for i := range p.Rules {
		if !p.Rules[i].Allows(car) {
			return i
		}
	}
	return -1
}
