package newcar_test

import (
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/payment"
	"forecourt/internal/testkit"

	"github.com/jackc/pgx/v5"
)

// Code of before takes a deposit beside this one: it knows no memo, neither to fill nor to clear.
func TestWhatOldCodeDoesNotNoteIsCaughtUp(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	kept, taken := k.Buy(), k.Buy()
	if err := accept(k, leedsStaff, taken); err != nil {
		t.Fatal(err)
	}
	settleAll(k, taken.ID)
	if _, err := k.DB.Pool.Exec(t.Context(), `BEGIN; SET LOCAL session_replication_role = replica;
		DELETE FROM ledger_lines WHERE account LIKE 'authorised%' AND (order_id = '`+string(kept.ID)+`' OR posting_id IN (SELECT id FROM ledger_postings WHERE kind = 'release'));
		DELETE FROM ledger_postings WHERE kind = 'release' OR kind = 'authorise' AND order_id = '`+string(kept.ID)+`'; COMMIT`, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	want := map[id.Order]int64{kept.ID: kept.DepositMinor, taken.ID: 0}
	if got := reserved(k); got[kept.ID] != 0 || got[taken.ID] != taken.DepositMinor {
		t.Fatalf("before: %v", got)
	}
	for range 2 {
		if err := k.NewCar.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := reserved(k); got[kept.ID] != want[kept.ID] || got[taken.ID] != want[taken.ID] {
			t.Fatalf("reserved %v, want %v", got, want)
		}
	}
	k.Healthy()
}

func reserved(k *testkit.Kit) map[id.Order]int64 {
	k.T.Helper()
	var rows []struct {
		OrderID id.Order
		N       int64
	}
	if err := k.DB.Read(k.T.Context()).Raw(`SELECT order_id, sum(amount_minor) AS n FROM ledger_lines WHERE account = ? GROUP BY 1`, payment.Reserved).Scan(&rows).Error; err != nil {
		k.T.Fatal(err)
	}
	out := map[id.Order]int64{}
	for _, r := range rows {
		out[r.OrderID] = r.N
	}
	return out
}
