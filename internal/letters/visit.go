package letters

import "errors"

var errNoVisit = errors.New("the letter is about a visit, and the order has none")

// visit is a letter about a stay in a workshop, to its customer.
func visit(w *writer) error {
	if err := w.visitAt(); err != nil {
		return err
	}
	w.title(w.own("subject"))
	w.greet()
	w.say(w.own("intro"))
	w.button("order")
	w.car("order")
	w.dealer()
	return nil
}

// dealerVisit is one to its workshop.
func dealerVisit(w *writer) error {
	if err := w.visitAt(); err != nil {
		return err
	}
	w.title(w.own("subject"))
	w.say(w.own("intro"))
	w.button("dealer_order")
	w.car("the_order")
	return nil
}

func (w *writer) visitAt() error {
	v := w.Order.Snapshot.Visit
	if v == nil {
		return errNoVisit
	}
	w.set("When", w.when(v.StartsAt))
	return nil
}
