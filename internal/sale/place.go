package sale

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
)

// Placed is the result of pressing "order with obligation to pay".
type Placed struct {
	Order   id.Order
	Payment id.Payment // empty when the order has been paid for: show it instead
	Link    string     // token of the order's tracking link
}

// Purchase is an order about to be placed: priced, in state checkout, its buyer known.
type Purchase struct {
	Order *ordering.Order
	Named []id.Dealer // whom its buyer named, the chosen one first; none when the rule chooses
	First money.Money // what the card pays now: the deposit, the whole price, or nothing: then a dealer is asked at once
}

// PlaceTx writes an order with the texts its buyer accepted, the link that opens it and an open card payment. It reserves
// no goods: the flow does, in the same transaction. ErrNoneNear means that the rule would find no dealer.
func (s *Service) PlaceTx(ctx context.Context, tx *db.Tx, b Purchase) (Placed, error) {
	o := b.Order
	if err := s.someNearTx(tx, o); err != nil {
		return Placed{}, err
	}
	if err := ordering.CreateTx(ctx, tx, o, b.Named); err != nil {
		return Placed{}, err
	}
	if err := s.acceptTextsTx(tx, o); err != nil {
		return Placed{}, err
	}
	link, err := ordering.AddLinkTx(tx, s.Tokens, o.ID)
	if err != nil {
		return Placed{}, err
	}
	if b.First.IsZero() {
		return Placed{Order: o.ID, Link: s.Tokens.Link(link)}, s.firstOfferTx(ctx, tx, o, time.Time{})
	}
	// The payment's key exists before the card bank hears of it.
	p := &payment.Payment{Order: o.ID, Market: o.Market, Purpose: payment.ForDeposit, Account: s.Gateway.Account(),
		Manual: !o.Snapshot.TakenNow, Amount: b.First, SessionEnds: o.DueAt.Add(prolongations(o) * ProlongBy(o)), DueAt: o.DueAt.Add(settleGrace)}
	if err := payment.OpenTx(tx, p); err != nil {
		return Placed{}, err
	}
	return Placed{Order: o.ID, Payment: p.ID, Link: s.Tokens.Link(link)}, nil
}

// MayPayFull tells whether the terms of the order's day let a buyer pay the whole price at once.
func (s *Service) MayPayFull(o *ordering.Order) bool {
	mk, err := s.Market(o.Market)
	if err != nil {
		return false
	}
	t, ok := mk.TermsAt(o.Flow, market.Date(o.Snapshot.TermsDay))
	return ok && t.FullPayment
}

// settleGrace is waited after the end of the time to pay before the sweep asks for its outcome.
const settleGrace = time.Minute

// PlacedBeforeTx answers what an order says that was placed from the same draft; done is false when it lapsed and a new one
// may be placed. ErrUnsettled means that it ended a moment ago: settle its payment and ask again.
func (s *Service) PlacedBeforeTx(tx *db.Tx, key id.Order) (placed Placed, done bool, err error) {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return Placed{}, false, err
	}
	link, err := ordering.FirstLink(tx.DB, o.ID)
	if err != nil {
		return Placed{}, false, err
	}
	placed = Placed{Order: o.ID, Link: s.Tokens.Link(link)}
	switch o.State {
	case ordering.Lapsed, ordering.Cancelled:
		return Placed{}, false, nil
	case ordering.Checkout:
		p, err := payment.OpenOf(tx.DB, o.ID, payment.ForDeposit)
		if err != nil {
			return Placed{}, false, err
		}
		if !tx.Now.Before(o.DueAt) {
			return Placed{Payment: p.ID}, true, ErrUnsettled
		}
		placed.Payment = p.ID
	}
	return placed, true, nil
}
