package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// countedFrom is from how many lines on a file is counted for the planner.
const countedFrom = 2000

// AddTx takes a file in, streaming its lines. A fault of the file as a whole refuses all of it.
func AddTx(tx *db.Tx, s Scope, m id.Market, name string, header []string, fields []Field, rows Rows) (ID, error) {
	key := id.New[ID]()
	err := tx.Exec(`INSERT INTO used_imports (id, dealer, market, actor, name, state, header, fields, rows, created_at, changed_at)
		VALUES (?, ?, ?, ?, ?, 'mapping', ARRAY(SELECT json_array_elements_text(?::json)), ARRAY(SELECT json_array_elements_text(?::json)), 1, ?, ?)`,
		key, s.Dealer, m, s.Actor, name, list(header), list(fields), tx.Now, tx.Now).Error
	if err != nil {
		return "", fmt.Errorf("intake: add: %w", err)
	}
	src := &copier{key: string(key), rows: rows}
	n, err := tx.Pgx().CopyFrom(tx.Statement.Context, pgx.Identifier{"used_import_rows"}, []string{"import_id", "line", "cells", "outcome", "why"}, src)
	if src.err != nil && !errors.Is(src.err, io.EOF) {
		return "", src.err
	}
	if err != nil {
		return "", fmt.Errorf("intake: lines: %w", err)
	}
	// What was not counted is taken for a handful of rows, and each part of a large file would read all of it. A small one, as the
	// API brings them, is one part: it is not worth the lock, for which other files would wait.
	if n > countedFrom {
		if err := tx.Exec(`ANALYZE used_import_rows`).Error; err != nil {
			return "", err
		}
	}
	return key, tx.Exec(`UPDATE used_imports SET rows = ? WHERE id = ?`, n, key).Error
}

func list[S ~string](of []S) string {
	if of == nil {
		of = []S{}
	}
	b, _ := json.Marshal(of) // strings: it can not fail
	return string(b)
}

// copier gives the lines of a file to the database as it asks for them.
type copier struct {
	key  string
	rows Rows
	row  struct {
		line  int
		cells []string
		why   Why
	}
	err error
}

func (c *copier) Next() bool {
	r, err := c.rows.Next()
	c.row.line, c.row.cells, c.row.why, c.err = r.Line, r.Cells, "", err
	if r.Extra {
		c.row.why = WhyCells
	}
	return err == nil
}

func (c *copier) Values() ([]any, error) {
	outcome := Outcome("")
	if c.row.why != "" {
		outcome = Rejects
	}
	return []any{c.key, int32(c.row.line), c.row.cells, string(outcome), string(c.row.why)}, nil
}

func (c *copier) Err() error {
	if errors.Is(c.err, io.EOF) {
		return nil
	}
	return c.err
}

type fileRow struct {
	ID        string
	Dealer    string
	Market    string
	Actor     string
	Name      string
	State     string
	Header    []byte
	Fields    []byte
	Rows      int
	CreatedAt time.Time
	ChangedAt time.Time
}

const fileColumns = `i.id, i.dealer, i.market, i.actor, i.name, i.state, to_json(i.header) AS header, to_json(i.fields) AS fields, i.rows, i.created_at, i.changed_at`

func (r *fileRow) file() (*File, error) {
	f := &File{ID: ID(r.ID), Dealer: id.Dealer(r.Dealer), Market: id.Market(r.Market), Actor: r.Actor, Name: r.Name, State: State(r.State), Rows: r.Rows, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt}
	return f, errors.Join(json.Unmarshal(r.Header, &f.Header), json.Unmarshal(r.Fields, &f.Fields))
}

// Of reads a file of a dealer with what became of its lines; another's does not exist.
func Of(g *gorm.DB, d id.Dealer, key ID) (*File, error) {
	if !id.IsKey(string(key)) {
		return nil, ErrNone
	}
	f, err := one(g, `i.id = ? AND i.dealer = ?`, key, d)
	if err != nil {
		return nil, err
	}
	var counts []struct {
		Outcome string
		N, Fell int
	}
	if err := g.Raw(`SELECT outcome, count(*) AS n, count(*) FILTER (WHERE why = 'fell') AS fell FROM used_import_rows WHERE import_id = ? GROUP BY outcome`, key).Scan(&counts).Error; err != nil {
		return nil, err
	}
	f.Counts = map[Outcome]int{}
	for _, c := range counts {
		f.Counts[Outcome(c.Outcome)] = c.N
		f.Fell += c.Fell
	}
	return f, nil
}

