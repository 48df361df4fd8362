package letters

import "forecourt/internal/allocation"

// rung is a letter of the ladder about an offer without an answer: to the dealer, to the manager of the site, or to the
// country's office. It knows the car, not the buyer.
func rung(next, button string) func(w *writer) error {
	return func(w *writer) error {
		e := w.offer()
		if e == nil {
			return errNoOffer
		}
		w.times(e)
		w.title(w.own("subject"))
		w.say(w.own("intro"))
		w.say(next)
		w.button(button)
		w.car("the_order", w.row("answer_by", w.when(e.DueAt)))
		return nil
	}
}

// times sets the times of an offer.
func (w *writer) times(e *allocation.Entry) {
	w.set("By", w.when(e.DueAt))
	w.set("ByShort", w.whenShort(e.DueAt))
	w.set("Since", w.when(e.OfferedAt))
}

// question tells the buyer that the dealer who was asked wants to know something first. The words are on the order's
// page only.
func question(w *writer) error {
	e := w.offer()
	if e == nil {
		return errNoOffer
	}
	w.title(w.own("subject"))
	w.greet()
	w.say(w.own("intro"))
	w.heading("next")
	w.say(w.own("next"))
	w.button("reply")
	w.reservedCar()
	w.leave()
	w.dealer()
	return nil
}
