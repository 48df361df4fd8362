package connected

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// warningRow is a warning as a batch of messages raises it.
type warningRow struct {
	ID      id.Warning `json:"id"`
	Keeper  id.Keeper  `json:"k"`
	Rule    string     `json:"rule"`
	Kind    Kind       `json:"kind"`
	Urgency Urgency    `json:"urgency"`
	Item    string     `json:"item"`
	Value   int        `json:"value"`
	TellAt  time.Time  `json:"tell"`
	DueAt   time.Time  `json:"due"`
}

type endRow struct {
	ID  id.Warning `json:"id"`
	Why string     `json:"why"`
}

// saveWarningsTx ends before it begins: of one rule one warning is open.
func (g *gathered) saveWarningsTx(tx *db.Tx) error {
	if len(g.cleared) > 0 {
		err := tx.Exec(`UPDATE car_warnings w SET state = 'cleared', ended_at = ?, end_why = x.why FROM json_to_recordset(CAST(? AS json)) AS x (id uuid, why text)
			WHERE w.id = x.id AND w.ended_at IS NULL`, g.now, asJSON(g.cleared)).Error
		if err != nil {
			return fmt.Errorf("connected: clear: %w", err)
		}
	}
	if len(g.raised) > 0 {
		err := tx.Exec(`INSERT INTO car_warnings (id, keeper_id, rule, kind, urgency, item, value, state, raised_at, tell_at, due_at)
			SELECT id, k, rule, kind, urgency, item, value, 'raised', ?, tell, due FROM json_to_recordset(CAST(? AS json))
				AS x (id uuid, k uuid, rule text, kind text, urgency text, item text, value integer, tell timestamptz, due timestamptz)
			ON CONFLICT (keeper_id, rule) WHERE ended_at IS NULL DO NOTHING`, g.now, asJSON(g.raised)).Error
		if err != nil {
			return fmt.Errorf("connected: raise: %w", err)
		}
	}
	if len(g.unmuted) > 0 {
		err := tx.Exec(`UPDATE car_warnings SET muted = false WHERE id IN (SELECT CAST(json_array_elements_text(CAST(? AS json)) AS uuid))`, asJSON(g.unmuted)).Error
		if err != nil {
			return fmt.Errorf("connected: unmute: %w", err)
		}
	}
	return nil
}

type warningRead struct {
	ID        string
	KeeperID  string
	VehicleID string
	VIN       string `gorm:"column:vin"`
	Market    string
	Brand     string
	Model     string
	Title     string
	Fuel      string
	Rule      string
	Kind      string
	Urgency   string
	Item      string
	Value     int
	State     string
	RaisedAt  time.Time
	TellAt    time.Time
	OfferedAt *time.Time
	ToldAt    *time.Time
	DueAt     time.Time
	EndedAt   *time.Time
	EndWhy    *string
	Locale    string
	QuietFrom int
	QuietTo   int
}

const warningColumns = `w.id, w.keeper_id, l.vehicle_id, l.vin, l.market, l.brand, l.model, l.title, l.fuel, w.rule, w.kind, w.urgency, w.item, w.value, w.state, w.raised_at, w.tell_at, w.offered_at, w.told_at,
	w.due_at, w.ended_at, w.end_why, l.locale, l.quiet_from, l.quiet_to FROM car_warnings w JOIN car_links l ON l.keeper_id = w.keeper_id`

func (r *warningRead) warning() Warning {
	return Warning{ID: id.Warning(r.ID), Keeper: id.Keeper(r.KeeperID), Vehicle: id.Vehicle(r.VehicleID), VIN: r.VIN, Car: Car{id.Market(r.Market), id.Brand(r.Brand), id.Model(r.Model), r.Title, r.Fuel},
		Rule: r.Rule, Kind: Kind(r.Kind), Urgency: Urgency(r.Urgency), Item: r.Item, Value: r.Value, State: State(r.State), Raised: r.RaisedAt, TellAt: r.TellAt,
		Offered: db.OrZero(r.OfferedAt), Told: db.OrZero(r.ToldAt), Due: r.DueAt, Ended: db.OrZero(r.EndedAt), Why: db.OrZero(r.EndWhy), Locale: r.Locale, Quiet: Quiet{r.QuietFrom, r.QuietTo}}
}

