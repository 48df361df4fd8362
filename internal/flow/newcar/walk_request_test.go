package newcar_test

import (
	"context"
	"slices"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"

	"pgregory.net/rapid"
)

// askDealer is the buyer asking another dealer to take the accepted order over.
func (w *walk) askDealer(t *rapid.T) {
	if !mayPassOn(w.m.state) && rapid.IntRange(0, 4).Draw(t, "too early or late") > 0 {
		t.Skip() // draws another act: see the head of the walk
	}
	d := rapid.SampledFrom([]id.Dealer{testkit.Leeds, testkit.London}).Draw(t, "another dealer")
	err := w.tx(func(ctx context.Context, tx *db.Tx) error { return w.k.NewCar.AskDealerTx(ctx, tx, w.order, d) })
	can := mayPassOn(w.m.state) && w.m.question == nil && d != w.m.dealer && !w.m.unwilling[d]
	w.expect("ask dealer", can, err)
	if can {
		r := w.question()
		if r == nil || r.To != d || !r.DueAt.After(w.now()) {
			t.Fatalf("%s was asked: %+v", d, r)
		}
		w.m.question = &walkQuestion{to: d, seq: r.Seq, due: r.DueAt}
	}
}

// answerMove is a dealer's yes or no: mostly of the one who was asked, and now and then where nothing was asked.
func (w *walk) answerMove(t *rapid.T) {
	if w.m.question == nil && rapid.IntRange(0, 9).Draw(t, "unasked") > 0 {
		t.Skip() // draws another act: see the head of the walk
	}
	s := sale.Staff{User: leedsStaff.User, Dealer: testkit.London}
	if q := w.m.question; q != nil && rapid.IntRange(0, 9).Draw(t, "who was not asked") > 0 {
		s.Dealer = q.to
	}
	yes := rapid.Bool().Draw(t, "takes over")
	err := w.tx(func(ctx context.Context, tx *db.Tx) error {
		if yes {
			return w.k.NewCar.TakeOverTx(ctx, tx, s, w.num)
		}
		return w.k.NewCar.LeaveOverTx(ctx, tx, s, w.num, rapid.SampledFrom(allocation.DeclineReasons).Draw(t, "reason"))
	})
	q := w.m.question
	can := q != nil && s.Dealer == q.to && w.now().Before(q.due)
	if yes {
		w.expect("take over", can, err)
	} else {
		w.expect("not take over", can, err)
	}
	if can {
		w.m.answered(yes)
		w.moved = w.moved || yes
	}
}

// takeQuestionBack is the buyer's second thought, from a page that may be old.
func (w *walk) takeQuestionBack(t *rapid.T) {
	if w.m.question == nil || rapid.IntRange(0, 3).Draw(t, "lets it stand") > 0 {
		t.Skip() // draws another act: see the head of the walk
	}
	seq := w.m.question.seq + rapid.SampledFrom([]int{0, 0, 0, 1, -1}).Draw(t, "page")
	err := w.tx(func(ctx context.Context, tx *db.Tx) error { return w.k.NewCar.WithdrawRequestTx(ctx, tx, w.order, seq) })
	can := seq == w.m.question.seq
	w.expect("take question back", can, err)
	if can {
		w.m.question = nil
	}
}

func (w *walk) question() *ordering.Request {
	r, err := ordering.Asked(w.k.DB.Read(w.ctx), w.order)
	w.must(err)
	return r
}

// mayPassOn is the model's own word, not the machine's: until the car is on its way.
func mayPassOn(st ordering.State) bool {
	return slices.Contains([]ordering.State{ordering.Accepted, ordering.Ordered, ordering.Built}, st)
}
