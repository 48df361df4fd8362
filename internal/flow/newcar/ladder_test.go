package newcar_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/testkit"
)

func liveOf(k *testkit.Kit, o id.Order) *allocation.Entry {
	k.T.Helper()
	e, err := allocation.LiveOf(k.DB.Read(k.T.Context()), o)
	must(k, err)
	return e
}

func lettersOf(k *testkit.Kit, o id.Order) []string {
	k.T.Helper()
	var out []string
	must(k, k.DB.Read(k.T.Context()).Raw(`SELECT template || ' ' || seq FROM mails WHERE order_id = ? ORDER BY created_at, template`, o).Scan(&out).Error)
	return out
}

// The whole ladder on a simulated clock: every step once, in its turn, at both dealers, then the buyer, then the end.
func TestTheWholeLadder(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy(testkit.London)
	for now := 0; now < 24*8 && state(k, o.ID) != ordering.Cancelled; now++ {
		k.Clock.Advance(time.Hour)
		must(k, k.NewCar.Sweep(t.Context()))
		must(k, k.NewCar.Sweep(t.Context())) // looking twice changes nothing
	}
	leeds, london := " gb-leeds-northgate", " gb-london-kestrel"
	want := []string{"offer" + leeds, "remind" + leeds, "site" + leeds, "country" + leeds, "expire" + leeds,
		"offer" + london, "remind" + london, "site" + london, "country" + london, "expire" + london, "ask_buyer"}
	if got := tale(chainOf(k, o.ID)); !slices.Equal(got, want) {
		t.Fatalf("%v", got)
	}
	if state(k, o.ID) != ordering.Cancelled {
		t.Errorf("the order is %s", state(k, o.ID))
	}
	for _, want := range []string{"dealer_remind 1", "offer_silent 1", "offer_country 1", "dealer_remind 2", "offer_silent 2", "offer_country 2", "choose 2", "cancelled 0"} {
		if n := len(slices.DeleteFunc(lettersOf(k, o.ID), func(s string) bool { return s != want })); n != 1 {
			t.Errorf("%d letters %s", n, want)
		}
	}
	settleAll(k, o.ID)
	k.Healthy("mail_leaves")
}

// Whoever slept through several steps makes them one after the other, and none when the time is over.
func TestMissedStepsAreMadeOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	e := liveOf(k, o.ID)
	k.Clock.Advance(e.DueAt.Sub(k.Clock.Now()) - time.Minute)
	race(t, 30, func() error { return k.NewCar.Sweep(t.Context()) })
	if got := tale(chainOf(k, o.ID)); len(got) != 4 || got[3] != "country gb-leeds-northgate" {
		t.Fatalf("%v", got)
	}
	if e = liveOf(k, o.ID); e.Rung != allocation.RungCountry || !e.RungDue.IsZero() {
		t.Errorf("%+v", e)
	}
	late := k.Buy()
	k.Clock.Advance(48 * time.Hour)
	must(k, k.NewCar.Sweep(t.Context()))
	if got := tale(chainOf(k, late.ID)); !slices.Equal(got, []string{"offer gb-leeds-northgate", "expire gb-leeds-northgate", "ask_buyer"}) {
		t.Errorf("too late: %v", got)
	}
	k.Healthy("mail_leaves")
}

func ask(k *testkit.Kit, o *ordering.Order, words string) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.AskBuyerTx(ctx, tx, leedsStaff, o.Number, words)
	})
}

func reply(k *testkit.Kit, o id.Order, words string) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ReplyTx(ctx, tx, o, words) })
}

func TestAQuestionBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	due := liveOf(k, o.ID).DueAt
	k.Clock.Advance(time.Hour)
	for _, words := range []string{"", "  ", strings.Repeat("x", 501)} {
		if err := ask(k, o, words); !errors.Is(err, allocation.ErrQuestion) {
			t.Errorf("%d characters: %v", len(words), err)
		}
	}
	if err := reply(k, o.ID, "Yes"); !errors.Is(err, allocation.ErrNoQuestion) {
		t.Errorf("an answer to nothing: %v", err)
	}
	must(k, ask(k, o, "Do you need the tow bar from the first day?"))
	stopped := liveOf(k, o.ID)
	if !stopped.DueAt.After(due) || stopped.ClockUsed != time.Hour || !stopped.ClockFrom.Equal(k.Clock.Now().Add(24*time.Hour)) {
		t.Fatalf("due %s, then %+v", due, stopped)
	}
	if err := ask(k, o, "And the colour?"); !errors.Is(err, allocation.ErrAskedOnce) {
		t.Errorf("a second question: %v", err)
	}
	// While the clock stands still nobody is reminded.
	k.Clock.Advance(6 * time.Hour)
	must(k, k.NewCar.Sweep(t.Context()))
	must(k, reply(k, o.ID, "Yes, from the first day."))
	running := liveOf(k, o.ID)
	if !running.DueAt.Before(stopped.DueAt) || !running.ClockFrom.Equal(k.Clock.Now()) || running.Rung != "" {
		t.Errorf("%+v", running)
	}
	if err := reply(k, o.ID, "No."); !errors.Is(err, allocation.ErrNoQuestion) {
		t.Errorf("a second answer: %v", err)
	}
	must(k, accept(k, leedsStaff, o))
	if got := tale(chainOf(k, o.ID)); !slices.Equal(got, []string{"offer gb-leeds-northgate", "question gb-leeds-northgate", "answer gb-leeds-northgate", "accept gb-leeds-northgate"}) {
		t.Errorf("%v", got)
	}
	for _, r := range chainOf(k, o.ID) {
		if strings.Contains(r.Body, "tow bar") || strings.Contains(r.Body, "first day") {
			t.Errorf("the words stand on a receipt: %s", r.Body)
		}
	}
	k.Healthy("mail_leaves")
}

// A buyer who does not answer stops nothing for ever.
func TestAQuestionWithoutAnAnswerEnds(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	must(k, ask(k, o, "Which colour?"))
	for range 24 * 4 {
		k.Clock.Advance(time.Hour)
		must(k, k.NewCar.Sweep(t.Context()))
	}
	if got := tale(chainOf(k, o.ID)); !slices.Equal(got, []string{"offer gb-leeds-northgate", "question gb-leeds-northgate", "remind gb-leeds-northgate", "site gb-leeds-northgate",
		"country gb-leeds-northgate", "expire gb-leeds-northgate", "ask_buyer"}) {
		t.Errorf("%v", got)
	}
	if err := reply(k, o.ID, "Green."); !errors.Is(err, allocation.ErrNoQuestion) {
		t.Errorf("an answer to a dealer who is out: %v", err)
	}
	k.Healthy("mail_leaves")
}
