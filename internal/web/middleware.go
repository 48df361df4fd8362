package web

import (
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"forecourt/internal/platform/limit"
	"forecourt/internal/platform/log"
	"forecourt/internal/platform/telemetry"

	"github.com/labstack/echo/v4"
)

// RequestID gives every request an id: of its own making, because a client's could be forged into
// somebody else's log lines.
func RequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b [12]byte
		_, _ = rand.Read(b[:])
		rid := base64.RawURLEncoding.EncodeToString(b[:])
		w.Header().Set("X-Request-Id", rid)
		next.ServeHTTP(w, r.WithContext(log.WithRequestID(r.Context(), rid)))
	})
}

// SecureHeaders sets what every answer carries. cardOrigin is where forms may lead after a redirect:
// browsers check form-action along redirects, so the card page must be named.
func SecureHeaders(cardOrigin string, https bool) func(http.Handler) http.Handler {
	csp := "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' " + cardOrigin
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", csp)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY")
			h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
			h.Set("Permissions-Policy", "geolocation=(self), camera=(), microphone=(), payment=()")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			if https {
				h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
			}
			if secretPath(r.URL.Path) {
				h.Set("Referrer-Policy", "no-referrer")
				h.Set("Cache-Control", "no-store")
				h.Set("X-Robots-Tag", "noindex")
			}
			next.ServeHTTP(w, r)
		})
	}
}

// secretPath tells paths whose address opens something personal.
func secretPath(p string) bool {
	return strings.Contains(p, "/orders/") || strings.Contains(p, "/checkout/") || strings.Contains(p, "/pay/") || strings.Contains(p, "/invitation/") || strings.HasPrefix(p, "/login/reset/") || strings.Contains(p, "/login/sso/") || strings.HasPrefix(p, "/calendar/")
}

// Recover turns a panic into our own mistake: logged with its trace, answered as such.
func (k *Kit) Recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				k.Log.ErrorContext(c.Request().Context(), "panic", "value", v, "trace", string(debug.Stack()))
				err = echo.NewHTTPError(http.StatusInternalServerError)
			}
		}()
		return next(c)
	}
}

// AccessLog writes one line per request, with secret links redacted and no query.
func AccessLog(l *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			err := next(c)
			if err != nil {
				c.Error(err) // answered now, so that the line tells the true status
			}
			l.InfoContext(c.Request().Context(), "request", "method", telemetry.Method(c.Request().Method), "path", log.RedactPath(c.Request().URL.Path),
				"status", c.Response().Status, "ms", float64(time.Since(start).Microseconds())/1000)
			return err
		}
	}
}

// ClientIP reads the visitor's address: the connection's own, or what trusted proxies say of it.
func ClientIP(trusted []string) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	opts := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, t := range trusted {
		if _, n, err := net.ParseCIDR(t); err == nil {
			opts = append(opts, echo.TrustIPRange(n))
		}
	}
	return echo.ExtractIPFromXFFHeader(opts...)
}

// PostLimit slows down addresses that post more than perSecond, with a burst of ten times that. It
// counts in this process; limits that must hold over all instances count in the database.
func PostLimit(perSecond float64) echo.MiddlewareFunc {
	b := newBuckets(perSecond, int(10*perSecond))
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if c.Request().Method == http.MethodPost && !signed(c.Request().URL.Path) && !b.allow(c.RealIP()) {
				return errLimited
			}
			return next(c)
		}
	}
}

// signed tells paths whose senders are known by a signature: thousands of them may stand behind one address. They bound themselves.
func signed(path string) bool {
	return strings.HasPrefix(path, "/webhooks/") || path == "/api/v1/signals"
}

// Share keeps one network from using up what all visitors of this process have together.
type Share struct{ b *buckets }

// NewShare gives each network perSecond, after a first burst.
func NewShare(perSecond float64, burst int) Share { return Share{newBuckets(perSecond, burst)} }

// Allow tells whether the visitor's network has something left, and takes it.
func (s Share) Allow(c echo.Context) bool { return s.b.allow(c.RealIP()) }

type bucket struct {
	l    *limit.Bucket
	seen time.Time
}

type buckets struct {
	mu    sync.Mutex
	rate  float64
	burst int
	m     map[netip.Prefix]*bucket
}

func newBuckets(perSecond float64, burst int) *buckets {
	return &buckets{rate: perSecond, burst: burst, m: map[netip.Prefix]*bucket{}}
}

// maxBuckets bounds the memory that strangers can make us use.
const maxBuckets = 50_000

func (b *buckets) allow(ip string) bool {
	p := prefixOf(ip)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	x, ok := b.m[p]
	if !ok {
		if len(b.m) >= maxBuckets {
			for k, v := range b.m {
				if now.Sub(v.seen) > time.Minute {
					delete(b.m, k)
				}
			}
			if len(b.m) >= maxBuckets {
				clear(b.m)
			}
		}
		x = &bucket{l: limit.NewBucket(b.rate, b.burst)}
		b.m[p] = x
	}
	x.seen = now
	return x.l.AllowAt(now)
}

// prefixOf is the network that one visitor can use: an IPv4 address, an IPv6 /64.
func prefixOf(ip string) netip.Prefix {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Prefix{}
	}
	a = a.Unmap()
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}
