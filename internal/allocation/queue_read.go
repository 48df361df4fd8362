package allocation

import (
	"fmt"
	"time"

	"forecourt/internal/id"

	"gorm.io/gorm"
)

// Tab is a part of the queue.
type Tab string

// The tabs. All is every order that needs somebody now; three of them cut it by when, the others by what.
const (
	All       Tab = ""
	Late      Tab = "overdue" // its time has passed
	Today     Tab = "today"   // its time is still to come, today
	Tomorrow  Tab = "tomorrow"
	Answer    Tab = "answer"
	Work      Tab = "work"
	Handovers Tab = "handovers"
	Snoozed   Tab = "snoozed" // put aside for a while; the tab All leaves them out
	Closed    Tab = "done"
)

// Tabs lists them as people see them.
var Tabs = []Tab{All, Late, Today, Tomorrow, Answer, Handovers, Work, Snoozed, Closed}

// PageRows is how many rows a page of the queue has.
const PageRows = 50

// Ask is what a reader wants to see of a dealer's queue. Words find by order number, plate, end of the VIN,
// pickup code, model, and the name of an accepted buyer; in the whole queue, or inside a tab.
type Ask struct {
	Dealer id.Dealer
	User   id.User // whose views are read along; none when empty
	Flow   id.Flow
	Tab    Tab
	Words  string
	Page   int // from one; zero is the first
	Rows   int // a page; PageRows when zero
	Now    time.Time
	Zone   *time.Location // of the site: where its days begin
}

// Found is a page of a queue. Total counts the rows on all pages, Counts those of each tab.
type Found struct {
	Rows   []Row
	Total  int
	Page   int // the one that was read: the last one when fewer are left than asked for
	Counts Counts
	Views  []View
	Seen   Moment // what a page of this gives to Hear
}

// Pages is how many pages there are, one at least.
func (f Found) Pages(rows int) int { return max(1, (f.Total+rows-1)/rows) }

// Counts say how many orders each tab holds.
type Counts struct {
	Late      int
	Today     int
	Tomorrow  int
	Answer    int
	Work      int
	Handovers int
	Snoozed   int // of the others
	Closed    int
	Asked     Questions // beside offers, for QuestionsTo; they count in the tabs that show them
}

// Questions count those that wait, and of them those of each day.
type Questions struct{ All, Late, Today, Tomorrow int }

// Of gives the count of a tab.
func (c Counts) Of(t Tab) int {
	switch t {
	case Late:
		return c.Late + c.Asked.Late
	case Today:
		return c.Today + c.Asked.Today
	case Tomorrow:
		return c.Tomorrow + c.Asked.Tomorrow
	case Answer:
		return c.Answer + c.Asked.All
	case Work:
		return c.Work
	case Handovers:
		return c.Handovers
	case Snoozed:
		return c.Snoozed
	case Closed:
		return c.Closed
	}
	return c.Answer + c.Work + c.Handovers - c.Snoozed + c.Asked.All
}

// ReplyWithin is how long a buyer's message may wait before its order stands among what is late.
const ReplyWithin = 24 * time.Hour

const replyBy = `q.asked_at + interval '1 day'` // ReplyWithin

