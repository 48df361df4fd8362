package aftersales

import (
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// SellContractTx gives a car a service plan from a day on, for the order that bought it: once, however often it is called.
func SellContractTx(tx *db.Tx, x *Contract, brand id.Brand, m id.Market, v id.Vehicle, o id.Order, from market.Date) error {
	err := tx.Exec(`INSERT INTO service_contracts (id, code, brand, market, vehicle, order_ref, from_day, until_day, visits, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_ref) DO NOTHING`,
		id.New[id.Contract](), x.Code, brand, m, v, db.OrNull(string(o)), from, after(from.PlusMonths(x.Months), -1), x.Visits, tx.Now).Error
	if err != nil {
		return fmt.Errorf("aftersales: sell contract: %w", err)
	}
	return nil
}

// ContractsOf are the service plans of a car that were not given back, the oldest first.
func ContractsOf(g *gorm.DB, v id.Vehicle) ([]Owned, error) {
	var rows []struct {
		ID, Code, FromDay, UntilDay string
		Visits, Used                int
	}
	err := g.Raw(`SELECT id, code, from_day::text AS from_day, until_day::text AS until_day, visits, used FROM service_contracts WHERE vehicle = ? AND ended_at IS NULL ORDER BY from_day, id`, v).Scan(&rows).Error
	out := make([]Owned, len(rows))
	for i, r := range rows {
		out[i] = Owned{ID: id.Contract(r.ID), Code: r.Code, From: market.Date(r.FromDay), Until: market.Date(r.UntilDay), Visits: r.Visits - r.Used}
	}
	return out, err
}

// UseContractTx takes a visit off the plans that cover lines of a booking, once.
func UseContractTx(tx *db.Tx, b *Booking) error {
	for _, code := range coversOf(b.Lines) {
		err := tx.Exec(`WITH plan AS (SELECT id FROM service_contracts WHERE vehicle = ? AND code = ? AND ended_at IS NULL AND used < visits ORDER BY from_day, id LIMIT 1 FOR UPDATE),
				visit AS (INSERT INTO service_contract_visits (contract, booking, at) SELECT plan.id, ?, ? FROM plan
					WHERE NOT EXISTS (SELECT 1 FROM service_contract_visits v JOIN service_contracts c ON c.id = v.contract WHERE v.booking = ? AND c.code = ?) RETURNING contract)
			UPDATE service_contracts SET used = used + 1 WHERE id IN (SELECT contract FROM visit)`, b.Vehicle, code, b.ID, tx.Now, b.ID, code).Error
		if err != nil {
			return fmt.Errorf("aftersales: use contract: %w", err)
		}
	}
	return nil
}

// EndContractTx ends the service plan of an order that is given back; false when there is none, or a visit has been used.
func EndContractTx(tx *db.Tx, o id.Order) (bool, error) {
	return db.Changed(tx.DB, `UPDATE service_contracts SET ended_at = ? WHERE order_ref = ? AND ended_at IS NULL AND used = 0`, tx.Now, o)
}
