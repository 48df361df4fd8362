package allocation

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"

	"gorm.io/gorm"
)

// This file holds what the dealer portal shows: one statement a page. It reads other rooms' tables
// and writes none. Whatever tells who the buyer is comes out of the database only for an entry that
// the dealer has accepted: the page cannot show by mistake what was never read.

// ErrGone says that this dealer was asked about the order and is not asked any more.
var ErrGone = fault.New(fault.NotFound, "queue.gone", "allocation.OrderAt")

// goneWords says of an order that was offered to this dealer and is not with it any more what happened to it, and what
// to do now.
var goneWords = map[State]*fault.Fault{
	Declined:  fault.New(fault.NotFound, "queue.gone_declined", "allocation.OrderAt"),
	Expired:   fault.New(fault.NotFound, "queue.gone_expired", "allocation.OrderAt"),
	Withdrawn: fault.New(fault.NotFound, "queue.gone_withdrawn", "allocation.OrderAt"),
}

// Stale makes of the fault of an order that left a conflict: somebody pressed a button on a page from before. False for
// every other fault.
func Stale(err error) (*fault.Fault, bool) {
	for _, f := range goneWords {
		if errors.Is(err, f) {
			return fault.New(fault.Conflict, f.Key, "allocation.Answer"), true
		}
	}
	return nil, false
}

// ErrNeverAsked says that no dealer of this site was asked about such an order.
var ErrNeverAsked = fault.New(fault.NotFound, "fault.not_found", "allocation.AskedAt")

// ClosedDays is how long an order that is over stays in the queue's last tab.
const ClosedDays = 30

// Car is what a drawing and a line of text need of an order's snapshot.
type Car struct {
	Model    string
	Version  string
	Engine   string
	Colour   string
	Body     string
	PaintHex string
	Finish   string
	Wheels   string
	Rails    bool
	TwoTone  bool
	Trim     string
}

// Row is one line of the queue. Name, VIN and plate are empty until the dealer has accepted; Area is
// the letters or first digits of the postcode, no more.
type Row struct {
	Car
	Tab          Tab
	Number       string
	Brand        id.Brand
	Flow         id.Flow
	OrderState   string
	EntryState   State
	Round        int
	Area         string
	Name         string
	VIN          string
	Plate        string
	Currency     string
	TotalMinor   int64
	DepositMinor int64     // what the buyer paid to order: the deposit or the whole price
	TakenNow     bool      // the card's money was taken with the order
	OwedMinor    int64     // zero before accept
	BackMinor    int64     // taken at the desk, to be given back after the buyer left
	AddedMinor   int64     // what the law added because money came back late, not paid to the buyer yet
	BringBy      time.Time // last day on which a buyer who withdrew brings the car; zero when none comes
	BackDue      time.Time // last day on which what the buyer is owed is back; zero when nothing is
	Promised     time.Time // day for which the rest of a car that was handed over is promised; zero when nothing is open
	Reason       string
	OfferedAt    time.Time
	DueAt        time.Time // of an offer
	StartsAt     time.Time // of a booked handover
	EndsAt       time.Time
	Bay          int
	Manners      string    // how the buyer would like the handover to be, with commas
	StockCar     string    // number of a car that existed before the order; empty for one from the factory
	StockStage   string    // of that car when it was sold
	StockDay     time.Time // when it can be handed over here
	HaltedUntil  time.Time // a question to the buyer stops the clock of an offer at most until then; zero when none does
	SnoozedUntil time.Time // put aside in the dealer's own list; zero or past when it is not
	Since        time.Time // in its present state
	StageDueAt   time.Time // by when that should end; zero when nobody said
	ReadyFrom    time.Time // between these days the car should be ready, in OddsPct of a hundred cases; zero when unknown
	ReadyTo      time.Time
	OddsPct      int
	NewsAt       time.Time // the last news that the buyer had
	NewsDueAt    time.Time // by when the next is promised, or the next step of a silence is; zero when it is the buyer's turn
	Asked        bool      // the buyer wrote, and waits for an answer
	AskedAt      time.Time // since then; zero when he does not
	NewsStep     int       // of a silence: NobodyTold while there is none
	Disputed     bool      // a card holder disputes a payment, or his bank asks about one; false before accept
}

