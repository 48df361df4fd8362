package allocation

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type entryRow struct {
	ID         string     `json:"id"`
	OrderID    string     `json:"order_id"`
	Brand      string     `json:"brand"`
	Market     string     `json:"market"`
	Flow       string     `json:"flow"`
	Dealer     string     `json:"dealer"`
	Round      int        `json:"round"`
	State      string     `json:"state"`
	OfferedAt  time.Time  `json:"offered_at"`
	DueAt      *time.Time `json:"due_at"`
	AnsweredAt *time.Time `json:"answered_at"`
	Reason     string     `json:"reason"`
	Rung       string     `json:"rung"`
	RungDue    *time.Time `json:"rung_due"`
	ClockFrom  *time.Time `json:"clock_from"`
	ClockUsed  int        `json:"clock_used"`
	StageAt    *time.Time `json:"stage_at"`
	StageDueAt *time.Time `json:"stage_due_at"`
	ReadyFrom  *string    `json:"ready_from"`
	ReadyTo    *string    `json:"ready_to"`
	OddsPct    *int       `json:"odds_pct"`
	NewsAt     *time.Time `json:"news_at"`
	NewsDueAt  *time.Time `json:"news_due_at"`
	NewsStep   int        `json:"news_step"`
	NewsRound  int        `json:"news_round"`
}

const columns = `id, order_id, brand, market, flow, dealer, round, state, offered_at, due_at, answered_at, reason, rung, rung_due, clock_from, clock_used,
	stage_at, stage_due_at, ready_from::text, ready_to::text, odds_pct, news_at, news_due_at, news_step, news_round`

func (r *entryRow) entry() *Entry {
	e := &Entry{ID: id.QueueEntry(r.ID), Order: id.Order(r.OrderID), Brand: id.Brand(r.Brand), Market: id.Market(r.Market),
		Flow: id.Flow(r.Flow), Dealer: id.Dealer(r.Dealer), Round: r.Round, State: State(r.State), OfferedAt: r.OfferedAt, Reason: r.Reason}
	e.Rung, e.ClockUsed = Rung(r.Rung), time.Duration(r.ClockUsed)*time.Second
	e.RungDue, e.ClockFrom, e.DueAt, e.AnsweredAt = db.OrZero(r.RungDue), db.OrZero(r.ClockFrom), db.OrZero(r.DueAt), db.OrZero(r.AnsweredAt)
	e.StageAt, e.StageDueAt, e.NewsAt, e.NewsDueAt = db.OrZero(r.StageAt), db.OrZero(r.StageDueAt), db.OrZero(r.NewsAt), db.OrZero(r.NewsDueAt)
	e.OddsPct = db.OrZero(r.OddsPct)
	e.ReadyFrom, e.ReadyTo, e.NewsStep, e.NewsRound = day(r.ReadyFrom), day(r.ReadyTo), r.NewsStep, r.NewsRound
	return e
}

// OfferTx puts an order into a dealer's queue, with its receipt. The caller holds the order's lock.
func OfferTx(tx *db.Tx, e *Entry) error {
	e.ID, e.State, e.OfferedAt = id.New[id.QueueEntry](), Offered, tx.Now
	if _, err := db.One(tx.DB, &e.Round, `SELECT coalesce(max(round), 0) + 1 FROM queue_entries WHERE order_id = ?`, e.Order); err != nil {
		return fmt.Errorf("allocation: offer: %w", err)
	}
	by := "system"
	if e.Why.Buyer {
		by = "buyer"
	}
	if e.Why.Office {
		by = Office
	}
	n := Note{At: stamp(tx.Now), By: by, Dealer: e.Dealer, Due: stamp(e.DueAt), Event: EventOffer, Order: e.Order, Round: e.Round}
	n.decided(e.Why)
	_, err := receiptTx(tx, `INSERT INTO queue_entries (id, order_id, brand, market, flow, dealer, round, state, offered_at, due_at, rung_due, receipted)
		VALUES (@id, @order, @brand, @market, @flow, @dealer, @round, 'offered', @at, @due, @rung_due, true) RETURNING order_id, market`, n,
		map[string]any{"id": e.ID, "order": e.Order, "brand": e.Brand, "market": e.Market, "flow": e.Flow, "dealer": e.Dealer, "due": e.DueAt, "rung_due": db.TimeOrNull(e.RungDue)})
	if err != nil {
		return fmt.Errorf("allocation: offer: %w", err)
	}
	return nil
}

