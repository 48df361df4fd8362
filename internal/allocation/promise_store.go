package allocation

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// PlanTx writes the plan of an accepted entry that entered a stage, and keeps the forecast for its score. What
// happened is news: a silence ends. It is one statement, because it is part of every step of a car.
func PlanTx(tx *db.Tx, e *Entry, state string, p Plan) error {
	var planned string
	ok, err := db.One(tx.DB, &planned, `WITH planned AS (UPDATE queue_entries SET stage_at = @now, stage_due_at = @due, ready_from = @from, ready_to = @to, odds_pct = @odds,
			news_at = @now, news_due_at = @news, news_step = 0, news_round = news_round + 1 WHERE id = @id AND state = 'accepted' RETURNING order_id, market, ready_from, ready_to, odds_pct),
		kept AS (INSERT INTO forecasts (order_id, market, made_at, state, ready_from, ready_to, odds_pct) SELECT order_id, market, @now, @state, ready_from, ready_to, odds_pct FROM planned),
		heard AS (UPDATE silences x SET ended_at = @now FROM planned WHERE x.order_id = planned.order_id AND x.ended_at IS NULL)
		SELECT order_id FROM planned`,
		map[string]any{"now": tx.Now, "due": p.StageDue, "from": p.From, "to": p.To, "odds": p.Odds, "news": db.TimeOrNull(p.NewsDue), "id": e.ID, "state": state})
	if err != nil || !ok {
		return orMoved(err, "plan")
	}
	e.NewsAt, e.NewsDueAt, e.NewsStep = tx.Now, p.NewsDue, NobodyTold
	e.NewsRound++
	return nil
}

// NewsTx says that the buyer hears something now, and by when something next; zero when it is the buyer's turn. A
// silence that was there ends.
func NewsTx(tx *db.Tx, e *Entry, next time.Time) error {
	var due *time.Time
	if !next.IsZero() {
		due = &next
	}
	ok, err := db.Changed(tx.DB, `UPDATE queue_entries SET news_at = ?, news_due_at = ?, news_step = 0, news_round = news_round + 1 WHERE id = ? AND state = 'accepted'`, tx.Now, due, e.ID)
	if err != nil || !ok {
		return orMoved(err, "news")
	}
	e.NewsAt, e.NewsDueAt, e.NewsStep = tx.Now, next, NobodyTold
	e.NewsRound++
	return tx.Exec(`UPDATE silences SET ended_at = ? WHERE order_id = ? AND ended_at IS NULL`, tx.Now, e.Order).Error
}

func orMoved(err error, what string) error {
	if err != nil {
		return fmt.Errorf("allocation: %s: %w", what, err)
	}
	return ErrMoved
}

// SilentTx takes the next step of a silence: the dealer is told, then the country, at last the buyer, with whom a
// new promise begins. due is when the step after it is.
func SilentTx(tx *db.Tx, e *Entry, due time.Time) error {
	step := e.NewsStep + 1
	if e.NewsStep == CountryTold {
		step = NobodyTold
	}
	ok, err := db.Changed(tx.DB, `UPDATE queue_entries SET news_due_at = ?, news_step = ?, news_round = news_round + CASE WHEN ? = 0 THEN 1 ELSE 0 END
		WHERE id = ? AND state = 'accepted' AND news_round = ? AND news_step = ?`, due, step, step, e.ID, e.NewsRound, e.NewsStep)
	if err != nil || !ok {
		return orMoved(err, "silence")
	}
	switch e.NewsStep {
	case NobodyTold:
		err = tx.Exec(`INSERT INTO silences (order_id, round, market, dealer, due_at, dealer_told_at) VALUES (?, ?, ?, ?, ?, ?)`, e.Order, e.NewsRound, e.Market, e.Dealer, e.NewsDueAt, tx.Now).Error
	case DealerTold:
		err = tx.Exec(`UPDATE silences SET country_told_at = ? WHERE order_id = ? AND round = ?`, tx.Now, e.Order, e.NewsRound).Error
	default:
		err = tx.Exec(`UPDATE silences SET buyer_told_at = ? WHERE order_id = ? AND round = ?`, tx.Now, e.Order, e.NewsRound).Error
	}
	return err
}

// NewsDue lists orders of which the buyer should have heard by now, or of whose silence the next is to be told.
func NewsDue(g *gorm.DB, now time.Time, n int) ([]id.Order, error) {
	var out []id.Order
	err := g.Raw(`SELECT order_id FROM queue_entries WHERE state = 'accepted' AND news_due_at <= ? ORDER BY news_due_at LIMIT ?`, now, n).Scan(&out).Error
	return out, err
}

// Unplanned lists accepted orders without a plan: of an older release.
func Unplanned(g *gorm.DB, n int) ([]id.Order, error) {
	var out []id.Order
	err := g.Raw(`SELECT order_id FROM queue_entries WHERE state = 'accepted' AND stage_at IS NULL ORDER BY id LIMIT ?`, n).Scan(&out).Error
	return out, err
}

// day reads a date of the database.
func day(s *string) market.Date {
	if s == nil {
		return ""
	}
	return market.Date((*s)[:min(10, len(*s))])
}

// AskedTx notes that the buyer waits for an answer of the dealer who has the order, or had it last.
func AskedTx(tx *db.Tx, o id.Order) error {
	return tx.Exec(`UPDATE queue_entries SET asked_at = coalesce(asked_at, ?) WHERE order_id = ? AND state IN ('accepted', 'done')`, tx.Now, o).Error
}

// AnsweredTx notes that the buyer has the answer.
func AnsweredTx(tx *db.Tx, o id.Order) error {
	return tx.Exec(`UPDATE queue_entries SET asked_at = NULL WHERE order_id = ? AND asked_at IS NOT NULL`, o).Error
}
