package workshop

import (
	"context"
	"errors"
	"strings"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/vehicle"
	"forecourt/internal/world"
)

// stepTx makes a step of the way that the order's page offers: the car is ready. Its arrival says more, see ArriveTx.
func (s *Service) stepTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string, p sale.Progress) error {
	if p.Event != ordering.Release {
		return ordering.ErrMoved
	}
	return s.WayTx(ctx, tx, staff, number, p.Event, "ready", func(o *ordering.Order, e *allocation.Entry) error {
		b, err := bookingTx(tx, o)
		if err != nil {
			return err
		}
		if b.State == aftersales.Arrived { // nobody pressed that the work began
			if err := aftersales.StepTx(tx, b, aftersales.InWork); err != nil {
				return err
			}
		}
		if err := errors.Join(aftersales.EndFindingsTx(tx, b), aftersales.StepTx(tx, b, aftersales.Ready)); err != nil {
			return err
		}
		if err := ordering.MoveTx(ctx, tx, o, ordering.Release, staff.Actor(), "", ordering.Change{}); err != nil {
			return err
		}
		return s.PlanTx(tx, o, e)
	})
}

// Arrival is what a workshop reads of a car that comes.
type Arrival struct {
	VIN    string
	Plate  string
	Km     int
	Papers bool   // the registration was seen: who booked keeps this car
	Faults string // what is seen on it, in the workshop's words
}

// mostFaults is how many signs a workshop may write about what it sees.
const mostFaults = 400

// ArriveTx notes that the car is there: what it is, and what its odometer shows. A mileage that fell is kept as doubtful; whoever
// showed the papers keeps the car from now on.
func (s *Service) ArriveTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string, a Arrival) error {
	a.VIN = strings.ToUpper(strings.ReplaceAll(a.VIN, " ", ""))
	switch {
	case !vehicle.GoodVIN(a.VIN):
		return vehicle.ErrVIN
	case a.Km < 1 || a.Km > vehicle.MostKm:
		return ErrKm
	case len([]rune(a.Faults)) > mostFaults:
		return ErrFaults
	}
	return s.WayTx(ctx, tx, staff, number, ordering.Arrive, "arrived", func(o *ordering.Order, e *allocation.Entry) error {
		b, err := bookingTx(tx, o)
		if err != nil {
			return err
		}
		if err := aftersales.StepTx(tx, b, aftersales.Arrived); err != nil {
			return err
		}
		if err := s.readTx(tx, o, b, a); err != nil {
			return err
		}
		if err := ordering.MoveTx(ctx, tx, o, ordering.Arrive, staff.Actor(), strings.TrimSpace(a.Faults), ordering.Change{}); err != nil {
			return err
		}
		return s.PlanTx(tx, o, e)
	})
}

// readTx writes the car as the workshop reads it, and who keeps it.
func (s *Service) readTx(tx *db.Tx, o *ordering.Order, b *aftersales.Booking, a Arrival) error {
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	plate, ok := mk.CleanPlate(a.Plate)
	if a.Plate != "" && !ok {
		return aftersales.ErrPlate
	}
	told := b.Told
	told.VIN, told.Plate = a.VIN, plate
	today := world.Today(mk, tx.Now)
	if told.Registered == "" {
		told.Registered = today
	}
	known, err := vehicle.ByVIN(tx.DB, a.VIN)
	switch {
	case err == nil: // what the house knows of a car counts, not what its customer took it for
		told.Model, told.Title, told.Fuel, told.Registered = known.Model, known.Title, known.Fuel, known.Registered
	case !errors.Is(err, vehicle.ErrUnknown):
		return err
	}
	v := &vehicle.Vehicle{VIN: a.VIN, Market: o.Market, Brand: o.Brand, Model: told.Model, Title: told.Title, Fuel: told.Fuel, Plate: plate, Registered: told.Registered}
	if err := vehicle.RegisterTx(tx, v, today); err != nil {
		return err
	}
	if v, err = vehicle.LockTx(tx, v.ID); err != nil {
		return err
	}
	keeper, err := s.keeperTx(tx, o, v, a.Papers)
	if err != nil {
		return err
	}
	if err := vehicle.HappenedTx(tx, v, &vehicle.Event{Kind: vehicle.Read, Km: a.Km, Dealer: b.Dealer, Order: o.ID, Keeper: keeper}); err != nil {
		return err
	}
	return aftersales.SetCarTx(tx, b, told, v.ID, a.Km)
}

// keeperTx is in whose time a visit is: that of whoever showed the papers, else of whoever is known to keep the car.
func (s *Service) keeperTx(tx *db.Tx, o *ordering.Order, v *vehicle.Vehicle, papers bool) (id.Keeper, error) {
	before, err := vehicle.KeeperOf(tx.DB, v.ID)
	if err != nil {
		return "", err
	}
	if papers {
		g, err := s.GarageTx(tx, o)
		if err != nil {
			return "", err
		}
		if before == nil || before.Garage != g.ID {
			k, err := vehicle.KeepTx(tx, v.ID, g.ID, vehicle.Papers, "")
			if err != nil {
				return "", err
			}
			return k.ID, vehicle.HappenedTx(tx, v, &vehicle.Event{Kind: vehicle.NewKeeper, Order: o.ID, Keeper: k.ID})
		}
	}
	if before == nil {
		return "", nil
	}
	return before.ID, nil
}

