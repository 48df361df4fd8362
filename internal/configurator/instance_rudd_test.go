package configurator_test

import (
	"math/big"
	"math/bits"
	"runtime"
	"slices"
	"sort"
	"time"

	"github.com/dalzilio/rudd"

	"forecourt/internal/configurator/diagram"
)

// binary counts a problem with binary decision diagrams: the values of a variable are written in bits,
// the variables stand in the order that the compiler found.
type binary struct {
	p     *diagram.Problem
	b     *rudd.BDD
	first []int // by variable: level of its first bit
	bits  []int
	kept  []rudd.Node // see keep
}

// countBinary answers how many cars there are; false when it takes more nodes or time than it may. Which
// rules are conjoined first decides on the nodes on the way, so it tries from the top and from the bottom.
func countBinary(p *diagram.Problem, tables []relation, order []string, maxNodes int, patience time.Duration) (*big.Int, bool) {
	n, ok := countFrom(true, p, tables, order, maxNodes, patience/2)
	if !ok {
		n, ok = countFrom(false, p, tables, order, maxNodes, patience/2)
	}
	return n, ok
}

func countFrom(top bool, p *diagram.Problem, tables []relation, order []string, maxNodes int, patience time.Duration) (*big.Int, bool) {
	c := &binary{p: p, first: make([]int, len(p.Vars)), bits: make([]int, len(p.Vars))}
	at := map[string]int{}
	for v, x := range p.Vars {
		at[x.Name] = v
	}
	level := 0
	for _, name := range order {
		v := at[name]
		c.first[v], c.bits[v] = level, max(1, bits.Len(uint(p.Vars[v].Values-1)))
		level += c.bits[v]
	}
	var err error
	if c.b, err = rudd.New(level, rudd.Nodesize(100_000), rudd.Cachesize(50_000), rudd.Cacheratio(25), rudd.Maxnodesize(maxNodes)); err != nil {
		return nil, false
	}
	defer runtime.KeepAlive(c)
	end, root := time.Now().Add(patience), c.b.True()
	for _, t := range c.prepared(tables, top) {
		root = c.keep(c.b.And(root, c.node(t.scope, t.rows, 0)))
		if c.b.Errored() || time.Now().After(end) {
			return nil, false
		}
	}
	return c.b.Satcount(root), true
}

// keep holds on to a node until the count is done: the library lowers a node's count of references in a
// finalizer, on another goroutine and without a lock, so none may run while it still works.
func (c *binary) keep(n rudd.Node) rudd.Node {
	c.kept = append(c.kept, n)
	return n
}

// prepared are the rules, and for each variable a table that forbids unused codes: those that end highest
// in the order first, or those that start lowest.
func (c *binary) prepared(tables []relation, top bool) []relation {
	out := slices.Clone(tables)
	for v, x := range c.p.Vars {
		t := relation{scope: []int{v}}
		for y := range int32(x.Values) {
			t.rows = append(t.rows, y)
		}
		out = append(out, t)
	}
	for i := range out {
		out[i] = c.sorted(out[i])
	}
	sort.SliceStable(out, func(i, j int) bool {
		if top {
			return c.end(out[i], -1) < c.end(out[j], -1)
		}
		return c.end(out[i], 0) > c.end(out[j], 0)
	})
	return out
}

// end is the level of a table's first variable, or, from -1, of its last.
func (c *binary) end(t relation, from int) int {
	if len(t.scope) == 0 {
		return 0
	}
	return c.first[t.scope[(from+len(t.scope))%len(t.scope)]]
}

// sorted puts columns in the order of levels, and rows in the order of columns.
func (c *binary) sorted(t relation) relation {
	columns := make([]int, len(t.scope))
	for i := range columns {
		columns[i] = i
	}
	sort.Slice(columns, func(i, j int) bool { return c.first[t.scope[columns[i]]] < c.first[t.scope[columns[j]]] })
	var rows [][]int32
	for row := range slices.Chunk(t.rows, max(1, len(t.scope))) {
		turned := make([]int32, len(row))
		for i, col := range columns {
			turned[i] = row[col]
		}
		rows = append(rows, turned)
	}
	slices.SortFunc(rows, slices.Compare)
	var out relation
	for _, col := range columns {
		out.scope = append(out.scope, t.scope[col])
	}
	for _, row := range rows {
		out.rows = append(out.rows, row...)
	}
	return out
}

// node is the diagram of sorted rows from a column on.
func (c *binary) node(scope []int, rows []int32, column int) rudd.Node {
	n := len(scope)
	if len(rows) == 0 {
		return c.b.False()
	}
	if column == n {
		return c.b.True()
	}
	below := map[int32]rudd.Node{}
	for i := 0; i < len(rows); {
		j := i
		for j < len(rows) && rows[j+column] == rows[i+column] {
			j += n
		}
		below[rows[i+column]] = c.node(scope, rows[i:j], column+1)
		i = j
	}
	v := scope[column]
	return c.fork(v, 0, 0, below)
}

// fork decides a variable bit by bit, the highest first.
func (c *binary) fork(v, bit int, code int32, below map[int32]rudd.Node) rudd.Node {
	if bit == c.bits[v] {
		if n, ok := below[code]; ok {
			return n
		}
		return c.b.False()
	}
	low, high := c.fork(v, bit+1, code<<1, below), c.fork(v, bit+1, code<<1|1, below)
	return c.keep(c.b.Ite(c.b.Ithvar(c.first[v]+bit), high, low))
}
