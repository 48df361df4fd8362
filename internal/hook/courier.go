package hook

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// Courier brings messages to addresses that strangers chose. It reaches public addresses only, follows no redirect, uses
// no proxy and reads almost nothing of the answer. Where a name leads is checked when the connection is made, not before:
// a name can lead elsewhere a moment later.
type Courier struct {
	client *http.Client
	// loopback is for a demo alone: http and this machine are reached too.
	loopback bool
}

// timeout of one attempt, all in all; two fit into a job.
const timeout = 5 * time.Second

// NewCourier makes one. With loopback, this machine's own addresses are allowed, without TLS too.
func NewCourier(loopback bool) *Courier {
	c := &Courier{loopback: loopback}
	d := &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error { return c.guard(address) }}
	c.client = &http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: d.DialContext, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout, MaxIdleConnsPerHost: 1, MaxIdleConns: 20,
			IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 16 << 10, ForceAttemptHTTP2: true}}
	return c
}

var errPrivate = errors.New("not a public address")

func (c *Courier) guard(address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !c.reachable(ap.Addr()) {
		return errPrivate
	}
	return nil
}

// notPublic are ranges that net/netip does not know by a name of their own (IANA special-purpose registries).
var notPublic = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// reachable tells whether a message may go to an address.
func (c *Courier) reachable(a netip.Addr) bool {
	a = a.Unmap()
	if a.IsLoopback() {
		return c.loopback
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// CheckURL refuses what can never be an address of a dealer's system, for the form; where its name leads is checked again
// on every connection.
func (c *Courier) CheckURL(raw string) (string, error) {
	if len(raw) > 500 || strings.ContainsFunc(raw, func(r rune) bool {
		return r > unicode.MaxASCII || unicode.IsSpace(r) || unicode.IsControl(r) || r == '\\'
	}) {
		return "", ErrURL
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return "", ErrURL
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return "", ErrURL
		}
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if a, err := netip.ParseAddr(host); err == nil {
		if !c.reachable(a) {
			return "", ErrPrivate
		}
		local = a.Unmap().IsLoopback()
	} else if local && !c.loopback || strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, ".local") {
		return "", ErrPrivate
	} else if !local && !strings.Contains(host, ".") {
		return "", ErrURL
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && c.loopback && local) {
		return "", ErrHTTPS
	}
	return u.String(), nil
}

// Answer is what came of one attempt.
type Answer struct {
	Code int           // 0 when there was none
	Why  string        // a word for what went wrong: hook.why.<why>; empty when it arrived
	Took time.Duration // by the caller's clock
}

// OK tells whether the message arrived.
func (a Answer) OK() bool { return a.Why == "" }

// Send brings a message once.
func (c *Courier) Send(ctx context.Context, to string, body []byte, header map[string]string) Answer {
	if _, err := c.CheckURL(to); err != nil {
		return Answer{Why: "refused"}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(string(body)))
	if err != nil {
		return Answer{Why: "refused"}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Forecourt-Webhooks/1")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return Answer{Why: reason(err)}
	}
	defer func() { _ = res.Body.Close() }()
	// A little is read, so that the connection can be used again; what it says is nobody's business.
	_, _ = io.CopyN(io.Discard, res.Body, 4<<10)
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return Answer{Code: res.StatusCode}
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return Answer{Code: res.StatusCode, Why: "redirect"}
	case res.StatusCode == http.StatusGone:
		return Answer{Code: res.StatusCode, Why: "gone"}
	}
	return Answer{Code: res.StatusCode, Why: "answer"}
}

// reason is the one word that is kept of an error: its text may hold addresses of our own network.
func reason(err error) string {
	var timeout net.Error
	var dns *net.DNSError
	switch {
	case errors.Is(err, errPrivate):
		return "private"
	case errors.As(err, &dns):
		return "name"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case strings.Contains(err.Error(), "tls:"), strings.Contains(err.Error(), "x509:"), strings.Contains(err.Error(), "HTTP response to HTTPS"):
		return "certificate"
	}
	return "connection"
}
