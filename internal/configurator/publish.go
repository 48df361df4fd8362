package configurator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/id"
	"forecourt/internal/market"
)

// Budget bounds a publication.
type Budget struct {
	Nodes  int           // most nodes alive at any moment while compiling
	Search time.Duration // how long to look for a better order; 0: until looking gains little
	Anew   bool          // look for an order although the range has one
}

// DefaultBudget is far above what a model of a real range needs (some thousands) and far below what
// would hurt a machine (a node takes some hundred bytes while compiling).
var DefaultBudget = Budget{Nodes: 400_000, Search: 20 * time.Second}

// Edition is a range compiled for one market, from a day on, ready to be stored and served.
type Edition struct {
	Market    id.Market
	From      market.Date
	Signature string
	Diagram   []byte // as diagram.Open reads it
	Report    Report
}

// Publish compiles a range for a market: as it is on a day, and as it will be after each later day on
// which its rules or what is sold change. Every diagram is read back from its stored form and compared
// with the rules before it is handed out. It answers *Contradiction when not one car can be built and
// ErrBudget when the rules are too tangled; then nothing is to be published. The order found is left
// in the range when it had none.
func Publish(ctx context.Context, m *market.Market, r *catalogue.Range, day market.Date, b Budget) ([]Edition, error) {
	var out []Edition
	for _, from := range append([]market.Date{day}, r.Edges(m.Code, day)...) {
		if _, sold := r.PricesAt(m.Code, from); !sold {
			continue
		}
		p, err := newPlan(m, r, from)
		if err != nil {
			return nil, err
		}
		if n := len(out); n > 0 && out[n-1].Signature == p.signature() {
			continue // only prices change on that day
		}
		e, err := p.publish(ctx, b)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// publish compiles one plan and holds the stored form against the rules.
func (p *plan) publish(ctx context.Context, b Budget) (Edition, error) {
	d, stats, err := p.compile(ctx, b)
	if errors.Is(err, ErrBudget) && !b.Anew {
		b.Anew = true // the kept order may have grown old
		d, stats, err = p.compile(ctx, b)
	}
	if errors.Is(err, ErrRange) {
		return Edition{}, p.contradiction(nil)
	}
	if err != nil {
		return Edition{}, err
	}
	if len(p.rng.VariableOrder) == 0 || b.Anew {
		p.rng.VariableOrder = stats.Order
	}
	stored, err := d.MarshalBinary()
	if err != nil {
		return Edition{}, err
	}
	if d, err = diagram.Open(stored); err != nil {
		return Edition{}, err
	}
	if err := p.verify(d); err != nil {
		return Edition{}, err
	}
	return Edition{Market: p.market.Code, From: p.day, Signature: p.signature(), Diagram: stored, Report: p.report(d, stats)}, nil
}

// ErrUnlike is a diagram that does not say what the rules say. It never goes live.
var ErrUnlike = errors.New("configurator: the compiled form differs from the rules")

// verify compares a diagram with the raw rules: the cheapest car with each value keeps them all, and
// random picks can be had in both or in neither.
func (p *plan) verify(d *diagram.Diagram) error {
	if !p.shapes(d) {
		return fmt.Errorf("%w: other variables", ErrUnlike)
	}
	mo := &Model{plan: p, diagram: d, weights: p.weigh(d)}
	k := &desk{Desk: d.NewDesk(), mo: mo, car: make([]int32, len(p.vars))}
	for v := range p.vars {
		for x := range p.vars[v].values {
			k.Clear()
			k.Pick(v, int32(x))
			if (k.Cheapest(mo.weights, k.car) < diagram.Impossible) != d.Alive(v, x) {
				return fmt.Errorf("%w: %s is alive without a car", ErrUnlike, p.problem.Vars[v].Name)
			}
			if !d.Alive(v, x) {
				continue
			}
			if err := mo.sameByRules(k.car); err != nil {
				return err
			}
		}
	}
	return mo.sampled(k)
}

// sameByRules lets the gate judge a car of the diagram.
func (mo *Model) sameByRules(car []int32) error {
	b, err := mo.build(car)
	if err != nil {
		return err
	}
	if broken := mo.problem.Broken(car); broken >= 0 {
		return fmt.Errorf("%w: %v breaks rule %d", ErrUnlike, b.Selection, broken)
	}
	if err := mo.Check(b.Selection); err != nil {
		return fmt.Errorf("%w: %v: %w", ErrUnlike, b.Selection, err)
	}
	return nil
}

// sampled asks for random picks, which have nothing to do with how the diagram was made.
func (mo *Model) sampled(k *desk) error {
	const samples, most = 150, 6
	r := rand.New(rand.NewPCG(1, uint64(len(mo.vars))))
	all := make([]int, len(mo.problem.Rules))
	for i := range all {
		all[i] = i
	}
	for range samples {
		var given []diagram.Literal
		k.Clear()
		for _, v := range r.Perm(len(mo.vars))[:min(most, len(mo.vars))] {
			x := int32(r.IntN(len(mo.vars[v].values)))
			k.Pick(v, x)
			given = append(given, diagram.Literal{Var: v, Values: []int32{x}})
		}
		pr := newProver(mo.plan, given)
		dead := pr.refutes(all)
		if pr.steps >= 0 && dead != (k.Cheapest(mo.weights, k.car) >= diagram.Impossible) {
			return fmt.Errorf("%w: %v can be had %t", ErrUnlike, given, dead)
		}
	}
	return nil
}

// Contradiction is a set of rules, none to spare, that together leave no car.
type Contradiction struct {
	Model  string
	Market id.Market
	Rules  []*catalogue.Rule
}

// Error lists the rules.
func (c *Contradiction) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "configurator: %s in %s: not one car can be built;", c.Model, c.Market)
	for _, r := range c.Rules {
		b.WriteString(" [" + Line(r) + "]")
	}
	return b.String()
}

// Unwrap makes a contradiction a range that cannot be sold.
func (c *Contradiction) Unwrap() error { return ErrRange }

func (p *plan) contradiction(given []diagram.Literal) *Contradiction {
	return &Contradiction{Model: p.rng.Name, Market: p.market.Code, Rules: p.behind(given)}
}

// Line writes a rule as short as the product office does.
func Line(r *catalogue.Rule) string {
	if r.Kind == catalogue.OnlyWith {
		return fmt.Sprintf("only_with %s (%d rows)", strings.Join(r.Of, ", "), len(r.Rows))
	}
	words := make([]string, len(r.Any))
	for i, c := range r.Any {
		words[i] = string(c)
	}
	return fmt.Sprintf("%s %s %s", r.If, r.Kind, strings.Join(words, ", "))
}
