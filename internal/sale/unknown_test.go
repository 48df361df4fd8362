package sale_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

// A program that does not sell an order's flow lets go of nothing and hands nothing over: it would know neither what to
// check nor what is reserved.
func TestAFlowThatIsNotSoldIsNotMoved(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	other := &sale.Service{DB: k.DB, World: k.World, Gateway: k.Sale.Gateway, Jobs: k.Sale.Jobs, Tokens: k.Sale.Tokens, Log: k.Sale.Log}
	err := k.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return other.CancelTx(ctx, tx, o.ID) })
	if err == nil || !strings.Contains(err.Error(), "does not sell") {
		t.Errorf("cancelled: %v", err)
	}
	if now := k.Order(o.ID); now.State != ordering.Offered {
		t.Errorf("the order is %s", now.State)
	}
}
