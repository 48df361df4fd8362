package manager

import (
	"strconv"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
)

// GroupLine tells how many features of a group can still be had, in numbers and as a bar.
type GroupLine struct {
	Name  string
	All   int // in the range
	Sold  int // with a price in the market
	Held  int
	Never int
	Left  int    // that a car of today can have
	Bar   string // width of what is left, of 100
	Text  string
}

// FeatureList is a group with its features and prices.
type FeatureList struct {
	Name  string
	Lines []FeatureLine
}

// FeatureLine is one feature.
type FeatureLine struct {
	Code     string
	Name     string
	Price    string // empty when it is not sold in the market
	State    Badge
	Rules    int
	RulesURL string
	HoldURL  string
}

func never(r configurator.Report) map[id.Feature]bool {
	out := map[id.Feature]bool{}
	for _, n := range r.Never {
		out[n.Feature] = true
	}
	return out
}

func heldSet(holds []configurator.Hold) map[id.Feature]bool {
	out := map[id.Feature]bool{}
	for _, h := range holds {
		out[h.Feature] = true
	}
	return out
}

// groups counts what can be had of each group.
func groups(a about, say *speaker, r configurator.Report) []GroupLine {
	dead, held := never(r), heldSet(inForce(a.world.Holds(a.brand.Code, a.market.Code, a.rng.Model), a.day))
	prices := priceList(a.rng, a.market.Code, a.day)
	var out []GroupLine
	for _, g := range catalogue.Groups {
		l := GroupLine{Name: say.b.T("storefront.group." + string(g))}
		for _, f := range a.rng.Features {
			if f.Group != g {
				continue
			}
			l.All++
			_, sold := prices.Amounts[f.Code]
			switch {
			case !sold:
				continue
			case dead[f.Code]:
				l.Never++
			case held[f.Code]:
				l.Held++
			default:
				l.Left++
			}
			l.Sold++
		}
		if l.All > 0 {
			l.Bar = strconv.Itoa(l.Left * 100 / l.All)
			l.Text = say.b.T("manager.range.bar", "Left", l.Left, "All", l.All)
			out = append(out, l)
		}
	}
	return out
}

// features lists all features with what the market asks for them.
func features(a about, say *speaker, r configurator.Report) []FeatureList {
	dead, held := never(r), heldSet(inForce(a.world.Holds(a.brand.Code, a.market.Code, a.rng.Model), a.day))
	prices := priceList(a.rng, a.market.Code, a.day)
	var out []FeatureList
	for _, g := range catalogue.Groups {
		list := FeatureList{Name: say.b.T("storefront.group." + string(g))}
		for _, f := range a.rng.Features {
			if f.Group != g {
				continue
			}
			l := FeatureLine{Code: string(f.Code), Name: say.name(f.Code), Rules: ruleCount(a, f.Code),
				RulesURL: a.url("", "market", a.code(), "feature", string(f.Code)) + "#rules"}
			minor, sold := prices.Amounts[f.Code]
			if sold {
				l.Price = say.b.MoneyShort(a.market.Amount(minor))
			}
			switch {
			case !sold:
				l.State = Badge{Label: say.b.T("manager.range.state.unsold")}
			case dead[f.Code]:
				l.State = Badge{Label: say.b.T("manager.range.state.never"), Tone: "bad"}
			case held[f.Code]:
				l.State = Badge{Label: say.b.T("manager.range.state.held"), Tone: "warn", Icon: "lock"}
			default:
				l.State = Badge{Label: say.b.T("manager.range.state.sold"), Tone: "good"}
				if a.mayHold() {
					l.HoldURL = a.url("", "market", a.code(), "hold", string(f.Code)) + "#holds"
				}
			}
			list.Lines = append(list.Lines, l)
		}
		if len(list.Lines) > 0 {
			out = append(out, list)
		}
	}
	return out
}

// ruleCount counts the rules in force that speak about a feature.
func ruleCount(a about, f id.Feature) int {
	n := 0
	for i := range a.rng.Rules {
		if r := &a.rng.Rules[i]; r.AppliesAt(a.market.Code, a.day) && speaksOf(a.rng, r, f) {
			n++
		}
	}
	return n
}
