package configurator_test

import (
	"slices"

	"forecourt/internal/configurator/diagram"
)

// relation is a rule as a table without repeated rows.
type relation struct {
	scope []int
	rows  []int32
}

// relations are all rules as tables; false when a clause would be a table beyond the limit.
func relations(p *diagram.Problem, limit int) ([]relation, bool) {
	out := make([]relation, 0, len(p.Rules))
	for i := range p.Rules {
		r := &p.Rules[i]
		if r.Scope != nil {
			out = append(out, once(r.Scope, r.Rows))
			continue
		}
		t, ok := spelled(p, r, limit)
		if !ok {
			return nil, false
		}
		out = append(out, t)
	}
	return out, true
}

func once(scope []int, rows []int32) relation {
	t, seen := relation{scope: scope}, map[string]bool{}
	for row := range slices.Chunk(rows, len(scope)) {
		if k := string(pack(nil, row)); !seen[k] {
			seen[k] = true
			t.rows = append(t.rows, row...)
		}
	}
	return t
}

func pack(b []byte, row []int32) []byte {
	for _, x := range row {
		b = append(b, byte(x), byte(x>>8))
	}
	return b
}

// spelled writes a clause as a table.
func spelled(p *diagram.Problem, r *diagram.Rule, limit int) (relation, bool) {
	t, car, full := relation{scope: []int{}}, make([]int32, len(p.Vars)), 1
	for _, l := range r.Any {
		if !slices.Contains(t.scope, l.Var) {
			t.scope = append(t.scope, l.Var)
			if full *= p.Vars[l.Var].Values; full > limit {
				return t, false
			}
		}
	}
	for n := range full {
		for _, v := range t.scope {
			car[v] = int32(n % p.Vars[v].Values)
			n /= p.Vars[v].Values
		}
		if r.Allows(car) {
			for _, v := range t.scope {
				t.rows = append(t.rows, car[v])
			}
		}
	}
	return t, true
}

// narrowed drops values that some rule allows with none of the others, again and again.
func narrowed(tables []relation, dom domains) domains {
	out := make(domains, len(dom))
	for v := range dom {
		out[v] = slices.Clone(dom[v])
	}
	for changed := true; changed; {
		changed = false
		for _, t := range tables {
			seen := make([][]bool, len(t.scope))
			for j, v := range t.scope {
				seen[j] = make([]bool, len(out[v]))
			}
			for row := range slices.Chunk(t.rows, max(1, len(t.scope))) {
				if fits(t.scope, row, out) {
					for j, x := range row {
						seen[j][x] = true
					}
				}
			}
			for j, v := range t.scope {
				for x, in := range out[v] {
					if in && !seen[j][x] {
						out[v][x], changed = false, true
					}
				}
			}
			if len(t.scope) == 0 { // a clause of nothing
				for v := range out {
					clear(out[v])
				}
			}
		}
	}
	return out
}

func fits(scope []int, row []int32, dom domains) bool {
	for j, v := range scope {
		if !dom[v][row[j]] {
			return false
		}
	}
	return true
}