const carColumns = `c.model_name AS model, c.version, c.engine, c.colour, c.body, c.paint_hex, c.finish, c.wheels,
	coalesce(c.rails, false) AS rails, coalesce(c.two_tone, false) AS two_tone,
	coalesce(c.trim, '') AS trim`

// What the buyer still owes counts a deposit that is on its way as paid.
const owedColumn = `o.total_minor
	- coalesce((SELECT paid_minor FROM order_paid m WHERE m.order_id = o.id), 0)
	+ coalesce((SELECT sum(p.part_due_minor) FROM payments p WHERE p.order_id = o.id AND p.part_due_minor > 0), 0)
	- coalesce((SELECT sum(p.amount_minor) FROM payments p WHERE p.order_id = o.id AND p.purpose = 'deposit' AND p.state IN ('authorised', 'capturing')), 0)`

// What the buyer paid to order is the deposit or, where that may be, the whole price.
const firstColumn = `coalesce((SELECT p.amount_minor FROM payments p WHERE p.order_id = o.id AND p.purpose = 'deposit'
	AND p.state IN ('authorised', 'capturing', 'captured')), o.deposit_minor) AS deposit_minor`

// mine is every entry of the dealer that is live, was closed lately, or has money to give back or to come.
const mine = `SELECT o.number, o.brand, o.flow, o.state AS order_state, o.currency, o.total_minor, ` + firstColumn + `, o.pickup_code,
	` + carColumns + `, coalesce(c.taken_now, false) AS taken_now, coalesce(c.stock ->> 'number', '') AS stock_car, coalesce(c.stock ->> 'stage', '') AS stock_stage,
	CASE WHEN c.stock ->> 'dealer' = q.dealer THEN c.stock ->> 'ready_on' ELSE c.stock ->> 'moved_on' END::date AS stock_day,
	q.state AS entry_state, q.round, q.reason, q.offered_at, q.due_at, q.snoozed_until, q.stage_due_at, CASE WHEN q.state = 'offered' THEN (SELECT x.ends_at FROM queue_questions x WHERE x.entry_id = q.id AND x.answered_at IS NULL) END AS halted_until, q.ready_from, q.ready_to, coalesce(q.odds_pct, 0) AS odds_pct, q.news_at, q.news_due_at, q.news_step, q.asked_at IS NOT NULL AS asked, q.asked_at, a.starts_at, a.ends_at, a.bay, array_to_string(a.manners, ',') AS manners,
	coalesce(back.minor, 0) AS back_minor, coalesce(v.added, 0) AS added_minor, v.due_on AS back_due, t.taken,
	CASE WHEN o.state = 'returning' AND q.state = 'done' THEN v.bring_by END AS bring_by, CASE WHEN r.minor > 0 THEN f.due_on END AS promised,
	CASE WHEN t.taken THEN ` + owedColumn + ` ELSE 0 END AS owed_minor,
	t.taken AND o.id IN (SELECT d.order_id FROM open_disputes d) AS disputed,
	CASE WHEN t.taken THEN b.name ELSE '' END AS name,
	CASE WHEN t.taken THEN coalesce(o.vin, '') ELSE '' END AS vin,
	CASE WHEN t.taken THEN coalesce(o.plate, '') ELSE '' END AS plate,
	coalesce(substring(upper(b.postcode) FROM '^[A-Z]{1,2}|^[0-9]{3}'), '') AS area,
	CASE WHEN q.state = 'offered' THEN 'answer'
		WHEN q.state = 'accepted' AND a.starts_at IS NOT NULL THEN 'handovers'
		WHEN q.state = 'accepted' OR back.minor > 0 OR v.added > 0 OR r.minor > 0 OR q.state = 'done' AND (o.state = 'returning' OR o.state = 'handed_over' AND q.asked_at IS NOT NULL) THEN 'work' ELSE 'done' END AS tab,
	CASE q.state WHEN 'offered' THEN q.offered_at WHEN 'done' THEN CASE WHEN o.state = 'handed_over' THEN o.handed_over_at ELSE o.updated_at END
		WHEN 'accepted' THEN coalesce(q.stage_at, o.updated_at) WHEN 'withdrawn' THEN o.updated_at ELSE q.answered_at END AS since
FROM queue_entries q
JOIN orders o ON o.id = q.order_id
JOIN buyers b ON b.id = o.buyer
CROSS JOIN LATERAL jsonb_to_record(o.snapshot) c (model_name text, version text, engine text, colour text, body text, paint_hex text,
	finish text, wheels text, rails boolean, two_tone boolean, trim text, taken_now boolean, stock jsonb)
LEFT JOIN appointments a ON a.order_id = o.id AND a.state = 'booked' AND q.state = 'accepted'
LEFT JOIN LATERAL (SELECT sum(CASE WHEN p.state = 'returning' THEN p.amount_minor - p.kept_minor - p.part_minor ELSE 0 END + p.part_due_minor) AS minor FROM payments p
	WHERE p.order_id = o.id AND (p.state = 'returning' OR p.part_due_minor > 0) AND p.means LIKE 'desk%') back ON q.state IN ('accepted', 'withdrawn', 'done') AND o.dealer = q.dealer
LEFT JOIN LATERAL (SELECT l.bring_by, CASE WHEN l.settled_at IS NULL AND l.owed_minor > 0 THEN l.due_on END AS due_on,
	CASE WHEN l.settled_at IS NOT NULL AND l.interest_paid_at IS NULL THEN l.interest_minor ELSE 0 END AS added
	FROM leavings l WHERE l.order_id = o.id) v ON q.state IN ('withdrawn', 'done') AND o.dealer = q.dealer
LEFT JOIN LATERAL (SELECT d.due_on FROM deferrals d WHERE d.order_id = o.id ORDER BY d.seq DESC LIMIT 1) f
	ON q.state = 'done' AND o.state = 'handed_over' AND o.dealer = q.dealer
CROSS JOIN LATERAL (SELECT CASE WHEN f.due_on IS NOT NULL THEN ` + owedColumn + ` ELSE 0 END AS minor) r
CROSS JOIN LATERAL (SELECT q.state IN ('accepted', 'done') OR coalesce(back.minor, 0) > 0 OR coalesce(v.added, 0) > 0 AS taken) t
WHERE q.dealer = @dealer`

