package workshop

import (
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/world"
)

// Faults of this flow.
var (
	ErrChanged = fault.New(fault.Invalid, "checkout.price_changed", "workshop.Place")
	ErrNothing = fault.New(fault.Invalid, "service.nothing_picked", "workshop.Hold")
	ErrPay     = fault.New(fault.Invalid, "service.pay_unknown", "workshop.Place")
	ErrInWork  = fault.New(fault.Conflict, "service.in_work", "workshop.Cancel")
	ErrFaults  = fault.New(fault.Invalid, "service.faults_much", "workshop.Arrive")
	ErrKm      = fault.New(fault.Invalid, "service.km_wrong", "workshop.Arrive")
)

// Checks are what is ticked when a customer fetches his car; words are handover.<check>.
var Checks = []string{"work_explained", "keys_back"}

// Service sells what workshops do.
type Service struct {
	*sale.Service
	Book func() *aftersales.Book
}

// New adds the flow to a sale; book gives what workshops sell by now.
func New(s *sale.Service, book func() *aftersales.Book) *Service {
	w := &Service{Service: s, Book: book}
	s.Sell(sale.Flow{ID: id.FlowService, OneDealer: true, Promised: true, HandoverChecks: Checks, Facts: w.facts, Step: w.stepTx, DoneAt: doneAt,
		Ended: w.freeTx, HandedOver: w.doneTx, Undone: w.undoneTx, Sweep: w.sweep})
	return w
}

// Terms are the market's rules of workshops, and its terms of the flow, at an instant; sale.ErrClosed where work is not sold.
func (s *Service) Terms(m id.Market, now time.Time) (mk *market.Market, rules aftersales.Rules, terms market.FlowTerms, err error) {
	if mk, err = s.Market(m); err != nil {
		return nil, rules, terms, err
	}
	day := world.Today(mk, now)
	terms, ok := mk.TermsAt(id.FlowService, day)
	if rules = s.Book().RulesAt(m, day); !ok || rules.Version == "" {
		return nil, rules, terms, sale.ErrClosed
	}
	return mk, rules, terms, nil
}

// Sites are the dealers of a shop that do work.
func (s *Service) Sites(shop sale.Shop) []*network.Dealer {
	return s.World.Now().Dealers(shop.Brand, shop.Market, id.FlowService)
}

// bookingTx locks the booking of a locked order; ErrMoved for an order of another flow.
func bookingTx(tx *db.Tx, o *ordering.Order) (*aftersales.Booking, error) {
	if o.Snapshot.Visit == nil {
		return nil, ordering.ErrMoved
	}
	return aftersales.LockTx(tx, o.Snapshot.Visit.Booking)
}

// doneAt is when the work of an order is done by the workshop's calendar.
func doneAt(o *ordering.Order) time.Time { return o.Snapshot.Visit.EndsAt }
