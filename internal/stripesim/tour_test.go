package stripesim_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"forecourt/internal/stripesim"
	"forecourt/internal/stripesim/banktest"
)

// TestTour visits every route of the API and lets every kind of event happen, both oracles looking on.
// A route or a kind that is new and not visited fails here.
func TestTour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tourOfSessions()
	w.tourOfIntents()
	w.tourOfCustomers()
	w.tourOfMoney()
	w.tourOfEvents()
	if missed := w.seen.lacks(func(s *sightings) map[string]bool { return s.routes }, stripesim.Routes()); len(missed) > 0 {
		t.Errorf("routes without a judged answer:\n%s", strings.Join(missed, "\n"))
	}
	kinds := kindsOf(t)
	var missed []string
	for range 200 { // the last deliveries may be under way
		if missed = w.seen.lacks(func(s *sightings) map[string]bool { return s.kinds }, kinds); len(missed) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("kinds of events that never came:\n%s", strings.Join(missed, "\n"))
}

func (w *world) tourOfSessions() {
	w.t.Helper()
	c := w.checkout("tour")
	w.must("GET", "checkout/sessions/"+c.ID+"/line_items")
	if _, err := w.gw.ExpireCheckout(w.t.Context(), c.ID); err != nil {
		w.t.Fatal(err)
	}
	for n, card := range []string{banktest.Secure, banktest.Slow, banktest.SlowFails} {
		w.pay(w.checkout("tour"+strconv.Itoa(n)), card)
	}
	w.sandbox("clock/advance", "seconds=601")
	w.must("GET", "checkout/sessions/"+c.ID+"?expand[]=line_items")
	w.must("GET", "checkout/sessions?expand[]=data.payment_intent.latest_charge")
}

func (w *world) tourOfIntents() {
	w.t.Helper()
	pi := w.mustIntent("capture_method", "manual")
	id := "payment_intents/" + pi.text("id")
	w.must("POST", id, "description", "tour")
	w.must("POST", id+"/confirm", "payment_method", "pm_card_visa")
	w.must("POST", id+"/capture")
	w.must("POST", "payment_intents/"+w.mustIntent().text("id")+"/cancel")
	w.mustIntent("payment_method", "pm_card_visa", "confirm", "true", "capture_method", "automatic_async")
	w.intent("payment_method", "pm_card_chargeDeclined", "confirm", "true")
	w.mustIntent("payment_method", "pm_card_visa", "confirm", "true", "capture_method", "manual")
	w.sandbox("clock/advance", "seconds=604801")
	w.must("GET", id+"?expand[]=latest_charge.balance_transaction&expand[]=customer&expand[]=payment_method&expand[]=review")
	w.must("GET", "payment_intents?limit=100")
	charge := w.must("GET", "charges?limit=100&expand[]=data.payment_intent").list("data")[0]
	w.must("GET", "charges/"+charge.text("id"))
}

func (w *world) tourOfCustomers() {
	w.t.Helper()
	who := w.must("POST", "customers", "email", "tour@example.com")
	w.must("POST", "customers/"+who.text("id"), "name", "Tour", "preferred_locales[]", "it")
	w.must("GET", "customers/"+who.text("id"))
	w.must("GET", "customers?limit=1")
	m := w.must("POST", "payment_methods/pm_card_visa/attach", "customer", who.text("id"))
	w.must("GET", "payment_methods/"+m.text("id"))
	w.must("GET", "payment_methods?type=card&customer="+who.text("id"))
}

func (w *world) tourOfMoney() {
	w.t.Helper()
	fails := w.bought(banktest.RefundFails)
	r := w.must("POST", "refunds", "payment_intent", fails.ID)
	w.sandbox("clock/advance", "seconds=3601")
	w.must("GET", "refunds/"+r.text("id")+"?expand[]=failure_balance_transaction&expand[]=payment_intent")
	w.must("POST", "refunds/"+r.text("id"), "metadata[why]", "tour")
	w.must("GET", "refunds?expand[]=data.charge")
	pending := w.must("POST", "refunds", "payment_intent", w.bought(banktest.RefundPending).ID)
	w.sandbox("refund", "refund="+pending.text("id")+"&status=requires_action")
	w.must("POST", "refunds/"+pending.text("id")+"/cancel")

	w.bought(banktest.FraudWarning)
	warning := w.must("GET", "radar/early_fraud_warnings").list("data")[0]
	w.must("GET", "radar/early_fraud_warnings/"+warning.text("id"))
	won := w.disputesOf(w.bought(banktest.Disputed).ID)[0].text("id")
	w.must("POST", "disputes/"+won, "evidence[uncategorized_text]", "winning_evidence")
	w.must("GET", "disputes/"+won+"?expand[]=charge&expand[]=payment_intent")
	w.must("POST", "disputes/"+w.disputesOf(w.bought(banktest.Inquiry).ID)[0].text("id")+"/close")
	line := w.must("GET", "balance_transactions?limit=100&expand[]=data.source").list("data")[0]
	w.must("GET", "balance_transactions/"+line.text("id")+"?expand[]=source")

	w.mustIntent("payment_method", "pm_card_riskLevelElevated", "confirm", "true")
	review := w.must("GET", "reviews").list("data")[0].text("id")
	w.must("GET", "reviews/"+review)
	w.must("POST", "reviews/"+review+"/approve")
}

func (w *world) tourOfEvents() {
	w.t.Helper()
	e := w.must("GET", "events?limit=100").list("data")[0]
	w.must("GET", "events/"+e.text("id"))
	hook := w.must("POST", "webhook_endpoints", "url", "https://example.com/hook", "enabled_events[]", "refund.updated")
	w.must("POST", "webhook_endpoints/"+hook.text("id"), "disabled", "true")
	if now := w.must("GET", "webhook_endpoints/"+hook.text("id")); now.text("status") != "disabled" || now["secret"] != nil {
		w.t.Errorf("endpoint: %v", now)
	}
	w.must("GET", "webhook_endpoints")
}

// kindsOf reads the kinds of events from the source, so that none can be left out here.
func kindsOf(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "kinds.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, _ := strconv.Unquote(lit.Value)
			out = append(out, s)
		}
		return true
	})
	if len(out) < 30 {
		t.Fatalf("only %d kinds in kinds.go", len(out))
	}
	return out
}

// TestKindsAreConstants: a kind that is written out where it is told would escape the tour.
func TestKindsAreConstants(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile(`\.tell(Session)?\("`)
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") && literal.Match(src) {
			t.Errorf("%s tells a kind that is no constant of kinds.go", name)
		}
	}
}
