package diagram

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// brute is everything that counting on one's fingers tells about a small problem under some picks.
type brute struct {
	p     *Problem
	cars  [][]int32
	cost  [][]int64
	pick  [][]int32 // by variable: allowed values, nil when free
	held  [][]bool
	count int
	total int64
	from  [][]int64
}

// random is a small problem of tables and clauses.
func random(r *rand.Rand) *Problem {
	p := &Problem{}
	for range 2 + r.IntN(4) {
		p.Vars = append(p.Vars, Var{Name: "v" + strconv.Itoa(len(p.Vars)), Values: 1 + r.IntN(4)})
	}
	for range r.IntN(6) {
		if r.IntN(2) == 0 {
			p.Rules = append(p.Rules, guessTable(r, p))
		} else {
			p.Rules = append(p.Rules, guessClause(r, p))
		}
	}
	return p
}

func guessTable(r *rand.Rand, p *Problem) Rule {
	t := Rule{Scope: r.Perm(len(p.Vars))[:1+r.IntN(min(3, len(p.Vars)))]}
	row, density := make([]int32, len(t.Scope)), 0.4+0.55*r.Float64()
	var fill func(i int)
	fill = func(i int) {
		if i == len(row) {
			if r.Float64() < density {
				t.Rows = append(t.Rows, row...)
			}
			return
		}
		for x := range p.Vars[t.Scope[i]].Values {
			row[i] = int32(x)
			fill(i + 1)
		}
	}
	fill(0)
	return t
}

func guessClause(r *rand.Rand, p *Problem) Rule {
	var c Rule
	for _, v := range r.Perm(len(p.Vars))[:1+r.IntN(min(3, len(p.Vars)))] {
		l := Literal{Var: v}
		for x := range p.Vars[v].Values {
			if r.IntN(2) == 0 {
				l.Values = append(l.Values, int32(x))
			}
		}
		c.Any = append(c.Any, l)
	}
	return c
}

func count(r *rand.Rand, p *Problem) *brute {
	b := &brute{p: p}
	car := make([]int32, len(p.Vars))
	var rec func(i int)
	rec = func(i int) {
		if i == len(car) {
			if p.Broken(car) < 0 {
				b.cars = append(b.cars, append([]int32(nil), car...))
			}
			return
		}
		for x := range p.Vars[i].Values {
			car[i] = int32(x)
			rec(i + 1)
		}
	}
	rec(0)
	for _, v := range p.Vars {
		row := make([]int64, v.Values)
		for x := range row {
			row[x] = int64(r.IntN(40))
		}
		b.cost = append(b.cost, row)
	}
	return b
}

// draw picks and withholds at random.
func (b *brute) draw(r *rand.Rand) {
	b.pick, b.held = make([][]int32, len(b.p.Vars)), make([][]bool, len(b.p.Vars))
	for v, x := range b.p.Vars {
		b.held[v] = make([]bool, x.Values)
		if r.IntN(2) == 0 {
			b.pick[v] = []int32{int32(r.IntN(x.Values))}
			if r.IntN(4) == 0 {
				b.pick[v] = append(b.pick[v], int32(r.IntN(x.Values)))
			}
		}
		if r.IntN(8) == 0 {
			b.held[v][r.IntN(x.Values)] = true
		}
	}
}

// off lists the variables whose picks a car does not keep; held cars count as none.
func (b *brute) off(car []int32) (lost []int, ok bool) {
	for v, x := range car {
		if b.held[v][x] {
			return nil, false
		}
		if b.pick[v] == nil {
			continue
		}
		kept := false
		for _, y := range b.pick[v] {
			kept = kept || x == y
		}
		if !kept {
			lost = append(lost, v)
		}
	}
	return lost, true
}

func (b *brute) price(car []int32) int64 {
	sum := int64(0)
	for v, x := range car {
		sum += b.cost[v][x]
	}
	return sum
}

func (b *brute) answer() {
	b.total, b.count, b.from = Impossible, 0, nil
	for _, v := range b.p.Vars {
		row := make([]int64, v.Values)
		for x := range row {
			row[x] = Impossible
		}
		b.from = append(b.from, row)
	}
	for _, car := range b.cars {
		lost, ok := b.off(car)
		if !ok || len(lost) > 1 {
			continue
		}
		sum := b.price(car)
		if len(lost) == 1 {
			x := car[lost[0]]
			b.from[lost[0]][x] = min(b.from[lost[0]][x], sum)
			continue
		}
		b.count++
		b.total = min(b.total, sum)
		for v, x := range car {
			b.from[v][x] = min(b.from[v][x], sum)
		}
	}
}

func (b *brute) desk(d *Diagram) (*Desk, *Weights) {
	k := d.NewDesk()
	for v := range b.p.Vars {
		if b.pick[v] != nil {
			k.Pick(v, b.pick[v]...)
		}
		for x, held := range b.held[v] {
			if held {
				k.Withhold(v, x)
			}
		}
	}
	return k, d.Weigh(func(v, x int) int64 { return b.cost[v][x] })
}

