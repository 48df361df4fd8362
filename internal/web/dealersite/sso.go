package dealersite

import (
	"context"
	"fmt"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// SSOPage sets up the provider by which the staff of the group sign in.
type SSOPage struct {
	Page
	Group    string
	Has      bool
	Issuer   string
	ClientID string
	Domains  string // a line each
	ACR      string
	Required bool
	Trusted  bool
	Callback string // to be entered at the provider
	People   []LinkedLine
}

// LinkedLine is a colleague whom the provider knows.
type LinkedLine struct{ ID, Name, Email, Since, Used string }

func (h *Handlers) ssoPage(c echo.Context, d desk) (*SSOPage, error) {
	ctx := c.Request().Context()
	p := &SSOPage{Page: h.page(c, d, "sso.settings.title", "staff"), Group: d.site.GroupTitle(), Callback: h.sso.Callback(d.user.Group)}
	x, ok, err := h.sso.Of(ctx, d.user.Group)
	if err != nil || !ok {
		return p, err
	}
	p.Has, p.Issuer, p.ClientID, p.Domains, p.ACR, p.Required, p.Trusted = true, x.Issuer, x.ClientID, strings.Join(x.Domains, "\n"), x.ACR, x.Required, x.Trusted
	people, err := h.sso.LinkedOf(ctx, d.user.Group)
	for _, l := range people {
		p.People = append(p.People, LinkedLine{ID: string(l.ID), Name: l.Name, Email: l.Email, Since: when(p.Base, l.LinkedAt), Used: when(p.Base, l.UsedAt)})
	}
	return p, err
}

func (h *Handlers) showSSO(c echo.Context) error {
	return web.View(h.kit, c, h.deskOf, "dealer/sso", h.ssoPage)
}

// ssoField says beside which field a refusal is shown.
var ssoField = map[string]string{identity.ErrSSOIssuer.Key: "issuer", identity.ErrSSOClient.Key: "client", identity.ErrSSOSecret.Key: "secret", identity.ErrSSODomain.Key: "domains",
	identity.ErrSSOTaken.Key: "domains", identity.ErrSSOLevel.Key: "acr", identity.ErrSSOFirstYourself.Key: "required", identity.ErrSSOOutside.Key: "required", limit.ErrLimited.Key: "issuer"}

func (h *Handlers) saveSSO(c echo.Context) error {
	return web.Post(h.kit, c, h.deskOf, func(d desk, f *web.Form) (web.Act, error) {
		x := identity.Provider{Issuer: f.Value("issuer"), ClientID: f.Value("client"), Domains: identity.ParseDomains(f.Text("domains")), ACR: f.Value("acr"), Required: f.Has("required"), Trusted: f.Has("trusted")}
		a := web.Act{Name: "group.sso " + string(d.user.Group), Fields: ssoField, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return ssoPath + "?done=sso", h.sso.SaveTx(ctx, tx, d.user, x, c.Request().PostForm.Get("secret"))
		}, Again: func(r web.Refusal) error {
			h.kit.Log.InfoContext(c.Request().Context(), "a sign-on provider was refused", "group", d.user.Group, "reason", fmt.Sprint(r.Cause))
			p, err := h.ssoPage(c, d)
			if err != nil {
				return err
			}
			p.Errors, p.Problem = f.Errors(), p.Sentence(r.Key)
			p.Issuer, p.ClientID, p.Domains, p.ACR, p.Required, p.Trusted = x.Issuer, x.ClientID, f.Text("domains"), x.ACR, x.Required, x.Trusted
			return h.kit.Show(c, r.Status, "dealer/sso", p)
		}}
		// The provider is called before anything is written: nothing waits for a network inside a transaction.
		a.First = func(ctx context.Context) error { return h.sso.Check(ctx, d.user, x) }
		return a, nil
	})
}

func (h *Handlers) endSSO(c echo.Context) error {
	return h.actSSO(c, "sso_ended", func(ctx context.Context, tx *db.Tx, d desk, _ *web.Form) error { return h.sso.EndTx(ctx, tx, d.user) })
}

func (h *Handlers) unlinkSSO(c echo.Context) error {
	return h.actSSO(c, "sso_unlinked", func(ctx context.Context, tx *db.Tx, d desk, f *web.Form) error {
		return h.sso.UnlinkTx(ctx, tx, d.user, id.User(f.Value("user")))
	})
}

func (h *Handlers) actSSO(c echo.Context, done string, act func(ctx context.Context, tx *db.Tx, d desk, f *web.Form) error) error {
	return web.Post(h.kit, c, h.deskOf, func(d desk, f *web.Form) (web.Act, error) {
		return web.Act{Name: "group." + done + " " + string(d.user.Group), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return ssoPath + "?done=" + done, act(ctx, tx, d, f)
		}}, nil
	})
}
