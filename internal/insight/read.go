package insight

import (
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Console reads the figures of every shop in the places, in two statements. shops are those that
// must be there even when nothing happened in them.
func Console(g *gorm.DB, places []Place, shops []Shop, now time.Time) (map[Shop]*Figures, error) {
	out, zones := map[Shop]*Figures{}, map[id.Market]*time.Location{}
	for _, p := range places {
		zones[p.Market] = p.Zone
	}
	at := func(s Shop) *Figures {
		if out[s] == nil {
			out[s] = blank(zones[s.Market], now)
		}
		return out[s]
	}
	for _, s := range shops {
		at(s)
	}
	if len(places) == 0 {
		return out, nil
	}
	if err := readDays(g, places, now, at); err != nil {
		return nil, err
	}
	return out, readOpen(g, places, now, at)
}

func readDays(g *gorm.DB, places []Place, now time.Time, at func(Shop) *Figures) error {
	var rows []struct {
		Shop
		Day    string
		Orders int
		Card   int64
		Desk   int64
	}
	markets, zones := codes(places)
	// A day more than the window: zones east of UTC begin earlier. The window itself is kept in Go.
	since := now.AddDate(0, 0, -Window-1)
	err := g.Raw(`WITH place AS (SELECT unnest(string_to_array(?, ',')) AS market, unnest(string_to_array(?, ',')) AS zone),
		booked AS (
			SELECT o.brand, o.market, o.flow, h.at AT TIME ZONE p.zone AS moment, 1 AS orders, 0::bigint AS card, 0::bigint AS desk
			FROM orders o JOIN place p ON p.market = o.market
			JOIN order_history h ON h.order_id = o.id AND h.event = 'authorise' WHERE o.created_at >= ?),
		moved AS (
			SELECT o.brand, o.market, o.flow, l.at AT TIME ZONE p.zone, 0,
				CASE n.account WHEN 'card_bank' THEN n.amount_minor ELSE 0 END, CASE n.account WHEN 'desk' THEN n.amount_minor ELSE 0 END
			FROM ledger_postings l JOIN ledger_lines n ON n.posting_id = l.id AND n.account IN ('card_bank', 'desk') AND l.kind IN ('capture', 'refund', 'refund_failed', 'desk', 'desk_return', 'desk_struck')
			JOIN orders o ON o.id = l.order_id JOIN place p ON p.market = o.market WHERE l.at >= ?)
		SELECT brand, market, flow, to_char(moment, 'YYYY-MM-DD') AS day, sum(orders) AS orders, sum(card) AS card, sum(desk) AS desk
		FROM (SELECT * FROM booked UNION ALL SELECT * FROM moved) x GROUP BY 1, 2, 3, 4`, markets, zones, since, since).Scan(&rows).Error
	if err != nil {
		return err
	}
	for _, r := range rows {
		if d := at(r.Shop).day(r.Day); d != nil {
			d.Orders, d.CardMinor, d.DeskMinor = r.Orders, r.Card, r.Desk
		}
	}
	return nil
}

const open = `o.state NOT IN ('handed_over', 'returned', 'cancelled', 'lapsed')`

func readOpen(g *gorm.DB, places []Place, now time.Time, at func(Shop) *Figures) error {
	var rows []struct {
		Shop
		State             string
		N, Waits, Overdue int
		Oldest            *time.Time
	}
	err := g.Raw(`SELECT o.brand, o.market, o.flow, o.state, count(*) AS n, count(q.id) AS waits,
		count(*) FILTER (WHERE q.due_at <= ?) AS overdue, min(q.offered_at) AS oldest
		FROM orders o LEFT JOIN queue_entries q ON q.order_id = o.id AND q.state = 'offered'
		WHERE o.market IN ? AND `+open+` GROUP BY 1, 2, 3, 4`, now, marketsOf(places)).Scan(&rows).Error
	if err != nil {
		return err
	}
	for _, r := range rows {
		f := at(r.Shop)
		f.Open = append(f.Open, StateCount{State: r.State, Count: r.N})
		f.Waiting += r.Waits
		f.Overdue += r.Overdue
		if r.Oldest != nil && (f.Oldest.IsZero() || r.Oldest.Before(f.Oldest)) {
			f.Oldest = *r.Oldest
		}
		if r.State == "checkout" {
			f.Checkout += r.N
		} else {
			f.Booked += r.N
		}
	}
	return nil
}

func marketsOf(places []Place) []id.Market {
	out := make([]id.Market, len(places))
	for i, p := range places {
		out[i] = p.Market
	}
	return out
}

// Names reads the names of members of staff.
func Names(g *gorm.DB, who []string) (map[string]string, error) {
	var keys []string
	for _, w := range who {
		if id.IsKey(w) {
			keys = append(keys, w)
		}
	}
	out := map[string]string{}
	if len(keys) == 0 {
		return out, nil
	}
	var rows []struct{ ID, Name string }
	err := g.Raw(`SELECT id, name FROM users WHERE id IN ?`, keys).Scan(&rows).Error
	for _, r := range rows {
		out[r.ID] = r.Name
	}
	return out, err
}

// found keeps the orders that words are about.
const found = `(o.dealer IN ? OR CAST(? AS text) <> '' AND (o.vin LIKE '%' || CAST(? AS text) OR replace(replace(o.plate, ' ', ''), '-', '') = CAST(? AS text))
	OR CAST(? AS boolean) AND EXISTS (SELECT 1 FROM buyers b WHERE b.id = o.buyer AND b.name ILIKE '%' || CAST(? AS text) || '%'))`

// codeOf is what was typed as the end of a VIN or a plate: upper case, without blanks and dashes; empty when it is too
// short to mean one car, or not made of letters and digits.
func codeOf(s string) string {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s))
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return ""
		}
	}
	if len(s) < 4 {
		return ""
	}
	return s
}

