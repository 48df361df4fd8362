package newcar

import (
	"context"
	"slices"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
	"forecourt/internal/stock"
	"forecourt/internal/world"
)

// Faults of changing an order instead of leaving it. Each leaves everything as it was.
var (
	ErrFixed     = fault.New(fault.Conflict, "change.fixed", "newcar.Change")     // at the factory, or over
	ErrExisting  = fault.New(fault.Conflict, "change.existing", "newcar.Change")  // the car exists: it is what it is
	ErrSameCar   = fault.New(fault.Invalid, "change.same", "newcar.Change")       // nothing was changed
	ErrPaidMore  = fault.New(fault.Conflict, "change.paid_more", "newcar.Change") // the car costs less than the deposit
	ErrNotBuilt  = fault.New(fault.Invalid, "change.not_built", "newcar.Change")  // no such car, or not now
	ErrChangeSum = fault.New(fault.Invalid, "change.other_price", "newcar.Change")
)

// ChangedOrder is what a change would make of an order.
type ChangedOrder struct {
	Build    configurator.Build
	Old, New money.Money
	PricesOf market.Date // the day whose prices count: the order's while all of it is still sold, else today
	Today    bool        // they are today's
	Leaves   id.StockCar // the car that exists and that the order lets go of; empty for most
	snapshot ordering.Snapshot
	model    id.Model
}

// Difference is what is to pay more; below zero it comes off what is left to pay, and what was paid beyond that goes back.
func (c ChangedOrder) Difference() money.Money { return c.New.Sub(c.Old) }

// Weeks are how long the new car takes.
func (c ChangedOrder) Weeks() (from, to int) { return c.snapshot.WeeksFrom, c.snapshot.WeeksTo }

// ChangeOf prices another car for an order: by the price list of the order's day where all of the car was sold then and
// can still be built, else by today's. now is the order's saved build. The deposit stays. It writes nothing.
func (s *Service) ChangeOf(o *ordering.Order, now *ordering.Configuration, picked configurator.Selection) (ChangedOrder, error) {
	switch {
	case o.Snapshot.Stock != nil && o.State != ordering.Offered: // a dealer has it on its way by now
		return ChangedOrder{}, ErrExisting
	case !o.CanChange():
		return ChangedOrder{}, ErrFixed
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return ChangedOrder{}, err
	}
	w, day, today := s.World.Now(), world.Today(mk, o.CreatedAt), world.Today(mk, s.DB.Clock.Now())
	rng, ok := w.Range(o.Brand, now.Model)
	if !ok {
		return ChangedOrder{}, ErrNotBuilt
	}
	// 1. It can be built now, with what is held today.
	m, err := w.Model(o.Brand, o.Market, now.Model, today)
	if err != nil {
		return ChangedOrder{}, err
	}
	full, err := m.Complete(picked)
	if err != nil || m.Check(full.Selection) != nil {
		return ChangedOrder{}, ErrNotBuilt
	}
	if configurator.Encode(full.Selection) == now.Selection {
		return ChangedOrder{}, ErrSameCar
	}
	// 2. Its price: that of the order's day, when this very car was sold then.
	c := ChangedOrder{Build: full, Old: o.Total(), PricesOf: today, Today: day != today, model: now.Model}
	if then, err := w.Unheld(o.Brand, o.Market, now.Model, day); err == nil {
		if b, err := then.Complete(full.Selection); err == nil && slices.Equal(b.Selection, full.Selection) && then.Check(b.Selection) == nil {
			c.Build, c.PricesOf, c.Today = b, day, false
		}
	}
	terms, ok := mk.TermsAt(o.Flow, day)
	if !ok {
		return ChangedOrder{}, ErrFixed
	}
	// 3. The car as sold; who sells, who holds the money, what rule pays the dealer and how long one may leave stay as they were agreed.
	snap := snapshot(mk, rng, c.Build, terms, c.PricesOf, mk.Speak(o.Locale))
	snap.Seller, snap.Holds, snap.LeaveDays = o.Snapshot.Seller, o.Snapshot.Holds, o.Snapshot.LeaveDays
	if o.Snapshot.FeeRule != "" {
		snap.FeeRule = o.Snapshot.FeeRule
	}
	snap.Quote = snap.Quote.Asking(o.DepositMinor)
	c.New, c.snapshot = snap.Quote.Total, snap
	if o.Snapshot.Stock != nil {
		c.Leaves = o.Snapshot.Stock.Number
	}
	if o.Deposit().Minor > c.New.Minor {
		return ChangedOrder{}, ErrPaidMore
	}
	return c, nil
}

