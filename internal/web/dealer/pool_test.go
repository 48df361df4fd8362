package dealer_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/platform/db"
	"forecourt/internal/stock"
)

func TestASiteAsksForACarOfThePool(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	site := b.first("gb")
	m, err := b.world.Model("dacia", "gb", "duster", "2026-11-24")
	b.must(err)
	b.tx(func(_ context.Context, tx *db.Tx) error {
		for _, c := range []stock.Car{{ID: "P-7K2M9X", VIN: "VF1RJA00X747K2M9X"}, {ID: "P-7K2M9Y", VIN: "VF1RJA00X747K2M9Y"}} {
			c.Brand, c.Market, c.Model, c.Dealer, c.Selection, c.Stage, c.ReadyOn = "dacia", "gb", "duster", site, configurator.Encode(m.Default()), stock.Ground, "2026-12-03"
			if err := stock.AddTx(tx, &c); err != nil {
				return err
			}
		}
		c, err := stock.LockTx(tx, "P-7K2M9Y")
		if err != nil {
			return err
		}
		if err := stock.WarnTx(tx, c, "gb-test", stock.Why{Stage: stock.Ground, KeptSince: "2026-09-01", Days: 60}); err != nil {
			return err
		}
		return stock.PoolTx(tx, c, "gb-test", stock.Why{Stage: stock.Ground, KeptSince: "2026-09-01", Days: 60})
	})
	s := b.staffOf(site)
	a := s.get("/dealer/stock")
	for _, want := range []string{"P-7K2M9X", "P-7K2M9Y", "/dealer/stock/P-7K2M9Y/ask", "Returned to the pool", "Here since", "Reserved until"} {
		if a.status != 200 || !strings.Contains(a.body, want) {
			t.Errorf("%d: the page lacks %q", a.status, want)
		}
	}
	if strings.Contains(a.body, "/dealer/stock/P-7K2M9X/") || strings.Contains(a.body, "VF1RJA") {
		t.Error("a car of the site's own is asked for, or a number is told")
	}
	if a := s.post("/dealer/stock/P-7K2M9Y/ask", form()); a.status != 303 {
		t.Fatalf("asking: %d %s", a.status, a.body)
	}
	if a := s.get("/dealer/stock?done=pool_asked"); !strings.Contains(a.body, "/dealer/stock/P-7K2M9Y/leave") {
		t.Error("the wish is not shown")
	}
	if a := s.post("/dealer/stock/P-7K2M9X/ask", form()); a.status != 409 || !strings.Contains(a.body, "Somebody has this car by now") {
		t.Errorf("a car that is not in the pool: %d", a.status)
	}
	for _, car := range []string{"P-222222", "x", "P-7K2M9Y%27"} {
		if a := s.post("/dealer/stock/"+car+"/ask", form()); a.status != 404 {
			t.Errorf("%s: %d", car, a.status)
		}
	}
	far := b.staffOf(b.first("it"))
	if a := far.post("/dealer/stock/P-7K2M9Y/ask", form()); a.status != 404 {
		t.Errorf("another market: %d", a.status)
	}
	if a := far.get("/dealer/stock"); strings.Contains(a.body, "P-7K2M9") {
		t.Error("another market sees the pool")
	}
	if a := s.post("/dealer/stock/P-7K2M9Y/leave", form()); a.status != 303 {
		t.Errorf("taking back: %d", a.status)
	}
	if a := s.get("/dealer/stock"); !strings.Contains(a.body, "/dealer/stock/P-7K2M9Y/ask") {
		t.Error("the wish is still there")
	}
}
