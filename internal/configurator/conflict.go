package configurator

// What conflict found.
type finding int

const (
	nothing finding = iota
	forced          // the node was narrowed, look again
	choice          // there are several ways
	dead            // there is none
)

// way is one way to mend a broken rule: a feature that must be in the car, or may not be.
type way struct {
	i  int
	in bool
}

// conflict looks for a broken rule. A single way out is taken at once; else the rule with the fewest
// ways is mended first, which keeps the tree of choices narrow.
func (s *search) conflict(n *node) (finding, []way) {
	var best trouble
	for i := n.car.first(); i >= 0; i = n.car.next(i + 1) {
		if hit := s.conflictOf(n, i, &best); hit != nothing {
			return hit, nil
		}
	}
	if best.ways == 0 {
		return nothing, nil
	}
	return choice, s.waysOf(n, best)
}

// trouble is a broken rule of feature i: another that may not be there, or a need.
type trouble struct {
	i, other int
	need     *set
	ways     int
}

// conflictOf looks at the rules of one feature and keeps the trouble with the fewest ways.
func (s *search) conflictOf(n *node, i int, best *trouble) finding {
	mo, sure := s.mo, n.must.has(i)
	if bad := mo.bars[i].and(&n.car); !bad.empty() {
		j := bad.first()
		switch other := n.must.has(j); {
		case sure && other:
			return dead
		case sure:
			n.never.add(j)
			return forced
		case other:
			n.never.add(i)
			return forced
		}
		if best.ways == 0 || best.ways > 2 {
			*best = trouble{i: i, other: j, ways: 2}
		}
	}
	for k := range mo.needs[i] {
		need := &mo.needs[i][k]
		if need.meets(&n.car) || need.meets(&n.open) {
			continue
		}
		left := need.and(&n.possible)
		ways := left.count()
		switch {
		case ways == 0 && sure:
			return dead
		case ways == 0:
			n.never.add(i)
			return forced
		case ways == 1 && sure:
			n.must.join(&left)
			return forced
		case !sure:
			ways++
		}
		if best.ways == 0 || best.ways > ways {
			*best = trouble{i: i, need: need, ways: ways}
		}
	}
	return nothing
}

func (s *search) waysOf(n *node, t trouble) []way {
	if t.need == nil {
		return []way{{t.i, false}, {t.other, false}}
	}
	left := t.need.and(&n.possible)
	ways := make([]way, 0, t.ways)
	for j := left.first(); j >= 0; j = left.next(j + 1) {
		ways = append(ways, way{j, true})
	}
	if !n.must.has(t.i) {
		ways = append(ways, way{t.i, false})
	}
	return ways
}
