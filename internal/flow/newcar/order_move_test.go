package newcar_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

func orderMove(k *testkit.Kit, by sale.Office, o *ordering.Order, d id.Dealer, cause ordering.MoveCause) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.OrderMoveTx(ctx, tx, by, o.Number, d, cause)
	})
}

func stopMove(k *testkit.Kit, by sale.Office, o *ordering.Order, seq int) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.StopMoveTx(ctx, tx, by, o.Number, seq) })
}

func answerMove(k *testkit.Kit, o *ordering.Order, seq int, yes bool) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AnswerMoveTx(ctx, tx, o.ID, seq, yes) })
}

// mayRead tells whether a dealer can open the question about an order.
func mayRead(k *testkit.Kit, d id.Dealer, o *ordering.Order) error {
	_, err := allocation.AskedAt(k.DB.Read(k.T.Context()), d, o.Number)
	return err
}

// audited counts what the audit says somebody did to an order.
func audited(k *testkit.Kit, o *ordering.Order, action, actor string) (n int) {
	k.T.Helper()
	_, err := db.One(k.DB.Read(k.T.Context()), &n, `SELECT count(*) FROM audit_log WHERE subject = ? AND action = ? AND actor = ?`, "order:"+string(o.ID), action, actor)
	must(k, err)
	return n
}

