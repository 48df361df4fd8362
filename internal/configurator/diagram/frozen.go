package diagram

import "slices"

// Diagram is the frozen form: flat arrays, level by level, parents before children. It never changes,
// any number of goroutines may read it.
type Diagram struct {
	varAt []int32  // variable of each level, top first
	pos   []int32  // level of each variable
	voff  []int32  // level: first of its values in arrays over all values; one more at the end
	alive []uint64 // level: mask of the values that some whole assignment has
	aoff  []int32  // level: first word of its masks; one more at the end

	lev   []int32 // node: its level; the last entry is the terminal's
	first []int32 // node: its first edge; one more at the end
	edges []edge
	skips []int32 // edge: level of the child when levels lie between, else -1

	clev  []int32  // class: its level
	cfrom []int32  // level: first of its classes; one more at the end
	cmask []uint64 // class after class, as many words as its level has
	coff  []int32  // class: first word; one more at the end
}

// edge leads from a node to a child for a set of values. Sets are kept once for each level: a class.
type edge struct {
	child int32 // node, or the terminal
	class int32
}

// Nodes is the number of decision nodes.
func (d *Diagram) Nodes() int { return len(d.lev) - 1 }

// Vars is the number of variables.
func (d *Diagram) Vars() int { return len(d.varAt) }

// Values is the number of values of a variable.
func (d *Diagram) Values(v int) int { l := d.pos[v]; return int(d.voff[l+1] - d.voff[l]) }

// Bytes is the size of the frozen arrays.
func (d *Diagram) Bytes() int {
	return 4*(len(d.varAt)+len(d.pos)+len(d.voff)+len(d.aoff)+len(d.lev)+len(d.first)+len(d.clev)+len(d.cfrom)+len(d.coff)) +
		12*len(d.edges) + 8*(len(d.alive)+len(d.cmask))
}

// Alive tells whether some whole assignment gives the variable this value.
func (d *Diagram) Alive(v, x int) bool {
	l := d.pos[v]
	return d.alive[d.aoff[l]+int32(x>>6)]>>(x&63)&1 != 0
}

func (d *Diagram) term() int32 { return int32(len(d.lev) - 1) }

func (d *Diagram) levelMask(l int32) []uint64 { return d.alive[d.aoff[l]:d.aoff[l+1]] }

func (d *Diagram) classMask(c int32) []uint64 { return d.cmask[d.coff[c]:d.coff[c+1]] }

// freeze packs what the compiler made.
func freeze(p *Problem, l layered) *Diagram {
	n := len(l.order)
	d := &Diagram{pos: make([]int32, n), voff: []int32{0}, aoff: []int32{0}, first: []int32{0}, coff: []int32{0}}
	for level, v := range l.order {
		d.varAt = append(d.varAt, int32(v))
		d.pos[v] = int32(level)
		values := p.Vars[v].Values
		d.voff = append(d.voff, d.voff[level]+int32(values))
		mask := make([]uint64, (values+63)/64)
		for x, ok := range l.alive[v] {
			if ok {
				mask[x>>6] |= 1 << (x & 63)
			}
		}
		d.alive = append(d.alive, mask...)
		d.aoff = append(d.aoff, int32(len(d.alive)))
	}
	f := freezer{d: d, l: &l, classes: make([]map[string]int32, n)}
	f.byLevel()
	f.addClasses()
	d.findSkips()
	return d
}

// findSkips notes which edges pass levels by.
func (d *Diagram) findSkips() {
	d.skips = make([]int32, len(d.edges))
	for node := range d.Nodes() {
		for i := d.first[node]; i < d.first[node+1]; i++ {
			d.skips[i] = -1
			if below := d.lev[d.edges[i].child]; below > d.lev[node]+1 {
				d.skips[i] = below
			}
		}
	}
}

type freezer struct {
	d       *Diagram
	l       *layered
	at      []int32 // the compiler's node: its place here
	classes []map[string]int32
	masks   [][][]uint64 // level, class
}

// byLevel lays the nodes out level by level, so that a pass walks memory forwards.
func (f *freezer) byLevel() {
	n := len(f.l.level)
	nodes := make([]int32, n)
	for i := range nodes {
		nodes[i] = int32(i)
	}
	slices.SortStableFunc(nodes, func(a, b int32) int { return int(f.l.level[a] - f.l.level[b]) })
	f.at = make([]int32, n)
	for place, node := range nodes {
		f.at[node] = int32(place)
	}
	f.masks = make([][][]uint64, len(f.l.order))
	for _, node := range nodes {
		f.d.lev = append(f.d.lev, f.l.level[node])
		f.addEdges(node)
		f.d.first = append(f.d.first, int32(len(f.d.edges)))
	}
	f.d.lev = append(f.d.lev, int32(len(f.l.order)))
}

func (f *freezer) addEdges(node int32) {
	level, start := f.l.level[node], len(f.d.edges)
	masks := map[int32][]uint64{}
	var order []int32
	for x, kid := range f.l.kids[node] {
		if kid == none {
			continue
		}
		if masks[kid] == nil {
			masks[kid] = make([]uint64, f.d.aoff[level+1]-f.d.aoff[level])
			order = append(order, kid)
		}
		masks[kid][x>>6] |= 1 << (x & 63)
	}
	for _, kid := range order {
		e := edge{child: int32(len(f.l.level)), class: f.class(level, masks[kid])}
		if kid != top {
			e.child = f.at[kid]
		}
		f.d.edges = append(f.d.edges, e)
	}
	slices.SortStableFunc(f.d.edges[start:], func(a, b edge) int { return int(a.child - b.child) })
}

// class is the number of a mask within its level; addClasses counts on over all levels.
func (f *freezer) class(level int32, mask []uint64) int32 {
	key := make([]byte, 0, 8*len(mask))
	for _, w := range mask {
		for s := 0; s < 64; s += 8 {
			key = append(key, byte(w>>s))
		}
	}
	if f.classes[level] == nil {
		f.classes[level] = map[string]int32{}
	}
	c, known := f.classes[level][string(key)]
	if !known {
		c = int32(len(f.masks[level]))
		f.classes[level][string(key)] = c
		f.masks[level] = append(f.masks[level], mask)
	}
	return c
}

// addClasses numbers the classes over all levels.
func (f *freezer) addClasses() {
	d := f.d
	for level, masks := range f.masks {
		d.cfrom = append(d.cfrom, int32(len(d.clev)))
		for _, m := range masks {
			d.clev = append(d.clev, int32(level))
			d.cmask = append(d.cmask, m...)
			d.coff = append(d.coff, int32(len(d.cmask)))
		}
	}
	d.cfrom = append(d.cfrom, int32(len(d.clev)))
	for node := range d.Nodes() {
		for i := d.first[node]; i < d.first[node+1]; i++ {
			d.edges[i].class += d.cfrom[d.lev[node]]
		}
	}
}
