package network

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Taken counts the booked bays of a dealer by start, from an instant on.
func Taken(g *gorm.DB, d id.Dealer, from time.Time) (map[time.Time]int, error) {
	var rows []struct {
		StartsAt time.Time
		N        int
	}
	err := g.Raw(`SELECT starts_at, count(*) AS n FROM appointments WHERE dealer = ? AND starts_at >= ? AND state <> 'released' GROUP BY starts_at`, d, from).Scan(&rows).Error
	out := make(map[time.Time]int, len(rows))
	for _, r := range rows {
		out[r.StartsAt.UTC()] = r.N
	}
	return out, err
}

// BookTx takes a bay at a start; bays is how many the dealer has. Two buyers who want the last bay
// meet at appointments_one_per_bay: one gets it, the other ErrSlotTaken.
func BookTx(tx *db.Tx, a *Appointment, bays int) error {
	a.ID = id.New[id.Appointment]()
	err := tx.Exec(`UPDATE appointments SET state = 'released' WHERE order_id = ? AND state = 'booked'`, a.Order).Error
	if err != nil {
		return err
	}
	// Whoever loses a bay to somebody else at this moment looks for the next one.
	for range bays {
		ok, err := db.One(tx.DB, &a.Bay, `INSERT INTO appointments (id, order_id, market, dealer, starts_at, ends_at, bay, state, created_at)
			SELECT ?, ?, ?, ?, ?, ?, b, 'booked', ? FROM generate_series(1, ?) b
			WHERE NOT EXISTS (SELECT 1 FROM appointments x WHERE x.dealer = ? AND x.starts_at = ? AND x.bay = b AND x.state <> 'released')
			ORDER BY b LIMIT 1 ON CONFLICT (dealer, starts_at, bay) WHERE state <> 'released' DO NOTHING RETURNING bay`,
			a.ID, a.Order, a.Market, a.Dealer, a.StartsAt, a.EndsAt, tx.Now, bays, a.Dealer, a.StartsAt)
		if err != nil || ok {
			return err
		}
	}
	return ErrSlotTaken
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
