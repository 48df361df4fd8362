package configurator

import (
	"forecourt/internal/catalogue"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/pricing"
)

// class are engines that pay the same duties: the same sum and the same share of the price. A share is no
// sum over the parts of a car, but within a class a dearer car pays more: so each class is asked for its
// cheapest by sums alone, and the answers are compared with their shares.
type class struct {
	engines map[int32]bool // values of the engine's variable
	duties  int64          // the sum that is part of the engine's weight, in minor units
	share   pricing.Share
}

// classesOf sorts the engines by what they pay; nil when none pays a share, as in most markets.
func (p *plan) classesOf() []class {
	type key struct {
		duties int64
		share  pricing.Share
	}
	var out []class
	at, any := map[key]int{}, false
	for v := range p.vars {
		if p.vars[v].group != catalogue.Engine {
			continue
		}
		for x, val := range p.vars[v].values {
			if val.feature < 0 || p.features[val.feature].Engine == nil {
				continue
			}
			e := *p.features[val.feature].Engine
			k := key{pricing.Duties(p.market, e, p.day).Minor, pricing.ShareOf(p.market, e, p.day)}
			any = any || k.share != pricing.Share{}
			i, known := at[k]
			if !known {
				i, at[k] = len(out), len(out)
				out = append(out, class{engines: map[int32]bool{}, duties: k.duties, share: k.share})
			}
			out[i].engines[int32(x)] = true
		}
	}
	if !any {
		return nil
	}
	return out
}

// desk is scratch for one question. Where a duty is a share of the price it is a desk for each class of
// engines beside the one of all cars, and answers with totals that hold the share.
type desk struct {
	*diagram.Desk
	mo    *Model
	parts []*diagram.Desk // by class
	car   []int32
	spare []int32
}

func (mo *Model) newDesk() *desk {
	k := &desk{Desk: mo.openDesk(), mo: mo, car: make([]int32, len(mo.vars)), spare: make([]int32, len(mo.vars))}
	for i := range mo.classes {
		part := mo.openDesk()
		for v := range mo.vars {
			for x := range mo.vars[v].values {
				if mo.vars[v].group == catalogue.Engine && !mo.classes[i].engines[int32(x)] {
					part.Withhold(v, x)
				}
			}
		}
		k.parts = append(k.parts, part)
	}
	return k
}

func (mo *Model) openDesk() *diagram.Desk {
	d := mo.diagram.NewDesk()
	for i := range mo.held {
		for _, x := range mo.values[i] {
			d.Withhold(mo.at[i], int(x))
		}
	}
	return d
}

// with adds a class's share to a total as weights count it.
func (k *desk) with(i int, weight int64) int64 {
	if weight >= diagram.Impossible {
		return weight
	}
	c := &k.mo.classes[i]
	return weight + c.share.Of(k.mo.market.Amount(weight>>placeBits-c.duties))<<placeBits
}

// Clear forgets all picks.
func (k *desk) Clear() {
	k.Desk.Clear()
	for _, p := range k.parts {
		p.Clear()
	}
}

// Pick leaves the variable only these values.
func (k *desk) Pick(v int, values ...int32) {
	k.Desk.Pick(v, values...)
	for _, p := range k.parts {
		p.Pick(v, values...)
	}
}

// Unpick takes a pick back.
func (k *desk) Unpick(v int) {
	k.Desk.Unpick(v)
	for _, p := range k.parts {
		p.Unpick(v)
	}
}

// Cheapest writes the cheapest car that keeps all picks into out and answers its total.
func (k *desk) Cheapest(w *diagram.Weights, out []int32) int64 {
	if len(k.parts) == 0 {
		return k.Desk.Cheapest(w, out)
	}
	best := diagram.Impossible
	for i, p := range k.parts {
		if total := k.with(i, p.Cheapest(w, k.spare)); total < best {
			best = total
			copy(out, k.spare)
		}
	}
	return best
}

// Page prepares Best for the picks on the desk and answers the total of their cheapest car.
func (k *desk) Page(w *diagram.Weights) int64 {
	if len(k.parts) == 0 {
		return k.Desk.Page(w)
	}
	best := diagram.Impossible
	for i, p := range k.parts {
		best = min(best, k.with(i, p.Page(w)))
	}
	return best
}

// Best is the total of the cheapest car with one of these values in place of the variable's pick.
func (k *desk) Best(v int, values ...int32) int64 {
	if len(k.parts) == 0 {
		return k.Desk.Best(v, values...)
	}
	best := diagram.Impossible
	for i, p := range k.parts {
		best = min(best, k.with(i, p.Best(v, values...)))
	}
	return best
}

// Change finds the car that gives up the fewest picks, among those the cheapest.
func (k *desk) Change(w *diagram.Weights, must func(v int) bool, penalty func(v int) int64, out []int32) ([]int32, int64, bool) {
	if len(k.parts) == 0 {
		return k.Desk.Change(w, must, penalty, out)
	}
	var lost []int32
	best, found := diagram.Impossible, false
	for i, p := range k.parts {
		gone, total, ok := p.Change(w, must, penalty, k.spare)
		if total = k.with(i, total); ok && (!found || len(gone) < len(lost) || len(gone) == len(lost) && total < best) {
			lost, best, found = gone, total, true
			copy(out, k.spare)
		}
	}
	return lost, best, found
}
