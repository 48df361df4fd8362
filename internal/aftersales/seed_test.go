package aftersales_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"forecourt/config"
	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
)

func TestTheDemosWorkshopsAreTheSameEachTimeAndLookAlive(t *testing.T) {
	t.Parallel()
	b := demoBook(t)
	g := newGarage(t, &aftersales.Capacity{})
	g.site.Skills, g.site.Bays, g.site.Takes = []network.Skill{network.SkillElectric}, 3, map[id.Brand][]id.Flow{"dacia": {"used"}}
	if !reflect.DeepEqual(aftersales.Invent(b, g.site, day), aftersales.Invent(b, g.site, day)) {
		t.Error("a site is another one the second time")
	}
	if any, err := aftersales.Any(g.db.Read(t.Context())); err != nil || any {
		t.Errorf("before: %t, %v", any, err)
	}
	g.in(func(tx *db.Tx) error { return aftersales.SeedTx(tx, b, g.market, []*network.Dealer{g.site}) })
	c, err := aftersales.CapacityOf(g.db.Read(t.Context()), g.site.Code)
	if err != nil || len(c.Bays) < 3 || len(c.Technicians) < 3 || len(c.Courtesy) < 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, s := range aftersales.Skills {
		if !slices.ContainsFunc(c.Technicians, func(x aftersales.Technician) bool { return slices.Contains(x.Skills, s) }) {
			t.Errorf("nobody can do %s", s)
		}
	}
	planned, err := aftersales.Planned(g.db.Read(t.Context()), g.site.Code, dbtest.Start, dbtest.Start.AddDate(0, 0, 10))
	if err != nil || len(planned) < 10 || len(planned) > 80 {
		t.Errorf("%d stays ahead: %v", len(planned), err)
	}
	for _, x := range planned {
		if len(x.Lines) == 0 || x.State != aftersales.Booked {
			t.Errorf("%+v", x)
		}
	}
	if any, err := aftersales.Any(g.db.Read(t.Context())); err != nil || !any {
		t.Errorf("after: %t, %v", any, err)
	}
}

// What the files say is what the database gives back.
func TestABookIsKeptWhole(t *testing.T) {
	t.Parallel()
	d, b := dbtest.New(t), demoBook(t)
	for range 2 {
		if err := d.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error { return aftersales.SaveBookTx(tx, b) }); err != nil {
			t.Fatal(err)
		}
	}
	got, err := aftersales.LoadBook(d.Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	b.Goods.From, b.Goods.Source = "", ""
	if !reflect.DeepEqual(got, b) {
		t.Error("the book is another one")
	}
}

// Every site of the demo, in its own hours and zone, can do the usual work within a fortnight.
func TestEverySiteOfTheDemoHasSlots(t *testing.T) {
	t.Parallel()
	d, b := dbtest.New(t), demoBook(t)
	for _, code := range []string{"de", "es", "fr", "gb", "it", "ro"} {
		read := func(name string) []byte {
			data, err := config.World.ReadFile(name + "/" + code + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
		m, ps := market.DecodeMarket(code, read("markets"))
		sites, more := network.DecodeDealers(code, read("dealers"))
		if len(ps)+len(more) > 0 {
			t.Fatalf("%v %v", ps, more)
		}
		a := aftersales.Ask{Market: m, Rules: b.RulesAt(m.Code, day), Skills: []aftersales.Skill{aftersales.General, aftersales.Diagnosis}, Minutes: 120, Now: dbtest.Start, Days: 14, First: 1}
		err := d.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
			if err := tx.Exec(`INSERT INTO brands (code, doc) VALUES ('dacia', '{}'), ('renault', '{}') ON CONFLICT DO NOTHING`).Error; err != nil {
				return err
			}
			if err := tx.Exec(`INSERT INTO markets (code, currency, doc) VALUES (?, ?, '{}')`, m.Code, m.Currency).Error; err != nil {
				return err
			}
			for i := range sites {
				x := &sites[i]
				a.Sites = append(a.Sites, x)
				if err := tx.Exec(`INSERT INTO dealer_groups (code, market, name) VALUES (?, ?, 'x')`, x.Code, m.Code).Error; err != nil {
					return err
				}
				if err := tx.Exec(`INSERT INTO dealers (code, market, group_code, doc) VALUES (?, ?, ?, '{}')`, x.Code, m.Code, x.Code).Error; err != nil {
					return err
				}
			}
			return aftersales.SeedTx(tx, b, m, a.Sites)
		})
		if err != nil {
			t.Fatal(err)
		}
		slots, err := aftersales.Free(d.Read(t.Context()), a)
		if err != nil || len(slots) != len(sites) {
			t.Errorf("%s: %d of %d sites have a slot: %v", code, len(slots), len(sites), err)
		}
	}
}
