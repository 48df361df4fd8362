package allocation

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// DueRungs lists orders whose silent dealer's next step is due, the longest due first.
func DueRungs(g *gorm.DB, now time.Time, n int) ([]id.Order, error) {
	var out []id.Order
	err := g.Raw(`SELECT order_id FROM queue_entries WHERE state = 'offered' AND rung_due <= ? AND due_at > ? ORDER BY rung_due LIMIT ?`, now, now, n).Scan(&out).Error
	return out, err
}

// Climb is a step of the ladder that an entry's dealer has coming, and when the one after it is due (zero: none is).
type Climb struct {
	Entry *Entry
	Rung  Rung
	Next  time.Time
}

// ClimbTx makes steps of the ladder, each once and with its receipt, all with one statement: it is written for sweeps that
// find many. The caller holds the orders' locks; ErrMoved when one of the entries is not where it was read.
func ClimbTx(tx *db.Tx, cs []Climb) error {
	type row struct {
		Entry id.QueueEntry `json:"entry"`
		Rung  Rung          `json:"rung"`
		Was   Rung          `json:"was"`
		Next  *time.Time    `json:"next"`
		Round int           `json:"round"`
		Body  string        `json:"body"`
	}
	rows := make([]row, len(cs))
	for i, c := range cs {
		e := c.Entry
		body, err := Note{At: stamp(tx.Now), By: "system", Dealer: e.Dealer, Event: Event(c.Rung), Order: e.Order, Round: e.Round}.canonical()
		if err != nil {
			return err
		}
		rows[i] = row{e.ID, c.Rung, e.Rung, db.TimeOrNull(c.Next), e.Round, body}
	}
	raw, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	res := tx.Exec(`WITH due AS (SELECT * FROM jsonb_to_recordset(CAST(@rows AS jsonb)) AS x (entry uuid, rung text, was text, next timestamptz, round integer, body text)),
		step AS (UPDATE queue_entries q SET rung = d.rung, rung_due = d.next FROM due d WHERE q.id = d.entry AND q.state = 'offered' AND q.rung = d.was
			RETURNING q.order_id, q.market, d.rung AS event, d.round, d.body)
		INSERT INTO allocation_receipts (order_id, market, seq, at, event, round, body, prev, hash)
		SELECT s.order_id, s.market, coalesce(l.seq, 0) + 1, @at, s.event, s.round, s.body, coalesce(l.hash, ''), sha256(coalesce(l.hash, '') || convert_to(s.body, 'UTF8'))
		FROM step s LEFT JOIN LATERAL (SELECT seq, hash FROM allocation_receipts r WHERE r.order_id = s.order_id ORDER BY seq DESC LIMIT 1) l ON true`,
		map[string]any{"rows": string(raw), "at": tx.Now})
	if res.Error != nil {
		return fmt.Errorf("allocation: climb: %w", res.Error)
	}
	if res.RowsAffected != int64(len(cs)) {
		return ErrMoved
	}
	for _, c := range cs {
		c.Entry.Rung, c.Entry.RungDue = c.Rung, c.Next
	}
	return nil
}

// TopTx notes that no further step comes: the market's rule has changed since the last one.
func TopTx(tx *db.Tx, e *Entry) error {
	e.RungDue = time.Time{}
	return tx.Exec(`UPDATE queue_entries SET rung_due = NULL WHERE id = ?`, e.ID).Error
}

// SnoozeTx puts a live entry aside in its dealer's list until an instant; zero takes it up again.
func SnoozeTx(tx *db.Tx, e *Entry, until time.Time) error {
	ok, err := db.Changed(tx.DB, `UPDATE queue_entries SET snoozed_until = ? WHERE id = ? AND state = ?`, db.TimeOrNull(until), e.ID, e.State)
	if err == nil && !ok {
		err = ErrMoved
	}
	return err
}

