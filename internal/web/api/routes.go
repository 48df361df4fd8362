package api

import (
	"net/http"
	"strings"

	"forecourt/internal/connected"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/identity"
	"forecourt/internal/platform/fault"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Surface is the JSON API.
type Surface struct {
	kit    *web.Kit
	tokens *identity.Tokens
	cars   *newcar.Service
	used   *usedcar.Service

	signals   *connected.Intake
	connected *connected.Service
}

// New makes the surface.
func New(k *web.Kit, t *identity.Tokens, cars *newcar.Service, used *usedcar.Service) *Surface {
	return &Surface{kit: k, tokens: t, cars: cars, used: used}
}

// Routes are all doors of the surface.
func (s *Surface) Routes() []web.Route {
	var out []web.Route
	for _, e := range []endpoint{
		open(http.MethodPost, "/api/v1/token", s.issueToken),
		open(http.MethodGet, "/api/v1/openapi.json", s.showContract),
		s.bearer(http.MethodGet, "/api/v1/dealer/orders", s.listOrders),
		s.bearer(http.MethodGet, "/api/v1/dealer/orders/:number/adf", s.showLead),
		s.bearer(http.MethodPost, "/api/v1/dealer/reports", s.takeReports),
		s.bearer(http.MethodPost, "/api/v1/dealer/used-cars", s.takeUsed).upTo(mostUsedBody),
		open(http.MethodPost, "/api/v1/signals", s.takeSignals).upTo(mostSignalsBody), // the vehicle's signature decides
		s.partner(http.MethodGet, "/api/v1/vehicles/:vin/signals", s.showVehicle),
	} {
		out = append(out, e.route())
	}
	return out
}

// endpoint is a route of this surface. Only open and bearer fill door; one without it does not start.
type endpoint struct {
	method, path string
	door         identity.Permission
	handler      echo.HandlerFunc
	most         int64 // bytes of the body; what is usual when zero
}

// route hands the endpoint to the kit, which refuses an empty permission. The kit's own permissions
// are about sessions of people; machines are checked by the handler that bearer wraps.
func (e endpoint) route() web.Route {
	return web.Route{Method: e.method, Path: e.path, Perm: e.door, Handler: e.handler, MaxBody: e.most}
}

// upTo lets the body be longer than usual.
func (e endpoint) upTo(most int64) endpoint {
	e.most = most
	return e
}

// open is an endpoint that anybody may call.
func open(method, path string, h echo.HandlerFunc) endpoint {
	return endpoint{method: method, path: path, door: identity.Public, handler: h}
}

// callerHandler answers a machine that showed a good token; whose data it may see is an argument.
type callerHandler func(c echo.Context, caller identity.Caller) error

// bearer is an endpoint for machines of dealers. A partner's belongs to none.
func (s *Surface) bearer(method, path string, h callerHandler) endpoint {
	return s.partner(method, path, func(c echo.Context, caller identity.Caller) error {
		if caller.Dealer == "" {
			return web.ErrForbidden
		}
		return h(c, caller)
	})
}

// partner is an endpoint for machines with an access token, a dealer's or not. The handler cannot run without a caller.
func (s *Surface) partner(method, path string, h callerHandler) endpoint {
	return endpoint{method: method, path: path, door: identity.Public, handler: func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "no-store")
		caller, err := s.caller(c)
		if err != nil {
			return challenge(c, "Bearer", err)
		}
		return h(c, caller)
	}}
}

// caller reads the one Authorization header. A token in the query or in two headers counts as none.
func (s *Surface) caller(c echo.Context) (identity.Caller, error) {
	h := c.Request().Header.Values("Authorization")
	if len(h) != 1 {
		return identity.Caller{}, identity.ErrToken
	}
	scheme, token, ok := strings.Cut(h[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return identity.Caller{}, identity.ErrToken
	}
	return s.tokens.Verify(c.Request().Context(), token)
}

// challenge tells how to get in, as the status 401 asks.
func challenge(c echo.Context, scheme string, err error) error {
	if fault.KindOf(err) == fault.Unsigned {
		c.Response().Header().Set("WWW-Authenticate", scheme+` realm="forecourt"`)
	}
	return err
}
