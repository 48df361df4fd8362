package allocation

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"

	"gorm.io/gorm"
)

// CardAsk is whose scorecards are wanted, and from when on.
type CardAsk struct {
	Sites []CardSite
	Flow  id.Flow
	Since time.Time
	Now   time.Time
}

// CardSite is a dealer with the market whose holidays it keeps.
type CardSite struct {
	Dealer *network.Dealer
	Market *market.Market
}

// MostTimed bounds the answers of a dealer that a median is of; MostCases the cases on a page. The latest count.
const (
	MostTimed = 500
	MostCases = 200
)

func (a CardAsk) args() map[string]any {
	codes, zones := make([]string, len(a.Sites)), make([]string, len(a.Sites))
	for i, s := range a.Sites {
		codes[i], zones[i] = string(s.Dealer.Code), s.Dealer.Zone().String()
	}
	return map[string]any{"codes": strings.Join(codes, ","), "zones": strings.Join(zones, ","), "flow": a.Flow, "record": a.Since, "now": a.Now,
		"timed": MostTimed, "cases": MostCases}
}

// sites are the dealers asked about, with their zones.
const sites = `WITH d AS (SELECT unnest(string_to_array(@codes, ',')) AS code, unnest(string_to_array(@zones, ',')) AS zone)`

// promises are the days that a site promised and that came since @record: until when a car would be ready, as it was first
// told after the site had accepted, and the day of a booked handover. A day that was kept counts when it was so, one that
// was broken when it was over. An order that its buyer left is nobody's broken word.
const promises = `, promise AS (SELECT * FROM (
	SELECT d.code AS dealer, q.order_id, 'ready' AS kind, f.ready_to AS day, (h.at AT TIME ZONE d.zone)::date AS came, d.zone
		FROM d JOIN queue_entries q ON q.dealer = d.code AND q.flow = @flow AND q.offered_at > CAST(@record AS timestamptz) - interval '500 days' AND q.state IN ('accepted', 'done')
		CROSS JOIN LATERAL (SELECT f.ready_to FROM forecasts f WHERE f.order_id = q.order_id AND f.made_at >= q.answered_at AND f.state <> 'ready' ORDER BY f.id LIMIT 1) f
		LEFT JOIN LATERAL (SELECT h.at FROM order_history h WHERE h.order_id = q.order_id AND h.event = 'release' AND h.at >= q.answered_at ORDER BY h.seq LIMIT 1) h ON true
	UNION ALL
	SELECT d.code, a.order_id, 'handover', (a.starts_at AT TIME ZONE d.zone)::date, (h.at AT TIME ZONE d.zone)::date, d.zone
		FROM d JOIN appointments a ON a.dealer = d.code AND a.state IN ('booked', 'done') AND a.starts_at > CAST(@record AS timestamptz) - interval '60 days'
		JOIN orders o ON o.id = a.order_id AND o.flow = @flow LEFT JOIN handovers h ON h.order_id = a.order_id) p
	WHERE least(came, day) >= (CAST(@record AS timestamptz) AT TIME ZONE zone)::date AND (came <= day OR day < (CAST(@now AS timestamptz) AT TIME ZONE zone)::date))`

// ScorecardsOf reads what some dealers did since an instant, in the order in which they were asked for.
func ScorecardsOf(g *gorm.DB, a CardAsk) ([]Scorecard, error) {
	out, at := make([]Scorecard, len(a.Sites)), map[id.Dealer]int{}
	for i, s := range a.Sites {
		out[i].Dealer, at[s.Dealer.Code] = s.Dealer.Code, i
	}
	if len(out) == 0 {
		return out, nil
	}
	var rows []struct {
		Code                                                string
		Answered, Accepted, Silent, Promised, Kept, Waiting int
		Declines, Stars                                     []byte
	}
	err := g.Raw(sites+promises+`SELECT d.code, r.*,
		(SELECT count(*) FROM promise p WHERE p.dealer = d.code) AS promised,
		(SELECT count(*) FROM promise p WHERE p.dealer = d.code AND p.came <= p.day) AS kept,
		(SELECT json_agg(x ORDER BY x.count DESC, x.reason) FROM (SELECT q.reason, count(*) AS count FROM queue_entries q
			WHERE q.dealer = d.code AND q.flow = @flow AND q.offered_at > @record AND q.state = 'declined' GROUP BY 1) x) AS declines,
		(SELECT json_object_agg(x.stars, x.count) FROM (SELECT stars, count(*) AS count FROM ratings g JOIN orders o ON o.id = g.order_id
			WHERE g.dealer = d.code AND o.flow = @flow AND g.given_at > @record AND `+RatingStands+` GROUP BY 1) x) AS stars,
		(SELECT count(*) FROM (SELECT DISTINCT ON (m.figure, m.order_id) m.side FROM scorecard_remarks m WHERE m.dealer = d.code
			ORDER BY m.figure, m.order_id, m.id DESC) l WHERE l.side = 'dealer') AS waiting
		FROM d CROSS JOIN LATERAL (`+answersOf+`) r`, a.args()).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("allocation: scorecards: %w", err)
	}
	for _, r := range rows {
		s := &out[at[id.Dealer(r.Code)]]
		s.Answers = Answers{r.Answered, r.Accepted, r.Silent}
		s.Promised, s.Kept, s.Waiting = r.Promised, r.Kept, r.Waiting
		if err := s.counts(r.Declines, r.Stars); err != nil {
			return nil, fmt.Errorf("allocation: scorecards: %w", err)
		}
	}
	return out, fillMedians(g, a, out, at)
}

