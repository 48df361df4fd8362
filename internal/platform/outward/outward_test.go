package outward

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestOnlyPublicAddressesAreReached(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1",
		"::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1"} {
		if Public(netip.MustParseAddr(s)) {
			t.Errorf("%s is called public", s)
		}
	}
	for _, s := range []string{"1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111"} {
		if !Public(netip.MustParseAddr(s)) {
			t.Errorf("%s is called private", s)
		}
	}
}

func TestTheFormOfAnAddressIsLookedAt(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"http://example.com", "ftp://example.com", "https://", "https:example.com", "https://user:pw@example.com", "https://127.0.0.1", "https://[::1]/", "https://10.0.0.1:443/x", "http://localhost", "file:///etc/passwd"} {
		u, err := url.Parse(s)
		if err == nil && (Options{}).Check(u) == nil {
			t.Errorf("%s is called", s)
		}
	}
	for _, s := range []string{"http://localhost:9/x", "http://127.0.0.1:9", "https://id.example.com"} {
		u, _ := url.Parse(s)
		if err := (Options{Demo: true}).Check(u); err != nil {
			t.Errorf("the demo refuses %s", s)
		}
	}
	for _, s := range []string{"http://example.com", "https://10.0.0.1", "http://192.168.1.1"} {
		u, _ := url.Parse(s)
		if (Options{Demo: true}).Check(u) == nil {
			t.Errorf("the demo calls %s", s)
		}
	}
}

// A name that stands for this machine is refused when the connection is made, whatever it looked like before.
func TestANameIsLookedAtWhenItIsCalled(t *testing.T) {
	t.Parallel()
	hits := 0
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { hits++ }))
	t.Cleanup(s.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "https://"), ":")
	res, err := NewClient(Options{}).Get("https://localhost:" + port + "/")
	if err == nil {
		res.Body.Close()
	}
	if !errors.Is(err, ErrAddress) || hits != 0 {
		t.Errorf("called: %v, %d", err, hits)
	}
}

func TestAnswersAreBoundedAndNotFollowed(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/else", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 5000))
	}))
	t.Cleanup(s.Close)
	c := NewClient(Options{Demo: true, MaxBody: 100})
	res, err := c.Get(s.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, _ := io.ReadAll(res.Body); len(b) != 100 {
		t.Errorf("%d bytes", len(b))
	}
	away, err := c.Get(s.URL + "/away")
	if err != nil {
		t.Fatal(err)
	}
	defer away.Body.Close()
	if away.StatusCode != http.StatusFound {
		t.Errorf("followed: %d", away.StatusCode)
	}
}
