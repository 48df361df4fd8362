package ordering

import (
	"errors"
	"io"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// Import is a file of reports.
type Import struct {
	ID        ImportID
	Scope     Scope
	Name      string
	State     ImportState
	Rows      int
	Open      int // rows that were not looked at yet
	Counts    map[Outcome]int
	CreatedAt time.Time
}

// ImportState is where a file stands.
type ImportState string

// States of a file.
const (
	Checking ImportState = "checking" // its rows are looked at; nothing changes
	Checked  ImportState = "checked"  // its sender decides
	Applying ImportState = "applying"
	Applied  ImportState = "done"
)

// AddImportTx takes a file in, streaming its rows. Any fault of the file as a whole refuses all of it.
func AddImportTx(tx *db.Tx, s Scope, name string, file *Reports) (ImportID, error) {
	key := id.New[ImportID]()
	err := tx.Exec(`INSERT INTO status_imports (id, dealer, markets, actor, name, state, rows, created_at, changed_at)
		VALUES (?, nullif(?, ''), coalesce(string_to_array(nullif(?, ''), ','), '{}'), ?, ?, 'checking', 1, ?, ?)`, key, s.Dealer, joinMarkets(s.Markets), s.Actor, name, tx.Now, tx.Now).Error
	if err != nil {
		return "", err
	}
	src := &copier{key: key, file: file}
	n, err := tx.Pgx().CopyFrom(tx.Statement.Context, pgx.Identifier{"status_import_rows"}, []string{"import_id", "line", "vin", "stage", "rank", "on_day", "number", "correction", "outcome", "why"}, src)
	if src.err != nil && !errors.Is(src.err, io.EOF) {
		return "", src.err
	}
	if err != nil {
		return "", err
	}
	if err := tx.Exec(`UPDATE status_imports SET rows = ? WHERE id = ?`, n, key).Error; err != nil {
		return "", err
	}
	// What no order of the scope answers to is found for all rows at once: of a maker's file that is most.
	return key, tx.Exec(`UPDATE status_import_rows r SET outcome = 'reject', why = 'unknown' FROM status_imports i
		WHERE i.id = r.import_id AND r.import_id = ? AND r.outcome = '' AND CASE WHEN r.number <> '' THEN
			NOT EXISTS (SELECT FROM orders o WHERE o.number = r.number AND CASE WHEN i.dealer IS NOT NULL THEN o.dealer = i.dealer ELSE o.market = ANY (i.markets) END)
			ELSE NOT EXISTS (SELECT FROM orders o WHERE o.vin = r.vin AND o.state NOT IN ('cancelled', 'lapsed') AND CASE WHEN i.dealer IS NOT NULL THEN o.dealer = i.dealer ELSE o.market = ANY (i.markets) END) END`, key).Error
}

func joinMarkets(ms []id.Market) string {
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = string(m)
	}
	return strings.Join(out, ",")
}

// copier gives the rows of a file to the database as it asks for them.
type copier struct {
	key  ImportID
	file *Reports
	row  Report
	err  error
}

func (c *copier) Next() bool {
	c.row, c.err = c.file.Next()
	return c.err == nil
}

func (c *copier) Values() ([]any, error) {
	r := c.row
	return []any{string(c.key), int32(r.Line), r.VIN, string(r.Stage), int16(r.Rank()), r.On, r.Number, r.Correction, string(r.Outcome), r.Why}, nil
}

func (c *copier) Err() error {
	if errors.Is(c.err, io.EOF) {
		return nil
	}
	return c.err
}

type importRow struct {
	ID        string
	Dealer    string
	Markets   string
	Actor     string
	Name      string
	State     string
	Rows      int
	CreatedAt time.Time
}

const importColumns = `i.id, coalesce(i.dealer, '') AS dealer, array_to_string(i.markets, ',') AS markets, i.actor, i.name, i.state, i.rows, i.created_at`

func (r *importRow) imported() *Import {
	i := &Import{ID: ImportID(r.ID), Scope: Scope{Actor: r.Actor, Dealer: id.Dealer(r.Dealer)}, Name: r.Name, State: ImportState(r.State), Rows: r.Rows, CreatedAt: r.CreatedAt}
	for _, m := range split(r.Markets) {
		i.Scope.Markets = append(i.Scope.Markets, id.Market(m))
	}
	return i
}

// ImportOf reads a file that belongs to a scope: that of the same dealer, or of the same person of an office.
func ImportOf(g *gorm.DB, s Scope, key ImportID) (*Import, error) {
	if !id.IsKey(string(key)) {
		return nil, ErrNoImport
	}
	var r importRow
	ok, err := db.One(g, &r, `SELECT `+importColumns+` FROM status_imports i WHERE i.id = ? AND coalesce(i.dealer, '') = ? AND (i.dealer IS NOT NULL OR i.actor = ?)`, key, s.Dealer, s.Actor)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoImport
	}
	i := r.imported()
	var counts []struct {
		Outcome string
		N       int
	}
	if err := g.Raw(`SELECT outcome, count(*) AS n FROM status_import_rows WHERE import_id = ? GROUP BY outcome`, key).Scan(&counts).Error; err != nil {
		return nil, err
	}
	i.Counts = map[Outcome]int{}
	for _, c := range counts {
		if i.Counts[Outcome(c.Outcome)] = c.N; c.Outcome == "" {
			i.Open = c.N
		}
	}
	return i, nil
}

