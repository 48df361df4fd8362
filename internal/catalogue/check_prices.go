package catalogue

import (
	"regexp"
	"slices"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
)

// maxAmount is above any price of a part or version in any currency here (a leu is a fifth of a euro);
// more is a slip in the number of noughts.
const maxAmount = 50_000_000

var marketPattern = regexp.MustCompile(`^[a-z]{2}$`)

func (c *checker) prices() {
	c.present(len(c.r.Prices) == 0, in("prices"))
	for _, m := range sortedKeys(c.r.Prices) {
		c.market(m, in("prices", m))
	}
}

func (c *checker) market(m id.Market, at []string) {
	if !marketPattern.MatchString(string(m)) {
		c.say(at, "market %q must be two small letters", m)
	}
	if len(c.r.Prices[m]) == 0 && !c.unread[filecheck.LineOf(c.root, at...)] {
		c.say(at, "market %q has no price list", m)
	}
	starts := map[market.Date]int{}
	names := map[string]int{}
	for i := range c.r.Prices[m] {
		l, here := &c.r.Prices[m][i], below(at, i)
		c.priceList(m, l, here)
		c.date(l.From, below(here, "from"))
		once(c, starts, l.From, below(here, "from"), "two lists of a market start on %q, the first in line %d")
		c.present(l.Version == "", below(here, "version"))
		once(c, names, l.Version, below(here, "version"), "two lists of a market are called %q, the first in line %d")
	}
}

// once says when a key was met before.
func once[K ~string](c *checker, seen map[K]int, key K, at []string, format string) {
	if key == "" {
		return
	}
	if line, twice := seen[key]; twice {
		c.say(at, format, key, line)
		return
	}
	seen[key] = filecheck.LineOf(c.root, at...)
}

func (c *checker) priceList(m id.Market, l *PriceList, at []string) {
	amounts := below(at, "amounts")
	if !c.present(len(l.Amounts) == 0, amounts) {
		return
	}
	sold := map[Group]bool{}
	for _, code := range sortedKeys(l.Amounts) {
		here := below(amounts, code)
		if !c.known(code, here) {
			continue
		}
		sold[c.groups[code]] = true
		if a := l.Amounts[code]; a < 0 || a >= maxAmount {
			c.say(here, "price of %q must be 0 to %d, not %d", code, maxAmount-1, a)
		}
	}
	for _, g := range Groups[:len(Groups)-1] {
		if !sold[g] {
			c.say(amounts, "none of the %s has a price, so no car can be built", groupKeys[g])
		}
	}
	c.comesWith(m, l, amounts)
}

// comesWith finds what is part of something sold here but is itself not sold here.
func (c *checker) comesWith(m id.Market, l *PriceList, at []string) {
	for i := range c.r.Rules {
		rule := &c.r.Rules[i]
		_, sold := l.Amounts[rule.If]
		if !sold || (rule.Kind != Includes && rule.Kind != Standard) || (len(rule.Markets) > 0 && !slices.Contains(rule.Markets, m)) {
			continue
		}
		for _, x := range rule.Any {
			if _, ok := l.Amounts[x]; !ok && c.groups[x] != "" {
				c.say(below(at, rule.If), "%q is sold here, but %q, which comes with it, has no price", rule.If, x)
			}
		}
	}
}
