package aftersales

import "slices"

// Skill is something that a bay and a technician must both be good for.
type Skill string

// The skills; their words are service.skill.<code>.
const (
	General   Skill = "general"
	Electric  Skill = "electric" // work at a high-voltage system
	Diagnosis Skill = "diagnosis"
	Tyres     Skill = "tyres"
	Bodywork  Skill = "bodywork"
)

// Skills lists all, in the order people read them.
var Skills = []Skill{General, Electric, Diagnosis, Tyres, Bodywork}

// skillSet is a set of skills.
type skillSet uint8

func setOf(list []Skill) (out skillSet) {
	for _, s := range list {
		if i := slices.Index(Skills, s); i >= 0 {
			out |= 1 << i
		}
	}
	return out
}

// has tells whether all skills of another set are in this one.
func (s skillSet) has(all skillSet) bool { return s&all == all }

// few is how many skills there are: who has few is taken first, so that specialists stay free.
func (s skillSet) few() (n int) {
	for ; s != 0; s &= s - 1 {
		n++
	}
	return n
}

func (s skillSet) list() (out []Skill) {
	for i, x := range Skills {
		if s&(1<<i) != 0 {
			out = append(out, x)
		}
	}
	return out
}
