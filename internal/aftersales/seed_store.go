package aftersales

import (
	"fmt"

	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Any tells whether any site has something to work with.
func Any(g *gorm.DB) (any bool, err error) {
	_, err = db.One(g, &any, `SELECT EXISTS (SELECT 1 FROM service_bays)`)
	return any, err
}

// SeedTx gives sites of one market what the demo invents for them, with stays ahead. It is for sites that have nothing yet.
func SeedTx(tx *db.Tx, b *Book, m *market.Market, sites []*network.Dealer) error {
	for _, d := range sites {
		c := Invent(b, d, today(tx, d))
		if err := SaveTx(tx, c); err != nil {
			return err
		}
		for _, x := range inventBookings(b, m, d, c, tx.Now) {
			if err := x.insertTx(tx); err != nil {
				return fmt.Errorf("aftersales: seed %s: %w", d.Code, err)
			}
			if err := reserveTx(tx, string(x.ID), d.Code, x.Parts()); err != nil {
				return err
			}
			if err := x.noteTx(tx, "", string(x.Source)); err != nil {
				return err
			}
		}
	}
	return nil
}
