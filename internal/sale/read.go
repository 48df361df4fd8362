package sale

import (
	"slices"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/document"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Whole is all that is told of an order beside the order itself.
type Whole struct {
	History     []ordering.Step
	Entries     []*allocation.Entry
	Payments    []*payment.Payment
	PaidMinor   int64                     // paid and not given back, also after the handover made it the seller's
	Appointment *network.Appointment      // nil when none is booked
	Papers      []document.Filed          // issued
	Texts       []document.Filed          // accepted
	Said        []payment.Said            // what became of each payment, oldest first
	Leaving     *ordering.Leaving         // nil while nobody left
	Question    *allocation.BuyerQuestion // of the dealer who is asked now; nil when there is none
	Requests    []*ordering.Request       // what the buyer asked of dealers, oldest first
	Deferral    *ordering.Deferral        // nil while no dealer let the rest open
	Handover    *allocation.Handover      // nil before, and after one that was undone
	Rating      *allocation.Rating        // nil until the buyer said what he thought
	Goodwill    []payment.Goodwill        // what a silent dealer gave, oldest first
	Exchange    *ordering.Exchange        // the buyer's own car; nil when he pays in money alone
	Corrections []*ordering.Correction    // slips of the dealer that were put right, oldest first
}

// WholeOf reads it in one statement: a page and a letter ask for it, and each round trip costs more than
// the rows.
func WholeOf(g *gorm.DB, key id.Order) (Whole, error) {
	var r struct {
		History, Entries, Payments, Appointment, Papers, Texts, Leaving, Deferral, Said, Requests, Question, Handover, Rating, Corrections, Goodwill, Exchange []byte
		Paid                                                                                                                                                   int64
	}
	var w Whole
	_, err := db.One(g, &r, `SELECT
		(SELECT json_agg(h ORDER BY h.seq) FROM order_history h WHERE h.order_id = o.id) AS history,
		(SELECT json_agg(q ORDER BY q.round) FROM queue_entries q WHERE q.order_id = o.id) AS entries,
		(SELECT json_agg(p ORDER BY p.created_at, p.attempt) FROM payments p WHERE p.order_id = o.id) AS payments,
		(SELECT row_to_json(a) FROM appointments a WHERE a.order_id = o.id AND a.state <> 'released') AS appointment,
		`+document.PaperList+` AS papers, `+document.TextList+` AS texts,
		(SELECT row_to_json(v) FROM leavings v WHERE v.order_id = o.id) AS leaving,
		(SELECT row_to_json(d) FROM deferrals d WHERE d.order_id = o.id ORDER BY d.seq DESC LIMIT 1) AS deferral,
		(SELECT json_agg(h ORDER BY h.at, h.payment_id, h.seq) FROM payment_history h WHERE h.order_id = o.id) AS said,
		(SELECT row_to_json(x) FROM queue_questions x JOIN queue_entries e ON e.id = x.entry_id WHERE x.order_id = o.id AND e.state = 'offered') AS question,
		`+ordering.RequestList+` AS requests, `+allocation.HandoverJSON+` AS handover, `+ordering.CorrectionList+` AS corrections, `+payment.GoodwillList+` AS goodwill, `+ordering.ExchangeJSON+` AS exchange,
		(SELECT row_to_json(g) FROM ratings g WHERE g.order_id = o.id AND `+allocation.RatingStands+`) AS rating,
		coalesce((SELECT paid_minor FROM order_paid WHERE order_id = o.id), 0) AS paid
		FROM orders o WHERE o.id = ?`, key)
	if err != nil {
		return w, err
	}
	w.PaidMinor = r.Paid
	fill(&err, &w.History, r.History, ordering.HistoryFromJSON)
	fill(&err, &w.Entries, r.Entries, allocation.FromJSON)
	fill(&err, &w.Payments, r.Payments, payment.FromJSON)
	fill(&err, &w.Papers, r.Papers, document.FiledFromJSON)
	fill(&err, &w.Texts, r.Texts, document.FiledFromJSON)
	fill(&err, &w.Said, r.Said, payment.SaidFromJSON)
	fill(&err, &w.Leaving, r.Leaving, ordering.LeavingFromJSON)
	fill(&err, &w.Question, r.Question, allocation.QuestionFromJSON)
	fill(&err, &w.Deferral, r.Deferral, ordering.DeferralFromJSON)
	fill(&err, &w.Requests, r.Requests, ordering.RequestsFromJSON)
	fill(&err, &w.Handover, r.Handover, allocation.HandoverFromJSON)
	fill(&err, &w.Rating, r.Rating, allocation.RatingFromJSON)
	fill(&err, &w.Goodwill, r.Goodwill, payment.GoodwillsFromJSON)
	fill(&err, &w.Exchange, r.Exchange, ordering.ExchangeFromJSON)
	fill(&err, &w.Corrections, r.Corrections, ordering.CorrectionsFromJSON)
	fill(&err, &w.Appointment, r.Appointment, network.AppointmentFromJSON)
	return w, err
}

// fill reads one part of a row, unless one before it could not be read.
func fill[T any](err *error, into *T, raw []byte, read func([]byte) (T, error)) {
	if *err == nil {
		*into, *err = read(raw)
	}
}

// overdueUnreminded lists orders of a market that were handed over with money open, whose promised day passed since a
// day, and whose buyer was not reminded of that promise.
func overdueUnreminded(g *gorm.DB, m id.Market, today, since string, n int) ([]id.Order, error) {
	var out []id.Order
	err := g.Raw(`SELECT d.order_id FROM deferrals d JOIN orders o ON o.id = d.order_id
		WHERE d.market = ? AND d.due_on < ?::date AND d.due_on >= ?::date AND o.state = 'handed_over'
			AND NOT EXISTS (SELECT FROM deferrals n WHERE n.order_id = d.order_id AND n.seq > d.seq)
			AND NOT EXISTS (SELECT FROM mails m WHERE m.order_id = d.order_id AND m.template = 'overdue' AND m.seq = d.seq)
			AND coalesce((SELECT p.paid_minor FROM order_paid p WHERE p.order_id = d.order_id), 0) < o.total_minor
		ORDER BY d.due_on, d.order_id LIMIT ?`, m, today, since, n).Scan(&out).Error
	return out, err
}

// messagesOf lists the messages of an order, as evidence tells them.
func messagesOf(g *gorm.DB, key id.Order) ([]message, error) {
	out := []message{}
	err := g.Raw(`SELECT template, seq, audience, created_at AS written, sent_at AS sent FROM mails WHERE order_id = ? ORDER BY created_at, template, seq`, key).Scan(&out).Error
	return out, err
}

// sessionFacts is what a card page says of its order.
type sessionFacts struct {
	Number, Brand, Market, Locale, Model, Version, Email, Link string
}

func sessionFactsOf(g *gorm.DB, key id.Order) (sessionFacts, error) {
	var f sessionFacts
	ok, err := db.One(g, &f, `SELECT o.number, o.brand, o.market, coalesce(o.locale, '') AS locale, o.snapshot ->> 'model_name' AS model,
		coalesce(o.snapshot -> 'read' ->> 'version', o.snapshot ->> 'version') AS version, b.email,
		(SELECT id FROM order_links l WHERE l.order_id = o.id ORDER BY l.created_at, l.id LIMIT 1) AS link
		FROM orders o JOIN buyers b ON b.id = o.buyer WHERE o.id = ?`, key)
	if err == nil && !ok {
		err = ordering.ErrNoOrder
	}
	return f, err
}

// about adds the question or the part of a payment that a letter is about, with the dealers as they were then.
func (s *Service) about(g *gorm.DB, l *Letter, whole Whole) (err error) {
	switch l.Template {
	case "part_back", "part_failed":
		l.Part, err = payment.PartOf(g, l.Order.ID, l.Seq)
		return err
	case "silence":
		if i := slices.IndexFunc(whole.Goodwill, func(g payment.Goodwill) bool { return g.Round == l.Seq }); i >= 0 {
			l.Goodwill = whole.Goodwill[i].Amount
		}
		return nil
	case "car_corrected", "payment_corrected":
		i := slices.IndexFunc(whole.Corrections, func(c *ordering.Correction) bool { return c.Seq == l.Seq })
		if i < 0 {
			return ordering.ErrNoOrder
		}
		l.Correction = whole.Corrections[i]
		return nil
	case "moved", "move_proposed", "move_refused", "change_refused", "dealer_asked", "dealer_car_asked", "dealer_moved":
	default:
		return nil
	}
	for _, r := range whole.Requests {
		if r.Seq == l.Seq {
			l.Request = r
		}
	}
	if l.Request == nil {
		return ordering.ErrNoRequest
	}
	has, other := l.Request.To, l.Request.From
	if l.Template == "move_proposed" || l.Template == "move_refused" || l.Template == "dealer_moved" {
		has, other = other, has
	}
	w := s.World.Now()
	l.Dealer, _ = w.Dealer(has)
	l.Other, _ = w.Dealer(other)
	return nil
}

// overOrder is an order that is over, of which words are still kept.
type overOrder struct {
	ID     id.Order
	OverAt time.Time
}

// whenOver is when an order and all that was written about it came to rest; null while it goes on.
const whenOver = `CASE WHEN o.state IN ('handed_over', 'cancelled', 'lapsed') THEN greatest(o.handed_over_at, o.updated_at, (SELECT max(created_at) FROM messages m WHERE m.order_id = o.id)) END`

// overWithWords lists a market's orders that are over and whose words are kept, by their ids after one.
func overWithWords(g *gorm.DB, m id.Market, after id.Order, most int) ([]overOrder, error) {
	if after == "" {
		after = "00000000-0000-0000-0000-000000000000"
	}
	var out []overOrder
	err := g.Raw(`WITH kept AS (SELECT order_id FROM messages WHERE erased_at IS NULL UNION SELECT order_id FROM queue_questions WHERE erased_at IS NULL
			UNION SELECT order_id FROM ratings WHERE words <> '')
		SELECT o.id, `+whenOver+` AS over_at FROM kept JOIN orders o ON o.id = kept.order_id
		WHERE o.market = ? AND o.id > ? AND o.state IN ('handed_over', 'cancelled', 'lapsed') ORDER BY o.id LIMIT ?`, m, after, most).Scan(&out).Error
	return out, err
}

// overAt is when an order came to rest; zero while it goes on.
func overAt(g *gorm.DB, key id.Order) (time.Time, error) {
	var at *time.Time
	if _, err := db.One(g, &at, `SELECT `+whenOver+` FROM orders o WHERE o.id = ?`, key); err != nil || at == nil {
		return time.Time{}, err
	}
	return *at, nil
}