// TestAnOfficeMovesAnOrderWithTwoYeses: the office's word moves nothing, the buyer's yes asks the other dealer, and with
// its yes the order is there at once; the first dealer sees nothing of it any more, and everybody reads who did what.
func TestAnOfficeMovesAnOrderWithTwoYeses(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	stepTo(k, leedsStaff, o, ordering.Ordered)
	before := whole(k, o)
	for name, c := range map[string]struct {
		by    sale.Office
		to    id.Dealer
		cause ordering.MoveCause
		want  error
	}{
		"another market's office":      {sale.Office{User: office.User, Markets: []id.Market{"it"}}, testkit.London, ordering.DealerCloses, ordering.ErrNoOrder},
		"an office of no market":       {sale.Office{User: office.User}, testkit.London, ordering.DealerCloses, ordering.ErrNoOrder},
		"without a cause":              {office, testkit.London, "", ordering.ErrCause},
		"for a cause that is none":     {office, testkit.London, "because", ordering.ErrCause},
		"to a dealer elsewhere":        {office, "it-torino", ordering.DealerCloses, sale.ErrDealer},
		"to nobody":                    {office, "", ordering.DealerCloses, sale.ErrDealer},
		"to who has it":                {office, testkit.Leeds, ordering.DealerCloses, sale.ErrDealer},
		"to a dealer that is unknown'": {office, "x' OR ''='", ordering.DealerCloses, sale.ErrDealer},
	} {
		if err := orderMove(k, c.by, o, c.to, c.cause); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(k, orderMove(k, office, o, testkit.London, ordering.DealerCloses))
	if standsAt(k, o) != testkit.Leeds || whole(k, o) != before {
		t.Fatal("the office's word changed something")
	}
	if err := mayRead(k, testkit.London, o); !errors.Is(err, allocation.ErrNeverAsked) {
		t.Errorf("before the buyer's yes the other dealer reads: %v", err)
	}
	if qs, err := allocation.QuestionsTo(k.DB.Read(t.Context()), testkit.London, id.FlowNew); err != nil || len(qs) != 0 {
		t.Errorf("before the buyer's yes the other dealer has %d questions: %v", len(qs), err)
	}
	if err := takeOver(k, londonStaff, o); !errors.Is(err, ordering.ErrNoRequest) {
		t.Errorf("taken over without the buyer's yes: %v", err)
	}
	for name, err := range map[string]error{"the office": orderMove(k, office, o, testkit.London, ordering.CannotDeliver), "the buyer": askDealer(k, o, testkit.London)} {
		if !errors.Is(err, ordering.ErrAskedOnce) {
			t.Errorf("%s asks beside it: %v", name, err)
		}
	}
	must(k, answerMove(k, o, 1, true))
	if err := answerMove(k, o, 1, false); !errors.Is(err, ordering.ErrAnswered) {
		t.Errorf("a no after the yes: %v", err)
	}
	if standsAt(k, o) != testkit.Leeds || whole(k, o) != before {
		t.Fatal("the buyer's yes alone changed something")
	}
	if err := mayRead(k, testkit.London, o); err != nil {
		t.Errorf("after the buyer's yes: %v", err)
	}
	must(k, takeOver(k, londonStaff, o))
	after := k.Order(o.ID)
	if standsAt(k, o) != testkit.London || after.State != ordering.Ordered {
		t.Fatalf("at %s in %s", after.Dealer, after.State)
	}
	if seen, _ := sees(k, testkit.Leeds, o); seen {
		t.Error("the first dealer still sees the order")
	}
	if seen, buyer := sees(k, testkit.London, o); !seen || !buyer {
		t.Error("the second dealer does not see its order")
	}
	chain, err := allocation.Receipts(k.DB.Read(t.Context()), o.ID)
	must(k, err)
	var steps []string
	for _, r := range chain {
		steps = append(steps, string(r.Note.Event)+" "+r.Note.By)
	}
	if got := strings.Join(steps, ", "); !strings.HasSuffix(got, "pass_on office, offer office, accept dealer") || !allocation.Whole(o.ID, chain) {
		t.Errorf("receipts: %s", got)
	}
	if audited(k, o, "order.move_ordered", "staff:"+string(office.User)) != 1 || audited(k, o, "order.take_over", "staff:"+string(londonStaff.User)) != 1 {
		t.Error("the audit does not say who moved it")
	}
	k.Healthy("mail_leaves")
}

// TestWhatEndsAnOrderedMove: each ends the question, at either stage of it, and nothing else.
func TestWhatEndsAnOrderedMove(t *testing.T) {
	t.Parallel()
	yes := func(k *testkit.Kit, o *ordering.Order) { must(k, answerMove(k, o, 1, true)) }
	for name, c := range map[string]struct {
		first  func(k *testkit.Kit, o *ordering.Order) // before it
		end    func(k *testkit.Kit, o *ordering.Order)
		state  ordering.RequestState
		reason string
		letter string // to the buyer
	}{
		"the buyer says no": {nil, func(k *testkit.Kit, o *ordering.Order) { must(k, answerMove(k, o, 1, false)) }, ordering.RequestWithdrawn, ordering.OffBuyerNo, ""},
		"the buyer is silent": {nil, func(k *testkit.Kit, o *ordering.Order) {
			k.Clock.Advance(7 * 24 * time.Hour)
			if err := answerMove(k, o, 1, true); !errors.Is(err, ordering.ErrTooLate) {
				k.T.Errorf("too late: %v", err)
			}
			must(k, k.NewCar.Sweep(k.T.Context()))
		}, ordering.RequestWithdrawn, ordering.OffBuyerSilent, "move_refused"},
		"the office stops": {nil, func(k *testkit.Kit, o *ordering.Order) {
			if err := stopMove(k, sale.Office{User: office.User, Markets: []id.Market{"it"}}, o, 1); !errors.Is(err, ordering.ErrNoOrder) {
				k.T.Errorf("another office stops it: %v", err)
			}
			if err := stopMove(k, office, o, 2); !errors.Is(err, ordering.ErrAnswered) {
				k.T.Errorf("another question is stopped: %v", err)
			}
			must(k, stopMove(k, office, o, 1))
		}, ordering.RequestWithdrawn, ordering.OffOffice, "move_refused"},
		"the office stops after the yes": {yes, func(k *testkit.Kit, o *ordering.Order) { must(k, stopMove(k, office, o, 1)) }, ordering.RequestWithdrawn, ordering.OffOffice, "move_refused"},
		"the dealer declines":            {yes, func(k *testkit.Kit, o *ordering.Order) { must(k, leaveOver(k, londonStaff, o)) }, ordering.RequestDeclined, "too_far", "move_refused"},
		"the dealer is silent": {yes, func(k *testkit.Kit, o *ordering.Order) {
			k.Clock.Advance(48 * time.Hour)
			must(k, k.NewCar.Sweep(k.T.Context()))
		}, ordering.RequestExpired, "silent", "move_refused"},
		"the buyer takes the yes back": {yes, func(k *testkit.Kit, o *ordering.Order) {
			must(k, act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.WithdrawRequestTx(ctx, tx, o.ID, 1) }))
		}, ordering.RequestWithdrawn, "", ""},
		"the car is sent":               {nil, func(k *testkit.Kit, o *ordering.Order) { stepTo(k, leedsStaff, o, ordering.InTransit) }, ordering.RequestOvertaken, "", "move_refused"},
		"the car is sent after the yes": {yes, func(k *testkit.Kit, o *ordering.Order) { stepTo(k, leedsStaff, o, ordering.InTransit) }, ordering.RequestOvertaken, "", "move_refused"},
		"the buyer leaves":              {nil, func(k *testkit.Kit, o *ordering.Order) { must(k, cancel(k, o.ID)) }, ordering.RequestWithdrawn, "order_over", "cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			o := accepted(k)
			must(k, orderMove(k, office, o, testkit.London, ordering.KeepsWaiting))
			if c.first != nil {
				c.first(k, o)
			}
			c.end(k, o)
			r, err := ordering.RequestOf(k.DB.Read(t.Context()), o.ID, 1)
			must(k, err)
			if r.State != c.state || r.Reason != c.reason {
				t.Errorf("the question is %s for %q", r.State, r.Reason)
			}
			if c.letter != "cancelled" && standsAt(k, o) != testkit.Leeds {
				t.Errorf("the order is at %s", k.Order(o.ID).Dealer)
			}
			var told int
			_, err = db.One(k.DB.Read(t.Context()), &told, `SELECT count(*) FROM mails WHERE order_id = ? AND template = ?`, o.ID, c.letter)
			must(k, err)
			if want := 1; c.letter != "" && told != want {
				t.Errorf("%d letters %s", told, c.letter)
			}
			for what, err := range map[string]error{"taken over": takeOver(k, londonStaff, o), "said yes to": answerMove(k, o, 1, true), "stopped": stopMove(k, office, o, 1)} {
				if !errors.Is(err, ordering.ErrAnswered) && !errors.Is(err, ordering.ErrNoRequest) {
					t.Errorf("%s after that: %v", what, err)
				}
			}
			if c.first == nil {
				if err := mayRead(k, testkit.London, o); !errors.Is(err, allocation.ErrNeverAsked) {
					t.Errorf("a dealer who was never asked reads: %v", err)
				}
			}
			k.Healthy("mail_leaves")
		})
	}
}

