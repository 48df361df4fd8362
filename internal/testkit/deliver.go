package testkit

import (
	"context"

	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
)

// Deliver walks an offered order to its handover: accepted, the deposit taken, built, paid at the desk.
func (k *Kit) Deliver(o *ordering.Order) *ordering.Order {
	k.T.Helper()
	staff := sale.Staff{User: id.New[id.User](), Dealer: o.Dealer}
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AcceptTx(ctx, tx, staff, o.Number) })
	ps, err := payment.Of(k.DB.Read(k.T.Context()), o.ID)
	if err != nil {
		k.T.Fatal(err)
	}
	for _, p := range ps {
		if err := k.NewCar.Settle(k.T.Context(), p.ID); err != nil {
			k.T.Fatal(err)
		}
	}
	for _, e := range []ordering.Event{ordering.Place, ordering.Build, ordering.Dispatch, ordering.Arrive, ordering.Prepare, ordering.Release} {
		k.Tx(func(ctx context.Context, tx *db.Tx) error {
			if e == ordering.Prepare {
				if err := k.NewCar.SetChecksTx(ctx, tx, staff, o.Number, ordering.PreparationItems); err != nil {
					return err
				}
			}
			return k.NewCar.AdvanceTx(ctx, tx, staff, o.Number, newcar.Progress{Event: e, VIN: "VF1RJA00X747K2M9X"})
		})
	}
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.RecordDeskTx(ctx, tx, staff, o.Number, payment.ByDeskTransfer, o.TotalMinor-o.DepositMinor, "REF 1")
	})
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.HandOverTx(ctx, tx, staff, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 4})
	})
	return k.Order(o.ID)
}
