package sale

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// ErrNewsFresh refuses news that says nothing to a buyer who heard something a moment ago.
var ErrNewsFresh = fault.New(fault.Conflict, "queue.news_fresh", "sale.StillOnPlan")

// newsPause is the least time between two times that a dealer says "as planned".
const newsPause = 20 * time.Hour

// PlanTx writes what is promised from the state on that the order has just entered.
func (s *Service) PlanTx(tx *db.Tx, o *ordering.Order, e *allocation.Entry) error {
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	d, ok := s.World.Now().Dealer(o.Dealer)
	if !ok {
		return ErrDealer
	}
	f, err := s.flowOf(o)
	if err != nil {
		return err
	}
	route := routeOf(o)
	if f.DoneAt != nil {
		route.DoneAt = f.DoneAt(o)
	}
	return allocation.PlanTx(tx, e, string(o.State), allocation.PlanOf(mk.Promised(), route, tx.Now, d.Zone()))
}

// routeOf is the way that an order has before it.
func routeOf(o *ordering.Order) allocation.Route {
	r := allocation.Route{Here: string(o.State), Weeks: [2]int{o.Snapshot.WeeksFrom, o.Snapshot.WeeksTo}}
	if c := o.Snapshot.Stock; c != nil {
		r.CarDay = market.DateOf(c.ReadyAt(o.Dealer))
	}
	if u := o.Snapshot.Used; u != nil && u.Moved != nil {
		r.CarDay = market.Date(u.Moved.On)
	}
	behind := true
	for _, st := range o.Steps() {
		switch {
		case st == o.State:
			behind = false
		case st == ordering.Ready:
			return r
		case !behind:
			r.Left = append(r.Left, string(st))
		}
	}
	return r
}

// newsTx notes that the buyer of an accepted order heard something.
func (s *Service) newsTx(tx *db.Tx, o *ordering.Order, e *allocation.Entry) error {
	if o.State == ordering.Ready {
		return allocation.NewsTx(tx, e, time.Time{})
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	return allocation.NewsTx(tx, e, tx.Now.AddDate(0, 0, mk.Promised().NewsDays))
}

// StillOnPlanTx is a dealer's word that nothing has changed: the buyer gets it with the forecast, and the promise of
// news begins anew.
func (s *Service) StillOnPlanTx(ctx context.Context, tx *db.Tx, staff Staff, number string) error {
	o, e, err := LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	if e.State != allocation.Accepted || o.State == ordering.Ready {
		return ordering.ErrMoved
	}
	if !e.NewsAt.IsZero() && tx.Now.Before(e.NewsAt.Add(newsPause)) {
		return ErrNewsFresh
	}
	if err := s.newsTx(tx, o, e); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, "on_plan", e.NewsRound); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "order.on_plan", o, o.State, "")
}

// sweepNews acts on silences, and plans orders that an older release accepted.
func (s *Service) sweepNews(ctx context.Context, now time.Time) error {
	late, err := allocation.NewsDue(s.DB.Read(ctx), now, sweepBatch)
	for _, o := range late {
		err = errors.Join(err, s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.unheardTx(ctx, tx, o) }))
	}
	bare, e := allocation.Unplanned(s.DB.Read(ctx), sweepBatch)
	err = errors.Join(err, e)
	for _, o := range bare {
		err = errors.Join(err, s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
			o, e, err := lockAcceptedTx(tx, o)
			if err != nil || e == nil {
				return err
			}
			return s.PlanTx(tx, o, e)
		}))
	}
	return err
}

// lockAcceptedTx locks an order with its accepted entry; no entry when it has none any more.
func lockAcceptedTx(tx *db.Tx, key id.Order) (*ordering.Order, *allocation.Entry, error) {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return nil, nil, err
	}
	e, err := allocation.LiveOf(tx.DB, key)
	if err != nil || e == nil || e.State != allocation.Accepted {
		return o, nil, err
	}
	return o, e, nil
}

// unheardTx tells one more of a silence: the dealer who is silent, then the country's desk, then the buyer.
func (s *Service) unheardTx(ctx context.Context, tx *db.Tx, key id.Order) error {
	o, e, err := lockAcceptedTx(tx, key)
	if err != nil || e == nil || e.NewsDueAt.IsZero() || tx.Now.Before(e.NewsDueAt) {
		return err // there was news meanwhile
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	round, step := e.NewsRound, e.NewsStep
	if err := allocation.SilentTx(tx, e, allocation.NextAfter(mk.Promised(), step+1, tx.Now)); err != nil {
		return err
	}
	switch step {
	case allocation.NobodyTold:
		return s.TellTx(ctx, tx, o, "dealer", "dealer_silent", round)
	case allocation.DealerTold:
		return s.TellTx(ctx, tx, o, "country", "country_silent", round)
	}
	if err := s.goodwillTx(ctx, tx, mk, o, e, round); err != nil {
		return err
	}
	return s.TellBuyerTx(ctx, tx, o, "silence", round)
}
