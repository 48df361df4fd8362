package instance

import (
	"math"

	"forecourt/internal/configurator/diagram"
)

// table gathers the rows of one constraint as they stand in a file.
type table struct {
	in    *Instance
	name  string
	scope []int
	cols  []int   // of the file's columns, which one of the scope; a variable may stand twice
	rows  []int32 // by columns of the scope
	seen  map[string]bool
}

// newTable makes a table over the variables of a scope as the file lists them.
func (in *Instance) newTable(name string, vars []int) (*table, error) {
	if len(vars) == 0 {
		return nil, refuse("constraint %s has no variables", name)
	}
	if len(in.Problem.Rules) >= maxRules {
		return nil, refuse("more than %d constraints", maxRules)
	}
	t := &table{in: in, name: name, seen: map[string]bool{}}
	at := map[int]int{}
	for _, v := range vars {
		i, twice := at[v]
		if !twice {
			i = len(t.scope)
			at[v] = i
			t.scope = append(t.scope, v)
		}
		t.cols = append(t.cols, i)
	}
	return t, nil
}

// star is the value of a short table that stands for every value.
const star = int32(-1)

// value finds a value of the file's column; known is false for one outside the domain.
func (t *table) value(col int, word string) (x int32, known bool) {
	if word == "*" {
		return star, true
	}
	return t.in.Value(t.scope[t.cols[col]], word)
}

// add takes one tuple of the file, as wide as the file's columns.
func (t *table) add(tuple []int32) error {
	row := make([]int32, len(t.scope))
	for i := range row {
		row[i] = star
	}
	for i, x := range tuple {
		at := t.cols[i]
		if row[at] != star && x != star && row[at] != x {
			return nil // the same variable would have two values
		}
		if x != star {
			row[at] = x
		}
	}
	if full := t.stars(row); full > maxSpread {
		return refuse("constraint %s: the stars of one tuple stand for %.0f", t.name, full)
	}
	return t.spread(row, 0)
}

// maxSpread is the most rows that one row with stars may stand for.
const maxSpread = 200_000

func (t *table) stars(row []int32) float64 {
	full := 1.0
	for i, x := range row {
		if x == star {
			full *= float64(t.in.Problem.Vars[t.scope[i]].Values)
		}
	}
	return full
}

// spread writes a row once for every value of its stars.
func (t *table) spread(row []int32, from int) error {
	for i := from; i < len(row); i++ {
		if row[i] != star {
			continue
		}
		for x := range t.in.Problem.Vars[t.scope[i]].Values {
			row[i] = int32(x)
			if err := t.spread(row, i+1); err != nil {
				return err
			}
		}
		row[i] = star
		return nil
	}
	return t.put(row)
}

func (t *table) put(row []int32) error {
	k := key(row)
	if t.seen[k] {
		return nil
	}
	if t.in.cells += len(row); t.in.cells > maxCells {
		return refuse("constraint %s: more than %d numbers in all tables", t.name, maxCells)
	}
	t.seen[k] = true
	t.rows = append(t.rows, row...)
	return nil
}

func key(row []int32) string {
	b := make([]byte, 0, 4*len(row))
	for _, x := range row {
		b = append(b, byte(x), byte(x>>8), byte(x>>16))
	}
	return string(b)
}

// allow makes the rows the rule.
func (t *table) allow() {
	t.rule(diagram.Rule{Name: t.name, Scope: t.scope, Rows: t.rows})
}

func (t *table) rule(r diagram.Rule) { t.in.Problem.Rules = append(t.in.Problem.Rules, r) }

// maxTurned is the largest table that is written for a list of forbidden rows; beyond, each of them
// becomes a clause.
const maxTurned = 100_000

// forbid makes everything but the rows the rule.
func (t *table) forbid() error {
	all := 1.0
	for _, v := range t.scope {
		all *= float64(t.in.Problem.Vars[v].Values)
	}
	if all > maxTurned {
		return t.clauses()
	}
	bad := t.seen
	t.seen, t.rows = map[string]bool{}, nil
	row := make([]int32, len(t.scope))
	for {
		if !bad[key(row)] {
			if err := t.put(row); err != nil {
				return err
			}
		}
		if !t.next(row) {
			t.allow()
			return nil
		}
	}
}

// next counts a row up; false after the last.
func (t *table) next(row []int32) bool {
	for i := len(row) - 1; i >= 0; i-- {
		if row[i]++; int(row[i]) < t.in.Problem.Vars[t.scope[i]].Values {
			return true
		}
		row[i] = 0
	}
	return false
}

func (t *table) clauses() error {
	n := len(t.scope)
	for i := 0; i < len(t.rows); i += n {
		var any []diagram.Literal
		for j, v := range t.scope {
			l := diagram.Literal{Var: v}
			for x := range int32(t.in.Problem.Vars[v].Values) {
				if x != t.rows[i+j] {
					l.Values = append(l.Values, x)
				}
			}
			t.in.cells += len(l.Values)
			any = append(any, l)
		}
		if t.in.cells > maxCells || len(t.in.Problem.Rules) > math.MaxInt32 {
			return refuse("constraint %s: its forbidden rows need more than %d numbers", t.name, maxCells)
		}
		t.rule(diagram.Rule{Name: t.name, Any: any})
	}
	return nil
}
