package app

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/smoke"
)

func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	dealer, manager, public := h.staff("anna@northgate-leeds.example.com"), h.staff("harriet@gb-office.example.com"), h.visitor()
	paths := []string{"/nothing", "/dacia/it/nothing", "/dacia/gb/orders/wrong"}
	for _, door := range doors(h) {
		method, pattern, _ := strings.Cut(door, " ")
		path := fill(pattern, p.values(pattern))
		v := portalFor(door, dealer, manager, public)
		if method == http.MethodGet {
			guarded(t, door, path, v.get(path))
			guarded(t, door+" by a stranger", path, public.get(path))
		} else if door != "POST /logout" {
			guarded(t, door, path, v.post(path, nil))
		}
	}
	for _, path := range paths {
		guarded(t, path, path, public.get(path))
	}
}

// guarded fails for an answer without the headers that keep pages from being framed, sniffed, fed with
// foreign scripts, or kept where secrets are in the address.
func guarded(t *testing.T, what, path string, a answer) {
	t.Helper()
	csp := a.head.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("%s: the policy %q lacks %s", what, csp, part)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("%s: the policy is %q", what, csp)
	}
	want := map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}
	secret := strings.Contains(path, "/orders/") || strings.Contains(path, "/checkout/")
	if secret {
		want["Referrer-Policy"], want["Cache-Control"] = "no-referrer", "no-store"
	}
	for name, value := range want {
		if got := a.head.Get(name); got != value {
			t.Errorf("%s: %s is %q, want %q", what, name, got, value)
		}
	}
	if a.head.Get("Referrer-Policy") == "" || a.head.Get("X-Request-Id") == "" {
		t.Errorf("%s: no referrer policy or request id", what)
	}
	private := secret || strings.HasPrefix(path, "/dealer") || strings.HasPrefix(path, "/manager")
	if private && a.status == http.StatusOK && a.head.Get("Cache-Control") != "no-store" {
		t.Errorf("%s may be kept: %q", what, a.head.Get("Cache-Control"))
	}
}

func TestSecretLinks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.visitor()
	open := h.Buy()
	token := h.link(open)
	good := "/dacia/gb/orders/" + token
	if a := v.get(good); a.status != http.StatusOK {
		t.Fatalf("the right link: %d", a.status)
	}
	wrong := map[string]string{"another shop of the market": "/renault/gb/orders/" + token, "another market": "/dacia/it/orders/" + token,
		"a sign more": good + "x", "a sign less": good[:len(good)-1], "another": good[:len(good)-2] + "zz", "an order's id": "/dacia/gb/orders/" + string(open.ID),
		"an order's number": "/dacia/gb/orders/" + open.Number, "a draft's": "/dacia/gb/checkout/" + token + "/check"}
	for kind, path := range wrong {
		for _, rest := range []string{"", "/documents/confirmation", "/calendar.ics", "/cancel", "/paid"} {
			if a := v.get(path + rest); a.status != http.StatusNotFound || strings.Contains(a.body, "Priya") {
				t.Errorf("the link of %s%s: %d", kind, rest, a.status)
			}
		}
	}
	h.Tx(func(_ context.Context, tx *db.Tx) error { return ordering.RevokeLinksTx(tx, open.ID, "") })
	gone(t, v, "revoked", good)
	late := h.Buy()
	expired := "/dacia/gb/orders/" + h.link(late)
	h.Clock.Advance(ordering.LinkLife)
	gone(t, v, "expired", expired)
}

func gone(t *testing.T, v *visitor, kind, path string) {
	t.Helper()
	for _, rest := range []string{"", "/documents/confirmation", "/cancel"} {
		if a := v.get(path + rest); a.status != http.StatusGone || strings.Contains(a.body, "Priya") {
			t.Errorf("a link that is %s%s: %d", kind, rest, a.status)
		}
	}
	for _, rest := range []string{"/pay", "/slot", "/cancel", "/dealer"} {
		if a := v.post(path+rest, form("starts", "1", "dealer", "gb-london-kestrel")); a.status != http.StatusGone {
			t.Errorf("a form of a link that is %s%s: %d", kind, rest, a.status)
		}
	}
}

// TestLogHoldsNobody drives a whole purchase and searches every line of the log for what must not be
// there.
func TestLogHoldsNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- h.app.Work(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	h.app.NewCar.BaseURL = h.site.URL
	var out strings.Builder
	if err := smoke.Run(t.Context(), smoke.Options{Base: h.site.URL, Brand: "dacia", Market: "zz", Out: &out}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	told(h)
	secrets := []string{"Smoke Test", "smoke@example.com", "7700900123", "07700 900123", "1 Test Track", "ZZ1 1ZZ", "forecourt-demo", "smoke@smoke-one.example.com", "smoke@office.example.com", "4000000000003220"}
	for _, m := range h.Mails.Sent() {
		_, rest, _ := strings.Cut(m.Text, "/orders/")
		token, _, _ := strings.Cut(strings.Fields(rest + " x")[0], "/")
		if len(token) >= 40 { // a dealer's mail has the order's number there, which is no secret
			secrets = append(secrets, token)
		}
	}
	text := h.log.String()
	if len(h.Mails.Sent()) < 5 || !strings.Contains(text, `"msg":"request"`) || !strings.Contains(text, "[secret]") {
		t.Fatalf("the journey left %d mails and this log: %.500s", len(h.Mails.Sent()), text)
	}
	for _, line := range strings.Split(text, "\n") {
		for _, s := range secrets {
			if strings.Contains(line, s) {
				t.Errorf("the log holds %q: %s", s, line)
			}
		}
	}
	h.noOwnMistakes()
}

// told waits until the mails of the handover are out.
func told(h *house) {
	h.T.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var left int
		if _, err := db.One(h.DB.Read(h.T.Context()), &left, `SELECT count(*) FROM mails WHERE sent_at IS NULL`); err == nil && left == 0 {
			return
		}
	}
	h.T.Error("not all mails were sent")
}

// TestLogTellsTheStatus: an answer that refuses is logged as refused.
func TestLogTellsTheStatus(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.visitor()
	v.get("/dacia/gb/nothing-here")
	v.get("/manager/orders")
	for path, status := range map[string]string{"/dacia/gb/nothing-here": "404", "/manager/orders": "303"} {
		if !strings.Contains(h.log.String(), `"path":"`+path+`","status":`+status) {
			t.Errorf("%s is not logged with %s:\n%s", path, status, h.log.String())
		}
	}
}
