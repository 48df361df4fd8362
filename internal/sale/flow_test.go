package sale_test

import (
	"context"
	"errors"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

// A fourth flow: an accessory, bought online and fetched at a dealer. This file is all that it needs.
const accessory id.Flow = "accessory"

func init() {
	ordering.Declare(ordering.Machine{
		Flow:   accessory,
		Edges:  ordering.Edges{ordering.Accepted: {ordering.Release: ordering.Ready}},
		Stages: []ordering.State{ordering.Offered, ordering.Accepted, ordering.Ready, ordering.HandedOver},
	})
}

// shop sells roof boxes at Leeds.
type shop struct {
	*testkit.Kit
	staff sale.Staff
	sale.Shop
	shelf int
}

// open says in the schema, the network and the sale what the flow is, as a migration, a signature and app do.
func open(t *testing.T) *shop {
	s := &shop{Kit: testkit.New(t), staff: sale.Staff{User: id.New[id.User](), Dealer: testkit.Leeds}, Shop: sale.Shop{Brand: "dacia", Market: "gb", Flow: accessory}, shelf: 3}
	s.Tx(func(_ context.Context, tx *db.Tx) error {
		err := tx.Exec(`INSERT INTO flows (code) VALUES (?)`, accessory).Error
		for _, e := range ordering.MachineOf(accessory).Steps() {
			if err == nil {
				err = tx.Exec(`WITH s AS (INSERT INTO order_states (flow, state, kind) VALUES (?, ?, ?) ON CONFLICT DO NOTHING)
					INSERT INTO order_edges (flow, from_state, event, to_state) VALUES (?, ?, ?, ?)`, accessory, e.To, e.To.Kind(), accessory, e.From, e.Event, e.To).Error
			}
		}
		if err == nil {
			err = network.SeedTx(tx, &network.Dealer{Code: testkit.Leeds, Market: "gb", Takes: map[id.Brand][]id.Flow{"dacia": {accessory}}})
		}
		return err
	})
	if err := s.World.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	back := func(*db.Tx, *ordering.Order) error { s.shelf++; return nil }
	s.Sale.Sell(sale.Flow{ID: accessory, Facts: volume, Step: s.ready, Ended: back, TakenBack: back})
	return s
}

// buy orders a roof box for 600.00, of which 100.00 are paid by card now.
func (s *shop) buy() *ordering.Order {
	s.T.Helper()
	price, vat := money.Of(60000, "GBP"), money.Of(10000, "GBP")
	b := testkit.Buyer
	b.ID, b.Market = id.New[id.Buyer](), s.Market
	o := &ordering.Order{ID: id.New[id.Order](), Number: ordering.NewNumber(), Brand: s.Brand, Market: s.Market, Flow: accessory, State: ordering.Checkout, Buyer: b.ID,
		Currency: "GBP", TotalMinor: 60000, DepositMinor: 10000, TermsVersion: "1", Dealer: testkit.Leeds, PickupCode: ordering.NewPickupCode(), DueAt: s.Clock.Now().Add(sale.QuoteLife), Locale: "en-GB"}
	o.Snapshot = ordering.Snapshot{ModelName: "Roof box", Version: "480 l", Seller: "dealer", Holds: "dealer", TermsDay: "2026-11-24", LeaveDays: 14, Lines: []ordering.Line{{Kind: "item", Label: "Roof box", Amount: price}},
		Quote: pricing.Quote{Market: s.Market, Brand: s.Brand, Lines: []pricing.Line{{Kind: "item", Amount: price, VATRateBP: 2000, VAT: vat}}, Total: price, VAT: vat, VATRateBP: 2000, Deposit: o.Deposit(), Balance: price.Sub(o.Deposit())}}
	var p sale.Placed
	s.Tx(func(ctx context.Context, tx *db.Tx) (err error) {
		if err = ordering.AddBuyerTx(tx, b); err == nil {
			p, err = s.Sale.PlaceTx(ctx, tx, sale.Purchase{Order: o, Named: []id.Dealer{testkit.Leeds}, First: o.Deposit()})
		}
		s.shelf--
		return err
	})
	page, err := s.Sale.CardPage(s.T.Context(), p.Payment)
	if err == nil {
		_, err = banktest.Pay(s.T.Context(), nil, page, testkit.Good)
	}
	if err != nil {
		s.T.Fatal(err)
	}
	s.settle(o.ID)
	return s.is(o.ID, ordering.Offered)
}

func (s *shop) settle(o id.Order) {
	s.T.Helper()
	ps, err := payment.Of(s.DB.Read(s.T.Context()), o)
	for _, p := range ps {
		if err == nil {
			err = s.Sale.Settle(s.T.Context(), p.ID)
		}
	}
	if err != nil {
		s.T.Fatal(err)
	}
}

func (s *shop) is(key id.Order, want ordering.State) *ordering.Order {
	s.T.Helper()
	o := s.Order(key)
	if o.State != want {
		s.T.Fatalf("the order is %s, not %s", o.State, want)
	}
	return o
}

// ready is the flow's only step of its own.
func (s *shop) ready(ctx context.Context, tx *db.Tx, staff sale.Staff, number string, p sale.Progress) error {
	o, e, err := sale.LockForDealerTx(tx, staff, number)
	if err == nil {
		err = ordering.MoveTx(ctx, tx, o, p.Event, staff.Actor(), "", ordering.Change{})
	}
	if err == nil {
		err = s.Sale.PlanTx(tx, o, e)
	}
	return err
}

func TestAFourthFlowIsSoldHandedOverAndTakenBack(t *testing.T) {
	t.Parallel()
	s := open(t)
	o := s.buy()
	s.Tx(func(ctx context.Context, tx *db.Tx) error { return s.Sale.AcceptTx(ctx, tx, s.staff, o.Number) })
	s.settle(o.ID)
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return errors.Join(s.Sale.StepTx(ctx, tx, s.staff, o.Number, sale.Progress{Event: ordering.Release}), s.Sale.RecordDeskTx(ctx, tx, s.staff, o.Number, payment.ByDeskTransfer, 50000, "REF 7"),
			s.Sale.HandOverTx(ctx, tx, s.staff, o.Number, sale.HandOver{Code: o.PickupCode}))
	})
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return errors.Join(s.Sale.WithdrawTx(ctx, tx, o.ID), s.Sale.TakeBackTx(ctx, tx, s.staff, o.Number, sale.TakeBack{}))
	})
	s.settle(o.ID)
	left := s.buy()
	s.Tx(func(ctx context.Context, tx *db.Tx) error { return s.Sale.CancelTx(ctx, tx, left.ID) })
	s.settle(left.ID)
	s.is(o.ID, ordering.Returned)
	s.is(left.ID, ordering.Cancelled)
	if held, kept := s.AtBank(); s.shelf != 3 || held != 0 || kept != 0 {
		t.Errorf("on the shelf %d of 3; the bank holds %d, keeps %d", s.shelf, held, kept)
	}
	s.Healthy("mail_leaves") // no worker sends letters here
}
