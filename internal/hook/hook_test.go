package hook

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"forecourt/internal/platform/outward"
)

func TestOnlyPublicAddressesAreReached(t *testing.T) {
	t.Parallel()
	site, demo := NewCourier(false), NewCourier(true)
	for _, a := range []string{"127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fc00::1", "fd12::1", "0.0.0.0", "::",
		"100.64.1.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::7f00:1", "2001:db8::1"} {
		if site.out.MayReach(netip.MustParseAddr(a)) {
			t.Errorf("%s is reached", a)
		}
		if err := site.out.Guard(netip.AddrPortFrom(netip.MustParseAddr(a), 443).String()); !errors.Is(err, outward.ErrAddress) {
			t.Errorf("the dialer lets %s pass: %v", a, err)
		}
	}
	for _, a := range []string{"93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"} {
		if !site.out.MayReach(netip.MustParseAddr(a)) {
			t.Errorf("%s is not reached", a)
		}
	}
	if !demo.out.MayReach(netip.MustParseAddr("127.0.0.1")) || demo.out.MayReach(netip.MustParseAddr("10.0.0.1")) {
		t.Error("a demo reaches its own machine and no other private one")
	}
}

func TestAddressesThatAreRefusedInTheForm(t *testing.T) {
	t.Parallel()
	site, demo := NewCourier(false), NewCourier(true)
	for raw, want := range map[string]error{
		"https://dms.example.com/forecourt?site=leeds": nil, "https://dms.example.com:8443/x": nil,
		"http://dms.example.com/": ErrHTTPS, "ftp://dms.example.com/": ErrHTTPS, "javascript:alert(1)": ErrURL, "": ErrURL, "https://": ErrURL, "dms.example.com": ErrURL,
		"https://user:pass@dms.example.com/": ErrURL, "https://dms.example.com/#x": ErrURL, "https://dms.example.com:99999/": ErrURL, "https://intranet/": ErrURL, "https://dms.exa mple.com/": ErrURL,
		"https://127.0.0.1/": ErrPrivate, "https://[::1]/": ErrPrivate, "https://169.254.169.254/latest": ErrPrivate, "https://localhost/": ErrPrivate, "https://localhost./": ErrPrivate, "https://a.localhost/": ErrPrivate,
		"https://metadata.google.internal/": ErrPrivate, "https://printer.local/": ErrPrivate, "https://[fe80::1%25eth0]/": ErrPrivate, "https://dms.example.com/\\x": ErrURL, "https://ex\u00e4mple.com/": ErrURL,
		"https://dms.example.com/" + strings.Repeat("a", 500): ErrURL,
	} {
		if _, err := site.CheckURL(raw); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", raw, err, want)
		}
	}
	if _, err := demo.CheckURL("http://127.0.0.1:8080/hooks"); err != nil {
		t.Errorf("a demo's own machine: %v", err)
	}
	if _, err := demo.CheckURL("http://dms.example.com/"); !errors.Is(err, ErrHTTPS) {
		t.Errorf("a demo without TLS to the world: %v", err)
	}
}

// A name that leads to a private address, a redirect into the own network, a slow answer: nothing gets through.
func TestACourierIsNotLedAstray(t *testing.T) {
	t.Parallel()
	hit := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	defer inside.Close()
	// The form's check is passed by, as if a public name led here.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, inside.URL, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewCourier(false).client.Do(req); err == nil || hit || reason(err) != "private" {
		t.Errorf("a private address is reached: %v", err)
	}
	redirects := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusTemporaryRedirect))
	defer redirects.Close()
	demo := NewCourier(true)
	if a := demo.Send(t.Context(), redirects.URL, []byte("{}"), nil); a.OK() || a.Why != "redirect" || a.Code != 307 || hit {
		t.Errorf("a redirect: %+v", a)
	}
	for code, why := range map[int]string{200: "", 204: "", 400: "answer", 410: "gone", 500: "answer"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
		if a := demo.Send(t.Context(), s.URL, []byte("{}"), nil); a.Why != why || a.Code != code {
			t.Errorf("%d: %+v", code, a)
		}
		s.Close()
		if a := demo.Send(t.Context(), s.URL, []byte("{}"), nil); a.Why != "connection" {
			t.Errorf("a closed door: %+v", a)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if a := demo.Send(gone, inside.URL, []byte("{}"), nil); a.OK() {
		t.Error("sent although it was stopped")
	}
}

func TestSignaturesOfBothSecretsVerify(t *testing.T) {
	t.Parallel()
	now, body := time.Unix(1796000000, 0), []byte(`{"id":"x"}`)
	h := Sign([]string{"new", "old"}, now, body)
	for _, c := range []struct {
		secret, header, body string
		at                   time.Time
		want                 bool
	}{
		{"new", h, string(body), now, true}, {"old", h, string(body), now.Add(4 * time.Minute), true}, {"other", h, string(body), now, false},
		{"new", h, `{"id":"y"}`, now, false}, {"new", h, string(body), now.Add(6 * time.Minute), false}, {"new", "", string(body), now, false},
		{"new", "v1=00,t=1", string(body), now, false}, {"new", strings.Replace(h, "t=1796000000", "t=1796000060", 1), string(body), now, false},
	} {
		if got := Verify(c.secret, c.header, []byte(c.body), c.at, 5*time.Minute); got != c.want {
			t.Errorf("%s %q: %v", c.secret, c.header, got)
		}
	}
}

func TestWaitsGrowAndEnd(t *testing.T) {
	t.Parallel()
	last := time.Duration(0)
	for n := 1; n < MostAttempts; n++ {
		w, ok := Wait(n)
		if !ok || w <= last {
			t.Errorf("after failure %d: %v, %v", n, w, ok)
		}
		last = w
	}
	if _, ok := Wait(MostAttempts); ok {
		t.Error("the last failure is followed by another attempt")
	}
	for n := 1; n < 2000; n++ {
		if r := rest(n); r < 5*time.Second || r > 10*time.Minute {
			t.Fatalf("after %d failures an address rests for %v", n, r)
		}
	}
	now := time.Unix(1796000000, 0)
	if giveUp(19, now.Add(-24*time.Hour), now) || giveUp(500, now.Add(-time.Hour), now) || !giveUp(20, now.Add(-6*time.Hour), now) {
		t.Error("an address is paused too early or too late")
	}
}

func TestASecretOpensForItsAddressOnly(t *testing.T) {
	t.Parallel()
	s, err := NewSeal([]byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.close("a", "fchs_x")
	if got, err := s.open("a", sealed); err != nil || got != "fchs_x" {
		t.Errorf("%q, %v", got, err)
	}
	other, _ := NewSeal([]byte("two"))
	for _, err := range []error{second(s.open("b", sealed)), second(other.open("a", sealed)), second(s.open("a", nil)), second(s.open("a", sealed[:20]))} {
		if !errors.Is(err, errSealed) {
			t.Errorf("opened: %v", err)
		}
	}
}

func second(_ string, err error) error { return err }
