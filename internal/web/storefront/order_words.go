package storefront

import (
	"slices"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/sale"
	"forecourt/internal/web"
)

// back says what the way back from the card page means. Nothing of it is believed: the order tells.
func (p *OrderPage) back(o *openOrder, back string) {
	if back == "silent" {
		p.Notice, p.NoticeBad = p.T("checkout.bank_silent"), true
		return
	}
	if o.State != ordering.Checkout {
		return
	}
	switch back {
	case "paid":
		p.Asking, p.Notice = true, p.T("order.notice.asking")
	case "unpaid":
		p.Notice, p.NoticeBad = p.T("order.notice.unpaid"), true
	}
}

// done confirms what a form of this page has just done, as far as it still stands.
func (p *OrderPage) done(o *openOrder, what string) {
	switch {
	case what == "starts" && o.State == ordering.Ready && o.appointment != nil:
		p.Notice = p.T("order.notice.slot", "When", p.Date(o.appointment.StartsAt)+", "+p.Time(o.appointment.StartsAt))
	case what == "answer" && o.State == ordering.Offered && o.question != nil && !o.question.Open():
		p.Notice = p.T("order.question.done")
	case what == "longer" && o.State == ordering.Checkout:
		p.Notice = p.T("order.longer.done", "By", p.DateTime(o.DueAt))
	case what == "dealer_code" && o.handover != nil && o.handover.Confirmed != "":
		p.Notice = p.T("order.record.done")
	case what == "withdrawn" && o.leaving != nil && o.State.Sold():
		p.Notice = p.T("withdraw.done", "When", p.DateTime(o.leaving.ToldAt))
	case what == "changed" && o.State.CanCancel():
		p.Notice = p.T("change.done", "Total", p.Money(o.Total()))
	case what == "asked_car" || what == "asked_dealer":
		if o.asked() != nil {
			p.Notice = p.T("asked.done")
		}
	case what == "taken_back" && o.asked() == nil:
		p.Notice = p.T("asked.taken_back")
	case what == "move_yes" && o.asked() != nil:
		p.Notice = p.T("proposal.done.yes")
	case what == "move_no" && !o.waits():
		p.Notice = p.T("proposal.done.no")
	case what == "visit" && p.Visit != nil:
		p.Notice = p.T("order.notice.visit")
	case what == "rate" && o.rating != nil:
		p.Notice = p.T("rate.done")
	case what == "wish" && o.State.WithDealer():
		p.Notice = p.T("wish.done")
	case what == "dealer" && o.State == ordering.Offered && o.dealer != nil:
		p.Notice = p.T("order.notice.dealer", "Dealer", o.dealer.Name)
	}
}

// headline says where the order stands and what happens next, by when.
func headline(b web.Base, o *openOrder) (heading, lede string) {
	dealer := ""
	if d := o.now(); d != nil {
		dealer = d.Name
	}
	heading = b.T("order.title."+string(o.State), "Model", o.Snapshot.ModelName, "Dealer", dealer)
	first, taken := o.first()
	args := []any{"Model", o.Snapshot.ModelName, "Dealer", dealer, "Deposit", b.MoneyShort(first), "By", "",
		"From", o.Snapshot.WeeksFrom, "To", o.Snapshot.WeeksTo, "Days", o.Snapshot.LeaveDays}
	by := func(t time.Time) { args[7] = b.DateTime(t) }
	key := "order.lede." + string(o.State)
	if o.Snapshot.Stock != nil && o.State == ordering.Ordered {
		key = "order.lede.stock_ordered" // no weeks: its day is known
	}
	if o.Snapshot.WeeksTo == 0 && o.State == ordering.Accepted || o.State.WithDealer() && !b.P.Has(key) {
		key = "order.lede.in_work" // nobody waits for a factory
	}
	switch o.State {
	case ordering.Checkout, ordering.Choosing:
		by(o.DueAt)
	case ordering.Offered:
		if e := o.live(); e != nil {
			by(e.DueAt)
		}
	case ordering.Ready:
		if o.appointment != nil {
			key = "order.lede.booked"
			args[7] = b.Date(o.appointment.StartsAt) + ", " + b.Time(o.appointment.StartsAt)
		}
	case ordering.HandedOver, ordering.Returning:
		r := o.refund(sale.Worn{})
		args[7] = day(b, r.Until)
		if o.State == ordering.Returning {
			args[7] = day(b, r.BringBy)
		} else if r.Rule == sale.LeaveOver {
			key = "order.lede.kept"
		}
	}
	if taken && (o.State == ordering.Choosing || o.State == ordering.Offered) {
		return heading, b.T(key+"_taken", args...)
	}
	if o.State == ordering.Choosing {
		return heading, b.N(key, len(o.entries), args...)
	}
	return heading, b.T(key, args...)
}

// declined lists why earlier dealers could not take the order, also where that was the end of it.
func declined(b web.Base, o *openOrder) []string {
	over := o.State == ordering.Cancelled && o.CancelReason == "dealer_cannot"
	if o.State != ordering.Choosing && o.State != ordering.Offered && !over {
		return nil
	}
	var out []string
	for _, e := range o.entries {
		d, ok := o.shop.world.Dealer(e.Dealer)
		if !ok {
			continue
		}
		switch e.State {
		case allocation.Declined:
			out = append(out, b.T("order.declined", "Dealer", d.Name, "Reason", b.T("decline."+e.Reason)))
		case allocation.Expired:
			out = append(out, b.T("order.silent", "Dealer", d.Name))
		case allocation.Withdrawn:
			if slices.Contains(ordering.MoveCauses, ordering.MoveCause(e.Reason)) {
				out = append(out, b.T("move.cause."+e.Reason, "Dealer", d.Name))
			}
		}
	}
	return out
}
