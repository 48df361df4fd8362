package allocation

import (
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// This file answers for people who work at several sites. The sites are always those of the reader and
// part of the question: an order of another dealer is not found by its number.

// Site is where an order stands, and of which flow it is.
type Site struct {
	Dealer id.Dealer
	Flow   id.Flow
}

// SiteOf tells at which of the sites an order stands, or stood last; false when it was at none of them.
func SiteOf(g *gorm.DB, sites []id.Dealer, number string) (Site, bool, error) {
	var at Site
	ok, err := db.One(g, &at, `SELECT q.dealer, q.flow FROM queue_entries q JOIN orders o ON o.id = q.order_id
		WHERE o.number = ? AND q.dealer = ANY(string_to_array(?, ',')) ORDER BY q.round DESC LIMIT 1`, number, commas(sites))
	return at, ok, err
}

// SiteCounts say how much waits at a site.
type SiteCounts struct {
	Dealer id.Dealer
	Counts
	Late  int       // offers whose time is over, and handovers of a day that is over
	First time.Time // when the next offer must be answered; zero when none waits
}

// GroupRow is a line of the queue with its site.
type GroupRow struct {
	Dealer id.Dealer
	Row
}

// groupQueue is the queue of several sites in one statement: the sentence of one site, asked for all.
var groupQueue = strings.Replace(strings.Replace(mine, "SELECT o.number", "SELECT q.dealer, o.number", 1), "q.dealer = @dealer", "q.dealer = ANY(string_to_array(@dealers, ',')) AND q.flow = @flow", 1)

// groupRows bounds the list; each site's own queue has the rest.
const groupRows = 50

// GroupQueue reads what needs somebody at any of the sites, most urgent first, with each site's counts.
// Every site is answered for, also one where nothing waits.
func GroupQueue(g *gorm.DB, sites []id.Dealer, f id.Flow, now time.Time) ([]GroupRow, []SiteCounts, error) {
	args := map[string]any{"dealers": commas(sites), "flow": f, "now": now, "n": groupRows}
	var counts []struct {
		Dealer                  id.Dealer
		Answer, Work, Handovers int
		Late                    int
		First                   *time.Time
	}
	err := g.Raw(`SELECT s AS dealer, count(*) FILTER (WHERE m.tab = 'answer') AS answer, count(*) FILTER (WHERE m.tab = 'work') AS work,
			count(*) FILTER (WHERE m.tab = 'handovers') AS handovers, min(m.due_at) FILTER (WHERE m.tab = 'answer') AS first,
			count(*) FILTER (WHERE m.tab = 'answer' AND m.due_at <= @now OR m.tab = 'handovers' AND m.ends_at <= @now) AS late
		FROM unnest(string_to_array(@dealers, ',')) s LEFT JOIN (`+groupQueue+`) m ON m.dealer = s AND m.tab <> 'done' GROUP BY s ORDER BY s`, args).Scan(&counts).Error
	if err != nil {
		return nil, nil, fmt.Errorf("allocation: group counts: %w", err)
	}
	out := make([]SiteCounts, len(counts))
	for i, c := range counts {
		out[i] = SiteCounts{Dealer: c.Dealer, Counts: Counts{Answer: c.Answer, Work: c.Work, Handovers: c.Handovers}, Late: c.Late}
		out[i].First = db.OrZero(c.First)
	}
	var rows []struct {
		Dealer id.Dealer
		Row    `gorm:"embedded"`
	}
	err = g.Raw(`SELECT * FROM (`+groupQueue+`) m WHERE m.tab <> 'done'
		ORDER BY array_position(ARRAY['answer', 'handovers', 'work'], m.tab),
			CASE m.tab WHEN 'answer' THEN m.due_at WHEN 'handovers' THEN m.starts_at ELSE m.since END, m.number LIMIT @n`, args).Scan(&rows).Error
	if err != nil {
		return nil, nil, fmt.Errorf("allocation: group queue: %w", err)
	}
	all := make([]GroupRow, len(rows))
	for i, r := range rows {
		all[i] = GroupRow{r.Dealer, r.Row}
	}
	return all, out, nil
}

func commas[T ~string](codes []T) string {
	var b strings.Builder
	for i, s := range codes {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(string(s))
	}
	return b.String()
}

// FlowAt is how many orders of a flow a dealer has to answer or works on.
type FlowAt struct {
	Flow id.Flow
	Open int
}

// FlowsAt are the flows of which a dealer ever had an order. The order by state leads the planner to the index: a flow that a very
// large dealer never had would else be looked for in all its rows.
func FlowsAt(g *gorm.DB, d id.Dealer) ([]FlowAt, error) {
	var out []FlowAt
	err := g.Raw(`SELECT f.code AS flow, (SELECT count(*) FROM queue_entries q WHERE q.dealer = @dealer AND q.flow = f.code AND q.state IN ('offered', 'accepted')) AS open
		FROM flows f WHERE (SELECT true FROM queue_entries q WHERE q.dealer = @dealer AND q.flow = f.code ORDER BY q.state LIMIT 1)`, map[string]any{"dealer": d}).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("allocation: flows: %w", err)
	}
	return out, nil
}

// OpenAt counts the orders of a brand's flow that a dealer has to answer, and those that it has accepted and
// not handed over.
func OpenAt(g *gorm.DB, d id.Dealer, b id.Brand, f id.Flow) (offered, accepted int, err error) {
	var r struct{ Offered, Accepted int }
	_, err = db.One(g, &r, `SELECT count(*) FILTER (WHERE state = 'offered') AS offered, count(*) FILTER (WHERE state = 'accepted') AS accepted
		FROM queue_entries WHERE dealer = ? AND brand = ? AND flow = ? AND state IN ('offered', 'accepted')`, d, b, f)
	return r.Offered, r.Accepted, err
}
