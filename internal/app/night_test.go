package app

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"forecourt/internal/doctor"
	"forecourt/internal/id"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"

	"github.com/riverqueue/river"
)

func TestTheNightIsATimeOfDay(t *testing.T) {
	t.Parallel()
	rome := time.FixedZone("", 7200)
	for now, want := range map[time.Time]string{
		time.Date(2026, 11, 24, 2, 29, 59, 0, time.UTC): "2026-11-24T02:30:00Z",
		time.Date(2026, 11, 24, 2, 30, 0, 0, time.UTC):  "2026-11-25T02:30:00Z",
		time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC):  "2027-01-01T02:30:00Z",
		time.Date(2026, 11, 24, 4, 0, 0, 0, rome):       "2026-11-24T02:30:00Z",
	} {
		if got := (atNight{}).Next(now).Format(time.RFC3339); got != want {
			t.Errorf("after %v comes %s, want %s", now, got, want)
		}
	}
}

// TestTheFullLookIsMadeByNightAndShown: its job compares with the bank and looks through everything; the admin
// address, the metrics and the head office tell the outcome, another instance too.
func TestTheFullLookIsMadeByNightAndShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.Buy()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.app.Admin(ctx, l) }()
	t.Cleanup(func() { stop(); <-ended })
	admin := &visitor{h: h, base: "http://" + l.Addr().String(), client: http.DefaultClient}
	hq, gb := h.staff("ines@hq.example.com"), h.staff("harriet@gb-office.example.com")
	const at = "/manager/reconciliation"
	if a := admin.get("/invariants/full"); a.status != http.StatusNotFound || !strings.Contains(hq.get(at).body, "No full look has been made yet") {
		t.Fatalf("before the first night: %d", a.status)
	}
	look := func() doctor.Report {
		t.Helper()
		// Another instance does it: this one reads what was found.
		other := h.open(h.Clock)
		must(t, (&nightWorker{watch: other.Invariants}).Work(t.Context(), &river.Job[nightArgs]{}))
		var r doctor.Report
		must(t, json.Unmarshal([]byte(admin.get("/invariants/full").body), &r))
		return r
	}
	r := look()
	if !r.Healthy || len(r.Invariants) != len(doctor.Invariants)+len(doctor.Warnings)+1 {
		t.Fatalf("%d rules, broken: %v", len(r.Invariants), r.Broken())
	}
	if body := hq.get(at).body; !strings.Contains(body, "balance agrees with our ledger") {
		t.Error("the head office does not read it")
	}
	if body := gb.get(at).body; !strings.Contains(body, "each of the") || strings.Contains(body, "Some do not hold") {
		t.Error("an office of one market is not told that all is well")
	}
	// Somebody takes the money at the bank itself: no event of ours, no line in our ledger.
	ps, err := payment.Of(h.DB.Read(t.Context()), o.ID)
	must(t, err)
	if _, err := h.NewCar.Gateway.Capture(t.Context(), ps[0].IntentID, ps[0].Amount.Minor, "by hand"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.DB.Pool.Exec(t.Context(), `UPDATE payments SET intent_id = 'pi_another' WHERE id = $1`, ps[0].ID); err != nil {
		t.Fatal(err)
	}
	r = look()
	if r.Healthy || !strings.Contains(strings.Join(r.Broken(), " "), "bank_balance") {
		t.Fatalf("broken: %v", r.Broken())
	}
	if body := hq.get(at).body; !strings.Contains(body, "bank_balance") {
		t.Error("the head office is not told what is broken")
	}
	// The office of one market reads when the books were last compared and that not all is well; which rules do not hold
	// is about every market, and no business of one.
	// Differences are rows of a market: each office reads its own.
	must(t, h.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
		for _, m := range []id.Market{"gb", "it"} {
			if _, err := payment.FindTx(tx, payment.Finding{Account: "cardbank", Kind: "balance", Object: "pi_of_" + string(m), Market: m, Detail: "100 0"}); err != nil {
				return err
			}
		}
		return nil
	}))
	for email, x := range map[string]struct{ told, own, foreign string }{
		"harriet@gb-office.example.com": {"Some do not hold; the head office looks into it", "pi_of_gb", "pi_of_it"},
		"lorenzo@it-office.example.com": {"Alcune non sono rispettate; la sede centrale se ne occupa", "pi_of_it", "pi_of_gb"},
	} {
		body := h.staff(email).get(at).body
		if !strings.Contains(body, x.told) || strings.Contains(body, "bank_balance") {
			t.Errorf("%s is not told that something is broken, or reads which rule", email)
		}
		if !strings.Contains(body, x.own) || strings.Contains(body, x.foreign) {
			t.Errorf("%s does not read its own differences alone", email)
		}
	}
	if body := admin.get("/metrics").body; !strings.Contains(body, `forecourt_full_look_violations{invariant="bank_balance"} 1`) || !strings.Contains(body, "forecourt_full_look_timestamp_seconds ") {
		t.Error("the metrics do not tell")
	}
}
