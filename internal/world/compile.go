package world

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/filecheck"

	"golang.org/x/sync/errgroup"
)

// cores bounds how many compilations this process runs at once: they are all arithmetic, and more
// than one for each core would only cost memory.
var cores = make(chan struct{}, runtime.GOMAXPROCS(0))

// Uncompilable is a range that cannot be published in a market, and why.
type Uncompilable struct {
	Market id.Market
	Err    error
}

// Error implements error.
func (u *Uncompilable) Error() string { return fmt.Sprintf("market %s: %v", u.Market, u.Err) }

// Unwrap gives the reason: *configurator.Contradiction, configurator.ErrBudget and the like.
func (u *Uncompilable) Unwrap() error { return u.Err }

// compileRange compiles a range for every market that has prices for it, and gives the order in which
// it is laid out, with the variables of all markets. The range itself is not changed.
func compileRange(ctx context.Context, markets func(id.Market) (*market.Market, bool), r *catalogue.Range, now time.Time, b configurator.Budget) ([]configurator.Edition, []string, error) {
	codes := byChoice(r)
	found, orders := make([][]configurator.Edition, len(codes)), make([][]string, len(codes))
	one := func(ctx context.Context, i int, order []string) error {
		m, ok := markets(codes[i])
		if !ok {
			return &Uncompilable{Market: codes[i], Err: ErrNoShop}
		}
		cores <- struct{}{}
		defer func() { <-cores }()
		mine := *r // the order found is written into it
		mine.VariableOrder = order
		es, err := configurator.Publish(ctx, m, &mine, Today(m, now), b)
		if err != nil {
			return &Uncompilable{Market: m.Code, Err: err}
		}
		found[i], orders[i] = es, mine.VariableOrder
		return nil
	}
	rest, order := 0, r.VariableOrder
	for ; rest < len(codes) && (b.Anew || len(order) == 0); rest++ {
		// A search is long: what it finds for the market of most choices serves the others.
		if err := one(ctx, rest, order); err != nil {
			return nil, nil, err
		}
		order = mergeOrders(orders[rest], order)
	}
	g, ctx := errgroup.WithContext(ctx)
	for i := rest; i < len(codes); i++ {
		g.Go(func() error { return one(ctx, i, order) })
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	es := slices.Concat(found...)
	slices.SortStableFunc(es, func(a, b configurator.Edition) int { return cmp.Compare(a.Market, b.Market) })
	return es, mergeOrders(order, orders[rest:]...), nil
}

// Reorder looks anew for the order in which a range is laid out, for some time in each market. Of what
// it finds, and what the range had, the order that serves all markets best is left in the range. It
// answers how many nodes all markets took together before, and take now.
func Reorder(ctx context.Context, markets []*market.Market, r *catalogue.Range, now time.Time, search time.Duration) (before, after int, err error) {
	known := func(c id.Market) (*market.Market, bool) {
		i := slices.IndexFunc(markets, func(m *market.Market) bool { return m.Code == c })
		if i < 0 {
			return nil, false
		}
		return markets[i], true
	}
	b := configurator.Budget{Nodes: configurator.DefaultBudget.Nodes, Search: search}
	es, order, err := compileRange(ctx, known, r, now, b)
	if err != nil {
		return 0, 0, err
	}
	candidates := [][]string{order}
	for code, lists := range r.Prices {
		alone := *r
		alone.Prices = map[id.Market][]catalogue.PriceList{code: lists}
		anew := b
		anew.Anew = true
		if _, order, err = compileRange(ctx, known, &alone, now, anew); err != nil {
			return 0, 0, err
		}
		candidates = append(candidates, order)
	}
	before, after = nodes(es), -1
	for i := range candidates {
		trial := *r
		trial.VariableOrder = mergeOrders(candidates[i], candidates...)
		if es, _, err = compileRange(ctx, known, &trial, now, b); err != nil {
			return 0, 0, err
		}
		if n := nodes(es); after < 0 || n < after {
			after, order = n, trial.VariableOrder
		}
	}
	r.VariableOrder = order
	return before, after, nil
}

func nodes(es []configurator.Edition) (sum int) {
	for _, e := range es {
		sum += e.Report.Nodes
	}
	return sum
}

// byChoice lists the markets of a range, those with most features first.
func byChoice(r *catalogue.Range) []id.Market {
	most := map[id.Market]int{}
	var codes []id.Market
	for code, lists := range r.Prices {
		codes = append(codes, code)
		for _, l := range lists {
			most[code] = max(most[code], len(l.Amounts))
		}
	}
	slices.SortFunc(codes, func(a, b id.Market) int {
		return cmp.Or(cmp.Compare(most[b], most[a]), cmp.Compare(a, b))
	})
	return codes
}

// Refusal says in which line of a range file the reason stands why it cannot be published. It is err
// itself when the file is not to blame.
func Refusal(file string, data []byte, r *catalogue.Range, b configurator.Budget, err error) error {
	var u *Uncompilable
	if !errors.As(err, &u) {
		return err
	}
	return &Refused{Problems: []filecheck.Problem{u.problem(file, data, r, b)}}
}

// anySize lets a file be read again that the range reader has taken.
var anySize = filecheck.Limits{Bytes: 1 << 30, Nodes: 1 << 30, Keys: 1 << 30, Depth: 1 << 10}

func (u *Uncompilable) problem(file string, data []byte, r *catalogue.Range, b configurator.Budget) filecheck.Problem {
	root, _ := filecheck.ParseWithin(file, data, anySize)
	line := func(at ...string) int { return filecheck.LineOf(root, at...) }
	p := filecheck.Problem{File: file, Line: 1}
	var c *configurator.Contradiction
	var f *fault.Fault
	switch {
	case errors.Is(u.Err, ErrNoShop):
		p.Line, p.Reason = line("prices", string(u.Market)), fmt.Sprintf("prices: unknown market %q", u.Market)
		return p
	case errors.As(u.Err, &c):
		p.Line = line("rules")
		p.Reason = "not one car can be built"
		for i, rule := range c.Rules {
			at := indexOf(r, rule)
			n := line("rules", fmt.Sprint(at))
			if i == 0 {
				p.Line = n
				p.Reason += "; together these rules leave none:"
			}
			p.Reason += fmt.Sprintf(" [line %d: %s]", n, configurator.Line(rule))
		}
	case errors.Is(u.Err, configurator.ErrBudget):
		p.Line, p.Reason = line("rules"), fmt.Sprintf("the rules are too tangled: compiling them takes more than %d nodes", b.Nodes)
	case errors.Is(u.Err, configurator.ErrHeld):
		p.Reason = "what is held at present would leave no car; release it first"
	case errors.As(u.Err, &f) && f.Args["group"] != "":
		p.Line, p.Reason = line("prices", string(u.Market)), fmt.Sprintf("nothing of the group %q has a price", f.Args["group"])
	case errors.As(u.Err, &f) && f.Args["feature"] != "":
		p.Reason = fmt.Sprintf("feature %q includes itself, or its price is out of bounds", f.Args["feature"])
	default:
		p.Reason = u.Err.Error()
	}
	p.Reason = fmt.Sprintf("market %s: %s", u.Market, p.Reason)
	return p
}

func indexOf(r *catalogue.Range, rule *catalogue.Rule) int {
	for i := range r.Rules {
		if &r.Rules[i] == rule {
			return i
		}
	}
	return -1
}
