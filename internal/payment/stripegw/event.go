package stripegw

import (
	"encoding/json"
	"fmt"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"forecourt/internal/payment"
)

// ParseEvent implements payment.Gateway. All secrets are tried, so that one can be rotated without
// losing a notice.
func (g *Gateway) ParseEvent(payload []byte, signatureHeader string) (payment.Event, error) {
	err := error(webhook.ErrNoValidSignature)
	for _, secret := range g.secrets {
		var ev stripe.Event
		if ev, err = webhook.ConstructEvent(payload, signatureHeader, secret); err == nil {
			return g.toEvent(ev, payload)
		}
	}
	return payment.Event{}, fmt.Errorf("%w: %w", payment.ErrBadSignature, err)
}

func (g *Gateway) toEvent(ev stripe.Event, payload []byte) (payment.Event, error) {
	if ev.Livemode != g.live {
		return payment.Event{}, fmt.Errorf("%w: event of the other mode", payment.ErrBadSignature)
	}
	out := payment.Event{
		ID:      ev.ID,
		Type:    string(ev.Type),
		Created: instant(ev.Created),
		Payload: payload,
	}
	if ev.Data == nil {
		return out, nil
	}
	var o eventObject
	if err := json.Unmarshal(ev.Data.Raw, &o); err != nil {
		return payment.Event{}, fmt.Errorf("%w: %w", payment.ErrBadSignature, err)
	}
	out.ObjectID, out.IntentID = o.ID, string(o.Intent)
	switch o.Object {
	case "payment_intent":
		out.IntentID = o.ID
	case "checkout.session":
		out.SessionID = o.ID
	}
	return out, nil
}

// eventObject are the few names that are used of an event's object.
type eventObject struct {
	ID     string   `json:"id"`
	Object string   `json:"object"`
	Intent objectID `json:"payment_intent"`
}

// objectID reads an id that is written as text, as a whole object, or as null.
type objectID string

// UnmarshalJSON implements json.Unmarshaler.
func (o *objectID) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var whole struct {
			ID string `json:"id"`
		}
		err := json.Unmarshal(b, &whole)
		*o = objectID(whole.ID)
		return err
	}
	return json.Unmarshal(b, (*string)(o))
}
