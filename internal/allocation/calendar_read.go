package allocation

import (
	"fmt"
	"time"

	"forecourt/internal/id"

	"gorm.io/gorm"
)

// Appointed is something that happens at a site at a time: a booked handover, the end of a stage, or of the time to answer
// an offer. It names no person.
type Appointed struct {
	Kind     string // "handover", "answer" or "stage"
	Number   string
	Model    string
	Version  string
	VIN      string
	State    string    // of the order
	StartsAt time.Time // of a handover that is done: when it was
	EndsAt   time.Time
	Over     bool      // the handover is done
	Stamp    time.Time // of its last change
}

// MostAppointed bounds a calendar: more than any site has before it.
const MostAppointed = 1_000

// CalendarOf lists what a dealer has before it in some flows, and the handovers since an instant; and when any of it last changed.
func CalendarOf(g *gorm.DB, d id.Dealer, flows []id.Flow, since time.Time) ([]Appointed, time.Time, error) {
	args := map[string]any{"dealer": d, "flows": commas(flows), "since": since, "most": MostAppointed}
	var out []Appointed
	err := g.Raw(`SELECT * FROM (
		SELECT 'handover' AS kind, o.number, o.snapshot ->> 'model_name' AS model, o.snapshot ->> 'version' AS version, coalesce(o.vin, '') AS vin, o.state,
				CASE a.state WHEN 'done' THEN coalesce(o.handed_over_at, a.starts_at) ELSE a.starts_at END AS starts_at,
				CASE a.state WHEN 'done' THEN coalesce(o.handed_over_at, a.starts_at) + (a.ends_at - a.starts_at) ELSE a.ends_at END AS ends_at, a.state = 'done' AS over,
				greatest(a.created_at, o.handed_over_at) AS stamp
			FROM appointments a JOIN orders o ON o.id = a.order_id AND o.flow = ANY(string_to_array(@flows, ',')) WHERE a.dealer = @dealer AND a.state <> 'released' AND a.starts_at > @since
		UNION ALL
		SELECT CASE q.state WHEN 'offered' THEN 'answer' ELSE 'stage' END, o.number, o.snapshot ->> 'model_name', o.snapshot ->> 'version', CASE q.state WHEN 'offered' THEN '' ELSE coalesce(o.vin, '') END, o.state,
				CASE q.state WHEN 'offered' THEN q.due_at ELSE q.stage_due_at END - interval '30 minutes', CASE q.state WHEN 'offered' THEN q.due_at ELSE q.stage_due_at END, false, coalesce(q.stage_at, q.answered_at, q.clock_from, q.offered_at)
			FROM queue_entries q JOIN orders o ON o.id = q.order_id
			WHERE q.dealer = @dealer AND q.flow = ANY(string_to_array(@flows, ',')) AND (q.state = 'offered' OR q.state = 'accepted' AND q.stage_due_at IS NOT NULL AND o.state <> 'ready')) x
		ORDER BY starts_at, number, kind LIMIT @most`, args).Scan(&out).Error
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("allocation: calendar: %w", err)
	}
	var r struct{ At *time.Time }
	// What is no more in the list changed it too: an answer, an end, a booking that was moved.
	err = g.Raw(`SELECT greatest((SELECT max(greatest(coalesce(closed_at, answered_at, offered_at), stage_at, offered_at)) FROM queue_entries WHERE dealer = @dealer AND flow = ANY(string_to_array(@flows, ',')) AND (state IN ('offered', 'accepted') OR coalesce(closed_at, answered_at) > @since)),
		(SELECT max(created_at) FROM appointments WHERE dealer = @dealer AND starts_at > @since)) AS at`, args).Scan(&r).Error
	if err != nil || r.At == nil {
		return out, time.Time{}, err
	}
	return out, *r.At, nil
}
