package outward

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// ErrAddress refuses an address that a client of this package does not call.
var ErrAddress = errors.New("outward: not a public https address")

// Options tune a client; zero values are sensible.
type Options struct {
	// Demo lets plain http and this machine's own addresses pass; other private ones never do.
	Demo    bool
	Timeout time.Duration // of a whole exchange; 5 s when zero
	MaxBody int64         // of an answer; 1 MiB when zero
}

// NewClient makes a client. It is safe for many at once, and meant to be kept.
func NewClient(o Options) *http.Client {
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.MaxBody == 0 {
		o.MaxBody = 1 << 20
	}
	dialer := &net.Dialer{Timeout: o.Timeout, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error { return o.Guard(address) }}
	return &http.Client{
		Timeout: o.Timeout,
		Transport: door{o, &http.Transport{DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: o.Timeout,
			ResponseHeaderTimeout: o.Timeout, MaxResponseHeaderBytes: 64 << 10, MaxConnsPerHost: 8, IdleConnTimeout: 30 * time.Second}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// door looks at every request before it is sent, and bounds what comes back.
type door struct {
	o    Options
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (d door) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := d.o.Check(r.URL); err != nil {
		return nil, err
	}
	res, err := d.next.RoundTrip(r)
	if err == nil {
		res.Body = body{io.LimitReader(res.Body, d.o.MaxBody), res.Body}
	}
	return res, err
}

type body struct {
	io.Reader
	io.Closer
}

// Check refuses an address by its form alone: another scheme than https, a name before the host, an address
// in figures that is not public. What a name stands for is looked at when it is called.
func (o Options) Check(u *url.URL) error {
	if u == nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return ErrAddress
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !o.MayReach(a) {
		return ErrAddress
	}
	if u.Scheme == "https" || u.Scheme == "http" && o.Demo && isOwn(u.Hostname()) {
		return nil
	}
	return ErrAddress
}

// isOwn tells names of this machine.
func isOwn(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap().IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// Guard refuses to connect to an address and port that is not public; ErrAddress.
func (o Options) Guard(address string) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !o.MayReach(a.Addr()) {
		return fmt.Errorf("%w: %s", ErrAddress, address)
	}
	return nil
}

// MayReach tells whether a client of these options connects to an address.
func (o Options) MayReach(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return Public(a) || o.Demo && a.IsLoopback()
}

// notPublic are networks that are nobody's on the internet, or that lead to an address behind another one.
// Source: the special-purpose registries of IANA for IPv4 and IPv6.
var notPublic = func() (out []netip.Prefix) {
	for _, s := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10"} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}()

// Public tells whether an address is somebody's on the internet.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
