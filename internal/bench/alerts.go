package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/usedcars"

	"github.com/jackc/pgx/v5/pgxpool"
)

// How many saved searches there are, and how many cars are new.
const (
	savedSearches = 10_000
	newCars       = 1_000
)

// addSearches saves searches of one shop: of the demo's models, by price, words, year and distance, no two alike. $1 are words and
// places, as an address writes them.
const addSearches = `INSERT INTO used_searches (id, brand, market, locale, email, query, state, pace, confirm_hash, token_hash, off_hash, created_at, confirmed_at, due_at)
	SELECT gen_random_uuid(), 'renault', 'it', 'it-IT', 'r' || i || '@example.com',
		'max=' || 9000 + i % 400 * 50 || '&' || (ARRAY['', 'year_from=2021&', 'fuel=hybrid&', 'gearbox=automatic&'])[i % 4 + 1] || ($1::text[])[i % cardinality($1::text[]) + 1],
		'on', 'once', sha256(('c' || i)::bytea), sha256(('p' || i)::bytea), sha256(('o' || i)::bytea), now() - interval '1 day', now() - interval '1 day', now() + interval '1 year'
	FROM generate_series(1, $2::int) i`

// addNewCars lists more of the demo's cars, a moment ago.
var addNewCars = []string{
	`CREATE TEMP TABLE fresh AS SELECT row_number() OVER () AS i, c.* FROM (SELECT * FROM used_cars WHERE market = 'it' AND brand = 'renault' AND state = 'listed' LIMIT 500) c, generate_series(1, 2)`,
	`UPDATE fresh SET id = 'U-Z' || translate(lpad(to_hex(i), 5, '0'), '01', 'XY')`,
	`UPDATE fresh SET id = upper(id), vin = 'VF1ZZZ0' || lpad(i::text, 10, '0'), listed_at = now()`,
	`INSERT INTO used_cars (id, brand, market, dealer, vin, plate, make, model, version, engine, body, fuel, gearbox, colour, doors, seats, kw, co2, emission, registered_on, km, owners, equipment, look,
			text_id, price_minor, currency, vat, state, listed_at, created_at, updated_at)
		SELECT id, brand, market, dealer, vin, '', make, model, version, engine, body, fuel, gearbox, colour, doors, seats, kw, co2, emission, registered_on, km, owners, equipment, look,
			text_id, price_minor, currency, vat, 'listed', now(), now(), now() FROM fresh`,
	`INSERT INTO used_moves (car, seq, from_state, to_state, actor, why, at) SELECT id, 1, 'draft', 'listed', 'bench', '', now() FROM fresh`,
}

// measureAlerts holds new cars against saved searches, letters' rows and jobs included; beside it bare SQL asks the new cars once for
// each search, without words, distance or anything written.
func (h *house) measureAlerts(ctx context.Context, t table, dsn string) error {
	d, flow, _, err := openFlow(ctx, dsn, &promptBank{})
	if err != nil {
		return err
	}
	defer d.Close()
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return err
	}
	cfg.MaxConns = 1 // the new cars are in a table of one connection
	bare, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer bare.Close()
	used := usedcar.New(flow.Service, nil)
	if err := used.Match(ctx); err != nil { // what the market was made of is no news
		return err
	}
	var asks []string // most readers look for one model, many of them around a town
	for _, model := range []string{"Austral", "Captur", "Clio", "Kangoo", "Megane+E-Tech", "Rafale", "Scenic+E-Tech", "Symbioz"} {
		for _, more := range []string{"near=Torino&within=100", "near=Roma&within=50", "q=automatica&near=Milano&within=200", "year_from=2023&km=40000", "q=camera+led&colour=blue"} {
			asks = append(asks, "model=Renault+"+model+"&"+more)
		}
	}
	if _, err := bare.Exec(ctx, `DELETE FROM used_searches`); err != nil { // the demo's
		return err
	}
	if _, err := bare.Exec(ctx, addSearches, asks, savedSearches); err != nil {
		return fmt.Errorf("saved searches: %w", err)
	}
	for _, q := range addNewCars {
		if _, err := bare.Exec(ctx, q); err != nil {
			return fmt.Errorf("new cars: %.60s: %w", q, err)
		}
	}
	floor, err := bareAlerts(ctx, bare)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := used.Match(ctx); err != nil {
		return err
	}
	ours := sweepFigure{"ours: matched, written, letters queued", savedSearches, time.Since(begin)}
	var told, letters int
	if err := bare.QueryRow(ctx, `SELECT (SELECT count(*) FROM used_alerts), (SELECT count(*) FROM used_letters)`).Scan(&told, &letters); err != nil {
		return err
	}
	t.alerts([]sweepFigure{floor, ours}, told, letters)
	return nil
}

// bareAlerts asks the new cars once for each search.
func bareAlerts(ctx context.Context, bare *pgxpool.Pool) (sweepFigure, error) {
	f := sweepFigure{"floor: bare SQL, one question a search", savedSearches, 0}
	rows, err := bare.Query(ctx, `SELECT query FROM used_searches`)
	if err != nil {
		return f, err
	}
	var queries []url.Values
	for rows.Next() {
		var q string
		if err := rows.Scan(&q); err != nil {
			return f, err
		}
		v, err := url.ParseQuery(strings.TrimSuffix(q, "&"))
		if err != nil {
			return f, err
		}
		queries = append(queries, v)
	}
	if err := rows.Err(); err != nil {
		return f, err
	}
	begin, n := time.Now(), 0
	for _, q := range queries {
		err := bare.QueryRow(ctx, `SELECT count(*) FROM fresh WHERE price_minor <= $1::bigint * 100 AND ($2 = '' OR fuel = $2) AND ($3 = '' OR gearbox = $3)`, q.Get("max"), q.Get("fuel"), q.Get("gearbox")).Scan(&n)
		if err != nil {
			return f, err
		}
	}
	f.took = time.Since(begin)
	return f, nil
}

func (t table) alerts(fs []sweepFigure, told, letters int) {
	t.title(fmt.Sprintf("2e. %d saved searches of one shop against %d new cars; read %d at a time", savedSearches, newCars, usedcars.EventsAtOnce))
	t.line("%-44s %12s %14s %10s", "", "all s", "ms per search", "of floor")
	for _, f := range fs {
		t.line("%-44s %12.2f %14.3f %9.1fx", f.name, f.took.Seconds(), f.took.Seconds()*1000/float64(max(f.n, 1)), f.took.Seconds()/max(fs[0].took.Seconds(), 1e-9))
	}
	t.line("told: %d events in %d letters; the floor knows neither words nor distances and writes nothing; aim: under 10 s", told, letters)
}
