package stripesim_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/payment"
	"forecourt/internal/stripesim"
	"forecourt/internal/stripesim/banktest"
)

// childDir makes the test binary a card bank of its own, which a test can kill.
const childDir = "STRIPESIM_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		beBank(dir)
		return
	}
	os.Exit(m.Run())
}

func beBank(dir string) {
	bank, err := stripesim.New(stripesim.Options{SecretKey: testKey, Dir: dir})
	if err != nil {
		panic(err)
	}
	srv := httptest.NewServer(bank.Handler())
	fmt.Println(srv.URL)
	select {}
}

// startChild gives the address of a bank in a process of its own, and how to kill it.
func startChild(t *testing.T, dir string) (url string, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), kill
}

// TestKillLosesNothing kills a bank under load: whatever was answered is there when it reopens.
func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	url, kill := startChild(t, dir)
	promised := make(chan payment.Intent, 1000)
	var buyers sync.WaitGroup
	for n := range 4 {
		w := newWorld(t) // for its clock and request only
		w.gw = newGateway(t, url)
		buyers.Go(func() { buyUntilKilled(w, fmt.Sprint(n), promised) })
	}
	var kept []payment.Intent
	for len(kept) < 40 {
		kept = append(kept, <-promised)
	}
	kill()
	go func() { buyers.Wait(); close(promised) }()
	for i := range promised {
		kept = append(kept, i)
	}
	w := newWorld(t, func(o *stripesim.Options) { o.Dir, o.Clock = dir, nil })
	for _, i := range kept {
		now, err := w.gw.Intent(t.Context(), i.ID)
		if err != nil || now.Received != i.Received || now.Capturable != i.Capturable || now.OrderID != i.OrderID {
			t.Errorf("after the kill %+v %v, promised %+v", now, err, i)
		}
	}
	seen := map[string]bool{}
	for _, l := range w.bank.Ledger() {
		if seen[l.Session] {
			t.Errorf("two payments of session %s", l.Session)
		}
		seen[l.Session] = true
	}
}

func buyUntilKilled(w *world, who string, promised chan<- payment.Intent) {
	ctx := context.Background()
	for n := 0; ; n++ {
		key := fmt.Sprintf("%s-%d", who, n)
		c, err := w.gw.OpenCheckout(ctx, w.request(key))
		if err != nil {
			return
		}
		if _, err := banktest.Pay(ctx, http.DefaultClient, c.URL, banktest.Visa); err != nil {
			return
		}
		c, err = w.gw.Checkout(ctx, c.ID)
		if err != nil {
			return
		}
		i, err := w.gw.Capture(ctx, c.Intent.ID, 10_000, key+":capture")
		if err != nil {
			return
		}
		promised <- i
	}
}

// TestKillKeepsWhatIsOnItsWay kills a bank while everything that takes time is under way: it reopens
// with the same objects, and each still comes to its end.
func TestKillKeepsWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	url, kill := startChild(t, dir)
	first := newWorld(t) // for its calls only
	first.srv.URL, first.gw = url, newGateway(t, url)
	pending := first.must("POST", "refunds", "payment_intent", first.bought(banktest.RefundPending).ID)
	fails := first.must("POST", "refunds", "payment_intent", first.bought(banktest.RefundFails).ID)
	disputed, inquiry := first.bought(banktest.Disputed), first.bought(banktest.Inquiry)
	first.bought(banktest.FraudWarning)
	slow := first.checkout("slow")
	first.pay(slow, banktest.Slow)
	who := first.must("POST", "customers", "email", "kept@example.com")
	first.must("POST", "payment_methods/pm_card_visa/attach", "customer", who.text("id"))
	first.mustIntent("payment_method", "pm_card_riskLevelElevated", "confirm", "true")
	async := first.mustIntent("payment_method", "pm_card_visa", "confirm", "true", "capture_method", "automatic_async")
	first.must("POST", "webhook_endpoints", "url", "http://127.0.0.1:1/", "enabled_events[]", "*")
	first.sandbox("webhook", "rotate=whsec_other&api_version=2022-11-15")
	first.sandbox("clock/advance", "seconds=30")
	before := first.everything()
	kill()

	w := newWorld(t, func(o *stripesim.Options) { o.Dir, o.Clock, o.WebhookURLs = dir, nil, nil })
	after := w.everything()
	for path := range before {
		if !reflect.DeepEqual(before[path], after[path]) {
			t.Errorf("%s differs after the kill:\n%v\n%v", path, before[path], after[path])
		}
	}
	w.bank.Advance(2 * time.Hour)
	for id, want := range map[string]string{pending.text("id"): "succeeded", fails.text("id"): "failed"} {
		if r := w.must("GET", "refunds/"+id); r.text("status") != want {
			t.Errorf("refund: %v, want %s", r, want)
		}
	}
	if i := w.read(slow.ID).Intent; i.Status != payment.IntentRequiresCapture {
		t.Errorf("slow card: %+v", i)
	}
	w.bank.Advance(200 * 24 * time.Hour)
	for id, want := range map[string]string{disputed.ID: "lost", inquiry.ID: "warning_closed"} {
		if d := w.disputesOf(id); len(d) != 1 || d[0].text("status") != want {
			t.Errorf("dispute: %v, want %s", d, want)
		}
	}
	for _, id := range []string{disputed.ID, inquiry.ID, async.text("id")} {
		w.netOf(id)
	}
}

