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
	"time"
	"unicode"

	"forecourt/internal/platform/outward"
)

// Courier brings messages to addresses that strangers chose, by a client that reaches public addresses only, and reads
// almost nothing of the answer.
type Courier struct {
	client *http.Client
	out    outward.Options
}

// timeout of one attempt, all in all; two fit into a job.
const timeout = 5 * time.Second

// NewCourier makes one. With loopback, for a demo alone, this machine's own addresses are allowed, without TLS too.
func NewCourier(loopback bool) *Courier {
	o := outward.Options{Demo: loopback, Timeout: timeout, MaxBody: 4 << 10}
	return &Courier{client: outward.NewClient(o), out: o}
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
		if !c.out.MayReach(a) {
			return "", ErrPrivate
		}
		local = a.Unmap().IsLoopback()
	} else if local && !c.out.Demo || strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, ".local") {
		return "", ErrPrivate
	} else if !local && !strings.Contains(host, ".") {
		return "", ErrURL
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && c.out.Demo && local) {
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
	_, _ = io.Copy(io.Discard, res.Body)
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
	case errors.Is(err, outward.ErrAddress):
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
