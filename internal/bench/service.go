package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"

	"github.com/jackc/pgx/v5"
)

// Workshops that are searched, what each has ahead, and how many race for one slot how often.
const (
	workshops    = 200
	workshopDays = aftersales.MostDays
	stayEach     = 3 // tries for a stay of each bay and day; some find it taken
	racers       = 64
	races        = 20
)

// workbench is a database with many sites, all in Great Britain.
type workbench struct {
	db     *db.DB
	world  *world.World
	market *market.Market
	sites  []*network.Dealer
	stays  int
}

// measureService searches the slots of many workshops and lets many race for the last one of a day; beside both stands what bare
// SQL takes.
func (h *house) measureService(ctx context.Context, o options, t table, dsn string) error {
	w, err := openWorkbench(ctx, dsn)
	if err != nil {
		return err
	}
	defer w.db.Close()
	var fs []figure
	for _, way := range []func(context.Context) error{w.bareRead, w.search(0, aftersales.OnFoot, nil), w.search(3, aftersales.OnFoot, nil),
		w.search(3, aftersales.CourtesyCar, []aftersales.Need{{Part: "pads-front", Quantity: 1}, {Part: "discs-front", Quantity: 1}})} {
		f, err := h.repeat(func() error { return way(ctx) }, o.pages/2, os.Getpid())
		if err != nil {
			return err
		}
		fs = append(fs, f)
	}
	t.service(fs, w.stays)
	bare, err := w.race(ctx, w.bareStay)
	if err != nil {
		return err
	}
	ours, err := w.race(ctx, w.hold)
	if err != nil {
		return err
	}
	t.races([]race{bare, ours})
	return nil
}

