package sale

import (
	"sort"
	"time"

	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/money"
)

// LeaveRule names the rule under which an order is left; words for it are order.leave.rule.<rule>.
type LeaveRule string

// The rules, in the order of an order's life.
const (
	LeaveUnpaid    LeaveRule = "unpaid"    // nothing was paid
	LeaveReserved  LeaveRule = "reserved"  // the card's reservation is released, nothing was taken
	LeaveCancel    LeaveRule = "cancel"    // before the handover all comes back
	LeaveWithdraw  LeaveRule = "withdraw"  // after it, while the period lasts
	LeaveReturning LeaveRule = "returning" // withdrawn: the car is on its way back
	LeaveReturned  LeaveRule = "returned"  // the car is back
	LeaveOver      LeaveRule = "over"      // the period is over, or the order ended
)

// Way is how a payment comes back.
type Way string

// The ways. Money that never came to the card bank is given back by a person: what a dealer took by that dealer, by the
// means it was paid with, what came by transfer by a transfer.
const (
	WayCard     Way = "card"
	WayRelease  Way = "release"
	WayTransfer Way = "transfer"
	WayDealer   Way = "dealer"
)

// Part is what becomes of one payment.
type Part struct {
	Payment *payment.Payment
	Way     Way
	Back    money.Money
	Kept    money.Money
}

// Worn is what the dealer finds on a car that comes back.
type Worn struct {
	DrivenKm    int   // since the handover
	DamageMinor int64 // what its damage takes off the value
}

// Refund is what comes back to a buyer who leaves. It is shown, and it is what is paid: pages and letters read it,
// and the steps that end an order return each part of it and nothing else.
type Refund struct {
	Rule     LeaveRule
	Back     money.Money // was taken, comes back
	Released money.Money // was only reserved
	Kept     money.Money // use and damage together, capped
	Use      money.Money
	Damage   money.Money
	By       market.Date // last day for Back; empty when none is owed or it depends on the car's return
	Until    market.Date // last day of the right to withdraw; empty before the handover
	BringBy  market.Date // last day to bring the car back
	// AfterCar: the seller may wait for the car, so By is not earlier than the day it is back.
	AfterCar bool
	// FromCar: the days count from the car's return, so By is a guess until it is back (market.FromReturned).
	FromCar bool
	Parts   []Part
}

// Can tells whether the buyer can leave now.
func (r Refund) Can() bool {
	return r.Rule == LeaveUnpaid || r.Rule == LeaveReserved || r.Rule == LeaveCancel || r.Rule == LeaveWithdraw
}

// Sum is all that the buyer has again after it.
func (r Refund) Sum() money.Money { return r.Back.Add(r.Released) }

// RefundOf is what an order's buyer gets back by leaving at an instant: a pure function of the order, its payments,
// the market's rules on the day of the contract, and, once the car is back, of how it is. left is nil while the order was not
// left; a car that is not back yet counts as one that was only tried out.
func RefundOf(o *ordering.Order, ps []*payment.Payment, mk *market.Market, now time.Time, left *ordering.Leaving, w Worn) Refund {
	terms := mk.LeavingAt(market.DateOf(o.CreatedAt.In(mk.Zone())))
	today := market.DateOf(now.In(mk.Zone()))
	r := Refund{Back: money.Of(0, o.Currency), Released: money.Of(0, o.Currency), Kept: money.Of(0, o.Currency), Use: money.Of(0, o.Currency), Damage: money.Of(0, o.Currency)}
	r.sum(ps)
	if !o.HandedOverAt.IsZero() {
		r.Until = mk.LeaveUntil(o.HandedOverAt, o.Snapshot.LeaveDays, terms)
	}
	switch {
	case o.State.CanCancel():
		r.beforeHandover(today, mk)
	case o.State == ordering.HandedOver && o.Snapshot.LeaveDays > 0 && today <= r.Until:
		r.Rule = LeaveWithdraw
		r.keep(terms, o.TotalMinor, w)
		r.withdrawn(mk, terms, today, "")
	case o.State == ordering.Returning && left != nil:
		r.Rule = LeaveReturning
		r.keep(terms, o.TotalMinor, w)
		r.withdrawn(mk, terms, market.DateOf(left.ToldAt.In(mk.Zone())), today)
	default:
		r = Refund{Rule: LeaveOver, Back: money.Of(0, o.Currency), Released: money.Of(0, o.Currency), Kept: money.Of(0, o.Currency), Until: r.Until}
		if o.State == ordering.Returned {
			r.Rule = LeaveReturned
		}
	}
	return r
}

