package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/sheet"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars/intake"
	"forecourt/internal/world"
)

// stockCars are the cars of the file, stockDealer the one that sends it.
const (
	stockCars             = 100_000
	stockDealer id.Dealer = "gb-leeds-northgate"
)

// yard brings files of used cars in.
type yard struct {
	db   *db.DB
	cars *usedcar.Service
}

// measureStock brings a file of 100,000 cars in: reading it, looking at its lines, carrying it out, and the same file once
// more. Beside it bare SQL writes as many rows of the same tables in as many transactions, made up on the server.
func (h *house) measureStock(ctx context.Context, t table, dsn string) error {
	y, err := openYard(ctx, dsn)
	if err != nil {
		return err
	}
	defer y.db.Close()
	floor, err := y.bareStock(ctx)
	if err != nil {
		return fmt.Errorf("bare stock: %w", err)
	}
	fs := []sweepFigure{floor}
	file := stockFile(stockCars)
	for _, again := range []string{"", "the same file again: "} {
		part, err := y.bring(ctx, file, again)
		if err != nil {
			return err
		}
		fs = append(fs, part...)
	}
	t.stock(fs)
	return nil
}

func openYard(ctx context.Context, dsn string) (*yard, error) {
	d, err := db.Open(ctx, dsn, clock.System{}, db.Options{})
	if err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	w, err := world.NewKeeper(ctx, d, dsn, quiet)
	if err != nil {
		return nil, err
	}
	inserts, err := jobs.New(d.Pool, jobs.Options{})
	if err != nil {
		return nil, err
	}
	words, err := i18n.Load()
	if err != nil {
		return nil, err
	}
	return &yard{d, usedcar.New(&sale.Service{DB: d, World: w, Jobs: inserts, Words: words, Log: quiet}, nil)}, nil
}

// stockFile has cars of some hundred kinds, as a large dealer's has.
func stockFile(n int) string {
	var b strings.Builder
	b.WriteString("VIN;Plate;Make;Model;Version;Body;Fuel;Gearbox;Colour;Doors;Seats;Power kW;CO2;Euro class;First registration;Mileage;Owners;Price;VAT\n")
	fuels, colours := []string{"Petrol", "Diesel", "Hybrid", "Electric"}, []string{"White", "Grey", "Black", "Blue", "Red"}
	for i := range n {
		fmt.Fprintf(&b, "VF1RJA00X7%07d;AB%02d CDE;Renault;Model %d;Techno;SUV;%s;Manual;%s;5;5;%d;%d;Euro 6;%02d/%02d/20%02d;%d;%d;£%d;Margin scheme\n",
			i, i%100, i%60, fuels[i%4], colours[i%5], 60+i%100, 90+i%60, 1+i%28, 1+i%12, 15+i%10, 1000+i, 1+i%3, 5000+i%20000)
	}
	return b.String()
}

// bring takes a file the whole way, and says how long each part took.
func (y *yard) bring(ctx context.Context, file, name string) ([]sweepFigure, error) {
	scope := intake.Scope{Actor: "system", Dealer: stockDealer}
	var key intake.ID
	var out []sweepFigure
	began := time.Now()
	mark := func(what string) {
		out = append(out, sweepFigure{name: "ours: " + name + what, n: stockCars, took: time.Since(began)})
		began = time.Now()
	}
	through := func() error {
		for {
			if over, err := y.cars.WorkStock(ctx, key); err != nil || over {
				return err
			}
		}
	}
	err := y.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		s, err := sheet.Open(strings.NewReader(file), int64(len(file)), intake.Limits)
		if err != nil {
			return err
		}
		if key, err = y.cars.TakeStockTx(ctx, tx, scope, "cars.csv", s); err != nil {
			return err
		}
		f, err := intake.Of(tx.DB, scope.Dealer, key)
		if err != nil {
			return err
		}
		return y.cars.MapStockTx(ctx, tx, scope, key, f.Fields)
	})
	if err != nil {
		return nil, err
	}
	mark("read and kept")
	if err := through(); err != nil {
		return nil, err
	}
	mark("looked at")
	if err := y.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return y.cars.ApplyStockTx(ctx, tx, scope, key) }); err != nil {
		return nil, err
	}
	if err := through(); err != nil {
		return nil, err
	}
	mark("carried out")
	f, err := intake.Of(y.db.Read(ctx), scope.Dealer, key)
	if err == nil && (f.Counts[intake.New]+f.Counts[intake.Same] != stockCars || name != "" && f.Counts[intake.New] != 0) {
		err = fmt.Errorf("the file came to %v", f.Counts)
	}
	return out, err
}

