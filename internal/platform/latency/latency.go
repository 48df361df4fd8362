package latency

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"
)

// Figure is how often one thing was done, and how long it took. P99 is zero where nobody measured it.
type Figure struct {
	Name string        `json:"name"`
	N    int64         `json:"n"`
	Mean time.Duration `json:"mean_ns"`
	P99  time.Duration `json:"p99_ns,omitempty"` // at most so long, 99 in a hundred times
	Max  time.Duration `json:"max_ns"`
}

// mostNames bounds a book; what comes later is counted together under Other.
const mostNames = 1000

// Other is the name for everything beyond the names that a book has room for.
const Other = "(other)"

// Book counts by name. The zero value is ready; it is safe for concurrent use.
type Book struct {
	mu    sync.Mutex
	pages map[string]*page
}

// The curve's steps grow by a quarter, from 50 microseconds to more than a minute: a figure read from it is at most a
// quarter too long.
const (
	steps    = 64
	shortest = 50 * time.Microsecond
	growth   = 1.25
)

type page struct {
	n     int64
	sum   time.Duration
	max   time.Duration
	curve [steps]int64
}

func step(d time.Duration) int {
	if d <= shortest {
		return 0
	}
	return min(steps-1, int(math.Ceil(math.Log(float64(d)/float64(shortest))/math.Log(growth))))
}

// Observe counts one case of name.
func (b *Book) Observe(name string, took time.Duration) {
	at := step(took)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pages == nil {
		b.pages = map[string]*page{}
	}
	p := b.pages[name]
	if p == nil && len(b.pages) >= mostNames {
		name = Other
		p = b.pages[name]
	}
	if p == nil {
		p = &page{}
		b.pages[name] = p
	}
	p.n++
	p.sum += took
	p.max = max(p.max, took)
	p.curve[at]++
}

// Figures are those of all names, the slowest at the 99th of a hundred first.
func (b *Book) Figures() []Figure {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Figure
	for name, p := range b.pages {
		out = append(out, Figure{Name: name, N: p.n, Mean: p.sum / time.Duration(p.n), P99: p.p99(), Max: p.max})
	}
	Sort(out)
	return out
}

// p99 is the end of the step in which the 99th of a hundred cases lies, and never more than the longest case.
func (p *page) p99() time.Duration {
	want, seen := p.n-p.n/100, int64(0)
	for i, n := range p.curve[:steps-1] {
		if seen += n; seen >= want {
			return min(p.max, time.Duration(float64(shortest)*math.Pow(growth, float64(i))))
		}
	}
	return p.max // the last step is open
}

// Sort puts the slowest first.
func Sort(of []Figure) {
	slices.SortFunc(of, func(a, b Figure) int {
		return cmp.Or(cmp.Compare(b.P99, a.P99), cmp.Compare(b.Max, a.Max), cmp.Compare(a.Name, b.Name))
	})
}

// Merge adds up what several processes counted, the slowest first. The P99 of all is not more than the greatest of one.
func Merge(lists ...[]Figure) []Figure {
	at := map[string]int{}
	var out []Figure
	for _, f := range slices.Concat(lists...) {
		i, ok := at[f.Name]
		if !ok {
			at[f.Name] = len(out)
			out = append(out, f)
			continue
		}
		sum := &out[i]
		if n := sum.N + f.N; n > 0 {
			sum.Mean = time.Duration((float64(sum.Mean)*float64(sum.N) + float64(f.Mean)*float64(f.N)) / float64(n))
		}
		sum.N, sum.P99, sum.Max = sum.N+f.N, max(sum.P99, f.P99), max(sum.Max, f.Max)
	}
	Sort(out)
	return out
}
