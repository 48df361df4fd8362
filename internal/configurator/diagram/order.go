package diagram

import "slices"

// kin tells which relations a variable stands in.
func (r *reduced) kin() [][]int32 {
	kin := make([][]int32, len(r.width))
	for i := range r.relations {
		for _, v := range r.relations[i].scope {
			kin[v] = append(kin[v], int32(i))
		}
	}
	return kin
}

// known puts the variables of p in the order of the names given, which may miss some and name others
// that are gone. A variable that is missing goes next to those it shares rules with. It answers nil
// when no name is known.
func known(p *Problem, r *reduced, names []string) []int32 {
	index := make(map[string]int32, len(p.Vars))
	for v, x := range p.Vars {
		index[x.Name] = int32(v)
	}
	var vars []int32
	placed := make([]bool, len(p.Vars))
	for _, name := range names {
		if v, ok := index[name]; ok && !placed[v] {
			vars, placed[v] = append(vars, v), true
		}
	}
	if len(vars) == 0 {
		return nil
	}
	return r.placeMissing(vars, placed)
}

// placeMissing inserts the variables not yet placed, those with most kin in place first, each right
// below the lowest of its kin.
func (r *reduced) placeMissing(vars []int32, placed []bool) []int32 {
	kin := r.kin()
	for len(vars) < len(placed) {
		best, ties, below := int32(-1), -1, 0
		for v := range placed {
			if placed[v] {
				continue
			}
			if n, at := r.neighbours(vars, placed, kin[v]); n > ties {
				best, ties, below = int32(v), n, at
			}
		}
		vars = slices.Insert(vars, below, best)
		placed[best] = true
	}
	return vars
}

// neighbours counts the variables in place that share relations, and answers where the place below
// the lowest of the closest relation is: the end of the order when there are none.
func (r *reduced) neighbours(vars []int32, placed []bool, relations []int32) (count, below int) {
	at := make(map[int32]int, len(vars))
	for i, v := range vars {
		at[v] = i
	}
	below, span := len(vars), len(vars)+1
	for _, i := range relations {
		low, high, n := len(vars), -1, 0
		for _, u := range r.relations[i].scope {
			if placed[u] {
				low, high, n = min(low, at[u]), max(high, at[u]), n+1
			}
		}
		count += n
		if n > 0 && high-low < span {
			below, span = high+1, high-low
		}
	}
	return count, below
}
