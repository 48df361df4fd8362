package instance

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"forecourt/internal/configurator/diagram"
)

// Shape says what to generate.
type Shape struct {
	Seed      uint64
	Variables int
	Versions  int // values of the first variable, which decides the most
	Orders    int
}

// generator makes a range like that of one model: a version decides trim, engine and the like; further
// variables are options with what a version offers, equipment that follows from other equipment, colours,
// packs, exclusions and wide tables. Every variable is bound to earlier ones only, and always has a
// value left: so cars can be made by hand, without the engine that is to be tried with them.
type generator struct {
	r     *rand.Rand
	in    *Instance
	core  []int   // decided by the version
	free  []int   // options that may always be left out: value 0
	about [][]int // by variable: rules that end with it
}

// Generate makes an instance and orders for it.
func Generate(s Shape) (*Instance, *Orders) {
	g := &generator{r: rand.New(rand.NewPCG(s.Seed, uint64(s.Variables))), in: newInstance("generated")}
	g.in.Problem.Name = fmt.Sprintf("generated-%d-%d", s.Variables, s.Seed)
	version := g.variable("version", s.Versions)
	for i, size := range []int{6, 9, 3, 4, 3, 5} {
		c := g.variable("core"+strconv.Itoa(i), size)
		g.follow(c, version)
		g.core = append(g.core, c)
	}
	for len(g.in.Values) < s.Variables {
		g.equipment()
	}
	o := &Orders{Vars: make([]int, len(g.in.Values))}
	for v := range o.Vars {
		o.Vars[v] = v
	}
	for range s.Orders {
		o.Rows = append(o.Rows, g.order())
	}
	return g.in, o
}

func (g *generator) variable(name string, size int) int {
	values := make([]string, size)
	for i := range values {
		values[i] = strconv.Itoa(i)
	}
	if err := g.in.addVariable(name, values); err != nil {
		panic(err) // the generator's own names and sizes
	}
	g.about = append(g.about, nil)
	return len(g.in.Values) - 1
}

// equipment adds a variable of one of the kinds that real ranges are made of.
func (g *generator) equipment() {
	name := "v" + strconv.Itoa(len(g.in.Values))
	switch k := g.r.IntN(20); {
	case k < 5: // an option, on offer or standard by version
		g.offer(g.variable(name, 2+g.r.IntN(2)), 0)
	case k < 13: // follows from one or two others
		v := g.variable(name, 2+g.r.IntN(2))
		switch g.r.IntN(4) {
		case 0:
			g.follow(v, 0, g.near(v), g.near(v))
		case 1:
			g.follow(v, g.core[g.r.IntN(len(g.core))], g.near(v))
		default:
			g.follow(v, g.near(v))
		}
	case k < 15: // a colour, an upholstery: many values by trim
		g.offer(g.variable(name, 6+g.r.IntN(12)), g.core[0])
	default: // an option that may always be left out, with what it excludes
		g.option(g.variable(name, 2+g.r.IntN(2)))
	}
}

// family is the number of variables that belong together: seats, lights, wheels. Rules between families
// are fewer, as in real ranges.
const family = 12

// near is an earlier variable of the same family, seldom of another, or of the core.
func (g *generator) near(v int) int {
	if u := v - 1 - g.r.IntN(5); u >= g.first(v) || u > len(g.core) && g.r.IntN(10) == 0 {
		return u
	}
	return g.core[g.r.IntN(len(g.core))]
}

// first is the first variable of a family.
func (g *generator) first(v int) int {
	start := 1 + len(g.core)
	return max(start, v-(v-start)%family)
}

// rule adds a table with all rows that a test lets pass. The last variable of the scope is the latest.
func (g *generator) rule(scope []int, pass func(row []int32) bool) {
	t, err := g.in.newTable("r"+strconv.Itoa(len(g.in.Problem.Rules)), scope)
	if err != nil {
		panic(err)
	}
	row := make([]int32, len(scope))
	for more := true; more; more = t.next(row) {
		if pass(row) {
			t.rows = append(t.rows, row...)
		}
	}
	last := scope[len(scope)-1]
	g.about[last] = append(g.about[last], len(g.in.Problem.Rules))
	t.allow()
}

