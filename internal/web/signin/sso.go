package signin

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// SignOn is a group whose own provider lets its staff in.
type SignOn struct {
	Group id.Group
	Name  string
}

// SSOPage asks for a mail address, by whose domain the provider is found, and says what went wrong on the way.
type SSOPage struct {
	web.Base
	Errors web.FieldErrors
	Email  string
	Next   string
	SignOn SignOn // known already; zero when it is asked for
}

// SSOGoPage stands for a moment between here and the provider: browsers hold a form to the addresses that the
// page with it may lead to, and providers are as many as groups.
type SSOGoPage struct {
	web.Base
	URL  string
	Host string
}

// ssoTries bounds how often one address may begin.
var ssoTries = limit.Rule{Name: "login.sso", Max: 120, Window: 15 * time.Minute}

// instead is where somebody whose login failed has to go. It follows from what was typed, so it tells nobody
// who has an account.
func (s *Surface) instead(c echo.Context, email string, failed error) (SignOn, error) {
	p, ok, err := s.sso.UseSSO(c.Request().Context(), email, failed)
	if err != nil || !ok {
		return SignOn{}, err
	}
	return SignOn{p.Group, p.GroupName}, nil
}

func (s *Surface) ssoPage(c echo.Context, next string) *SSOPage {
	p := &SSOPage{Base: s.kit.BaseFor(c)}
	p.P = s.kit.Catalogue.Printer(wanted(c.Request().Header.Get("Accept-Language")))
	p.Title, p.NoIndex = p.T("sso.title"), true
	if next, ok := LocalPath(next); ok {
		p.Next = next
	}
	return p
}

func (s *Surface) showSSO(c echo.Context) error {
	return s.kit.Show(c, http.StatusOK, "shared/sso", s.ssoPage(c, c.QueryParam("next")))
}

// beginSSO finds the provider by group or by mail domain, and shows the way to it.
func (s *Surface) beginSSO(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	p := s.ssoPage(c, f.Value("next"))
	p.Email = f.Value("email")
	if err := limit.Take(ctx, s.kit.DB, ssoTries, c.RealIP()); err != nil {
		return s.ssoFailed(c, p, f, err)
	}
	x, ok, err := s.sso.Of(ctx, id.Group(f.Value("group")))
	if err == nil && !ok {
		x, ok, err = s.sso.ForEmail(ctx, p.Email)
	}
	if err == nil && !ok {
		err = identity.ErrSSONobody
	}
	if err != nil {
		return s.ssoFailed(c, p, f, noDomain(err))
	}
	_, locked := s.kit.Sessions.Locked(ctx)
	d, err := s.sso.Begin(ctx, x.Group, p.Next, s.browser(c), locked)
	if err != nil {
		p.SignOn = SignOn{x.Group, x.GroupName}
		return s.ssoFailed(c, p, f, err)
	}
	s.keepBrowser(c, d.Browser)
	to := &SSOGoPage{Base: p.Base, URL: d.URL, Host: d.Host}
	to.Title = p.T("sso.go_title", "Host", d.Host)
	c.Response().Header().Set("Refresh", "0; url="+d.URL)
	c.Response().Header().Set("Referrer-Policy", "no-referrer")
	return s.kit.Show(c, http.StatusOK, "shared/sso_go", to)
}

// noDomain: a mail domain that nobody has set up, which says nothing of any account.
func noDomain(err error) error {
	if errors.Is(err, identity.ErrSSONobody) {
		return errNoDomain
	}
	return err
}

var errNoDomain = fault.New(fault.Invalid, "sso.no_domain", "signin.SSO")

// ssoFailed shows the page with a sentence; errors that are ours come back.
func (s *Surface) ssoFailed(c echo.Context, p *SSOPage, f *web.Form, err error) error {
	status := web.StatusOf(err)
	switch {
	case errors.Is(err, limit.ErrLimited):
		c.Response().Header().Set("Retry-After", "900")
		f.Reject("email", errWait)
	case errors.Is(err, identity.ErrSSODown):
		s.kit.Log.WarnContext(c.Request().Context(), "a sign-on provider does not answer", "group", p.SignOn.Group, "reason", err.Error())
		f.Reject("email", identity.ErrSSODown.Key)
	case fault.KindOf(err) == fault.Invalid:
		s.kit.Log.InfoContext(c.Request().Context(), "a sign-on was refused", "group", p.SignOn.Group, "reason", err.Error())
		if err := f.RejectFault("email", err); err != nil {
			return err
		}
	default:
		return err
	}
	p.Errors = f.Errors()
	return s.kit.Show(c, status, "shared/sso", p)
}

// finishSSO takes the provider's answer. It is a GET because the protocol has it so; it does something only once,
// and only in the browser that began it.
func (s *Surface) finishSSO(c echo.Context) error {
	ctx := c.Request().Context()
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if err := limit.Take(ctx, s.kit.DB, ssoTries, "back", c.RealIP()); err != nil {
		return s.ssoFailed(c, s.ssoPage(c, ""), f, err)
	}
	group := id.Group(c.Param("group"))
	e, err := s.sso.Finish(ctx, identity.Return{Group: group, State: c.QueryParam("state"), Code: c.QueryParam("code"), Issuer: c.QueryParam("iss"),
		Refused: c.QueryParam("error"), Browser: s.browser(c)})
	if err != nil {
		p := s.ssoPage(c, e.Next)
		p.SignOn.Group = group
		if x, ok, err := s.sso.Of(ctx, group); err != nil {
			return err
		} else if ok {
			p.SignOn.Name = x.GroupName
		} else {
			p.SignOn = SignOn{}
		}
		return s.ssoFailed(c, p, f, err)
	}
	if err := s.kit.Sessions.Enter(ctx, e); err != nil {
		return err
	}
	if e.Owes {
		return web.SeeOther(c, secondURL(e.Next))
	}
	return web.SeeOther(c, destination(e.User, e.Next))
}

// cookie is the name of the one that binds an answer to the browser that went.
func (s *Surface) cookie() string {
	if strings.HasPrefix(s.kit.BaseURL, "https://") {
		return "__Host-forecourt-sso"
	}
	return "forecourt-sso"
}

func (s *Surface) browser(c echo.Context) string {
	x, err := c.Cookie(s.cookie())
	if err != nil {
		return ""
	}
	return x.Value
}

func (s *Surface) keepBrowser(c echo.Context, value string) {
	c.SetCookie(&http.Cookie{Name: s.cookie(), Value: value, Path: "/", MaxAge: 600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(s.kit.BaseURL, "https://")})
}
