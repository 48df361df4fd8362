package dealer

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
)

// Stage is a step on the way, with its time once it is done.
type Stage struct {
	Label string
	At    string
	Owner string // who does it, of those to come and of the present one
	Class string // done, now or nothing
}

// Promise is what the buyer was promised, as the dealer must keep it.
type Promise struct {
	Range string // between which days the car should be ready, and how surely; empty when unknown
	Step  string // by when the present stage should end
	News  string // the last news and the next
	Late  bool   // the buyer should have heard by now
	Tell  bool   // the dealer may say that nothing has changed
}

// Next is the one thing to do.
type Next struct {
	Event string // of the order's machine; empty when there is nothing to press
	Key   string // of the words
	Items []Item // of the checklist
}

// Item is a line of a checklist.
type Item struct {
	Code string
	Done bool
}

// Entry is a line of the history.
type Entry struct {
	At, What, Who string
}

// stages are the steps from accept to handover.
func stages(p Page, v *allocation.OrderView, s *ordering.Snapshot) []Stage {
	var out []Stage
	way := s.Steps(v.Flow, p.User.Dealer)
	if len(way) == 0 {
		return nil // a flow that is not sold here any more
	}
	here := slices.Index(way, ordering.State(v.OrderState))
	for i, st := range way[1:] {
		x := Stage{Label: p.T("dealer.stage." + string(st))}
		who := doers[st]
		if s.Used != nil && s.Used.Moved != nil && who == "dealer" {
			who = "receiver"
		}
		if i+1 > here && here > 0 && who != "" {
			x.Owner = p.T("dealer.owner." + who)
		}
		switch {
		case i+1 < here, ordering.State(v.OrderState).Sold():
			x.Class = "done"
		case i+1 == here:
			x.Class = "now"
		}
		for _, e := range v.History {
			if st == ordering.HandedOver && e.Event == string(ordering.Undo) {
				x.At = "" // it did not happen
			}
			if e.To == string(st) && ordering.Event(e.Event).Reaches() {
				x.At = p.When(e.At)
			}
		}
		out = append(out, x)
	}
	return out
}

// doers are who takes the step into each stage; the words are dealer.owner.<who>.
var doers = map[ordering.State]string{ordering.Ordered: "dealer", ordering.Built: "factory", ordering.InTransit: "factory", ordering.Arrived: "carrier",
	ordering.Prepared: "dealer", ordering.Ready: "dealer", ordering.HandedOver: "dealer"}

// owners are for whom each stage waits; the words are dealer.turn.<who>. The buyer's turn is to book a time.
var owners = map[ordering.State]string{ordering.Accepted: "dealer", ordering.Ordered: "factory", ordering.Built: "factory", ordering.InTransit: "carrier",
	ordering.Arrived: "dealer", ordering.Prepared: "dealer", ordering.Ready: "buyer"}

// promise writes what was promised to the buyer of an accepted order.
func (s site) promise(p Page, v *allocation.OrderView) Promise {
	if v.EntryState != allocation.Accepted || v.StageDueAt.IsZero() {
		return Promise{}
	}
	turn, by := cmp.Or(owners[ordering.State(v.OrderState)], "dealer"), v.StageDueAt
	if !v.StartsAt.IsZero() { // a time is booked: what is next is the handover
		turn, by = "dealer", v.StartsAt
	}
	out := Promise{Step: p.T("dealer.promise.step", "Turn", p.T("dealer.turn."+turn), "Day", p.Day(by))}
	if !v.ReadyFrom.IsZero() && v.OrderState != string(ordering.Ready) {
		out.Range = p.T("dealer.promise.range", "From", p.Date(v.ReadyFrom.Add(12*time.Hour)), "To", p.Date(v.ReadyTo.Add(12*time.Hour)), "Odds", v.OddsPct)
	}
	if v.NewsDueAt.IsZero() {
		return out
	}
	out.Tell, out.Late = true, v.NewsStep > allocation.NobodyTold
	key := "dealer.promise.news"
	if out.Late {
		key = "dealer.promise.news_late"
	}
	out.News = p.T(key, "Last", p.Day(v.NewsAt), "Next", p.Day(v.NewsDueAt))
	return out
}

// next is the flow's own step, or the handover.
func (s site) next(v *allocation.OrderView) Next {
	if v.EntryState != allocation.Accepted {
		return Next{}
	}
	ev, ok := ordering.MachineOf(v.Flow).Onward(ordering.State(v.OrderState))
	if !ok {
		return Next{Key: "handover"}
	}
	n := Next{Event: string(ev), Key: string(ev)}
	if ev == ordering.Prepare {
		done := strings.Split(v.Checks, ",")
		for _, item := range s.kind.Preparation {
			n.Items = append(n.Items, Item{Code: item, Done: slices.Contains(done, item)})
		}
	}
	return n
}

// history says what happened, newest first. Staff are named only to themselves.
func (s site) history(p Page, v *allocation.OrderView, taken bool) []Entry {
	var out []Entry
	for _, e := range slices.Backward(v.History) {
		who, _, _ := strings.Cut(e.Actor, ":") // "client:<id>" is the dealer's own system
		if staff, ok := strings.CutPrefix(e.Actor, "staff:"); ok {
			if who = "staff"; id.User(staff) == s.user.ID {
				who = "you"
			}
		}
		what := e.Event
		if what == string(ordering.Authorise) && taken {
			what = "authorise_taken" // in such a market nothing was ever only reserved
		}
		out = append(out, Entry{At: p.When(e.At), What: p.T("dealer.event." + what), Who: p.T("dealer.actor." + who)})
	}
	return out
}