// follow makes a variable a function of others.
func (g *generator) follow(v int, others ...int) {
	of := map[string]int32{}
	size := int32(g.in.Problem.Vars[v].Values)
	g.rule(append(distinctVars(others), v), func(row []int32) bool {
		k := key(row[:len(row)-1])
		if _, ok := of[k]; !ok {
			of[k] = g.r.Int32N(size)
		}
		return of[k] == row[len(row)-1]
	})
}

func distinctVars(vars []int) []int {
	var out []int
	seen := map[int]bool{}
	for _, v := range vars {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// offer says for each value of another variable which values there are.
func (g *generator) offer(v, other int) {
	size := int32(g.in.Problem.Vars[v].Values)
	sure, kind := map[int32]int32{}, map[int32]int{}
	g.rule([]int{other, v}, func(row []int32) bool {
		if _, ok := sure[row[0]]; !ok {
			sure[row[0]], kind[row[0]] = g.r.Int32N(size), g.r.IntN(3)
		}
		return row[1] == sure[row[0]] || kind[row[0]] == 0 && g.r.IntN(2) == 0
	})
}

// option is a variable whose value 0 nothing forbids.
func (g *generator) option(v int) {
	scope, full := []int{}, 1
	want := []int{2, 2, 2, 3, 3, 4, 6}[g.r.IntN(7)]
	for i := len(g.free) - 1; i >= 0 && len(scope) < want-1 && g.free[i] >= g.first(v); i-- {
		if size := g.in.Problem.Vars[g.free[i]].Values; g.r.IntN(3) > 0 && full*size < 4000 {
			scope, full = append([]int{g.free[i]}, scope...), full*size
		}
	}
	if len(scope) < want-1 {
		scope = append([]int{g.core[g.r.IntN(len(g.core))]}, scope...)
	}
	wide := len(scope) >= 4
	limit := len(scope)/2 + 1
	banned := map[string]bool{}
	g.rule(append(scope, v), func(row []int32) bool {
		if row[len(row)-1] == 0 {
			return true
		}
		if wide {
			return used(row) <= limit
		}
		k := key(row)
		banned[k] = g.r.IntN(3) == 0
		return !banned[k]
	})
	g.free = append(g.free, v)
}

// used counts what is not left out.
func used(row []int32) int {
	n := 0
	for _, x := range row {
		if x != 0 {
			n++
		}
	}
	return n
}

// order makes a car, variable by variable, and forgets some of its values, as recorded orders do.
func (g *generator) order() []int32 {
	car := make([]int32, len(g.in.Values))
	for v := range car {
		var may []int32
		for x := range int32(g.in.Problem.Vars[v].Values) {
			car[v] = x
			if g.fits(car, v) {
				may = append(may, x)
			}
		}
		car[v] = may[g.r.IntN(len(may))]
	}
	for v := range car {
		if g.r.IntN(12) == 0 {
			car[v] = Unknown
		}
	}
	return car
}

func (g *generator) fits(car []int32, v int) bool {
	for _, r := range g.about[v] {
		if !g.in.Problem.Rules[r].Allows(car) {
			return false
		}
	}
	return true
}

// Random makes a small instance of tables and clauses without any shape. It may have no solution.
func Random(seed uint64) *Instance {
	g := &generator{r: rand.New(rand.NewPCG(seed, 99)), in: newInstance("random")}
	g.in.Problem.Name = fmt.Sprintf("random-%d", seed)
	for i := range 5 + g.r.IntN(8) {
		g.variable("v"+strconv.Itoa(i), 1+g.r.IntN(5))
	}
	n := len(g.in.Values)
	for range 3 + g.r.IntN(n) {
		scope := g.r.Perm(n)[:1+g.r.IntN(4)]
		if g.r.IntN(3) == 0 {
			g.in.Problem.Rules = append(g.in.Problem.Rules, g.clause(scope))
			continue
		}
		dense := 0.4 + 0.55*g.r.Float64()
		g.rule(scope, func([]int32) bool { return g.r.Float64() < dense })
	}
	return g.in
}

func (g *generator) clause(scope []int) diagram.Rule {
	r := diagram.Rule{Name: "c" + strconv.Itoa(len(g.in.Problem.Rules))}
	for _, v := range scope {
		l := diagram.Literal{Var: v}
		for x := range int32(g.in.Problem.Vars[v].Values) {
			if g.r.IntN(2) == 0 {
				l.Values = append(l.Values, x)
			}
		}
		r.Any = append(r.Any, l)
	}
	return r
}