func one(g *gorm.DB, where string, args ...any) (*File, error) {
	var r fileRow
	ok, err := db.One(g, &r, `SELECT `+fileColumns+` FROM used_imports i WHERE `+where, args...)
	switch {
	case err != nil:
		return nil, fmt.Errorf("intake: file: %w", err)
	case !ok:
		return nil, ErrNone
	}
	return r.file()
}

// Newest lists the newest files of a dealer, without their lines.
func Newest(g *gorm.DB, d id.Dealer, most int) ([]*File, error) {
	var rows []fileRow
	if err := g.Raw(`SELECT `+fileColumns+` FROM used_imports i WHERE i.dealer = ? ORDER BY i.created_at DESC, i.id DESC LIMIT ?`, d, most).Scan(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]*File, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].file(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// MapTx says which column of a file is what, keeps it for the dealer's next file, and has the lines looked at.
func MapTx(tx *db.Tx, f *File, fields []Field) error {
	if err := checkColumns(fields, len(f.Header)); err != nil {
		return err
	}
	ok, err := db.Changed(tx.DB, `UPDATE used_imports SET state = 'checking', fields = ARRAY(SELECT json_array_elements_text(?::json)), changed_at = ? WHERE id = ? AND state = 'mapping'`, list(fields), tx.Now, f.ID)
	if err == nil && !ok {
		err = ErrMoved
	}
	if err != nil {
		return err
	}
	known := map[string]Field{}
	for i, h := range f.Header {
		if w := Fold(h); w != "" && len(w) <= 100 {
			known[w] = fields[i]
		}
	}
	b, err := json.Marshal(known)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO used_import_columns (dealer, word, field) SELECT ?, k.key, k.value FROM json_each_text(?::json) k ORDER BY k.key
		ON CONFLICT (dealer, word) DO UPDATE SET field = excluded.field WHERE used_import_columns.field <> excluded.field`, f.Dealer, string(b)).Error
}

// Known are the words above columns whose meaning a dealer has said.
func Known(g *gorm.DB, d id.Dealer) (map[string]Field, error) {
	var rows []struct{ Word, Field string }
	err := g.Raw(`SELECT word, field FROM used_import_columns WHERE dealer = ?`, d).Scan(&rows).Error
	out := map[string]Field{}
	for _, r := range rows {
		out[r.Word] = Field(r.Field)
	}
	return out, err
}

// MoveTx makes a file's next step, guarded by where it stands. A file that is to be carried out is looked at anew, line by
// line, as it is then; what was refused stays so. One that goes back to its columns is as it was when it came.
func MoveTx(tx *db.Tx, key ID, from, to State) error {
	ok, err := db.Changed(tx.DB, `UPDATE used_imports SET state = ?, changed_at = ? WHERE id = ? AND state = ?`, to, tx.Now, key, from)
	switch {
	case err != nil:
		return err
	case !ok:
		return ErrMoved
	case to == Applying:
		return tx.Exec(`UPDATE used_import_rows SET outcome = '', why = '', field = '', said = '' WHERE import_id = ? AND outcome IN ('new', 'change')`, key).Error
	case to == Mapping:
		return tx.Exec(`UPDATE used_import_rows SET vin = '', outcome = '', why = '', field = '', said = '' WHERE import_id = ? AND why <> 'cells'`, key).Error
	}
	return nil
}

// LockTx locks a file until the transaction ends, so that two workers never have the same lines in hand.
func LockTx(tx *db.Tx, key ID) (*File, error) { return one(tx.DB, `i.id = ? FOR UPDATE`, key) }

// ForgetTx forgets files older than 30 days; what they brought stays.
func ForgetTx(tx *db.Tx) error {
	return tx.Exec(`DELETE FROM used_imports WHERE created_at < ?`, tx.Now.AddDate(0, 0, -30)).Error
}
