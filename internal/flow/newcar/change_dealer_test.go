package newcar_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

func askDealer(k *testkit.Kit, o *ordering.Order, d id.Dealer) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AskDealerTx(ctx, tx, o.ID, d) })
}

func takeOver(k *testkit.Kit, staff sale.Staff, o *ordering.Order) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.TakeOverTx(ctx, tx, staff, o.Number) })
}

func leaveOver(k *testkit.Kit, staff sale.Staff, o *ordering.Order) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.LeaveOverTx(ctx, tx, staff, o.Number, "too_far")
	})
}

// standsAt is who has an order: exactly one dealer, by its one live entry, and the order says the same.
func standsAt(k *testkit.Kit, o *ordering.Order) id.Dealer {
	k.T.Helper()
	es, err := allocation.Of(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	var live []id.Dealer
	for _, e := range es {
		if e.State == allocation.Accepted || e.State == allocation.Offered {
			live = append(live, e.Dealer)
		}
	}
	if len(live) != 1 || live[0] != k.Order(o.ID).Dealer {
		k.T.Fatalf("live at %v, the order says %s", live, k.Order(o.ID).Dealer)
	}
	return live[0]
}

// sees tells whether a dealer has an order, and whether it reads who buys.
func sees(k *testkit.Kit, d id.Dealer, o *ordering.Order) (order, buyer bool) {
	k.T.Helper()
	v, err := allocation.OrderAt(k.DB.Read(k.T.Context()), d, o.Number)
	if err != nil {
		return false, false
	}
	return true, v.Name != "" || v.Email != "" || v.Phone != ""
}

// party is the balance of a party's account in the ledger of an order.
func party(k *testkit.Kit, o *ordering.Order, a payment.Account, p payment.Party) (sum int64) {
	k.T.Helper()
	ps, err := payment.Postings(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	for _, x := range ps {
		for _, l := range x.Lines {
			if l.Account == a && (p == "" || l.Party == p) {
				sum += l.Minor
			}
		}
	}
	return sum
}

// TestAnotherDealerTakesAnOrderOver: while the other is asked everything is as it was; with the yes it is the other's
// at once, where it stood, and the money of the first one's till is claimed and reaches the seller with the sale.
func TestAnotherDealerTakesAnOrderOver(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	stepTo(k, leedsStaff, o, ordering.Ordered)
	desk(k, o, 700_00)
	before := whole(k, o)
	must(k, askDealer(k, o, testkit.London))
	if standsAt(k, o) != testkit.Leeds || whole(k, o) != before {
		t.Fatal("asking changed something")
	}
	if seen, _ := sees(k, testkit.London, o); seen {
		t.Fatal("a dealer who is only asked sees the order")
	}
	if err := askDealer(k, o, testkit.London); !errors.Is(err, ordering.ErrAskedOnce) {
		t.Fatalf("asked twice: %v", err)
	}
	if err := takeOver(k, leedsStaff, o); !errors.Is(err, ordering.ErrNoRequest) {
		t.Fatalf("taken over by a dealer nobody asked: %v", err)
	}
	must(k, takeOver(k, londonStaff, o))
	after := k.Order(o.ID)
	if standsAt(k, o) != testkit.London || after.State != ordering.Ordered || after.PickupCode != o.PickupCode || !after.CreatedAt.Equal(o.CreatedAt) {
		t.Fatalf("at %s in %s", after.Dealer, after.State)
	}
	if seen, _ := sees(k, testkit.Leeds, o); seen {
		t.Fatal("the first dealer still sees the order")
	}
	if seen, buyer := sees(k, testkit.London, o); !seen || !buyer {
		t.Fatal("the second dealer does not see its order")
	}
	err := act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.AdvanceTx(ctx, tx, leedsStaff, o.Number, newcar.Progress{Event: ordering.Build})
	})
	if !errors.Is(err, ordering.ErrNoOrder) {
		t.Fatalf("the first dealer goes on: %v", err)
	}
	if err := takeOver(k, londonStaff, o); !errors.Is(err, ordering.ErrAnswered) {
		t.Fatalf("taken over twice: %v", err)
	}
	if claim, till := party(k, o, payment.DealerPayable, payment.DealerParty(testkit.Leeds)), party(k, o, payment.Desk, ""); claim != 700_00 || till != 0 {
		t.Fatalf("the first dealer owes %d, in tills lie %d", claim, till)
	}
	k.Healthy("mail_leaves")
	// The sale: the second dealer is owed all that it does not hold itself, also what the first one took.
	stepTo(k, londonStaff, o, ordering.Ready)
	rest := owed(k, k.Order(o.ID))
	must(k, act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.RecordDeskTx(ctx, tx, londonStaff, o.Number, payment.ByDeskTransfer, rest, "REF")
	}))
	must(k, act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.HandOverTx(ctx, tx, londonStaff, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 11})
	}))
	if owes := -party(k, o, payment.DealerPayable, payment.DealerParty(testkit.London)); owes != o.DepositMinor+700_00 {
		t.Fatalf("the second dealer is owed %d", owes)
	}
	k.Healthy("mail_leaves")
}

