package network

import "slices"

// Manners are how a buyer may ask for the handover to be; words for them are in the catalogues as manner.<code>.
var Manners = []string{"step_free", "sign_language", "quiet", "long", "short"}

// mannerSkill is the skill that one needs; the others cost nothing but will.
var mannerSkill = map[string]Skill{"step_free": SkillStepFree, "sign_language": SkillSign}

// Grants lists the manners that a site can grant: nobody is asked what cannot be given.
func (d *Dealer) Grants() []string {
	var out []string
	for _, w := range Manners {
		if s, needs := mannerSkill[w]; !needs || d.Has(s) {
			out = append(out, w)
		}
	}
	return out
}

// Granted keeps of what was asked what the site can grant, once each. A long explanation and a key in five minutes
// do not go together: the longer one is meant.
func (d *Dealer) Granted(asked []string) []string {
	var out []string
	for _, w := range d.Grants() {
		if slices.Contains(asked, w) && (w != "short" || !slices.Contains(asked, "long")) {
			out = append(out, w)
		}
	}
	return out
}
