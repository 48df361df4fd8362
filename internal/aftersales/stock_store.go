package aftersales

import (
	"encoding/json"
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
)

// reserveTx promises parts of a locked site to a booking or an order.
func reserveTx(tx *db.Tx, holder string, d id.Dealer, needs []Need) error {
	if len(needs) == 0 {
		return nil
	}
	stock := make([]Stock, len(needs))
	for i, n := range needs {
		stock[i] = Stock{Part: n.Part, LeadDays: n.LeadDays}
	}
	if err := shelveTx(tx, d, stock); err != nil {
		return err
	}
	doc, err := json.Marshal(needs)
	if err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO service_reservations (holder, dealer, part, quantity, state) SELECT ?, ?, n.part, n.quantity, 'live' FROM jsonb_to_recordset(?) AS n (part text, quantity integer)
		ON CONFLICT (holder, part) DO UPDATE SET quantity = service_reservations.quantity + excluded.quantity`, holder, d, string(doc)).Error
	if err != nil {
		return fmt.Errorf("aftersales: reserve: %w", err)
	}
	return nil
}

// shelveTx makes places for parts that a site has never had; what it has stays.
func shelveTx(tx *db.Tx, d id.Dealer, stock []Stock) error {
	doc, err := json.Marshal(stock)
	if err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO service_stock (dealer, part, on_hand, lead_days) SELECT ?, s.part, s.on_hand, CASE WHEN s.lead_days >= 0 THEN s.lead_days END
		FROM jsonb_to_recordset(?) AS s (part text, on_hand integer, lead_days integer) ON CONFLICT DO NOTHING`, d, string(doc)).Error
	if err != nil {
		return fmt.Errorf("aftersales: shelve: %w", err)
	}
	return nil
}

// carryTx reserves the parts at another site than before.
func (b *Booking) carryTx(tx *db.Tx, there *shelves) error {
	if err := tx.Exec(`DELETE FROM service_reservations WHERE holder = ? AND state = 'live'`, b.ID).Error; err != nil {
		return err
	}
	return reserveTx(tx, string(b.ID), b.Dealer, there.needs)
}

// orderPartsTx orders what neither the shelf nor what is on its way has for a booked stay; there is what the site has without it.
func (b *Booking) orderPartsTx(tx *db.Tx, there *shelves, site *network.Dealer) error {
	on, ok := there.of(b.Dealer, today(tx, site))
	if !ok || on.Time(site.Zone()).After(b.StartsAt) {
		return ErrNoPart
	}
	return orderTx(tx, string(b.ID), site, there)
}

func orderTx(tx *db.Tx, holder string, site *network.Dealer, there *shelves) error {
	for _, n := range there.missing(site.Code) {
		if n.LeadDays < 0 {
			return ErrNoPart
		}
		err := tx.Exec(`INSERT INTO service_supplies (dealer, part, quantity, due_on, holder) VALUES (?, ?, ?, ?, ?)`, site.Code, n.Part, n.Quantity, after(today(tx, site), n.LeadDays), holder).Error
		if err != nil {
			return fmt.Errorf("aftersales: order parts: %w", err)
		}
	}
	return nil
}

// settleTx ends what is promised to somebody: used up, or free again.
func settleTx(tx *db.Tx, holder string, d id.Dealer, to string) error {
	if to == "used" {
		if err := bringTx(tx, holder, d); err != nil {
			return err
		}
		err := tx.Exec(`UPDATE service_stock s SET on_hand = greatest(s.on_hand - r.quantity, 0) FROM service_reservations r
			WHERE r.holder = ? AND r.state = 'live' AND s.dealer = r.dealer AND s.part = r.part`, holder).Error
		if err != nil {
			return err
		}
	}
	return tx.Exec(`UPDATE service_reservations SET state = ? WHERE holder = ? AND state = 'live'`, to, holder).Error
}

// bringTx puts on the shelf what was due of the reserved parts: they must have come, for they were used.
func bringTx(tx *db.Tx, holder string, d id.Dealer) error {
	var parts []string
	if err := tx.Raw(`SELECT part FROM service_reservations WHERE holder = ? AND state = 'live'`, holder).Scan(&parts).Error; err != nil {
		return err
	}
	for _, p := range parts {
		if err := ReceiveTx(tx, d, p); err != nil {
			return err
		}
	}
	return nil
}

// ReserveTx promises goods to an order that is fetched over the counter, and orders what is not there; it answers the day from which they can be
// fetched. ErrNoPart for what can not be had.
func ReserveTx(tx *db.Tx, site *network.Dealer, o id.Order, needs []Need) (market.Date, error) {
	if err := network.LockSiteTx(tx, site.Code); err != nil {
		return "", err
	}
	there, err := loadShelves(tx.DB, string(site.Code), needs, "")
	if err != nil {
		return "", err
	}
	on, ok := there.of(site.Code, today(tx, site))
	if !ok {
		return "", ErrNoPart
	}
	if err := reserveTx(tx, string(o), site.Code, there.needs); err != nil {
		return "", err
	}
	return on, orderTx(tx, string(o), site, there)
}

// FetchedTx ends a reservation of ReserveTx: the buyer has the goods.
func FetchedTx(tx *db.Tx, d id.Dealer, o id.Order) error { return endReserveTx(tx, d, o, "used") }

// UnreserveTx ends a reservation of ReserveTx: the goods are free again.
func UnreserveTx(tx *db.Tx, d id.Dealer, o id.Order) error { return endReserveTx(tx, d, o, "freed") }

func endReserveTx(tx *db.Tx, d id.Dealer, o id.Order, to string) error {
	if err := network.LockSiteTx(tx, d); err != nil {
		return err
	}
	return settleTx(tx, string(o), d, to)
}

// ReceiveTx puts on the shelf what was due of a part by now.
func ReceiveTx(tx *db.Tx, d id.Dealer, part string) error {
	err := tx.Exec(`WITH came AS (UPDATE service_supplies SET came_at = ? WHERE dealer = ? AND part = ? AND came_at IS NULL AND due_on <= CAST(? AS timestamptz)::date RETURNING quantity)
		UPDATE service_stock SET on_hand = on_hand + (SELECT coalesce(sum(quantity), 0) FROM came) WHERE dealer = ? AND part = ?`, tx.Now, d, part, tx.Now, d, part).Error
	if err != nil {
		return fmt.Errorf("aftersales: receive: %w", err)
	}
	return nil
}