// TestADealersNoLeavesAnOrderWhereItIs: declined, silent, taken back, overtaken: each ends the question and nothing else.
func TestADealersNoLeavesAnOrderWhereItIs(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(k *testkit.Kit, o *ordering.Order){
		"declined": func(k *testkit.Kit, o *ordering.Order) { must(k, leaveOver(k, londonStaff, o)) },
		"expired": func(k *testkit.Kit, o *ordering.Order) {
			k.Clock.Advance(48 * time.Hour)
			if err := takeOver(k, londonStaff, o); !errors.Is(err, ordering.ErrTooLate) {
				k.T.Errorf("too late: %v", err)
			}
			must(k, k.NewCar.Sweep(k.T.Context()))
		},
		"withdrawn": func(k *testkit.Kit, o *ordering.Order) {
			must(k, act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.WithdrawRequestTx(ctx, tx, o.ID, 1) }))
		},
		"overtaken": func(k *testkit.Kit, o *ordering.Order) { stepTo(k, leedsStaff, o, ordering.InTransit) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			o := accepted(k)
			must(k, askDealer(k, o, testkit.London))
			before, money := k.Order(o.ID), len(payments(k, o.ID))
			end(k, o)
			r, err := ordering.RequestOf(k.DB.Read(t.Context()), o.ID, 1)
			must(k, err)
			if string(r.State) != name || standsAt(k, o) != testkit.Leeds || len(payments(k, o.ID)) != money {
				t.Fatalf("the question is %s, the order at %s", r.State, k.Order(o.ID).Dealer)
			}
			if name != "overtaken" && whole(k, o) != whole(k, before) {
				t.Error("the order changed")
			}
			if err := takeOver(k, londonStaff, o); !errors.Is(err, ordering.ErrAnswered) {
				t.Errorf("a yes after that: %v", err)
			}
			// Who said no or nothing is not asked again; a question that was taken back may be put again.
			want := map[string]error{"declined": sale.ErrDealer, "expired": sale.ErrDealer, "overtaken": sale.ErrCarThere}[name]
			if err := askDealer(k, o, testkit.London); !errors.Is(err, want) {
				t.Errorf("asked again: %v", err)
			}
			k.Healthy("mail_leaves")
		})
	}
}

// TestWhenADealerCannotBeChanged: before one has accepted, once the car is there, after the end; and only to one that takes part.
func TestWhenADealerCannotBeChanged(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	if err := askDealer(k, o, testkit.London); !errors.Is(err, sale.ErrNotMoved) {
		t.Errorf("while offered: %v", err)
	}
	must(k, accept(k, leedsStaff, o))
	settleAll(k, o.ID)
	for _, d := range []id.Dealer{testkit.Leeds, "it-torino", "nobody"} {
		if err := askDealer(k, o, d); !errors.Is(err, sale.ErrDealer) {
			t.Errorf("%s: %v", d, err)
		}
	}
	for _, st := range []ordering.State{ordering.InTransit, ordering.Ready} {
		stepTo(k, leedsStaff, o, st)
		if err := askDealer(k, o, testkit.London); !errors.Is(err, sale.ErrCarThere) {
			t.Errorf("in %s: %v", st, err)
		}
	}
	must(k, cancel(k, o.ID))
	if err := askDealer(k, o, testkit.London); !errors.Is(err, sale.ErrNotMoved) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestLeavingAfterAChangeOfDealer: the second dealer gives back what the first one took, and is owed it.
func TestLeavingAfterAChangeOfDealer(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	desk(k, o, 700_00)
	must(k, askDealer(k, o, testkit.London))
	must(k, takeOver(k, londonStaff, o))
	must(k, cancel(k, o.ID))
	settleAll(k, o.ID)
	for _, p := range payments(k, o.ID) {
		if p.AtDesk() {
			err := act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.DeskReturnedTx(ctx, tx, leedsStaff, p.ID) })
			if !errors.Is(err, ordering.ErrNoOrder) {
				t.Errorf("by the first dealer: %v", err)
			}
			must(k, act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.DeskReturnedTx(ctx, tx, londonStaff, p.ID) }))
		}
	}
	first, second, till := party(k, o, payment.DealerPayable, payment.DealerParty(testkit.Leeds)), party(k, o, payment.DealerPayable, payment.DealerParty(testkit.London)), party(k, o, payment.Desk, "")
	if first != 700_00 || second != -700_00 || till != 0 {
		t.Errorf("the first owes %d, the second is owed %d, in tills %d", first, -second, till)
	}
	k.Healthy("mail_leaves")
}