// likeWords takes the meaning from the signs that LIKE understands.
func likeWords(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// codeOf is what was typed as a code: upper case, without blanks and dashes; empty when it is not
// made of letters and digits, so that it means nothing to LIKE.
func codeOf(s string) string {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s))
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return ""
		}
	}
	return s
}

// Movement is a payment as the dealer sees it.
type Movement struct {
	ID          id.Payment `json:"id"`
	Purpose     string     `json:"purpose"`
	Means       string     `json:"means"`
	State       string     `json:"state"`
	AmountMinor int64      `json:"amount_minor"`
	KeptMinor   int64      `json:"kept_minor"` // of it, what the seller keeps when the rest goes back
	PartMinor   int64      `json:"part_minor"` // of it, what went or goes back while the rest stays
	PartDue     int64      `json:"part_due"`   // and of that, what is not given back yet
	Reference   string     `json:"reference"`
	At          time.Time  `json:"at"`
}

// Received tells whether the money is here: taken and not given back. The ledger cannot tell it after
// the handover, when what was the buyer's has become the seller's.
func (m Movement) Received() bool { return m.State == "captured" || m.ToReturn() }

// RecordedAtDesk tells whether a dealer wrote it down, whatever became of it.
func (m Movement) RecordedAtDesk() bool { return strings.HasPrefix(m.Means, "desk") }

// AtDesk tells whether a dealer has this money, and none of it is on its way back as a whole.
func (m Movement) AtDesk() bool { return m.RecordedAtDesk() && m.State == "captured" }

// BackMinor is what is to be given back of it now.
func (m Movement) BackMinor() int64 {
	if m.State == "captured" || m.PartDue > 0 {
		return m.PartDue
	}
	return m.AmountMinor - m.KeptMinor - m.PartMinor
}

// ToReturn tells whether the dealer has this money and owes it to the buyer.
func (m Movement) ToReturn() bool {
	return (m.State == "returning" || m.PartDue > 0) && strings.HasPrefix(m.Means, "desk")
}