// every is the whole queue, lean: what is counted and sorted, nothing that is shown. A dealer may have thousands
// of open orders and hundreds of thousands of old ones, and a page shows fifty. What is over is
// asked for between two instants: with one alone the planner takes a third of all years for a month of them, and
// reads them all.
const every = `live AS (SELECT q.id, q.order_id, false AS owing,
		CASE WHEN q.state = 'offered' THEN 'answer' WHEN a.starts_at IS NOT NULL THEN 'handovers' ELSE 'work' END AS tab,
		CASE WHEN q.state = 'offered' THEN q.due_at WHEN a.starts_at IS NOT NULL THEN a.starts_at WHEN q.news_step > 0 THEN least(q.stage_due_at, @now)
			WHEN q.asked_at IS NOT NULL THEN least(q.stage_due_at, ` + replyBy + `) ELSE q.stage_due_at END AS due_at,
		coalesce(q.stage_at, q.answered_at, q.offered_at) AS since, coalesce(q.snoozed_until > @now, false) AS asleep
	FROM queue_entries q LEFT JOIN appointments a ON a.order_id = q.order_id AND a.dealer = q.dealer AND a.state = 'booked' AND q.state = 'accepted'
	WHERE q.dealer = @dealer AND q.flow = @flow AND q.state IN ('offered', 'accepted')),
rest AS (SELECT d.order_id, d.due_on FROM (SELECT DISTINCT ON (d.order_id) d.order_id, d.due_on FROM deferrals d ORDER BY d.order_id, d.seq DESC) d
	JOIN orders o ON o.id = d.order_id WHERE o.dealer = @dealer AND o.state = 'handed_over' AND ` + owedColumn + ` > 0),
owing AS (SELECT q.id, q.order_id, p.order_id IS NOT NULL OR v.order_id IS NOT NULL AS owing, 'work' AS tab,
		CASE WHEN r.order_id IS NOT NULL THEN r.due_on WHEN o.state = 'returning' THEN l.bring_by WHEN l.settled_at IS NULL AND l.owed_minor > 0 THEN l.due_on END + time '23:59' AS due_at,
		CASE WHEN q.state = 'done' AND o.state IN ('handed_over', 'returning') THEN ` + replyBy + ` END AS reply_by, o.updated_at AS since
	FROM orders o JOIN queue_entries q ON q.order_id = o.id AND q.dealer = o.dealer AND q.state IN ('withdrawn', 'done')
	LEFT JOIN (SELECT DISTINCT order_id FROM payments WHERE state = 'returning' AND means LIKE 'desk%') p ON p.order_id = o.id
	LEFT JOIN (SELECT order_id FROM leavings WHERE settled_at IS NOT NULL AND interest_paid_at IS NULL AND interest_minor > 0) v ON v.order_id = o.id
	LEFT JOIN leavings l ON l.order_id = o.id LEFT JOIN rest r ON r.order_id = o.id
	WHERE o.id IN (SELECT order_id FROM payments WHERE state = 'returning' AND means LIKE 'desk%'
			UNION SELECT order_id FROM leavings WHERE settled_at IS NOT NULL AND interest_paid_at IS NULL AND interest_minor > 0
			UNION SELECT id FROM orders WHERE dealer = @dealer AND state = 'returning' UNION SELECT order_id FROM rest
			UNION SELECT w.order_id FROM queue_entries w JOIN orders x ON x.id = w.order_id AND x.state IN ('handed_over', 'returning')
				WHERE w.dealer = @dealer AND w.flow = @flow AND w.state = 'done' AND w.asked_at IS NOT NULL)
		AND o.dealer = @dealer AND q.flow = @flow AND (o.state NOT IN ('returning', 'handed_over') OR q.state = 'done')),
closed AS (SELECT q.id, q.order_id, false AS owing, 'done' AS tab, NULL::timestamptz AS due_at, coalesce(q.closed_at, q.answered_at) AS since, false AS asleep
	FROM queue_entries q WHERE q.dealer = @dealer AND q.flow = @flow AND q.state NOT IN ('offered', 'accepted')
		AND coalesce(q.closed_at, q.answered_at) > @since AND coalesce(q.closed_at, q.answered_at) <= @morrow AND q.id NOT IN (SELECT id FROM owing)),
every AS MATERIALIZED (SELECT *, CASE WHEN due_at < @now THEN 'overdue' WHEN due_at < @tonight THEN 'today' WHEN due_at < @morrow THEN 'tomorrow' ELSE '' END AS day
	FROM (TABLE live UNION ALL SELECT id, order_id, owing, tab, least(due_at AT TIME ZONE @zone, reply_by), since, false FROM owing UNION ALL TABLE closed) x)`

// inTab keeps what a tab holds; words looks in everything when no tab was chosen.
const inTab = `CASE WHEN @tab = '' THEN @words <> '' OR e.tab <> 'done' AND NOT e.asleep WHEN @tab = 'snoozed' THEN e.asleep WHEN @tab IN ('overdue', 'today', 'tomorrow') THEN e.day = @tab ELSE e.tab = @tab END`

const byWords = ` JOIN orders o ON o.id = e.order_id JOIN buyers b ON b.id = o.buyer JOIN queue_entries q ON q.id = e.id LEFT JOIN configurations c ON c.code = o.configuration
	WHERE (o.number ILIKE '%' || @words || '%' OR c.model ILIKE @words || '%' OR (q.state IN ('accepted', 'done') OR e.owing) AND (b.name ILIKE '%' || @words || '%'
		OR @code <> '' AND (o.vin LIKE '%' || @code OR replace(replace(o.plate, ' ', ''), '-', '') = @code OR o.pickup_code = @code))) AND `

