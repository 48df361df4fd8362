package newcar

import (
	"context"

	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/stock"

	"github.com/riverqueue/river"
)

// Faults of this flow.
var (
	ErrNoBuyer      = fault.New(fault.Invalid, "checkout.details_missing", "newcar")
	ErrPriceChanged = fault.New(fault.Invalid, "checkout.price_changed", "newcar")
	ErrNoFull       = fault.New(fault.Invalid, "checkout.full_refused", "newcar")
	ErrVIN          = fault.New(fault.Invalid, "order.vin_invalid", "newcar")
)

// Service is a sale of new cars.
type Service struct{ *sale.Service }

// mostKm is what a new car may have driven at its handover: to the dealer and in a test.
const mostKm = 2000

// New adds the flow to a sale.
func New(s *sale.Service) *Service {
	n := &Service{s}
	s.Sell(sale.Flow{ID: id.FlowNew, Vehicle: true, MostKm: mostKm, Preparation: ordering.PreparationItems, HandoverChecks: ordering.HandoverItems, Step: n.AdvanceTx, Accepted: n.skipFactoryTx, Sweep: n.sweepCars,
		Ended:      func(tx *db.Tx, o *ordering.Order) error { return stock.ReleaseTx(tx, o.ID) },
		HandedOver: func(tx *db.Tx, o *ordering.Order) error { return stock.GoneTx(tx, o.ID) },
		Undone:     func(tx *db.Tx, o *ordering.Order) error { return stock.StayTx(tx, o.ID) },
		TakenBack:  func(tx *db.Tx, o *ordering.Order) error { return stock.BackTx(tx, o.ID, o.Dealer) },
	})
	return n
}

// Register adds this flow's workers and gives its periodic jobs, beside those of every sale.
func (s *Service) Register(w *river.Workers) []*river.PeriodicJob {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[importArgs]) error { return s.workImport(ctx, j.Args.Import) }))
	return []*river.PeriodicJob{s.registerPool(w)}
}

// SoldBy tells whether a dealer sells new cars of a brand.
func SoldBy(d *network.Dealer, b id.Brand) bool { return d.TakesPart(b, id.FlowNew) }

// AnyAllowed tells whether a buyer may leave the choice of the dealer to the market's rule today. A car that exists
// stands somewhere: a dealer is named for it.
func (s *Service) AnyAllowed(m id.Market, car id.StockCar) bool {
	return car == "" && s.AnyDealer(m, id.FlowNew)
}
