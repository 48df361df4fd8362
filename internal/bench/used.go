package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/usedcars"
)

// A market with very many used cars, and how often it is searched.
const (
	usedMarket = 1_000_000
	usedRate   = 50
	usedPath   = "/renault/it/used"
	usedAsked  = 240 // different searches
	usedPages  = 300 // different cars
)

// fillUsed multiplies the demo's cars of one market: others by number, VIN, price, mileage and day, else as they are. Numbers
// count in the letters that a car's number may have.
var fillUsed = []string{
	`SET LOCAL session_replication_role = replica`,
	`CREATE TEMP TABLE base ON COMMIT DROP AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, c.* FROM used_cars c WHERE market = 'it' AND state = 'listed'`,
	`CREATE TEMP TABLE made ON COMMIT DROP AS SELECT i, 'U-2' || substr(a, i / 923521 % 31 + 1, 1) || substr(a, i / 29791 % 31 + 1, 1) || substr(a, i / 961 % 31 + 1, 1) || substr(a, i / 31 % 31 + 1, 1) || substr(a, i % 31 + 1, 1) AS id,
		i % (SELECT count(*) FROM base)::int AS n FROM generate_series(1, $CARS) i, (SELECT '23456789ABCDEFGHJKLMNPRSTUVWXYZ' AS a) letters`,
	`INSERT INTO used_cars (id, brand, market, dealer, vin, plate, make, model, version, engine, body, fuel, gearbox, colour, doors, seats, kw, co2, emission, registered_on, km, owners, equipment, look,
			text_id, price_minor, currency, vat, battery_pct, battery_how, battery_on, state, listed_at, created_at, updated_at)
		SELECT m.id, brand, market, dealer, 'VF1RJA0' || lpad(m.i::text, 10, '0'), '', make, model, version, engine, body, fuel, gearbox, (ARRAY['white', 'silver', 'grey', 'black', 'blue', 'red'])[m.i % 6 + 1], doors, seats, kw, co2,
			emission, registered_on - m.i % 900, km + m.i % 40000, owners, equipment, look, text_id, price_minor + (m.i % 5000 - 2500) * 100, currency, vat, battery_pct, battery_how, battery_on, 'listed',
			listed_at - m.i % 600 * interval '1 hour', created_at, updated_at
		FROM made m JOIN base b USING (n) ON CONFLICT DO NOTHING`,
	`INSERT INTO used_prices (car, at, price_minor, actor) SELECT m.id, c.listed_at, c.price_minor, 'bench' FROM made m JOIN used_cars c ON c.id = m.id ON CONFLICT DO NOTHING`,
	`INSERT INTO used_mileages (vin, read_on, km, source, at) SELECT c.vin, c.listed_at::date, c.km, 'seller', c.listed_at FROM made m JOIN used_cars c ON c.id = m.id ON CONFLICT DO NOTHING`,
}

// bareSearch is a search as SQL alone would answer it: how many there are, how many each fuel and each body would leave with its
// own filter taken away, and the cheapest two dozen.
const bareSearch = `WITH fits AS MATERIALIZED (SELECT id, price_minor, fuel, body FROM used_cars
		WHERE market = 'it' AND brand = 'renault' AND state IN ('listed', 'held') AND gearbox = 'automatic' AND price_minor <= 2500000)
	SELECT 'all' AS what, '' AS value, count(*) AS n FROM fits WHERE fuel IN ('hybrid', 'electric') AND body IN ('suv', 'hatch')
	UNION ALL SELECT 'fuel', fuel, count(*) FROM fits WHERE body IN ('suv', 'hatch') GROUP BY fuel
	UNION ALL SELECT 'body', body, count(*) FROM fits WHERE fuel IN ('hybrid', 'electric') GROUP BY body
	UNION ALL (SELECT 'car', id, price_minor FROM fits WHERE fuel IN ('hybrid', 'electric') AND body IN ('suv', 'hatch') ORDER BY price_minor, id LIMIT 24)`

const bareCar = `SELECT id, make, model, version, price_minor, km, registered_on FROM used_cars WHERE id = ?`

