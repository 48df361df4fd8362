package letters

import (
	"errors"

	"forecourt/internal/ordering"
)

var (
	errNoRequest = errors.New("no question of this number")
	errNoPart    = errors.New("no part of this number")
)

// moved tells the buyer that another dealer has the order now.
func moved(w *writer) error {
	if w.Request == nil || w.Other == nil {
		return errNoRequest
	}
	w.set("Before", clean(w.Other.Name))
	w.title("moved.subject")
	w.greet()
	w.say("moved.intro")
	w.say("moved.next")
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

// moveProposed asks the buyer whether another dealer, whom the country's office proposes, may take the order over.
func moveProposed(w *writer) error {
	r := w.Request
	if r == nil || w.Other == nil || !r.Ordered() {
		return errNoRequest
	}
	w.set("Other", clean(w.Other.Name))
	w.set("By", w.when(r.DueAt))
	w.set("ByShort", w.whenShort(r.DueAt))
	w.title("move_proposed.subject")
	w.greet()
	w.add(block{Kind: "para", Text: w.cause(r.Cause)})
	w.say("move_proposed.intro")
	w.heading("next")
	w.say("move_proposed.next", "move_proposed.otherwise")
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

// cause is why the dealer who has an order shall not keep it.
func (w *writer) cause(c ordering.MoveCause) string {
	return w.p.T("move.cause."+string(c), "Dealer", clean(w.Dealer.Name))
}

// moveRefused tells that the order stays with the dealer who has it, and why.
func moveRefused(w *writer) error {
	r := w.Request
	if r == nil || w.Other == nil {
		return errNoRequest
	}
	w.set("Asked", clean(w.Other.Name))
	w.set("Who", clean(w.Other.Name))
	why := "why.silent"
	switch r.State {
	case ordering.RequestOvertaken:
		why = "move_refused.overtaken"
	case ordering.RequestDeclined:
		why = "why." + r.Reason
	case ordering.RequestWithdrawn:
		why = "move_refused." + r.Reason
	}
	w.title("move_refused.subject")
	w.greet()
	w.say("move_refused"+w.intro(), why)
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

// changeRefused tells that the order keeps its car, and why.
func changeRefused(w *writer) error {
	r := w.Request
	if r == nil {
		return errNoRequest
	}
	w.title("change_refused.subject")
	w.greet()
	w.say("change_refused.intro")
	w.add(block{Kind: "para", Text: w.p.T("request.why." + r.Why())})
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

// partBack tells that what was too much went back, and that the rest counts.
func partBack(w *writer) error {
	if w.Part == nil {
		return errNoPart
	}
	w.set("Amount", w.p.Money(w.Part.Amount))
	w.title("part_back.subject")
	w.greet()
	w.say("part_back." + w.Part.Reason)
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

// partFailed tells honestly that the part did not land, and how it comes instead.
func partFailed(w *writer) error {
	if w.Part == nil {
		return errNoPart
	}
	return w.didNotLand(w.Part.Amount)
}

// dealerAsked asks a dealer to take an order over. It knows the car, not the buyer.
func dealerAsked(w *writer) error {
	return w.asks("dealer_asked", "take_over", "dealer_asked.next", "dealer_offer.privacy")
}

// dealerLetGo tells a dealer that the country's office does not wait for its answer any longer.
func dealerLetGo(w *writer) error {
	w.title("dealer_let_go.subject")
	w.say("dealer_let_go.intro")
	w.button("queue")
	w.car("the_order")
	return nil
}

// dealerCarAsked asks the dealer who has an order whether it may be another car.
func dealerCarAsked(w *writer) error {
	return w.asks("dealer_car_asked", "dealer_order", "dealer_car_asked.next")
}

func (w *writer) asks(key, button string, next ...string) error {
	if w.Request == nil {
		return errNoRequest
	}
	w.set("By", w.when(w.Request.DueAt))
	w.set("ByShort", w.whenShort(w.Request.DueAt))
	w.title(key + ".subject")
	w.say(key + w.intro())
	for _, n := range next {
		w.say(n)
	}
	w.button(button)
	w.car("the_order", w.row("answer_by", w.when(w.Request.DueAt)))
	return nil
}

// intro is the first paragraph of a letter about a question: another one when the country's office ordered it.
func (w *writer) intro() string {
	if w.Request != nil && w.Request.Ordered() {
		return ".ordered"
	}
	return ".intro"
}

// dealerMoved tells a dealer that an order has left its queue.
func dealerMoved(w *writer) error {
	w.title("dealer_moved.subject")
	w.say("dealer_moved" + w.intro())
	w.say("dealer_moved.next")
	w.button("queue")
	w.car("the_order")
	return nil
}
