package diagram

import (
	"context"
	"math/rand/v2"
	"testing"
)

// A page, its cheapest car, the count and the least change are asked for on every click: none of them
// may leave work for the collector. It is not parallel, since it counts what the whole process allocates.
func TestQuestionsAllocateNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 11))
	for range 20 {
		p := random(r)
		b := count(r, p)
		if len(b.cars) == 0 {
			continue
		}
		d, _, err := Compile(context.Background(), p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		b.draw(r)
		k, w := b.desk(d)
		car := make([]int32, d.Vars())
		wanted := []int32{0}
		for name, ask := range map[string]func(){
			"page":     func() { k.Page(w) },
			"best":     func() { k.Best(0, wanted...) },
			"cheapest": func() { k.Cheapest(w, car) },
			"count":    func() { k.Roughly() },
			"change": func() {
				k.Change(w, func(v int) bool { return v == 0 }, func(int) int64 { return 1 << 20 }, car)
			},
			"picks": func() { k.Clear(); k.Pick(0, wanted...); k.Unpick(0) },
		} {
			if n := testing.AllocsPerRun(20, ask); n != 0 {
				t.Errorf("%s allocates %v times: %+v", name, n, p)
			}
		}
	}
}