// ChangeTx is the buyer's word that the order shall have another car. While no dealer has accepted it is so at once;
// after that it is a request that the dealer answers, and the order stays as it is until then. seenTotal is the total that
// the buyer saw, in minor units; with another one nothing is written and ErrChangeSum asks to look again. asked tells
// that it became a request.
func (s *Service) ChangeTx(ctx context.Context, tx *db.Tx, o *ordering.Order, picked configurator.Selection, seenTotal int64) (asked bool, err error) {
	if o, err = ordering.LockTx(tx, o.ID); err != nil {
		return false, err
	}
	now, err := ordering.ConfigurationBy(tx.DB, o.Configuration)
	if err != nil {
		return false, err
	}
	c, err := s.ChangeOf(o, now, picked)
	if err != nil {
		return false, err
	}
	if c.New.Minor != seenTotal {
		return false, ErrChangeSum
	}
	if err := s.stillBuiltTx(tx, o, c.model, c.Build.Selection); err != nil {
		return false, err
	}
	conf := &ordering.Configuration{Brand: o.Brand, Market: o.Market, Model: c.model, Selection: configurator.Encode(c.Build.Selection), Quote: c.snapshot.Quote}
	if err := ordering.SaveConfigurationTx(tx, conf); err != nil {
		return false, err
	}
	car := ordering.ChangedCar{Configuration: conf.Code, Snapshot: c.snapshot, TotalMinor: c.New.Minor, PricesOf: string(c.PricesOf)}
	if o.State != ordering.Offered {
		return true, s.AskTx(ctx, tx, o, &ordering.Request{Kind: ordering.AskCar, To: o.Dealer, FromCar: o.Configuration, Car: car})
	}
	seq, err := s.changeCarTx(ctx, tx, o, car, "buyer")
	if err != nil {
		return false, err
	}
	return false, s.TellTx(ctx, tx, o, "dealer", "dealer_changed", seq)
}

// changeCarTx makes it so: the car, its price, the step in the history and what goes back of the money at once, or
// nothing. It gives the step's number. No invoice exists before the handover, so none has to be credited.
func (s *Service) changeCarTx(ctx context.Context, tx *db.Tx, o *ordering.Order, car ordering.ChangedCar, actor string) (int, error) {
	if o.Snapshot.Stock != nil { // somebody else may have that car
		if err := stock.ReleaseTx(tx, o.ID); err != nil {
			return 0, err
		}
	}
	seq, err := ordering.ChangeCarTx(ctx, tx, o, car, actor)
	if err != nil {
		return 0, err
	}
	if err := s.ExcessTx(ctx, tx, o, payment.PartChanged); err != nil {
		return 0, err
	}
	if err := s.ReviewPagesTx(ctx, tx, o); err != nil {
		return 0, err
	}
	if o.State == ordering.Accepted { // the contract is about another car now
		if err := s.ConfirmTx(tx, o); err != nil {
			return 0, err
		}
	}
	return seq, s.TellBuyerTx(ctx, tx, o, "changed", seq)
}

// stillBuiltTx checks the car against what is held at this moment: the picture in memory may be a second old.
func (s *Service) stillBuiltTx(tx *db.Tx, o *ordering.Order, model id.Model, car configurator.Selection) error {
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	today := world.Today(mk, tx.Now)
	holds, err := world.HoldsTx(tx, o.Brand, o.Market, model, today)
	if err != nil {
		return err
	}
	m, err := s.World.Now().Unheld(o.Brand, o.Market, model, today)
	if err != nil {
		return err
	}
	if m, err = m.With(holds); err != nil {
		return err
	}
	if m.Check(car) != nil {
		return ErrNotBuilt
	}
	return nil
}