// everything is all that the API lists.
func (w *world) everything() map[string][]thing {
	out := map[string][]thing{}
	for _, route := range stripesim.Routes() {
		path, isList := strings.CutPrefix(route, "GET /v1/")
		if !isList || strings.Contains(path, "{") {
			continue
		}
		query := "?limit=100"
		if path == "payment_methods" {
			query += "&type=card&customer=" + w.must("GET", "customers").list("data")[0].text("id")
		}
		out[path] = w.must("GET", path+query).list("data")
	}
	return out
}

// TestReopen closes a bank and opens it again: sessions, keys, undelivered events and time go on.
func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	deaf := func(o *stripesim.Options) { o.Dir = dir; o.WebhookURLs = []string{"http://127.0.0.1:1/"} }
	first := newWorld(t, deaf)
	asked := first.request("o") // asked again it must say the same, to the second
	c, err := first.gw.OpenCheckout(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	first.pay(c, banktest.Visa)
	if err := first.bank.Close(); err != nil {
		t.Fatal(err)
	}
	tear(t, dir)
	second := newWorld(t, func(o *stripesim.Options) { o.Dir = dir; o.Clock = first.clock })
	second.bank.Advance(1e9) // the second attempt is due by now
	if got := second.events(4); got["checkout.session.completed"].SessionID != c.ID {
		t.Errorf("events after reopening: %v", got)
	}
	if again, err := second.gw.OpenCheckout(t.Context(), asked); err != nil || again.ID != c.ID {
		t.Errorf("the key is forgotten: %s, was %s, %v", again.ID, c.ID, err)
	}
	if now := second.read(c.ID); now.Intent.Status != payment.IntentRequiresCapture {
		t.Errorf("after reopening: %+v", now.Intent)
	}
}

// tear leaves the trace of a crash in the middle of a write.
func tear(t *testing.T, dir string) {
	t.Helper()
	f, err := os.OpenFile(journalOf(dir), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(`0badc0de [{"s":{"id":"cs_te`); err != nil {
		t.Fatal(err)
	}
}

func journalOf(dir string) string { return filepath.Join(dir, "bank.journal") }

func TestDamagedJournalIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := newWorld(t, func(o *stripesim.Options) { o.Dir = dir })
	w.authorised("x")
	if _, err := stripesim.New(stripesim.Options{SecretKey: testKey, Dir: dir}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second bank opened the journal: %v", err)
	}
	if err := w.bank.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(journalOf(dir))
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.Replace(raw, []byte(`"am":10000`), []byte(`"am":99999`), 1)
	if err := os.WriteFile(journalOf(dir), before, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := stripesim.New(stripesim.Options{SecretKey: testKey, Dir: dir}); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged journal was opened: %v", err)
	}
	if after, _ := os.ReadFile(journalOf(dir)); !bytes.Equal(after, before) {
		t.Error("the damaged journal was changed")
	}
}

func TestGuards(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]stripesim.Options{
		"live key":        {SecretKey: "sk_live_x"},
		"no key":          {},
		"beside live key": {SecretKey: testKey, Beside: []string{"", "rk_live_x"}},
		"unsigned events": {SecretKey: testKey, WebhookURLs: []string{"http://127.0.0.1:1"}},
	} {
		if _, err := stripesim.New(o); err == nil {
			t.Errorf("%s: the bank opened", name)
		}
	}
}