// TestWhenAnOfficeCannotMoveAnOrder: while it is offered, chosen, on its way or over, nobody names a dealer for it.
func TestWhenAnOfficeCannotMoveAnOrder(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	try := func(want error) {
		t.Helper()
		if err := orderMove(k, office, o, testkit.London, ordering.DealerCloses); !errors.Is(err, want) {
			t.Errorf("in %s: %v", state(k, o.ID), err)
		}
	}
	try(sale.ErrNotMoved)
	must(k, accept(k, leedsStaff, o))
	settleAll(k, o.ID)
	stepTo(k, leedsStaff, o, ordering.InTransit)
	try(sale.ErrCarThere)
	if o = k.Deliver(k.Buy()); o.State != ordering.HandedOver {
		t.Fatal(o.State)
	}
	before := whole(k, o)
	try(sale.ErrNotMoved)
	if whole(k, o) != before {
		t.Error("an order that was handed over changed")
	}
	k.Healthy("mail_leaves")
}

// TestAnOfferGoesOnWithinTheConsent: the office ends the wait for a dealer that has not accepted; the order goes where it
// would by the dealer's own no, never to a dealer whom the buyer did not agree to.
func TestAnOfferGoesOnWithinTheConsent(t *testing.T) {
	t.Parallel()
	take := func(k *testkit.Kit, by sale.Office, o *ordering.Order, cause ordering.MoveCause) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.TakeOfferTx(ctx, tx, by, o.Number, cause) })
	}
	k := testkit.New(t)
	o := k.Buy(testkit.London)
	if err := take(k, sale.Office{User: office.User, Markets: []id.Market{"it"}}, o, ordering.DealerCloses); !errors.Is(err, ordering.ErrNoOrder) {
		t.Errorf("another market's office: %v", err)
	}
	if err := take(k, office, o, ""); !errors.Is(err, ordering.ErrCause) {
		t.Errorf("without a cause: %v", err)
	}
	must(k, take(k, office, o, ordering.DealerCloses))
	if standsAt(k, o) != testkit.London {
		t.Fatalf("at %s", k.Order(o.ID).Dealer)
	}
	if err := accept(k, leedsStaff, o); err == nil {
		t.Error("the first dealer accepts what it does not have")
	}
	if seen, _ := sees(k, testkit.Leeds, o); seen {
		t.Error("the first dealer still sees it")
	}
	must(k, take(k, office, o, ordering.CannotDeliver))
	if st := state(k, o.ID); st != ordering.Choosing {
		t.Fatalf("nobody is left within the consent, and it is %s", st)
	}
	if err := take(k, office, o, ordering.CannotDeliver); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("while the buyer decides: %v", err)
	}
	chain, err := allocation.Receipts(k.DB.Read(t.Context()), o.ID)
	must(k, err)
	if !allocation.Whole(o.ID, chain) || audited(k, o, "order.offer_taken", "staff:"+string(office.User)) != 2 {
		t.Error("no whole chain of receipts, or no audit")
	}
	k.Healthy("mail_leaves")
}