// LiveOf is the order's live entry; nil when the buyer decides or all is over.
func LiveOf(g *gorm.DB, o id.Order) (*Entry, error) {
	var r entryRow
	ok, err := db.One(g, &r, `SELECT `+columns+` FROM queue_entries WHERE order_id = ? AND state IN ('offered', 'accepted')`, o)
	if err != nil || !ok {
		return nil, err
	}
	return r.entry(), nil
}

// LiveOfAll are the live entries of some orders, in no order; those of which the buyer decides have none.
func LiveOfAll(g *gorm.DB, os []id.Order) ([]*Entry, error) {
	if len(os) == 0 {
		return nil, nil
	}
	var rows []entryRow
	err := g.Raw(`SELECT `+columns+` FROM queue_entries WHERE order_id IN ? AND state IN ('offered', 'accepted')`, os).Scan(&rows).Error
	out := make([]*Entry, len(rows))
	for i := range rows {
		out[i] = rows[i].entry()
	}
	return out, err
}

// DoneOf is the entry of a dealer whose order was handed over; nil when there is none.
func DoneOf(g *gorm.DB, o id.Order, d id.Dealer) (*Entry, error) {
	var r entryRow
	ok, err := db.One(g, &r, `SELECT `+columns+` FROM queue_entries WHERE order_id = ? AND dealer = ? AND state = 'done' ORDER BY round DESC LIMIT 1`, o, d)
	if err != nil || !ok {
		return nil, err
	}
	return r.entry(), nil
}

// Of lists all entries of an order, first to last.
func Of(g *gorm.DB, o id.Order) ([]*Entry, error) {
	var rows []entryRow
	err := g.Raw(`SELECT `+columns+` FROM queue_entries WHERE order_id = ? ORDER BY round`, o).Scan(&rows).Error
	out := make([]*Entry, len(rows))
	for i := range rows {
		out[i] = rows[i].entry()
	}
	return out, err
}

// FromJSON reads entries as row_to_json writes them, for reads that fetch several tables at once.
func FromJSON(rows []byte) ([]*Entry, error) { return db.JSONRows(rows, (*entryRow).entry) }

// MoveTx makes one step, guarded by the entry's state, with its receipt. The caller holds the order's lock.
func MoveTx(tx *db.Tx, e *Entry, to State, by, reason string) error {
	if !Allowed(e.State, to) {
		return ErrMoved
	}
	n := Note{At: stamp(tx.Now), By: actorOf(by), Dealer: e.Dealer, Event: eventOf(e.State, to, reason), Order: e.Order, Reason: reason, Round: e.Round}
	ok, err := receiptTx(tx, `UPDATE queue_entries SET state = @to, answered_at = coalesce(answered_at, @at), answered_by = CASE WHEN answered_by = '' THEN @by ELSE answered_by END,
		reason = CASE WHEN @reason <> '' THEN @reason ELSE reason END, closed_at = CASE WHEN @closed THEN CAST(@at AS timestamptz) END WHERE id = @id AND state = @from RETURNING order_id, market`, n,
		map[string]any{"to": to, "by": by, "reason": reason, "closed": to != Accepted, "id": e.ID, "from": e.State})
	if err != nil {
		return fmt.Errorf("allocation: %s: %w", to, err)
	}
	if !ok {
		return ErrMoved
	}
	e.State = to
	if reason != "" {
		e.Reason = reason
	}
	return nil
}

// Overdue lists orders whose dealer let the time to answer pass.
func Overdue(g *gorm.DB, now time.Time, n int) ([]id.Order, error) {
	var out []id.Order
	err := g.Raw(`SELECT order_id FROM queue_entries WHERE state = 'offered' AND due_at <= ? ORDER BY due_at LIMIT ?`, now, n).Scan(&out).Error
	return out, err
}
