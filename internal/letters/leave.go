package letters

import (
	"errors"
	"time"

	"forecourt/internal/market"
	"forecourt/internal/platform/money"
)

var errNoLeaving = errors.New("nobody left this order")

// legal writes a day of law; noon is the same day in every zone of a market.
func (w *writer) legal(d string) string {
	if d == "" {
		return ""
	}
	return w.p.Date(market.Date(d).Time(time.UTC).Add(12 * time.Hour))
}

// until is the last whole day of the right to withdraw.
func (w *writer) until(handover time.Time) string {
	terms := w.Market.LeavingAt(market.DateOf(w.Order.CreatedAt.In(w.Market.Zone())))
	return w.legal(string(w.Market.LeaveUntil(handover, w.Order.Snapshot.LeaveDays, terms)))
}

// moneyBack is the sentence on when a withdrawal's money is back, by the rule of the order's market.
func (w *writer) moneyBack() string {
	if w.Market.LeavingAt(market.DateOf(w.Order.CreatedAt.In(w.Market.Zone()))).RefundFrom == market.FromReturned {
		return "leave.withdraw_money"
	}
	return "leave.withdraw_money_told"
}

// withdrawLink leads a buyer who asked for it to the order.
func withdrawLink(w *writer) error {
	w.title("withdraw_link.subject")
	w.greet()
	w.say("withdraw_link.intro")
	w.button("order")
	w.say("withdraw_link.not_you")
	w.car("order")
	return nil
}

// leaving fills in what letters about a withdrawal say.
func (w *writer) leaving() error {
	l := w.Leaving
	if l == nil {
		return errNoLeaving
	}
	m := func(minor int64) string { return w.p.Money(money.Of(minor, w.Order.Currency)) }
	w.set("When", w.when(l.ToldAt))
	w.set("Bring", w.legal(l.BringBy))
	w.set("By", w.legal(l.DueOn))
	w.set("Bought", w.day(w.Order.CreatedAt))
	w.set("Got", w.day(w.Order.HandedOverAt))
	w.set("Owed", m(l.OwedMinor))
	w.set("Kept", m(l.KeptMinor))
	w.set("Use", m(l.UseMinor))
	w.set("Damage", m(l.DamageMinor))
	w.set("Note", clean(l.DamageNote))
	return nil
}

// withdrawn is the receipt of a withdrawal: what was declared, on which day, at what time.
func withdrawn(w *writer) error {
	if err := w.leaving(); err != nil {
		return err
	}
	w.set("Name", clean(w.Buyer.Name))
	w.title("withdrawn.subject")
	w.greet()
	w.say("withdrawn.intro")
	w.say("withdrawn.said")
	w.heading("next")
	w.say("withdrawn.bring")
	w.say(w.due("withdrawn"))
	w.button("order")
	w.car("order")
	w.dealer()
	return nil
}

// due is the sentence on the day, or on how it is counted while it is not known.
func (w *writer) due(of string) string {
	if w.Leaving.DueOn == "" {
		return of + ".after"
	}
	return of + ".by"
}

// takenBack tells what follows from the car that came back.
func takenBack(w *writer) error {
	if err := w.leaving(); err != nil {
		return err
	}
	w.set("Driven", w.p.Distance(int64(w.Leaving.DrivenKm)*1000, w.Market.Unit()))
	w.set("Day", w.day(w.Leaving.BackAt))
	w.title("taken_back.subject")
	w.greet()
	w.say("taken_back.intro")
	switch l := w.Leaving; {
	case l.KeptMinor == 0:
		w.say("taken_back.nothing_kept")
	case l.DamageNote != "":
		w.say("taken_back.kept", "taken_back.damage")
	default:
		w.say("taken_back.kept")
	}
	w.heading("money")
	w.returns()
	w.button("order")
	w.car("order")
	w.dealer()
	return nil
}

func dealerWithdrawn(w *writer) error {
	if err := w.leaving(); err != nil {
		return err
	}
	w.title("dealer_withdrawn.subject")
	w.say("dealer_withdrawn.intro")
	w.say("dealer_withdrawn.next")
	w.button("dealer_order")
	w.car("the_order")
	return nil
}

func dealerRefundDue(w *writer) error {
	if err := w.leaving(); err != nil {
		return err
	}
	w.title("dealer_refund_due.subject")
	w.say("dealer_refund_due.intro")
	if len(w.Market.LeavingAt(market.Date(w.Leaving.DueOn)).Late.Steps) > 0 {
		w.say("dealer_refund_due.law")
	}
	w.say("dealer_refund_due.next")
	w.button("dealer_order")
	w.car("the_order")
	return nil
}

// changed tells that the order has another car.
func changed(w *writer) error {
	w.title("changed.subject")
	w.greet()
	w.say("changed.intro")
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

func dealerChanged(w *writer) error {
	w.title("dealer_changed.subject")
	w.say("dealer_changed.intro")
	w.button("dealer_order")
	w.car("the_order")
	return nil
}