// Happening is a step of the order's history.
type Happening struct {
	Event string    `json:"event"`
	To    string    `json:"to"`
	At    time.Time `json:"at"`
	Actor string    `json:"actor"`
}

// Contact is how to reach who buys, beside the name of the row; empty until the dealer has accepted,
// and again when there is no reason left to know it.
type Contact struct {
	Email    string
	Phone    string
	Street   string
	Town     string
	Postcode string
}

// OrderView is everything a dealer sees of an order.
type OrderView struct {
	ID            id.Order
	Row           `gorm:"embedded"`
	Contact       `gorm:"embedded"`
	Market        id.Market
	Snapshot      json.RawMessage
	PickupCode    string
	Checks        string // preparation items done, with commas
	Choice        int    // place of this dealer in the buyer's list, from one
	Choices       int
	FirstChoice   id.Dealer
	ByRule        bool // the market's rule found this dealer; the buyer did not name it
	PaidMinor     int64
	PayOpen       bool   // a card page for the balance is open
	GoodwillMinor int64  // what the buyer was given for silences; it counts as paid
	PendingMinor  int64  // reserved on the card, not taken yet
	WishDay       string // first day on which the buyer can fetch the car; empty for any
	CreatedAt     time.Time
	HandedOverAt  time.Time
	OdometerKm    int
	HandedOverBy  string          // name of the member of staff; empty before
	Leaving       json.RawMessage // how the buyer left, as a row; empty while nobody did
	Deferral      json.RawMessage // the dealer's word that the rest may stay open, as a row; empty while there is none
	DeferredBy    string          // name of the member of staff who gave it
	Corrections   json.RawMessage // slips that were put right, as rows (ordering.CorrectionsFromJSON); empty while there is none
	HandoverMade  string          // checks made at the handover, with commas
	Handover      json.RawMessage // the whole of it (HandoverFromJSON); empty before
	Payments      []Movement      `gorm:"-"`
	History       []Happening     `gorm:"-"`
	Question      *BuyerQuestion  `gorm:"-"` // to the buyer, before the answer; nil when none was asked
}

type orderViewRow struct {
	OrderView `gorm:"embedded"`
	PaymentsJSON,
	HistoryJSON,
	QuestionJSON []byte
}

const orderAt = `SELECT x.*, o.id, b.email, b.phone, b.street, b.town, b.postcode,
	o.market, o.snapshot, CASE WHEN x.taken THEN o.pickup_code END AS pickup_code, array_to_string(o.checks, ',') AS checks,
	coalesce((SELECT rank + 1 FROM order_dealers c WHERE c.order_id = o.id AND c.dealer = @dealer), 0) AS choice,
	(SELECT count(*) FROM order_dealers c WHERE c.order_id = o.id) AS choices,
	coalesce((SELECT dealer FROM order_dealers c WHERE c.order_id = o.id AND c.rank = 0), '') AS first_choice,
	EXISTS (SELECT FROM order_dealers c WHERE c.order_id = o.id AND c.dealer = @dealer AND c.how = 'rule') AS by_rule,
	coalesce((SELECT m.paid_minor FROM order_paid m WHERE m.order_id = o.id), 0) AS paid_minor,
	coalesce((SELECT sum(w.amount_minor) FROM goodwills w WHERE w.order_id = o.id AND w.back_at IS NULL), 0) AS goodwill_minor,
	coalesce((SELECT sum(amount_minor) FROM payments p WHERE p.order_id = o.id AND p.purpose = 'deposit' AND p.state IN ('authorised', 'capturing')), 0) AS pending_minor,
	EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.purpose <> 'deposit' AND p.state IN ('opening', 'open')) AS pay_open,
	CASE WHEN x.taken THEN (SELECT row_to_json(l) FROM leavings l WHERE l.order_id = o.id) END AS leaving,
	CASE WHEN x.taken THEN (SELECT row_to_json(d) FROM deferrals d WHERE d.order_id = o.id ORDER BY d.seq DESC LIMIT 1) END AS deferral,
	coalesce((SELECT n.name FROM deferrals d JOIN users n ON n.id::text = d.by_user WHERE d.order_id = o.id ORDER BY d.seq DESC LIMIT 1), '') AS deferred_by,
	coalesce(o.wish_day::text, '') AS wish_day, o.created_at, o.handed_over_at, h.odometer_km, coalesce(u.name, '') AS handed_over_by, array_to_string(h.checks, ',') AS handover_made,
	CASE WHEN x.taken THEN ` + HandoverJSON + ` END AS handover,
	CASE WHEN x.taken THEN (SELECT json_agg(k ORDER BY k.seq) FROM corrections k WHERE k.order_id = o.id) END AS corrections,
	(SELECT json_agg(json_build_object('id', p.id, 'purpose', p.purpose, 'means', p.means, 'state', p.state, 'amount_minor', p.amount_minor, 'kept_minor', p.kept_minor, 'part_minor', p.part_minor, 'part_due', p.part_due_minor,
		'reference', p.reference, 'at', p.created_at) ORDER BY p.created_at, p.attempt)
		FROM payments p WHERE p.order_id = o.id AND p.state NOT IN ('opening', 'open', 'expired')) AS payments_json,
	(SELECT json_agg(json_build_object('event', e.event, 'to', e.to_state, 'at', e.at, 'actor', e.actor) ORDER BY e.seq)
		FROM order_history e WHERE e.order_id = o.id) AS history_json,
	(SELECT row_to_json(x) FROM queue_questions x WHERE x.order_id = o.id AND x.dealer = @dealer ORDER BY x.asked_at DESC LIMIT 1) AS question_json
FROM (` + mine + ` AND o.number = @number ORDER BY q.round DESC LIMIT 1) x
JOIN orders o ON o.number = x.number
LEFT JOIN buyers b ON b.id = o.buyer AND x.taken
LEFT JOIN handovers h ON h.order_id = o.id AND x.taken
LEFT JOIN users u ON u.id = CASE WHEN h.by_user ~ '^[0-9a-f-]{36}$' THEN h.by_user::uuid END`

