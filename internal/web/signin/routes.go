package signin

import (
	"context"

	"forecourt/internal/identity"
	"forecourt/internal/web"
)

// Door knows the accounts of staff; *identity.Users is one.
type Door interface {
	Login(ctx context.Context, email, password, ip string) (identity.User, error)
}

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
		web.POST("/logout", identity.Public, s.submitLogout),
	}
}

// Samples gives a zero page per template, for the test that checks templates against their structs.
func Samples() map[string]any {
	return map[string]any{"shared/login": &LoginPage{}}
}
