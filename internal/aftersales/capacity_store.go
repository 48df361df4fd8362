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
	for _, s := range c.Stock {
		if err := s.saveTx(tx, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stock) saveTx(tx *db.Tx, c *Capacity) error {
	if err := shelveTx(tx, c.Dealer, Need{Part: s.Part, LeadDays: s.LeadDays}); err != nil {
		return fmt.Errorf("aftersales: stock: %w", err)
	}
	if err := tx.Exec(`UPDATE service_stock SET on_hand = ? WHERE dealer = ? AND part = ?`, s.OnHand, c.Dealer, s.Part).Error; err != nil {
		return fmt.Errorf("aftersales: stock: %w", err)
	}
	for _, x := range s.Supplies {
		if err := tx.Exec(`INSERT INTO service_supplies (dealer, part, quantity, due_on) VALUES (?, ?, ?, ?)`, c.Dealer, s.Part, x.Quantity, x.DueOn).Error; err != nil {
			return fmt.Errorf("aftersales: supply: %w", err)
		}
	}
	return nil
}