func queueSQL(words bool) string {
	filter := " WHERE "
	if words {
		filter = byWords
	}
	return `WITH ` + every + `,
	n AS (SELECT count(*) FILTER (WHERE day = 'overdue') AS n_overdue, count(*) FILTER (WHERE day = 'today') AS n_today, count(*) FILTER (WHERE day = 'tomorrow') AS n_tomorrow,
		count(*) FILTER (WHERE tab = 'answer') AS n_answer, count(*) FILTER (WHERE tab = 'work') AS n_work,
		count(*) FILTER (WHERE tab = 'handovers') AS n_handovers, count(*) FILTER (WHERE asleep) AS n_asleep, count(*) FILTER (WHERE tab = 'done') AS n_closed FROM every),
	asked AS (SELECT count(*) AS n_asked, count(*) FILTER (WHERE r.due_at < @now) AS n_asked_late, count(*) FILTER (WHERE r.due_at >= @now AND r.due_at < @tonight) AS n_asked_today,
		count(*) FILTER (WHERE r.due_at >= @tonight AND r.due_at < @morrow) AS n_asked_tomorrow FROM order_requests r JOIN orders o ON o.id = r.order_id AND o.flow = @flow WHERE r.to_dealer = @dealer AND r.state = 'asked'),
	hits AS MATERIALIZED (SELECT e.* FROM every e` + filter + inTab + `),
	pages AS (SELECT count(*) AS total, least(cast(@page AS bigint), greatest((count(*) - 1) / cast(@rows AS bigint), 0)) AS page FROM hits),
	page AS (SELECT h.id, row_number() OVER (ORDER BY
			CASE WHEN @tab IN ('overdue', 'today', 'tomorrow') THEN 0 ELSE array_position(ARRAY['answer', 'handovers', 'work', 'done'], h.tab) END,
			CASE WHEN h.tab <> 'done' THEN coalesce(h.due_at, h.since) END, h.since DESC, h.id) AS place
		FROM hits h)
	SELECT n.*, asked.*, pages.total, pages.page, pg_current_snapshot()::text AS seen,
		(SELECT json_agg(json_build_object('id', v.id, 'name', v.name, 'tab', v.tab, 'words', v.words) ORDER BY lower(v.name)) FROM saved_views v WHERE v.user_id::text = @user) AS views, m.number IS NOT NULL AS found, m.* FROM n CROSS JOIN asked CROSS JOIN pages
	LEFT JOIN page p ON p.place > pages.page * @rows AND p.place <= (pages.page + 1) * @rows
	LEFT JOIN LATERAL (` + mine + ` AND q.id = p.id) m ON true ORDER BY p.place`
}

var queueAll, queueByWords = queueSQL(false), queueSQL(true)

type queueRow struct {
	NOverdue, NToday, NTomorrow         int
	NAnswer, NWork, NHandovers, NClosed int
	NAsked, NAskedLate, NAskedToday     int
	NAskedTomorrow, NAsleep             int
	Total, Page                         int
	Seen                                Moment
	Views                               []byte
	Found                               bool
	Row                                 `gorm:"embedded"`
}

// QueueOf reads a page of a dealer's queue with the counts of all tabs: offers first by the end of their time,
// then handovers by their start, then work by the day it is due or since when it waits. The tabs of a day go by
// time alone.
func QueueOf(g *gorm.DB, a Ask) (Found, error) {
	if a.Rows == 0 {
		a.Rows = PageRows
	}
	query := queueAll
	if a.Words != "" {
		query = queueByWords
	}
	local := a.Now.In(a.Zone)
	midnight := func(days int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, 0, 0, 0, 0, a.Zone)
	}
	var rows []queueRow
	err := g.Raw(query, map[string]any{"dealer": a.Dealer, "user": a.User, "flow": a.Flow, "tab": a.Tab, "since": a.Now.AddDate(0, 0, -ClosedDays), "now": a.Now,
		"tonight": midnight(1), "morrow": midnight(2), "zone": a.Zone.String(), "words": likeWords(a.Words), "code": codeOf(a.Words), "page": max(0, a.Page-1), "rows": a.Rows}).Scan(&rows).Error
	if err != nil {
		return Found{}, fmt.Errorf("allocation: queue: %w", err)
	}
	f := Found{Page: 1, Rows: make([]Row, 0, len(rows))}
	if len(rows) > 0 {
		if err := readJSON(rows[0].Views, &f.Views); err != nil {
			return Found{}, err
		}
	}
	for _, r := range rows {
		f.Total, f.Page, f.Seen = r.Total, r.Page+1, r.Seen
		f.Counts = Counts{Late: r.NOverdue, Today: r.NToday, Tomorrow: r.NTomorrow, Answer: r.NAnswer, Work: r.NWork, Handovers: r.NHandovers, Snoozed: r.NAsleep, Closed: r.NClosed,
			Asked: Questions{All: r.NAsked, Late: r.NAskedLate, Today: r.NAskedToday, Tomorrow: r.NAskedTomorrow}}
		if r.Found {
			f.Rows = append(f.Rows, r.Row)
		}
	}
	return f, nil
}
