package allocation

import (
	"fmt"
	"time"

	"forecourt/internal/id"

	"gorm.io/gorm"
)

// Scored is how forecasts came true. A forecast is scored when its range ends: the car is ready, or the last day is over. Of
// each order and stage the first one counts; an order that was left before is no forecast's fault and counts for none.
type Scored struct {
	Stage     string // in which it was made; empty for all
	Odds      int    // in how many of a hundred cases it should hold
	Forecasts int
	Held      int // the day was inside the range
	Early     int // before it
	Late      int // after it, or not yet
}

// HeldPct is the share that held, in hundredths; false without any.
func (s Scored) HeldPct() (int, bool) { return pct(s.Held, s.Forecasts) }

// LeastScored is how many forecasts must have ended before a share is said to buyers: of fewer it means little.
const LeastScored = 20

// ScoredDays is how far back forecasts are scored.
const ScoredDays = 365

// ByOdds sums scores over the stages, in the order of the odds.
func ByOdds(all []Scored) []Scored {
	var out []Scored
	for _, s := range all {
		s.Stage = ""
		if n := len(out); n > 0 && out[n-1].Odds == s.Odds {
			x := &out[n-1]
			x.Forecasts, x.Held, x.Early, x.Late = x.Forecasts+s.Forecasts, x.Held+s.Held, x.Early+s.Early, x.Late+s.Late
			continue
		}
		out = append(out, s)
	}
	return out
}

// ScoresOf scores the forecasts of a market that ended since an instant, by odds and stage.
func ScoresOf(g *gorm.DB, m id.Market, since, now time.Time, zone *time.Location) ([]Scored, error) {
	var out []Scored
	err := g.Raw(`WITH first AS (SELECT DISTINCT ON (f.order_id, f.state) f.order_id, f.state, f.made_at, f.ready_from, f.ready_to, f.odds_pct FROM forecasts f
			WHERE f.market = @market AND f.state <> 'ready' AND f.made_at > CAST(@since AS timestamptz) - interval '500 days' ORDER BY f.order_id, f.state, f.id),
		seen AS (SELECT f.*,
			(SELECT (h.at AT TIME ZONE @zone)::date FROM order_history h WHERE h.order_id = f.order_id AND h.event = 'release' AND h.at > f.made_at ORDER BY h.seq LIMIT 1) AS ready,
			(SELECT (h.at AT TIME ZONE @zone)::date FROM order_history h WHERE h.order_id = f.order_id AND h.to_state IN ('cancelled', 'lapsed') ORDER BY h.seq LIMIT 1) AS left_on
			FROM first f)
		SELECT state AS stage, odds_pct AS odds, count(*) AS forecasts, count(*) FILTER (WHERE ready BETWEEN ready_from AND ready_to) AS held,
			count(*) FILTER (WHERE ready < ready_from) AS early, count(*) FILTER (WHERE ready IS NULL OR ready > ready_to) AS late
		FROM seen WHERE (ready IS NOT NULL OR ready_to < (CAST(@now AS timestamptz) AT TIME ZONE @zone)::date) AND (ready IS NOT NULL OR left_on IS NULL OR left_on > ready_to)
			AND least(ready, ready_to) >= (CAST(@since AS timestamptz) AT TIME ZONE @zone)::date
		GROUP BY 1, 2 ORDER BY odds, array_position(ARRAY['accepted', 'ordered', 'built', 'in_transit', 'arrived', 'prepared'], state)`,
		map[string]any{"market": m, "since": since, "now": now, "zone": zone.String()}).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("allocation: scores: %w", err)
	}
	return out, nil
}
