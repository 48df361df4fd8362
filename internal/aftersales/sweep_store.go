package aftersales

import (
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
)

// SweepTx ends the holds whose time has passed, most of them at a time, with the places in the line to which they were offered, and
// answers the holds: what they took is free, so their sites may have an earlier slot to offer (OfferTx).
func SweepTx(tx *db.Tx, most int) ([]*Booking, error) {
	var keys []id.Booking
	err := tx.Raw(`SELECT id FROM service_bookings WHERE state = 'held' AND due_at <= ? ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED`, tx.Now, most).Scan(&keys).Error
	if err != nil {
		return nil, fmt.Errorf("aftersales: sweep: %w", err)
	}
	var out []*Booking
	for _, k := range keys {
		b, err := BookingBy(tx.DB, k)
		if err != nil {
			return nil, err
		}
		if err := b.stepTx(tx, Lapsed, ""); err != nil {
			return nil, err
		}
		if err := settleTx(tx, string(b.ID), b.Dealer, "freed"); err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, lapseWaitsTx(tx, keys)
}
