package configurator

import (
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
)

// Model is one range as it is sold in one market on one day. It never changes after Compile and any
// number of goroutines may use it. The market and the range it was made from must not change either.
type Model struct {
	market *market.Market
	rng    *catalogue.Range
	day    market.Date

	features []*catalogue.Feature // sold ones, in canonical order: by group, then as the range lists them
	index    map[id.Feature]int
	price    []int64 // list price
	duty     []int64 // mandatory lines, on engines only
	groups   []group // those of one choice, in order
	groupOf  []int   // place in groups, -1 for options
	options  set

	rules  []rule  // in the range's order, for telling
	reach  []set   // by feature: itself and the options that come with it, at any remove
	givers []set   // by feature: those that make it free
	bars   []set   // by feature: those that may not be in the same car
	needs  [][]set // by feature: of each set at least one must be in the car

	dead    set   // features that no buildable car has
	witness []set // by feature: picks of the cheapest car that has it
	cheap   set   // picks of the cheapest car
	from    pricing.Quote
}

// group is a group of one choice.
type group struct {
	name catalogue.Group
	all  set
}

// maxPrice keeps the price of any car below the cost of one changed pick (see change).
const maxPrice = change / (words * 64)

// Compile prepares a range for a market and a day. It refuses a range that has no price list there, or
// of which not one car can be built.
func Compile(m *market.Market, r *catalogue.Range, day market.Date) (*Model, error) {
	list, ok := r.PricesAt(m.Code, day)
	if !ok {
		return nil, pricing.ErrNotSold.With("model", r.Name)
	}
	mo := &Model{market: m, rng: r, day: day, index: map[id.Feature]int{}}
	if err := mo.addFeatures(list); err != nil {
		return nil, err
	}
	if err := mo.addRules(); err != nil {
		return nil, err
	}
	if err := mo.findCheapest(); err != nil {
		return nil, err
	}
	b, err := mo.build(mo.cheap)
	if err != nil {
		return nil, err
	}
	mo.from = b.Quote
	return mo, nil
}

func (mo *Model) addFeatures(list *catalogue.PriceList) error {
	for _, name := range catalogue.Groups {
		g := group{name: name}
		for i := range mo.rng.Features {
			f := &mo.rng.Features[i]
			minor, sold := list.Amounts[f.Code]
			if f.Group != name || !sold {
				continue
			}
			if minor < 0 || minor > maxPrice || len(mo.features) == words*64 {
				return ErrRange.With("feature", string(f.Code))
			}
			g.all.add(mo.add(f, minor))
		}
		if name == catalogue.Options {
			mo.options = g.all
		} else if g.all.empty() {
			return ErrRange.With("group", string(name))
		} else {
			mo.groups = append(mo.groups, g)
		}
	}
	return nil
}

func (mo *Model) add(f *catalogue.Feature, minor int64) int {
	i, place, duty := len(mo.features), slices.Index(catalogue.Groups, f.Group), int64(0)
	if f.Group == catalogue.Options {
		place = -1
	}
	if f.Engine != nil {
		duty = pricing.Duties(mo.market, *f.Engine, mo.day).Minor
	}
	mo.features = append(mo.features, f)
	mo.index[f.Code] = i
	mo.price = append(mo.price, minor)
	mo.duty = append(mo.duty, duty)
	mo.groupOf = append(mo.groupOf, place)
	return i
}

// findCheapest fills the cheapest car and, for every feature, the cheapest car that has it. What has
// none is dead, and since no car has it, leaving it out changes no other answer.
func (mo *Model) findCheapest() error {
	mo.witness = make([]set, len(mo.features))
	cheap, ok := mo.cheapestWith(set{})
	if !ok {
		return ErrRange.With("model", mo.rng.Name)
	}
	mo.cheap = cheap
	for i := range mo.features {
		if w, ok := mo.cheapestWith(set{}.with(i)); ok {
			mo.witness[i] = w
		} else {
			mo.dead.add(i)
		}
	}
	return nil
}

func (mo *Model) code(i int) id.Feature { return mo.features[i].Code }

func (mo *Model) codes(s set) []id.Feature {
	out := make([]id.Feature, 0, s.count())
	for i := s.first(); i >= 0; i = s.next(i + 1) {
		out = append(out, mo.code(i))
	}
	return out
}

func (mo *Model) money(minor int64) money.Money { return mo.market.Amount(minor) }
