package signin

import (
	"context"
	"net/http"
	"strings"

	"forecourt/internal/identity"
	"forecourt/internal/platform/fault"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// AccountPage is where a member of staff keeps his own sign-in: second factor, passkeys, devices.
type AccountPage struct {
	web.Base
	Errors  web.FieldErrors
	Problem string
	Must    bool // the group wants a second factor, or a reset took one away, and there is none
	Due     bool // it is because of a reset
	Own     bool // there is a password that the reader may change
	App     bool
	Codes   int
	Keys    []KeyLine
	Devices []DeviceLine
	KeyName string
}

// KeyLine is one passkey.
type KeyLine struct{ ID, Name, Added, Used string }

// DeviceLine is one browser in which the person is signed in.
type DeviceLine struct {
	ID, Name, Since, Seen string
	Here, Locked          bool
}

var accountDone = map[string]bool{"app": true, "app_off": true, "passkey": true, "passkey_off": true, "device": true, "password": true, "reset": true}

func (s *Surface) accountPage(c echo.Context, u identity.User) (*AccountPage, error) {
	ctx := c.Request().Context()
	p := &AccountPage{Base: s.kit.BaseFor(c)}
	p.Title, p.NoIndex = p.T("account.title"), true
	if browser, system, ok := strings.Cut(identity.AgentOf(c.Request().UserAgent()), ", "); ok {
		p.KeyName = p.T("account.key_suggested", "Browser", browser, "System", system)
	}
	held, err := s.factors.Of(ctx, u)
	if err != nil {
		return nil, err
	}
	p.Must, p.Due, p.App, p.Codes = u.Owes(), u.Due, held.TOTP, held.Codes
	if p.Own, err = s.door.HasPassword(ctx, u); err != nil {
		return nil, err
	}
	for _, k := range held.Passkeys {
		l := KeyLine{ID: k.ID, Name: k.Name, Added: p.DateTime(k.CreatedAt)}
		if k.Used {
			l.Used = p.DateTime(k.UsedAt)
		}
		p.Keys = append(p.Keys, l)
	}
	devices, err := s.kit.Sessions.Devices(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	for _, d := range devices {
		name := d.Agent
		if name == "" {
			name = p.T("account.device_unknown")
		}
		p.Devices = append(p.Devices, DeviceLine{ID: d.ID, Name: name, Since: p.DateTime(d.MadeAt), Seen: p.DateTime(d.SeenAt), Here: d.Here, Locked: d.Locked})
	}
	if done := c.QueryParam("done"); accountDone[done] && c.Request().Method != http.MethodPost {
		p.Flash = p.T("account.done." + done)
	}
	return p, nil
}

func (s *Surface) showAccount(c echo.Context) error {
	u, _ := web.User(c)
	p, err := s.accountPage(c, u)
	if err != nil {
		return err
	}
	return s.kit.Show(c, http.StatusOK, "shared/account", p)
}

// again shows the account with what could not be done.
func (s *Surface) again(c echo.Context, u identity.User, f *web.Form, field string, err error) error {
	if fault.KindOf(err) == fault.Conflict {
		return s.refuse(c, u, f, web.StatusOf(err), identity.ErrLastFactor.Key)
	}
	status, err := rejected(c, f, field, err)
	if err != nil {
		return err
	}
	return s.refuse(c, u, f, status, "")
}

// refuse shows the account with the errors of the form, or with a problem that belongs to no field.
func (s *Surface) refuse(c echo.Context, u identity.User, f *web.Form, status int, problem string) error {
	p, err := s.accountPage(c, u)
	if err != nil {
		return err
	}
	p.Errors = f.Errors()
	if f.Has("name") {
		p.KeyName = f.Value("name")
	}
	if problem != "" {
		p.Problem = p.T(problem)
	}
	return s.kit.Show(c, status, "shared/account", p)
}

// AppPage shows the secret of an authenticator app, drawn and in letters, and asks for its first code.
type AppPage struct {
	web.Base
	Errors web.FieldErrors
	QR     web.QR
	Secret string // in groups of four
}

func (s *Surface) showApp(c echo.Context) error {
	return s.appPage(c, http.StatusOK, web.FieldErrors{})
}

func (s *Surface) appPage(c echo.Context, status int, e web.FieldErrors) error {
	u, _ := web.User(c)
	address, secret, err := s.factors.BeginTOTP(c.Request().Context(), u)
	if fault.KindOf(err) == fault.Conflict {
		return web.SeeOther(c, "/account")
	}
	if err != nil {
		return err
	}
	p := &AppPage{Base: s.kit.BaseFor(c), Errors: e, QR: web.DrawQR(address), Secret: fours(secret)}
	p.Title, p.NoIndex = p.T("account.app_title"), true
	return s.kit.Show(c, status, "shared/app", p)
}

func fours(s string) string {
	var out []string
	for len(s) > 4 {
		out, s = append(out, s[:4]), s[4:]
	}
	return strings.Join(append(out, s), " ")
}

// CodesPage shows recovery codes: once, because only their hashes are kept.
type CodesPage struct {
	web.Base
	Codes []string
}

func (s *Surface) showCodes(c echo.Context, codes []string) error {
	p := &CodesPage{Base: s.kit.BaseFor(c), Codes: codes}
	p.Title, p.NoIndex = p.T("account.codes_title"), true
	return s.kit.Show(c, http.StatusOK, "shared/codes", p)
}

// submitApp takes the first code. The answer is the page itself and no redirect: the codes on it are shown
// once and are kept nowhere.
func (s *Surface) submitApp(c echo.Context) error {
	u, _ := web.User(c)
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	codes, err := s.factors.ConfirmTOTP(c.Request().Context(), u, f.Value("code"))
	if err == nil {
		return s.showCodes(c, codes)
	}
	if fault.KindOf(err) == fault.Conflict {
		return web.SeeOther(c, "/account")
	}
	status, err := rejected(c, f, "code", err)
	if err != nil {
		return err
	}
	return s.appPage(c, status, f.Errors())
}

// own is one act upon the reader's own sign-in, behind his password where that says so.
func (s *Surface) own(c echo.Context, field, done string, password bool, act func(ctx context.Context, u identity.User, f *web.Form) error) error {
	u, _ := web.User(c)
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if password {
		err = s.factors.Confirm(ctx, u, c.Request().PostForm.Get(field))
	}
	if err == nil {
		err = act(ctx, u, f)
	}
	if err != nil {
		return s.again(c, u, f, field, err)
	}
	return web.SeeOther(c, "/account?done="+done)
}

func (s *Surface) endApp(c echo.Context) error {
	return s.own(c, "password_app", "app_off", true, func(ctx context.Context, u identity.User, _ *web.Form) error { return s.factors.EndTOTP(ctx, u) })
}

func (s *Surface) endPasskey(c echo.Context) error {
	return s.own(c, "password_key", "passkey_off", true, func(ctx context.Context, u identity.User, _ *web.Form) error {
		return s.factors.EndPasskey(ctx, u, c.Param("passkey"))
	})
}

func (s *Surface) newCodes(c echo.Context) error {
	u, _ := web.User(c)
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := s.factors.Confirm(ctx, u, c.Request().PostForm.Get("password_codes")); err != nil {
		return s.again(c, u, f, "password_codes", err)
	}
	codes, err := s.factors.NewCodes(ctx, u)
	if err != nil {
		return err
	}
	return s.showCodes(c, codes)
}

func (s *Surface) beginPasskey(c echo.Context) error {
	u, _ := web.User(c)
	if _, err := web.ReadForm(c); err != nil { // nothing is asked for; a body that is too large is refused
		return err
	}
	ask, err := s.factors.BeginPasskey(c.Request().Context(), u)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, ask)
}

func (s *Surface) addPasskey(c echo.Context) error {
	return s.own(c, "key_name", "passkey", false, func(ctx context.Context, u identity.User, f *web.Form) error {
		return s.factors.AddPasskey(ctx, u, f.Value("key"), f.Value("name"), []byte(c.Request().PostForm.Get("answer")))
	})
}

// endDevices signs out of one browser, or without a name of all others.
func (s *Surface) endDevices(c echo.Context) error {
	return s.own(c, "device", "device", false, func(ctx context.Context, u identity.User, f *web.Form) error {
		return s.kit.Sessions.EndDevice(ctx, u, f.Value("device"))
	})
}
