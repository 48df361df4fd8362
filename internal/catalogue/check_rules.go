package catalogue

import (
	"slices"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

var ruleKinds = []string{string(Requires), string(Excludes), string(Includes), string(Standard), string(OnlyWith)}

func (c *checker) rules() {
	c.indexBars()
	for i := range c.r.Rules {
		rule, at := &c.r.Rules[i], in("rules", i)
		c.oneOf(string(rule.Kind), ruleKinds, below(at, "kind"))
		c.text(rule.Because, below(at, "because"), slices.Contains([]RuleKind{Requires, Excludes, OnlyWith}, rule.Kind), longText)
		c.span(rule, at)
		if rule.Kind == OnlyWith {
			c.table(rule, at)
			continue
		}
		for key, empty := range map[string]bool{"of": len(rule.Of) == 0, "rows": len(rule.Rows) == 0} {
			if !empty {
				c.say(below(at, key), "%s has a meaning for only_with alone", key)
			}
		}
		c.known(rule.If, below(at, "if"))
		c.others(rule, at)
		c.contradictions(rule, at)
	}
	c.circles()
}

// others checks the features a rule speaks about.
func (c *checker) others(rule *Rule, at []string) {
	c.present(len(rule.Any) == 0, below(at, "any"))
	if rule.Any != nil && len(rule.Any) == 0 {
		c.say(below(at, "any"), "any names no feature")
	}
	seen := map[id.Feature]bool{}
	for i, x := range rule.Any {
		here := below(at, "any", i)
		if !c.known(x, here) {
			continue
		}
		if x == rule.If {
			c.say(here, "%q can not have a rule with itself", x)
		}
		if seen[x] {
			c.say(here, "%q is named twice", x)
		}
		seen[x] = true
		c.freebie(rule, x, here)
	}
	if rule.Kind == Standard && c.groups[rule.If] != "" && c.groups[rule.If] != Version {
		c.say(below(at, "if"), "only a version has standard equipment; %q is of %s", rule.If, groupKeys[c.groups[rule.If]])
	}
	if f, ok := c.r.Feature(rule.If); ok && rule.Kind == Includes && !f.Pack {
		c.say(below(at, "if"), "only a pack includes other options; %q is no pack", rule.If)
	}
}

// freebie keeps to options what comes along unasked: of the other groups the buyer chooses one, and
// a rule must not choose a second.
func (c *checker) freebie(rule *Rule, x id.Feature, at []string) {
	if !rule.brings() {
		return
	}
	if g := c.groups[x]; g != "" && g != Options {
		c.say(at, "%s may name options only; %q is of %s", rule.Kind, x, groupKeys[g])
	}
}

// brings tells whether Any comes along with If.
func (r *Rule) brings() bool { return r.Kind == Includes || r.Kind == Standard }

func (c *checker) span(rule *Rule, at []string) {
	for i, m := range rule.Markets {
		if _, ok := c.r.Prices[m]; !ok {
			c.say(below(at, "markets", i), "market %q has no prices here", m)
		}
	}
	if rule.From != "" {
		c.date(rule.From, below(at, "from"))
	}
	if rule.To != "" {
		c.date(rule.To, below(at, "to"))
	}
	if rule.From.Valid() && rule.To.Valid() && rule.To < rule.From {
		c.say(below(at, "to"), "the rule ends on %s, before it starts", rule.To)
	}
}

func (c *checker) date(d market.Date, at []string) {
	if c.present(d == "", at) && !d.Valid() {
		c.say(at, "%s %q is no calendar day like 2026-01-31", last(at), d)
	}
}
