package signin

import (
	"errors"
	"net/http"
	"net/url"

	"forecourt/internal/identity"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// SecondPage asks for the second factor of somebody who has shown his password.
type SecondPage struct {
	web.Base
	Errors web.FieldErrors
	Next   string
}

func secondURL(next string) string {
	if _, ok := LocalPath(next); !ok {
		return "/login/second"
	}
	return "/login/second?next=" + url.QueryEscape(next)
}

func (s *Surface) secondPage(c echo.Context, next string) *SecondPage {
	p := &SecondPage{Base: s.kit.BaseFor(c)}
	p.P = s.kit.Catalogue.Printer(wanted(c.Request().Header.Get("Accept-Language")))
	p.Title, p.NoIndex = p.T("account.second_title"), true
	if next, ok := LocalPath(next); ok {
		p.Next = next
	}
	return p
}

func (s *Surface) showSecond(c echo.Context) error {
	if _, ok := s.kit.Sessions.Half(c.Request().Context()); !ok {
		return web.SeeOther(c, "/login")
	}
	return s.kit.Show(c, http.StatusOK, "shared/second", s.secondPage(c, c.QueryParam("next")))
}

func (s *Surface) submitSecond(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	u, ok := s.kit.Sessions.Half(ctx)
	if !ok {
		return web.SeeOther(c, "/login")
	}
	err = s.factors.Check(ctx, u, f.Value("code"))
	if err == nil {
		if err := s.kit.Sessions.GoOn(ctx, u); err != nil {
			return err
		}
		return web.SeeOther(c, destination(u, f.Value("next")))
	}
	status, err := rejected(c, f, "code", err)
	if err != nil {
		return err
	}
	p := s.secondPage(c, f.Value("next"))
	p.Errors = f.Errors()
	return s.kit.Show(c, status, "shared/second", p)
}

// rejected puts a refusal beside its field and gives the answer's status; other errors come back.
func rejected(c echo.Context, f *web.Form, field string, err error) (int, error) {
	if errors.Is(err, limit.ErrLimited) {
		c.Response().Header().Set("Retry-After", "900")
		f.Reject(field, errWait)
		return http.StatusTooManyRequests, nil
	}
	if errors.Is(err, identity.ErrLogin) {
		f.Reject(field, "account.password_wrong")
		return http.StatusUnprocessableEntity, nil
	}
	return http.StatusUnprocessableEntity, f.RejectFault(field, err)
}

// askPasskey gives the browser a challenge for a device that is there.
func (s *Surface) askPasskey(c echo.Context) error {
	if _, err := web.ReadForm(c); err != nil { // nothing is asked for; a body that is too large is refused
		return err
	}
	ctx := c.Request().Context()
	if err := limit.Take(ctx, s.kit.DB, linkTries, "passkey", c.RealIP()); err != nil {
		return err
	}
	ask, err := s.factors.AskPasskey(ctx)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, ask)
}

// submitPasskey signs in whose device answered. It is two factors in one: the device, and what it asked its
// owner for.
func (s *Surface) submitPasskey(c echo.Context) error {
	ctx := c.Request().Context()
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	// Who owes a second factor after his group's provider has let him in may show a device for it.
	half, isHalf := s.kit.Sessions.Half(ctx)
	bySSO := isHalf && s.kit.Sessions.BySSO(ctx)
	if !bySSO {
		half.ID = ""
	}
	var u identity.User
	if err = limit.Take(ctx, s.kit.DB, linkTries, "passkey answer", c.RealIP()); err == nil {
		u, err = s.factors.ByPasskey(ctx, f.Value("key"), []byte(c.Request().PostForm.Get("answer")), half.ID)
	}
	if err == nil {
		enter := s.kit.Sessions.SignIn
		if bySSO && u.ID == half.ID {
			enter = s.kit.Sessions.GoOn
		}
		if err := enter(ctx, u); err != nil {
			return err
		}
		return web.SeeOther(c, destination(u, f.Value("next")))
	}
	if fault.KindOf(err) == fault.Invalid {
		s.kit.Log.InfoContext(ctx, "a passkey was refused", "reason", err.Error())
	}
	status, err := rejected(c, f, "email", err)
	if err != nil {
		return err
	}
	page, err := s.page(c, f.Value("next"))
	if err != nil {
		return err
	}
	page.Errors = f.Errors()
	return s.kit.Show(c, status, "shared/login", page)
}

func (s *Surface) showUnlock(c echo.Context) error {
	u, ok := s.kit.Sessions.Locked(c.Request().Context())
	next, local := LocalPath(c.QueryParam("next"))
	if !local {
		next = ""
	}
	if !ok {
		if next == "" {
			next = "/login"
		}
		return web.SeeOther(c, next)
	}
	p := s.kit.UnlockPage(c, u, nil)
	p.URL, p.Next = "/login/unlock", next
	return s.kit.Show(c, http.StatusOK, "shared/unlock", p)
}

func (s *Surface) submitUnlock(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	u, ok := s.kit.Sessions.Locked(c.Request().Context())
	if !ok {
		return web.SeeOther(c, "/login")
	}
	open, err := s.kit.TryUnlock(c, f, u, c.Request().PostForm.Get(web.UnlockField))
	if err != nil {
		return err
	}
	if open {
		return web.SeeOther(c, destination(u, f.Value("next")))
	}
	p := s.kit.UnlockPage(c, u, f)
	p.URL = "/login/unlock"
	if next, ok := LocalPath(f.Value("next")); ok {
		p.Next = next
	}
	return s.kit.Show(c, http.StatusUnprocessableEntity, "shared/unlock", p)
}