// ImportByID reads a file for whoever works on it.
func ImportByID(g *gorm.DB, key ImportID) (*Import, error) {
	var r importRow
	ok, err := db.One(g, &r, `SELECT `+importColumns+` FROM status_imports i WHERE i.id = ?`, key)
	if err == nil && !ok {
		err = ErrNoImport
	}
	return r.imported(), err
}

// ImportsOf lists the newest files of a scope.
func ImportsOf(g *gorm.DB, s Scope, limit int) ([]*Import, error) {
	var rows []importRow
	err := g.Raw(`SELECT `+importColumns+` FROM status_imports i WHERE CASE WHEN ? <> '' THEN i.dealer = ? ELSE i.dealer IS NULL AND i.actor = ? END ORDER BY i.created_at DESC, i.id DESC LIMIT ?`, s.Dealer, s.Dealer, s.Actor, limit).Scan(&rows).Error
	out := make([]*Import, len(rows))
	for i := range rows {
		out[i] = rows[i].imported()
	}
	return out, err
}

// ImportRows lists rows of a file after a line, all or those of one outcome.
func ImportRows(g *gorm.DB, key ImportID, what Outcome, after, limit int) ([]Report, error) {
	return reports(g, `SELECT line, vin, stage, on_day, number, correction, outcome, why FROM status_import_rows
		WHERE import_id = ? AND line > ? AND (? = '' OR outcome = ?) ORDER BY line LIMIT ?`, key, after, what, what, limit)
}

// OpenRows lists rows that nobody has looked at, in the order in which they happened.
func OpenRows(g *gorm.DB, key ImportID, limit int) ([]Report, error) {
	return reports(g, `SELECT line, vin, stage, on_day, number, correction, outcome, why FROM status_import_rows
		WHERE import_id = ? AND outcome = '' ORDER BY on_day, rank, line LIMIT ?`, key, limit)
}

func reports(g *gorm.DB, query string, args ...any) ([]Report, error) {
	var rows []struct {
		Line       int
		Vin        string
		Stage      string
		OnDay      string
		Number     string
		Correction bool
		Outcome    string
		Why        string
	}
	err := g.Raw(query, args...).Scan(&rows).Error
	out := make([]Report, len(rows))
	for i, r := range rows {
		out[i] = Report{Line: r.Line, VIN: r.Vin, Stage: State(r.Stage), On: r.OnDay, Number: r.Number, Correction: r.Correction, Outcome: Outcome(r.Outcome), Why: r.Why}
	}
	return out, err
}

// SetOutcomeTx keeps what a row does.
func SetOutcomeTx(tx *db.Tx, key ImportID, r Report) error {
	return tx.Exec(`UPDATE status_import_rows SET outcome = ?, why = ? WHERE import_id = ? AND line = ?`, r.Outcome, r.Why, key, r.Line).Error
}

// MoveImportTx makes a file's next step, guarded by where it stands. A file that is to be carried out is looked at anew, row
// by row, as it is then; what was refused stays so.
func MoveImportTx(tx *db.Tx, key ImportID, from, to ImportState) error {
	ok, err := db.Changed(tx.DB, `UPDATE status_imports SET state = ?, changed_at = ? WHERE id = ? AND state = ?`, to, tx.Now, key, from)
	if err == nil && !ok {
		err = ErrImportMoved
	}
	if err == nil && to == Applying {
		err = tx.Exec(`UPDATE status_import_rows SET outcome = '' WHERE import_id = ? AND outcome IN ('move', 'note', 'correct')`, key).Error
	}
	return err
}

// ForgetImportsTx forgets files older than 30 days; what they reported stays.
func ForgetImportsTx(tx *db.Tx) error {
	return tx.Exec(`DELETE FROM status_imports WHERE created_at < ?`, tx.Now.AddDate(0, 0, -30)).Error
}

// ReportedOrder finds the order that a report is about: by its number, else the one with the VIN that was not given up.
// ErrNoOrder when there is none; whether it is the reporter's business is for the caller to ask.
func ReportedOrder(g *gorm.DB, r Report) (*Order, error) {
	if r.Number != "" {
		return one(g, `SELECT `+orderColumns+` FROM orders WHERE number = ?`, r.Number)
	}
	return one(g, `SELECT `+orderColumns+` FROM orders WHERE vin = ? AND vin IS NOT NULL AND state NOT IN ('cancelled', 'lapsed')`, r.VIN)
}

// ReportedDays lists the days on which a stage of an order was reported.
func ReportedDays(g *gorm.DB, o id.Order, stage State) ([]string, error) {
	var out []string
	err := g.Raw(`SELECT on_day::text FROM vehicle_reports WHERE order_id = ? AND stage = ?`, o, stage).Scan(&out).Error
	return out, err
}

// AddReportTx keeps a report that counts.
func AddReportTx(tx *db.Tx, o *Order, r Report, actor string) error {
	return tx.Exec(`INSERT INTO vehicle_reports (order_id, market, vin, stage, on_day, correction, actor, at) VALUES (?, ?, ?, ?, ?::date, ?, ?, ?) ON CONFLICT DO NOTHING`,
		o.ID, o.Market, r.VIN, r.Stage, r.On, r.Correction, actor, tx.Now).Error
}
