package storefront

import (
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"
)

// Stage is a line of the timeline. Mark is done, now, gone or empty for what is to come.
type Stage struct {
	Mark  string
	Label string
	Note  string
}

// timeline tells the way of the order: what was, with its date, what is, and what comes.
func timeline(b web.Base, o *openOrder) []Stage {
	at := map[ordering.State]time.Time{}
	for _, s := range o.history {
		if _, seen := at[s.To]; !seen || s.To == ordering.Offered {
			at[s.To] = s.At
		}
		if s.Event == ordering.Undo {
			delete(at, ordering.HandedOver) // it did not happen; the next one does
		}
	}
	out := []Stage{{Mark: "done", Label: b.T("order.stage.placed"), Note: b.DateTime(o.CreatedAt)}}
	if o.State == ordering.Checkout {
		out[0].Mark, out[0].Label = "now", b.T("order.stage.checkout")
	}
	way := o.Steps()
	reached := len(way)
	for i, s := range way {
		if s == o.State || s == ordering.Offered && o.State == ordering.Choosing {
			reached = i
		}
	}
	for i, s := range way {
		when, done := at[s]
		if !done && (o.State == ordering.Cancelled || o.State == ordering.Lapsed || i < reached && o.State != ordering.Checkout) {
			continue
		}
		out = append(out, stage(b, o, s, i, reached, when))
	}
	if o.State == ordering.Returning || o.State == ordering.Returned {
		return append(out, comingBack(b, o, at)...)
	}
	if o.State == ordering.Cancelled || o.State == ordering.Lapsed {
		out = append(out, Stage{Mark: "gone", Label: b.T("order.stage." + string(o.State)), Note: b.DateTime(at[o.State])})
	}
	return out
}

// comingBack are the steps of a car whose buyer withdrew.
func comingBack(b web.Base, o *openOrder, at map[ordering.State]time.Time) []Stage {
	told := Stage{Mark: "done", Label: b.T("order.stage.withdrawn"), Note: b.DateTime(at[ordering.Returning])}
	back := Stage{Mark: "now", Label: b.T("order.stage.returning")}
	if o.State == ordering.Returned {
		back = Stage{Mark: "gone", Label: b.T("order.stage.returned"), Note: b.DateTime(at[ordering.Returned])}
	}
	return []Stage{told, back}
}

func stage(b web.Base, o *openOrder, s ordering.State, i, reached int, when time.Time) Stage {
	out := Stage{Label: b.T("order.stage." + string(s))}
	if _, taken := o.first(); taken && s == ordering.Offered {
		out.Label = b.T("order.stage.offered_taken")
	}
	if !when.IsZero() {
		out.Note = b.DateTime(when)
	}
	switch {
	case s == ordering.HandedOver && o.State == s:
		out.Mark = "done"
	case i == reached && o.State != ordering.Checkout:
		out.Mark = "now"
	case !when.IsZero() && i < reached:
		out.Mark = "done"
	}
	switch {
	case s == ordering.InTransit && o.VIN != "" && !when.IsZero():
		out.Note = b.T("order.stage_vin", "When", out.Note, "VIN", o.VIN)
	case s == ordering.HandedOver && o.appointment != nil && o.State == ordering.Ready:
		out.Note = b.DateTime(o.appointment.StartsAt)
	}
	return out
}

// MoneyStep is one payment in plain words.
type MoneyStep struct {
	Text   string
	When   string
	Amount money.Money
	Struck bool            // it never was: a slip that was put right
	Kept   string          // what of it stays with the seller; empty when nothing does
	Lines  []web.StoryLine // step by step
}

// moneyStory tells each payment and what became of it.
func moneyStory(b web.Base, o *openOrder) []MoneyStep {
	var out []MoneyStep
	for _, p := range o.payments {
		key := "pay.state." + string(p.State)
		if p.Card() && p.ReturnReason == "second_payment" {
			key = "pay.second." + string(p.State)
		} else if p.Card() && p.ReturnReason == "too_much" {
			key = "pay.too_much." + string(p.State)
		} else if p.Card() && p.Purpose != payment.ForDeposit {
			key = "pay.balance." + string(p.State)
		} else if p.Means == payment.ByTransfer {
			key = "pay.transfer." + string(p.State)
		} else if !p.Card() {
			key = "pay.desk." + string(p.State)
		}
		if !b.P.Has(key) {
			key = "pay.state." + string(p.State)
		}
		out = append(out, MoneyStep{Text: b.T(key, "Means", b.T("pay.means."+string(p.Means))), When: b.DateTime(p.UpdatedAt), Amount: p.Amount, Struck: p.State == payment.Struck, Kept: kept(b, p), Lines: b.StoryOf(p, o.said, o.shop.now)})
	}
	for _, g := range o.goodwill {
		out = append(out, MoneyStep{Text: b.T("order.goodwill"), When: b.DateTime(g.At), Amount: g.Amount})
	}
	return out
}

// kept says that only a part of a payment comes back.
func kept(b web.Base, p *payment.Payment) string {
	if p.KeptMinor == 0 {
		return ""
	}
	return b.T("story.kept", "Kept", b.Money(money.Of(p.KeptMinor, p.Amount.Currency)), "Back", b.Money(p.Back()))
}

// owed is what is left to pay, before the handover or, of what was let open, after it: a deposit that is only reserved counts as paid.
func (o *openOrder) owed() money.Money {
	left := money.Of(0, o.Currency)
	if !o.State.TakesMoney() && o.State != ordering.Offered && o.State != ordering.Choosing {
		return left
	}
	return money.Of(payment.Owed(o.TotalMinor, o.paid.Minor, o.payments)-o.exchange.Pending(), o.Currency)
}
