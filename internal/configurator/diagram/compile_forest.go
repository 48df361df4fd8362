package diagram

// Terminals of a forest. Every other id is a node.
const (
	no    int32 = 0
	yes   int32 = 1
	first int32 = 2
)

// node is a decision about one variable. Its children lie in the pool, one for each value.
type node struct {
	of   int32 // variable
	off  int32 // where its children start in the pool
	ref  int32 // parents and holders; 0 is rubbish
	next int32 // next in the bucket of the unique table
	hash uint32
}

// forest is a diagram that still changes: it grows by conjunction and may be put in another order.
// Nodes know their variable, not their level, so a swap of levels leaves most of them alone.
type forest struct {
	width []int32 // by variable: its number of values
	at    []int32 // by variable: its level; one more for the terminals
	vars  []int32 // by level: its variable

	nodes  []node
	pool   []int32
	unique []bucketed // by variable
	free   []int32    // ids to use again
	spare  [][]int32  // by width: places in the pool to use again

	live, size int // nodes, and their children
	peak       int // most nodes ever
	limit      int // most nodes
	room       int // most children

	cache  []conjunction
	stamp  uint32
	misses int     // of the cache
	stack  []int32 // children of nodes being made
	fresh  []int32 // scratch of swap
	turned []int32 // scratch of swap

	meter meter
	fail  error // why the last operation stopped half-way
}

// bucketed is the unique table of one variable.
type bucketed struct {
	heads []int32
	count int
}

// conjunction remembers one result of and.
type conjunction struct {
	a, b, r int32
	stamp   uint32
}

// newForest makes an empty forest for variables of these widths in this order.
func newForest(m meter, width, vars []int32, limit int) *forest {
	n := len(width)
	f := &forest{width: width, vars: append([]int32(nil), vars...), limit: limit, room: 16*limit + 1<<20, meter: m}
	f.at = make([]int32, n+1)
	for l, v := range vars {
		f.at[v] = int32(l)
	}
	f.at[n] = int32(n)
	f.nodes = []node{{of: int32(n), ref: 1}, {of: int32(n), ref: 1}}
	f.unique = make([]bucketed, n)
	widest := int32(0)
	for v := range f.unique {
		f.unique[v].heads = make([]int32, 8)
		widest = max(widest, width[v])
	}
	f.spare = make([][]int32, widest+1)
	f.cache = make([]conjunction, 1<<8)
	return f
}

// kids are the children of a node, by value.
func (f *forest) kids(id int32) []int32 {
	n := &f.nodes[id]
	return f.pool[n.off : n.off+f.width[n.of]]
}

// topmost is the level where a node stands; terminals stand below every level.
func (f *forest) topmost(id int32) int32 { return f.at[f.nodes[id].of] }

func hashOf(kids []int32) uint32 {
	h := uint64(len(kids))
	for _, k := range kids {
		h = (h ^ uint64(uint32(k))) * 0x9E3779B97F4A7C15
		h ^= h >> 29
	}
	return uint32(h ^ h>>32)
}

// make answers the node of v with these children: one that is there, a new one, or the child itself
// when they are all the same. The answer is not yet held.
func (f *forest) make(v int32, kids []int32) int32 {
	if uniform(kids) {
		return kids[0]
	}
	h := hashOf(kids)
	if id := f.find(v, kids, h); id != no {
		return id
	}
	if f.live >= f.limit || f.size+len(kids) > f.room {
		f.fail = ErrBudget
		return no
	}
	for _, k := range kids {
		f.nodes[k].ref++
	}
	return f.add(v, kids, h)
}

func uniform(kids []int32) bool {
	for _, k := range kids[1:] {
		if k != kids[0] {
			return false
		}
	}
	return true
}

func (f *forest) find(v int32, kids []int32, h uint32) int32 {
	u := &f.unique[v]
next:
	for id := u.heads[h&uint32(len(u.heads)-1)]; id != no; id = f.nodes[id].next {
		n := &f.nodes[id]
		if n.hash != h {
			continue
		}
		own := f.pool[n.off : int(n.off)+len(kids)]
		for i, k := range kids {
			if own[i] != k {
				continue next
			}
		}
		return id
	}
	return no
}