// bareStock writes the rows of 100,000 cars, and of their file, from numbers.
func (y *yard) bareStock(ctx context.Context) (sweepFigure, error) {
	f := sweepFigure{name: "floor: bare SQL, the same rows from numbers", n: stockCars}
	g := y.db.Read(ctx)
	if err := g.Exec(`INSERT INTO used_texts (market, words, found) VALUES ('gb', 'bench', to_tsvector('simple', 'bench')) ON CONFLICT DO NOTHING`).Error; err != nil {
		return f, err
	}
	key := id.New[intake.ID]()
	if err := g.Exec(`INSERT INTO used_imports (id, dealer, market, actor, name, state, header, fields, rows, created_at, changed_at)
		VALUES (?, ?, 'gb', 'system', 'bare', 'done', '{a}', '{vin}', 1, now(), now())`, key, stockDealer).Error; err != nil {
		return f, err
	}
	const part = 2000
	began := time.Now()
	for from := 0; from < stockCars; from += part {
		err := y.db.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
			for _, q := range []string{
				`INSERT INTO used_import_rows (import_id, line, cells, vin) SELECT @key, n, array_fill(n::text, ARRAY[19]), 'UU1RJU00X2' || lpad(n::text, 7, '0') FROM generate_series(CAST(@from AS int), @to) n`,
				`INSERT INTO used_cars (id, brand, market, dealer, vin, make, model, version, engine, body, fuel, gearbox, colour, doors, seats, kw, co2, emission, registered_on, km, owners, look, text_id, price_minor, currency, vat, state, created_at, updated_at)
					SELECT 'U-' || translate(upper(to_hex(n + 11534336)), '01', 'YZ'), 'dacia', 'gb', @dealer, 'UU1RJU00X2' || lpad(n::text, 7, '0'), 'Dacia', 'Duster', '', '', 'suv', 'petrol', 'manual', 'grey', 5, 5, 96, 120, 'euro6', '2021-03-05', n, 1, '{}',
						(SELECT id FROM used_texts WHERE market = 'gb' AND words = 'bench'), 1599000, 'GBP', 'margin', 'draft', now(), now() FROM generate_series(CAST(@from AS int), @to) n`,
				`INSERT INTO used_moves (car, seq, from_state, to_state, actor, why, at) SELECT 'U-' || translate(upper(to_hex(n + 11534336)), '01', 'YZ'), 1, '', 'draft', 'system', 'bench', now() FROM generate_series(CAST(@from AS int), @to) n`,
				`INSERT INTO used_mileages (vin, read_on, km, source, at) SELECT 'UU1RJU00X2' || lpad(n::text, 7, '0'), current_date, n, 'dealer', now() FROM generate_series(CAST(@from AS int), @to) n`,
				`INSERT INTO audit_log (at, actor, action, subject, market, brand, new) SELECT now(), 'system', 'used.add', 'used_car:' || n, 'gb', 'dacia', '{"state": "draft", "price_minor": 1599000}' FROM generate_series(CAST(@from AS int), @to) n`,
				`UPDATE used_import_rows SET outcome = 'new' WHERE import_id = @key AND line BETWEEN @from AND @to`,
			} {
				if err := tx.Exec(q, map[string]any{"key": key, "from": from, "to": from + part - 1, "dealer": stockDealer}).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return f, err
		}
	}
	f.took = time.Since(began)
	return f, nil
}