// least is the fewest picks to give up, and the lowest price among those, when one pick must stay.
func (b *brute) least(stays int) (fewest int, price int64) {
	fewest, price = -1, Impossible
	for _, car := range b.cars {
		lost, ok := b.off(car)
		for _, v := range lost {
			ok = ok && v != stays
		}
		if !ok {
			continue
		}
		if fewest < 0 || len(lost) < fewest || len(lost) == fewest && b.price(car) < price {
			fewest, price = len(lost), b.price(car)
		}
	}
	return fewest, price
}

// clashes tells whether no car keeps these picks.
func (b *brute) clashes(vars []int) bool {
	for _, car := range b.cars {
		lost, ok := b.off(car)
		for _, v := range lost {
			for _, u := range vars {
				ok = ok && u != v
			}
		}
		if ok {
			return false
		}
	}
	return true
}

// smallest is the size of the least set of other picks that clashes with one; -1 when there is none.
func (b *brute) smallest(with int) int {
	var others []int
	for v, p := range b.pick {
		if p != nil && v != with {
			others = append(others, v)
		}
	}
	best := -1
	for bits := range 1 << len(others) {
		set := []int{with}
		for i, v := range others {
			if bits>>i&1 != 0 {
				set = append(set, v)
			}
		}
		if n := len(set) - 1; (best < 0 || n < best) && b.clashes(set) {
			best = n
		}
	}
	return best
}

// models is how many random problems are counted out. Set it higher for a long run.
func models(t *testing.T) int {
	n := 100_000
	if text := os.Getenv("ORACLE_MODELS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestAgainstCountingOnFingers(t *testing.T) {
	t.Parallel()
	const hands = 4
	n := models(t)
	for hand := range hands {
		t.Run(strconv.Itoa(hand), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, uint64(hand)))
			for range n / hands {
				compare(t, r)
				if t.Failed() {
					return
				}
			}
		})
	}
}

func compare(t *testing.T, r *rand.Rand) {
	t.Helper()
	p := random(r)
	b := count(r, p)
	d, _, err := Compile(context.Background(), p, Options{})
	if len(b.cars) == 0 {
		if err == nil {
			t.Errorf("nothing can be built, yet it compiled: %+v", p)
		}
		return
	}
	if err != nil {
		t.Errorf("%v: %+v", err, p)
		return
	}
	if r.IntN(10) == 0 {
		d = reopened(t, d)
	}
	b.draw(r)
	b.answer()
	k, w := b.desk(d)
	sameAnswers(t, b, k, w)
	for v := range p.Vars {
		if b.pick[v] != nil {
			sameClash(t, b, k, w, v)
		}
	}
	if got := k.Page(w); got != b.total {
		t.Errorf("total after other questions %d, want %d", got, b.total)
	}
}

func reopened(t *testing.T, d *Diagram) *Diagram {
	stored, err := d.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if d, err = Open(stored); err != nil {
		t.Fatal(err)
	}
	return d
}

func sameAnswers(t *testing.T, b *brute, k *Desk, w *Weights) {
	t.Helper()
	if got := k.Page(w); got != b.total {
		t.Errorf("total %d, want %d: %+v picks %v held %v", got, b.total, b.p, b.pick, b.held)
	}
	for v, row := range b.from {
		for x, want := range row {
			if got := k.From(v, x); got != want {
				t.Errorf("from %d=%d is %d, want %d: %+v picks %v held %v", v, x, got, want, b.p, b.pick, b.held)
			}
		}
	}
	if got := k.Count(); got.Int64() != int64(b.count) || int(k.Roughly()+0.5) != b.count {
		t.Errorf("count %v (about %v), want %d", got, k.Roughly(), b.count)
	}
	car := make([]int32, len(b.p.Vars))
	if got := k.Cheapest(w, car); got != b.total {
		t.Errorf("cheapest %d, want %d", got, b.total)
	} else if got < Impossible {
		if lost, ok := b.off(car); !ok || len(lost) > 0 || b.price(car) != got || b.p.Broken(car) >= 0 {
			t.Errorf("the cheapest car %v does not keep what it must", car)
		}
	}
}

func sameClash(t *testing.T, b *brute, k *Desk, w *Weights, v int) {
	t.Helper()
	clash, is := k.Conflict(v)
	want := b.smallest(v)
	if is != (want >= 0) || is && (len(clash) != want || !b.clashes(append([]int{v}, clash...))) {
		t.Errorf("clash of %d is %v %t, want %d picks: %+v %v %v", v, clash, is, want, b.p, b.pick, b.held)
	}
	car := make([]int32, len(b.p.Vars))
	fewest, price := b.least(v)
	lost, total, ok := k.Change(w, func(u int) bool { return u == v }, func(int) int64 { return 1 << 20 }, car)
	if ok != (fewest >= 0) || ok && (len(lost) != fewest || total != price || b.price(car) != price || b.p.Broken(car) >= 0) {
		t.Errorf("change for %d gives up %v at %d, want %d at %d: %+v %v %v", v, lost, total, fewest, price, b.p, b.pick, b.held)
	}
}
