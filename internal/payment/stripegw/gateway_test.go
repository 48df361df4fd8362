package stripegw_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"forecourt/internal/payment"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/money"
)

func TestNewGuards(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg     stripegw.Config
		good    bool
		account string
		live    bool
	}{
		"no key":                   {cfg: stripegw.Config{}},
		"publishable key":          {cfg: stripegw.Config{SecretKey: "pk_test_x"}},
		"live key to the bank":     {cfg: stripegw.Config{SecretKey: "sk_live_x", URL: "http://127.0.0.1:4242"}},
		"restricted live key too":  {cfg: stripegw.Config{SecretKey: "rk_live_x", URL: "http://127.0.0.1:4242"}},
		"live key to a lookalike":  {cfg: stripegw.Config{SecretKey: "sk_live_x", URL: "https://api.stripe.com.example.com"}},
		"live key without TLS":     {cfg: stripegw.Config{SecretKey: "sk_live_x", URL: "http://api.stripe.com"}},
		"no address":               {cfg: stripegw.Config{SecretKey: "sk_test_x", URL: "cardbank"}},
		"live key to Stripe":       {cfg: stripegw.Config{SecretKey: "sk_live_x"}, good: true, account: "stripe", live: true},
		"the same, written out":    {cfg: stripegw.Config{SecretKey: "sk_live_x", URL: "https://api.stripe.com"}, good: true, account: "stripe", live: true},
		"test key to the bank":     {cfg: stripegw.Config{SecretKey: "sk_test_x", URL: "http://127.0.0.1:4242"}, good: true, account: "cardbank"},
		"an account with its name": {cfg: stripegw.Config{SecretKey: "sk_test_x", Account: "acct_gb"}, good: true, account: "acct_gb"},
	} {
		gw, err := stripegw.New(c.cfg)
		if (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.good && (gw.Account() != c.account || gw.Live() != c.live) {
			t.Errorf("%s: account %q, live %v", name, gw.Account(), gw.Live())
		}
	}
}

// answering is a gateway whose provider gives one answer to everything.
func answering(t *testing.T, status int, kind, body string, seen *string) *stripegw.Gateway {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen != nil {
			raw, _ := io.ReadAll(r.Body)
			*seen = r.Header.Get("Stripe-Version") + " " + r.Header.Get("Idempotency-Key") + " " +
				r.Header.Get("X-Stripe-Client-Telemetry") + " " + string(raw)
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Request-Id", "req_1")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	gw, err := stripegw.New(stripegw.Config{SecretKey: "sk_test_x", URL: srv.URL, WebhookSecrets: []string{" whsec_a ", ""}})
	if err != nil {
		t.Fatal(err)
	}
	return gw
}

func TestErrors(t *testing.T) {
	t.Parallel()
	const js = "application/json"
	for name, c := range map[string]struct {
		status     int
		kind, body string
		want       payment.GatewayError
	}{
		"decline": {402, js, `{"error":{"type":"card_error","code":"card_declined","decline_code":"lost_card"}}`,
			payment.GatewayError{HTTPStatus: 402, Code: "card_declined", DeclineCode: "lost_card", RequestID: "req_1"}},
		"no code": {400, js, `{"error":{"type":"invalid_request_error","message":"no"}}`,
			payment.GatewayError{HTTPStatus: 400, Code: "invalid_request_error", RequestID: "req_1"}},
		"wrong key": {401, js, `{"error":{"type":"invalid_request_error","message":"no"}}`,
			payment.GatewayError{HTTPStatus: 401, Code: "invalid_request_error", RequestID: "req_1"}},
		"broken": {500, js, `{"error":{"type":"api_error","message":"no"}}`,
			payment.GatewayError{HTTPStatus: 500, Code: "api_error", RequestID: "req_1", Unknown: true}},
		"too many": {429, js, `{"error":{"type":"invalid_request_error","code":"rate_limit"}}`,
			payment.GatewayError{HTTPStatus: 429, Code: "rate_limit", RequestID: "req_1", Unknown: true}},
		"a page":      {200, "text/html", `<p>hello`, payment.GatewayError{Unknown: true}},
		"a bad page":  {502, "text/html", `<p>hello`, payment.GatewayError{Unknown: true}},
		"half a body": {200, js, `{"id":`, payment.GatewayError{Unknown: true}},
	} {
		_, err := answering(t, c.status, c.kind, c.body, nil).Refund(t.Context(), "pi_1", 1, "ref", "key")
		var got *payment.GatewayError
		if !errors.As(err, &got) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		plain := *got
		plain.Op, plain.Err = "", nil
		if plain != c.want {
			t.Errorf("%s: %+v, want %+v", name, plain, c.want)
		}
		if c.want.HTTPStatus != 0 && strings.Contains(err.Error(), "message") {
			t.Errorf("%s: the error repeats the provider's text: %v", name, err)
		}
	}
}

// TestASpoiledKeyIsLeft: a key whose 500 was kept although nothing was done is of no use for a day. The next key of
// the row does the work, and everybody who repeats the call comes to the same one.
func TestASpoiledKeyIsLeft(t *testing.T) {
	t.Parallel()
	const held = `{"id":"pi_1","object":"payment_intent","status":"requires_capture","amount":500,"currency":"gbp"}`
	var keys []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch key := r.Header.Get("Idempotency-Key"); {
		case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/refunds"):
			_, _ = io.WriteString(w, `{"object":"list","data":[]}`)
		case r.Method == http.MethodGet:
			_, _ = io.WriteString(w, held)
		case key == "k" || key == "k#2":
			keys = append(keys, key)
			w.Header().Set("Idempotent-Replayed", "true")
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, `{"error":{"type":"api_error"}}`)
		default:
			keys = append(keys, key)
			_, _ = io.WriteString(w, `{"id":"x_1","status":"succeeded","amount":500,"amount_received":500,"currency":"gbp"}`)
		}
	}))
	t.Cleanup(srv.Close)
	gw, err := stripegw.New(stripegw.Config{SecretKey: "sk_test_x", URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"capture": func() error { _, err := gw.Capture(t.Context(), "pi_1", 500, "k"); return err },
		"void":    func() error { _, err := gw.Void(t.Context(), "pi_1", "k"); return err },
		"refund":  func() error { _, err := gw.Refund(t.Context(), "pi_1", 500, "ref", "k"); return err },
	} {
		keys = nil
		if err := call(); err != nil || !slices.Equal(keys, []string{"k", "k#2", "k#3"}) {
			t.Errorf("%s: %v with the keys %v", name, err, keys)
		}
	}
}

