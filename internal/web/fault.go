package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"forecourt/internal/identity"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/log"
	"forecourt/internal/platform/telemetry"

	"github.com/labstack/echo/v4"
)

// Faults of the kit.
var (
	ErrSignIn    = fault.New(fault.Unsigned, "fault.unsigned", "web")
	ErrForbidden = fault.New(fault.Forbidden, "fault.forbidden", "web")
	ErrNotFound  = fault.New(fault.NotFound, "fault.not_found", "web")
	ErrTooLarge  = fault.New(fault.TooLarge, "fault.too_large", "web")
	ErrBadForm   = fault.New(fault.BadRequest, "fault.bad_request", "web")
	errLimited   = fault.New(fault.Limited, "fault.limited", "web")
	errMethod    = fault.New(fault.BadRequest, "fault.method", "web")
)

var statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.Forbidden: http.StatusForbidden, fault.Unsigned: http.StatusUnauthorized, fault.Gone: http.StatusGone,
	fault.Limited: http.StatusTooManyRequests, fault.Closed: http.StatusConflict, fault.TooLarge: http.StatusRequestEntityTooLarge,
	fault.Unavail: http.StatusServiceUnavailable, fault.BadRequest: http.StatusBadRequest,
}

// StatusOf is the status of an error: that of its kind, 500 when nobody gave it one.
func StatusOf(err error) int {
	if s, ok := statuses[fault.KindOf(err)]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// ErrorPage is what a reader sees when something cannot be done.
type ErrorPage struct {
	Base
	Heading   string
	Text      string
	RequestID string // shown for our own mistakes only
	HomeURL   string
}

// Fail is the one place that answers errors, for HTML and JSON. Our own mistakes are logged once
// with the request's id and never shown.
func (k *Kit) Fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	status, key := k.classify(err)
	if status == http.StatusInternalServerError {
		k.Log.ErrorContext(c.Request().Context(), "request failed", "method", telemetry.Method(c.Request().Method), "path", log.RedactPath(c.Request().URL.Path), "error", err.Error())
	}
	if status == http.StatusUnauthorized && (c.Request().Method == http.MethodGet || c.Request().Method == http.MethodHead) && !isAPI(c) {
		_ = c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(c.Request().URL.RequestURI()))
		return
	}
	if again := c.Response().Header().Get("Retry-After"); again == "" && (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) {
		c.Response().Header().Set("Retry-After", "60")
	}
	if isAPI(c) {
		k.failJSON(c, status, key)
		return
	}
	k.failHTML(c, err, status, key)
}

// classify turns any error into a status and a catalogue key.
func (k *Kit) classify(err error) (int, string) {
	var he *echo.HTTPError
	var tooLarge *http.MaxBytesError
	var f *fault.Fault
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, ErrTooLarge.Key
	case errors.As(err, &f):
		return StatusOf(err), f.Key
	case errors.As(err, &he):
		switch he.Code {
		case http.StatusNotFound:
			return he.Code, "fault.not_found"
		case http.StatusMethodNotAllowed:
			return he.Code, errMethod.Key
		case http.StatusRequestEntityTooLarge:
			return he.Code, ErrTooLarge.Key
		}
		if he.Code >= 400 && he.Code < 500 {
			return he.Code, "fault.bad_request"
		}
	}
	return http.StatusInternalServerError, "fault.internal"
}

func isAPI(c echo.Context) bool { return strings.HasPrefix(c.Request().URL.Path, "/api/") }

func (k *Kit) failJSON(c echo.Context, status int, key string) {
	p := k.Catalogue.Printer("en-GB")
	var body struct {
		Error struct {
			Code      string `json:"code"`
			Message   string `json:"message"`
			RequestID string `json:"request_id"`
		} `json:"error"`
	}
	body.Error.Code = strings.TrimPrefix(key, "fault.")
	body.Error.Message = words(p, key, ".title")
	body.Error.RequestID = log.RequestID(c.Request().Context())
	b, _ := json.Marshal(body)
	_ = c.JSONBlob(status, b)
}

// words reads key+suffix, or key alone for messages that are one sentence.
func words(p *i18n.Printer, key, suffix string) string {
	if p.Has(key + suffix) {
		return p.T(key + suffix)
	}
	if p.Has(key) {
		return p.T(key)
	}
	return p.T("fault.internal" + suffix)
}

func (k *Kit) failHTML(c echo.Context, err error, status int, key string) {
	k.staffOf(c)
	base := k.BaseFor(c)
	page := &ErrorPage{Base: base, HomeURL: base.HomeURL()}
	page.Heading = words(base.P, titleKey(base.P, key, status), ".title")
	page.Text = words(base.P, key, ".text")
	if base.User.Role == identity.RoleDealer && base.place == "dealer" {
		page.Nav = base.DealerNav("")
	}
	if key == ErrForbidden.Key {
		page.Text = whoMay(base, Needs(c), page.Text)
	}
	page.Title = page.Heading
	page.NoIndex = true
	if status == http.StatusInternalServerError {
		page.RequestID = log.RequestID(c.Request().Context())
	}
	// A cookie may have chosen the language, and what is not there now may be there in a moment.
	c.Response().Header().Set("Cache-Control", "no-store")
	var buf bytes.Buffer
	if e := k.render(&buf, "shared/error", page); e != nil {
		k.Log.Error("the error page itself failed", "error", e.Error())
		_ = c.HTMLBlob(http.StatusInternalServerError, k.lastResort)
		return
	}
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(status)
		return
	}
	_ = c.HTMLBlob(status, buf.Bytes())
}

// staffOf puts the reader of a portal's error page into the request, when the guard did not come so far: an
// address that leads nowhere has no route, and one that is forbidden has no handler. Public pages read no session.
func (k *Kit) staffOf(c echo.Context) {
	if _, known := User(c); known || k.Sessions == nil {
		return
	}
	place, _, _ := strings.Cut(strings.Trim(c.Request().URL.Path, "/"), "/")
	if place != "dealer" && place != "manager" && place != "account" {
		return
	}
	if u, ok := k.Sessions.UserOf(c.Request().Context()); ok {
		c.Set(userKey, u)
	}
}

// whoMay tells a member of a dealer's staff which roles have the right that is missing, and whom to ask.
func whoMay(b Base, p identity.Permission, otherwise string) string {
	if b.User.Role != identity.RoleDealer {
		return otherwise
	}
	var roles []string
	for _, r := range identity.SiteRoles {
		if slices.Contains(r.May, p) {
			roles = append(roles, b.T("siterole."+string(r.Role)))
		}
	}
	if len(roles) == 0 {
		return otherwise
	}
	return b.T("fault.forbidden.roles", "Roles", strings.Join(roles, ", "))
}

// titleKeys are the headings of messages that are one sentence, by status.
var titleKeys = map[int]string{
	http.StatusBadRequest: "fault.bad_request", http.StatusUnauthorized: "fault.unsigned", http.StatusForbidden: "fault.forbidden",
	http.StatusNotFound: "fault.not_found", http.StatusConflict: "fault.conflict", http.StatusGone: "fault.gone",
	http.StatusRequestEntityTooLarge: "fault.too_large", http.StatusUnprocessableEntity: "fault.invalid",
	http.StatusTooManyRequests: "fault.limited", http.StatusServiceUnavailable: "fault.unavailable",
}

// titleKey is the heading of a message: its own, or that of its kind.
func titleKey(p *i18n.Printer, key string, status int) string {
	if p.Has(key + ".title") {
		return key
	}
	if k, ok := titleKeys[status]; ok {
		return k
	}
	return "fault.internal"
}
