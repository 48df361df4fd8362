package newcar_test

import (
	"context"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

// TestAnOrderSaysWhetherItsCarIsElectric: its handover is booked by that.
func TestAnOrderSaysWhetherItsCarIsElectric(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	m, err := k.World.Now().Model("dacia", "gb", "spring", "2026-11-24")
	must(k, err)
	var p sale.Placed
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		draft, err := k.NewCar.StartTx(ctx, tx, newcar.Build{Shop: testkit.Dacia, Model: "spring", Selection: configurator.Selection{}}, testkit.Leeds, nil)
		if err != nil {
			return err
		}
		token := k.NewCar.Tokens.Draft(draft)
		if err := k.NewCar.GiveDetailsTx(tx, testkit.Dacia, token, testkit.Buyer); err != nil {
			return err
		}
		p, err = k.NewCar.PlaceTx(ctx, tx, testkit.Dacia, token, m.From().Total.Minor)
		return err
	})
	if o := k.Order(p.Order); !o.Snapshot.Electric {
		t.Errorf("a Spring with the engine %s is no electric car", o.Snapshot.Engine)
	}
	if o := k.Buy(); o.Snapshot.Electric {
		t.Errorf("a Duster with the engine %s is an electric car", o.Snapshot.Engine)
	}
}