// OrderAt reads an order as a dealer may see it now: offered to it, accepted by it, or ended with
// money that it still has. Others do not exist; one that was here and left says what became of it.
func OrderAt(g *gorm.DB, d id.Dealer, number string) (*OrderView, error) {
	var r orderViewRow
	ok, err := db.One(g, &r, orderAt, map[string]any{"dealer": d, "number": number})
	if err != nil {
		return nil, fmt.Errorf("allocation: order: %w", err)
	}
	if !ok {
		return nil, fault.New(fault.NotFound, "fault.not_found", "allocation.OrderAt")
	}
	v := &r.OrderView
	if v.EntryState == Declined || v.EntryState == Expired || v.EntryState == Withdrawn && v.BackMinor == 0 && v.AddedMinor == 0 {
		return nil, goneWords[v.EntryState]
	}
	if err := readJSON(r.PaymentsJSON, &v.Payments); err != nil {
		return nil, err
	}
	if v.Question, err = QuestionFromJSON(r.QuestionJSON); err != nil {
		return nil, err
	}
	return v, readJSON(r.HistoryJSON, &v.History)
}

func readJSON(b []byte, dst any) error {
	if len(b) == 0 {
		return nil
	}
	return json.Unmarshal(b, dst)
}

// Sighting is an order found by what a buyer shows.
type Sighting struct {
	Number     string
	OrderState string
	ByCode     bool
}

// Find looks a pickup code or an order number up among the orders of some flows that the dealer has accepted, and
// numbers also among those offered to it. False when there is none.
func Find(g *gorm.DB, d id.Dealer, flows []id.Flow, typed string) (Sighting, bool, error) {
	code := codeOf(typed)
	if code == "" {
		return Sighting{}, false, nil
	}
	var s Sighting
	ok, err := db.One(g, &s, `SELECT o.number, o.state AS order_state, o.pickup_code = @code AS by_code FROM queue_entries q JOIN orders o ON o.id = q.order_id
		WHERE q.dealer = @dealer AND q.flow = ANY(string_to_array(@flows, ',')) AND (q.state = 'accepted' AND o.pickup_code = @code
			OR q.state IN ('offered', 'accepted', 'done') AND replace(o.number, '-', '') = @code)
		ORDER BY by_code DESC LIMIT 1`, map[string]any{"dealer": d, "flows": commas(flows), "code": code})
	return s, ok, err
}
