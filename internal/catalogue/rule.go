package catalogue

import (
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

// AppliesAt tells whether a rule is in force in a market on a day.
func (r *Rule) AppliesAt(m id.Market, d market.Date) bool {
	return (r.From == "" || d >= r.From) && (r.To == "" || d <= r.To) && r.appliesIn(m)
}

func (r *Rule) appliesIn(m id.Market) bool {
	return len(r.Markets) == 0 || slices.Contains(r.Markets, m)
}

// Names tells whether a rule speaks of a feature. A table speaks of the features in its cells and of
// the options that head a column, not of all the features of a group.
func (r *Rule) Names(c id.Feature) bool {
	if c == "" || c == Without {
		return false
	}
	return r.If == c || slices.Contains(r.Any, c) || slices.Contains(r.Of, string(c)) ||
		slices.ContainsFunc(r.Rows, func(row Row) bool {
			return slices.ContainsFunc(row, func(cell Cell) bool { return slices.Contains(cell, c) })
		})
}

// together tells whether two rules are ever in force on the same day in the same market.
func together(a, b *Rule) bool {
	if (a.To != "" && b.From > a.To) || (b.To != "" && a.From > b.To) {
		return false
	}
	return len(a.Markets) == 0 || slices.ContainsFunc(a.Markets, b.appliesIn)
}

// Edges are the days after a day on which the rules in force or the price list of a market change, in
// order: between two of them nothing about the range changes.
func (r *Range) Edges(m id.Market, after market.Date) []market.Date {
	var days []market.Date
	add := func(d market.Date) {
		if d > after {
			days = append(days, d)
		}
	}
	for i := range r.Rules {
		if rule := &r.Rules[i]; rule.appliesIn(m) {
			add(rule.From)
			add(dayAfter(rule.To))
		}
	}
	for i := range r.Prices[m] {
		add(r.Prices[m][i].From)
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// dayAfter is "" for a rule that never ends.
func dayAfter(d market.Date) market.Date {
	t := d.Time(time.UTC)
	if t.IsZero() {
		return ""
	}
	return market.DateOf(t.AddDate(0, 0, 1))
}
