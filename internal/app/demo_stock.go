package app

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/stock"
	"forecourt/internal/world"
)

// carsPerModel makes about fifty cars a market: enough of each model to compare with.
const carsPerModel = 4

// makeStock gives the demo new cars that nobody has bought yet. It is the same world each time; cars
// that somebody has taken stay as they are.
func makeStock(ctx context.Context, d *db.DB) error {
	w, err := world.Load(ctx, d, nil)
	if err != nil {
		return err
	}
	var cars []*stock.Car
	for _, m := range w.Markets {
		if m.Code == market.Smoke {
			continue
		}
		day := world.Today(m, d.Clock.Now())
		for _, b := range w.Brands {
			for _, r := range w.Ranges(b.Code, m.Code, day) {
				l := stock.Line{Market: m, Range: r, Dealers: w.Dealers(b.Code, m.Code, id.FlowNew), Cars: carsPerModel}
				if l.Model, err = w.Unheld(b.Code, m.Code, r.Model, day); err != nil {
					return err
				}
				cars = append(cars, stock.Invent(l, day)...)
			}
		}
	}
	return d.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		for _, c := range cars {
			if err := stock.AddTx(tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// keepStock serves a demo that was here before: cars arrive whose day came while it was shut, and one
// that is older than the stock gets its cars now.
func keepStock(ctx context.Context, d *db.DB) error {
	have, err := stock.Any(d.Read(ctx))
	if err != nil {
		return err
	}
	if err := makeUsed(ctx, d); err != nil {
		return err
	}
	if !have {
		return makeStock(ctx, d)
	}
	return d.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		return stock.ArriveTx(tx, market.DateOf(tx.Now.In(time.UTC)))
	})
}
