package usedcar

import (
	"context"
	"errors"
	"sync"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
	"forecourt/internal/usedcars/intake"
	"forecourt/internal/world"

	"github.com/riverqueue/river"
)

// Faults of this flow.
var (
	ErrNoFull  = fault.New(fault.Invalid, "checkout.full_refused", "usedcar")
	ErrChanged = fault.New(fault.Invalid, "checkout.price_changed", "usedcar")
)

// Flow is the flow of used cars, for pages that are about nothing else.
const Flow = id.FlowUsed

// Service is a sale of used cars.
type Service struct {
	*sale.Service
	Shelf  *usedcars.Shelf
	Past   Past            // nil where no register is connected
	Valuer usedcars.Valuer // of buyers' own cars

	once  sync.Once
	words *intake.Lexicon
}

// New adds the flow to a sale.
func New(s *sale.Service, shelf *usedcars.Shelf) *Service {
	u := &Service{Service: s, Shelf: shelf, Valuer: usedcars.SimulatedValuer{}}
	s.Sell(sale.Flow{ID: id.FlowUsed, OneDealer: true, Vehicle: true, Preparation: ordering.PreparationItems, HandoverChecks: ordering.HandoverItems, Step: u.stepTx, Facts: u.facts, Booked: u.soldTx, Accepted: u.standTx, Ended: u.freeTx,
		HandedOver: u.goneTx, Undone: u.stayTx, TakenBack: u.backTx, Sweep: u.sweep})
	return u
}

// sweep works off what passed by itself: holds, cars that were not sent or did not come, values of own cars, old reports.
func (s *Service) sweep(ctx context.Context) error {
	return errors.Join(s.sweepHolds(ctx), s.sweepTransfers(ctx), s.sweepOffers(ctx), s.sweepPasts(ctx))
}

// Register adds this flow's workers.
func (s *Service) Register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[offerArgs]) error { return s.mailOffer(ctx, j.Args.Offer) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[lateArgs]) error { return s.tellLate(ctx, j.Args) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[noteArgs]) error { return s.note(ctx, j.Args.Hold) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[stockArgs]) error { return s.workStock(ctx, j.Args.File) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[pastArgs]) error { return s.look(ctx, j.Args) }))
}

// Terms are a market's terms of used cars on a day; sale.ErrClosed where it sells none.
func (s *Service) Terms(m id.Market, now time.Time) (*market.Market, market.Used, market.FlowTerms, error) {
	mk, err := s.Market(m)
	if err != nil {
		return nil, market.Used{}, market.FlowTerms{}, err
	}
	day := world.Today(mk, now)
	u, ok := mk.UsedAt(day)
	t, sold := mk.TermsAt(id.FlowUsed, day)
	if !ok || !sold {
		return nil, u, t, sale.ErrClosed
	}
	return mk, u, t, nil
}

// token is the secret of a hold's link: made from its key, written nowhere.
func (s *Service) token(h id.Hold) string { return s.Tokens.Of("hold", string(h)) }

// TokenOf is the secret of a hold's link, for who has just made it.
func (s *Service) TokenOf(h id.Hold) string { return s.token(h) }

// HoldOf reads the hold of a secret link.
func (s *Service) HoldOf(ctx context.Context, shop sale.Shop, token string) (*usedcars.Hold, error) {
	return usedcars.HoldBy(s.DB.Read(ctx), shop.Brand, shop.Market, ordering.HashToken(token))
}

// lockTx locks the car of a hold, then the hold: what both say then is true until the end of the transaction.
func (s *Service) lockTx(tx *db.Tx, shop sale.Shop, token string) (*usedcars.Car, *usedcars.Hold, error) {
	h, err := usedcars.HoldBy(tx.DB, shop.Brand, shop.Market, ordering.HashToken(token))
	if err != nil {
		return nil, nil, err
	}
	c, err := usedcars.LockTx(tx, h.Car)
	if err != nil {
		return nil, nil, err
	}
	h, err = usedcars.LockHoldTx(tx, h.ID)
	return c, h, err
}
