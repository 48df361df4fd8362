package signin

import (
	"context"
	"time"

	"forecourt/internal/identity"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"
)

// Door knows the accounts of staff; *identity.Users is one.
type Door interface {
	Login(ctx context.Context, email, password, ip string) (identity.User, error)
	Invited(ctx context.Context, token string) (identity.Invitation, error)
	Join(ctx context.Context, token, password string) (identity.User, error)
}

// linkTries bounds how often one address may try links of mails.
var linkTries = limit.Rule{Name: "login.link", Max: 60, Window: 15 * time.Minute}

// Surface is the sign-in page.
type Surface struct {
	kit  *web.Kit
	door Door
}

// New makes the surface.
func New(k *web.Kit, d Door) *Surface { return &Surface{kit: k, door: d} }

// Routes are all doors of the surface. They are public: who comes here is a stranger still.
func (s *Surface) Routes() []web.Route {
	return []web.Route{
		web.GET("/login", identity.Public, s.showLogin),
		web.POST("/login", identity.Public, s.submitLogin),
		web.GET("/login/invitation/:token", identity.Public, s.showInvitation),
		web.POST("/login/invitation/:token", identity.Public, s.join),
		web.POST("/logout", identity.Public, s.submitLogout),
	}
}

// Samples gives a zero page per template, for the test that checks templates against their structs.
func Samples() map[string]any {
	return map[string]any{"shared/login": &LoginPage{}, "shared/invitation": &InvitationPage{Roles: []string{"Sales"}}}
}
