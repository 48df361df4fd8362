package allocation

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

// The bytes of a note are those that any writer of JSON with keys in order and without blanks makes of it.
func TestANoteIsCanonical(t *testing.T) {
	t.Parallel()
	for _, s := range append([]string{"named"}, market.Strategies...) {
		n := Note{At: stamp(time.Date(2026, 11, 24, 9, 0, 0, 1500, time.UTC)), By: "system", Dealer: "gb-a&b", Due: "x", Event: EventOffer, Order: "o", Reason: "<r>", Round: 1}
		n.decided(Decide(market.Allocation{Version: "v", Strategy: s, ReachKm: 1}, "seed", []Candidate{{Dealer: "a", LastOffer: time.Unix(1, 0)}, {Dealer: "b", Metres: 2000, Out: OutGone}}))
		body, err := n.canonical()
		if err != nil {
			t.Fatal(err)
		}
		var any map[string]any
		d := json.NewDecoder(bytes.NewReader([]byte(body)))
		d.UseNumber()
		if err := d.Decode(&any); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(any); err != nil || b.String() != body+"\n" {
			t.Errorf("%s\n%s", body, b.String())
		}
	}
}

func TestABrokenChainIsFound(t *testing.T) {
	t.Parallel()
	const o id.Order = "o"
	chain := func() []Receipt {
		var out []Receipt
		prev := []byte{}
		for i, e := range []Event{EventOffer, EventDecline, EventOffer, EventAccept} {
			n := Note{Event: e, Order: o}
			body, err := n.canonical()
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, Receipt{Seq: i + 1, Note: n, Body: body, Prev: prev, Hash: link(prev, body)})
			prev = out[i].Hash
		}
		return out
	}
	if !Whole(o, chain()) || !Whole(o, nil) {
		t.Fatal("an unbroken chain is broken")
	}
	for what, spoil := range map[string]func(c []Receipt) []Receipt{
		"a changed word":         func(c []Receipt) []Receipt { c[1].Body = `{"event":"accept","order":"o"}`; return c },
		"a row taken out":        func(c []Receipt) []Receipt { return append(c[:1], c[2:]...) },
		"rows in another turn":   func(c []Receipt) []Receipt { c[0], c[2] = c[2], c[0]; return c },
		"the first taken away":   func(c []Receipt) []Receipt { return c[1:] },
		"a row of another order": func(c []Receipt) []Receipt { c[2].Note.Order = "p"; return c },
		"a hash made to fit":     func(c []Receipt) []Receipt { c[1].Body = "x"; c[1].Hash = link(c[1].Prev, "x"); return c },
	} {
		if Whole(o, spoil(chain())) {
			t.Errorf("%s is not found", what)
		}
	}
}
