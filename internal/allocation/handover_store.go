package allocation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// RecordHandoverTx keeps what was checked and given, with its pictures, and numbers the handover; there is one at a
// time of an order. The caller holds the order's lock.
func RecordHandoverTx(tx *db.Tx, h *Handover) error {
	h.At = tx.Now
	by := any(nil)
	if h.Confirmed != "" {
		by = tx.Now
	}
	_, err := db.One(tx.DB, &h.Round, `INSERT INTO handovers (order_id, at, by_user, checks, odometer_km, round, keys, papers, faults, code, confirmed, confirmed_at, confirmed_by)
		SELECT ?, ?, ?, string_to_array(?, ','), ?, coalesce((SELECT max(round) FROM handovers_undone WHERE order_id = ?), 0) + 1, ?, string_to_array(?, ','),
			ARRAY(SELECT jsonb_array_elements_text(?::jsonb)), nullif(?, ''), nullif(?, ''), ?, ? RETURNING round`,
		h.Order, tx.Now, h.By, strings.Join(h.Checks, ","), h.OdometerKm, h.Order, h.Keys, strings.Join(h.Papers, ","), listJSON(h.Faults), h.Code, h.Confirmed, by, h.ConfirmedBy)
	if err != nil {
		return fmt.Errorf("allocation: handover: %w", err)
	}
	if h.Confirmed != "" {
		h.ConfirmedAt = tx.Now
	}
	for i := range h.Photos {
		p := &h.Photos[i]
		sum := sha256.Sum256(p.JPEG)
		p.Seq, p.SHA256 = i+1, hex.EncodeToString(sum[:])
		err := tx.Exec(`INSERT INTO handover_photos (order_id, round, seq, jpeg, width, height, sha256) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			h.Order, h.Round, p.Seq, p.JPEG, p.Width, p.Height, p.SHA256).Error
		if err != nil {
			return fmt.Errorf("allocation: handover photo: %w", err)
		}
	}
	return nil
}

func listJSON(s []string) string {
	if len(s) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(s) // strings always can
	return string(b)
}

type handoverRow struct {
	OrderID     string     `json:"order_id"`
	Round       int        `json:"round"`
	At          time.Time  `json:"at"`
	ByUser      string     `json:"by_user"`
	Checks      []string   `json:"checks"`
	OdometerKm  int        `json:"odometer_km"`
	Keys        int        `json:"keys"`
	Papers      []string   `json:"papers"`
	Faults      []string   `json:"faults"`
	Code        string     `json:"code"`
	Confirmed   string     `json:"confirmed"`
	ConfirmedAt *time.Time `json:"confirmed_at"`
	ConfirmedBy string     `json:"confirmed_by"`
	Photos      []struct {
		Seq    int    `json:"seq"`
		Width  int    `json:"width"`
		Height int    `json:"height"`
		SHA256 string `json:"sha256"`
	} `json:"photos"`
}

// HandoverJSON is a sub-select that gives the handover of the order o, with the names of its pictures, as JSON, for
// reads that fetch several tables at once (HandoverFromJSON).
const HandoverJSON = `(SELECT to_jsonb(h) || jsonb_build_object('photos', (SELECT json_agg(json_build_object('seq', f.seq, 'width', f.width, 'height', f.height, 'sha256', f.sha256) ORDER BY f.seq)
	FROM handover_photos f WHERE f.order_id = h.order_id AND f.round = h.round)) FROM handovers h WHERE h.order_id = o.id)`

// HandoverFromJSON reads it; nil when there is none.
func HandoverFromJSON(row []byte) (*Handover, error) {
	if len(row) == 0 {
		return nil, nil
	}
	var r handoverRow
	if err := json.Unmarshal(row, &r); err != nil {
		return nil, fmt.Errorf("allocation: handover: %w", err)
	}
	h := &Handover{Order: id.Order(r.OrderID), Round: r.Round, At: r.At, By: id.User(r.ByUser), Checks: r.Checks, OdometerKm: r.OdometerKm, Keys: r.Keys,
		Papers: r.Papers, Faults: r.Faults, Code: r.Code, Confirmed: r.Confirmed, ConfirmedBy: r.ConfirmedBy}
	h.ConfirmedAt = db.OrZero(r.ConfirmedAt)
	for _, p := range r.Photos {
		h.Photos = append(h.Photos, HandoverPhoto{Seq: p.Seq, Width: p.Width, Height: p.Height, SHA256: p.SHA256})
	}
	return h, nil
}

// HandoverOf reads the handover of an order; ErrNoHandover when there is none.
func HandoverOf(g *gorm.DB, o id.Order) (*Handover, error) {
	var r struct{ Handover []byte }
	_, err := db.One(g, &r, `SELECT `+HandoverJSON+` AS handover FROM orders o WHERE o.id = ?`, o)
	if err != nil {
		return nil, fmt.Errorf("allocation: handover: %w", err)
	}
	h, err := HandoverFromJSON(r.Handover)
	if err == nil && h == nil {
		err = ErrNoHandover
	}
	return h, err
}

// HandoverPhotoOf is a picture of the handover of an order as it stands, as JPEG; false when there is none.
func HandoverPhotoOf(g *gorm.DB, o id.Order, seq int) ([]byte, bool, error) {
	var r struct{ JPEG []byte }
	ok, err := db.One(g, &r, `SELECT f.jpeg FROM handovers h JOIN handover_photos f ON f.order_id = h.order_id AND f.round = h.round WHERE h.order_id = ? AND f.seq = ?`, o, seq)
	return r.JPEG, ok, err
}

// HandoverOdometer is what an order's car showed when it was handed over, in kilometres.
func HandoverOdometer(g *gorm.DB, o id.Order) (int, error) {
	var km int
	_, err := db.One(g, &km, `SELECT odometer_km FROM handovers WHERE order_id = ?`, o)
	return km, err
}

// ConfirmTx notes that, and how, the buyer confirmed a handover: once.
func ConfirmTx(tx *db.Tx, h *Handover, how, by string) error {
	ok, err := db.Changed(tx.DB, `UPDATE handovers SET confirmed = ?, confirmed_at = ?, confirmed_by = ? WHERE order_id = ? AND round = ? AND confirmed IS NULL`, how, tx.Now, by, h.Order, h.Round)
	if err != nil {
		return fmt.Errorf("allocation: confirm: %w", err)
	}
	if !ok {
		return ErrConfirmed
	}
	h.Confirmed, h.ConfirmedAt, h.ConfirmedBy = how, tx.Now, by
	return nil
}

// UndoHandoverTx takes a handover back: what it said is kept beside the handovers that stand, with who did it and why.
func UndoHandoverTx(tx *db.Tx, h *Handover, by id.User, reason string) error {
	ok, err := db.Changed(tx.DB, `WITH gone AS (DELETE FROM handovers WHERE order_id = ? AND round = ?
			RETURNING order_id, round, at, by_user, checks, odometer_km, keys, papers, faults, confirmed_at, confirmed)
		INSERT INTO handovers_undone (order_id, round, at, by_user, checks, odometer_km, keys, papers, faults, confirmed_at, confirmed, undone_at, undone_by, reason)
		SELECT gone.*, ?, ?, ? FROM gone`, h.Order, h.Round, tx.Now, by, reason)
	if err == nil && !ok {
		err = ErrNoHandover
	}
	if err != nil {
		return fmt.Errorf("allocation: undo: %w", err)
	}
	return nil
}

// LastUndone is when a handover of an order was last undone; the zero time when none ever was.
func LastUndone(g *gorm.DB, o id.Order) (time.Time, error) {
	var r struct{ At *time.Time }
	_, err := db.One(g, &r, `SELECT max(undone_at) AS at FROM handovers_undone WHERE order_id = ?`, o)
	if err != nil || r.At == nil {
		return time.Time{}, err
	}
	return *r.At, nil
}

// TakeDraftTx takes a draft of a handover: a second time it is refused, also by another tab, phone or instance.
func TakeDraftTx(tx *db.Tx, o id.Order, draft string) error {
	sum := sha256.Sum256([]byte(draft))
	ok, err := db.Changed(tx.DB, `INSERT INTO handover_drafts (order_id, hash, taken_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, o, sum[:], tx.Now)
	if err == nil && !ok {
		err = ErrDraftTaken
	}
	return err
}

// ForgetDraftsTx deletes what no draft can match any more.
func ForgetDraftsTx(tx *db.Tx, before time.Time) error {
	return tx.Exec(`DELETE FROM handover_drafts WHERE taken_at < ?`, before).Error
}
