package newcar_test

import (
	"context"
	"errors"
	"testing"

	"forecourt/internal/flow/newcar"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/vehicle"
)

// keeps is who keeps the car of an order for sure, and all that happened to it.
func keeps(k *testkit.Kit, vin string) (*vehicle.Vehicle, *vehicle.Keeper, []vehicle.Event) {
	k.T.Helper()
	g := k.DB.Read(k.T.Context())
	v, err := vehicle.ByVIN(g, vin)
	must(k, err)
	keeper, err := vehicle.KeeperOf(g, v.ID)
	must(k, err)
	es, err := vehicle.History(g, v.ID)
	must(k, err)
	if !vehicle.Unbroken(v.ID, es) {
		k.T.Error("the history is not as it was written")
	}
	return v, keeper, es
}

func kinds(es []vehicle.Event) (out string) {
	for _, e := range es {
		out += string(e.Kind) + " "
	}
	return out
}

func TestABuyerKeepsTheCarUntilItGoesBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := paidUp(k, shops[0], "VF1RJA00X747K2M9X")
	must(k, handOverWith(k, staffOf(o), o, fullHandover(k, o)))
	v, keeper, _ := keeps(k, o.VIN)
	if v.Km != 11 || v.Model != "duster" || v.Fuel == "" || v.Registered != "2026-11-24" || keeper == nil || keeper.Proof != vehicle.Handover {
		t.Fatalf("%+v kept by %+v", v, keeper)
	}
	g := k.DB.Read(t.Context())
	if garage, err := vehicle.OpenGarage(g, o.Market, k.Sale.GarageHash(keeper.Garage, 1)); err != nil || garage.Person.Email != testkit.Buyer.Email {
		t.Errorf("garage %+v, %v", garage, err)
	}
	if _, err := vehicle.OpenGarage(g, "fr", k.Sale.GarageHash(keeper.Garage, 1)); !errors.Is(err, vehicle.ErrNoGarage) {
		t.Errorf("another market opens the garage: %v", err)
	}
	// A handover that is undone gave nothing to anybody.
	must(k, undo(k, staffOf(o), o, "slip"))
	if _, none, es := keeps(k, o.VIN); none != nil || kinds(es) != "handover undone " {
		t.Errorf("after the undo %+v keeps it: %s", none, kinds(es))
	}
	again := fullHandover(k, o)
	again.OdometerKm = 14
	must(k, handOverWith(k, staffOf(o), o, again))
	must(k, withdraw(k, o))
	must(k, act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.TakeBackTx(ctx, tx, staffOf(o), o.Number, sale.TakeBack{OdometerKm: 40})
	}))
	if v, none, es := keeps(k, o.VIN); none != nil || v.Km != 40 || kinds(es) != "handover undone handover taken_back " {
		t.Errorf("after the return %+v keeps %+v: %s", none, v, kinds(es))
	}
	k.Healthy("mail_leaves")
}

func TestACorrectedVINTakesItsKeeperWithIt(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := paidUp(k, shops[0], "VF1RJA00X747K2M9X")
	must(k, handOverWith(k, staffOf(o), o, fullHandover(k, o)))
	o = k.Order(o.ID)
	must(k, correctCar(k, staffOf(o), o, true, func(in *newcar.CorrectCar) { in.VIN = "VF1RJA00X747K2M90" }))
	_, old, _ := keeps(k, "VF1RJA00X747K2M9X")
	if _, now, _ := keeps(k, "VF1RJA00X747K2M90"); old != nil || now == nil {
		t.Errorf("the wrong VIN is kept by %+v, the right one by %+v", old, now)
	}
}

func TestWhatAKeeperReadsIsHisOwnAndWhatWasPassedOn(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := paidUp(k, shops[0], "VF1RJA00X747K2M9X")
	must(k, handOverWith(k, staffOf(o), o, fullHandover(k, o)))
	v, first, _ := keeps(k, o.VIN)
	var next, claim *vehicle.Keeper
	must(k, act(k, func(_ context.Context, tx *db.Tx) (err error) {
		g, err := vehicle.GarageTx(tx, o.Market, vehicle.Person{Email: "next@example.com", Name: "Next"}, k.Sale.GarageHash)
		if err == nil {
			claim, err = vehicle.KeepTx(tx, v.ID, g.ID, vehicle.Claimed, "")
		}
		return err
	}))
	if _, still, es := keeps(k, o.VIN); still.ID != first.ID || len(vehicle.ReadBy(claim, es, nil)) != 0 {
		t.Fatalf("who typed a VIN took the car from its keeper, or reads its history: %+v", still)
	}
	must(k, act(k, func(_ context.Context, tx *db.Tx) error {
		if err := vehicle.PassOnTx(tx, claim.Garage, first.ID, true); !errors.Is(err, vehicle.ErrUnknown) {
			t.Errorf("somebody else passes the history on: %v", err)
		}
		if next, _ = vehicle.KeepTx(tx, v.ID, claim.Garage, vehicle.Papers, ""); next == nil {
			t.Error("no keeper")
		}
		v, _ = vehicle.LockTx(tx, v.ID)
		return vehicle.HappenedTx(tx, v, &vehicle.Event{Kind: vehicle.Serviced, Km: 5, Keeper: next.ID})
	}))
	after, keeper, es := keeps(k, o.VIN)
	if keeper.ID != next.ID || after.Km != 11 || !es[1].Doubtful {
		t.Errorf("kept by %+v, %d km, doubtful %v", keeper, after.Km, es[1].Doubtful)
	}
	for _, yes := range []bool{false, true} {
		must(k, act(k, func(_ context.Context, tx *db.Tx) error { return vehicle.PassOnTx(tx, first.Garage, first.ID, yes) }))
		passed, err := vehicle.PassedTo(k.DB.Read(t.Context()), keeper)
		must(k, err)
		if own := len(vehicle.ReadBy(keeper, es, passed)); own != map[bool]int{false: 1, true: 2}[yes] {
			t.Errorf("passed on %v: %d events are read", yes, own)
		}
	}
}
