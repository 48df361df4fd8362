package diagram

import (
	"slices"
)

// sift takes each variable, those with most nodes first, through all levels and leaves it where the
// diagram is smallest. A direction is given up when the diagram grows past slack times the best size.
// It answers the reason when ctx has ended; the diagram is whole then too.
func (f *forest) sift(slack float64) error {
	type weight struct {
		v    int32
		size int
	}
	var todo []weight
	for v := range f.unique {
		if c := f.unique[v].count; c > 0 {
			todo = append(todo, weight{int32(v), c * int(f.width[v])})
		}
	}
	slices.SortStableFunc(todo, func(a, b weight) int { return b.size - a.size })
	for _, w := range todo {
		if err := f.siftOne(w.v, slack); err != nil {
			return err
		}
	}
	return nil
}

// siftOne finds the best level for v. The nearer end is tried first.
func (f *forest) siftOne(v int32, slack float64) error {
	s := search{forest: f, v: v, slack: slack, best: f.size, home: f.at[v]}
	last := int32(len(f.vars)) - 1
	if s.home > last/2 {
		s.down(last)
		s.up(0)
	} else {
		s.up(0)
		s.down(last)
	}
	s.goHome()
	return s.err
}

// search is one variable on its way through the levels.
type search struct {
	*forest
	v     int32
	slack float64
	best  int   // smallest size seen
	home  int32 // where it was seen
	err   error
}

func (s *search) down(end int32) {
	for s.err == nil && s.at[s.v] < end && s.fits(s.v, s.vars[s.at[s.v]+1]) {
		s.swap(s.at[s.v])
		if s.judge() {
			return
		}
	}
}

func (s *search) up(end int32) {
	for s.err == nil && s.at[s.v] > end && s.fits(s.vars[s.at[s.v]-1], s.v) {
		s.swap(s.at[s.v] - 1)
		if s.judge() {
			return
		}
	}
}

// fits tells whether exchanging x and the y below cannot pass the limit. The way back of a variable
// needs no more than what was there, so half the limit is kept for it.
func (s *search) fits(x, y int32) bool {
	return s.live+s.unique[x].count*int(s.width[y]) <= s.limit*2/3
}

// judge notes where the variable stands; it answers true when going on is no use.
func (s *search) judge() bool {
	if s.size < s.best {
		s.best, s.home = s.size, s.at[s.v]
	}
	s.err = s.meter.add(0)
	return s.size > s.best+400 && float64(s.size) > s.slack*float64(s.best)
}

func (s *search) goHome() {
	for s.at[s.v] < s.home {
		s.swap(s.at[s.v])
	}
	for s.at[s.v] > s.home {
		s.swap(s.at[s.v] - 1)
	}
}