func TestNobodyThereIsUnknown(t *testing.T) {
	t.Parallel()
	gw, err := stripegw.New(stripegw.Config{SecretKey: "sk_test_x", URL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = gw.Intent(t.Context(), "pi_1")
	var got *payment.GatewayError
	if !errors.As(err, &got) || !got.Unknown || got.HTTPStatus != 0 {
		t.Errorf("got %v", err)
	}
}

// TestWhatIsSent looks at the one request that decides a payment.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{
		"en-GB": "en-GB", "it": "it", "it-IT": "it", "fr": "fr", "fr-FR": "fr", "de": "de", "es-ES": "es", "ro-RO": "ro", "pt-PT": "auto", "": "auto", "en-US": "auto",
	} {
		var seen string
		gw := answering(t, 200, "application/json", `{"id":"cs_1","object":"checkout.session","status":"open"}`, &seen)
		_, err := gw.OpenCheckout(t.Context(), payment.CheckoutRequest{
			Key: "order:1:deposit:1", OrderID: "1", PaymentID: "2", Amount: money.Of(50_000, "EUR"), Manual: true,
			Locale: locale, SuccessURL: "https://shop.example.com", ExpiresAt: time.Unix(1_900_000_000, 0),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{
			"2023-10-16 order:1:deposit:1  ", "locale=" + want, "client_reference_id=1", "currency%5D=eur", "unit_amount%5D=50000",
			"metadata[order_id]=1", "metadata[payment_id]=2", "expires_at=1900000000", "capture_method%5D=manual",
			"payment_intent_data[metadata][order_id]=1", "payment_intent_data[metadata][payment_id]=2",
			"expand[0]=payment_intent.latest_charge",
		} {
			plain := strings.NewReplacer("%5B", "[", "%5D", "]").Replace
			if !strings.Contains(plain(seen), plain(part)) {
				t.Errorf("%s: %q is not in %q", locale, part, plain(seen))
			}
		}
	}
}

// TestEventWithExpandedIntent: an object may name its intent by id, whole, or not at all.
func TestEventWithExpandedIntent(t *testing.T) {
	t.Parallel()
	gw := answering(t, 200, "application/json", "{}", nil)
	for object, want := range map[string]payment.Event{
		`{"id":"cs_1","object":"checkout.session","payment_intent":{"id":"pi_1"}}`: {ObjectID: "cs_1", SessionID: "cs_1", IntentID: "pi_1"},
		`{"id":"cs_1","object":"checkout.session","payment_intent":null}`:          {ObjectID: "cs_1", SessionID: "cs_1"},
		`{"id":"re_1","object":"refund","payment_intent":"pi_1"}`:                  {ObjectID: "re_1", IntentID: "pi_1"},
		`{"id":"pi_1","object":"payment_intent"}`:                                  {ObjectID: "pi_1", IntentID: "pi_1"},
		`{"id":"cus_1","object":"customer"}`:                                       {ObjectID: "cus_1"},
	} {
		body := []byte(`{"id":"evt_1","object":"event","type":"x","created":5,"api_version":"2023-10-16","livemode":false,"data":{"object":` + object + `}}`)
		signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: "whsec_a"})
		got, err := gw.ParseEvent(body, signed.Header)
		if err != nil {
			t.Fatalf("%s: %v", object, err)
		}
		if got.ObjectID != want.ObjectID || got.IntentID != want.IntentID || got.SessionID != want.SessionID ||
			got.ID != "evt_1" || got.Type != "x" || got.Created.Unix() != 5 || len(got.Payload) != len(body) {
			t.Errorf("%s: %+v", object, got)
		}
	}
}

func TestNoSecretNoEvent(t *testing.T) {
	t.Parallel()
	gw, err := stripegw.New(stripegw.Config{SecretKey: "sk_test_x"})
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"id":"evt_1","object":"event","api_version":"2023-10-16","data":{"object":{}}}`)
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: ""})
	if _, err := gw.ParseEvent(body, signed.Header); !errors.Is(err, payment.ErrBadSignature) {
		t.Errorf("got %v", err)
	}
}
