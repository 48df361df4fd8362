package catalogue

import (
	"slices"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

var ruleKinds = []string{string(Requires), string(Excludes), string(Includes), string(Standard)}

func (c *checker) rules() {
	for i := range c.r.Rules {
		rule, at := &c.r.Rules[i], in("rules", i)
		c.oneOf(string(rule.Kind), ruleKinds, below(at, "kind"))
		c.known(rule.If, below(at, "if"))
		c.others(rule, at)
		c.text(rule.Because, below(at, "because"), rule.Kind == Requires || rule.Kind == Excludes)
		c.span(rule, at)
		c.contradictions(rule, at)
	}
}

// others checks the features a rule speaks about.
func (c *checker) others(rule *Rule, at []string) {
	c.present(len(rule.Any) == 0, below(at, "any"))
	if rule.Any != nil && len(rule.Any) == 0 {
		c.say(below(at, "any"), "any names no feature")
	}
	for i, x := range rule.Any {
		here := below(at, "any", i)
		if !c.known(x, here) {
			continue
		}
		if x == rule.If {
			c.say(here, "%q can not have a rule with itself", x)
		}
		if slices.Contains(rule.Any[:i], x) {
			c.say(here, "%q is named twice", x)
		}
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
	if rule.Kind != Includes && rule.Kind != Standard {
		return
	}
	if g := c.groups[x]; g != "" && g != Options {
		c.say(at, "%s may name options only; %q is of %s", rule.Kind, x, groupKeys[g])
	}
}

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

// contradictions finds what a rule brings along and another forbids at the same time.
func (c *checker) contradictions(rule *Rule, at []string) {
	if rule.Kind == Excludes || len(rule.Any) == 0 {
		return
	}
	clash := 0
	for i, x := range rule.Any {
		if !c.excluded(rule, x) {
			continue
		}
		if clash++; rule.Kind != Requires {
			c.say(below(at, "any", i), "%q has %q by this rule and excludes it by another", rule.If, x)
		}
	}
	if rule.Kind == Requires && clash == len(rule.Any) {
		c.say(at, "%q requires %s and excludes the same", rule.If, list(rule.Any))
	}
}

// excluded tells whether a rule in force together with this one keeps x away from its feature.
func (c *checker) excluded(rule *Rule, x id.Feature) bool {
	for i := range c.r.Rules {
		o := &c.r.Rules[i]
		if o.Kind != Excludes || !together(rule, o) {
			continue
		}
		if (o.If == rule.If && slices.Contains(o.Any, x)) || (o.If == x && slices.Contains(o.Any, rule.If)) {
			return true
		}
	}
	return false
}

// together tells whether two rules are ever in force on the same day in the same market.
func together(a, b *Rule) bool {
	if (a.To != "" && b.From > a.To) || (b.To != "" && a.From > b.To) {
		return false
	}
	if len(a.Markets) == 0 || len(b.Markets) == 0 {
		return true
	}
	return slices.ContainsFunc(a.Markets, func(m id.Market) bool { return slices.Contains(b.Markets, m) })
}
