package dealer_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stock"
)

func TestTheQueueSaysThatACarExists(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	site := b.first("gb")
	m, err := b.world.Model("dacia", "gb", "duster", "2026-11-24")
	b.must(err)
	b.tx(func(_ context.Context, tx *db.Tx) error {
		return stock.AddTx(tx, &stock.Car{ID: "P-7K2M9X", Brand: "dacia", Market: "gb", Model: "duster", Dealer: site, VIN: "VF1RJA00X747K2M9X",
			Selection: configurator.Encode(m.Default()), Stage: stock.Ground, ReadyOn: "2026-12-03"})
	})
	o := b.offerOf(newcar.Build{Shop: sale.Shop{Brand: "dacia", Market: "gb", Flow: id.FlowNew}, Model: "duster", Car: "P-7K2M9X"}, buyer, site)
	s := b.staffOf(site)
	const words = "P-7K2M9X, exists, ready here from 3 Dec 2026"
	for _, path := range []string{"/dealer", "/dealer/orders/" + o.Number} {
		if a := s.get(path); !strings.Contains(a.body, words) || strings.Contains(a.body, "VF1RJA00X747K2M9X") {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	if a := s.post("/dealer/orders/"+o.Number+"/accept", form()); a.status != 303 {
		t.Fatalf("accept: %d", a.status)
	}
	a := s.get("/dealer/orders/" + o.Number)
	for _, want := range []string{"Stands here already", words, "VF1RJA00X747K2M9X"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("after the yes, no %q: %s", want, a.body)
		}
	}
}
