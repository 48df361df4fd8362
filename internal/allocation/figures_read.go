package allocation

import (
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// took tells of an entry q whether its dealer accepted the offer: a buyer who left an accepted order does not undo that.
const took = `(q.state IN ('accepted', 'done') OR q.state = 'withdrawn' AND q.answered_by NOT IN ('buyer', 'system'))`

// answersOf counts the answers of a dealer d.code to offers since @record. It is the one source of a dealer's record, for
// the strategies and for the scorecard.
const answersOf = `SELECT count(*) FILTER (WHERE took OR q.state = 'declined') AS answered, count(*) FILTER (WHERE took) AS accepted,
			count(*) FILTER (WHERE q.state = 'expired') AS silent
			FROM queue_entries q CROSS JOIN LATERAL (SELECT ` + took + ` AS took) t
			WHERE q.dealer = d.code AND q.flow = @flow AND q.offered_at > @record`

// FillFigures reads what the strategies look at for each candidate, in one statement: counts of its own queue, and
// its handovers of late.
func FillFigures(g *gorm.DB, f id.Flow, cs []Candidate, now time.Time) error {
	at, codes := map[id.Dealer]int{}, make([]string, len(cs))
	for i, c := range cs {
		at[c.Dealer], codes[i] = i, string(c.Dealer)
	}
	var rows []struct {
		Code                                         string
		Open, HandedOver, Answered, Accepted, Silent int
		LastOffer                                    *time.Time
	}
	err := g.Raw(`SELECT d.code, r.*,
		(SELECT count(*) FROM queue_entries q WHERE q.dealer = d.code AND q.flow = @flow AND q.state IN ('offered', 'accepted')) AS open,
		(SELECT count(*) FROM orders o WHERE o.dealer = d.code AND o.flow = @flow AND o.handed_over_at > @pace) AS handed_over,
		(SELECT max(offered_at) FROM queue_entries q WHERE q.dealer = d.code AND q.flow = @flow) AS last_offer
		FROM unnest(string_to_array(@codes, ',')) d (code)
		CROSS JOIN LATERAL (`+answersOf+`) r`,
		map[string]any{"codes": strings.Join(codes, ","), "flow": f, "pace": now.AddDate(0, 0, -PaceDays), "record": now.AddDate(0, 0, -RecordDays)}).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("allocation: figures: %w", err)
	}
	for _, r := range rows {
		c := &cs[at[id.Dealer(r.Code)]]
		c.Open, c.HandedOver, c.Answered, c.Accepted, c.Silent = r.Open, r.HandedOver, r.Answered, r.Accepted, r.Silent
		c.LastOffer = db.OrZero(r.LastOffer)
	}
	return nil
}
