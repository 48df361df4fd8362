package configurator

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/pricing"
)

// plan is a range as it is sold in one market on one day, written as variables and rules between them.
type plan struct {
	market *market.Market
	rng    *catalogue.Range
	day    market.Date
	list   *catalogue.PriceList

	features []*catalogue.Feature // sold ones, in canonical order: by group, then as the range lists them
	index    map[id.Feature]int
	at       []int     // variable of each feature
	values   [][]int32 // of each feature: the values of its variable that mean that it is in the car
	rest     [][]int32 // of each feature: the other values
	givers   [][]int   // of each feature: those that make it free
	vars     []variable

	rules   []*catalogue.Rule // those in force
	origin  []int             // of each rule of the problem: place in rules, -1 for the make-up of free and paid
	problem diagram.Problem
	masks   [][][]uint64 // of the problem's clauses, for proofs
}

// variable is a group of one choice, or one option.
type variable struct {
	group  catalogue.Group
	values []value
}

// value is what a variable can be: a feature, paid for or free, or no option.
type value struct {
	feature int // -1: without the option
	free    bool
}

// The values of an option, in this order; the last only when something can bring it for free.
const (
	without int32 = iota
	paid
	free
)

// optionName is a variable's name for an option. Groups are called as they are.
func optionName(c id.Feature) string { return string(catalogue.Options) + "/" + string(c) }

func newPlan(m *market.Market, r *catalogue.Range, day market.Date) (*plan, error) {
	list, ok := r.PricesAt(m.Code, day)
	if !ok {
		return nil, pricing.ErrNotSold.With("model", r.Name)
	}
	p := &plan{market: m, rng: r, day: day, list: list, index: map[id.Feature]int{}}
	p.problem.Name = string(r.Model) + "." + string(m.Code)
	for _, g := range catalogue.Groups {
		if err := p.addFeatures(g); err != nil {
			return nil, err
		}
	}
	for i := range r.Rules {
		if x := &r.Rules[i]; x.AppliesAt(m.Code, day) && p.concerns(x) {
			p.rules = append(p.rules, x)
		}
	}
	p.findGivers()
	if err := p.noCircle(); err != nil {
		return nil, err
	}
	p.addVariables()
	if err := p.addRules(); err != nil {
		return nil, err
	}
	p.masks = masksOf(&p.problem)
	return p, nil
}

// maxPrice bounds the price of one feature, in minor units, so that sums stay exact (see weigh).
const maxPrice = int64(1) << 33

func (p *plan) addFeatures(g catalogue.Group) error {
	found := false
	for i := range p.rng.Features {
		f := &p.rng.Features[i]
		minor, sold := p.list.Amounts[f.Code]
		if f.Group != g || !sold {
			continue
		}
		if minor < 0 || minor > maxPrice {
			return ErrRange.With("feature", string(f.Code))
		}
		found = true
		p.index[f.Code] = len(p.features)
		p.features = append(p.features, f)
	}
	if !found && g != catalogue.Options {
		return ErrRange.With("group", string(g))
	}
	return nil
}

// concerns tells whether a rule can say anything about what is sold.
func (p *plan) concerns(r *catalogue.Rule) bool {
	_, sold := p.index[r.If]
	return sold || r.Kind == catalogue.OnlyWith
}

func (p *plan) findGivers() {
	p.givers = make([][]int, len(p.features))
	for _, r := range p.rules {
		if r.Kind != catalogue.Includes && r.Kind != catalogue.Standard {
			continue
		}
		for _, i := range p.sold(r.Any) {
			if from := p.index[r.If]; from != i {
				p.givers[i] = insert(p.givers[i], from)
			}
		}
	}
}

// noCircle refuses options that include each other at any remove: they would be free for ever.
func (p *plan) noCircle() error {
	const entered, left = 1, 2
	state := make([]int, len(p.features))
	var visit func(i int) bool
	visit = func(i int) bool {
		if state[i] != 0 {
			return state[i] == left
		}
		state[i] = entered
		for _, r := range p.rules {
			if r.If != p.features[i].Code || r.Kind != catalogue.Includes && r.Kind != catalogue.Standard {
				continue
			}
			for _, c := range r.Any {
				if j, sold := p.index[c]; sold && !visit(j) {
					return false
				}
			}
		}
		state[i] = left
		return true
	}
	for i := range p.features {
		if !visit(i) {
			return ErrRange.With("feature", string(p.features[i].Code))
		}
	}
	return nil
}

