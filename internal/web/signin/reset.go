package signin

import (
	"errors"
	"net/http"

	"forecourt/internal/identity"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ResetPage asks whoever opens the link of a reset for a new password.
type ResetPage struct {
	web.Base
	Errors      web.FieldErrors
	URL         string
	Name, Email string
	Second      bool // the account has a second factor, which goes with the old password
}

// showReset changes nothing: programs that follow the links of mails use up no reset.
func (s *Surface) showReset(c echo.Context) error {
	r, err := s.resetOf(c)
	if err != nil {
		return err
	}
	p, err := s.resetPage(c, r)
	if err != nil {
		return err
	}
	return s.kit.Show(c, http.StatusOK, "shared/reset", p)
}

// resetOf opens the link of the address. All that is wrong with it looks the same.
func (s *Surface) resetOf(c echo.Context) (identity.Reset, error) {
	if err := limit.Take(c.Request().Context(), s.kit.DB, linkTries, "reset", c.RealIP()); err != nil {
		return identity.Reset{}, err
	}
	return s.door.ResetBy(c.Request().Context(), c.Param("token"))
}

func (s *Surface) resetPage(c echo.Context, r identity.Reset) (*ResetPage, error) {
	p := &ResetPage{Base: s.kit.BaseFor(c), URL: "/login/reset/" + c.Param("token"), Name: r.Name, Email: r.Email}
	w := s.kit.World.Now()
	if d, ok := w.Dealer(r.Dealer); ok {
		if m, ok := w.Market(d.Market); ok {
			p.P = s.kit.Catalogue.Printer(m.Locale)
		}
	}
	p.Title, p.NoIndex = p.T("account.reset.title"), true
	held, err := s.factors.Of(c.Request().Context(), identity.User{ID: r.User})
	p.Second = held.TOTP || len(held.Passkeys) > 0
	return p, err
}

// reset sets the new password and signs its owner in: to his sign-in page, where he sees what he holds now, and sets up a
// second factor where he had one.
func (s *Surface) reset(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	r, err := s.resetOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	u, err := s.keeper.Reset(ctx, c.Param("token"), c.Request().PostForm.Get("password"))
	if err == nil {
		if err := s.kit.Sessions.SignIn(ctx, u); err != nil {
			return err
		}
		return web.SeeOther(c, "/account?done=reset")
	}
	if !errors.Is(err, identity.ErrPassword) {
		return err
	}
	f.Reject("password", identity.ErrPassword.Key)
	p, err := s.resetPage(c, r)
	if err != nil {
		return err
	}
	p.Errors = f.Errors()
	return s.kit.Show(c, http.StatusUnprocessableEntity, "shared/reset", p)
}

// changePassword gives the reader another password. Which of the two was wrong is said beside it.
func (s *Surface) changePassword(c echo.Context) error {
	u, _ := web.User(c)
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx, typed := c.Request().Context(), c.Request().PostForm
	err = s.keeper.ChangePassword(ctx, u, s.kit.Sessions.Here(ctx), typed.Get("password_old"), typed.Get("password_new"))
	switch {
	case err == nil:
		return web.SeeOther(c, "/account?done=password")
	case errors.Is(err, identity.ErrNoPassword):
		return s.refuse(c, u, f, http.StatusConflict, identity.ErrNoPassword.Key)
	case errors.Is(err, identity.ErrPassword):
		return s.again(c, u, f, "password_new", err)
	}
	return s.again(c, u, f, "password_old", err)
}
