package web

import (
	"fmt"
	"net/http"

	"forecourt/internal/identity"
	"forecourt/internal/platform/log"

	"github.com/labstack/echo/v4"
)

// Route is one line of a surface's routes.go. A route without a permission does not start.
type Route struct {
	Method  string
	Path    string
	Perm    identity.Permission
	Handler echo.HandlerFunc
	// MaxBody is the limit of the body in bytes; 64 KB when zero.
	MaxBody int64
}

// GET makes a route for reading; it also answers HEAD.
func GET(path string, p identity.Permission, h echo.HandlerFunc) Route {
	return Route{Method: http.MethodGet, Path: path, Perm: p, Handler: h}
}

// POST makes a route for acting.
func POST(path string, p identity.Permission, h echo.HandlerFunc) Route {
	return Route{Method: http.MethodPost, Path: path, Perm: p, Handler: h}
}

// Add puts routes on the server. Deny by default: a missing permission or a repeated route is an
// error at start, not a hole at run time.
func (k *Kit) Add(e *echo.Echo, routes []Route) error {
	for _, r := range routes {
		key := r.Method + " " + r.Path
		if r.Perm == "" {
			return fmt.Errorf("web: route %s declares no permission", key)
		}
		if _, twice := k.routes[key]; twice {
			return fmt.Errorf("web: route %s is declared twice", key)
		}
		k.routes[key] = r
		h := k.guard(r)
		e.Add(r.Method, r.Path, h)
		if r.Method == http.MethodGet {
			e.Add(http.MethodHead, r.Path, h)
		}
	}
	return nil
}

// Routes lists what was added, for the test that tries every door with every key.
func (k *Kit) Routes() map[string]Route { return k.routes }

// guard checks the permission before the handler, and reads the body with its limit.
func (k *Kit) guard(r Route) echo.HandlerFunc {
	limit := r.MaxBody
	if limit == 0 {
		limit = 64 << 10
	}
	return func(c echo.Context) error {
		actor := "buyer"
		if r.Perm != identity.Public {
			u, ok := k.Sessions.UserOf(c.Request().Context())
			if !ok {
				if u, ok = k.Sessions.Locked(c.Request().Context()); !ok {
					return ErrSignIn
				}
				c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, limit)
				if open, err := k.behindLock(c, u); err != nil || !open {
					return err
				}
			}
			if !u.May(r.Perm) {
				c.Set(userKey, u) // so that the page that says no speaks his language and says whom to ask
				c.Set(permKey, r.Perm)
				return ErrForbidden
			}
			if u.Owes() && r.Perm != identity.Own {
				return SeeOther(c, "/account?must=1")
			}
			c.Set(userKey, u)
			c.Set(permKey, r.Perm)
			actor = "staff:" + string(u.ID)
		}
		c.SetRequest(c.Request().WithContext(log.WithActor(c.Request().Context(), actor)))
		req := c.Request()
		if req.Body != nil && req.ContentLength > limit {
			return ErrTooLarge
		}
		req.Body = http.MaxBytesReader(c.Response(), req.Body, limit)
		return r.Handler(c)
	}
}

const (
	userKey = "forecourt.user"
	permKey = "forecourt.permission"
)

// Needs is the permission of the request's route. The guard has seen that the user holds it somewhere;
// whoever knows the site asks again for that site.
func Needs(c echo.Context) identity.Permission {
	p, _ := c.Get(permKey).(identity.Permission)
	return p
}

// User is who is signed in; false on public pages, which never read a session.
func User(c echo.Context) (identity.User, bool) {
	u, ok := c.Get(userKey).(identity.User)
	return u, ok
}
