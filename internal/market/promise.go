package market

import "strconv"

// Promise is what a market promises while a dealer has an order: how long each stage takes, how sure that is, and
// how often the buyer hears something. All days are calendar days.
type Promise struct {
	NewsDays    int         `yaml:"news_days" json:"news_days"`       // news at least so often
	DealerDays  int         `yaml:"dealer_days" json:"dealer_days"`   // after that, so long for the dealer, before the country hears of it
	CountryDays int         `yaml:"country_days" json:"country_days"` // and so long for the country, before the buyer is told honestly
	OddsPct     int         `yaml:"odds_pct" json:"odds_pct"`         // of a hundred forecasts, how many shall hold
	Stages      []StageSpan `yaml:"stages" json:"stages,omitempty"`
	// Goodwill is what a dealer gives a buyer who was told that the promise of news is broken, by the day of that; none where
	// the market sets nothing.
	Goodwill []Goodwill `yaml:"goodwill" json:"goodwill,omitempty"`
	Source   string     `yaml:"source" json:"source,omitempty"`
}

// Goodwill is an amount in minor units from a day on; zero ends it.
type Goodwill struct {
	From        Date  `yaml:"from" json:"from"`
	AmountMinor int64 `yaml:"amount_minor" json:"amount_minor"`
}

// mostGoodwill bounds a file's slip: nobody means more, in the minor units of any market.
const mostGoodwill = 200_000

// GoodwillAt is what is given on a day, in minor units; zero where nothing is.
func (p Promise) GoodwillAt(d Date) int64 {
	minor := int64(0)
	for _, g := range p.Goodwill {
		if g.From <= d {
			minor = g.AmountMinor
		}
	}
	return minor
}

// StageSpan is how long an order usually stands in a state, at least and at most. For the wait at the factory it is
// the range's own delivery time that counts.
type StageSpan struct {
	State string `yaml:"state" json:"state"`
	From  int    `yaml:"from" json:"from"`
	To    int    `yaml:"to" json:"to"`
}

// usual stands for a market whose file says nothing, as in the database of an older release. Demo figures.
var usual = Promise{NewsDays: 14, DealerDays: 2, CountryDays: 2, OddsPct: 80, Stages: []StageSpan{{"accepted", 0, 3}, {"ordered", 42, 112}, {"built", 2, 10},
	{"in_transit", 4, 21}, {"arrived", 1, 4}, {"prepared", 0, 1}, {"ready", 0, 14}}}

// Promised is the market's promise.
func (m *Market) Promised() Promise {
	if m.Promise == nil {
		return usual
	}
	p := *m.Promise
	if len(p.Stages) == 0 {
		p.Stages = usual.Stages
	}
	return p
}

// Span is how long an order stands in a state; nothing for one that nobody waits in.
func (p Promise) Span(state string) StageSpan {
	for _, s := range p.Stages {
		if s.State == state {
			return s
		}
	}
	return StageSpan{State: state}
}

func (c checker) promise(m *Market) {
	p := m.Promise
	if p == nil {
		return
	}
	c.Between(int64(p.NewsDays), 2, 60, "promise", "news_days")
	c.Between(int64(p.DealerDays), 1, 14, "promise", "dealer_days")
	c.Between(int64(p.CountryDays), 1, 14, "promise", "country_days")
	c.Between(int64(p.OddsPct), 50, 99, "promise", "odds_pct")
	for i, g := range p.Goodwill {
		in := func(key string) []string { return []string{"promise", "goodwill", strconv.Itoa(i), key} }
		if c.date(g.From, in("from")...) && i > 0 && g.From <= p.Goodwill[i-1].From {
			c.Say(in("from"), "%s is not after the day before it", g.From)
		}
		c.Between(g.AmountMinor, 0, mostGoodwill, in("amount_minor")...)
	}
	for i, s := range p.Stages {
		c.OneOf(s.State, []string{"accepted", "ordered", "built", "in_transit", "arrived", "prepared", "ready"}, "promise", "stages", strconv.Itoa(i), "state")
		c.Between(int64(s.From), 0, 400, "promise", "stages", strconv.Itoa(i), "from")
		c.Between(int64(s.To), int64(s.From), 400, "promise", "stages", strconv.Itoa(i), "to")
	}
}
