package letters

import (
	"errors"

	"forecourt/internal/allocation"
)

var errNotAccepted = errors.New("no dealer has accepted this order")

// entry is that of the dealer who has the order.
func (w *writer) entry() (*allocation.Entry, error) {
	for _, e := range w.Entries {
		if e.State == allocation.Accepted {
			return e, nil
		}
	}
	return nil, errNotAccepted
}

// forecast fills in what is promised; true when there is a range of days.
func (w *writer) forecast() (bool, error) {
	e, err := w.entry()
	if err != nil {
		return false, err
	}
	w.set("NewsDays", w.Market.Promised().NewsDays)
	if !e.NewsAt.IsZero() {
		w.set("Since", w.day(e.NewsAt))
	} else {
		w.set("Since", w.day(e.AnsweredAt))
	}
	if e.ReadyFrom == "" {
		return false, nil
	}
	w.set("From", w.legal(string(e.ReadyFrom)))
	w.set("To", w.legal(string(e.ReadyTo)))
	w.set("Odds", e.OddsPct)
	return true, nil
}

// onPlan is the dealer's word that nothing has changed.
func onPlan(w *writer) error {
	known, err := w.forecast()
	if err != nil {
		return err
	}
	w.title("on_plan.subject")
	w.greet()
	if known {
		w.say("on_plan.intro", "promise.range", "promise.news")
	} else {
		w.say("on_plan.intro", "promise.news")
	}
	w.button("order")
	w.paidCar()
	w.dealer()
	return nil
}

// silence tells a buyer honestly that a promise was broken, and what was done.
func silence(w *writer) error {
	if _, err := w.forecast(); err != nil {
		return err
	}
	w.title("silence.subject")
	w.greet()
	w.say("silence.intro")
	w.say("silence.done")
	if w.Goodwill.Minor > 0 {
		w.set("Goodwill", w.p.Money(w.Goodwill))
		w.say("silence.goodwill")
	}
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

func dealerSilent(w *writer) error {
	if _, err := w.forecast(); err != nil {
		return err
	}
	w.title("dealer_silent.subject")
	w.say("dealer_silent.intro")
	w.say("dealer_silent.next")
	w.button("dealer_order")
	w.car("the_order")
	return nil
}

// countrySilent tells the market's desk which dealer is silent; it names no buyer.
func countrySilent(w *writer) error {
	if _, err := w.forecast(); err != nil {
		return err
	}
	w.set("Name", clean(w.Dealer.Name))
	w.title("country_silent.subject")
	w.say("country_silent.intro")
	w.say("country_silent.next")
	w.button("dealer_order")
	w.car("the_order")
	return nil
}

// message says that the dealer wrote; what, stands on the order's page.
func message(w *writer) error {
	w.title("message.subject")
	w.greet()
	w.say("message.intro")
	w.button("order")
	w.car("order")
	return nil
}

func dealerMessage(w *writer) error {
	w.title("dealer_message.subject")
	w.say("dealer_message.intro")
	w.button("dealer_order")
	w.car("the_order")
	return nil
}
