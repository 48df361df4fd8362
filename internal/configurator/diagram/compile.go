package diagram

import (
	"context"
	"errors"
	"time"
)

// Options steer a compilation.
type Options struct {
	Order    []string      // names of variables, top first, from an earlier compilation; the rest is placed near its kin
	MaxNodes int           // most nodes alive at any moment; 0 means 2,000,000
	Search   time.Duration // how long to look for a better order; 0 means until sifting gains little
	Keep     bool          // keep Order as it is when it covers every variable: no search
}

// Stats tell how a compilation went.
type Stats struct {
	Order []string      // names of variables, top first: keep it with the rules
	Nodes int           // of the frozen diagram
	Peak  int           // most nodes alive on the way
	Took  time.Duration // wall time
	Cut   bool          // Options.Search ended before the search did: another run may come out otherwise
}

// Refusals of Compile.
var (
	ErrBudget = errors.New("diagram: more nodes than the budget allows")
	ErrEmpty  = errors.New("diagram: the rules contradict each other, nothing can be built")
)

// Compile turns a problem into a diagram. It answers ErrProblem, ErrEmpty, ErrBudget or the reason why
// ctx ended; then there is no diagram.
func Compile(ctx context.Context, p *Problem, o Options) (*Diagram, Stats, error) {
	if err := p.Check(); err != nil {
		return nil, Stats{}, err
	}
	l, stats, err := compile(ctx, p, o)
	if err != nil {
		return nil, stats, err
	}
	d := freeze(p, l)
	stats.Nodes = d.Nodes()
	for _, v := range l.order {
		stats.Order = append(stats.Order, p.Vars[v].Name)
	}
	return d, stats, nil
}
