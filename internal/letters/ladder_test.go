package letters

import (
	"strings"
	"testing"
)

// A dealer whom the rule found is not told that the buyer chose it, nor the buyer that he agreed to that dealer.
func TestLettersAboutADealerFoundByTheRule(t *testing.T) {
	t.Parallel()
	for in := range countries {
		for name, keys := range map[string][2]string{"dealer_offer": {"dealer_offer.intro", "dealer_offer.intro_rule"}, "reoffered": {"reoffered.intro", "reoffered.intro_rule"}} {
			l := sample(name, in)
			named := compose(t, l).Text
			l.ByRule = true
			ruled := compose(t, l).Text
			if named == ruled || strings.Contains(ruled, "{{") {
				t.Errorf("%s in %s says the same of %v", name, in, keys)
			}
		}
	}
}
