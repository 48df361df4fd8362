package letters

// dealerOffer asks a dealer for an answer. It knows the car, not the buyer.
func dealerOffer(w *writer) error {
	e := w.offer()
	if e == nil {
		return errNoOffer
	}
	w.set("By", w.when(e.DueAt))
	w.set("ByShort", w.whenShort(e.DueAt))
	w.title("dealer_offer.subject")
	if w.ByRule {
		w.say(w.either("dealer_offer.intro_rule", "dealer_offer.intro_rule_taken"))
	} else {
		w.say(w.either("dealer_offer.intro", "dealer_offer.intro_taken"))
	}
	w.say("dealer_offer.next")
	w.button("answer")
	w.car("the_order", w.row("answer_by", w.when(e.DueAt)))
	w.say("dealer_offer.privacy")
	return nil
}

func dealerCancelled(w *writer) error {
	reason := "other"
	if w.Order.CancelReason == "buyer" {
		reason = "buyer"
	}
	w.title("dealer_cancelled.subject")
	w.say("dealer_cancelled.intro." + reason)
	w.say("dealer_cancelled.next")
	w.button("dealer_order")
	w.car("the_order")
	return nil
}
