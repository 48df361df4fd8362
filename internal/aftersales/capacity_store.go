package aftersales

import (
	"encoding/json"
	"fmt"

	"forecourt/internal/platform/db"
)

// SaveTx writes what a site has to work with, in place of what it had. What is no more among it stays, out of use: bookings name
// it. The shelf keeps what it has of parts that are not told.
func SaveTx(tx *db.Tx, c *Capacity) error {
	for _, table := range []string{"service_bays", "service_technicians", "service_courtesy_cars"} {
		if err := tx.Exec(`UPDATE `+table+` SET active = false WHERE dealer = ?`, c.Dealer).Error; err != nil {
			return fmt.Errorf("aftersales: capacity: %w", err)
		}
	}
	for _, b := range c.Bays {
		if err := tx.Exec(`INSERT INTO service_bays (dealer, no, skills) VALUES (?, ?, string_to_array(?, ',')) ON CONFLICT (dealer, no) DO UPDATE SET skills = excluded.skills, active = true`, c.Dealer, b.No, joined(b.Skills)).Error; err != nil {
			return fmt.Errorf("aftersales: bay: %w", err)
		}
	}
	for _, t := range c.Technicians {
		hours, err := json.Marshal(t.Hours)
		if err != nil {
			return err
		}
		if err := tx.Exec(`INSERT INTO service_technicians (dealer, no, name, skills, hours) VALUES (?, ?, ?, string_to_array(?, ','), ?)
			ON CONFLICT (dealer, no) DO UPDATE SET name = excluded.name, skills = excluded.skills, hours = excluded.hours, active = true`, c.Dealer, t.No, t.Name, joined(t.Skills), string(hours)).Error; err != nil {
			return fmt.Errorf("aftersales: technician: %w", err)
		}
	}
	for _, x := range c.Courtesy {
		if err := tx.Exec(`INSERT INTO service_courtesy_cars (dealer, no, kind, plate) VALUES (?, ?, ?, ?) ON CONFLICT (dealer, no) DO UPDATE SET kind = excluded.kind, plate = excluded.plate, active = true`, c.Dealer, x.No, x.Kind, x.Plate).Error; err != nil {
			return fmt.Errorf("aftersales: courtesy car: %w", err)
		}
	}
	return c.stockTx(tx)
}

// stockTx writes what lies on the shelf, and what is on its way.
func (c *Capacity) stockTx(tx *db.Tx) error {
	if len(c.Stock) == 0 {
		return nil
	}
	if err := shelveTx(tx, c.Dealer, c.Stock); err != nil {
		return err
	}
	doc, err := json.Marshal(c.Stock)
	if err != nil {
		return err
	}
	for _, q := range []string{
		`UPDATE service_stock k SET on_hand = s.on_hand FROM jsonb_to_recordset(?) AS s (part text, on_hand integer) WHERE k.dealer = ? AND k.part = s.part AND k.on_hand <> s.on_hand`,
		`INSERT INTO service_supplies (part, quantity, due_on, dealer) SELECT s.part, x.quantity, x.due_on, d.code FROM jsonb_to_recordset(?) AS s (part text, supplies jsonb)
			CROSS JOIN jsonb_to_recordset(coalesce(s.supplies, '[]')) AS x (quantity integer, due_on date) JOIN dealers d ON d.code = ?`,
	} {
		if err := tx.Exec(q, string(doc), c.Dealer).Error; err != nil {
			return fmt.Errorf("aftersales: stock: %w", err)
		}
	}
	return nil
}