// WorkTx notes that the work has begun: from now on the order cannot be left.
func (s *Service) WorkTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string) error {
	o, _, err := sale.LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	b, err := bookingTx(tx, o)
	if err != nil {
		return err
	}
	if err := aftersales.StepTx(tx, b, aftersales.InWork); err != nil {
		return err
	}
	return sale.AuditTx(ctx, tx, staff, "order.work", o, o.State, "")
}

// NoShowTx ends the order of a customer who did not come, once the market's rule says that he is late. What was paid goes back.
func (s *Service) NoShowTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string) error {
	o, _, err := sale.LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	b, err := bookingTx(tx, o)
	if err != nil {
		return err
	}
	_, rules, _, err := s.Terms(o.Market, tx.Now)
	if err != nil {
		return err
	}
	from := o.State
	if err := aftersales.NoShowTx(tx, b, rules); err != nil {
		return err
	}
	if err := s.EndTx(ctx, tx, o, staff.Actor(), "no_show"); err != nil {
		return err
	}
	return sale.AuditTx(ctx, tx, staff, "order.no_show", o, from, "")
}

// MoveTx gives a visit another time, by its customer or by the workshop; who says it is the actor. The order says the new time.
func (s *Service) MoveTx(ctx context.Context, tx *db.Tx, o *ordering.Order, start time.Time, actor string, late bool) error {
	b, err := bookingTx(tx, o)
	if err != nil {
		return err
	}
	if o.State != ordering.Accepted {
		return ordering.ErrMoved
	}
	mk, rules, _, err := s.Terms(o.Market, tx.Now)
	if err != nil {
		return err
	}
	site, ok := s.World.Now().Dealer(b.Dealer)
	if !ok {
		return sale.ErrDealer
	}
	if err := aftersales.MoveTx(tx, b, aftersales.Change{Site: site, Market: mk, Rules: rules, Start: start, Late: late}); err != nil {
		return err
	}
	return errors.Join(s.timeTx(ctx, tx, o, b, actor), s.freedTx(tx, b))
}

// timeTx writes the time of a booking into its order, and tells both sides.
func (s *Service) timeTx(ctx context.Context, tx *db.Tx, o *ordering.Order, b *aftersales.Booking, actor string) error {
	snap := o.Snapshot
	v := *snap.Visit
	v.StartsAt, v.EndsAt = b.StartsAt, b.EndsAt
	snap.Visit = &v
	seq, err := ordering.ChangeCarTx(ctx, tx, o, ordering.ChangedCar{Snapshot: snap, TotalMinor: o.TotalMinor, PricesOf: dayOf(o), Why: "moved to " + b.StartsAt.UTC().Format(time.RFC3339)}, actor)
	if err != nil {
		return err
	}
	e, err := allocation.LiveOf(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if e != nil {
		if err := s.PlanTx(tx, o, e); err != nil {
			return err
		}
	}
	return errors.Join(s.TellTx(ctx, tx, o, "buyer", "visit_moved", seq), s.TellTx(ctx, tx, o, "dealer", "dealer_visit_moved", seq))
}

// dayOf is the day whose prices an order has.
func dayOf(o *ordering.Order) string { return string(market.Date(o.Snapshot.TermsDay)) }

// EarlierTx takes the earlier slot that was offered to who waits for one.
func (s *Service) EarlierTx(ctx context.Context, tx *db.Tx, o *ordering.Order, key id.Wait) error {
	b, err := bookingTx(tx, o)
	if err != nil {
		return err
	}
	mk, rules, _, err := s.Terms(o.Market, tx.Now)
	if err != nil {
		return err
	}
	site, ok := s.World.Now().Dealer(b.Dealer)
	w, err := aftersales.WaitBy(tx.DB, key)
	if err != nil || !ok || w.Booking != b.ID {
		return errors.Join(err, aftersales.ErrNoWait)
	}
	if b, err = aftersales.TakeTx(tx, key, site, mk, rules); err != nil {
		return err
	}
	return errors.Join(s.timeTx(ctx, tx, o, b, "buyer"), s.freedTx(tx, b))
}

// WaitTx lets the customer of a visit wait for an earlier time, or not any more.
func (s *Service) WaitTx(tx *db.Tx, o *ordering.Order, yes bool) error {
	b, err := bookingTx(tx, o)
	if err != nil {
		return err
	}
	if !yes {
		return aftersales.LeaveTx(tx, b)
	}
	if _, err := aftersales.JoinTx(tx, b, tx.Now, b.StartsAt); err != nil {
		return err
	}
	return s.freedTx(tx, b)
}

// NotEarlierTx says no to an earlier time: it goes to the next who waits.
func (s *Service) NotEarlierTx(tx *db.Tx, o *ordering.Order, key id.Wait) error {
	b, err := bookingTx(tx, o)
	if err != nil {
		return err
	}
	if w, err := aftersales.WaitBy(tx.DB, key); err != nil || w.Booking != b.ID {
		return errors.Join(err, aftersales.ErrNoWait)
	}
	if err := aftersales.DeclineTx(tx, key); err != nil {
		return err
	}
	return s.freedTx(tx, b)
}

// MoveAtTx is MoveTx by the workshop itself.
func (s *Service) MoveAtTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string, start time.Time) error {
	o, _, err := sale.LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	if err := s.MoveTx(ctx, tx, o, start, staff.Actor(), true); err != nil {
		return err
	}
	return sale.AuditTx(ctx, tx, staff, "order.visit_moved", o, o.State, start.UTC().Format(time.RFC3339))
}
