package allocation_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
)

var day = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func candidate(code string, change func(c *allocation.Candidate)) allocation.Candidate {
	c := allocation.Candidate{Dealer: id.Dealer(code), Metres: 10_000, Bays: 2, Open: 4, HandedOver: 10, Answered: 8, Accepted: 8, LastOffer: day}
	change(&c)
	return c
}

func TestEachStrategyChooses(t *testing.T) {
	t.Parallel()
	same := func(*allocation.Candidate) {}
	for _, c := range []struct {
		name     string
		strategy string
		reach    int
		a, b     func(c *allocation.Candidate) // of dealers a and b
		want     string
	}{
		{"the nearer", "nearest", 0, same, func(c *allocation.Candidate) { c.Metres = 9_999 }, "b"},
		{"a way that is known before one that is not", "nearest", 0, func(c *allocation.Candidate) { c.Metres = allocation.UnknownWay }, same, "b"},
		{"at the same distance the code", "nearest", 0, same, same, "a"},
		{"within reach", "nearest", 10, func(c *allocation.Candidate) { c.Metres = 10_001 }, same, "b"},
		{"of unknown way within every reach", "nearest", 10, func(c *allocation.Candidate) { c.Metres = allocation.UnknownWay }, func(c *allocation.Candidate) { c.Metres = 10_001 }, "a"},
		{"not who was asked", "nearest", 0, func(c *allocation.Candidate) { c.Metres, c.Out = 1, allocation.OutAsked }, same, "b"},
		{"nobody", "nearest", 1, same, same, ""},
		{"fewer open orders", "capacity", 0, same, func(c *allocation.Candidate) { c.Open = 3 }, "b"},
		{"more bays", "capacity", 0, same, func(c *allocation.Candidate) { c.Open, c.Bays = 5, 3 }, "b"},
		{"as many for each bay: the nearer", "capacity", 0, same, func(c *allocation.Candidate) { c.Open, c.Bays, c.Metres = 8, 4, 1 }, "b"},
		{"no bays is one bay", "capacity", 0, func(c *allocation.Candidate) { c.Bays = 0 }, func(c *allocation.Candidate) { c.Open = 7 }, "b"},
		{"longest without an offer", "round_robin", 0, same, func(c *allocation.Candidate) { c.LastOffer = day.Add(-time.Second) }, "b"},
		{"never asked before longest", "round_robin", 0, func(c *allocation.Candidate) { c.LastOffer = day.AddDate(-5, 0, 0) }, func(c *allocation.Candidate) { c.LastOffer = time.Time{} }, "b"},
		{"fewest days of orders", "balance", 0, same, func(c *allocation.Candidate) { c.HandedOver = 12 }, "b"},
		{"a slow one with few before a quick one with many", "balance", 0, func(c *allocation.Candidate) { c.Open, c.HandedOver = 20, 20 }, func(c *allocation.Candidate) { c.Open, c.HandedOver = 1, 2 }, "b"},
		{"a new one without orders", "balance", 0, same, func(c *allocation.Candidate) { c.Open, c.HandedOver = 0, 0 }, "b"},
	} {
		t.Run(c.strategy+": "+c.name, func(t *testing.T) {
			t.Parallel()
			rule := market.Allocation{Version: "v", Strategy: c.strategy, ReachKm: c.reach}
			a, b := candidate("a", c.a), candidate("b", c.b)
			for _, cs := range [][]allocation.Candidate{{a, b}, {b, a}} {
				got, ok := allocation.Decide(rule, "seed", cs).Chosen()
				if string(got) != c.want || ok != (c.want != "") {
					t.Errorf("chose %q, %t", got, ok)
				}
			}
		})
	}
}

// Whatever the figures and in whatever order they come, the decision is the same, names everybody once, and asks
// nobody who can not be asked.
func TestADecisionDependsOnNothingButItsFigures(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 9))
	for n := range 2000 {
		var cs []allocation.Candidate
		for i := range 1 + r.IntN(9) {
			c := allocation.Candidate{Dealer: id.Dealer(fmt.Sprint("d", i)), Metres: int64(r.IntN(4)) * 1000, Bays: r.IntN(3), Open: r.IntN(4), HandedOver: r.IntN(3),
				Answered: 2 + r.IntN(3), Accepted: r.IntN(2), Silent: r.IntN(3), LastOffer: day.Add(time.Duration(r.IntN(3)) * time.Hour)}
			if r.IntN(5) == 0 {
				c.Out = allocation.OutAsked
			}
			cs = append(cs, c)
		}
		for _, s := range market.Strategies {
			rule := market.Allocation{Version: "v", Strategy: s, ReachKm: 2}
			d := allocation.Decide(rule, fmt.Sprint(n), cs)
			mixed := append([]allocation.Candidate(nil), cs...)
			r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			if again := allocation.Decide(rule, fmt.Sprint(n), mixed); !reflect.DeepEqual(d, again) {
				t.Fatalf("%s: %+v, then %+v", s, d, again)
			}
			seen, out := map[id.Dealer]bool{}, false
			for _, x := range d.Ranked {
				if seen[x.Dealer] || out && x.Out == "" || x.Out == "" && x.Metres > 2000 {
					t.Fatalf("%s: %+v", s, d.Ranked)
				}
				seen[x.Dealer], out = true, out || x.Out != ""
			}
			if len(seen) != len(cs) {
				t.Fatalf("%s names %d of %d", s, len(seen), len(cs))
			}
		}
	}
}

func TestTheDrawFollowsTheRecord(t *testing.T) {
	t.Parallel()
	good := candidate("good", func(c *allocation.Candidate) { c.Answered, c.Accepted, c.Silent = 98, 98, 0 }) // weight 990
	bad := candidate("bad", func(c *allocation.Candidate) { c.Answered, c.Accepted, c.Silent = 48, 10, 50 })  // weight 110
	fresh := candidate("new", func(c *allocation.Candidate) { c.Answered, c.Accepted = 0, 0 })                // weight 500
	n := map[id.Dealer]int{}
	for i := range 16_000 {
		d := allocation.Decide(market.Allocation{Strategy: "record"}, fmt.Sprint("order/", i), []allocation.Candidate{bad, good, fresh})
		who, _ := d.Chosen()
		n[who]++
		if d.Weights != 990+110+500 || d.Draw < 0 || d.Draw >= d.Weights {
			t.Fatalf("%d of %d", d.Draw, d.Weights)
		}
	}
	for who, want := range map[id.Dealer]int{"good": 9900, "bad": 1100, "new": 5000} {
		if got := n[who]; got < want-400 || got > want+400 {
			t.Errorf("%s was drawn %d times, about %d expected", who, got, want)
		}
	}
}

func TestTheBuyersListIsKept(t *testing.T) {
	t.Parallel()
	far := candidate("far", func(c *allocation.Candidate) { c.Metres = 900_000 })
	near := candidate("near", func(c *allocation.Candidate) { c.Metres = 1 })
	gone := candidate("gone", func(c *allocation.Candidate) { c.Out = allocation.OutGone })
	d := allocation.ByList("v", []allocation.Candidate{gone, far, near})
	if who, _ := d.Chosen(); who != "far" || d.Ranked[2].Dealer != "gone" || d.Strategy != allocation.Named {
		t.Fatalf("%+v", d)
	}
}
