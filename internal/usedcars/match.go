package usedcars

import (
	"math/bits"

	"forecourt/internal/id"
)

// Pile is some cars that searches are held against, each in turn. It is an index of its own, so that a search means to it
// what it means to the index of the market.
type Pile struct{ x *Index }

// NewPile makes one of cars that can be bought.
func NewPile(cars []Entry) Pile { return Pile{newIndex().With(cars)} }

// Match gives the cars of the pile that Find would find for a question, in the pile's order, however many they are.
func (p Pile) Match(a Ask) []id.UsedCar {
	a.From, a.Most = 0, 0
	plan := p.x.plan(a)
	var out []id.UsedCar
	for _, b := range p.x.blocks {
		fit, _, _ := plan.sieve(b)
		for w, left := range fit {
			for ; left != 0; left &= left - 1 {
				out = append(out, id.UsedCar("U-"+string(b.id[w<<6|bits.TrailingZeros64(left)][:])))
			}
		}
	}
	return out
}
