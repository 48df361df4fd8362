package configurator

import (
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/id"
)

// addRules writes every rule in force as clauses and tables.
func (p *plan) addRules() error {
	for k, r := range p.rules {
		if r.Kind == catalogue.OnlyWith {
			if err := p.addTable(k, r); err != nil {
				return err
			}
			continue
		}
		p.addClauses(k, r)
	}
	for i := range p.features {
		p.addMakeUp(i)
	}
	return nil
}

func (p *plan) addClauses(k int, r *catalogue.Rule) {
	from := p.index[r.If]
	switch r.Kind {
	case catalogue.Requires:
		p.add(k, append([]diagram.Literal{p.not(from)}, p.anyOf(r.Any)...)...)
	case catalogue.Excludes:
		for _, i := range p.sold(r.Any) {
			p.add(k, p.not(from), p.not(i))
		}
	case catalogue.Includes, catalogue.Standard:
		for _, i := range p.sold(r.Any) {
			switch {
			case i == from:
			case p.features[i].Group == catalogue.Options:
				p.add(k, p.not(from), diagram.Literal{Var: p.at[i], Values: []int32{free}})
			case r.Kind == catalogue.Includes: // what is standard there is free when chosen, not forced
				p.add(k, p.not(from), diagram.Literal{Var: p.at[i], Values: p.values[i]})
			}
		}
	}
}

// addMakeUp ties a feature's free value to what brings it: free when some giver is in the car, and only
// then; paid for otherwise.
func (p *plan) addMakeUp(i int) {
	x, has := p.freeValue(i)
	if !has {
		return
	}
	v := p.at[i]
	unlike := diagram.Literal{Var: v}
	for y := range p.vars[v].values {
		if int32(y) != x {
			unlike.Values = append(unlike.Values, int32(y))
		}
	}
	p.add(-1, append([]diagram.Literal{unlike}, p.anyFeature(p.givers[i])...)...)
	unpaid := diagram.Literal{Var: v}
	for y, val := range p.vars[v].values {
		if val.feature != i || val.free {
			unpaid.Values = append(unpaid.Values, int32(y))
		}
	}
	for _, g := range p.givers[i] {
		p.add(-1, p.not(g), unpaid)
	}
}

func (p *plan) add(k int, any ...diagram.Literal) {
	p.problem.Rules = append(p.problem.Rules, diagram.Rule{Any: any})
	p.origin = append(p.origin, k)
}

func (p *plan) not(i int) diagram.Literal {
	return diagram.Literal{Var: p.at[i], Values: p.rest[i]}
}

// anyOf are the literals of which one must hold; features of one variable share a literal.
func (p *plan) anyOf(codes []id.Feature) []diagram.Literal { return p.anyFeature(p.sold(codes)) }

func (p *plan) anyFeature(features []int) []diagram.Literal {
	var out []diagram.Literal
	for _, i := range features {
		at := slices.IndexFunc(out, func(l diagram.Literal) bool { return l.Var == p.at[i] })
		if at < 0 {
			out = append(out, diagram.Literal{Var: p.at[i], Values: slices.Clone(p.values[i])})
			continue
		}
		for _, x := range p.values[i] {
			if !slices.Contains(out[at].Values, x) {
				out[at].Values = append(out[at].Values, x)
			}
		}
	}
	return out
}

// sold are the features of a list that are sold.
func (p *plan) sold(codes []id.Feature) []int {
	var out []int
	for _, c := range codes {
		if i, ok := p.index[c]; ok {
			out = append(out, i)
		}
	}
	return out
}

// maxRows bounds what one table of allowed combinations may come to when its lists are multiplied out.
const maxRows = 200_000

// addTable multiplies the lists of a table of allowed combinations out.
func (p *plan) addTable(k int, r *catalogue.Rule) error {
	t := diagram.Rule{}
	var missing []int // columns of options that are not sold here: no car has them
	for c, column := range r.Of {
		if v, ok := p.column(column); ok {
			t.Scope = append(t.Scope, v)
		} else {
			missing = append(missing, c)
		}
	}
	for _, row := range r.Rows {
		cells, fits := make([][]int32, 0, len(row)), true
		for c, cell := range row {
			if slices.Contains(missing, c) {
				fits = fits && cell.Fits(catalogue.Without)
				continue
			}
			cells = append(cells, p.cell(t.Scope[len(cells)], cell))
		}
		switch {
		case !fits:
			continue
		case len(t.Scope) == 0:
			return nil // every car fits this row
		}
		if t.Rows = multiply(t.Rows, cells); len(t.Rows) > maxRows*len(t.Scope) {
			return ErrRange.With("rule", string(catalogue.OnlyWith))
		}
	}
	if len(t.Scope) == 0 {
		p.add(k) // no row fits any car
		return nil
	}
	p.problem.Rules = append(p.problem.Rules, t)
	p.origin = append(p.origin, k)
	return nil
}

func (p *plan) column(name string) (int, bool) {
	for v, x := range p.problem.Vars {
		if x.Name == name || x.Name == optionName(id.Feature(name)) {
			return v, true
		}
	}
	return 0, false
}

// cell is a cell of a table as values of its variable; an empty one is any.
func (p *plan) cell(v int, cell catalogue.Cell) []int32 {
	var out []int32
	for x, val := range p.vars[v].values {
		switch {
		case len(cell) == 0, val.feature < 0 && slices.Contains(cell, catalogue.Without),
			val.feature >= 0 && slices.Contains(cell, p.features[val.feature].Code):
			out = append(out, int32(x))
		}
	}
	return out
}

// multiply appends every row that takes one value of each cell.
func multiply(rows []int32, cells [][]int32) []int32 {
	for _, c := range cells {
		if len(c) == 0 {
			return rows
		}
	}
	at := make([]int, len(cells))
	for len(rows) <= maxRows*len(cells) {
		for c, i := range at {
			rows = append(rows, cells[c][i])
		}
		c := len(at) - 1
		for ; c >= 0; c-- {
			if at[c]++; at[c] < len(cells[c]) {
				break
			}
			at[c] = 0
		}
		if c < 0 {
			return rows
		}
	}
	return rows
}