// add puts a node into the forest that find did not know. Its children are already held.
func (f *forest) add(v int32, kids []int32, h uint32) int32 {
	id := int32(len(f.nodes))
	if k := len(f.free); k > 0 {
		id, f.free = f.free[k-1], f.free[:k-1]
	} else {
		f.nodes = append(f.nodes, node{})
	}
	f.nodes[id] = node{of: v, off: f.place(len(kids)), hash: h}
	copy(f.pool[f.nodes[id].off:], kids)
	f.enter(id)
	f.live++
	f.size += len(kids)
	f.peak = max(f.peak, f.live)
	return id
}

func (f *forest) place(width int) int32 {
	if s := f.spare[width]; len(s) > 0 {
		f.spare[width] = s[:len(s)-1]
		return s[len(s)-1]
	}
	off := len(f.pool)
	for range width {
		f.pool = append(f.pool, no)
	}
	return int32(off)
}

// enter puts a node into the unique table of its variable.
func (f *forest) enter(id int32) {
	n := &f.nodes[id]
	u := &f.unique[n.of]
	if u.count >= len(u.heads) {
		f.rehash(u, 4*len(u.heads))
	}
	b := n.hash & uint32(len(u.heads)-1)
	n.next, u.heads[b] = u.heads[b], id
	u.count++
}

func (f *forest) rehash(u *bucketed, size int) {
	heads := make([]int32, size)
	for _, id := range u.heads {
		for id != no {
			n := &f.nodes[id]
			b := n.hash & uint32(size-1)
			id, n.next, heads[b] = n.next, heads[b], id
		}
	}
	u.heads = heads
}

// trim makes the unique table of v small again after a swap, and the pool when most of it is spare.
func (f *forest) trim(v int32) {
	u := &f.unique[v]
	if len(u.heads) > 16*(u.count+4) {
		size := 8
		for size < 2*u.count {
			size *= 2
		}
		f.rehash(u, size)
	}
	if len(f.pool) > 3*f.size+1<<20 {
		f.repack()
	}
}

func (f *forest) repack() {
	pool := make([]int32, 0, f.size*3/2)
	for id := first; int(id) < len(f.nodes); id++ {
		if n := &f.nodes[id]; n.of >= 0 {
			kids := f.kids(id)
			n.off = int32(len(pool))
			pool = append(pool, kids...)
		}
	}
	f.pool = pool
	for w := range f.spare {
		f.spare[w] = nil
	}
}

// leave takes a node out of the unique table of its variable.
func (f *forest) leave(id int32) {
	n := &f.nodes[id]
	u := &f.unique[n.of]
	p := &u.heads[n.hash&uint32(len(u.heads)-1)]
	for *p != id {
		p = &f.nodes[*p].next
	}
	*p = n.next
	u.count--
}

func (f *forest) hold(id int32) { f.nodes[id].ref++ }

// drop lets go of a node; what nobody holds any more is freed.
func (f *forest) drop(id int32) {
	f.nodes[id].ref--
	if f.nodes[id].ref == 0 && id >= first {
		f.discard(id)
	}
}

func (f *forest) discard(id int32) {
	f.leave(id)
	kids := f.kids(id)
	for _, k := range kids {
		f.drop(k)
	}
	f.spare[len(kids)] = append(f.spare[len(kids)], f.nodes[id].off)
	f.free = append(f.free, id)
	f.nodes[id] = node{of: -1}
	f.live--
	f.size -= len(kids)
}

// sweep frees what an operation left behind that stopped half-way, and forgives it.
func (f *forest) sweep() {
	for id := first; int(id) < len(f.nodes); id++ {
		if f.nodes[id].of >= 0 && f.nodes[id].ref == 0 {
			f.discard(id)
		}
	}
	f.fail = nil
	f.stack = f.stack[:0]
}
