package stripegw

import (
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"forecourt/internal/payment"
	"forecourt/internal/platform/money"
)

// Names of our references in the provider's metadata.
const (
	metaOrder   = "order_id"
	metaPayment = "payment_id"
)

func toCheckout(s *stripe.CheckoutSession) payment.Checkout {
	c := payment.Checkout{
		ID:        s.ID,
		Status:    payment.SessionStatus(s.Status),
		OrderID:   firstOf(s.Metadata[metaOrder], s.ClientReferenceID),
		PaymentID: s.Metadata[metaPayment],
		Amount:    money.Of(s.AmountTotal, upperCode(s.Currency)),
		ExpiresAt: instant(s.ExpiresAt),
	}
	if c.Status == payment.SessionOpen {
		c.URL = s.URL
	}
	if s.PaymentIntent != nil && s.PaymentIntent.ID != "" {
		i := toIntent(s.PaymentIntent)
		c.Intent = &i
	}
	return c
}

func toIntent(pi *stripe.PaymentIntent) payment.Intent {
	i := payment.Intent{
		ID:           pi.ID,
		Status:       payment.IntentStatus(pi.Status),
		OrderID:      pi.Metadata[metaOrder],
		PaymentID:    pi.Metadata[metaPayment],
		Amount:       money.Of(pi.Amount, upperCode(pi.Currency)),
		Capturable:   pi.AmountCapturable,
		Received:     pi.AmountReceived,
		CancelReason: string(pi.CancellationReason),
		DeclineCode:  declineOf(pi.LastPaymentError),
	}
	if pi.LatestCharge != nil {
		addCharge(&i, pi.LatestCharge)
	}
	return i
}

func addCharge(i *payment.Intent, c *stripe.Charge) {
	i.ChargeID = c.ID
	// What was released of an authorisation, all of it or the rest of a partial capture, is shown as refunded on
	// its charge (stripesim's capture names the sources); no money came, so none went back.
	if i.Received > 0 {
		i.Refunded = max(0, c.AmountRefunded-(c.Amount-c.AmountCaptured))
	}
	if d := c.PaymentMethodDetails; d != nil && d.Card != nil && d.Card.CaptureBefore > 0 {
		i.CaptureBefore = instant(d.Card.CaptureBefore)
	}
}

func toRefund(r *stripe.Refund) payment.Refund {
	return payment.Refund{
		ID:          r.ID,
		Status:      string(r.Status),
		AmountMinor: r.Amount,
		Ref:         r.Metadata[metaPayment],
	}
}

func declineOf(e *stripe.Error) string {
	if e == nil {
		return ""
	}
	return firstOf(string(e.DeclineCode), string(e.Code))
}

// stripeLocale maps a market's locale to one that the card page knows.
func stripeLocale(locale string) string {
	switch {
	case locale == "en-GB":
		return "en-GB"
	case locale == "it", strings.HasPrefix(locale, "it-"):
		return "it"
	case locale == "de", strings.HasPrefix(locale, "de-"):
		return "de"
	case locale == "es", strings.HasPrefix(locale, "es-"):
		return "es"
	case locale == "ro", strings.HasPrefix(locale, "ro-"):
		return "ro"
	case locale == "fr", strings.HasPrefix(locale, "fr-"):
		return "fr"
	}
	return "auto"
}

func upperCode(c stripe.Currency) money.Currency { return money.Currency(strings.ToUpper(string(c))) }

func lowerCode(c money.Currency) string { return strings.ToLower(string(c)) }

func instant(unix int64) time.Time {
	if unix == 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
