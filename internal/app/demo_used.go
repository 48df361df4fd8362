package app

import (
	"context"
	"math/rand/v2"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/stock"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"
)

// What the demo has of used cars: about three thousand over three markets, made of so many different builds a model.
var usedPerShop = map[id.Market]int{"it": 700, "gb": 450, "fr": 350}

const buildsPerModel = 8

// makeUsed gives the demo used cars, unless it has some: the same world each time.
func makeUsed(ctx context.Context, d *db.DB) error {
	if any, err := usedcars.Any(d.Read(ctx)); any || err != nil {
		return err
	}
	w, err := world.Load(ctx, d, nil)
	if err != nil {
		return err
	}
	words, err := i18n.Load()
	if err != nil {
		return err
	}
	var cars []usedcars.Invented
	taken := map[id.UsedCar]bool{}
	for _, m := range w.Markets {
		for _, b := range w.Brands {
			for _, c := range inventUsed(w, m, b, d) {
				if !taken[c.ID] {
					taken[c.ID] = true
					cars = append(cars, c)
				}
			}
		}
	}
	say := func(c *usedcars.Car) string {
		m, _ := w.Market(c.Market)
		p := words.Printer(m.Locale)
		return c.Words(func(key string) string { return p.T(key) })
	}
	return d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return usedcars.SeedTx(ctx, tx, cars, say) })
}

func inventUsed(w *world.World, m *market.Market, b market.Brand, d *db.DB) []usedcars.Invented {
	day := world.Today(m, d.Clock.Now())
	var sites []id.Dealer
	for _, x := range w.Dealers(b.Code, m.Code, id.FlowUsed) {
		sites = append(sites, x.Code)
	}
	if len(sites) == 0 {
		return nil
	}
	var built []usedcars.Built
	for _, r := range w.Ranges(b.Code, m.Code, day) {
		mo, err := w.Model(b.Code, m.Code, r.Model, day)
		if err != nil {
			continue
		}
		l := stock.Line{Market: m, Range: r, Model: mo}
		for i := range buildsPerModel {
			if x, ok := l.Fancy(rand.New(rand.NewPCG(uint64(i), uint64(r.Order)))); ok {
				built = append(built, builtOf(m, b, r, x))
			}
		}
	}
	var out []usedcars.Invented
	for i := range usedPerShop[m.Code] {
		out = append(out, usedcars.Invent(m, b.Code, sites, built, i, day))
	}
	return out
}

// builtOf is a build as its first owner would name it.
func builtOf(m *market.Market, b market.Brand, r *catalogue.Range, x configurator.Build) usedcars.Built {
	out := usedcars.Built{Make: b.Name, Model: r.Name, Seats: r.Seats, Doors: 5, NewMinor: x.Quote.Total.Minor,
		Look: usedcars.Look{Body: x.Drawing.Body, Hex: x.Drawing.PaintHex, Finish: x.Drawing.Finish, Wheels: x.Drawing.WheelDesign, Rails: x.Drawing.Rails, TwoTone: x.Drawing.TwoTone, Trim: x.Drawing.Trim}}
	for _, f := range r.Features {
		if f.Group == catalogue.Colour {
			out.Paints = append(out.Paints, usedcars.Paint{Hex: f.Hex, Finish: f.Finish})
		}
	}
	for _, c := range x.Selection {
		f, ok := r.Feature(c)
		if !ok {
			continue
		}
		name := f.Name.In(m.Language(), m.Language())
		switch f.Group {
		case catalogue.Version:
			out.Version = name
		case catalogue.Engine:
			out.Engine, out.Fuel, out.Gearbox, out.KW, out.CO2 = name, f.Engine.Fuel, f.Engine.Gearbox, int(f.Engine.KW), int(f.Engine.CO2)
		}
	}
	return out
}
