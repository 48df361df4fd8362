package configurator

// saver is a feature whose coming would make more of the paid picks free than it costs: the one reason
// to pick what no rule asks for. When there is none no other car of this node is cheaper, because what
// several features save together is at most the sum of what each saves.
func (s *search) saver(n *node) int {
	mo := s.mo
	givers, most := set{}, int64(0)
	for i := n.picks.first(); i >= 0; i = n.picks.next(i + 1) {
		if mo.givers[i].meets(&n.possible) {
			givers.join(&mo.givers[i])
			most += s.paid(n, i) - mo.duty[i]
		}
	}
	if most <= s.added {
		return -1 // not even all together are worth one more option
	}
	may := n.possible.minus(&n.must)
	may.take(&n.car)
	for p := may.first(); p >= 0; p = may.next(p + 1) {
		if mo.reach[p].meets(&givers) && s.saves(n, p) > s.costs(n, p) {
			return p
		}
	}
	return -1
}

// saves is what the picks made free by a feature cost now.
func (s *search) saves(n *node, p int) int64 {
	sum := int64(0)
	for i := n.picks.first(); i >= 0; i = n.picks.next(i + 1) {
		if s.mo.givers[i].meets(&s.mo.reach[p]) {
			sum += s.paid(n, i) - s.mo.duty[i]
		}
	}
	return sum
}

// costs is what a feature costs at least when it is picked, less what it replaces.
func (s *search) costs(n *node, p int) int64 {
	g, one := s.mo.ofGroup(p)
	if !one {
		return s.mo.price[p] + s.added
	}
	old := g.and(&n.picks)
	return change + s.atLeast(n, p) - s.paid(n, old.first())
}

// paid is what a pick of a finished car adds to its cost.
func (s *search) paid(n *node, i int) int64 {
	mo := s.mo
	cost := mo.duty[i]
	if !mo.givers[i].meets(&n.car) {
		cost += mo.price[i]
	}
	if mo.options.has(i) && !s.base.has(i) {
		cost += s.added
	}
	return cost
}
