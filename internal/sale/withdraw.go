package sale

import (
	"context"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/vehicle"
	"forecourt/internal/world"
)

// Faults of leaving after the handover.
var (
	ErrPeriodOver = fault.New(fault.Conflict, "withdraw.over", "sale.Withdraw")
	ErrOdometer   = fault.New(fault.Invalid, "dealer.odometer_less", "sale.TakeBack")
	ErrDamage     = fault.New(fault.Invalid, "dealer.damage_much", "sale.TakeBack")
	ErrNote       = fault.New(fault.Invalid, "dealer.damage_why", "sale.TakeBack")
)

// WithdrawTx is the buyer's word that he leaves a contract that was carried out. It counts with this transaction: the
// receipt says when. Money goes back when the car is back.
func (s *Service) WithdrawTx(ctx context.Context, tx *db.Tx, key id.Order) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	if o.State != ordering.HandedOver {
		return ordering.ErrMoved
	}
	back, err := s.refundTx(tx, o, nil, Worn{})
	if err != nil {
		return err
	}
	if back.Rule != LeaveWithdraw {
		return ErrPeriodOver
	}
	if err := ordering.MoveTx(ctx, tx, o, ordering.Withdraw, "buyer", "", ordering.Change{}); err != nil {
		return err
	}
	l := &ordering.Leaving{Order: o.ID, Market: o.Market, Currency: o.Currency, Way: ordering.ByWithdrawal, BringBy: string(back.BringBy)}
	if err := s.promise(o, l, back); err != nil {
		return err
	}
	if err := ordering.LeaveTx(tx, l); err != nil {
		return err
	}
	if err := s.endPagesTx(ctx, tx, o); err != nil { // for a rest that was let open
		return err
	}
	if err := s.TellTx(ctx, tx, o, "dealer", "dealer_withdrawn", 0); err != nil {
		return err
	}
	return s.TellBuyerTx(ctx, tx, o, "withdrawn", 0)
}

// TakeBack is what the dealer finds when the car comes back.
type TakeBack struct {
	OdometerKm  int
	DamageMinor int64
	DamageNote  string // what is damaged; the buyer reads it
}

// longestNote bounds what is written about a damage.
const longestNote = 500

// TakeBackTx ends a withdrawal: the car is the seller's again and not for sale as a new one, the sale is taken back
// in the books, what use and damage cost is kept, and every payment goes back the way it came.
func (s *Service) TakeBackTx(ctx context.Context, tx *db.Tx, staff Staff, number string, found TakeBack) error {
	o, l, err := s.lockReturningTx(tx, staff, number)
	if err != nil {
		return err
	}
	// 1. What the car is worth less, by the rule that the buyer was shown.
	start, err := allocation.HandoverOdometer(tx.DB, o.ID)
	if err != nil {
		return err
	}
	found.DamageNote = strings.TrimSpace(found.DamageNote)
	switch {
	case found.OdometerKm < start:
		return ErrOdometer
	case found.DamageMinor < 0 || found.DamageMinor > o.TotalMinor:
		return ErrDamage
	case found.DamageMinor > 0 && found.DamageNote == "" || len([]rune(found.DamageNote)) > longestNote:
		return ErrNote
	}
	back, err := s.refundTx(tx, o, l, Worn{DrivenKm: found.OdometerKm - start, DamageMinor: found.DamageMinor})
	if err != nil {
		return err
	}
	l.BackBy, l.OdometerKm, l.DrivenKm, l.DamageMinor, l.DamageNote = staff.User, found.OdometerKm, found.OdometerKm-start, found.DamageMinor, found.DamageNote
	if err := s.promise(o, l, back); err != nil {
		return err
	}
	// 2. The order ends, and with it the dealer's task; its car, if it was one of stock, stands there and is not sold as new.
	from := o.State
	if err := ordering.MoveTx(ctx, tx, o, ordering.TakeBack, staff.Actor(), "", ordering.Change{}); err != nil {
		return err
	}
	if err := ordering.TakeBackTx(tx, l); err != nil {
		return err
	}
	if err := s.goodsTx(tx, o, takenBack); err != nil {
		return err
	}
	if err := letGoTx(tx, o, vehicle.CameBack, found.OdometerKm); err != nil {
		return err
	}
	// 3. The sale is taken back in the books, then the money goes.
	if err := s.creditTx(tx, o, back); err != nil {
		return err
	}
	if err := s.returnPartsTx(ctx, tx, back, "withdrawal"); err != nil {
		return err
	}
	if back.Back.IsZero() {
		if err := ordering.SettleLeavingTx(tx, o.ID); err != nil {
			return err
		}
	}
	if err := s.TellBuyerTx(ctx, tx, o, "taken_back", 0); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "order.take_back", o, from, found.DamageNote)
}

