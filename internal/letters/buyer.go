package letters

import (
	"errors"

	"forecourt/internal/allocation"
)

var errNoOffer = errors.New("no offer of this round")

func placed(w *writer) error { return w.offered(w.either("placed.intro", "placed.intro_taken")) }

func reoffered(w *writer) error {
	intro := []string{"reoffered.intro"}
	if w.ByRule {
		intro[0] = "reoffered.intro_rule"
	}
	if why := w.why(w.before(w.Seq), "before"); why != "" {
		intro = append(intro, why)
	}
	return w.offered(append(intro, w.either("offer.still_reserved", "offer.still_taken"))...)
}

// before is the entry of the round before.
func (w *writer) before(round int) *allocation.Entry {
	var last *allocation.Entry
	for _, e := range w.Entries {
		if e.Round < round && (last == nil || e.Round > last.Round) {
			last = e
		}
	}
	return last
}

// offered is the letter while a dealer thinks.
func (w *writer) offered(intro ...string) error {
	e := w.offer()
	if e == nil {
		return errNoOffer
	}
	w.set("By", w.when(e.DueAt))
	w.title(w.own("subject"))
	w.greet()
	w.say(intro...)
	w.heading("next")
	w.say("offer.next")
	w.say("offer.otherwise")
	w.say("offer.nothing_to_do")
	w.button("order")
	w.reservedCar()
	w.leave()
	w.dealer()
	return nil
}

// choose asks the buyer for another dealer. Answered meanwhile, it has no deadline to name.
func choose(w *writer) error {
	intro := []string{"choose.intro"}
	if why := w.why(w.before(w.Seq+1), "last"); why != "" {
		intro = append(intro, why)
	}
	w.title(w.own("subject"))
	w.greet()
	w.say(append(intro, w.either("offer.still_reserved", "offer.still_taken"))...)
	w.heading("next")
	if w.Order.DueAt.IsZero() {
		w.say("choose.next.later")
	} else {
		w.set("By", w.when(w.Order.DueAt))
		w.say("choose.next")
		w.say("choose.otherwise")
	}
	w.button("choose")
	w.reservedCar()
	w.leave()
	return nil
}

func accepted(w *writer) error {
	holds := "holds.dealer"
	if w.Order.Snapshot.Holds == "maker" {
		holds = "holds.maker"
	}
	if c := w.Order.Snapshot.Stock; c != nil {
		w.set("Pipeline", string(c.Number))
		w.set("Day", w.day(c.ReadyAt(w.Dealer.Code)))
		next := "accepted.stock"
		if c.Stage == "build" {
			next = "accepted.planned"
		}
		return w.stepWith([]string{w.either("accepted.intro", "accepted.intro_taken"), holds}, []string{next})
	}
	return w.stepWith([]string{w.either("accepted.intro", "accepted.intro_taken"), holds}, w.weeks("accepted.next"))
}

func ordered(w *writer) error { return w.stepWith([]string{"ordered.intro"}, w.weeks("ordered.next")) }

// weeks adds the estimate of the day the car arrives, if there is one.
func (w *writer) weeks(keys ...string) []string {
	s := w.Order.Snapshot
	if s.Stock != nil { // its day stands with the car
		return keys
	}
	if s.WeeksFrom <= 0 || s.WeeksTo < s.WeeksFrom {
		return keys
	}
	w.set("From", s.WeeksFrom)
	w.set("To", s.WeeksTo)
	w.set("Early", w.month(w.At.AddDate(0, 0, 7*s.WeeksFrom)))
	w.set("Late", w.month(w.At.AddDate(0, 0, 7*s.WeeksTo)))
	return append(keys, "weeks")
}

func inTransit(w *writer) error {
	vin := clean(w.Order.VIN)
	if len(vin) < 6 {
		return errors.New("no vehicle number")
	}
	w.set("VIN", vin[len(vin)-6:])
	return step(w)
}

// step is the letter of one stage on the way.
func step(w *writer) error { return w.stepWith([]string{w.own("intro")}, []string{w.own("next")}) }

func (w *writer) stepWith(intro, next []string) error {
	w.title(w.own("subject"))
	w.greet()
	w.say(intro...)
	w.heading("next")
	for _, n := range next {
		w.say(n)
	}
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

func ready(w *writer) error {
	w.title("ready.subject")
	w.greet()
	w.say("ready.intro")
	w.heading("next")
	w.say("ready.next")
	w.say(w.owed())
	if w.Order.Snapshot.Visit != nil { // fetched in the opening hours, without papers
		w.button("order")
		w.car("order")
		w.dealer()
		return nil
	}
	w.button("book")
	w.bring()
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

// slot confirms the booked handover. Without an appointment it was given up meanwhile, and naming
// the old time would send the buyer to a shut door.
func slot(w *writer) error {
	a := w.Appointment
	if a == nil {
		w.title("slot.moved.subject")
		w.greet()
		w.say("slot.moved.intro")
	} else {
		w.set("When", w.when(a.StartsAt))
		w.set("WhenShort", w.whenShort(a.StartsAt))
		w.title("slot.subject")
		w.greet()
		w.say("slot.intro")
		w.rows(w.row("when", w.when(a.StartsAt)), w.row("where", join(", ", w.Dealer.Name, w.address())), w.row("code", w.Order.PickupCode))
		w.heading("next")
		w.say("slot.next")
		w.say(w.owed())
		w.say("slot.change")
	}
	w.button("slot")
	w.bring()
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

func handedOver(w *writer) error {
	at := w.Order.HandedOverAt
	if at.IsZero() {
		at = w.At
	}
	w.set("Day", w.day(at))
	w.set("Until", w.until(at))
	w.title("handed_over.subject")
	w.greet()
	if w.balance().Minor > 0 {
		w.say("handed_over.intro_open", w.owed())
		w.ways()
	} else {
		w.say("handed_over.intro")
	}
	w.say("handed_over.confirm")
	w.say("handed_over.faults")
	w.button("order")
	w.car("order")
	if w.Order.Snapshot.LeaveDays > 0 {
		w.heading("leave")
		w.say("leave.withdraw")
		w.say(w.moneyBack())
	}
	w.dealer()
	return nil
}

// handoverUndone takes the letter before it back: the car was not handed over.
func handoverUndone(w *writer) error {
	w.title("handover_undone.subject")
	w.greet()
	w.say("handover_undone.intro")
	w.say("handover_undone.clocks")
	w.say("handover_undone.faults")
	w.button("order")
	w.car("order")
	w.dealer()
	return nil
}
