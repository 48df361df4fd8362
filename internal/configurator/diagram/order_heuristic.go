package diagram

import (
	"math/rand"
	"slices"
)

// start answers the k-th order to start a search from: from the shape of the rules, from the order of
// the file, from the bonds between variables and from chance, always the same chance.
func (r *reduced) start(k int) []int32 {
	rng := rand.New(rand.NewSource(int64(k)))
	vars := make([]int32, len(r.width))
	for i := range vars {
		vars[i] = int32(i)
	}
	switch {
	case k%2 == 0 && len(vars) <= mostEliminated:
		vars = r.eliminate(rng)
	case k == 1:
	case k%4 == 3:
		vars = r.follow(rng)
	default:
		rng.Shuffle(len(vars), func(i, j int) { vars[i], vars[j] = vars[j], vars[i] })
	}
	return r.attract(vars)
}

// mostEliminated is the number of variables above which elimination takes too long.
const mostEliminated = 1000

// span adds up how far the variables of each relation lie apart.
func (r *reduced) span(at []float64) float64 {
	sum := 0.0
	for i := range r.relations {
		low, high := float64(len(at)), 0.0
		for _, v := range r.relations[i].scope {
			low, high = min(low, at[v]), max(high, at[v])
		}
		sum += high - low
	}
	return sum
}

// attract moves variables towards the middle of their relations, again and again, and answers the
// order with the smallest span it saw (Aloul, Markov, Sakallah 2003).
func (r *reduced) attract(vars []int32) []int32 {
	vars = slices.Clone(vars)
	best, shortest, since := slices.Clone(vars), -1.0, 0
	at := make([]float64, len(vars))
	for round := 0; round < 300 && since < 40; round++ {
		for i, v := range vars {
			at[v] = float64(i)
		}
		since++
		if s := r.span(at); shortest < 0 || s < shortest {
			shortest, since = s, 0
			copy(best, vars)
		}
		wish := r.wishes(at)
		slices.SortStableFunc(vars, func(a, b int32) int {
			switch {
			case wish[a] < wish[b]:
				return -1
			case wish[a] > wish[b]:
				return 1
			}
			return 0
		})
	}
	return best
}

// wishes answers where each variable would like to stand: between the middles of its relations.
func (r *reduced) wishes(at []float64) []float64 {
	wish, count := make([]float64, len(at)), make([]float64, len(at))
	for i := range r.relations {
		scope, middle := r.relations[i].scope, 0.0
		for _, v := range scope {
			middle += at[v]
		}
		for _, v := range scope {
			wish[v] += middle / float64(len(scope))
			count[v]++
		}
	}
	for v := range wish {
		if count[v] > 0 {
			wish[v] /= count[v]
		} else {
			wish[v] = at[v]
		}
	}
	return wish
}

// follow takes the variable most bound to those already taken, beginning anywhere: maximum
// cardinality, where a relation weighs more the fewer variables it has left.
func (r *reduced) follow(rng *rand.Rand) []int32 {
	n, kin := len(r.width), r.kin()
	weight, taken := make([]float64, n), make([]bool, n)
	vars := make([]int32, 0, n)
	for v := rng.Intn(n); v >= 0; {
		vars, taken[v] = append(vars, int32(v)), true
		for _, i := range kin[v] {
			scope, left := r.relations[i].scope, 0
			for _, u := range scope {
				if !taken[u] {
					left++
				}
			}
			for _, u := range scope {
				weight[u] += 1 / float64(max(left, 1))
			}
		}
		v = -1
		for u := range weight {
			if !taken[u] && (v < 0 || weight[u] > weight[v]) {
				v = u
			}
		}
	}
	return vars
}
