package aftersales

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

// Supply is what is on its way to a site.
type Supply struct {
	Quantity int         `json:"quantity"`
	DueOn    market.Date `json:"due_on"`
}

// shelf is what a site has of a part, with what others have reserved of it.
type shelf struct {
	onHand, reserved int
	leadDays         int
	supplies         []Supply // by day
}

// there is the day on which so many of a part are at the site and nobody else's; false when they never are. What is reserved
// comes first, whatever its day: a part that came for one car is not given to another.
func (s *shelf) there(today market.Date, quantity int) (market.Date, bool) {
	free := s.onHand - s.reserved
	if free >= quantity {
		return today, true
	}
	on := today
	for _, x := range s.supplies {
		if free += x.Quantity; free >= quantity {
			return max(on, x.DueOn), true
		}
	}
	if s.leadDays < 0 {
		return "", false
	}
	return after(today, s.leadDays), true
}

func after(d market.Date, days int) market.Date {
	return market.DateOf(d.Time(time.UTC).AddDate(0, 0, days))
}

// shelves are those of the asked parts by site.
type shelves struct {
	needs []Need
	known map[id.Dealer]map[string]*shelf
}

// shelf is what a site has of a part. Of one that it never had it has none, and the maker sends it.
func (s *shelves) shelf(d id.Dealer, n Need) *shelf {
	if x, ok := s.known[d][n.Part]; ok {
		return x
	}
	return &shelf{leadDays: n.LeadDays}
}

// of is the day on which all parts are at a site; false when one never is.
func (s *shelves) of(d id.Dealer, today market.Date) (market.Date, bool) {
	last := today
	for _, n := range s.needs {
		on, ok := s.shelf(d, n).there(today, n.Quantity)
		if !ok {
			return "", false
		}
		last = max(last, on)
	}
	return last, true
}

// missing are the parts that have to be ordered, and how many.
func (s *shelves) missing(d id.Dealer) (out []Need) {
	for _, n := range s.needs {
		x := s.shelf(d, n)
		have := x.onHand - x.reserved
		for _, p := range x.supplies {
			have += p.Quantity
		}
		if lack := n.Quantity - max(have, 0); lack > 0 {
			out = append(out, Need{n.Part, lack, x.leadDays})
		}
	}
	return out
}

// together adds up what is needed of each part.
func together(needs []Need) (out []Need) {
	for _, n := range needs {
		seen := false
		for i := range out {
			if out[i].Part == n.Part {
				out[i].Quantity, seen = out[i].Quantity+n.Quantity, true
			}
		}
		if !seen && n.Quantity > 0 {
			out = append(out, n)
		}
	}
	return out
}
