package vehicle

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// HappenedTx writes what happened to a locked car; number, hash and whether its mileage is believed are filled in. A mileage
// above MostKm is ErrFacts.
func HappenedTx(tx *db.Tx, v *Vehicle, e *Event) error {
	if e.Km < 0 || e.Km > MostKm {
		return ErrFacts
	}
	var last struct {
		Seq  int
		Hash []byte
	}
	if _, err := db.One(tx.DB, &last, `SELECT seq, hash FROM vehicle_events WHERE vehicle_id = ? ORDER BY seq DESC LIMIT 1`, v.ID); err != nil {
		return fmt.Errorf("vehicle: happened: %w", err)
	}
	e.Seq, e.Before, e.At = last.Seq+1, last.Hash, tx.Now
	if e.Before == nil {
		e.Before = []byte{}
	}
	if e.Lines == nil {
		e.Lines = []Work{}
	}
	e.Doubtful = e.Km > 0 && e.Km < v.Km
	if err := e.seal(v.ID); err != nil {
		return err
	}
	err := tx.Exec(`INSERT INTO vehicle_events (vehicle_id, seq, at, kind, km, doubtful, dealer, order_ref, keeper_id, body, before, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.ID, e.Seq, e.At, e.Kind, db.OrNull(e.Km), e.Doubtful, db.OrNull(e.Dealer), db.OrNull(e.Order), db.OrNull(e.Keeper), e.Body, e.Before, e.Hash).Error
	if err != nil {
		return fmt.Errorf("vehicle: happened: %w", err)
	}
	if e.Km > v.Km {
		v.Km, v.KmAt = e.Km, e.At
	}
	return nil
}

type eventRow struct {
	VehicleID                  string
	Seq                        int
	At                         time.Time
	Kind                       string
	Km                         *int
	Doubtful                   bool
	Dealer, OrderRef, KeeperID *string
	Body                       string
	Before, Hash               []byte
}

func (r *eventRow) event() (Event, error) {
	e := Event{Seq: r.Seq, At: r.At.UTC(), Kind: Kind(r.Kind), Km: db.OrZero(r.Km), Doubtful: r.Doubtful, Dealer: id.Dealer(db.OrZero(r.Dealer)), Order: id.Order(db.OrZero(r.OrderRef)),
		Keeper: id.Keeper(db.OrZero(r.KeeperID)), Before: r.Before, Hash: r.Hash}
	if e.Before == nil {
		e.Before = []byte{}
	}
	var t told
	err := json.Unmarshal([]byte(r.Body), &t)
	e.Lines, e.Body = t.Lines, r.Body
	return e, err
}

// History is all that happened to a car, oldest first.
func History(g *gorm.DB, v id.Vehicle) ([]Event, error) {
	var rows []eventRow
	if err := g.Raw(`SELECT * FROM vehicle_events WHERE vehicle_id = ? ORDER BY seq`, v).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("vehicle: history: %w", err)
	}
	out := make([]Event, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].event(); err != nil {
			return nil, fmt.Errorf("vehicle: history: %w", err)
		}
	}
	return out, nil
}

// PassedTo lists the keepers before one whose history it may read: the nearest ones, as far as none of them kept it back.
func PassedTo(g *gorm.DB, k *Keeper) ([]id.Keeper, error) {
	var rows []struct {
		ID       id.Keeper
		PassesOn bool
	}
	err := g.Raw(`SELECT id, passes_on FROM vehicle_keepers WHERE vehicle_id = ? AND until IS NOT NULL AND until <= ? AND proven_at IS NOT NULL AND id <> ? ORDER BY until DESC`, k.Vehicle, k.Since, k.ID).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("vehicle: passed: %w", err)
	}
	var out []id.Keeper
	for _, r := range rows {
		if !r.PassesOn {
			break
		}
		out = append(out, r.ID)
	}
	return out, nil
}
