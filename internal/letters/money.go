package letters

import (
	"errors"
	"math"

	"forecourt/internal/allocation"
	"forecourt/internal/payment"
	"forecourt/internal/platform/money"
)

var (
	errNoPayment  = errors.New("no payment of this number")
	errNoDeferral = errors.New("nobody let the rest open")
)

func deskPayment(w *writer) error {
	p := w.payment(func(p *payment.Payment) bool { return p.AtDesk() && p.Attempt == w.Seq })
	if p == nil {
		return errNoPayment
	}
	w.set("Amount", w.p.Money(p.Amount))
	w.set("Means", w.t("means."+string(p.Means)))
	w.title("desk_payment.subject")
	w.greet()
	w.say("desk_payment.intro")
	w.say(w.owed())
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

// transferIn tells that a bank transfer came in, and what is left.
func transferIn(w *writer) error {
	return w.moneyIn("transfer_in", func(p *payment.Payment) bool { return p.Means == payment.ByTransfer && p.Seq() == w.Seq })
}

// cardPayment tells that a part of the balance came by card, and what is left.
func cardPayment(w *writer) error {
	return w.moneyIn("card_payment", func(p *payment.Payment) bool { return p.Card() && p.Seq() == w.Seq })
}

// deferred tells that the car may go before it is paid: what stays open, until when, and how it is paid.
func deferred(w *writer) error { return w.open("deferred", w.owed()) }

// overdue reminds of a promised day that has passed.
func overdue(w *writer) error {
	if w.balance().Minor <= 0 { // it came in while the letter was on its way
		return w.open("overdue", w.owed())
	}
	return w.open("overdue", "overdue.next")
}

func (w *writer) open(key, next string) error {
	if w.Deferral == nil {
		return errNoDeferral
	}
	w.title(key + ".subject")
	w.greet()
	w.say(key+".intro", next)
	w.ways()
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

func (w *writer) moneyIn(key string, is func(*payment.Payment) bool) error {
	p := w.payment(is)
	if p == nil {
		return errNoPayment
	}
	w.set("Amount", w.p.Money(p.Amount))
	w.title(key + ".subject")
	w.greet()
	w.say(key + ".intro")
	w.say(w.owed())
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

func (w *writer) payment(is func(*payment.Payment) bool) *payment.Payment {
	for _, p := range w.Payments {
		if is(p) {
			return p
		}
	}
	return nil
}

// cancelled says why the order ended and what comes back, payment by payment.
func cancelled(w *writer) error {
	reason := w.Order.CancelReason
	switch reason {
	case "buyer", "no_dealer", "authorisation_lost", "authorisation_short", "dealer_cannot", "no_show":
	default:
		reason = "other"
	}
	w.title("cancelled.subject")
	w.greet()
	intro := []string{"cancelled.intro." + reason}
	if reason == "dealer_cannot" { // nobody else could sell it
		if why := w.why(w.before(math.MaxInt), "seller"); why != "" {
			intro = append(intro, why)
		}
	}
	w.say(intro...)
	w.heading("money")
	if w.returns() {
		w.say("cancelled.next.money")
	} else {
		w.say("cancelled.next.nothing")
	}
	w.button("order")
	w.car("order")
	if w.taken() {
		w.dealer()
	}
	return nil
}

// returns lists what happens to each payment; false when nothing has to come back.
func (w *writer) returns() bool {
	listed, back := false, false
	for _, p := range w.Payments {
		key := w.wayBack(p)
		if key == "" {
			continue
		}
		listed, back = true, back || key != "lost"
		args := append([]any{"Amount", w.p.Money(p.Back())}, w.args...)
		w.add(block{Kind: "para", Text: w.p.T("mail.returned."+key, args...)})
	}
	if !listed {
		w.say("returned.nothing")
	}
	return back
}

// wayBack is how a payment returns: to the card, at the desk, as a reservation that ends, or not
// at all because it was never made. Whether a card payment that is on its way back had been taken
// the ledger knows; in the instant of a capture it may not yet, and then only "it goes back" is true.
func (w *writer) wayBack(p *payment.Payment) string {
	switch p.State {
	case payment.Lost:
		return "lost"
	case payment.Voided:
		return "released"
	case payment.Authorised, payment.Capturing, payment.Captured, payment.Returning, payment.Refunded:
	default:
		return ""
	}
	switch {
	case p.Means == payment.ByTransfer:
		return "transfer"
	case !p.Card():
		return "desk"
	case p.State == payment.Captured || p.State == payment.Refunded || w.taken():
		return "card"
	}
	return "released"
}

// taken tells whether a dealer had accepted, so that the deposit was taken or about to be: an
// accepted entry was answered before the order ended, a merely offered one is withdrawn with it.
func (w *writer) taken() bool {
	for _, e := range w.Entries {
		answered := !e.AnsweredAt.IsZero() && e.AnsweredAt.Before(w.At)
		if e.State == allocation.Accepted || e.State == allocation.Withdrawn && answered {
			return true
		}
	}
	return w.PaidMinor > 0
}

// moneyBack tells that one payment of an ended order is back.
func moneyBack(w *writer) error {
	p := w.payment(func(p *payment.Payment) bool { return p.Seq() == w.Seq })
	if p == nil {
		return errNoPayment
	}
	key := "money_back." + w.returned(p)
	w.set("Amount", w.p.Money(p.Back()))
	w.title(key + ".subject")
	w.greet()
	w.say(key + ".intro")
	w.say(key + ".next")
	w.button("order")
	w.car("order")
	if p.AtDesk() {
		w.dealer()
	}
	return nil
}

func (w *writer) returned(p *payment.Payment) string {
	switch {
	case p.Means == payment.ByTransfer:
		return "transfer"
	case !p.Card():
		return "desk"
	case p.State == payment.Voided:
		return "released"
	}
	return "card"
}

// secondPayment tells that a payment too many is back; the order goes on.
func secondPayment(w *writer) error {
	p := w.payment(func(p *payment.Payment) bool { return p.Card() && p.Seq() == w.Seq })
	if p == nil {
		return errNoPayment
	}
	way := w.returned(p)
	w.set("Amount", w.p.Money(p.Amount))
	said := "second_payment." + way
	if p.ReturnReason == "too_much" {
		said = "too_much"
	}
	w.title(said + ".subject")
	w.greet()
	w.say(said + ".intro")
	w.say("money_back."+way+".next", "second_payment.next")
	w.button("order")
	w.car("order")
	w.leave()
	w.dealer()
	return nil
}

// refundFailed tells honestly that money did not land, and how it comes instead.
func refundFailed(w *writer) error {
	p := w.payment(func(p *payment.Payment) bool { return p.Card() && p.Seq() == w.Seq })
	if p == nil {
		return errNoPayment
	}
	return w.didNotLand(p.Back())
}

// didNotLand is the letter about money that went back and came to nobody.
func (w *writer) didNotLand(m money.Money) error {
	w.set("Amount", w.p.Money(m))
	w.title("refund_failed.subject")
	w.greet()
	w.say("refund_failed.intro")
	w.say("refund_failed.next")
	w.button("order")
	w.car("order")
	w.dealer()
	return nil
}

// renew asks the buyer for a new reservation before the old one ends.
func renew(w *writer) error {
	w.title("renew.subject")
	w.greet()
	w.say("renew.intro")
	w.say("renew.next")
	w.button("order")
	w.reservedCar()
	w.leave()
	return nil
}
