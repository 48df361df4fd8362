package stripegw_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"forecourt/internal/payment"
	"forecourt/internal/payment/stripegw"
)

// FuzzParseEvent: whatever a body holds, signed or not, it is an event with an id or refused, in no other
// way than as a bad signature, which the door answers with 400.
func FuzzParseEvent(f *testing.F) {
	const secret = "whsec_fuzz"
	g, err := stripegw.New(stripegw.Config{SecretKey: "sk_test_fuzz", URL: "http://127.0.0.1:1", WebhookSecrets: []string{secret}})
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range []string{
		`{"id":"evt_1","object":"event","type":"checkout.session.completed","api_version":"2023-10-16","livemode":false,"data":{"object":{"id":"cs_1","object":"checkout.session","payment_intent":"pi_1"}}}`,
		`{"id":"evt_1","object":"event","api_version":"2023-10-16","data":{"object":{"id":"pi_1","object":"payment_intent","payment_intent":{"id":"pi_2"}}}}`,
		`{"id":"evt_1","object":"event","api_version":"2023-10-16","data":{"object":{"payment_intent":null}}}`,
		`{"id":"evt_1","object":"event","api_version":"2023-10-16","data":{"object":{"payment_intent":[1]}}}`,
		`{"id":"evt_1","object":"event","api_version":"2023-10-16","data":{"object":7}}`,
		`{"id":"evt_1","object":"event","api_version":"2023-10-16","data":null}`, `{"api_version":"2023-10-16","object":"v2.core.event"}`,
		`{"api_version":"2023-10-16","data":{"object":{}}}`, `null`, `[]`, `"`, ``, "\x00\xff",
	} {
		f.Add([]byte(body), "t=1,v1=00")
	}
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		if _, err := g.ParseEvent(body, header); !errors.Is(err, payment.ErrBadSignature) {
			t.Fatalf("unsigned: %v", err)
		}
		signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: time.Now()})
		e, err := g.ParseEvent(body, signed.Header)
		if err != nil && !errors.Is(err, payment.ErrBadSignature) {
			t.Fatalf("an error of another kind: %v", err)
		}
		if err != nil && e.ID != "" {
			t.Fatalf("refused, and yet an event: %+v", e)
		}
	})
}
