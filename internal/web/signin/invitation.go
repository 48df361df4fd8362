package signin

import (
	"errors"
	"net/http"

	"forecourt/internal/identity"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// InvitationPage shows what somebody is invited to and asks for the password of the account.
type InvitationPage struct {
	web.Base
	Errors             web.FieldErrors
	URL                string
	Group, Name, Email string
	Roles              []string
	SSO                SignOn // of the group; zero when it has none
	Only               bool   // nothing else will do
}

// showInvitation changes nothing: programs that follow the links of mails use up no invitation.
func (s *Surface) showInvitation(c echo.Context) error {
	return web.View(s.kit, c, s.invited, "shared/invitation", s.invitationPage)
}

// invited opens the link of the address. All that is wrong with it looks the same.
func (s *Surface) invited(c echo.Context) (identity.Invitation, error) {
	if err := limit.Take(c.Request().Context(), s.kit.DB, linkTries, c.RealIP()); err != nil {
		return identity.Invitation{}, err
	}
	return s.door.Invited(c.Request().Context(), c.Param("token"))
}

func (s *Surface) invitationPage(c echo.Context, i identity.Invitation) (*InvitationPage, error) {
	p := &InvitationPage{Base: s.kit.BaseFor(c), URL: "/login/invitation/" + c.Param("token"), Group: i.GroupName, Name: i.Name, Email: i.Email}
	w := s.kit.World.Now()
	if d, ok := w.Dealer(i.Grants[0].Dealer); ok {
		if m, ok := w.Market(d.Market); ok {
			p.P = s.kit.Catalogue.Printer(m.Locale)
		}
	}
	p.Title, p.NoIndex = p.T("account.join.title", "Group", p.Group), true
	for _, g := range i.Grants {
		name := string(g.Dealer)
		if d, ok := w.Dealer(g.Dealer); ok {
			name = d.Name
		}
		p.Roles = append(p.Roles, p.T("site.staff.at", "Roles", p.T("siterole."+string(g.Role)), "Site", name))
	}
	x, ok, err := s.sso.Of(c.Request().Context(), i.Group)
	if ok {
		p.SSO, p.Only = SignOn{x.Group, x.GroupName}, x.Required
	}
	return p, err
}

// join makes the account and signs it in.
func (s *Surface) join(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	i, err := s.invited(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	u, err := s.door.Join(ctx, c.Param("token"), c.Request().PostForm.Get("password"))
	if err == nil && u.Second { // an account of before: its second factor is asked for as ever
		return web.SeeOther(c, "/login")
	}
	if err == nil {
		if err := s.kit.Sessions.SignIn(ctx, u); err != nil {
			return err
		}
		return web.SeeOther(c, home(u))
	}
	switch {
	case errors.Is(err, identity.ErrPassword):
		f.Reject("password", identity.ErrPassword.Key)
	case errors.Is(err, identity.ErrUseSSO):
		f.Reject("email", identity.ErrUseSSO.Key)
	case errors.Is(err, identity.ErrTaken):
		f.Reject("email", "invitation.taken")
	case fault.KindOf(err) == fault.Invalid:
		f.Reject("email", identity.ErrUser.Key)
	default:
		return err
	}
	p, err := s.invitationPage(c, i)
	if err != nil {
		return err
	}
	p.Errors = f.Errors()
	return s.kit.Show(c, http.StatusUnprocessableEntity, "shared/invitation", p)
}
