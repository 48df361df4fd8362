package signin

import (
	"errors"
	"net/http"

	"forecourt/internal/identity"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"
)

// LoginPage asks who comes.
type LoginPage struct {
	web.Base
	Errors   web.FieldErrors
	Email    string
	Next     string // where he wanted to go; empty or safe
	Password string // of every demo login; empty outside the demo
	Offices  []DemoLogin
	Dealers  []DemoMarket
	SignOn   SignOn // where to go instead; zero when the form is right
}

// errWait is told on the page itself, so that the e-mail stays.
const errWait = "signin.wait"

func (s *Surface) showLogin(c echo.Context) error {
	page, err := s.page(c, c.QueryParam("next"))
	if err != nil {
		return err
	}
	return s.kit.Show(c, http.StatusOK, "shared/login", page)
}

func (s *Surface) page(c echo.Context, next string) (*LoginPage, error) {
	p := &LoginPage{Base: s.kit.BaseFor(c)}
	p.P = s.kit.Catalogue.Printer(wanted(c.Request().Header.Get("Accept-Language")))
	p.Title, p.NoIndex = p.T("signin.title"), true
	if next, ok := LocalPath(next); ok {
		p.Next = next
	}
	if !s.kit.Demo {
		return p, nil
	}
	return p, s.addDemos(c.Request().Context(), p)
}

// The page comes before anybody is known: it speaks the browser's language. English is first, so
// that it is taken when nothing fits.
var (
	tongues = []string{"en-GB", "it-IT", "fr-FR", "de-DE", "es-ES", "ro-RO"}
	matcher = language.NewMatcher([]language.Tag{language.BritishEnglish, language.Italian, language.French, language.German, language.Spanish, language.Romanian})
)

func wanted(accept string) string {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return tongues[0]
	}
	_, i, _ := matcher.Match(tags...)
	return tongues[i]
}

func (s *Surface) submitLogin(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	// Not cleaned: a password is what was typed, spaces and all.
	u, err := s.door.Login(ctx, f.Value("email"), c.Request().PostForm.Get("password"), c.RealIP())
	if err == nil {
		if u.Second {
			if err = s.kit.Sessions.AskSecond(ctx, u); err != nil {
				return err
			}
			return web.SeeOther(c, secondURL(f.Value("next")))
		}
		if err = s.kit.Sessions.SignIn(ctx, u); err != nil {
			return err
		}
		return web.SeeOther(c, destination(u, f.Value("next")))
	}
	var instead SignOn
	status := http.StatusUnprocessableEntity
	switch {
	case errors.Is(err, limit.ErrLimited):
		status = http.StatusTooManyRequests
		c.Response().Header().Set("Retry-After", "900")
		f.Reject("email", errWait)
	case fault.KindOf(err) == fault.Invalid:
		if instead, err = s.instead(c, f.Value("email"), err); err != nil {
			return err
		}
		if instead.Group != "" {
			f.Reject("email", identity.ErrUseSSO.Key)
		}
		f.Reject("email", identity.ErrLogin.Key) // the first word stands
	default:
		return err
	}
	page, err := s.page(c, f.Value("next"))
	if err != nil {
		return err
	}
	page.Errors, page.Email, page.SignOn = f.Errors(), f.Value("email"), instead
	return s.kit.Show(c, status, "shared/login", page)
}

func (s *Surface) submitLogout(c echo.Context) error {
	if err := s.kit.Sessions.SignOut(c.Request().Context()); err != nil {
		return err
	}
	// What a page kept on this device for times without a connection goes with whoever kept it.
	c.Response().Header().Set("Clear-Site-Data", `"storage"`)
	return web.SeeOther(c, "/login")
}
