package diagram

import (
	"math/rand"
	"slices"
)

// eliminate lays out the tree of a min-fill elimination, small branches first: variables that meet late
// in the tree stand near the top.
func (r *reduced) eliminate(rng *rand.Rand) []int32 {
	n := len(r.width)
	e := elimination{near: make([][]bool, n), gone: make([]bool, n), parent: make([]int32, n), when: make([]int, n)}
	for v := range e.near {
		e.near[v] = make([]bool, n)
	}
	for i := range r.relations {
		e.tie(r.relations[i].scope)
	}
	bags := make([][]int32, n)
	for step := range n {
		v := e.cheapest(rng)
		bags[v] = e.around(v)
		e.tie(bags[v])
		e.gone[v], e.when[v] = true, step
	}
	return e.layout(bags)
}

type elimination struct {
	near   [][]bool
	gone   []bool
	parent []int32
	when   []int
}

func (e *elimination) tie(scope []int32) {
	for _, a := range scope {
		for _, b := range scope {
			if a != b {
				e.near[a][b] = true
			}
		}
	}
}

// around lists the neighbours of v that are still there.
func (e *elimination) around(v int32) []int32 {
	var list []int32
	for u, near := range e.near[v] {
		if near && !e.gone[u] {
			list = append(list, int32(u))
		}
	}
	return list
}

// cheapest is the variable whose neighbours miss the fewest ties between them.
func (e *elimination) cheapest(rng *rand.Rand) int32 {
	best, least := int32(-1), 0
	for v := range e.gone {
		if e.gone[v] {
			continue
		}
		missing, list := 0, e.around(int32(v))
		for i := 0; i < len(list) && (best < 0 || missing <= least); i++ {
			for _, b := range list[i+1:] {
				if !e.near[list[i]][b] {
					missing++
				}
			}
		}
		if best < 0 || missing < least || missing == least && rng.Intn(3) == 0 {
			best, least = int32(v), missing
		}
	}
	return best
}

// layout walks the tree from its roots; the parent of a variable is the first of its bag to go.
func (e *elimination) layout(bags [][]int32) []int32 {
	n := len(bags)
	children, size := make([][]int32, n), make([]int, n)
	late := make([]int32, n)
	for v := range late {
		late[e.when[v]] = int32(v)
	}
	var roots []int32
	for _, v := range late {
		size[v]++
		if len(bags[v]) == 0 {
			roots = append(roots, v)
			continue
		}
		parent := slices.MinFunc(bags[v], func(a, b int32) int { return e.when[a] - e.when[b] })
		children[parent] = append(children[parent], v)
		size[parent] += size[v]
	}
	var vars []int32
	var walk func(v int32)
	walk = func(v int32) {
		vars = append(vars, v)
		slices.SortStableFunc(children[v], func(a, b int32) int { return size[a] - size[b] })
		for _, u := range children[v] {
			walk(u)
		}
	}
	for _, v := range roots {
		walk(v)
	}
	return vars
}
