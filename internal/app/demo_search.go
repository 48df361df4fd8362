package app

import (
	"context"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
)

// savedDaysAgo is when the demo's readers saved their searches: what came since is told to them at the first start.
const savedDaysAgo = 2

// demoSearches are searches of invented readers: two are told at once, one each morning, one has paused.
var demoSearches = []struct {
	shop   sale.Shop
	email  string
	query  usedcar.Query
	pace   usedcars.Pace
	paused bool
}{
	{sale.Shop{Brand: "renault", Market: "it", Flow: id.FlowUsed, Locale: "it-IT"}, "giulia.ferri@example.com", usedcar.Query{To: 30000, Near: "Torino", Within: 300}, usedcars.AtOnce, false},
	{sale.Shop{Brand: "renault", Market: "it", Flow: id.FlowUsed, Locale: "it-IT"}, "paolo.serra@example.com", usedcar.Query{Values: map[usedcars.Facet][]string{usedcars.ByFuel: {"hybrid", "electric"}}}, usedcars.Daily, false},
	{sale.Shop{Brand: "dacia", Market: "gb", Flow: id.FlowUsed, Locale: "en-GB"}, "owen.price@example.com", usedcar.Query{Words: "duster", To: 25000}, usedcars.AtOnce, false},
	{sale.Shop{Brand: "dacia", Market: "fr", Flow: id.FlowUsed, Locale: "fr-FR"}, "lea.martin@example.com", usedcar.Query{YearFrom: 2022}, usedcars.AtOnce, true},
}

// saveDemoSearches gives the demo saved searches, unless it has some.
func (a *App) saveDemoSearches(ctx context.Context) error {
	any, err := usedcars.AnySearch(a.DB.Read(ctx))
	if err != nil || any {
		return err
	}
	return a.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		for _, x := range demoSearches {
			if st := a.World.Now().Switch(x.shop.Brand, x.shop.Market, x.shop.Flow).State; st != market.Live {
				continue
			}
			s := usedcars.Search{Brand: x.shop.Brand, Market: x.shop.Market, Locale: x.shop.Locale, Email: x.email, Query: x.query.Saved(), Pace: x.pace, State: usedcars.SearchOn, Created: tx.Now.Add(-savedDaysAgo * 24 * time.Hour)}
			if x.paused {
				s.State = usedcars.SearchPaused
			}
			if err := a.UsedCar.SeedSearchTx(tx, s); err != nil {
				return err
			}
		}
		return nil
	})
}
