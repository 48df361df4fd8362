package dealer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/identity"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/ical"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const (
	feedPath = "/dealer/feed"
	openFeed = "/calendar/"
)

// How often a calendar may be fetched by its secret, and an unknown secret tried from one place. Programs ask every few minutes at most.
var (
	feedReads = limit.Rule{Name: "calendar.link", Max: 60, Window: 15 * time.Minute}
	feedTries = limit.Rule{Name: "calendar.tries", Max: 120, Window: 15 * time.Minute}
)

// feedBack is how long a handover stays in the calendar.
const feedBack = 30 * 24 * time.Hour

// FeedPage makes and ends the reader's own address of the site's calendar.
type FeedPage struct {
	Page
	Since string // when the address was made; empty when there is none
	URL   string // the address, on the page that made it and never again
}

// feedHash is what is kept of a secret: a keyed hash, worth nothing to who reads the table.
func (h *Handlers) feedHash(secret string) string { return h.cars.Tokens.Of("calendar", secret) }

func (h *Handlers) feedPage(c echo.Context, s site) (*FeedPage, error) {
	p := &FeedPage{Page: h.page(c, s, "", "handovers")}
	p.Title = p.T("dealer.feed.title")
	since, err := identity.CalendarSince(h.kit.DB.Read(c.Request().Context()), s.user.ID, s.dealer.Code)
	if !since.IsZero() {
		p.Since = p.When(since)
	}
	return p, err
}

func (h *Handlers) showFeed(c echo.Context) error {
	return web.View(h.kit, c, h.siteOf, "dealer/feed", h.feedPage)
}

// makeFeed makes a new address; the one of before ends. The answer is the page itself and no redirect: the secret is
// shown once. The same form sent again makes nothing and shows nothing.
func (h *Handlers) makeFeed(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return err
	}
	secret, made := base64.RawURLEncoding.EncodeToString(raw), false
	to, err := h.kit.Once(c, f, "dealer.feed "+string(s.user.ID)+" "+string(s.dealer.Code), func(_ context.Context, tx *db.Tx) (string, error) {
		made = true
		return feedPath, identity.NewCalendarLinkTx(tx, s.user.ID, s.dealer.Code, h.feedHash(secret))
	})
	if err != nil {
		return err
	}
	if !made {
		return web.SeeOther(c, to)
	}
	p, err := h.feedPage(c, s)
	if err != nil {
		return err
	}
	p.URL = strings.TrimSuffix(h.kit.BaseURL, "/") + openFeed + secret + ".ics"
	c.Response().Header().Set("Cache-Control", "no-store")
	return h.kit.Show(c, http.StatusOK, "dealer/feed", p)
}

func (h *Handlers) endFeed(c echo.Context) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, _ *web.Form) (web.Act, error) {
		return web.Act{Name: "dealer.feed_end " + string(s.user.ID) + " " + string(s.dealer.Code), Do: func(_ context.Context, tx *db.Tx) (string, error) {
			return feedPath + "?done=feed_ended", identity.EndCalendarLinkTx(tx, s.user.ID, s.dealer.Code)
		}}, nil
	})
}

// readFeed answers the calendar of a site to who has its secret address, as long as the person whose address it is may
// see the site. All that is wrong with an address looks the same.
func (h *Handlers) readFeed(c echo.Context) error {
	ctx, head := c.Request().Context(), c.Response().Header()
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("X-Robots-Tag", "noindex, nofollow")
	secret := strings.TrimSuffix(c.Param("token"), ".ics")
	if raw, err := base64.RawURLEncoding.DecodeString(secret); err != nil || len(raw) != 32 {
		return web.ErrNotFound
	}
	hash := h.feedHash(secret)
	g := h.kit.DB.Read(ctx)
	_, code, ok, err := identity.CalendarReader(g, hash, h.kit.Demo)
	if err != nil {
		return err
	}
	if !ok {
		if err := limit.Take(ctx, h.kit.DB, feedTries, c.RealIP()); err != nil {
			return err
		}
		return web.ErrNotFound
	}
	if err := limit.Take(ctx, h.kit.DB, feedReads, hash); err != nil {
		return err
	}
	d, ok := h.kit.World.Now().Dealer(code)
	if !ok {
		return web.ErrNotFound
	}
	mk, ok := h.kit.World.Now().Market(d.Market)
	if !ok {
		return web.ErrNotFound
	}
	list, changed, err := allocation.CalendarOf(g, code, h.cars.Flows(), h.kit.DB.Clock.Now().Add(-feedBack).Truncate(24*time.Hour))
	if err != nil {
		return err
	}
	p := h.kit.Catalogue.Printer(mk.Locale)
	moves, moved, err := h.moveEvents(ctx, p, d)
	if err != nil {
		return err
	}
	if moved.After(changed) {
		changed = moved
	}
	body := feed(p, d, list, moves)
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	head.Set("ETag", tag)
	head.Set("Cache-Control", "private, no-cache")
	if !changed.IsZero() {
		head.Set("Last-Modified", changed.UTC().Format(http.TimeFormat))
	}
	if fresh(c.Request(), tag, changed) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", body)
}

// fresh tells whether the asker has the calendar as it is. A tag decides alone where one is given (RFC 9110, 13.2.2); a
// time counts only when its second is over, because what comes later in it would never be seen.
func fresh(r *http.Request, tag string, changed time.Time) bool {
	if tags := r.Header.Get("If-None-Match"); tags != "" {
		for t := range strings.SplitSeq(tags, ",") {
			if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !changed.IsZero() && changed.Before(since)
}

// feed writes what a site has before it. It names the time, the car, the end of its VIN and the order's number: no person.
func feed(p *i18n.Printer, d *network.Dealer, list []allocation.Appointed, more []ical.Event) []byte {
	c := ical.Calendar{Name: p.T("dealer.feed.name", "Site", d.Name), Zone: d.Zone(), Refresh: 15 * time.Minute}
	for _, a := range list {
		what := p.T("dealer.feed." + a.Kind)
		switch { // of a step what is to be done is due, not the state that it begins with
		case a.Over:
			what = p.T("dealer.feed.done")
		case a.Kind == "stage":
			what = p.T("dealer.feed.stage", "State", p.T("dealer.task."+a.State))
		}
		car := strings.TrimSpace(a.Model + " " + a.Version)
		if n := len(a.VIN); n > 6 {
			car += ", " + a.VIN[n-6:]
		}
		c.Events = append(c.Events, ical.Event{UID: a.Number + "-" + a.Kind + "@forecourt", Stamp: a.Stamp, Start: a.StartsAt, End: a.EndsAt,
			Summary: p.Pair(what, car+" ("+a.Number+")"), Location: d.Name})
	}
	c.Events = append(c.Events, more...)
	return c.Bytes()
}