// TestAYesMeetsWhatHappensMeanwhile: the other dealer's yes races everything that ends its question. Whoever is first
// wins, the order is at one dealer or over, and the books are even.
func TestAYesMeetsWhatHappensMeanwhile(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]func(k *testkit.Kit, o *ordering.Order) error{
		"the buyer leaves": func(k *testkit.Kit, o *ordering.Order) error { return cancel(k, o.ID) },
		"the buyer takes it back": func(k *testkit.Kit, o *ordering.Order) error {
			return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.WithdrawRequestTx(ctx, tx, o.ID, 1) })
		},
		"the first dealer sends the car": func(k *testkit.Kit, o *ordering.Order) error {
			return act(k, func(ctx context.Context, tx *db.Tx) error {
				return k.NewCar.AdvanceTx(ctx, tx, leedsStaff, o.Number, newcar.Progress{Event: ordering.Dispatch, VIN: "VF1RJA00X74471902"})
			})
		},
		"a second tab says no":  func(k *testkit.Kit, o *ordering.Order) error { return leaveOver(k, londonStaff, o) },
		"a second tab says yes": func(k *testkit.Kit, o *ordering.Order) error { return takeOver(k, londonStaff, o) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			o := accepted(k)
			stepTo(k, leedsStaff, o, ordering.Built)
			must(k, askDealer(k, o, testkit.London))
			var n, yes, meanwhile atomic.Int64
			race(t, 16, func() error {
				var err error
				if n.Add(1)%2 == 0 {
					if err = takeOver(k, londonStaff, o); err == nil {
						yes.Add(1)
					}
				} else if err = other(k, o); err == nil {
					meanwhile.Add(1)
				}
				for _, fine := range []error{nil, ordering.ErrAnswered, ordering.ErrMoved, ordering.ErrNoOrder, sale.ErrNotMoved, sale.ErrCarThere} {
					if errors.Is(err, fine) {
						return nil
					}
				}
				return err
			})
			both := name == "the buyer leaves" // who may leave after it was taken over, too
			if yes.Load() > 1 || yes.Load()+meanwhile.Load() < 1 || !both && yes.Load()+meanwhile.Load() != 1 {
				t.Fatalf("%d yes, %d of the other", yes.Load(), meanwhile.Load())
			}
			if both {
				if st := state(k, o.ID); st != ordering.Cancelled {
					t.Fatal(st)
				}
			} else if want := map[bool]id.Dealer{true: testkit.London, false: testkit.Leeds}[yes.Load() == 1 || name == "a second tab says yes"]; standsAt(k, o) != want {
				t.Fatalf("at %s", k.Order(o.ID).Dealer)
			}
			if r, err := ordering.Asked(k.DB.Read(t.Context()), o.ID); err != nil || r != nil {
				t.Fatalf("a question is left: %v", err)
			}
			settleAll(k, o.ID)
			k.Healthy("mail_leaves")
		})
	}
}

// TestADealerRefusesAnotherCar: everything is as it was, the money too; the factory waits for the answer.
func TestADealerRefusesAnotherCar(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	dear := pick(k, o, true)
	ch, err := offerOf(k, o, dear)
	must(k, err)
	must(k, change(k, o, dear, ch.New.Minor))
	before := whole(k, o)
	place := func() error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.AdvanceTx(ctx, tx, leedsStaff, o.Number, newcar.Progress{Event: ordering.Place})
		})
	}
	if err := place(); !errors.Is(err, sale.ErrAnswerFirst) {
		t.Errorf("ordered from the factory before the answer: %v", err)
	}
	refuse := func(staff sale.Staff, reason string) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.RefuseCarTx(ctx, tx, staff, o.Number, reason)
		})
	}
	if err := refuse(leedsStaff, "because"); !errors.Is(err, allocation.ErrReason) {
		t.Errorf("without a reason: %v", err)
	}
	if err := refuse(londonStaff, "other"); !errors.Is(err, ordering.ErrNoRequest) {
		t.Errorf("by another dealer: %v", err)
	}
	must(k, refuse(leedsStaff, "not_available"))
	if whole(k, o) != before || len(payments(k, o.ID)) != 1 {
		t.Error("a refused change changed something")
	}
	if err := allow(k, leedsStaff, o); !errors.Is(err, ordering.ErrAnswered) {
		t.Errorf("a yes after the no: %v", err)
	}
	// Asked again, silence is a no as well, and the factory does not wait for longer than the dealer's own time.
	must(k, change(k, o, dear, ch.New.Minor))
	k.Clock.Advance(48 * time.Hour)
	must(k, place())
	r, err := ordering.RequestOf(k.DB.Read(t.Context()), o.ID, 2)
	must(k, err)
	if r.State != ordering.RequestOvertaken || k.Order(o.ID).TotalMinor != o.TotalMinor {
		t.Errorf("%s, %d", r.State, k.Order(o.ID).TotalMinor)
	}
	k.Healthy("mail_leaves", "deadlines_kept")
}
