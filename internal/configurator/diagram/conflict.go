package diagram

// Conflict finds the smallest set of picked variables that clashes with the pick of one of them, which
// stays out of the answer. It is exact: no smaller set clashes. ok is false when there is no clash; an
// empty answer with ok means that the value itself cannot be had.
//
// It goes by hitting sets: a smallest change that mends the clash must touch every clash, so the least
// set that touches all the changes seen so far is either a clash itself or shows the next change.
func (k *Desk) Conflict(v int) (clash []int, ok bool) {
	q, mine := k.ask(), k.d.pos[v]
	for l := range q.must {
		q.must[l], q.penalty[l] = int32(l) == mine, 1
	}
	var changes [][]int32
	for {
		if !k.solve(nil, q.car) {
			return clash, true
		}
		lost := k.given(q.car)
		if len(lost) == 0 {
			return nil, false
		}
		changes = append(changes, append([]int32(nil), lost...))
		for _, c := range clash {
			k.demand(c, false)
		}
		clash = hit(changes, len(changes))
		for _, c := range clash {
			k.demand(c, true)
		}
	}
}

func (k *Desk) demand(v int, on bool) {
	l := k.d.pos[v]
	k.alone.must[l], k.alone.penalty[l] = on, 1
	if on {
		k.alone.penalty[l] = 0
	}
}

// hit is a least set that has a member of each of the sets. There are few and small ones.
func hit(sets [][]int32, most int) []int {
	for size := 1; size <= most; size++ {
		if got, ok := hitWith(sets, nil, size); ok {
			return got
		}
	}
	return nil
}

func hitWith(sets [][]int32, have []int, left int) ([]int, bool) {
	for _, s := range sets {
		if meets(s, have) {
			continue
		}
		if left == 0 {
			return nil, false
		}
		for _, v := range s {
			if got, ok := hitWith(sets, append(have[:len(have):len(have)], int(v)), left-1); ok {
				return got, true
			}
		}
		return nil, false
	}
	return have, true
}

func meets(s []int32, have []int) bool {
	for _, a := range s {
		for _, b := range have {
			if int(a) == b {
				return true
			}
		}
	}
	return false
}
