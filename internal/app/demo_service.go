package app

import (
	"context"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"
)

// makeWorkshops gives the sites of the demo that do work their bays, people, courtesy cars and parts, and some visits ahead, unless
// there are some: the same world each time.
func makeWorkshops(ctx context.Context, d *db.DB) error {
	if any, err := aftersales.Any(d.Read(ctx)); any || err != nil {
		return err
	}
	w, err := world.Load(ctx, d, nil)
	if err != nil {
		return err
	}
	return d.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		for _, m := range w.Markets {
			var sites []*network.Dealer
			for _, x := range w.DealersOf(m.Code) {
				for _, b := range w.Brands {
					if x.TakesPart(b.Code, id.FlowService) {
						sites = append(sites, x)
						break
					}
				}
			}
			if err := aftersales.SeedTx(tx, w.Service(), m, sites); err != nil {
				return err
			}
		}
		return nil
	})
}
