package market

import (
	"time"

	"forecourt/internal/platform/filecheck"
)

// Warranty is how long a new car is answered for, for contracts made from a day on. Both begin with the handover.
type Warranty struct {
	From   Date   `yaml:"from" json:"from"`
	Source string `yaml:"source" json:"source"`
	// LegalMonths is the seller's guarantee by law (Directive 2019/771, art. 10, and what states add); 0 where the law
	// names no fixed time, as the Consumer Rights Act 2015.
	LegalMonths int `yaml:"legal_months" json:"legal_months,omitempty"`
	// MakerMonths is the maker's own promise; it ends before them when the car has been driven MakerKm, if that is not 0.
	MakerMonths int `yaml:"maker_months" json:"maker_months,omitempty"`
	MakerKm     int `yaml:"maker_km" json:"maker_km,omitempty"`
}

// WarrantyAt is the warranty of a contract of a day; nothing where none is known.
func (m *Market) WarrantyAt(d Date) Warranty {
	var best Warranty
	for _, w := range m.Warranty {
		if w.From <= d && w.From >= best.From {
			best = w
		}
	}
	return best
}

// PlusMonths is the same day so many months later, or the last of that month where it has no such day.
func (d Date) PlusMonths(n int) Date {
	t := d.Time(time.UTC)
	out := t.AddDate(0, n, 0)
	if out.Day() != t.Day() {
		out = out.AddDate(0, 0, -out.Day())
	}
	return DateOf(out)
}

func (c checker) warranty(list []Warranty) {
	seen := map[Date]bool{}
	for i, w := range list {
		in := func(key string) []string { return filecheck.At("warranty", i, key) }
		if c.date(w.From, in("from")...) && seen[w.From] {
			c.Say(in("from"), "a second warranty begins on %s", w.From)
		}
		seen[w.From] = true
		c.Present(w.Source, in("source")...)
		c.Between(int64(w.LegalMonths), 0, 180, in("legal_months")...)
		c.Between(int64(w.MakerMonths), 0, 180, in("maker_months")...)
		c.Between(int64(w.MakerKm), 0, 1_000_000, in("maker_km")...)
	}
}
