package sitecalendar

import (
	"context"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"
)

// Service holds what the use case needs.
type Service struct {
	DB    *db.DB
	World *world.Keeper
}

// change is one change of a site's calendar.
type change struct {
	action string
	check  func(today market.Date) error
	write  func(tx *db.Tx, today market.Date) error
}

// SavePlanTx writes hours, skills and bays from a day on.
func (s *Service) SavePlanTx(ctx context.Context, tx *db.Tx, by identity.User, d id.Dealer, p network.Plan) error {
	return s.applyTx(ctx, tx, by, d, change{"site.plan", p.Check, func(tx *db.Tx, _ market.Date) error { return network.SavePlanTx(tx, d, p, by.Actor()) }})
}

// DropPlanTx takes a plan away that has not begun.
func (s *Service) DropPlanTx(ctx context.Context, tx *db.Tx, by identity.User, d id.Dealer, from market.Date) error {
	return s.applyTx(ctx, tx, by, d, change{"site.plan_dropped", nil, func(tx *db.Tx, today market.Date) error {
		return there(network.DropPlanTx(tx, d, from, today))
	}})
}

// SaveDayTx says how one day differs.
func (s *Service) SaveDayTx(ctx context.Context, tx *db.Tx, by identity.User, d id.Dealer, x network.Day) error {
	return s.applyTx(ctx, tx, by, d, change{"site.day", x.Check, func(tx *db.Tx, _ market.Date) error { return network.SaveDayTx(tx, d, x, by.Actor()) }})
}

// DropDayTx makes a day like others again.
func (s *Service) DropDayTx(ctx context.Context, tx *db.Tx, by identity.User, d id.Dealer, day market.Date) error {
	return s.applyTx(ctx, tx, by, d, change{"site.day_dropped", nil, func(tx *db.Tx, today market.Date) error {
		return there(network.DropDayTx(tx, d, day, today))
	}})
}

// plain is a calendar without what people typed into it: the audit holds no words that might name somebody.
func plain(c network.Calendar) network.Calendar {
	out := network.Calendar{Plans: c.Plans}
	for _, x := range c.Days {
		x.Reason = ""
		out.Days = append(out.Days, x)
	}
	return out
}

func there(ok bool, err error) error {
	if err == nil && !ok {
		return network.ErrNoDay
	}
	return err
}

// applyTx makes one change: (1) the right at this very site, (2) bookings wait, (3) the change, (4) every booked
// handover still fits, or nothing happened, (5) the audit, (6) word to all instances.
func (s *Service) applyTx(ctx context.Context, tx *db.Tx, by identity.User, d id.Dealer, c change) error {
	if !by.MayAt(identity.DealerSite, d) {
		return identity.ErrGrant
	}
	w := s.World.Now()
	site, ok := w.FileOf(d)
	if !ok {
		return network.ErrNoDay
	}
	m, ok := w.Market(site.Market)
	if !ok {
		return world.ErrNoShop
	}
	today := market.DateOf(tx.Now.In(site.Zone()))
	if c.check != nil {
		if err := c.check(today); err != nil {
			return err
		}
	}
	if err := network.LockSiteTx(tx, d); err != nil {
		return err
	}
	before, err := network.CalendarTx(tx, d)
	if err != nil {
		return err
	}
	if err := c.write(tx, today); err != nil {
		return err
	}
	after, err := network.CalendarTx(tx, d)
	if err != nil {
		return err
	}
	booked, err := network.BookedTx(tx, d, tx.Now)
	if err != nil {
		return err
	}
	old, fresh := site.With(before.Plans, before.Days, tx.Now), site.With(after.Plans, after.Days, tx.Now)
	for _, a := range booked {
		if old.Fits(m, a) && !fresh.Fits(m, a) {
			return network.ErrBooked
		}
	}
	if err := audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: c.action, Subject: "dealer:" + string(d), Market: string(site.Market), Old: plain(before), New: plain(after)}); err != nil {
		return err
	}
	return world.TouchTx(tx)
}
