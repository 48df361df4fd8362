package stripegw

import (
	"errors"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"forecourt/internal/payment"
)

// wrap makes a GatewayError that holds ids and codes, never what the provider said about a person.
func wrap(op string, err error) *payment.GatewayError {
	e := &payment.GatewayError{Op: op, Unknown: true}
	var answer *stripe.Error
	if !errors.As(err, &answer) || answer.HTTPStatusCode == 0 {
		e.Err = err // network, timeout, or an answer that is not Stripe's
		return e
	}
	e.HTTPStatus = answer.HTTPStatusCode
	e.Code = string(answer.Code)
	e.DeclineCode = string(answer.DeclineCode)
	e.RequestID = answer.RequestID
	e.Unknown = open(answer)
	if e.Code == "" {
		e.Code = string(answer.Type)
	}
	return e
}

// open tells whether the outcome stays open after this answer: the call may have been executed, or
// was not even looked at. In both cases the same key is to be sent again.
func open(e *stripe.Error) bool {
	return e.HTTPStatusCode >= 500 ||
		e.HTTPStatusCode == http.StatusConflict ||
		e.HTTPStatusCode == http.StatusTooManyRequests
}

// refused tells whether the provider looked at the call and said no.
func refused(err error) bool {
	var answer *stripe.Error
	return errors.As(err, &answer) && answer.HTTPStatusCode == http.StatusBadRequest
}