// AskTx writes a dealer's question and stops its clock; e holds the new clock, deadline and next step.
func AskTx(tx *db.Tx, e *Entry, words, by string, ends time.Time) error {
	ok, err := db.Changed(tx.DB, `INSERT INTO queue_questions (entry_id, order_id, market, dealer, question, asked_at, asked_by, ends_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, e.ID, e.Order, e.Market, e.Dealer, words, tx.Now, by, ends)
	if err != nil {
		return fmt.Errorf("allocation: ask: %w", err)
	}
	if !ok {
		return ErrAskedOnce
	}
	return setClockTx(tx, e, EventQuestion, by)
}

// ReplyTx writes the buyer's answer; e holds the clock as it runs from now on.
func ReplyTx(tx *db.Tx, e *Entry, words string) error {
	ok, err := db.Changed(tx.DB, `UPDATE queue_questions SET answer = ?, answered_at = ? WHERE entry_id = ? AND answered_at IS NULL`, words, tx.Now, e.ID)
	if err != nil {
		return fmt.Errorf("allocation: reply: %w", err)
	}
	if !ok {
		return ErrNoQuestion
	}
	return setClockTx(tx, e, EventAnswer, "buyer")
}

// setClockTx writes the clock of an offer that waits, with a receipt.
func setClockTx(tx *db.Tx, e *Entry, ev Event, by string) error {
	n := Note{At: stamp(tx.Now), By: actorOf(by), Dealer: e.Dealer, Due: stamp(e.DueAt), Event: ev, Order: e.Order, Round: e.Round}
	ok, err := receiptTx(tx, `UPDATE queue_entries SET clock_from = @from, clock_used = @used, due_at = @due, rung_due = @next WHERE id = @id AND state = 'offered' RETURNING order_id, market`, n,
		map[string]any{"from": e.ClockFrom, "used": int(e.ClockUsed / time.Second), "due": e.DueAt, "next": db.TimeOrNull(e.RungDue), "id": e.ID})
	if err == nil && !ok {
		err = ErrMoved
	}
	return err
}

// QuestionOf is the question of an entry; nil when none was asked.
func QuestionOf(g *gorm.DB, key id.QueueEntry) (*BuyerQuestion, error) {
	var r struct{ Row []byte }
	if _, err := db.One(g, &r, `SELECT row_to_json(q) AS row FROM queue_questions q WHERE entry_id = ?`, key); err != nil {
		return nil, err
	}
	return QuestionFromJSON(r.Row)
}

// QuestionFromJSON reads a question as row_to_json writes it; nil when there is none.
func QuestionFromJSON(row []byte) (*BuyerQuestion, error) {
	if len(row) == 0 {
		return nil, nil
	}
	var q BuyerQuestion
	if err := json.Unmarshal(row, &q); err != nil {
		return nil, fmt.Errorf("allocation: question: %w", err)
	}
	if q.ErasedAt != nil { // the fact stays
		q.Question = erasedWords
		if !q.AnsweredAt.IsZero() {
			q.Answer = erasedWords
		}
	}
	return &q, nil
}

// erasedWords stand where somebody's words were until their time was over.
const erasedWords = "…"

// QuestionRecord is a question as evidence: with the hashes of what was written, also when it is erased.
type QuestionRecord struct {
	Dealer       id.Dealer
	Question     string
	QuestionHash []byte // SHA-256
	AskedAt      time.Time
	Answer       string
	AnswerHash   []byte     // SHA-256; nil while nobody answered
	AnsweredAt   *time.Time // nil while nobody answered
	Erased       bool
}

// QuestionRecords lists the questions that dealers asked the buyer of an order, oldest first.
func QuestionRecords(g *gorm.DB, o id.Order) ([]QuestionRecord, error) {
	var out []QuestionRecord
	err := g.Raw(`SELECT dealer, question, coalesce(question_hash, sha256(convert_to(question, 'UTF8'))) AS question_hash, asked_at, answer, answered_at, erased_at IS NOT NULL AS erased,
		CASE WHEN answered_at IS NOT NULL THEN coalesce(answer_hash, sha256(convert_to(answer, 'UTF8'))) END AS answer_hash
		FROM queue_questions WHERE order_id = ? ORDER BY asked_at, entry_id`, o).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("allocation: questions: %w", err)
	}
	return out, nil
}

// EraseWordsTx erases what dealers asked and the buyer answered, and keeps the hashes.
func EraseWordsTx(tx *db.Tx, o id.Order) (int64, error) {
	res := tx.Exec(`UPDATE queue_questions SET question_hash = sha256(convert_to(question, 'UTF8')), question = '', answer = '', erased_at = ?,
		answer_hash = CASE WHEN answered_at IS NOT NULL THEN sha256(convert_to(answer, 'UTF8')) END WHERE order_id = ? AND erased_at IS NULL`, tx.Now, o)
	return res.RowsAffected, res.Error
}