// addVariables makes one variable of each group of one choice and one of each option. A feature that a
// rule can make free has two values, so that a price is a sum over values and nothing else.
func (p *plan) addVariables() {
	p.at, p.values = make([]int, len(p.features)), make([][]int32, len(p.features))
	for i, f := range p.features {
		if f.Group == catalogue.Options {
			v := variable{group: f.Group, values: []value{{feature: -1}, {feature: i}}}
			p.values[i] = []int32{paid}
			if len(p.givers[i]) > 0 {
				v.values = append(v.values, value{feature: i, free: true})
				p.values[i] = []int32{paid, free}
			}
			p.at[i] = p.addVariable(optionName(f.Code), v)
			continue
		}
		if i == 0 || p.features[i-1].Group != f.Group {
			p.addVariable(string(f.Group), variable{group: f.Group})
		}
		p.at[i] = len(p.vars) - 1
		p.addValue(i, false)
		if p.splits(i) {
			p.addValue(i, true)
		}
	}
	for i := range p.vars {
		p.problem.Vars[i].Values = len(p.vars[i].values)
	}
	p.rest = make([][]int32, len(p.features))
	for i := range p.features {
		for x, v := range p.vars[p.at[i]].values {
			if v.feature != i {
				p.rest[i] = append(p.rest[i], int32(x))
			}
		}
	}
}

// splits tells whether it matters that a feature of a group of one choice can be free.
func (p *plan) splits(i int) bool {
	return len(p.givers[i]) > 0 && p.list.Amounts[p.features[i].Code] > 0
}

func (p *plan) addVariable(name string, v variable) int {
	p.vars = append(p.vars, v)
	p.problem.Vars = append(p.problem.Vars, diagram.Var{Name: name})
	return len(p.vars) - 1
}

func (p *plan) addValue(i int, free bool) {
	v := &p.vars[p.at[i]]
	p.values[i] = append(p.values[i], int32(len(v.values)))
	v.values = append(v.values, value{feature: i, free: free})
}

// signature names the structure: variables, values and rules, not prices. Two plans with the same
// signature share a diagram. Its first byte counts versions of the stored form.
func (p *plan) signature() string {
	h := sha256.New()
	put := func(ns ...int) {
		for _, n := range ns {
			_, _ = h.Write(binary.AppendVarint(nil, int64(n)))
		}
	}
	put(1, len(p.problem.Vars))
	for _, v := range p.problem.Vars {
		put(v.Values, len(v.Name))
		_, _ = h.Write([]byte(v.Name))
	}
	for i := range p.problem.Rules {
		r := &p.problem.Rules[i]
		put(len(r.Scope), len(r.Rows), len(r.Any))
		put(r.Scope...)
		for _, x := range r.Rows {
			put(int(x))
		}
		for _, l := range r.Any {
			put(l.Var, len(l.Values))
			for _, x := range l.Values {
				put(int(x))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// weigh is the price list as weights: the price of each value and, below it, its place in the range
// file, so that among equally dear cars the one that the product office lists first is taken.
func (p *plan) weigh(d *diagram.Diagram) *diagram.Weights {
	return d.Weigh(func(v, x int) int64 { return p.minor(v, x)<<placeBits + int64(p.place(v, x)) })
}

// placeBits is room for the places of all variables together.
const placeBits = 10

func (p *plan) place(v, x int) int {
	if p.vars[v].group == catalogue.Options && int32(x) == free {
		return 0 // as good as without
	}
	return min(x, (1<<placeBits-1)/len(p.vars))
}

// minor is what a value adds to the on-the-road total.
func (p *plan) minor(v, x int) int64 {
	val := p.vars[v].values[x]
	if val.feature < 0 {
		return 0
	}
	f, sum := p.features[val.feature], int64(0)
	if !val.free {
		sum = p.list.Amounts[f.Code]
	}
	if f.Engine != nil {
		sum += pricing.Duties(p.market, *f.Engine, p.day).Minor
	}
	return sum
}

// freeValue is the value of a feature that costs nothing; false when it has none.
func (p *plan) freeValue(i int) (int32, bool) {
	for x, v := range p.vars[p.at[i]].values {
		if v.feature == i && v.free {
			return int32(x), true
		}
	}
	return 0, false
}
