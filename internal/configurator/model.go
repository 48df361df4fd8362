package configurator

import (
	"context"
	"errors"
	"sync"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
)

// Model is one range as it is sold in one market on one day. It never changes and any number of
// goroutines may use it. The market and the range it was made from must not change either.
type Model struct {
	*plan
	diagram *diagram.Diagram
	weights *diagram.Weights
	bound   int64        // more than the total of any car, as weights count
	holds   []Hold       // of features that are sold
	held    map[int]Hold // by feature
	classes []class      // of engines, where a duty is a share of the price; none elsewhere
	desks   *sync.Pool
	reasons *reasons
	cheap   Selection
	from    pricing.Quote
}

// Hold keeps a feature out of every car for some time, without touching the range: out of stock, end
// of series, not this week.
type Hold struct {
	Feature id.Feature
	Until   market.Date // last day; empty when nobody knows
	Because string      // code of the reason, words are in the catalogues
}

// Stored finds a published diagram by its signature; nil when there is none.
type Stored func(signature string) *diagram.Diagram

// Compile prepares a range for a market and a day without anything stored. It refuses a range that has
// no price list there, or of which not one car can be built.
func Compile(m *market.Market, r *catalogue.Range, day market.Date) (*Model, error) {
	return Open(m, r, day, func(string) *diagram.Diagram { return nil })
}

// Open is Compile with a published diagram when there is one for exactly these features and rules.
// Prices are laid over it: a new price list needs no new diagram.
func Open(m *market.Market, r *catalogue.Range, day market.Date, stored Stored) (*Model, error) {
	p, err := newPlan(m, r, day)
	if err != nil {
		return nil, err
	}
	d := stored(p.signature())
	if d == nil || !p.shapes(d) {
		if d, _, err = p.compile(context.Background(), DefaultBudget); err != nil {
			return nil, err
		}
	}
	return newModel(p, d)
}

// compile makes the diagram of a plan, in the order that is kept with the range.
func (p *plan) compile(ctx context.Context, b Budget) (*diagram.Diagram, diagram.Stats, error) {
	d, stats, err := diagram.Compile(ctx, &p.problem, diagram.Options{Order: p.rng.VariableOrder, MaxNodes: b.Nodes, Search: b.Search, Keep: len(p.rng.VariableOrder) > 0 && !b.Anew})
	switch {
	case errors.Is(err, diagram.ErrEmpty):
		err = ErrRange.With("model", p.rng.Name)
	case errors.Is(err, diagram.ErrBudget):
		err = ErrBudget.With("model", p.rng.Name)
	}
	return d, stats, err
}

func newModel(p *plan, d *diagram.Diagram) (*Model, error) {
	mo := &Model{plan: p, diagram: d, weights: p.weigh(d), reasons: &reasons{kept: map[string][]*catalogue.Rule{}}}
	for v := range p.vars {
		most := int64(0)
		for x := range p.vars[v].values {
			most = max(most, mo.weights.Of(v, x))
		}
		if most >= diagram.MaxWeight {
			return nil, ErrRange.With("model", p.rng.Name)
		}
		mo.bound += most + 1
	}
	if mo.bound > diagram.Impossible/int64(len(p.vars)+1) { // so dear that a sum with penalties is not exact
		return nil, ErrRange.With("model", p.rng.Name)
	}
	mo.classes = p.classesOf()
	return mo, mo.settle()
}

// shapes tells whether a diagram has the variables and values of the plan.
func (p *plan) shapes(d *diagram.Diagram) bool {
	if d.Vars() != len(p.vars) {
		return false
	}
	for v := range p.vars {
		if d.Values(v) != len(p.vars[v].values) {
			return false
		}
	}
	return true
}

// settle makes what depends on what is held.
func (mo *Model) settle() error {
	mo.desks = &sync.Pool{New: func() any { return mo.newDesk() }}
	k := mo.desk()
	defer mo.done(k)
	if k.Cheapest(mo.weights, k.car) >= diagram.Impossible {
		return ErrHeld.With("model", mo.rng.Name)
	}
	b, err := mo.build(k.car)
	if err != nil {
		return err
	}
	mo.cheap, mo.from = b.Selection, b.Quote
	return nil
}

// With is the model while some features are held. The diagram is shared, nothing is compiled. It
// answers ErrHeld when no car is left.
func (mo *Model) With(holds []Hold) (*Model, error) {
	if len(holds) == 0 && len(mo.holds) == 0 {
		return mo, nil
	}
	out := *mo
	out.holds, out.held = nil, map[int]Hold{}
	for _, h := range holds {
		if i, sold := mo.index[h.Feature]; sold {
			out.holds = append(out.holds, h)
			out.held[i] = h
		}
	}
	return &out, out.settle()
}

func (mo *Model) desk() *desk {
	k := mo.desks.Get().(*desk)
	k.Clear()
	return k
}

func (mo *Model) done(k *desk) { mo.desks.Put(k) }

// Default is the cheapest car that can be built.
func (mo *Model) Default() Selection { return append(Selection(nil), mo.cheap...) }

// From is the price of the cheapest car: the least that anybody pays for this model.
func (mo *Model) From() pricing.Quote {
	q := mo.from
	q.Lines = append([]pricing.Line(nil), q.Lines...)
	return q
}

// Signature names the structure of the model: features and rules, not prices.
func (mo *Model) Signature() string { return mo.signature() }

// money is a total as weights count it.
func (mo *Model) money(weight int64) money.Money { return mo.market.Amount(weight >> placeBits) }

func (mo *Model) code(i int) id.Feature { return mo.features[i].Code }
