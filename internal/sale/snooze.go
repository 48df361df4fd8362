package sale

import (
	"context"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// Faults of putting an order aside.
var (
	ErrSnooze     = fault.New(fault.Invalid, "queue.snooze", "sale.Snooze")
	ErrSnoozeLate = fault.New(fault.Conflict, "queue.snooze_late", "sale.Snooze") // it must be answered before that
)

// SnoozeTx puts an order aside in a site's own list: "hour", "morning" (when the site opens next on another day), "days"
// (three days on), or "now" to take it up again. Nothing else changes. An offer is never put aside beyond the last hour
// in which it can be answered.
func (s *Service) SnoozeTx(ctx context.Context, tx *db.Tx, staff Staff, number, how string) error {
	o, e, err := LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	p, err := s.askedPlace(e, tx.Now)
	if err != nil {
		return err
	}
	var until time.Time
	switch how {
	case "now":
	case "hour":
		until = tx.Now.Add(time.Hour)
	case "morning":
		until = opensAfter(p.dealer, p.market, tx.Now, 1)
	case "days":
		until = opensAfter(p.dealer, p.market, tx.Now, 3)
	default:
		return ErrSnooze
	}
	if e.State == allocation.Offered && until.After(e.DueAt.Add(-time.Hour)) {
		return ErrSnoozeLate
	}
	if err := allocation.SnoozeTx(tx, e, until); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "order.snooze", o, o.State, how)
}

// opensAfter is when a site opens first on or after the day so many days on.
func opensAfter(d *network.Dealer, m *market.Market, now time.Time, days int) time.Time {
	local := now.In(d.Zone())
	for n := days; n < days+30; n++ {
		if spans := d.SpansOn(m, time.Date(local.Year(), local.Month(), local.Day()+n, 12, 0, 0, 0, d.Zone())); len(spans) > 0 {
			return spans[0][0].UTC()
		}
	}
	return now.AddDate(0, 0, days)
}
