package configurator_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/configurator/diagram"
	"forecourt/internal/configurator/instance"
)

// report is the line that a trial prints. Latencies are the best of three on one goroutine.
type report struct {
	File               string   `json:"file"`
	Format             string   `json:"format"`
	Variables          int      `json:"variables"`
	LargestDomain      int      `json:"largest_domain"`
	Rules              int      `json:"rules"`
	Tuples             int      `json:"tuples"`
	Cars               string   `json:"cars"`
	CountedBy          []string `json:"cars_counted_also_by"`
	Nodes              int      `json:"nodes"`
	Bytes              int      `json:"bytes"`
	PeakNodes          int      `json:"peak_nodes"`
	CompileSeconds     float64  `json:"compile_seconds"`
	RecompileSeconds   float64  `json:"recompile_seconds"`
	Clicks             int      `json:"clicks"`
	ClickP50           float64  `json:"click_p50_us"`
	ClickP99           float64  `json:"click_p99_us"`
	EmptyPage          float64  `json:"empty_page_us"`
	ConflictP50        float64  `json:"conflict_p50_us"`
	ConflictP99        float64  `json:"conflict_p99_us"`
	SwitchP50          float64  `json:"switch_p50_us"`
	SwitchP99          float64  `json:"switch_p99_us"`
	CountSeconds       float64  `json:"count_seconds"`
	Orders             int      `json:"orders"`
	OrdersReplayed     int      `json:"orders_replayed"`
	OrdersSeconds      float64  `json:"orders_seconds"`
	ColumnsLeftOut     []string `json:"order_columns_left_out,omitempty"`
	WalksReplayed      int      `json:"walks_replayed"`
	PicksOffered       int      `json:"picks_offered"`
	ValuesChecked      int      `json:"values_checked"`
	TotalsChecked      int      `json:"totals_checked"`
	TotalsByOptimiser  int      `json:"totals_checked_by_optimiser"`
	CountsChecked      int      `json:"counts_checked"`
	ConflictsChecked   int      `json:"conflicts_checked"`
	ChangesChecked     int      `json:"changes_checked"`
	ChangesByOptimiser int      `json:"changes_checked_by_optimiser"`
	LargestConflict    int      `json:"largest_conflict"`
	LargestChange      int      `json:"largest_change"`
	Differences        int64    `json:"differences"`
	CheckSeconds       float64  `json:"check_seconds"`
	Race               bool     `json:"race,omitempty"`
}

// plan says how much is tried. The least of each count is tried however long it takes; beyond it the
// budget ends the checks.
type plan struct {
	walks     int // sessions of random picks, besides recorded orders
	clicks    int // clicks to measure
	clashes   int // conflicts and switches to measure
	states    int // moments of sessions at which other engines are asked
	least     int // of them, whatever the time
	budget    time.Duration
	patience  time.Duration // of the count by binary diagrams
	maxNodes  int           // of it
	rows      int           // in one table of the eliminator
	optimiser float64       // cars up to which the pseudo-Boolean optimiser is asked
	search    time.Duration
}

func bigPlan() plan {
	p := plan{walks: 200, clicks: 4000, clashes: 600, states: 400, least: 3, budget: *instanceBudget, patience: 20 * time.Second,
		maxNodes: 6_000_000, rows: 1_500_000, optimiser: 300_000, search: *instanceSearch}
	if slow {
		p.walks, p.clicks, p.clashes, p.states, p.maxNodes = 40, 300, 60, 60, 1_500_000
		p.budget /= 2
	}
	return p
}

func smallPlan() plan {
	p := plan{walks: 40, clicks: 1200, clashes: 200, states: 25, least: 2, budget: 5 * time.Second, patience: 4 * time.Second,
		maxNodes: 2_000_000, rows: 500_000, optimiser: 300_000, search: 2 * time.Second}
	if slow {
		p.walks, p.clicks, p.clashes, p.states, p.budget, p.patience = 4, 200, 30, 6, 3*time.Second, 2*time.Second
	}
	return p
}

func tinyPlan() plan {
	return plan{walks: 3, states: 4, least: 4, patience: 5 * time.Second, maxNodes: 1_000_000, rows: 1 << 20, optimiser: 1 << 20}
}

// trial tries the engine on one instance.
type trial struct {
	t      *testing.T
	in     *instance.Instance
	p      *diagram.Problem
	orders *instance.Orders
	plan   plan
	r      *rand.Rand
	d      *diagram.Diagram
	w      *diagram.Weights
	price  [][]int64
	tables []relation
	order  []string
	report
	wrong atomic.Int64
}

