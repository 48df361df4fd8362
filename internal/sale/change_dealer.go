package sale

import (
	"context"
	"fmt"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// Faults of changing the dealer. Each leaves everything as it was.
var (
	ErrCarThere = fault.New(fault.Conflict, "move.car_there", "sale.AskDealer") // the car is on its way to the dealer, or stands there
	ErrNotMoved = fault.New(fault.Conflict, "move.not_now", "sale.AskDealer")   // no dealer has it yet, or all is over
	ErrWish     = fault.New(fault.Invalid, "wish.day", "sale.Wish")
)

// MayAsk tells whether a dealer may be asked to take an order over: it is another one than has it, and has not said no
// or nothing about this order before. One that had it and let it go may be asked again.
func MayAsk(o *ordering.Order, d id.Dealer, entries []*allocation.Entry, asked []*ordering.Request) bool {
	if d == o.Dealer {
		return false
	}
	for _, e := range entries {
		if e.Dealer == d && (e.State == allocation.Declined || e.State == allocation.Expired) {
			return false
		}
	}
	for _, r := range asked {
		if r.To == d && (r.State == ordering.RequestDeclined || r.State == ordering.RequestExpired) {
			return false
		}
	}
	return true
}

// AskDealerTx asks another dealer to take an accepted order over. The dealer who has it keeps it until the other says
// yes: the order is never in two queues and never in none. ErrCarThere and ErrNotMoved say that it is too late or too early,
// ordering.ErrAskedOnce that another question waits for its answer.
func (s *Service) AskDealerTx(ctx context.Context, tx *db.Tx, key id.Order, d id.Dealer) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	if err := s.mayMoveToTx(tx, o, d); err != nil {
		return err
	}
	// The buyer's consent to this dealer is part of asking.
	if err := agreeTx(tx, o, d); err != nil {
		return err
	}
	return s.AskTx(ctx, tx, o, &ordering.Request{Kind: ordering.AskDealer, To: d})
}

// mayMoveToTx tells whether an order can be put to another dealer now, whoever wants it.
func (s *Service) mayMoveToTx(tx *db.Tx, o *ordering.Order, d id.Dealer) error {
	if err := mayMove(o); err != nil {
		return err
	}
	if _, err := s.DealerIn(shopOf(o), d); err != nil {
		return err
	}
	es, err := allocation.Of(tx.DB, o.ID)
	if err != nil {
		return err
	}
	rs, err := ordering.RequestsOf(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if !MayAsk(o, d, es, rs) {
		return ErrDealer
	}
	return nil
}

// agreeTx writes down that the buyer agrees to a dealer, once.
func agreeTx(tx *db.Tx, o *ordering.Order, d id.Dealer) error {
	agreed, err := ordering.Agreed(tx.DB, o.ID)
	if err != nil || contains(agreed, d) {
		return err
	}
	return ordering.AgreeDealerTx(tx, o, len(agreed), d)
}

func mayMove(o *ordering.Order) error {
	switch {
	case o.MayPassOn():
		return nil
	case o.State.WithDealer():
		return ErrCarThere
	}
	return ErrNotMoved
}

// TakeOverTx is the yes of a dealer who was asked. In one transaction the first dealer's entry ends and the other's
// begins, the order stays where it stands, and what the two owe one another is in the ledger.
func (s *Service) TakeOverTx(ctx context.Context, tx *db.Tx, staff Staff, number string) error {
	// 1. The question is this dealer's, has no answer yet, and the order is where it was when it was put.
	o, r, err := LockAskedTx(tx, staff, ordering.AskDealer, number)
	if err != nil {
		return err
	}
	old, err := s.stillWith(tx, staff, o, r)
	if err != nil {
		return err
	}
	if err := ordering.AnswerTx(tx, r, ordering.RequestAccepted, string(staff.User), ""); err != nil {
		return err
	}
	// 2. One entry ends, the next begins: the first dealer sees nothing of the order from here on.
	if err := relieveTx(tx, staff, o, r, old); err != nil {
		return err
	}
	before := *o
	if err := ordering.MoveTx(ctx, tx, o, ordering.PassOn, staff.Actor(), fmt.Sprintf("%s %s", r.From, r.To), ordering.Change{Dealer: staff.Dealer}); err != nil {
		return err
	}
	// 3. What hung on the first dealer: a booked slot, money in its till, the contract where it was the seller.
	if err := network.ReleaseTx(tx, o.ID); err != nil {
		return err
	}
	swap := payment.DealerChange{From: before.Dealer, To: o.Dealer, SellerFrom: SellerOf(&before), SellerTo: SellerOf(o), DealerHolds: SaleOf(o).DealerHolds}
	if err := payment.PostDealerChangeTx(tx, o.ID, o.Currency, swap, fmt.Sprint(r.Seq)); err != nil {
		return err
	}
	if err := s.ConfirmTx(tx, o); err != nil {
		return err
	}
	// 4. Everybody hears of it.
	if err := s.TellBuyerTx(ctx, tx, o, "moved", r.Seq); err != nil {
		return err
	}
	if err := s.TellTx(ctx, tx, o, "dealer", "dealer_moved", r.Seq); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "order.take_over", o, o.State, string(before.Dealer))
}

// stillWith is the entry of the dealer whom the order is to leave. It is refused when the order has moved since, or
// may not come to this dealer.
func (s *Service) stillWith(tx *db.Tx, staff Staff, o *ordering.Order, r *ordering.Request) (*allocation.Entry, error) {
	if err := mayMove(o); err != nil {
		return nil, err
	}
	if _, err := s.DealerIn(shopOf(o), staff.Dealer); err != nil {
		return nil, err
	}
	old, err := allocation.LiveOf(tx.DB, o.ID)
	if err != nil {
		return nil, err
	}
	if old == nil || old.Dealer != r.From || old.State != allocation.Accepted {
		return nil, ordering.ErrMoved
	}
	return old, nil
}

// relieveTx ends one dealer's entry and accepts the order for the other.
func relieveTx(tx *db.Tx, staff Staff, o *ordering.Order, r *ordering.Request, old *allocation.Entry) error {
	by, why := "buyer", allocation.ByBuyer(staff.Dealer)
	if r.Ordered() {
		by, why = allocation.Office, allocation.ByOffice(staff.Dealer)
	}
	if err := allocation.MoveTx(tx, old, allocation.Withdrawn, by, allocation.PassedOn); err != nil {
		return err
	}
	e := &allocation.Entry{Order: o.ID, Brand: o.Brand, Market: o.Market, Flow: o.Flow, Dealer: staff.Dealer, DueAt: r.DueAt, Why: why}
	if err := allocation.OfferTx(tx, e); err != nil {
		return err
	}
	return allocation.MoveTx(tx, e, allocation.Accepted, string(staff.User), "")
}

// LeaveOverTx is the no of a dealer who was asked, with a reason that the buyer reads. The order stays where it is.
func (s *Service) LeaveOverTx(ctx context.Context, tx *db.Tx, staff Staff, number, reason string) error {
	if !allocation.IsDeclineReason(reason) {
		return allocation.ErrReason
	}
	o, r, err := LockAskedTx(tx, staff, ordering.AskDealer, number)
	if err != nil {
		return err
	}
	if err := s.RefusedTx(ctx, tx, o, r, ordering.RequestDeclined, string(staff.User), reason); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "order.not_taken_over", o, o.State, reason)
}
