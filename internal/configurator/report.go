package configurator

import (
	"encoding/json"
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/id"
	"forecourt/internal/market"
)

// Report is what a publication tells the product office about a range in one market.
type Report struct {
	Cars      string        `json:"cars"`      // how many different cars can be built, exactly, in decimal digits
	Features  int           `json:"features"`  // that have a price
	Variables int           `json:"variables"` // groups and options
	Rules     int           `json:"rules"`     // in force
	Never     []NeverBuilt  `json:"never,omitempty"`
	Idle      []string      `json:"idle,omitempty"` // rules that never bite: the others say as much already
	Nodes     int           `json:"nodes"`          // of the compiled form
	Bytes     int           `json:"bytes"`
	Millis    int64         `json:"millis"` // of compiling
	Changed   *RangeChanges `json:"changed,omitempty"`
}

// NeverBuilt is a feature that has a price but is in no car, and the rules that contradict each other
// about it.
type NeverBuilt struct {
	Feature id.Feature `json:"feature"`
	Rules   []string   `json:"rules"`
}

// RangeChanges is what a publication changes against the former one.
type RangeChanges struct {
	CarsBefore      string       `json:"cars_before"`
	FeaturesAdded   []id.Feature `json:"features_added,omitempty"`
	FeaturesRemoved []id.Feature `json:"features_removed,omitempty"`
	RulesAdded      []string     `json:"rules_added,omitempty"`
	RulesRemoved    []string     `json:"rules_removed,omitempty"`
	PricesChanged   int          `json:"prices_changed,omitempty"` // features that cost something else now
}

func (p *plan) report(d *diagram.Diagram, stats diagram.Stats) Report {
	r := Report{Cars: d.NewDesk().Count().String(), Features: len(p.features), Variables: len(p.vars), Rules: len(p.rules),
		Nodes: d.Nodes(), Bytes: d.Bytes(), Millis: stats.Took.Milliseconds()}
	mo := Model{plan: p, diagram: d}
	for i := range p.features {
		if mo.buildable(i) {
			continue
		}
		given := []diagram.Literal{{Var: p.at[i], Values: p.values[i]}}
		r.Never = append(r.Never, NeverBuilt{Feature: p.features[i].Code, Rules: lines(p.behind(given))})
	}
	for k := range p.rules {
		if p.idle(k) {
			r.Idle = append(r.Idle, Line(p.rules[k]))
		}
	}
	return r
}

func lines(rules []*catalogue.Rule) []string {
	out := make([]string, len(rules))
	for i, r := range rules {
		out[i] = Line(r)
	}
	return out
}

// idle tells whether a rule never bites: whatever it forbids, the others forbid as well, and whatever it
// makes free, others make free as well.
func (p *plan) idle(k int) bool {
	var others []int
	for i, at := range p.origin {
		if at != k {
			others = append(others, i)
		}
	}
	for i, at := range p.origin {
		if at == k && !p.implied(&p.problem.Rules[i], others) {
			return false
		}
	}
	r := p.rules[k]
	if r.Kind != catalogue.Includes && r.Kind != catalogue.Standard {
		return true
	}
	return !slices.ContainsFunc(p.sold(r.Any), func(i int) bool { return !p.freeAnyway(k, i, others) })
}

// freeAnyway tells whether a feature costs nothing beside what a rule includes it with even when that
// rule does not say so.
func (p *plan) freeAnyway(k, i int, others []int) bool {
	from := p.index[p.rules[k].If]
	given := []diagram.Literal{{Var: p.at[from], Values: p.values[from]}, {Var: p.at[i], Values: p.values[i]}}
	for n, r := range p.rules {
		if g, sold := p.index[r.If]; n != k && sold && slices.Contains(p.givers[i], g) && slices.Contains(r.Any, p.features[i].Code) &&
			(r.Kind == catalogue.Includes || r.Kind == catalogue.Standard) {
			given = append(given, p.not(g))
		}
	}
	return newProver(p, given).refutes(others)
}

// maxCombinations bounds how far a table is multiplied out to see whether it bites.
const maxCombinations = 5000

// implied tells whether others rule out everything that a rule does.
func (p *plan) implied(r *diagram.Rule, others []int) bool {
	if r.Scope == nil {
		given := make([]diagram.Literal, len(r.Any))
		for i, l := range r.Any {
			given[i] = diagram.Literal{Var: l.Var}
			for x := range int32(p.problem.Vars[l.Var].Values) {
				if !slices.Contains(l.Values, x) {
					given[i].Values = append(given[i].Values, x)
				}
			}
		}
		return newProver(p, given).refutes(others)
	}
	all, cells := 1, make([][]int32, len(r.Scope))
	for c, v := range r.Scope {
		for x := range int32(p.problem.Vars[v].Values) {
			cells[c] = append(cells[c], x)
		}
		if all *= len(cells[c]); all > maxCombinations {
			return false
		}
	}
	return p.impliedRows(r, multiply(nil, cells), others)
}

func (p *plan) impliedRows(r *diagram.Rule, rows []int32, others []int) bool {
	car := make([]int32, len(p.vars))
	for n := len(r.Scope); len(rows) > 0; rows = rows[n:] {
		given := make([]diagram.Literal, n)
		for c, v := range r.Scope {
			car[v] = rows[c]
			given[c] = diagram.Literal{Var: v, Values: rows[c : c+1]}
		}
		if !r.Allows(car) && !newProver(p, given).refutes(others) {
			return false
		}
	}
	return true
}

// Changes compares a range with the one it takes the place of, in a market on a day.
func Changes(old, new *catalogue.Range, m id.Market, day market.Date) RangeChanges {
	was, _ := old.PricesAt(m, day)
	is, _ := new.PricesAt(m, day)
	if was == nil {
		was = &catalogue.PriceList{}
	}
	if is == nil {
		is = &catalogue.PriceList{}
	}
	var c RangeChanges
	for _, f := range new.Features {
		now, sold := is.Amounts[f.Code]
		before, had := was.Amounts[f.Code]
		switch {
		case sold && !had:
			c.FeaturesAdded = append(c.FeaturesAdded, f.Code)
		case sold && now != before:
			c.PricesChanged++
		}
	}
	for _, f := range old.Features {
		_, sold := is.Amounts[f.Code]
		if _, had := was.Amounts[f.Code]; had && !sold {
			c.FeaturesRemoved = append(c.FeaturesRemoved, f.Code)
		}
	}
	before, after := inForce(old, m, day), inForce(new, m, day)
	c.RulesAdded, c.RulesRemoved = beside(after, before), beside(before, after)
	return c
}

// inForce lists the rules of a day by their whole text, in order.
func inForce(r *catalogue.Range, m id.Market, day market.Date) map[string]string {
	out := map[string]string{}
	for i := range r.Rules {
		rule := r.Rules[i]
		if !rule.AppliesAt(m, day) {
			continue
		}
		line := Line(&rule)
		rule.Because, rule.Markets, rule.From, rule.To = nil, nil, "", ""
		key, _ := json.Marshal(rule) // plain data: cannot fail
		out[string(key)] = line
	}
	return out
}

// beside lists the lines that only the first has.
func beside(a, b map[string]string) []string {
	var out []string
	for key, line := range a {
		if _, both := b[key]; !both {
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}