func likeWords(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// OrderSteps is the way of an order until now, oldest first.
func OrderSteps(g *gorm.DB, o id.Order) ([]OrderStep, error) {
	var out []OrderStep
	err := g.Raw(`SELECT at, event, to_state AS "to" FROM order_history WHERE order_id = ? ORDER BY seq`, o).Scan(&out).Error
	return out, err
}

// Orders lists orders of the places, newest first.
func Orders(g *gorm.DB, f OrderFilter, now time.Time) ([]OrderLine, error) {
	if len(f.Places) == 0 {
		return nil, nil
	}
	markets, zones := codes(f.Places)
	which, args := `o.state = ?`, []any{markets, zones, now, f.State}
	switch {
	case f.Number != "":
		which, args[3] = `o.number = ?`, f.Number
	case f.Words != "":
		which, args = found, append(args[:3], f.Sites, codeOf(f.Words), codeOf(f.Words), codeOf(f.Words), f.Names, likeWords(f.Words))
		if f.State != "" {
			which += ` AND o.state = ?`
			args = append(args, f.State)
		}
	case f.State == "":
		which = `(` + open + ` OR o.created_at >= date_trunc('day', ? AT TIME ZONE p.zone) AT TIME ZONE p.zone)`
		args[3] = now
	}
	if f.Before != "" {
		which += ` AND o.id < ?`
		args = append(args, f.Before)
	}
	var out []OrderLine
	err := g.Raw(`WITH place AS (SELECT unnest(string_to_array(?, ',')) AS market, unnest(string_to_array(?, ',')) AS zone)
		SELECT o.id, o.number, o.brand, o.market, o.flow, o.dealer, o.state, o.created_at,
			coalesce(o.snapshot ->> 'model_name', '') AS model, coalesce(o.snapshot ->> 'version', '') AS version,
			EXISTS (SELECT 1 FROM queue_entries q WHERE q.order_id = o.id AND q.state = 'offered' AND q.due_at <= ?) AS overdue,
			o.id IN (SELECT d.order_id FROM open_disputes d) AS disputed
		FROM orders o JOIN place p ON p.market = o.market WHERE `+which+` ORDER BY o.id DESC LIMIT ?`, append(args, f.Limit)...).Scan(&out).Error
	return out, err
}

// Acts reads the newest lines of the audit log that are about the switches or the orders of the
// markets; only the switches when asked.
func Acts(g *gorm.DB, markets []id.Market, switchesOnly bool, limit int) ([]Act, error) {
	if len(markets) == 0 {
		return nil, nil
	}
	about := `subject LIKE 'order:%' OR subject LIKE 'switch:%' OR subject LIKE 'range:%' OR subject LIKE 'transfer:%' OR subject LIKE 'market:%'`
	if switchesOnly {
		about = `subject LIKE 'switch:%'`
	}
	var rows []struct {
		At                                                 time.Time
		Actor, Who, Action, Subject, Number, Brand, Market string
		Old, New, Reason                                   string
	}
	// The lines are cut first: names and numbers are looked up for those that are shown only.
	err := g.Raw(`SELECT a.at, a.actor, coalesce(u.name, '') AS who, a.action, a.subject, coalesce(o.number, '') AS number,
			coalesce(a.brand, '') AS brand, coalesce(a.market, '') AS market, coalesce(a.old ->> 'state', '') AS old, coalesce(a.new ->> 'state', '') AS new, a.reason
		FROM (SELECT * FROM audit_log WHERE (market IN ? OR subject LIKE 'range:%' AND coalesce(market, '') = '') AND (`+about+`) ORDER BY id DESC LIMIT ?) a
		LEFT JOIN users u ON u.id = CASE WHEN a.actor ~ '^staff:[0-9a-f-]{36}$' THEN substr(a.actor, 7)::uuid END
		LEFT JOIN orders o ON o.id = CASE WHEN a.subject ~ '^order:[0-9a-f-]{36}$' THEN substr(a.subject, 7)::uuid END
		ORDER BY a.id DESC`, markets, limit).Scan(&rows).Error
	out := make([]Act, len(rows))
	for i, r := range rows {
		actor, _, _ := strings.Cut(r.Actor, ":")
		what, ofRange := strings.CutPrefix(r.Subject, "range:")
		if !ofRange {
			what = ""
		}
		out[i] = Act{At: r.At, Range: what, Who: r.Who, Actor: actor, Action: r.Action, Number: r.Number, Old: r.Old, New: r.New, Reason: r.Reason,
			Shop: Shop{Brand: id.Brand(r.Brand), Market: id.Market(r.Market), Flow: flowOf(r.Subject)}}
	}
	return out, err
}

// flowOf reads the flow of a switch's subject, "switch:dacia/gb/new".
func flowOf(subject string) id.Flow {
	if parts := strings.Split(subject, "/"); strings.HasPrefix(subject, "switch:") && len(parts) == 3 {
		return id.Flow(parts[2])
	}
	return ""
}

// Feed lists the orders that stand or stood at a dealer, newest first, beginning after an order.
// What was declined, ran out or was withdrawn is not the dealer's any more.
func Feed(g *gorm.DB, d id.Dealer, after id.Order, limit int) ([]FeedOrder, error) {
	where, args := ``, []any{d}
	if after != "" {
		where, args = ` AND o.id < ?`, append(args, after)
	}
	var rows []struct {
		ID, Number, Flow, State, Model, Version, Vin, BuyerName string
		DueAt, PickupFrom, PickupTo                             *time.Time
	}
	err := g.Raw(`SELECT o.id, o.number, o.flow, o.state, coalesce(o.snapshot ->> 'model_name', '') AS model,
			coalesce(o.snapshot ->> 'version', '') AS version, coalesce(o.vin, '') AS vin,
			CASE WHEN q.state = 'offered' THEN q.due_at END AS due_at, a.starts_at AS pickup_from, a.ends_at AS pickup_to,
			CASE WHEN q.state IN ('accepted', 'done') THEN b.name ELSE '' END AS buyer_name
		FROM queue_entries q JOIN orders o ON o.id = q.order_id AND o.dealer = q.dealer JOIN buyers b ON b.id = o.buyer
		LEFT JOIN appointments a ON a.order_id = o.id AND a.state <> 'released'
		WHERE q.dealer = ? AND q.state IN ('offered', 'accepted', 'done')`+where+` ORDER BY o.id DESC LIMIT ?`, append(args, limit)...).Scan(&rows).Error
	out := make([]FeedOrder, len(rows))
	for i, r := range rows {
		out[i] = FeedOrder{ID: id.Order(r.ID), Number: r.Number, Flow: id.Flow(r.Flow), State: r.State, Model: r.Model, Version: r.Version,
			VIN: r.Vin, DueAt: db.OrZero(r.DueAt), PickupFrom: db.OrZero(r.PickupFrom), PickupTo: db.OrZero(r.PickupTo), BuyerName: r.BuyerName}
	}
	return out, err
}

// DemoLogins lists the accounts of the demo: those over all markets first, then by market.
func DemoLogins(g *gorm.DB) ([]DemoLogin, error) {
	var out []DemoLogin
	err := g.Raw(`SELECT u.email, u.name, u.role, coalesce(u.dealer, '') AS dealer,
			coalesce(d.market, array_to_string(u.markets, ',')) AS markets
		FROM users u LEFT JOIN dealers d ON d.code = u.dealer
		WHERE u.demo AND u.disabled_at IS NULL AND NOT EXISTS (SELECT 1 FROM staff_invitations i WHERE i.accepted_by = u.id) ORDER BY u.role = 'dealer', markets, u.dealer, u.name`).Scan(&out).Error
	return out, err
}