// newTrial compiles the instance; nil when rightly nothing can be built.
func newTrial(t *testing.T, in *instance.Instance, orders *instance.Orders, plan plan) *trial {
	t.Helper()
	tr := &trial{t: t, in: in, p: &in.Problem, orders: orders, plan: plan, r: rand.New(rand.NewPCG(1, 2))}
	d, stats, err := diagram.Compile(context.Background(), tr.p, diagram.Options{Search: plan.search})
	if plan.search > 0 && err != nil && !errors.Is(err, diagram.ErrEmpty) {
		d, stats, err = diagram.Compile(context.Background(), tr.p, diagram.Options{Search: 20 * plan.search}) // a slow or busy machine
	}
	if errors.Is(err, diagram.ErrEmpty) {
		if buildable(tr.p, everything(tr.p)) {
			t.Errorf("%s: something can be built, yet the compiler says that the rules contradict each other", tr.p.Name)
		}
		return nil
	}
	if err != nil {
		t.Fatalf("%s: %v", tr.p.Name, err)
	}
	tr.d, tr.order = d, stats.Order
	tr.report = report{File: tr.p.Name, Format: in.Format, Variables: len(tr.p.Vars), Rules: len(tr.p.Rules), Tuples: in.Tuples(), Nodes: d.Nodes(),
		Bytes: d.Bytes(), PeakNodes: stats.Peak, CompileSeconds: round(stats.Took.Seconds()), Race: slow}
	for _, v := range tr.p.Vars {
		tr.LargestDomain = max(tr.LargestDomain, v.Values)
	}
	tr.tables, _ = relations(tr.p, plan.rows)
	tr.prices()
	return tr
}

// prices are random; a few values cost nothing, as standard equipment does.
func (tr *trial) prices() {
	for _, v := range tr.p.Vars {
		row := make([]int64, v.Values)
		for x := range row {
			if tr.r.IntN(4) > 0 {
				row[x] = tr.r.Int64N(3000)
			}
		}
		tr.price = append(tr.price, row)
	}
	tr.w = tr.d.Weigh(func(v, x int) int64 { return tr.price[v][x] })
}

// differs notes that two engines do not say the same.
func (tr *trial) differs(format string, args ...any) {
	tr.t.Helper()
	if tr.wrong.Add(1) <= 10 {
		tr.t.Errorf("%s: "+format, append([]any{tr.p.Name}, args...)...)
	}
}

func (tr *trial) run() report {
	tr.t.Helper()
	tr.again()
	tr.replay()
	if tr.plan.clicks > 0 {
		tr.measure()
	}
	start := time.Now()
	tr.counts()
	tr.check()
	tr.CheckSeconds = round(time.Since(start).Seconds())
	tr.Differences = tr.wrong.Load()
	return tr.report
}

// again compiles with the order that was found and must get the same diagram.
func (tr *trial) again() {
	d, stats, err := diagram.Compile(context.Background(), tr.p, diagram.Options{Order: tr.order, Keep: true})
	if err != nil {
		tr.t.Fatalf("%s: with the order that was found: %v", tr.p.Name, err)
	}
	tr.RecompileSeconds = round(stats.Took.Seconds())
	if d.Nodes() != tr.d.Nodes() || d.NewDesk().Count().Cmp(tr.d.NewDesk().Count()) != 0 {
		tr.differs("compiled again with its order it has %d nodes, not %d", d.Nodes(), tr.d.Nodes())
	}
}

// counts asks two other engines how many cars there are.
func (tr *trial) counts() {
	start := time.Now()
	cars := tr.d.NewDesk().Count()
	tr.CountSeconds = round(time.Since(start).Seconds())
	tr.Cars = cars.String()
	if tr.tables == nil {
		return
	}
	if n, ok := countBinary(tr.p, tr.tables, tr.order, tr.plan.maxNodes, tr.plan.patience); ok {
		tr.counted("rudd", cars, n)
	}
	if n, none, ok := eliminateSplit(tr.tables, everything(tr.p), counting, ways, tr.plan.rows, time.Now().Add(3*tr.plan.patience)); ok && !none {
		tr.counted("elimination", cars, n)
	}
}

func (tr *trial) counted(by string, cars, n *big.Int) {
	tr.CountedBy = append(tr.CountedBy, by)
	if cars.Cmp(n) != 0 {
		tr.differs("%v cars, but %s counts %v", cars, by, n)
	}
}

// ways is one for every value: each counts.
func ways(int, int32) *big.Int { return counting.one }

// eliminated counts by taking variables out.
func (tr *trial) eliminated(dom domains) (*big.Int, bool) {
	if tr.tables == nil {
		return nil, false
	}
	n, none, ok := eliminate(tr.tables, dom, counting, ways, tr.plan.rows/5)
	if none {
		n = new(big.Int)
	}
	return n, ok
}

func (tr *trial) name(v int, x int32) string {
	return fmt.Sprintf("%s=%s", tr.p.Vars[v].Name, tr.in.Values[v][x])
}

func round(x float64) float64 { return float64(int64(x*10000+0.5)) / 10000 }