func warningsWhere(g *gorm.DB, where string, args ...any) ([]Warning, error) {
	var rows []warningRead
	if err := g.Raw(`SELECT `+warningColumns+` WHERE `+where, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("connected: warnings: %w", err)
	}
	out := make([]Warning, len(rows))
	for i := range rows {
		out[i] = rows[i].warning()
	}
	return out, nil
}

// WarningOf reads a warning of a keeper; ErrNoWarning for one of somebody else, and once he keeps the car no more.
func WarningOf(g *gorm.DB, k id.Keeper, key id.Warning) (Warning, error) {
	if !id.IsKey(string(k)) || !id.IsKey(string(key)) {
		return Warning{}, ErrNoWarning
	}
	ws, err := warningsWhere(g, `w.id = ? AND w.keeper_id = ? AND l.until IS NULL`, key, k)
	if err == nil && len(ws) == 0 {
		err = ErrNoWarning
	}
	if err != nil {
		return Warning{}, err
	}
	return ws[0], nil
}

// moveTx makes a step of a keeper's warning; ErrMoved when there is no such step.
func moveTx(tx *db.Tx, k id.Keeper, key id.Warning, to State, set string, args ...any) error {
	if _, err := lockTx(tx, k); err != nil { // in the order in which messages lock
		return err
	}
	w, err := WarningOf(tx.DB, k, key)
	if err != nil {
		return err
	}
	if !mayMove(w.State, to) {
		return ErrMoved
	}
	ok, err := db.Changed(tx.DB, `UPDATE car_warnings SET state = ?, `+set+` WHERE id = ? AND keeper_id = ? AND state = ?`, append(append([]any{to}, args...), key, k, w.State)...)
	if err == nil && !ok {
		err = ErrMoved
	}
	return err
}

// OfferTx notes that an offer was made for a warning: its notice carries it.
func OfferTx(tx *db.Tx, k id.Keeper, key id.Warning) error {
	return moveTx(tx, k, key, Offered, `offered_at = ?`, tx.Now)
}

// TakeTx notes that its keeper took what was offered. Who acts on the page knows of it, told or not.
func TakeTx(tx *db.Tx, k id.Keeper, key id.Warning) error {
	return moveTx(tx, k, key, Taken, `told_at = coalesce(told_at, ?)`, tx.Now)
}

// DismissTx ends a warning that its keeper wants to hear no more of; it does not come again before its cause was gone once.
func DismissTx(tx *db.Tx, k id.Keeper, key id.Warning) error {
	return moveTx(tx, k, key, Cleared, `ended_at = ?, end_why = 'dismissed', muted = true`, tx.Now)
}

func toldTx(tx *db.Tx, k id.Keeper, key id.Warning) error {
	return moveTx(tx, k, key, Told, `told_at = ?`, tx.Now)
}

// clearKindTx ends the open warnings of a kind of signal, or of one rule.
func clearKindTx(tx *db.Tx, k id.Keeper, kind Kind, rule, why string) error {
	return tx.Exec(`UPDATE car_warnings SET state = 'cleared', ended_at = ?, end_why = ? WHERE keeper_id = ? AND ended_at IS NULL AND (kind = ? OR rule = ?)`, tx.Now, why, k, kind, rule).Error
}

// expireTx ends what is older than its rule lets it be.
func expireTx(tx *db.Tx) error {
	return tx.Exec(`UPDATE car_warnings SET state = 'expired', ended_at = ?, end_why = 'age' WHERE ended_at IS NULL AND due_at <= ?`, tx.Now, tx.Now).Error
}
