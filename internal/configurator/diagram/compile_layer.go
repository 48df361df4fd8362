package diagram

import "slices"

// layers turns the finished diagram into the form that is frozen: classes are values again, values that
// no whole assignment has are dead, and what differs in dead values only is one node.
func (f *forest) layers(root int32, r *reduced) layered {
	l := layered{alive: make([][]bool, len(f.vars))}
	for _, v := range f.vars {
		l.order = append(l.order, int(v))
	}
	possible := f.possible(root)
	for v, class := range r.class {
		l.alive[v] = make([]bool, len(class))
		for x, c := range class {
			l.alive[v][x] = c >= 0 && possible[v][c]
		}
	}
	h := handover{forest: f, reduced: r, out: &l, possible: possible}
	h.done, h.same = map[int32]int32{no: none, yes: top}, map[uint32][]int32{}
	h.node(root)
	h.turn()
	return l
}

// possible tells by variable and class whether some whole assignment has it.
func (f *forest) possible(root int32) [][]bool {
	n := len(f.vars)
	ok := make([][]bool, n)
	for v := range ok {
		ok[v] = make([]bool, f.width[v])
	}
	skips := make([]int, n+1) // differences: paths that skip levels from here on, and no longer from there
	skip := func(from, to int32) {
		skips[from]++
		skips[to]--
	}
	skip(0, f.topmost(root))
	for _, id := range f.below(root) {
		v := f.nodes[id].of
		for x, k := range f.kids(id) {
			if k != no {
				ok[v][x] = true
				skip(f.at[v]+1, f.topmost(k))
			}
		}
	}
	open := 0
	for level, v := range f.vars {
		open += skips[level]
		for x := range ok[v] {
			ok[v][x] = ok[v][x] || open > 0
		}
	}
	return ok
}

// below lists the nodes that root reaches, root first.
func (f *forest) below(root int32) []int32 {
	seen := make([]bool, len(f.nodes))
	var list []int32
	visit := func(id int32) {
		if id >= first && !seen[id] {
			seen[id] = true
			list = append(list, id)
		}
	}
	visit(root)
	for i := 0; i < len(list); i++ {
		for _, k := range f.kids(list[i]) {
			visit(k)
		}
	}
	return list
}

// handover copies a forest into layers, children first.
type handover struct {
	*forest
	*reduced
	out      *layered
	possible [][]bool
	done     map[int32]int32
	same     map[uint32][]int32 // by hash: nodes made
}

// node answers the new number of a node; it may be a child's when only dead values differ.
func (h *handover) node(id int32) int32 {
	if n, ok := h.done[id]; ok {
		return n
	}
	v := h.nodes[id].of
	kids := make([]int32, h.forest.width[v])
	one, many := none, false
	for x, k := range h.kids(id) {
		kids[x] = none
		if h.possible[v][x] {
			kids[x] = h.node(k)
			many = many || one != none && kids[x] != one || kids[x] == none
			one = kids[x]
		}
	}
	n := one
	if many {
		n = h.put(v, kids)
	}
	h.done[id] = n
	return n
}

func (h *handover) put(v int32, kids []int32) int32 {
	wide := make([]int32, len(h.class[v]))
	for x, c := range h.class[v] {
		wide[x] = none
		if c >= 0 {
			wide[x] = kids[c]
		}
	}
	hash := hashOf(wide) ^ uint32(v)
	for _, n := range h.same[hash] {
		if h.out.level[n] == h.at[v] && slices.Equal(h.out.kids[n], wide) {
			return n
		}
	}
	n := int32(len(h.out.kids))
	h.same[hash] = append(h.same[hash], n)
	h.out.level = append(h.out.level, h.at[v])
	h.out.kids = append(h.out.kids, wide)
	return n
}

// turn puts parents first: children were made first.
func (h *handover) turn() {
	l, last := h.out, int32(len(h.out.kids))-1
	for i, j := 0, int(last); i <= j; i, j = i+1, j-1 {
		l.level[i], l.level[j] = l.level[j], l.level[i]
		l.kids[i], l.kids[j] = l.kids[j], l.kids[i]
	}
	for _, kids := range l.kids {
		for x, k := range kids {
			if k >= 0 {
				kids[x] = last - k
			}
		}
	}
}
