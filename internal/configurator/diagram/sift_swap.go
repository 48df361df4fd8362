package diagram

// swap exchanges a level with the one below it. Only nodes of the upper variable with a child at the
// lower one change: they keep their id and what they mean, and become nodes of the other variable.
func (f *forest) swap(level int32) {
	x, y := f.vars[level], f.vars[level+1]
	if f.unique[x].count > 0 && f.unique[y].count > 0 {
		f.takeDependent(x, y)
		for _, id := range f.turned {
			f.turnOver(id, x, y)
		}
		f.trim(x)
		f.trim(y)
	}
	f.vars[level], f.vars[level+1] = y, x
	f.at[x], f.at[y] = level+1, level
}

// takeDependent takes the nodes of x with a child of y out of their table and lists them.
func (f *forest) takeDependent(x, y int32) {
	f.turned = f.turned[:0]
	u, width := &f.unique[x], f.width[x]
	for b := range u.heads {
		p := &u.heads[b]
		for *p != no {
			id := *p
			n := &f.nodes[id]
			depends := false
			for _, k := range f.pool[n.off : n.off+width] {
				if f.nodes[k].of == y {
					depends = true
					break
				}
			}
			if depends {
				*p = n.next
				f.turned = append(f.turned, id)
			} else {
				p = &n.next
			}
		}
	}
	f.meter.done += int64(u.count)*int64(width) + int64(len(u.heads)) + 3*int64(len(f.turned))*int64(width)*int64(f.width[y])
	u.count -= len(f.turned)
}

// turnOver makes a node of x, already out of its table, into a node of y with children of x.
func (f *forest) turnOver(id, x, y int32) {
	wx, wy := int(f.width[x]), int(f.width[y])
	f.fresh = f.fresh[:0]
	for b := range wy {
		f.fresh = append(f.fresh, f.cofactor(id, y, wx, b))
	}
	old := f.nodes[id].off
	for i := range wx {
		f.drop(f.pool[int(old)+i])
	}
	off := old
	if wx != wy {
		f.spare[wx] = append(f.spare[wx], old)
		off = f.place(wy)
		f.size += wy - wx
	}
	copy(f.pool[off:], f.fresh)
	n := &f.nodes[id]
	n.of, n.off, n.hash = y, off, hashOf(f.fresh)
	f.enter(id)
}

// cofactor is the node of x, held, that id becomes where y has the value b.
func (f *forest) cofactor(id, y int32, wx, b int) int32 {
	base := len(f.stack)
	off := f.nodes[id].off
	for _, k := range f.pool[off : int(off)+wx] {
		if n := &f.nodes[k]; n.of == y {
			k = f.pool[int(n.off)+b]
		}
		f.stack = append(f.stack, k)
	}
	kids := f.stack[base:]
	r := kids[0]
	if !uniform(kids) {
		x, h := f.nodes[id].of, hashOf(kids)
		if r = f.find(x, kids, h); r == no {
			for _, k := range kids {
				f.nodes[k].ref++
			}
			r = f.add(x, kids, h)
		}
	}
	f.nodes[r].ref++
	f.stack = f.stack[:base]
	return r
}
