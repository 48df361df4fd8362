package latency

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestABookTellsCountMeanAndTheSlowest(t *testing.T) {
	t.Parallel()
	var b Book
	for range 98 {
		b.Observe("often", time.Millisecond)
	}
	b.Observe("often", time.Second)
	b.Observe("often", 2*time.Second)
	b.Observe("once", 10*time.Microsecond)
	got := b.Figures()
	if len(got) != 2 || got[0].Name != "often" || got[1].Name != "once" {
		t.Fatalf("%+v", got)
	}
	f := got[0]
	if f.N != 100 || f.Mean != (98*time.Millisecond+3*time.Second)/100 || f.Max != 2*time.Second {
		t.Errorf("%+v", f)
	}
	if f.P99 < time.Second || f.P99 > 1250*time.Millisecond {
		t.Errorf("99 of 100 took a second at most, the book says %s", f.P99)
	}
	if one := got[1]; one.P99 != 10*time.Microsecond || one.Mean != one.Max {
		t.Errorf("%+v", one)
	}
}

// TestP99IsAtMostAQuarterTooLong holds for any cases that a step can tell apart.
func TestP99IsAtMostAQuarterTooLong(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cases := rapid.SliceOfN(rapid.Int64Range(int64(shortest), int64(50*time.Second)), 1, 400).Draw(t, "cases")
		var b Book
		for _, d := range cases {
			b.Observe("x", time.Duration(d))
		}
		slices.Sort(cases)
		exact := time.Duration(cases[len(cases)-len(cases)/100-1])
		if got := b.Figures()[0].P99; got < exact || float64(got) > float64(exact)*growth+1 {
			t.Fatalf("exactly %s, the book says %s", exact, got)
		}
	})
}

func TestWhatIsTooMuchIsCountedTogether(t *testing.T) {
	t.Parallel()
	var b Book
	var all sync.WaitGroup
	for k := range 4 {
		all.Go(func() {
			for i := range mostNames {
				b.Observe(fmt.Sprint(k, "/", i), time.Millisecond)
			}
		})
	}
	all.Wait()
	got, n := b.Figures(), int64(0)
	for _, f := range got {
		n += f.N
	}
	if len(got) != mostNames+1 || n != 4*mostNames {
		t.Errorf("%d names with %d cases", len(got), n)
	}
}

func TestSeveralProcessesAddUp(t *testing.T) {
	t.Parallel()
	got := Merge([]Figure{{"a", 1, 10, 10, 10}, {"b", 4, 1, 2, 90}}, []Figure{{"a", 3, 2, 20, 30}})
	want := []Figure{{"a", 4, 4, 20, 30}, {"b", 4, 1, 2, 90}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if Merge(nil, nil) != nil {
		t.Error("nothing adds up to something")
	}
}
