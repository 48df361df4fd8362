package webhook

import (
	"context"
	"errors"
	"io"
	"net/http"

	"forecourt/internal/identity"
	"forecourt/internal/payment"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// maxBody is far above what the provider sends.
const maxBody = 1 << 20

// Parser checks a notice's signature; a payment.Gateway is one.
type Parser interface {
	ParseEvent(payload []byte, signatureHeader string) (payment.Event, error)
}

// Receiver keeps a notice; *newcar.Service is one.
type Receiver interface {
	Receive(ctx context.Context, e payment.Event) error
}

// Surface is the door of the card world.
type Surface struct {
	kit      *web.Kit
	parser   Parser
	receiver Receiver
}

// New makes the surface.
func New(k *web.Kit, p Parser, r Receiver) *Surface { return &Surface{kit: k, parser: p, receiver: r} }

// Routes are all doors of the surface. Public: the signature is the permission.
func (s *Surface) Routes() []web.Route {
	stripe := web.POST("/webhooks/stripe", identity.Public, s.receiveStripe)
	stripe.MaxBody = maxBody
	return []web.Route{stripe}
}

// receiveStripe reads the body as it came, because the signature is over its bytes.
func (s *Surface) receiveStripe(c echo.Context) error {
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return c.String(http.StatusRequestEntityTooLarge, "too large\n")
		}
		return c.String(http.StatusBadRequest, "the body broke off\n")
	}
	e, err := s.parser.ParseEvent(body, c.Request().Header.Get("Stripe-Signature"))
	if errors.Is(err, payment.ErrBadSignature) || (err == nil && e.ID == "") {
		// The reason is logged, not told: whoever forges notices must not learn from the answer.
		s.kit.Log.WarnContext(c.Request().Context(), "webhook: notice refused", "bytes", len(body))
		return c.String(http.StatusBadRequest, "signature refused\n")
	}
	if err == nil {
		err = s.receiver.Receive(c.Request().Context(), e)
	}
	if err != nil {
		s.kit.Log.ErrorContext(c.Request().Context(), "webhook: notice not kept", "event", e.ID, "type", e.Type, "error", err.Error())
		return c.String(http.StatusInternalServerError, "not kept, send it again\n")
	}
	return c.NoContent(http.StatusOK)
}
