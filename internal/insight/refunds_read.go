package insight

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

// RefundDue is money that a buyer who left is still owed, without personal data. Days are the market's, "2026-12-08";
// DueOn is empty while the car is not back and its return begins the count.
type RefundDue struct {
	Number     string
	Market     id.Market
	Dealer     id.Dealer
	State      string
	Currency   money.Currency
	TotalMinor int64
	OwedMinor  int64 // of what was taken, in all
	LeftMinor  int64 // of it, not back yet
	AddedMinor int64 // by law, because it came late; not paid to the buyer yet
	ToldAt     time.Time
	BringBy    string
	DueOn      string
	AlarmOn    string
	Settled    bool // all is back, only what the law added is not
	Disputed   bool // the card bank holds the money while it decides: no refund is possible
}

// Refunds lists what buyers who left are owed in some markets, the nearest day first.
func Refunds(g *gorm.DB, places []Place, limit int) ([]RefundDue, error) {
	if len(places) == 0 {
		return nil, nil
	}
	var out []RefundDue
	err := g.Raw(`SELECT o.number, o.market, o.dealer, o.state, o.currency, o.total_minor, l.owed_minor, l.told_at, coalesce(l.bring_by::text, '') AS bring_by,
			coalesce(l.due_on::text, '') AS due_on, coalesce(l.alarm_on::text, '') AS alarm_on, l.settled_at IS NOT NULL AS settled, o.id IN (SELECT d.order_id FROM open_disputes d WHERE d.taken) AS disputed,
			CASE WHEN l.interest_paid_at IS NULL THEN l.interest_minor ELSE 0 END AS added_minor,
			CASE WHEN o.state = 'returning' THEN l.owed_minor ELSE coalesce((SELECT sum(greatest(0, p.amount_minor - p.kept_minor - p.lost_minor - p.part_minor)) FROM payments p WHERE p.order_id = o.id AND p.state = 'returning'), 0) END AS left_minor
		FROM leavings l JOIN orders o ON o.id = l.order_id
		WHERE l.market IN ? AND l.owed_minor > 0 AND (l.settled_at IS NULL OR l.interest_minor > 0 AND l.interest_paid_at IS NULL)
		ORDER BY l.due_on NULLS LAST, l.told_at LIMIT ?`, marketsOf(places), limit).Scan(&out).Error
	return out, err
}

// OpenRest is money that the buyer of a car still owes, which its dealer let open. DueOn is the promised day of the
// market, "2026-12-08".
type OpenRest struct {
	Number    string
	Market    id.Market
	Dealer    id.Dealer
	Currency  money.Currency
	OwedMinor int64
	Reason    string
	DueOn     string
}

// OpenRests lists what is open of cars that were handed over in some markets, the nearest day first.
func OpenRests(g *gorm.DB, places []Place, limit int) ([]OpenRest, error) {
	if len(places) == 0 {
		return nil, nil
	}
	var out []OpenRest
	err := g.Raw(`SELECT * FROM (SELECT DISTINCT ON (d.order_id) o.number, o.market, o.dealer, o.currency, d.reason, d.due_on::text AS due_on,
			o.total_minor - coalesce((SELECT p.paid_minor FROM order_paid p WHERE p.order_id = o.id), 0) AS owed_minor
		FROM deferrals d JOIN orders o ON o.id = d.order_id AND o.state = 'handed_over'
		WHERE d.market IN ? ORDER BY d.order_id, d.seq DESC) x
		WHERE owed_minor > 0 ORDER BY due_on, number LIMIT ?`, marketsOf(places), limit).Scan(&out).Error
	return out, err
}
