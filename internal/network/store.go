package network

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Taken tells, for each start that anybody booked around, the bays that are in use while a handover that
// begins then takes place: hours may have changed since, so that two starts overlap.
func Taken(g *gorm.DB, d id.Dealer, from time.Time) (map[time.Time]Bays, error) {
	var rows []struct {
		StartsAt, EndsAt time.Time
		Bay              int
	}
	err := g.Raw(`SELECT starts_at, ends_at, bay FROM appointments WHERE dealer = ? AND ends_at > ? AND state <> 'released'`, d, from).Scan(&rows).Error
	out := make(map[time.Time]Bays, len(rows))
	for _, r := range rows {
		// Starts lie on whole quarters of an hour at the finest.
		for t := r.StartsAt.Add(-SlotLength).Truncate(15 * time.Minute); t.Before(r.EndsAt); t = t.Add(15 * time.Minute) {
			if t.Add(SlotLength).After(r.StartsAt) {
				out[t.UTC()] = out[t.UTC()].with(r.Bay)
			}
		}
	}
	return out, err
}

// BookTx takes the first free one of some bays at a start (BaysFor). The dealer's row is locked first, as every
// change of its calendar does: two buyers who want the last bay come one after the other, one gets it, the
// other ErrSlotTaken. What the site has at this moment is for the schema to say: appointments_capacity.
func BookTx(tx *db.Tx, a *Appointment, bays []int) error {
	a.ID = id.New[id.Appointment]()
	if err := LockSiteTx(tx, a.Dealer); err != nil {
		return err
	}
	if err := tx.Exec(`UPDATE appointments SET state = 'released' WHERE order_id = ? AND state = 'booked'`, a.Order).Error; err != nil {
		return err
	}
	ok, err := db.One(tx.DB, &a.Bay, `INSERT INTO appointments (id, order_id, market, dealer, starts_at, ends_at, bay, state, created_at)
		SELECT ?, ?, ?, ?, ?, ?, b, 'booked', ? FROM unnest(CAST(? AS integer[])) WITH ORDINALITY t (b, place)
		WHERE NOT EXISTS (SELECT 1 FROM appointments x WHERE x.dealer = ? AND x.bay = b AND x.state <> 'released' AND x.starts_at < ? AND x.ends_at > ?)
		ORDER BY place LIMIT 1 RETURNING bay`,
		a.ID, a.Order, a.Market, a.Dealer, a.StartsAt, a.EndsAt, tx.Now, numbers(bays), a.Dealer, a.EndsAt, a.StartsAt)
	switch {
	case db.Constraint(err) == "appointments_capacity" || db.Constraint(err) == "appointments_no_overlap":
		return ErrSlotTaken
	case err != nil || ok:
		return err
	}
	return ErrSlotTaken
}

// numbers writes bays as an array of the database.
func numbers(bays []int) string {
	out := make([]string, len(bays))
	for i, b := range bays {
		out[i] = strconv.Itoa(b)
	}
	return "{" + strings.Join(out, ",") + "}"
}

// BookingsTx counts the order's bookings so far, the released ones too: each is told of once.
func BookingsTx(tx *db.Tx, o id.Order) (int, error) {
	var n int
	_, err := db.One(tx.DB, &n, `SELECT count(*) FROM appointments WHERE order_id = ?`, o)
	return n, err
}

// BookedOf is the order's live appointment; nil when it has none.
func BookedOf(g *gorm.DB, o id.Order) (*Appointment, error) {
	var r struct {
		ID, OrderID, Market, Dealer string
		StartsAt, EndsAt            time.Time
		Bay                         int
	}
	ok, err := db.One(g, &r, `SELECT id, order_id, market, dealer, starts_at, ends_at, bay FROM appointments WHERE order_id = ? AND state <> 'released'`, o)
	if err != nil || !ok {
		return nil, err
	}
	return &Appointment{ID: id.Appointment(r.ID), Order: id.Order(r.OrderID), Market: id.Market(r.Market), Dealer: id.Dealer(r.Dealer), StartsAt: r.StartsAt, EndsAt: r.EndsAt, Bay: r.Bay}, nil
}

// BookedFor are the booked handovers of some orders.
func BookedFor(g *gorm.DB, orders []id.Order) (map[id.Order]Appointment, error) {
	out := map[id.Order]Appointment{}
	if len(orders) == 0 {
		return out, nil
	}
	var rows []struct {
		OrderID, Dealer  string
		StartsAt, EndsAt time.Time
		Bay              int
	}
	err := g.Raw(`SELECT order_id, dealer, starts_at, ends_at, bay FROM appointments WHERE order_id IN ? AND state = 'booked'`, orders).Scan(&rows).Error
	for _, r := range rows {
		out[id.Order(r.OrderID)] = Appointment{Order: id.Order(r.OrderID), Dealer: id.Dealer(r.Dealer), StartsAt: r.StartsAt, EndsAt: r.EndsAt, Bay: r.Bay}
	}
	return out, err
}

// AppointmentFromJSON reads an appointment as row_to_json writes it; nil when there is none.
func AppointmentFromJSON(row []byte) (*Appointment, error) {
	if len(row) == 0 {
		return nil, nil
	}
	var r struct {
		ID       string    `json:"id"`
		OrderID  string    `json:"order_id"`
		Market   string    `json:"market"`
		Dealer   string    `json:"dealer"`
		StartsAt time.Time `json:"starts_at"`
		EndsAt   time.Time `json:"ends_at"`
		Bay      int       `json:"bay"`
		Manners  []string  `json:"manners"`
	}
	if err := json.Unmarshal(row, &r); err != nil {
		return nil, fmt.Errorf("network: appointment: %w", err)
	}
	return &Appointment{ID: id.Appointment(r.ID), Order: id.Order(r.OrderID), Market: id.Market(r.Market), Dealer: id.Dealer(r.Dealer), StartsAt: r.StartsAt, EndsAt: r.EndsAt, Bay: r.Bay, Manners: r.Manners}, nil
}

// MannerTx writes how the buyer would like the booked handover to be.
func MannerTx(tx *db.Tx, o id.Order, manners []string) error {
	return tx.Exec(`UPDATE appointments SET manners = coalesce(string_to_array(nullif(?, ''), ','), '{}') WHERE order_id = ? AND state = 'booked'`, strings.Join(manners, ","), o).Error
}

// ReleaseTx frees the order's slot.
func ReleaseTx(tx *db.Tx, o id.Order) error {
	return tx.Exec(`UPDATE appointments SET state = 'released' WHERE order_id = ? AND state = 'booked'`, o).Error
}

// EndTx marks the order's slot used.
func EndTx(tx *db.Tx, o id.Order) error {
	return tx.Exec(`UPDATE appointments SET state = 'done' WHERE order_id = ? AND state = 'booked'`, o).Error
}

// ReopenTx marks the order's slot as not used after all: its handover was undone.
func ReopenTx(tx *db.Tx, o id.Order) error {
	return tx.Exec(`UPDATE appointments SET state = 'booked' WHERE order_id = ? AND state = 'done'`, o).Error
}