func openWorkbench(ctx context.Context, dsn string) (*workbench, error) {
	d, err := db.Open(ctx, dsn, clock.System{}, db.Options{})
	if err != nil {
		return nil, err
	}
	w := &workbench{db: d}
	if w.world, err = world.Load(ctx, d, nil); err != nil {
		return nil, err
	}
	w.market, _ = w.world.Market("gb")
	if err := w.build(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return w, nil
}

// build multiplies the demo's sites and fills their days.
func (w *workbench) build(ctx context.Context) error {
	like := w.world.DealersOf("gb")
	var rows [][]any
	err := w.db.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		for i := range workshops {
			d := *like[i%len(like)]
			d.Code, d.Group = id.Dealer(fmt.Sprintf("gb-bench-%03d", i)), ""
			w.sites = append(w.sites, &d)
			for _, q := range []string{`INSERT INTO dealer_groups (code, market, name) VALUES (?, 'gb', 'Bench')`,
				`INSERT INTO dealers (code, market, group_code, doc) SELECT code, 'gb', code, '{}' FROM dealer_groups WHERE code = ?`} {
				if err := tx.Exec(q, d.Code).Error; err != nil {
					return err
				}
			}
			c := aftersales.Invent(w.world.Service(), &d, world.Today(w.market, tx.Now))
			if err := aftersales.SaveTx(tx, c); err != nil {
				return err
			}
			rows = append(rows, w.fill(&d, c, tx.Now)...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	columns := []string{"id", "brand", "market", "dealer", "state", "source", "starts_at", "ends_at", "bay", "technician", "skills", "minutes", "mobility", "lines", "packed", "created_at", "updated_at"}
	c, err := w.db.Pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	if _, err := c.Exec(ctx, `SET session_replication_role = replica`); err != nil { // each row would write its week anew
		return err
	}
	n, err := c.CopyFrom(ctx, pgx.Identifier{"service_bookings"}, columns, pgx.CopyFromRows(rows))
	if w.stays = int(n); err != nil {
		return err
	}
	for _, q := range []string{`SET session_replication_role = DEFAULT`, `SELECT count(fill_service_week(dealer, week)) FROM (SELECT DISTINCT dealer, ((packed >> 40) / 672)::integer AS week FROM service_bookings) weeks`,
		`VACUUM ANALYZE service_bookings, service_weeks, service_stock, service_supplies, service_reservations, service_technicians, service_bays`} {
		if _, err := c.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// fill is stays of an hour or two, none over another, bay by bay with a technician of its own.
func (w *workbench) fill(d *network.Dealer, c *aftersales.Capacity, now time.Time) (rows [][]any) {
	r := rand.New(rand.NewPCG(1, uint64(len(w.sites))))
	for k := range min(len(c.Bays), len(c.Technicians)) {
		for i := range workshopDays {
			for _, s := range d.SpansOn(w.market, now.AddDate(0, 0, i+1)) {
				at := s[0]
				for range stayEach {
					at = at.Add(time.Duration(r.IntN(6)) * 30 * time.Minute)
					stay := time.Duration(4+2*r.IntN(3)) * 15 * time.Minute
					if at.Add(stay).After(s[1]) {
						break
					}
					packed := at.Unix()/900<<40 | int64(stay/(15*time.Minute))<<32 | int64(c.Bays[k].No)<<24 | int64(c.Technicians[k].No)<<16
					rows = append(rows, []any{id.New[id.Booking](), "dacia", "gb", d.Code, "booked", "web", at, at.Add(stay), c.Bays[k].No, c.Technicians[k].No, []string{"general"}, int(stay / time.Minute), "none", "[]", packed, now, now})
					at = at.Add(stay)
				}
			}
		}
	}
	return rows
}

// search asks all workshops; first bounds the answer of each, 0 asks for every slot there is.
func (w *workbench) search(first int, by aftersales.Mobility, parts []aftersales.Need) func(context.Context) error {
	return func(ctx context.Context) error {
		now := w.db.Clock.Now()
		slots, err := aftersales.Free(w.db.Read(ctx), aftersales.Ask{Sites: w.sites, Market: w.market, Rules: w.world.Service().RulesAt("gb", world.Today(w.market, now)), Skills: []aftersales.Skill{aftersales.General},
			Minutes: 90, Parts: parts, Mobility: by, Now: now, Days: workshopDays, First: first})
		if err == nil && len(slots) < workshops {
			err = fmt.Errorf("only %d slots", len(slots))
		}
		return err
	}
}

// bareRead reads the same bookings, row by row, and nothing else.
func (w *workbench) bareRead(ctx context.Context) error {
	codes := make([]string, len(w.sites))
	for i, d := range w.sites {
		codes[i] = string(d.Code)
	}
	now := w.db.Clock.Now()
	rows, err := w.db.Pool.Query(ctx, `SELECT dealer, starts_at, ends_at, bay, technician FROM service_bookings WHERE dealer = ANY($1) AND starts_at >= $2 AND starts_at < $3 AND state IN ('held', 'booked', 'arrived', 'in_work', 'ready')`,
		codes, now, now.AddDate(0, 0, workshopDays))
	if err != nil {
		return err
	}
	var dealer string
	var from, to time.Time
	var bay, tech int
	_, err = pgx.ForEachRow(rows, []any{&dealer, &from, &to, &bay, &tech}, func() error { return nil })
	return err
}

// race is many who want one slot, some times over.
type race struct {
	won, lost int
	figure
}

// race lets many try at once for one bay, with one technician, on other days.
func (w *workbench) race(ctx context.Context, try func(ctx context.Context, start time.Time) error) (out race, err error) {
	site := w.sites[0]
	err = w.db.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		return aftersales.SaveTx(tx, &aftersales.Capacity{Dealer: site.Code, Bays: []aftersales.Bay{{No: 199, Skills: aftersales.Skills}},
			Technicians: []aftersales.Technician{{No: 199, Name: "Racer", Skills: aftersales.Skills, Hours: site.Hours}}})
	})
	day := w.db.Clock.Now().AddDate(0, 0, 2)
	for i := 0; err == nil && i < races; day = day.AddDate(0, 0, 1) {
		spans := site.SpansOn(w.market, day)
		if len(spans) == 0 {
			continue
		}
		i++
		last := spans[len(spans)-1][1].Add(-time.Hour)
		err = out.run(ctx, func(ctx context.Context) error { return try(ctx, last) })
	}
	return out, err
}

func (r *race) run(ctx context.Context, try func(context.Context) error) error {
	var mu sync.Mutex
	var all sync.WaitGroup
	var bad error
	begin := time.Now()
	for range racers {
		all.Go(func() {
			at := time.Now()
			err := try(ctx)
			mu.Lock()
			defer mu.Unlock()
			switch r.lat = append(r.lat, time.Since(at)); {
			case err == nil:
				r.won++
			case errors.Is(err, aftersales.ErrTaken):
				r.lost++
			default:
				bad = err
			}
		})
	}
	all.Wait()
	r.n, r.took = r.n+racers, r.took+time.Since(begin)
	return bad
}

// hold is ours.
func (w *workbench) hold(ctx context.Context, start time.Time) error {
	return w.db.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		_, err := aftersales.HoldTx(tx, aftersales.Hold{Site: w.sites[0], Market: w.market, Rules: w.world.Service().RulesAt("gb", world.Today(w.market, tx.Now)), Brand: "dacia", Source: aftersales.FromWeb, Start: start,
			Lines: []aftersales.Line{{Code: "holiday-check", Minutes: 60, Skill: aftersales.General}}, DueAt: tx.Now.Add(time.Hour)})
		return err
	})
}

// bareStay is one row, and the schema's word on it: an hour before the slot that ours race for.
func (w *workbench) bareStay(ctx context.Context, start time.Time) error {
	start = start.Add(-time.Hour)
	_, err := w.db.Pool.Exec(ctx, `INSERT INTO service_bookings (id, brand, market, dealer, state, source, starts_at, ends_at, bay, technician, skills, minutes, mobility, lines, packed, created_at, updated_at)
		VALUES (gen_random_uuid(), 'dacia', 'gb', $1, 'booked', 'web', $2, $3, 199, 199, '{general}', 60, 'none', '[]', $4, now(), now())`,
		w.sites[0].Code, start, start.Add(time.Hour), start.Unix()/900<<40|4<<32|199<<24|199<<16)
	if c := db.Constraint(err); c == "service_bookings_bay" || c == "service_bookings_technician" {
		return aftersales.ErrTaken
	}
	return err
}
