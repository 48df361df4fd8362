package pilot

import (
	"context"
	"strings"
	"unicode/utf8"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/world"
)

// Faults of this flow.
var (
	ErrNoSwitch = fault.New(fault.NotFound, "fault.not_found", "pilot.Switch")
	ErrReason   = fault.New(fault.Invalid, "switch.reason_missing", "pilot.Switch")
	ErrMoved    = fault.New(fault.Conflict, "switch.moved", "pilot.Switch")
)

// Turn is a manager's wish to move a switch.
type Turn struct {
	User    id.User
	Markets []id.Market // whose switches the manager may move
	Brand   id.Brand
	Market  id.Market
	Flow    id.Flow
	To      market.State
	Version int64 // of the switch the manager looked at
	Reason  string
}

// SwitchTx moves a switch. A market that is not the manager's does not exist for him; a switch that
// somebody moved meanwhile answers ErrMoved, so that nobody overrules a colleague unseen.
func SwitchTx(ctx context.Context, tx *db.Tx, t Turn) error {
	mine := false
	for _, m := range t.Markets {
		mine = mine || m == t.Market
	}
	if !mine {
		return ErrNoSwitch
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(t.Reason)); n < 3 || n > 500 {
		return ErrReason
	}
	var old struct {
		State   string
		Version int64
	}
	ok, err := db.One(tx.DB, &old, `SELECT state, version FROM switches WHERE brand = ? AND market = ? AND flow = ? FOR UPDATE`, t.Brand, t.Market, t.Flow)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNoSwitch
	}
	if old.Version != t.Version || old.State == string(t.To) {
		return ErrMoved
	}
	err = tx.Exec(`UPDATE switches SET state = ?, reason = ?, changed_by = ?, changed_at = ?, version = version + 1 WHERE brand = ? AND market = ? AND flow = ?`,
		t.To, t.Reason, t.User, tx.Now, t.Brand, t.Market, t.Flow).Error
	if err != nil {
		return err
	}
	if err := world.TouchTx(tx); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: "staff:" + string(t.User), Action: "switch",
		Subject: "switch:" + string(t.Brand) + "/" + string(t.Market) + "/" + string(t.Flow), Market: string(t.Market), Brand: string(t.Brand),
		Old: map[string]string{"state": old.State}, New: map[string]string{"state": string(t.To)}, Reason: t.Reason})
}
