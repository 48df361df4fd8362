package configurator

import (
	"encoding/binary"
	"sync"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator/diagram"
)

// reasons finds the rules behind a clash and remembers them: there are few different clashes.
type reasons struct {
	mu   sync.Mutex
	kept map[string][]*catalogue.Rule
}

// maxReasons bounds the memory; beyond it they are found anew each time.
const maxReasons = 4096

// find answers rules of a plan, none to spare, that rule out what is given; none when even all rules
// together do not, or when it would take too long to show it.
func (r *reasons) find(p *plan, given []diagram.Literal) []*catalogue.Rule {
	key := keyOf(given)
	r.mu.Lock()
	out, known := r.kept[key]
	r.mu.Unlock()
	if known {
		return out
	}
	out = p.behind(given)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) < maxReasons {
		r.kept[key] = out
	}
	return out
}

func keyOf(given []diagram.Literal) string {
	var b []byte
	for _, l := range given {
		b = binary.AppendUvarint(b, uint64(l.Var))
		b = binary.AppendUvarint(b, uint64(len(l.Values)))
		for _, x := range l.Values {
			b = binary.AppendUvarint(b, uint64(x))
		}
	}
	return string(b)
}

// blame looks for the rules behind a clash. It takes a rule of the range whole, with all clauses that it
// was written as; the make-up of free and paid always holds and is nobody's rule.
type blame struct {
	*prover
	always  []int
	clauses [][]int // of each rule
}

func (p *plan) behind(given []diagram.Literal) []*catalogue.Rule {
	b := blame{prover: newProver(p, given), clauses: make([][]int, len(p.rules))}
	every, suspect := make([]int, len(p.origin)), make([]bool, len(p.rules))
	for i, k := range p.origin {
		every[i] = i
		if k < 0 {
			b.always = append(b.always, i)
		} else {
			b.clauses[k] = append(b.clauses[k], i)
		}
	}
	if !b.refutes(every) {
		return nil
	}
	var suspects []int // rules that did something; the others need no second look
	for i, k := range p.origin {
		if k >= 0 && b.used[i] && !suspect[k] {
			suspects, suspect[k] = append(suspects, k), true
		}
	}
	var out []*catalogue.Rule
	for _, k := range b.reduce(nil, suspects, false) {
		out = append(out, p.rules[k])
	}
	return out
}

// holds tells whether these rules leave nothing.
func (b *blame) holds(rules []int) bool {
	all := b.always[:len(b.always):len(b.always)]
	for _, k := range rules {
		all = append(all, b.clauses[k]...)
	}
	return b.refutes(all)
}

// reduce goes by halves (Junker's QuickXplain, 2004): of two halves of the rules the second is reduced
// beside all of the first, then the first beside what is left of the second.
func (b *blame) reduce(beside, of []int, grew bool) []int {
	if grew && b.holds(beside) {
		return nil
	}
	if len(of) <= 1 {
		return of
	}
	first, second := of[:len(of)/2], of[len(of)/2:]
	right := b.reduce(join(beside, first), second, len(first) > 0)
	left := b.reduce(join(beside, right), first, len(right) > 0)
	return join(left, right)
}

func join(a, b []int) []int { return append(a[:len(a):len(a)], b...) }
