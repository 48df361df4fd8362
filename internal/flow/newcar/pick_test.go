package newcar_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

// refuseAll lets each dealer that is asked decline until the buyer decides, and lists who was asked.
func refuseAll(k *testkit.Kit, o id.Order) []id.Dealer {
	k.T.Helper()
	var asked []id.Dealer
	for x := k.Order(o); x.State == ordering.Offered; x = k.Order(o) {
		asked = append(asked, x.Dealer)
		must(k, decline(k, sale.Staff{User: leedsStaff.User, Dealer: x.Dealer}, x))
	}
	return asked
}

func TestABuyerLeavesTheChoiceToTheRule(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.BuyDraft(k.DraftWish(sale.Wish{Any: true}, testkit.Buyer))
	if o.State != ordering.Offered || o.Dealer != testkit.Leeds {
		t.Fatalf("a buyer in Leeds: %s at %s", o.State, o.Dealer)
	}
	asked := refuseAll(k, o.ID)
	if len(asked) != sale.MaxByRule || state(k, o.ID) != ordering.Choosing {
		t.Fatalf("asked %v, then %s", asked, state(k, o.ID))
	}
	w := k.World.Now()
	from, _ := w.Places("gb").Find("gb", testkit.Buyer.Postcode)
	last := int64(0)
	for _, code := range asked {
		d, _ := w.Dealer(code)
		m := network.Metres(from.Lat, from.Lon, d.Lat, d.Lon)
		if m < last || m > 120_000 {
			t.Errorf("%s is %d m away, the one before %d", code, m, last)
		}
		last = m
	}
	// The buyer may choose anybody, also farther away; that is the buyer's own word then.
	must(k, act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ChooseTx(ctx, tx, o.ID, testkit.London) }))
	agreed, err := ordering.AgreedHow(k.DB.Read(t.Context()), o.ID)
	if err != nil || len(agreed) != sale.MaxByRule+1 || !agreed[0].ByRule || agreed[sale.MaxByRule] != (ordering.AgreedDealer{Dealer: testkit.London}) {
		t.Fatalf("%v, %v", agreed, err)
	}
	healthy(k)
}

func TestTheRuleComesAfterTheBuyersList(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.BuyDraft(k.DraftWish(sale.Wish{Dealer: testkit.London, Fallbacks: []id.Dealer{"gb-croydon-parkfield"}, Any: true}, testkit.Buyer))
	asked := refuseAll(k, o.ID)
	if len(asked) != 2+sale.MaxByRule || asked[0] != testkit.London || asked[1] != "gb-croydon-parkfield" || asked[2] != testkit.Leeds {
		t.Fatalf("asked %v", asked)
	}
	healthy(k)
}

func TestWithoutConsentNoRuleAsksAnybody(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy(testkit.London)
	if asked := refuseAll(k, o.ID); len(asked) != 2 || state(k, o.ID) != ordering.Choosing {
		t.Fatalf("asked %v", asked)
	}
	err := act(k, func(_ context.Context, tx *db.Tx) error {
		return ordering.AgreeRuleTx(tx, k.Order(o.ID), "gb-croydon-parkfield")
	})
	if !errors.Is(err, ordering.ErrMoved) {
		t.Fatalf("a dealer by rule without consent: %v", err)
	}
	healthy(k)
}

func TestTheRulesDayCounts(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	start := func() error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			_, err := k.NewCar.StartWishTx(ctx, tx, newcar.Build{Shop: testkit.Dacia, Model: "duster", Selection: configurator.Selection{}}, sale.Wish{Any: true})
			return err
		})
	}
	must(k, start())
	k.Clock.Advance(-10 * 24 * time.Hour) // before 20 November the market had no such rule
	if err := start(); !errors.Is(err, sale.ErrDealer) {
		t.Fatalf("without a rule: %v", err)
	}
}

// Where the rule would find nobody the order is not even placed.
func TestNobodyWithinReach(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	far := testkit.Buyer
	far.Town, far.Postcode = "Lerwick", "ZE1 0AA"
	token := k.DraftWish(sale.Wish{Any: true}, far)
	err := act(k, func(ctx context.Context, tx *db.Tx) error {
		_, err := k.NewCar.PlaceTx(ctx, tx, testkit.Dacia, token, k.Total())
		return err
	})
	if !errors.Is(err, sale.ErrNoneNear) {
		t.Fatalf("ordered in Shetland: %v", err)
	}
}

func TestTheFiguresOfADealer(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	must(k, decline(k, leedsStaff, k.Buy()))
	must(k, accept(k, leedsStaff, k.Buy()))
	late := k.Buy()
	k.Clock.Advance(27 * time.Hour)
	must(k, k.NewCar.Sweep(t.Context()))
	if state(k, late.ID) != ordering.Choosing {
		t.Fatal(state(k, late.ID))
	}
	left := k.Buy()
	must(k, cancel(k, left.ID))
	k.Buy()
	cs := []allocation.Candidate{{Dealer: testkit.London}, {Dealer: testkit.Leeds}}
	must(k, allocation.FillFigures(k.DB.Read(t.Context()), id.FlowNew, cs, k.Clock.Now()))
	leeds := cs[1]
	if leeds.Open != 2 || leeds.Answered != 2 || leeds.Accepted != 1 || leeds.Silent != 1 || !leeds.LastOffer.Equal(k.Clock.Now()) || !cs[0].LastOffer.IsZero() || cs[0].Open != 0 {
		t.Fatalf("%+v", cs)
	}
}
