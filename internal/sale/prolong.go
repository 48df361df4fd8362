package sale

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// Prolongations is how often a buyer may ask for more time to pay. Who reads or types slowly needs it; ten
// times is what WCAG 2.2.1 asks for.
const Prolongations = 10

// prolongations is how often the buyer of an order may. A single car that others wait for is prolonged once: the success
// criterion excepts what would take something from others.
func prolongations(o *ordering.Order) time.Duration {
	if o.Snapshot.Used != nil {
		return 1
	}
	return Prolongations
}

// ErrProlonged refuses one more.
var ErrProlonged = fault.New(fault.Conflict, "order.longer_over", "sale")

// ProlongBy is how much each asking adds. Nobody waits for a car that is not built yet; one that exists is
// kept from others meanwhile, so it gets shorter steps, not fewer.
func ProlongBy(o *ordering.Order) time.Duration {
	if o.Snapshot.Stock != nil || o.Snapshot.Used != nil {
		return 15 * time.Minute
	}
	return time.Hour
}

// ProlongationsLeft is how often an unpaid order may still be prolonged: until its card page ends for good.
func ProlongationsLeft(o *ordering.Order, p *payment.Payment) int {
	return max(0, int(p.SessionEnds.Sub(o.DueAt)/ProlongBy(o)))
}

// ProlongTx gives the buyer of an unpaid order more time. The card page is open long enough from the start
// and the order's own end decides, so nothing is asked of the bank.
func (s *Service) ProlongTx(_ context.Context, tx *db.Tx, key id.Order) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	if o.State != ordering.Checkout || !tx.Now.Before(o.DueAt) {
		return ordering.ErrMoved
	}
	p, err := payment.OpenOf(tx.DB, o.ID, payment.ForDeposit)
	if err != nil {
		return err
	}
	if ProlongationsLeft(o, p) == 0 {
		return ErrProlonged
	}
	if err := ordering.ProlongTx(tx, o, o.DueAt.Add(ProlongBy(o))); err != nil {
		return err
	}
	return payment.PostponeTx(tx, p, o.DueAt.Add(settleGrace))
}
