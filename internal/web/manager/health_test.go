package manager_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"forecourt/internal/doctor"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/platform/latency"
	"forecourt/internal/platform/pulse"
	"forecourt/internal/sale"
	"forecourt/internal/web/manager"
	"forecourt/internal/web/webtest"
	"forecourt/migrations"
)

// watched is a house whose head office reads these looks at the invariants.
func watched(t *testing.T, last, full doctor.Report) *webtest.House {
	t.Helper()
	h := webtest.New(t)
	s := manager.New(h.Kit, newcar.New(&sale.Service{DB: h.DB, World: h.Kit.World})).ShowHealth(func(context.Context) (doctor.Report, doctor.Report, error) { return last, full, nil })
	h.Open(s.Routes())
	return h
}

func tell(t *testing.T, h *webtest.House, i pulse.Instance) {
	t.Helper()
	if err := pulse.Beat(t.Context(), h.DB, i); err != nil {
		t.Fatal(err)
	}
}

func TestTheHeadOfficeSeesThatAllIsWell(t *testing.T) {
	t.Parallel()
	var none doctor.Report
	h := watched(t, none, none)
	tell(t, h, pulse.Instance{ID: "one", Role: "serve", Host: "machine-one", Version: "cafe1234", Schema: migrations.Newest()})
	ines := h.HQ("ines@hq.example.com")
	a := page(t, h, ines, "/hq")
	for _, want := range []string{"All is as it should be.", "machine-one", "cafe1234", "PostgreSQL ", "Nobody has looked yet", "Nothing has been counted yet"} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if a.Header.Get("Refresh") != "" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers: %v", a.Header)
	}
	if a := page(t, h, ines, "/hq?every=30"); a.Header.Get("Refresh") != "30" || !strings.Contains(a.Body, "Stop looking by itself") {
		t.Error("the page does not come again by itself when told so")
	}
	if a := page(t, h, ines, "/hq?every=1"); a.Header.Get("Refresh") != "" {
		t.Error("anybody may say how often")
	}
	if a := page(t, h, ines, "/manager"); !strings.Contains(a.Body, `href="/hq"`) {
		t.Error("no way leads from the head office's menu to the page")
	}
}

func TestTheHeadOfficeSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := webtest.New(t)
	last := doctor.Report{At: h.Clock.Now().Add(-time.Hour), Invariants: []doctor.Finding{{Number: "I3", Name: "one_order_per_vin", Text: "no car is in two live orders", Violations: 21, Rows: []string{"0198a000-0000-7000-8000-00000000000a"}}, {Name: "quiet_one"}}}
	full := doctor.Report{At: h.Clock.Now(), Invariants: []doctor.Finding{{Number: "I2", Name: "bank_balance", Violations: 3, Rows: []string{"pi_offender"}}, {Name: "to_tell_apart", Warning: true, Violations: 1}}}
	h.Open(manager.New(h.Kit, newcar.New(&sale.Service{DB: h.DB, World: h.Kit.World})).ShowHealth(func(context.Context) (doctor.Report, doctor.Report, error) { return last, full, nil }).Routes())
	tell(t, h, pulse.Instance{ID: "dead", Role: "worker", Host: "machine-two"})
	tell(t, h, pulse.Instance{ID: "ahead", Role: "serve", Host: "machine-three", Schema: 9999, Figures: pulse.Figures{
		Requests:   []latency.Figure{{Name: "GET /dealer", N: 4, Mean: time.Second, P99: 2 * time.Second}, {Name: "POST /webhooks/stripe", N: 2, Mean: 1500 * time.Microsecond, P99: 2 * time.Millisecond}},
		Calls:      []latency.Figure{{Name: "bank POST /v1/refunds", N: 1, Mean: 300 * time.Millisecond, P99: 500 * time.Millisecond}},
		Statements: []latency.Figure{{Name: "SELECT <slow> FROM orders WHERE id = $1", N: 1234, Mean: 3 * time.Millisecond, P99: 90 * time.Second, Max: 2 * time.Minute}},
	}})
	for _, q := range []string{
		`UPDATE instances SET seen_at = seen_at - interval '3 minutes' WHERE id = 'dead'`,
		`INSERT INTO river_job (kind, queue, args, max_attempts, state, scheduled_at) VALUES ('sale.settle', 'default', '{}', 5, 'available', now() - interval '2 hours')`,
		`INSERT INTO river_job (kind, queue, args, max_attempts, state, attempted_at, finalized_at) VALUES ('sale.mail', 'default', '{}', 5, 'discarded', now(), now())`,
	} {
		if err := h.DB.Read(t.Context()).Exec(q).Error; err != nil {
			t.Fatal(err)
		}
	}
	body := page(t, h, h.HQ("ines@hq.example.com"), "/hq").Body
	for _, want := range []string{"Worth a look", "worker on machine-two has told nothing for 3 min", "A build knows migration 9999", "The rule one_order_per_vin does not hold", "The rule bank_balance does not hold",
		"The rules were last looked at on", "A job has waited for a worker for 2 h", "1 job was given up", "0198a000-0000-7000-8000-00000000000a", "pi_offender", "All 4 rules", "sale.settle",
		"SELECT &lt;slow&gt; FROM orders", "1,234", "1 min", "300 ms", "1.5 ms"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, not := range []string{"The rule to_tell_apart", "The rule quiet_one", "All is as it should be"} {
		if strings.Contains(body, not) {
			t.Errorf("the page has %q", not)
		}
	}
	if hook, slow := strings.Index(body, "POST /webhooks/stripe"), strings.Index(body, "GET /dealer<"); hook < 0 || slow < hook {
		t.Error("the card bank's notices do not stand first")
	}
}