// measureUsed looks at a very large used market as visitors do: searches with three facets, no two alike one after the other, and
// the pages of single cars.
func (h *house) measureUsed(ctx context.Context, o options, t table, dsn string) error {
	d, err := db.Open(ctx, dsn, clock.System{}, db.Options{MaxConns: 4})
	if err != nil {
		return err
	}
	defer d.Close()
	filling := time.Now()
	if err := fillUsedMarket(ctx, d); err != nil {
		return err
	}
	filled, starting := time.Since(filling), time.Now()
	serve, addr, err := h.serveOn(ctx, "used", dsn)
	if err != nil {
		return err
	}
	defer serve.stop()
	ready := time.Since(starting)
	cars, err := usedSlugs(ctx, d)
	if err != nil {
		return err
	}
	var rows []map[string]any
	search, err := h.repeat(func() error { return d.Read(ctx).Raw(bareSearch).Scan(&rows).Error }, o.pages)
	if err != nil {
		return err
	}
	next := 0
	car, err := h.repeat(func() error { next++; return d.Read(ctx).Raw(bareCar, cars.ids[next%len(cars.ids)]).Scan(&rows).Error }, o.pages/3)
	if err != nil {
		return err
	}
	pids := func() []int { return []int{serve.pid(), -h.pgPid} }
	var ours []figure
	for _, paths := range [][]string{usedSearches(), cars.paths} {
		page := h.page(addr, pids, "", paths...)
		if _, err := steady(ctx, page, usedRate, 2*time.Second); err != nil {
			return err
		}
		f, err := steady(ctx, page, usedRate, o.pages)
		if err != nil {
			return err
		}
		ours = append(ours, f)
	}
	now, peak := memory(serve.pid())
	t.used([]figure{search, ours[0], car, ours[1]})
	t.line("made in %.0f s; an instance is ready %.1f s after its start and has %.0f MB (peak %.0f)", filled.Seconds(), ready.Seconds(), now, peak)
	return nil
}

func fillUsedMarket(ctx context.Context, d *db.DB) error {
	err := d.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		for _, q := range fillUsed {
			if err := tx.Exec(strings.ReplaceAll(q, "$CARS", fmt.Sprint(usedMarket))).Error; err != nil {
				return fmt.Errorf("used cars: %.60s: %w", q, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.Read(ctx).Exec(`VACUUM ANALYZE used_cars, used_prices, used_mileages`).Error
}

// slugs are some cars of the market and the addresses of their pages.
type slugs struct{ ids, paths []string }

func usedSlugs(ctx context.Context, d *db.DB) (out slugs, err error) {
	var cars []struct{ ID, Make, Model, Registered string }
	err = d.Read(ctx).Raw(`SELECT id, make, model, registered_on::text AS registered FROM used_cars WHERE market = 'it' AND brand = 'renault' AND state = 'listed' ORDER BY md5(id) LIMIT ?`, usedPages).Scan(&cars).Error
	for _, x := range cars {
		c := usedcars.Car{ID: id.UsedCar(x.ID), Make: x.Make, Model: x.Model, Registered: market.Date(x.Registered)}
		out.ids, out.paths = append(out.ids, x.ID), append(out.paths, usedPath+"/"+c.Slug())
	}
	if err == nil && len(cars) == 0 {
		err = fmt.Errorf("used cars: the market is empty")
	}
	return out, err
}

// usedSearches are questions with three facets each and a price, as people put them; no two are one after the other.
func usedSearches() []string {
	r := rand.New(rand.NewPCG(8, 8))
	some := func(of []string, n int) []string {
		out := make([]string, 0, n)
		for _, i := range r.Perm(len(of))[:n] {
			out = append(out, of[i])
		}
		return out
	}
	out := make([]string, usedAsked)
	for i := range out {
		q := url.Values{"fuel": some(usedcars.Fuels, 2), "body": some(usedcars.Bodies, 2), "gearbox": some(usedcars.Gearboxes, 1), "max": {fmt.Sprint(9_000 + r.IntN(30)*1_000)}, "sort": {string(usedcars.Sorts[r.IntN(5)])}}
		out[i] = usedPath + "?" + q.Encode()
	}
	return out
}

func (t table) used(fs []figure) {
	t.title(fmt.Sprintf("2d. A market with %d used cars: searches with three facets and all counts, and the pages of cars, %d a second each", usedMarket, usedRate))
	names := []string{"floor: one such search as bare SQL", "ours: search page over HTTP", "floor: one car by its number, bare", "ours: car page over HTTP"}
	t.line("%-44s %10s %9s %9s %8s %10s %8s %10s %9s", "", "requests/s", "p50 ms", "p99 ms", "KB", "CPU ms each", "failed", "of floor", "strangers")
	for i := range fs {
		f, floor := &fs[i], &fs[i&^1]
		t.line("%-44s %10.0f %9.2f %9.2f %8.1f %10.3f %8d %9.2fx %9s", names[i], f.perSecond(), f.percentile(.5), f.percentile(.99), float64(f.bytes)/1024, f.cpuEach(), f.failed,
			f.percentile(.5)/floor.percentile(.5), f.strangers())
	}
	t.line("the floors one after the other on one connection; the bare search counts two facets of nine; aim: p99 of the search below 80 ms, of the car page below 20 ms")
}
