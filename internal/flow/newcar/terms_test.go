package newcar_test

import (
	"context"
	"errors"
	"testing"

	"forecourt/internal/allocation"
	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
	"forecourt/internal/world"
)

type button func(context.Context, *db.Tx, sale.Shop, string, int64) (sale.Placed, error)

// buyWith orders a Duster in a market with a button, pays what the card page asks for and settles it.
func buyWith(k *testkit.Kit, shop sale.Shop, press button) *ordering.Order {
	k.T.Helper()
	p := placeIn(k, shop, press)
	page, err := k.NewCar.CardPage(k.T.Context(), p.Payment)
	if err != nil {
		k.T.Fatal(err)
	}
	if _, err := banktest.Pay(k.T.Context(), nil, page, testkit.Good); err != nil {
		k.T.Fatal(err)
	}
	if err := k.NewCar.Settle(k.T.Context(), p.Payment); err != nil {
		k.T.Fatal(err)
	}
	return k.Order(p.Order)
}

func placeIn(k *testkit.Kit, shop sale.Shop, press button) (p sale.Placed) {
	k.T.Helper()
	w := k.World.Now()
	mk, _ := w.Market(shop.Market)
	m, err := w.Model(shop.Brand, shop.Market, "duster", world.Today(mk, k.Clock.Now()))
	if err != nil {
		k.T.Fatal(err)
	}
	dealer := w.Dealers(shop.Brand, shop.Market, id.FlowNew)[0].Code
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		draft, err := k.NewCar.StartTx(ctx, tx, newcar.Build{Shop: shop, Model: "duster", Selection: configurator.Selection{}}, dealer, nil)
		if err != nil {
			return err
		}
		token := k.NewCar.Tokens.Draft(draft)
		if err := k.NewCar.GiveDetailsTx(tx, shop, token, testkit.Buyer); err != nil {
			return err
		}
		p, err = press(ctx, tx, shop, token, m.From().Total.Minor)
		return err
	})
	return p
}

func TestWhereTheTermsSayNowTheDepositIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := buyWith(k, sale.Shop{Brand: "dacia", Market: "ro", Flow: id.FlowNew}, k.NewCar.PlaceTx)
	p := payments(k, o.ID)[0]
	if o.State != ordering.Offered || p.State != payment.Captured || p.Manual || p.Amount != o.Deposit() {
		t.Fatalf("%s, payment %s of %v", o.State, p.State, p.Amount)
	}
	k.Healthy()
	// Nobody has accepted: leaving brings back what was taken.
	if err := cancel(k, o.ID); err != nil {
		t.Fatal(err)
	}
	settleAll(k, o.ID)
	if p = payments(k, o.ID)[0]; p.State != payment.Refunded {
		t.Fatalf("after leaving the deposit is %s", p.State)
	}
	k.Healthy()
}

func TestTheWholePriceIsPaidAtOnceWhereTheTermsAllowIt(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := buyWith(k, testkit.Dacia, k.NewCar.PlaceFullTx)
	p := payments(k, o.ID)[0]
	if p.State != payment.Authorised || p.Amount != o.Total() {
		t.Fatalf("payment %s of %v", p.State, p.Amount)
	}
	if v, err := allocation.OrderAt(k.DB.Read(t.Context()), o.Dealer, o.Number); err != nil || v.DepositMinor != o.TotalMinor {
		t.Fatalf("the dealer's queue says %+v (%v) of the whole price", v, err)
	}
	if err := accept(k, sale.Staff{User: leedsStaff.User, Dealer: o.Dealer}, o); err != nil {
		t.Fatal(err)
	}
	settleAll(k, o.ID)
	if p = payments(k, o.ID)[0]; p.State != payment.Captured {
		t.Fatalf("after accept: %s", p.State)
	}
	k.Healthy()
}

func TestTheWholePriceIsRefusedWhereTheTermsDoNotAllowIt(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	var refused error
	defer func() {
		if !errors.Is(refused, newcar.ErrNoFull) {
			t.Fatalf("paying all in Romania: %v", refused)
		}
	}()
	placeIn(k, sale.Shop{Brand: "dacia", Market: "ro", Flow: id.FlowNew}, func(ctx context.Context, tx *db.Tx, s sale.Shop, token string, seen int64) (sale.Placed, error) {
		_, refused = k.NewCar.PlaceFullTx(ctx, tx, s, token, seen)
		return sale.Placed{}, nil
	})
}
