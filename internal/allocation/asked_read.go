package allocation

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Question is something that a dealer is asked beside offers: to take an order over, or to change the car of one it has.
type Question struct {
	Number     string
	Kind       string // "dealer" or "car"
	Model      string
	Version    string
	OrderState string
	DueAt      time.Time
}

// QuestionsTo lists what a dealer is asked, most urgent first. Who asks is not read.
func QuestionsTo(g *gorm.DB, d id.Dealer, f id.Flow) ([]Question, error) {
	var out []Question
	err := g.Raw(`SELECT o.number, r.kind, o.snapshot ->> 'model_name' AS model, o.snapshot ->> 'version' AS version, o.state AS order_state, r.due_at
		FROM order_requests r JOIN orders o ON o.id = r.order_id WHERE r.to_dealer = ? AND r.state = 'asked' AND o.flow = ? ORDER BY r.due_at, o.number LIMIT 100`, d, f).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("allocation: questions: %w", err)
	}
	return out, nil
}

// putToDealer leaves out what the office ordered and no buyer said yes to: nobody was asked about it.
const putToDealer = `(r.ordered_by = '' OR r.agreed_at IS NOT NULL)`

// AskedSite is, of some sites, the one that is asked to take an order over; the last that was when none is asked now.
func AskedSite(g *gorm.DB, sites []id.Dealer, number string) (Site, bool, error) {
	var at Site
	ok, err := db.One(g, &at, `SELECT r.to_dealer AS dealer, o.flow FROM order_requests r JOIN orders o ON o.id = r.order_id
		WHERE o.number = ? AND r.kind = 'dealer' AND `+putToDealer+` AND r.to_dealer = ANY(string_to_array(?, ',')) ORDER BY (r.state = 'asked') DESC, r.seq DESC LIMIT 1`, number, commas(sites))
	return at, ok, err
}

// AskedView is an order as a dealer sees it that is asked to take it over: the car, the price and the area of the buyer.
type AskedView struct {
	Row      `gorm:"embedded"`
	From     id.Dealer // who has it
	Snapshot json.RawMessage
	PaidHere int64  // paid so far, in minor units
	Cause    string // why the office ordered it; empty for the buyer's own wish
}

// AskedAt reads an order that a dealer is asked to take over; others do not exist for it. One whose question has its
// answer is ErrGone.
func AskedAt(g *gorm.DB, d id.Dealer, number string) (*AskedView, error) {
	var v AskedView
	ok, err := db.One(g, &v, `SELECT o.number, o.brand, o.flow, o.state AS order_state, r.state AS entry_state, o.currency, o.total_minor, o.deposit_minor, `+carColumns+`,
		coalesce(c.stock ->> 'number', '') AS stock_car, coalesce(c.stock ->> 'stage', '') AS stock_stage,
		CASE WHEN c.stock ->> 'dealer' = r.to_dealer THEN c.stock ->> 'ready_on' ELSE c.stock ->> 'moved_on' END::date AS stock_day,
		r.from_dealer AS "from", r.cause, r.asked_at AS offered_at, r.due_at, o.snapshot, coalesce((SELECT m.paid_minor FROM order_paid m WHERE m.order_id = o.id), 0) AS paid_here,
		coalesce(substring(upper(b.postcode) FROM '^[A-Z]{1,2}|^[0-9]{3}'), '') AS area
		FROM order_requests r JOIN orders o ON o.id = r.order_id JOIN buyers b ON b.id = o.buyer
		CROSS JOIN LATERAL jsonb_to_record(o.snapshot) c (model_name text, version text, engine text, colour text, body text, paint_hex text,
			finish text, wheels text, rails boolean, two_tone boolean, trim text, stock jsonb)
		WHERE r.to_dealer = ? AND r.kind = 'dealer' AND `+putToDealer+` AND o.number = ? ORDER BY r.seq DESC LIMIT 1`, d, number)
	if err != nil {
		return nil, fmt.Errorf("allocation: asked: %w", err)
	}
	if !ok {
		return nil, ErrNeverAsked
	}
	if v.EntryState != "asked" {
		return nil, ErrGone
	}
	return &v, nil
}
