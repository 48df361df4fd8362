package allocation

import (
	"fmt"
	"time"

	"forecourt/internal/id"

	"gorm.io/gorm"
)

// Prepared is a car that stands at the dealer and is being made ready.
type Prepared struct {
	Number     string
	Name       string
	Model      string
	Version    string
	Colour     string
	VIN        string
	OrderState string
	Checks     string // items done, with commas
	StageAt    time.Time
	StageDueAt time.Time
}

// MostPrepared bounds the board: more cars than any workshop has in hand.
const MostPrepared = 200

// BoardOf lists what a dealer prepares of a flow, by when it should be done: all that is next to be prepared or released.
func BoardOf(g *gorm.DB, d id.Dealer, f id.Flow) ([]Prepared, error) {
	var out []Prepared
	err := g.Raw(`SELECT o.number, b.name, o.snapshot ->> 'model_name' AS model, o.snapshot ->> 'version' AS version, o.snapshot ->> 'colour' AS colour, coalesce(o.vin, '') AS vin,
		o.state AS order_state, array_to_string(o.checks, ',') AS checks, coalesce(q.stage_at, q.answered_at) AS stage_at, q.stage_due_at
		FROM orders o JOIN queue_entries q ON q.order_id = o.id AND q.dealer = o.dealer AND q.state = 'accepted' AND q.flow = ? JOIN buyers b ON b.id = o.buyer
		WHERE o.dealer = ? AND EXISTS (SELECT FROM order_edges e WHERE e.flow = o.flow AND e.from_state = o.state AND e.event IN ('prepare', 'release')) ORDER BY q.stage_due_at NULLS FIRST, o.number LIMIT ?`, f, d, MostPrepared).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("allocation: board: %w", err)
	}
	return out, nil
}
