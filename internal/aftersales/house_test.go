package aftersales_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/money"
)

// garage is a market with one site, in a database of its own.
type garage struct {
	*testing.T
	db     *db.DB
	market *market.Market
	site   *network.Dealer
	rules  aftersales.Rules
}

var everyDay = network.Week{"mon": {{Opens: "08:00", Closes: "17:00"}}, "tue": {{Opens: "08:00", Closes: "17:00"}}, "wed": {{Opens: "08:00", Closes: "17:00"}}, "thu": {{Opens: "08:00", Closes: "17:00"}},
	"fri": {{Opens: "08:00", Closes: "12:00"}, {Opens: "13:00", Closes: "17:00"}}}

func newGarage(t *testing.T, c *aftersales.Capacity) *garage {
	t.Helper()
	return garageOn(t, dbtest.New(t), c)
}

func garageOn(t *testing.T, d *db.DB, c *aftersales.Capacity) *garage {
	t.Helper()
	g := &garage{T: t, db: d,
		market: &market.Market{Code: "gb", Currency: "GBP", WithdrawalDays: 14, VAT: []market.Rate{{From: "2011-01-04", RateBP: 2000}}, PlatePattern: `^[A-Z]{2}\d{2}[A-Z]{3}$`,
			Holidays: []market.Holiday{{Date: "2026-12-25", Name: "Christmas Day"}}},
		site: &network.Dealer{Code: "gb-leeds", Market: "gb", TimeZone: "Europe/London", Region: "england", Hours: everyDay, Lat: 53.78, Lon: -1.53},
		rules: aftersales.Rules{NoticeMinutes: 60, HoldMinutes: 15, OfferHours: 24, WaitMinutes: 60, CollectionsADay: 1, Rings: []aftersales.Ring{{ToKm: 10, FeeMinor: 1500}, {ToKm: 25, FeeMinor: 3000}},
			NoShow: aftersales.NoShowRule{AfterMinutes: 30, FeeMinor: 4000, FreeHours: 24, CancelFeeMinor: 2500}}}
	g.in(func(tx *db.Tx) error {
		for _, q := range []string{
			`INSERT INTO brands (code, doc) VALUES ('dacia', '{}')`, `INSERT INTO markets (code, currency, doc) VALUES ('gb', 'GBP', '{}')`,
			`INSERT INTO dealer_groups (code, market, name) VALUES ('gb-leeds', 'gb', 'Leeds')`, `INSERT INTO dealers (code, market, group_code, doc) VALUES ('gb-leeds', 'gb', 'gb-leeds', '{}')`,
		} {
			if err := tx.Exec(q).Error; err != nil {
				return err
			}
		}
		c.Dealer = g.site.Code
		return aftersales.SaveTx(tx, c)
	})
	t.Cleanup(g.weeksAreThoseOfTheBookings)
	return g
}

// weeksAreThoseOfTheBookings looks, at the end of each test, whether the search would read what is booked.
func (g *garage) weeksAreThoseOfTheBookings() {
	var wrong []string
	err := g.db.Read(context.Background()).Raw(`SELECT dealer || ' ' || week FROM (SELECT dealer, ((packed >> 40) / 672)::integer AS week, string_agg(int8send(packed), ''::bytea ORDER BY packed) AS packed FROM service_bookings
			WHERE state IN ('held', 'booked', 'arrived', 'in_work', 'ready') GROUP BY 1, 2) b FULL JOIN service_weeks w USING (dealer, week) WHERE coalesce(b.packed, '') <> coalesce(w.packed, '')`).Scan(&wrong).Error
	if err != nil || len(wrong) > 0 {
		g.Errorf("weeks that differ from their bookings: %v, %v", wrong, err)
	}
}

// in runs something in a transaction that must not fail.
func (g *garage) in(fn func(tx *db.Tx) error) {
	g.Helper()
	if err := g.try(fn); err != nil {
		g.Fatal(err)
	}
}

func (g *garage) try(fn func(tx *db.Tx) error) error {
	return g.db.InTx(g.Context(), func(_ context.Context, tx *db.Tx) error { return fn(tx) })
}

// people are so many technicians who can do everything, at work whenever the site is open.
func people(n int, skills ...aftersales.Skill) (out []aftersales.Technician) {
	if len(skills) == 0 {
		skills = aftersales.Skills
	}
	for i := range n {
		out = append(out, aftersales.Technician{No: i + 1, Name: fmt.Sprintf("Technician %d", i+1), Skills: skills, Hours: everyDay})
	}
	return out
}

func bays(n int) (out []aftersales.Bay) {
	for i := range n {
		out = append(out, aftersales.Bay{No: i + 1, Skills: aftersales.Skills})
	}
	return out
}

// work is a line of so many minutes.
func work(minutes int, parts ...aftersales.Need) []aftersales.Line {
	return []aftersales.Line{{Code: "annual-service", Kind: aftersales.KindDue, Quantity: 1, Minutes: minutes, Skill: aftersales.General, Parts: parts, Amount: money.Of(19900, "GBP"), VAT: money.Of(3317, "GBP"), List: money.Of(19900, "GBP")}}
}

// at is an instant of the site's clocks.
func (g *garage) at(day, clock string) time.Time {
	g.Helper()
	t, err := aftersales.Clock(g.site, market.Date(day), clock)
	if err != nil {
		g.Fatalf("%s %s: %v", day, clock, err)
	}
	return t
}

func (g *garage) hold(start time.Time, lines []aftersales.Line) aftersales.Hold {
	return aftersales.Hold{Site: g.site, Market: g.market, Rules: g.rules, Brand: "dacia", Source: aftersales.FromWeb, Start: start, Lines: lines}
}

// book books a slot that must be free.
func (g *garage) book(start time.Time, lines []aftersales.Line) (b *aftersales.Booking) {
	g.Helper()
	g.in(func(tx *db.Tx) (err error) {
		b, err = aftersales.HoldTx(tx, g.hold(start, lines))
		return err
	})
	return b
}

// refused is why a slot is not given.
func (g *garage) refused(h aftersales.Hold) error {
	return g.try(func(tx *db.Tx) error {
		_, err := aftersales.HoldTx(tx, h)
		return err
	})
}

func (g *garage) ask(minutes, days int) aftersales.Ask {
	return aftersales.Ask{Sites: []*network.Dealer{g.site}, Market: g.market, Rules: g.rules, Skills: []aftersales.Skill{aftersales.General}, Minutes: minutes, Now: g.db.Clock.Now(), Days: days}
}

func (g *garage) free(a aftersales.Ask) []aftersales.Slot {
	g.Helper()
	out, err := aftersales.Free(g.db.Read(g.Context()), a)
	if err != nil {
		g.Fatal(err)
	}
	return out
}

// starts are the clock times of slots.
func (g *garage) starts(slots []aftersales.Slot) (out []string) {
	for _, s := range slots {
		out = append(out, s.StartsAt.In(g.site.Zone()).Format("01-02 15:04"))
	}
	return out
}

func (g *garage) state(key id.Booking) aftersales.State {
	g.Helper()
	b, err := aftersales.BookingBy(g.db.Read(g.Context()), key)
	if err != nil {
		g.Fatal(err)
	}
	return b.State
}