// lockReturningTx locks an order whose car the dealer is to take back.
func (s *Service) lockReturningTx(tx *db.Tx, staff Staff, number string) (*ordering.Order, *ordering.Leaving, error) {
	tx.By = staff.Actor()
	o, err := ordering.GetForDealer(tx.DB, staff.Dealer, number)
	if err != nil {
		return nil, nil, err
	}
	if o, err = ordering.LockTx(tx, o.ID); err != nil {
		return nil, nil, err
	}
	if o.State != ordering.Returning || o.Dealer != staff.Dealer {
		return nil, nil, ordering.ErrMoved
	}
	l, err := ordering.LeavingOf(tx.DB, o.ID)
	if err == nil && l == nil {
		err = ordering.ErrNoLeaving
	}
	return o, l, err
}

// landedTx follows money of an order that was left: late sums grow by law, and the leaving is settled with the last of
// them. What came back for another reason, as a second payment, is none of its money.
func (s *Service) landedTx(_ context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
	l, err := ordering.LeavingOf(tx.DB, o.ID)
	if err != nil || l == nil || !l.SettledAt.IsZero() || l.Way == ordering.ByWithdrawal && l.BackAt.IsZero() {
		return err // before the car is back nothing of the leaving is on its way
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	if p.State == payment.Refunded && !strangeReturns[p.ReturnReason] {
		if err := s.addedByLawTx(tx, o, p, l, mk); err != nil {
			return err
		}
	}
	ps, err := payment.Of(tx.DB, o.ID)
	if err != nil {
		return err
	}
	for _, other := range ps {
		if other.State == payment.Returning && other.ID != p.ID {
			return nil
		}
	}
	return ordering.SettleLeavingTx(tx, o.ID)
}

// strangeReturns are the reasons for which money goes back that no leaving owes.
var strangeReturns = map[string]bool{"second_payment": true, "mismatch": true, "order_over": true, "too_much": true, "renewed": true}

// addedByLawTx posts what the law adds to a payment that is back too late.
func (s *Service) addedByLawTx(tx *db.Tx, o *ordering.Order, p *payment.Payment, l *ordering.Leaving, mk *market.Market) error {
	added := LateOf(l, o, p.Back().Minor, mk, world.Today(mk, tx.Now))
	if added == 0 {
		return nil
	}
	if err := s.interestTx(tx, o, p, added); err != nil {
		return err
	}
	return ordering.AddInterestTx(tx, o.ID, added)
}

// LateOf is what the law adds to so much of a leaving's money when it is back on a day, in minor units; nothing while
// it is in time. The price, which bounds it, counts in the same share.
func LateOf(l *ordering.Leaving, o *ordering.Order, sum int64, mk *market.Market, day market.Date) int64 {
	due := market.Date(l.DueOn)
	if due == "" || day <= due || l.OwedMinor <= 0 {
		return 0
	}
	share := o.TotalMinor
	if sum < l.OwedMinor {
		share = (o.TotalMinor*sum + l.OwedMinor/2) / l.OwedMinor
	}
	return mk.LeavingAt(due).Late.AddedMinor(sum, share, day.Since(due))
}

// InterestPaidTx is the dealer's word that what the law added was paid to the buyer.
func (s *Service) InterestPaidTx(ctx context.Context, tx *db.Tx, staff Staff, number string) error {
	tx.By = staff.Actor()
	o, err := ordering.GetLeft(tx.DB, staff.Dealer, number)
	if err != nil {
		return err
	}
	if o, err = ordering.LockTx(tx, o.ID); err != nil {
		return err
	}
	l, err := ordering.LeavingOf(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if l == nil {
		return ordering.ErrNoLeaving
	}
	if err := ordering.InterestPaidTx(tx, o.ID); err != nil {
		return err
	}
	if err := s.interestOutTx(tx, o, l.InterestMinor); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "payment.interest_paid", o, o.State, "")
}

// sweepRefunds tells sellers of refunds that are nearly due, once each, on each market's own day.
func (s *Service) sweepRefunds(ctx context.Context) error {
	now := s.DB.Clock.Now()
	for _, mk := range s.World.Now().Markets {
		due, err := ordering.AlarmsDue(s.DB.Read(ctx), mk.Code, string(world.Today(mk, now)), sweepBatch)
		if err != nil {
			return err
		}
		for _, key := range due {
			if err := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.alarmTx(ctx, tx, key) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) alarmTx(ctx context.Context, tx *db.Tx, key id.Order) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	fresh, err := ordering.AlarmedTx(tx, key)
	if err != nil || !fresh {
		return err
	}
	return s.TellTx(ctx, tx, o, "dealer", "dealer_refund_due", 0)
}
