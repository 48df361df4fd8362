package newcar_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/log"
	"forecourt/internal/testkit"
)

// TestEveryEntryOfTheLedgerIsSigned: who moved the money, and within which request, by each kind of actor.
func TestEveryEntryOfTheLedgerIsSigned(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	k.Work()
	o := k.Buy()
	// Staff accepts in a request; the job that follows takes the money, within the same request.
	ctx := log.WithRequestID(t.Context(), "request-of-accept")
	must(k, k.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AcceptTx(ctx, tx, leedsStaff, o.Number) }))
	testkit.Eventually(t, "the deposit is taken", func() bool { return payments(k, o.ID)[0].State == payment.Captured })
	handOver(k, leedsStaff, k.Order(o.ID))
	staff := "staff:" + string(leedsStaff.User)
	want := map[payment.Kind]string{payment.KindCapture: "system:sale.settle", payment.KindRelease: "system:sale.settle", payment.KindDesk: staff, payment.KindHandover: staff}
	seen := map[payment.Kind]payment.Posting{}
	all, err := payment.Postings(k.DB.Read(t.Context()), o.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		seen[p.Kind] = p
		if p.Actor == "" || p.Request == "" {
			t.Errorf("%s is not signed: %+v", p.Kind, p)
		}
		if who, known := want[p.Kind]; known && p.Actor != who {
			t.Errorf("%s by %q, not %q", p.Kind, p.Actor, who)
		}
	}
	if got := seen[payment.KindCapture].Request; got != "request-of-accept" {
		t.Errorf("the capture's request is %q", got)
	}
	if a, b := seen[payment.KindDesk].Request, seen[payment.KindHandover].Request; !strings.HasPrefix(a, "tx:") || a == b {
		t.Errorf("two transactions outside of requests share %q and %q", a, b)
	}
	if len(seen) < 5 {
		t.Fatalf("only %v", seen)
	}
	healthy(k)
}

// TestTheBanksNoticeSigns: money that moves because the bank said so names the bank's event.
func TestTheBanksNoticeSigns(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := buyBy(k, disputedCard)
	night(k)
	all, err := payment.Postings(k.DB.Read(t.Context()), o.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.Kind == payment.KindDispute {
			if !strings.HasPrefix(p.Actor, "bank:evt_") {
				t.Errorf("the dispute is by %q", p.Actor)
			}
			return
		}
	}
	t.Fatalf("no dispute in %+v", all)
}