// TestAnOrderedMoveMeetsWhatHappensMeanwhile: the buyer's yes and the dealer's race all that ends the question. The order
// is at one dealer or over, and no question is left when one of them was final.
func TestAnOrderedMoveMeetsWhatHappensMeanwhile(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]func(k *testkit.Kit, o *ordering.Order) error{
		"the office stops":     func(k *testkit.Kit, o *ordering.Order) error { return stopMove(k, office, o, 1) },
		"the buyer leaves":     func(k *testkit.Kit, o *ordering.Order) error { return cancel(k, o.ID) },
		"a second tab says no": func(k *testkit.Kit, o *ordering.Order) error { return answerMove(k, o, 1, false) },
		"the car is sent": func(k *testkit.Kit, o *ordering.Order) error {
			return act(k, func(ctx context.Context, tx *db.Tx) error {
				return k.NewCar.AdvanceTx(ctx, tx, leedsStaff, o.Number, newcar.Progress{Event: ordering.Dispatch, VIN: "VF1RJA00X74471902"})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			o := accepted(k)
			stepTo(k, leedsStaff, o, ordering.Built)
			must(k, orderMove(k, office, o, testkit.London, ordering.CannotDeliver))
			var n, moved, ended atomic.Int64
			race(t, 18, func() error {
				var err error
				switch n.Add(1) % 3 {
				case 0:
					err = answerMove(k, o, 1, true)
				case 1:
					if err = takeOver(k, londonStaff, o); err == nil {
						moved.Add(1)
					}
				default:
					if err = other(k, o); err == nil {
						ended.Add(1)
					}
				}
				for _, fine := range []error{nil, ordering.ErrAnswered, ordering.ErrNoRequest, ordering.ErrMoved, ordering.ErrNoOrder, sale.ErrNotMoved, sale.ErrCarThere} {
					if errors.Is(err, fine) {
						return nil
					}
				}
				return err
			})
			if moved.Load() > 1 {
				t.Fatalf("taken over %d times", moved.Load())
			}
			if name == "the buyer leaves" {
				if st := state(k, o.ID); st != ordering.Cancelled {
					t.Fatal(st)
				}
			} else if at := standsAt(k, o); (at == testkit.London) != (moved.Load() == 1) {
				t.Fatalf("at %s, taken over %d times", at, moved.Load())
			}
			r, err := ordering.Waiting(k.DB.Read(t.Context()), o.ID)
			must(k, err)
			if (r == nil) != (moved.Load()+ended.Load() > 0) {
				t.Errorf("a question is left: %v, after %d moves and %d ends", r != nil, moved.Load(), ended.Load())
			}
			settleAll(k, o.ID)
			k.Healthy("mail_leaves")
		})
	}
}

// TestTheSchemaKeepsTheBuyersWord: what the code would never write, the database does not take.
func TestTheSchemaKeepsTheBuyersWord(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	must(k, orderMove(k, office, o, testkit.London, ordering.DealerCloses))
	for name, set := range map[string]string{
		"asked without the buyer's yes": `state = 'asked'`,
		"taken over without it":         `state = 'accepted', answered_at = now()`,
		"open and answered":             `answered_at = now()`,
		"without a cause":               `cause = ''`,
		"nobody's word":                 `ordered_by = ''`,
	} {
		if _, err := k.DB.Pool.Exec(t.Context(), `UPDATE order_requests SET `+set+` WHERE order_id = $1`, o.ID); err == nil {
			t.Errorf("%s: the schema takes it", name)
		}
	}
}
