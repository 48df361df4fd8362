package usedcars

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// seen is up to where an instance has read: everything that transactions before Low did. What a transaction at or after
// it did may have been seen or not; it is read again.
type seen struct{ Low, High string }

type entryRow struct {
	ID         string
	Brand      string
	Market     string
	Live       bool
	Make       string
	Model      string
	Fuel       string
	Gearbox    string
	Body       string
	Colour     string
	Doors      int
	Emission   string
	Dealer     string
	Has        string
	PriceMinor int64
	Km         int
	Year       int
	TextID     int32
	ListedAt   *time.Time
}

func (r *entryRow) entry() Entry {
	e := Entry{ID: id.UsedCar(r.ID), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), Live: r.Live, Make: r.Make, Model: r.Model,
		PriceMinor: r.PriceMinor, Km: r.Km, Year: r.Year, Text: r.TextID, ListedAt: db.OrZero(r.ListedAt)}
	e.Values[ByFuel], e.Values[ByGearbox], e.Values[ByBody], e.Values[ByColour] = r.Fuel, r.Gearbox, r.Body, r.Colour
	e.Values[ByDoors], e.Values[ByEmission], e.Values[ByDealer] = strconv.Itoa(r.Doors), r.Emission, r.Dealer
	if r.Has != "" {
		e.Equipment = strings.Split(r.Has, ",")
	}
	return e
}

const entryColumns = `id, brand, market, state IN ('listed', 'held') AS live, make, model, fuel, gearbox, body, colour, doors, emission, dealer, array_to_string(equipment, ',') AS has,
	price_minor, km, extract(year FROM registered_on)::int AS year, text_id, listed_at`

// all reads every car that can be bought, and up to where that is known.
func all(ctx context.Context, d *db.DB, each func(Entry)) (seen, error) {
	var s seen
	err := d.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		// The snapshot's bounds are taken first: what commits after them is read again.
		if _, err := db.One(tx.DB, &s, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS low, pg_snapshot_xmax(pg_current_snapshot())::text AS high`); err != nil {
			return err
		}
		return eachEntry(tx.DB, each, `SELECT `+entryColumns+` FROM used_cars WHERE state IN ('listed', 'held')`)
	})
	return s, err
}

// since reads what changed after an earlier reading. Numbers from before a restore may lie ahead of this server's: they are
// above its snapshot, and what they mark was read by all.
func since(g *gorm.DB, was seen, each func(Entry)) (seen, error) {
	var s seen
	if _, err := db.One(g, &s, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS low, pg_snapshot_xmax(pg_current_snapshot())::text AS high`); err != nil {
		return was, err
	}
	if s == was && s.Low == s.High {
		return s, nil // nothing ran then and nothing began since
	}
	err := eachEntry(g, each, `SELECT `+entryColumns+` FROM used_cars WHERE changed >= ?::text::xid8 AND changed < pg_snapshot_xmax(pg_current_snapshot())`, was.Low)
	return s, err
}

func eachEntry(g *gorm.DB, each func(Entry), query string, args ...any) error {
	rows, err := g.Raw(query, args...).Rows()
	if err != nil {
		return fmt.Errorf("usedcars: index: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r entryRow
		if err := rows.Scan(&r.ID, &r.Brand, &r.Market, &r.Live, &r.Make, &r.Model, &r.Fuel, &r.Gearbox, &r.Body, &r.Colour, &r.Doors, &r.Emission, &r.Dealer, &r.Has,
			&r.PriceMinor, &r.Km, &r.Year, &r.TextID, &r.ListedAt); err != nil {
			return fmt.Errorf("usedcars: index: %w", err)
		}
		each(r.entry())
	}
	return rows.Err()
}
