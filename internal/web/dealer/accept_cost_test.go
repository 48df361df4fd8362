package dealer_test

import (
	"context"
	"testing"

	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
)

// An accept is twenty facts in one transaction; each statement of it is a way to the database and back, while locks are
// held. Whoever adds one says here why.
func TestAnAcceptAsksLittle(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	accept := func() int64 {
		o := b.offer(leeds)
		before := b.queries.n.Load()
		b.must(b.db.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return b.cars.AcceptTx(ctx, tx, sale.Staff{User: "0198a000-0000-7000-8000-000000000001", Dealer: leeds}, o.Number)
		}))
		return b.queries.n.Load() - before
	}
	accept() // the first prepares statements, and the pool its connection
	// begin, order, lock, entry; step with receipt, order's step, plan; deposit, its step, its job; letter, its job;
	// audit; buyer, accepted texts, paper before it, number, paper; commit.
	if n := accept(); n > 20 {
		t.Errorf("%d statements", n)
	} else {
		t.Logf("%d statements", n)
	}
}
