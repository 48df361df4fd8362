package intake

import (
	"encoding/json"
	"strings"

	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type lineRow struct {
	Line    int
	Cells   []byte
	Vin     string
	Outcome string
	Why     string
	Field   string
	Said    string
}

const lineColumns = `line, to_json(cells) AS cells, vin, outcome, why, field, said`

func lines(g *gorm.DB, query string, args ...any) ([]Line, error) {
	var rows []lineRow
	if err := g.Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Line, len(rows))
	for i, r := range rows {
		out[i] = Line{No: r.Line, VIN: r.Vin, Outcome: Outcome(r.Outcome), Fault: Fault{Why(r.Why), Field(r.Field), r.Said}}
		if err := json.Unmarshal(r.Cells, &out[i].Cells); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Lines lists lines of a file after one, all or those of one outcome.
func Lines(g *gorm.DB, key ID, what Outcome, after, most int) ([]Line, error) {
	return lines(g, `SELECT `+lineColumns+` FROM used_import_rows WHERE import_id = ? AND line > ? AND (? = '' OR outcome = ?) ORDER BY line LIMIT ?`, key, after, what, what, most)
}

// Open lists lines that nobody has looked at.
func Open(g *gorm.DB, key ID, most int) ([]Line, error) {
	return lines(g, `SELECT `+lineColumns+` FROM used_import_rows WHERE import_id = ? AND outcome = '' ORDER BY line LIMIT ?`, key, most)
}

// FirstTx keeps the VINs of some lines, and answers for each the first line of the file that has it.
func FirstTx(tx *db.Tx, key ID, parsed []Parsed) (map[string]int, error) {
	type mark struct {
		L int    `json:"l"`
		V string `json:"v"`
	}
	var marks []mark
	vins := make([]string, 0, len(parsed))
	for _, p := range parsed {
		if p.VIN != "" {
			marks, vins = append(marks, mark{p.No, p.VIN}), append(vins, p.VIN)
		}
	}
	b, err := json.Marshal(marks)
	if err != nil || len(marks) == 0 {
		return nil, err
	}
	if err := tx.Exec(`UPDATE used_import_rows r SET vin = m.v FROM json_to_recordset(?::json) AS m (l integer, v text) WHERE r.import_id = ? AND r.line = m.l AND r.vin <> m.v`, string(b), key).Error; err != nil {
		return nil, err
	}
	var rows []struct {
		Vin  string
		Line int
	}
	// Joined, and with the words of the index: a list of thousands would be gone through for each line of the file.
	err = tx.Raw(`SELECT r.vin, min(r.line) AS line FROM unnest(string_to_array(?, ',')) v JOIN used_import_rows r ON r.import_id = ? AND r.vin = v AND r.vin <> '' GROUP BY r.vin`, strings.Join(vins, ","), key).Scan(&rows).Error
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.Vin] = r.Line
	}
	return out, err
}

// SettleTx keeps what becomes of some lines; those without an outcome stay open.
func SettleTx(tx *db.Tx, key ID, done []Line) error {
	type mark struct {
		L int    `json:"l"`
		O string `json:"o"`
		W string `json:"w"`
		F string `json:"f"`
		S string `json:"s"`
	}
	marks := make([]mark, 0, len(done))
	for _, l := range done {
		if l.Outcome != "" {
			marks = append(marks, mark{l.No, string(l.Outcome), string(l.Fault.Why), string(l.Fault.Field), short(l.Fault.Said)})
		}
	}
	b, err := json.Marshal(marks)
	if err != nil {
		return err
	}
	return tx.Exec(`UPDATE used_import_rows r SET outcome = m.o, why = m.w, field = m.f, said = m.s FROM json_to_recordset(?::json) AS m (l integer, o text, w text, f text, s text)
		WHERE r.import_id = ? AND r.line = m.l AND r.outcome = ''`, string(b), key).Error
}

// short cuts what is repeated of a cell.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
