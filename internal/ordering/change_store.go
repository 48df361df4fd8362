package ordering

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/log"
)

// ChangedCar is what an order becomes by a change of what is bought.
type ChangedCar struct {
	Configuration id.BuildCode // empty for what is not built to order
	Snapshot      Snapshot
	TotalMinor    int64
	PricesOf      string // the day whose price list counted, "2026-11-24"
	Why           string // for the history; the configurations when empty
}

// ChangeCarTx writes another car, or other work, into an order that the caller has locked, with its step in the history and what it was
// before, and gives the step's number. ErrMoved when the order is at the factory meanwhile, or was changed by another tab.
func ChangeCarTx(ctx context.Context, tx *db.Tx, o *Order, c ChangedCar, actor string) (int, error) {
	to, ok := MachineOf(o.Flow).Next(o.State, Revise)
	if !ok {
		return 0, ErrMoved.With("state", string(o.State))
	}
	snap, err := json.Marshal(c.Snapshot)
	if err != nil {
		return 0, err
	}
	before, err := json.Marshal(o.Snapshot)
	if err != nil {
		return 0, err
	}
	var seq int
	ok, err = db.One(tx.DB, &seq, `WITH moved AS (
		UPDATE orders SET configuration = ?, snapshot = ?, total_minor = ?, updated_at = ? WHERE id = ? AND state = ? AND configuration IS NOT DISTINCT FROM ? RETURNING id, flow),
		step AS (INSERT INTO order_history (order_id, seq, flow, from_state, event, to_state, at, actor, reason, request_id)
			SELECT id, (SELECT max(seq) + 1 FROM order_history h WHERE h.order_id = moved.id), flow, ?, ?, ?, ?, ?, ?, ? FROM moved RETURNING order_id, seq)
		INSERT INTO order_changes (order_id, seq, at, from_configuration, to_configuration, from_total_minor, to_total_minor, from_snapshot, prices_of)
		SELECT order_id, seq, ?, ?, ?, ?, ?, ?, ?::date FROM step RETURNING seq`,
		db.OrNull(c.Configuration), snap, c.TotalMinor, tx.Now, o.ID, o.State, db.OrNull(o.Configuration),
		o.State, Revise, to, tx.Now, actor, cmp.Or(c.Why, string(o.Configuration)+" "+string(c.Configuration)), log.RequestID(ctx),
		tx.Now, db.OrNull(o.Configuration), db.OrNull(c.Configuration), o.TotalMinor, c.TotalMinor, before, c.PricesOf)
	if err != nil {
		return 0, fmt.Errorf("ordering: change: %w", err)
	}
	if !ok {
		return 0, ErrMoved.With("state", string(o.State))
	}
	o.Configuration, o.Snapshot, o.TotalMinor, o.UpdatedAt = c.Configuration, c.Snapshot, c.TotalMinor, tx.Now
	return seq, nil
}