// TestHealthIsTheHeadOffices: whoever runs a market or a site reads nothing of it.
func TestHealthIsTheHeadOffices(t *testing.T) {
	t.Parallel()
	h := watched(t, doctor.Report{}, doctor.Report{})
	harriet := h.Manager("harriet@gb-office.example.com", "gb")
	for who, b := range map[string]*webtest.Browser{"a manager": harriet, "a dealer": h.Dealer("anna@example.com", leeds)} {
		if a := b.Get("/hq"); a.Status != http.StatusForbidden || strings.Contains(a.Body, "PostgreSQL") {
			t.Errorf("%s: %d", who, a.Status)
		}
	}
	if a := h.Stranger().Get("/hq"); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/login") {
		t.Errorf("a stranger: %d %s", a.Status, a.Location)
	}
	if a := page(t, h, harriet, "/manager"); strings.Contains(a.Body, `href="/hq"`) {
		t.Error("a manager's menu leads where he may not go")
	}
}

func TestHealthIsReadInFewStatements(t *testing.T) {
	t.Parallel()
	h := watched(t, doctor.Report{}, doctor.Report{})
	ines := h.HQ("ines@hq.example.com")
	ask := func() int { return h.Statements(func() { page(t, h, ines, "/hq") }) }
	few := ask()
	for _, id := range []string{"a", "b", "c"} {
		tell(t, h, pulse.Instance{ID: id, Role: "serve", Host: id})
	}
	if many := ask(); many != few {
		t.Errorf("%d statements, with three processes %d", few, many)
	}
}

// TestHealthStaysLight: every rule is listed, the slowest statements as long as they are shown.
func TestHealthStaysLight(t *testing.T) {
	t.Parallel()
	var all doctor.Report
	for _, i := range doctor.Invariants {
		all.Invariants = append(all.Invariants, doctor.Finding{Number: i.Number, Name: i.Name, Text: i.Text})
	}
	h := watched(t, all, all)
	var many []latency.Figure
	for range 50 {
		many = append(many, latency.Figure{Name: strings.Repeat("SELECT ", 42) + t.Name() + string(rune('a'+len(many))), N: 1_234_567, Mean: time.Second, P99: time.Minute, Max: time.Hour})
	}
	tell(t, h, pulse.Instance{ID: "one", Role: "serve", Host: "machine-one", Schema: migrations.Newest(), Figures: pulse.Figures{Requests: many, Calls: many, Statements: many}})
	if a := page(t, h, h.HQ("ines@hq.example.com"), "/hq"); len(a.Body) > 60<<10 || strings.Count(a.Body, "<tr>") < len(doctor.Invariants)+3*12 {
		t.Errorf("%d bytes of HTML, 60 kB are allowed", len(a.Body))
	}
}