// Foreseen is what leaving will give back once the deposit of an order that is not placed yet is reserved, and once
// it is taken.
func Foreseen(deposit money.Money, mk *market.Market, now time.Time) (reserved, taken Refund) {
	of := func(s ordering.State, p payment.State) Refund {
		return RefundOf(&ordering.Order{State: s, Currency: deposit.Currency, CreatedAt: now},
			[]*payment.Payment{{Purpose: payment.ForDeposit, Means: payment.ByCard, State: p, Amount: deposit}}, mk, now, nil, Worn{})
	}
	return of(ordering.Offered, payment.Authorised), of(ordering.Accepted, payment.Captured)
}

// sum lists the payments that count. One that goes back already, as a second one, is no part of leaving.
func (r *Refund) sum(ps []*payment.Payment) {
	for _, p := range ps {
		part := Part{Payment: p, Back: p.Left(), Kept: money.Of(0, p.Amount.Currency), Way: WayCard}
		switch {
		case p.Left().IsZero():
			continue // all of it went back, part by part
		case p.State == payment.Authorised:
			part.Way = WayRelease
			r.Released = r.Released.Add(p.Amount)
		case p.State != payment.Captured && p.State != payment.Capturing:
			continue
		case p.AtDesk():
			part.Way = WayDealer
		case !p.Card():
			part.Way = WayTransfer
		}
		if part.Way != WayRelease {
			r.Back = r.Back.Add(p.Left())
		}
		r.Parts = append(r.Parts, part)
	}
}

func (r *Refund) beforeHandover(today market.Date, mk *market.Market) {
	switch {
	case r.Back.Minor > 0:
		r.Rule, r.By = LeaveCancel, today.Plus(mk.RefundDays)
	case r.Released.Minor > 0:
		r.Rule = LeaveReserved
	default:
		r.Rule = LeaveUnpaid
	}
}

// keep takes what use and damage cost off what comes back: first off what the dealer holds, then off the newest
// card payment, so that as few cards as possible see two amounts.
func (r *Refund) keep(terms market.Leaving, price int64, w Worn) {
	c := r.Back.Currency
	kept := min(terms.KeptMinor(price, int64(w.DrivenKm), w.DamageMinor), r.Back.Minor)
	r.Use, r.Damage, r.Kept = money.Of(terms.UseMinor(price, int64(w.DrivenKm)), c), money.Of(w.DamageMinor, c), money.Of(kept, c)
	r.Back = r.Back.Sub(r.Kept)
	order := make([]int, len(r.Parts))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool {
		x, y := r.Parts[order[a]], r.Parts[order[b]]
		if (x.Way == WayDealer) != (y.Way == WayDealer) {
			return x.Way == WayDealer
		}
		return order[a] > order[b]
	})
	for _, i := range order {
		p := &r.Parts[i]
		if p.Way == WayRelease {
			continue
		}
		take := min(kept, p.Back.Minor)
		p.Kept, p.Back, kept = money.Of(take, c), money.Of(p.Back.Minor-take, c), kept-take
	}
}

// withdrawn sets the days of a withdrawal that was told on a day; back is the day on which the car is there, empty
// when it is not known.
func (r *Refund) withdrawn(mk *market.Market, terms market.Leaving, told, back market.Date) {
	r.AfterCar, r.FromCar = true, terms.RefundFrom == market.FromReturned
	r.BringBy = told.Plus(bringDays)
	r.By = told.Plus(mk.RefundDays)
	switch {
	case terms.RefundFrom == market.FromReturned && back == "":
		r.By = ""
	case terms.RefundFrom == market.FromReturned:
		r.By = back.Plus(mk.RefundDays)
	case back > r.By:
		r.By = back
	}
}

// bringDays are the days in which a buyer who withdrew brings the car back (Directive 2011/83, art. 14; CCR 2013,
// reg. 35).
const bringDays = 14

// ForeseenReturn is what giving back so many days after a handover would bring: RefundOf itself, over a contract of now, paid
// in full. Days and kilometres beyond what the rules allow for answer LeaveOver, or what is kept at most.
func ForeseenReturn(price money.Money, mk *market.Market, now time.Time, days int, w Worn) Refund {
	o := &ordering.Order{State: ordering.HandedOver, Currency: price.Currency, TotalMinor: price.Minor, CreatedAt: now, HandedOverAt: now, Snapshot: ordering.Snapshot{LeaveDays: mk.WithdrawalDays}}
	paid := []*payment.Payment{{Purpose: payment.ForBalance, Means: payment.ByCard, State: payment.Captured, Amount: price}}
	return RefundOf(o, paid, mk, now.AddDate(0, 0, days), nil, w)
}
