package market

import "forecourt/internal/platform/filecheck"

// Retention is how long what buyer and dealer wrote to each other is kept after their order is over, dated.
type Retention struct {
	From   Date   `yaml:"from" json:"from"`
	Months int    `yaml:"months" json:"months"`
	Source string `yaml:"source" json:"source"` // the rule that the figure follows
}

// longestKept counts where a market says nothing: as long as the longest of the markets we know.
const longestKept = 120

// WordsKept is for how many months after the end of an order on a day its words are kept.
func (m *Market) WordsKept(d Date) int {
	best := Retention{Months: longestKept}
	for _, r := range m.Retention {
		if r.From <= d && r.From >= best.From {
			best = r
		}
	}
	return best.Months
}

func (c checker) retention(m *Market) {
	days := map[Date]bool{}
	for i, r := range m.Retention {
		if c.date(r.From, filecheck.At("retention", i, "from")...) && days[r.From] {
			c.Say(filecheck.At("retention", i, "from"), "two rules begin on %s", r.From)
		}
		days[r.From] = true
		if r.Months < 1 || r.Months > longestKept {
			c.Say(filecheck.At("retention", i, "months"), "%d months: 1 to %d", r.Months, longestKept)
		}
		if r.Source == "" {
			c.Say(filecheck.At("retention", i, "source"), "where the time comes from is missing")
		}
	}
}