// counts reads the reasons and the stars as the database counted them.
func (s *Scorecard) counts(declines, stars []byte) error {
	if len(declines) > 0 {
		if err := json.Unmarshal(declines, &s.Declines); err != nil {
			return err
		}
	}
	by := map[int]int{}
	if len(stars) > 0 {
		if err := json.Unmarshal(stars, &by); err != nil {
			return err
		}
	}
	for n, c := range by {
		if n >= 1 && n <= len(s.Stars) {
			s.Stars[n-1] = c
		}
	}
	return nil
}

// fillMedians counts opening time, which only the calendar of the site knows.
func fillMedians(g *gorm.DB, a CardAsk, out []Scorecard, at map[id.Dealer]int) error {
	var rows []Stopwatch
	err := g.Raw(sites+`SELECT d.code AS dealer, q.offered_at, q.answered_at, q.clock_from, q.clock_used FROM d CROSS JOIN LATERAL (
		SELECT * FROM queue_entries q WHERE q.dealer = d.code AND q.flow = @flow AND q.offered_at > @record AND (`+took+` OR q.state = 'declined')
		ORDER BY q.offered_at DESC LIMIT @timed) q`, a.args()).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("allocation: answer times: %w", err)
	}
	times := make([][]time.Duration, len(out))
	for _, r := range rows {
		i := at[r.Dealer]
		times[i] = append(times[i], r.took(a.Sites[i].Dealer, a.Sites[i].Market))
	}
	for i := range out {
		out[i].Median, out[i].Timed = median(times[i]), len(times[i])
	}
	return nil
}

// CasesOf lists what a figure of one dealer counts, the latest first: no more than MostCases. reason narrows declines.
func CasesOf(g *gorm.DB, a CardAsk, f Figure, reason string) ([]Case, error) {
	args := a.args()
	args["reason"] = reason
	switch f {
	case FigureKeep:
		return promisesOf(g, args)
	case FigureBuyers:
		var out []Case
		err := g.Raw(sites+`SELECT o.id AS "order", o.number, o.dealer = d.code AS here, g.given_at AS at, g.stars, g.words FROM d JOIN ratings g ON g.dealer = d.code AND g.given_at > @record
			JOIN orders o ON o.id = g.order_id AND o.flow = @flow AND `+RatingStands+` ORDER BY g.given_at DESC, o.number LIMIT @cases`, args).Scan(&out).Error
		return out, orCases(err)
	}
	var rows []struct {
		Stopwatch
		Order, Number, State, Reason string
		Here                         bool
	}
	only := took + ` OR q.state IN ('declined', 'expired')`
	if f == FigureDeclines {
		only = `q.state = 'declined' AND @reason IN ('', q.reason)`
	}
	err := g.Raw(sites+`SELECT o.id AS "order", o.number, o.dealer = d.code AS here, CASE WHEN q.state IN ('declined', 'expired') THEN q.state ELSE 'accepted' END AS state,
		CASE WHEN q.state = 'declined' THEN q.reason ELSE '' END AS reason, q.offered_at, q.answered_at, q.clock_from, q.clock_used
		FROM d JOIN queue_entries q ON q.dealer = d.code AND q.flow = @flow AND q.offered_at > @record AND (`+only+`)
		JOIN orders o ON o.id = q.order_id ORDER BY q.offered_at DESC, o.number LIMIT @cases`, args).Scan(&rows).Error
	out := make([]Case, len(rows))
	for i, r := range rows {
		out[i] = Case{Order: id.Order(r.Order), Number: r.Number, Here: r.Here, At: r.OfferedAt, Answered: State(r.State), Reason: r.Reason}
		if out[i].Answered != Expired {
			out[i].Took = r.took(a.Sites[0].Dealer, a.Sites[0].Market)
		}
	}
	return out, orCases(err)
}

func promisesOf(g *gorm.DB, args map[string]any) ([]Case, error) {
	var rows []struct {
		Order, Number, Kind string
		Here                bool
		Day, Came           *string
	}
	err := g.Raw(sites+promises+`SELECT o.id AS "order", o.number, o.dealer = p.dealer AS here, p.kind, p.day::text AS day, p.came::text AS came
		FROM promise p JOIN orders o ON o.id = p.order_id ORDER BY least(p.came, p.day) DESC, o.number, p.kind LIMIT @cases`, args).Scan(&rows).Error
	out := make([]Case, len(rows))
	for i, r := range rows {
		out[i] = Case{Order: id.Order(r.Order), Number: r.Number, Here: r.Here, Kind: r.Kind, Day: day(r.Day), Came: day(r.Came)}
	}
	return out, orCases(err)
}

func orCases(err error) error {
	if err != nil {
		return fmt.Errorf("allocation: cases: %w", err)
	}
	return nil
}

// RemarksOf lists what was said about a figure of a dealer, oldest first, with the names of who works there or in the
// country's office.
func RemarksOf(g *gorm.DB, d id.Dealer, f Figure) ([]Remark, error) {
	var out []Remark
	err := g.Raw(`SELECT * FROM (SELECT m.id, m.figure, coalesce(o.number, '') AS number, m.side, coalesce(u.name, '') AS name, m.body, m.created_at AS at FROM scorecard_remarks m
		LEFT JOIN orders o ON o.id = m.order_id LEFT JOIN users u ON u.id = m.by_user
		WHERE m.dealer = ? AND m.figure = ? ORDER BY m.id DESC LIMIT ?) x ORDER BY id`, d, f, MostCases).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("allocation: remarks: %w", err)
	}
	return out, nil
}

// RatingFromJSON reads a rating as row_to_json writes it; nil when there is none.
func RatingFromJSON(row []byte) (*Rating, error) {
	if len(row) == 0 {
		return nil, nil
	}
	var r Rating
	if err := json.Unmarshal(row, &r); err != nil {
		return nil, fmt.Errorf("allocation: rating: %w", err)
	}
	return &r, nil
}
