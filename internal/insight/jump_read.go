package insight

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Passed counts what happened between two instants.
type Passed struct {
	Letters  int // sent, about orders
	Reminded int // steps of the ladder that a silent dealer saw
	Lapsed   int // offers that no dealer answered
	Holds    int // of used cars, ended
	Released int // reservations on cards
	Refunded int // that the card bank has paid out
}

// PassedIn counts for some markets what happened after an instant and until another.
func PassedIn(g *gorm.DB, markets []id.Market, from, to time.Time) (p Passed, err error) {
	if len(markets) == 0 {
		return p, nil
	}
	_, err = db.One(g, &p, `SELECT (SELECT count(*) FROM mails m JOIN orders o ON o.id = m.order_id WHERE m.sent_at > @from AND m.sent_at <= @to AND o.market IN @markets) AS letters,
		(SELECT count(*) FROM allocation_receipts r WHERE r.event IN ('remind', 'site', 'country') AND r.at > @from AND r.at <= @to AND r.market IN @markets) AS reminded,
		(SELECT count(*) FROM allocation_receipts r WHERE r.event = 'expire' AND r.at > @from AND r.at <= @to AND r.market IN @markets) AS lapsed,
		(SELECT count(*) FROM used_holds h WHERE h.ended_at > @from AND h.ended_at <= @to AND h.market IN @markets) AS holds,
		(SELECT count(*) FROM payment_history p JOIN orders o ON o.id = p.order_id WHERE p.what = 'voided' AND p.at > @from AND p.at <= @to AND o.market IN @markets) AS released,
		(SELECT count(*) FROM payment_history p JOIN orders o ON o.id = p.order_id WHERE p.what = 'refund_sent' AND p.at > @from AND p.at <= @to AND o.market IN @markets) AS refunded`,
		map[string]any{"from": from, "to": to, "markets": markets})
	return p, err
}
