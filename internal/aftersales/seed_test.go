package aftersales_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
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
	if err != nil || len(planned) < 10 {
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
