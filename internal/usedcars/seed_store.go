package usedcars

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/platform/db"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// Any tells whether there is any car at all.
func Any(g *gorm.DB) (bool, error) {
	var found bool
	_, err := db.One(g, &found, `SELECT EXISTS (SELECT FROM used_cars)`)
	return found, err
}

// SeedTx writes the demo's cars as they would stand after weeks of selling: listed, with their prices, readings and faults.
// Each row is copied once; a car by a number that is there already is a mistake.
func SeedTx(ctx context.Context, tx *db.Tx, cars []Invented, words func(*Car) string) error {
	texts := map[string]int{}
	rows := make([][]any, 0, len(cars))
	var moves, prices, faults, kms, inspections, checks [][]any
	for i := range cars {
		c := &cars[i]
		said := words(&c.Car)
		line := string(c.Market) + "\x00" + said
		if _, ok := texts[line]; !ok {
			n, err := textTx(tx, c.Market, said)
			if err != nil {
				return err
			}
			texts[line] = n
		}
		row, err := seedRow(c, texts[line])
		if err != nil {
			return err
		}
		rows = append(rows, row)
		moves = append(moves, []any{string(c.ID), 1, "", string(Draft), "demo", "", c.ListedAt})
		if c.State == Listed {
			moves = append(moves, []any{string(c.ID), 2, string(Draft), string(Listed), "demo", "", c.ListedAt})
			for _, p := range c.Prices {
				prices = append(prices, []any{string(c.ID), p.At, p.PriceMinor, "demo"})
			}
		}
		answers, past, err := c.seedKnown()
		if err != nil {
			return err
		}
		inspections, checks = append(inspections, answers), append(checks, past)
		for n, f := range c.Faults {
			faults = append(faults, []any{string(c.ID), n + 1, f.Panel, f.Kind, f.MM, f.Words})
		}
		for _, k := range c.Kms {
			kms = append(kms, []any{c.VIN, k.On.Time(time.UTC), k.Km, k.Source, c.ListedAt})
		}
	}
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"used_cars", seedColumns, rows},
		{"used_moves", []string{"car", "seq", "from_state", "to_state", "actor", "why", "at"}, moves},
		{"used_prices", []string{"car", "at", "price_minor", "actor"}, prices},
		{"used_faults", []string{"car", "seq", "panel", "kind", "mm", "words"}, faults},
		{"used_mileages", []string{"vin", "read_on", "km", "source", "at"}, kms},
		{"used_inspections", []string{"car", "seq", "answers", "actor", "at"}, inspections},
		{"used_checks", []string{"car", "asked_at", "vin", "source", "reference", "finance", "written_off", "stolen", "owners", "readings", "at"}, checks},
	} {
		if _, err := tx.Pgx().CopyFrom(ctx, pgx.Identifier{t.table}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
			return fmt.Errorf("usedcars: seed %s: %w", t.table, err)
		}
	}
	return nil
}

var seedColumns = []string{"id", "brand", "market", "dealer", "vin", "plate", "make", "model", "version", "engine", "body", "fuel", "gearbox", "colour", "doors", "seats", "kw", "co2", "emission",
	"registered_on", "km", "owners", "equipment", "look", "text_id", "price_minor", "prior_minor", "currency", "vat", "bought_minor", "battery_pct", "battery_how", "battery_on",
	"state", "listed_at", "created_at", "updated_at", "check_asked_at"}

func seedRow(c *Invented, text int) ([]any, error) {
	look, err := json.Marshal(c.Look)
	var battery any
	if c.Battery.Pct > 0 {
		battery = c.Battery.On.Time(time.UTC)
	}
	var listed any
	if c.State == Listed {
		listed = c.ListedAt
	}
	has := c.Equipment
	if has == nil {
		has = []string{}
	}
	return []any{string(c.ID), string(c.Brand), string(c.Market), string(c.Dealer), c.VIN, c.Plate, c.Make, c.Model, c.Version, c.Engine, c.Body, c.Fuel, c.Gearbox, c.Colour,
		c.Doors, c.Seats, c.KW, c.CO2, c.Emission, c.Registered.Time(time.UTC), c.Km, c.Owners, has, look, text, c.PriceMinor, db.OrNull(c.PriorMinor), c.Currency, string(c.VAT),
		db.OrNull(c.Bought), db.OrNull(c.Battery.Pct), c.Battery.How, battery, string(c.State), listed, c.ListedAt, c.ListedAt, c.AskedAt}, err
}

// seedKnown are the rows of what an inspector and a register said.
func (c *Invented) seedKnown() (answers, past []any, err error) {
	said, err := json.Marshal(c.Answers)
	if err != nil {
		return nil, nil, err
	}
	read, err := json.Marshal(c.Past.Readings)
	return []any{string(c.ID), 1, said, "demo", c.ListedAt}, []any{string(c.ID), c.AskedAt, c.VIN, c.Past.Source, c.Past.Reference, c.Past.Finance, c.Past.WrittenOff, c.Past.Stolen, c.Past.Owners, read, c.AskedAt}, err
}
