package world

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"sort"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type versionRow struct {
	Version       int64
	Digest        string
	StaticVersion int64
}

func readVersion(g *gorm.DB) (versionRow, error) {
	var v versionRow
	_, err := db.One(g, &v, `SELECT version, digest, static_version FROM world_version`)
	return v, err
}

// Loaded is the digest of the files that the database holds; empty before the first import.
func Loaded(ctx context.Context, d *db.DB) (string, error) {
	v, err := readVersion(d.Read(ctx))
	return v.Digest, err
}

// Load reads a picture. What only an import or a publication changes is taken from old when neither
// happened since.
func Load(ctx context.Context, d *db.DB, old *World) (*World, error) {
	return load(ctx, d, old, slog.Default())
}

func load(ctx context.Context, d *db.DB, old *World, l *slog.Logger) (*World, error) {
	g := d.Read(ctx)
	v, err := readVersion(g)
	if err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	w := &World{Version: v.Version, Digest: v.Digest, Static: v.StaticVersion}
	same := old != nil && old.Digest == v.Digest && old.Static == v.StaticVersion
	if same {
		w.Brands, w.Markets, w.static = old.Brands, old.Markets, old.static
	} else if err := w.loadStatic(g, old, l); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	if err := w.loadSwitches(g); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	if w.holds, err = readHolds(g); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	if err := w.loadSites(g, d.Clock.Now()); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	w.held = newShelf()
	if same && reflect.DeepEqual(w.holds, old.holds) {
		w.held = old.held
	}
	return w, nil
}

// loadSites puts on the dealers' files what the sites say of themselves, and in which pilots they take part.
func (w *World) loadSites(g *gorm.DB, now time.Time) error {
	all, err := network.Calendars(g)
	if err != nil {
		return err
	}
	members, err := network.Members(g)
	if err != nil {
		return err
	}
	w.loaded, w.sites = now, make(map[id.Dealer]*network.Dealer, len(all))
	for code, d := range w.dealers {
		sells := d.Selling(members[code])
		if c, ok := all[code]; ok {
			w.sites[code] = sells.With(c.Plans, c.Days, now)
		} else if !d.SellsLike(sells) {
			w.sites[code] = sells
		}
	}
	return nil
}

func (w *World) loadSwitches(g *gorm.DB) error {
	var rows []struct {
		Brand, Market, Flow, State, Reason, ChangedBy string
		ChangedAt                                     time.Time
		Version                                       int64
	}
	if err := g.Raw(`SELECT brand, market, flow, state, reason, changed_by, changed_at, version FROM switches`).Scan(&rows).Error; err != nil {
		return err
	}
	w.switches = make(map[switchKey]market.Switch, len(rows))
	for _, r := range rows {
		k := switchKey{id.Brand(r.Brand), id.Market(r.Market), id.Flow(r.Flow)}
		w.switches[k] = market.Switch{Brand: k.brand, Market: k.market, Flow: k.flow, State: market.State(r.State),
			Reason: r.Reason, ChangedBy: r.ChangedBy, ChangedAt: r.ChangedAt, Version: r.Version}
	}
	return nil
}

func (w *World) loadStatic(g *gorm.DB, old *World, l *slog.Logger) error {
	w.static = static{brands: map[id.Brand]market.Brand{}, markets: map[id.Market]*market.Market{},
		dealers: map[id.Dealer]*network.Dealer{}, byPlace: map[id.Market][]*network.Dealer{},
		places: map[id.Market]network.Places{}, ranges: map[id.Brand][]*catalogue.Range{},
		models: newShelf(), log: l}
	if err := each(g, `SELECT doc FROM brands`, func(b market.Brand) {
		w.brands[b.Code] = b
		w.Brands = append(w.Brands, b)
	}); err != nil {
		return err
	}
	if err := each(g, `SELECT doc FROM markets`, func(m market.Market) {
		w.markets[m.Code] = &m
		w.Markets = append(w.Markets, &m)
	}); err != nil {
		return err
	}
	if err := each(g, `SELECT doc FROM dealers ORDER BY code`, func(d network.Dealer) {
		w.dealers[d.Code] = &d
		w.byPlace[d.Market] = append(w.byPlace[d.Market], &d)
	}); err != nil {
		return err
	}
	if err := each(g, `SELECT doc FROM ranges`, func(r catalogue.Range) {
		w.ranges[r.Brand] = append(w.ranges[r.Brand], &r)
	}); err != nil {
		return err
	}
	w.sort()
	var err error
	if w.service, err = aftersales.LoadBook(g); err != nil {
		return err
	}
	if err := w.loadEditions(g, old); err != nil {
		return err
	}
	var places []network.Place
	if err := g.Raw(`SELECT market, kind, name, lat, lon FROM places ORDER BY market, kind, name`).Scan(&places).Error; err != nil {
		return err
	}
	for _, p := range places {
		w.places[p.Market] = append(w.places[p.Market], p)
	}
	return nil
}

func (w *World) sort() {
	sort.Slice(w.Brands, func(i, j int) bool { return w.Brands[i].Order < w.Brands[j].Order })
	sort.Slice(w.Markets, func(i, j int) bool { return w.Markets[i].Order < w.Markets[j].Order })
	for _, rs := range w.ranges {
		sort.Slice(rs, func(i, j int) bool { return rs[i].Order < rs[j].Order })
	}
}

func each[T any](g *gorm.DB, query string, add func(T)) error {
	var docs [][]byte
	rows, err := g.Raw(query).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return err
		}
		docs = append(docs, b)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, b := range docs {
		var v T
		if err := json.Unmarshal(b, &v); err != nil {
			return err
		}
		add(v)
	}
	return nil
}
