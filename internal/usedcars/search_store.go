package usedcars

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type searchRow struct {
	ID          string
	Brand       string
	Market      string
	Locale      string
	Email       string
	Query       string
	State       string
	Pace        string
	Asked       int
	CreatedAt   time.Time
	ConfirmedAt *time.Time
	DueAt       *time.Time
	EndWhy      *string
}

const searchColumns = `id, brand, market, locale, email, query, state, pace, asked, created_at, confirmed_at, due_at, end_why`

func (r *searchRow) search() *Search {
	return &Search{ID: id.Search(r.ID), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), Locale: r.Locale, Email: r.Email, Query: r.Query, State: SearchState(r.State), Pace: Pace(r.Pace),
		Asked: r.Asked, Created: r.CreatedAt, Confirmed: db.OrZero(r.ConfirmedAt), DueAt: db.OrZero(r.DueAt), EndWhy: SearchWhy(db.OrZero(r.EndWhy))}
}

func searchWhere(g *gorm.DB, where string, args ...any) (*Search, error) {
	var r searchRow
	ok, err := db.One(g, &r, `SELECT `+searchColumns+` FROM used_searches WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("usedcars: search: %w", err)
	}
	if !ok {
		return nil, ErrNoSearch
	}
	return r.search(), nil
}

// SearchLink is which of a search's secrets an address holds.
type SearchLink string

// The links.
const (
	ConfirmLink SearchLink = "confirm_hash"
	PageLink    SearchLink = "token_hash"
	OffLink     SearchLink = "off_hash"
)

// SearchBy reads the search of a secret link in its shop; ErrNoSearch too for what has not even a token's form, whose hash
// is nil.
func SearchBy(g *gorm.DB, b id.Brand, m id.Market, l SearchLink, hash []byte) (*Search, error) {
	if hash == nil {
		return nil, ErrNoSearch
	}
	return searchWhere(g, string(l)+` = ? AND brand = ? AND market = ?`, hash, b, m)
}

// SearchByID reads a search.
func SearchByID(g *gorm.DB, key id.Search) (*Search, error) { return searchWhere(g, `id = ?`, key) }

// LockSearchTx reads a search and locks it until the transaction ends.
func LockSearchTx(tx *db.Tx, key id.Search) (*Search, error) {
	return searchWhere(tx.DB, `id = ? FOR UPDATE`, key)
}

// SavedTx locks the living search that an address has for the same query already; ErrNoSearch when it has none.
func SavedTx(tx *db.Tx, s *Search) (*Search, error) {
	return searchWhere(tx.DB, `brand = ? AND market = ? AND email = ? AND query = ? AND state <> 'ended' FOR UPDATE`, s.Brand, s.Market, s.Email, s.Query)
}

// SearchesOf counts what an address has: said yes to, and not yet. Who asks has the address to himself until the end of the
// transaction, so that two who save at once do not both take the last place.
func SearchesOf(tx *db.Tx, email string) (yes, unheard int, err error) {
	if err := tx.Exec(`SELECT pg_advisory_xact_lock(hashtextextended('used_searches:' || ?, 0))`, email).Error; err != nil {
		return 0, 0, err
	}
	var n struct{ Yes, Unheard int }
	_, err = db.One(tx.DB, &n, `SELECT count(*) FILTER (WHERE state <> 'waiting') AS yes, count(*) FILTER (WHERE state = 'waiting') AS unheard FROM used_searches WHERE email = ? AND state <> 'ended'`, email)
	return n.Yes, n.Unheard, err
}

// AddSearchTx writes a search whose address has not said yes yet.
func AddSearchTx(tx *db.Tx, s *Search, h Secrets) error {
	s.State, s.Asked, s.Created, s.DueAt = SearchWaiting, 1, tx.Now, tx.Now.Add(ConfirmLife)
	err := tx.Exec(`INSERT INTO used_searches (id, brand, market, locale, email, query, state, pace, confirm_hash, token_hash, off_hash, created_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.ID, s.Brand, s.Market, s.Locale, s.Email, s.Query, s.State, s.Pace, h.Confirm, h.Page, h.Off, tx.Now, s.DueAt).Error
	if err != nil {
		return fmt.Errorf("usedcars: save search: %w", err)
	}
	return nil
}

// AskedAgainTx counts that a locked search was asked for once more; one that waits waits anew.
func AskedAgainTx(tx *db.Tx, s *Search) error {
	if s.State == SearchWaiting {
		s.DueAt = tx.Now.Add(ConfirmLife)
	}
	s.Asked++
	return tx.Exec(`UPDATE used_searches SET asked = asked + 1, due_at = ? WHERE id = ? AND state = ?`, s.DueAt, s.ID, s.State).Error
}

// MoveSearchTx makes a step of a locked search; ErrMoved when there is no such step or somebody was quicker. What ends is
// forgotten at once: the address and what was looked for.
func MoveSearchTx(tx *db.Tx, s *Search, to SearchState, why SearchWhy) error {
	ok := false
	for _, e := range SearchEdges {
		ok = ok || e == (SearchEdge{s.State, to})
	}
	if !ok {
		return ErrMoved
	}
	email, query, ended, due, confirmed := s.Email, s.Query, time.Time{}, tx.Now.Add(SearchLife), s.Confirmed
	switch {
	case to == SearchEnded:
		email, query, ended, due = "", "", tx.Now, time.Time{}
	case s.State == SearchWaiting:
		confirmed = tx.Now
	}
	ok, err := db.Changed(tx.DB, `UPDATE used_searches SET state = ?, email = ?, query = ?, confirmed_at = ?, due_at = ?, ended_at = ?, end_why = ? WHERE id = ? AND state = ?`,
		to, email, query, db.TimeOrNull(confirmed), db.TimeOrNull(due), db.TimeOrNull(ended), db.OrNull(string(why)), s.ID, s.State)
	if err == nil && !ok {
		err = ErrMoved
	}
	if err == nil {
		s.State, s.Email, s.Query, s.Confirmed, s.DueAt, s.EndWhy = to, email, query, confirmed, due, why
	}
	return err
}

// PaceTx says how soon the reader of a locked search is told; it is wanted for another year then.
func PaceTx(tx *db.Tx, s *Search, p Pace) error {
	ok, err := db.Changed(tx.DB, `UPDATE used_searches SET pace = ?, due_at = ? WHERE id = ? AND state IN ('on', 'paused')`, p, tx.Now.Add(SearchLife), s.ID)
	if err == nil && !ok {
		err = ErrMoved
	}
	if err == nil {
		s.Pace, s.DueAt = p, tx.Now.Add(SearchLife)
	}
	return err
}

// searchKept is how long it is known that a search was told of something, and that it ended.
const searchKept = 90 * 24 * time.Hour

// ForgetSearchesTx ends what nobody wants any more: a search that its address never said yes to is as if it had not been.
func ForgetSearchesTx(tx *db.Tx) error {
	for _, f := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM used_searches WHERE state = 'waiting' AND due_at <= ?`, []any{tx.Now}},
		{`UPDATE used_searches SET state = 'ended', email = '', query = '', due_at = NULL, ended_at = ?, end_why = 'lapsed' WHERE state IN ('on', 'paused') AND due_at <= ?`, []any{tx.Now, tx.Now}},
		{`DELETE FROM used_searches WHERE state = 'ended' AND ended_at < ?`, []any{tx.Now.Add(-searchKept)}},
		{`DELETE FROM used_letters WHERE sent_at < ?`, []any{tx.Now.Add(-searchKept)}},
	} {
		if err := tx.Exec(f.query, f.args...).Error; err != nil {
			return err
		}
	}
	return nil
}

// AnySearch tells whether anybody saved a search.
func AnySearch(g *gorm.DB) (bool, error) {
	var found bool
	_, err := db.One(g, &found, `SELECT EXISTS (SELECT FROM used_searches)`)
	return found, err
}

// SeedSearchTx writes a search of the demo, on or paused, as it would stand since its address said yes on the day it asked.
func SeedSearchTx(tx *db.Tx, s *Search, h Secrets) error {
	return tx.Exec(`INSERT INTO used_searches (id, brand, market, locale, email, query, state, pace, confirm_hash, token_hash, off_hash, created_at, confirmed_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.ID, s.Brand, s.Market, s.Locale, s.Email, s.Query, s.State, s.Pace, h.Confirm, h.Page, h.Off, s.Created, s.Created, s.Created.Add(SearchLife)).Error
}
