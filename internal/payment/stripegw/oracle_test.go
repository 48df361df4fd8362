package stripegw_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"

	"forecourt/internal/payment"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/money"
)

// stub is Stripe's own stateless server of API 2023-10-16. It answers 400 to a parameter that is
// missing, unknown, or not of the right kind.
var stub = sync.OnceValues(func() (http.Handler, error) {
	if quiet, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stdout = quiet // it prints every request; the test framework holds the true one already
	}
	spec, err := server.LoadSpec(embedded.OpenAPISpec, "")
	if err != nil {
		return nil, err
	}
	fixtures, err := server.LoadFixtures(embedded.OpenAPIFixtures, "")
	if err != nil {
		return nil, err
	}
	s, err := server.NewStubServer(fixtures, spec, true, false)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(s.HandleRequest), nil
})

// asked is what the stub was asked, one line each, and what was wrong with it.
type asked struct {
	mu           sync.Mutex
	lines, wrong []string
}

func (a *asked) note(r *http.Request, body []byte, status int, answer string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	line := r.Method + " " + r.URL.Path
	a.lines = append(a.lines, line)
	if status != http.StatusOK {
		a.wrong = append(a.wrong, line+" "+string(body)+": "+answer)
	}
	if v := r.Header.Get("Stripe-Version"); v != stripe.APIVersion {
		a.wrong = append(a.wrong, line+" speaks version "+v)
	}
	if r.Method == http.MethodPost && r.Header.Get("Idempotency-Key") == "" {
		a.wrong = append(a.wrong, line+" has no idempotency key")
	}
}

// gatewayToStub gives a gateway whose requests Stripe's stub judges.
func gatewayToStub(t *testing.T) (*stripegw.Gateway, *asked) {
	t.Helper()
	handler, err := stub()
	if err != nil {
		t.Fatal(err)
	}
	a := &asked{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		a.note(r, body, rec.Code, rec.Body.String())
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	}))
	t.Cleanup(srv.Close)
	gw, err := stripegw.New(stripegw.Config{SecretKey: "sk_test_123", URL: srv.URL, WebhookSecrets: []string{"whsec_x"}})
	if err != nil {
		t.Fatal(err)
	}
	return gw, a
}

// special are arguments that have to mean something; the others are made up from their types.
var special = map[string][]any{
	"OpenCheckout": {payment.CheckoutRequest{
		Key: "order:1:deposit:1", OrderID: "1", PaymentID: "2", OrderNumber: "FC-7K3M-29", Amount: money.Of(50_000, "EUR"),
		Manual: true, Description: "Deposit", Email: "buyer@example.com", Locale: "it", SuccessURL: "https://shop.example.com/done",
		CancelURL: "https://shop.example.com/back", ExpiresAt: time.Now().Add(time.Hour),
	}},
}

// TestEveryRequestIsOneOfStripes calls every method of the gateway that goes out, and lets Stripe's
// stub judge what it sends. A method that is added is called, too.
func TestEveryRequestIsOneOfStripes(t *testing.T) {
	t.Parallel()
	world := reflect.TypeFor[context.Context]()
	kind := reflect.TypeFor[*stripegw.Gateway]()
	called := 0
	for i := range kind.NumMethod() {
		m := kind.Method(i)
		if m.Type.NumIn() < 2 || m.Type.In(1) != world {
			continue // does not go out
		}
		called++
		t.Run(m.Name, func(t *testing.T) {
			gw, a := gatewayToStub(t)
			callMethod(t, gw, m)
			a.mu.Lock()
			defer a.mu.Unlock()
			if len(a.lines) == 0 {
				t.Error("nothing was asked")
			}
			for _, wrong := range a.wrong {
				t.Error(wrong)
			}
		})
	}
	if called < 8 {
		t.Errorf("only %d methods go out", called)
	}
}

func callMethod(t *testing.T, gw *stripegw.Gateway, m reflect.Method) {
	t.Helper()
	args := []reflect.Value{reflect.ValueOf(gw), reflect.ValueOf(t.Context())}
	for n := 2; n < m.Type.NumIn(); n++ {
		if known := special[m.Name]; n-2 < len(known) {
			args = append(args, reflect.ValueOf(known[n-2]))
			continue
		}
		args = append(args, madeUp(m.Type.In(n), ""))
	}
	var out []reflect.Value
	if m.Type.IsVariadic() {
		out = m.Func.CallSlice(args)
	} else {
		out = m.Func.Call(args)
	}
	// The stub has no memory and answers with samples: what the gateway makes of them is not the matter.
	if err, ok := out[len(out)-1].Interface().(error); ok && strings.Contains(err.Error(), "outcome unknown") {
		t.Errorf("the answer could not be read: %v", err)
	}
}

// madeUp gives a value that could be one of ours.
func madeUp(t reflect.Type, name string) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case t == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Now().Add(time.Hour).UTC()))
	case t == reflect.TypeFor[money.Money]():
		v.Set(reflect.ValueOf(money.Of(50_000, "EUR")))
	case t.Kind() == reflect.String:
		v.SetString(madeUpText(name))
	case t.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(100)
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				v.Field(i).Set(madeUp(t.Field(i).Type, t.Field(i).Name))
			}
		}
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		v.Set(reflect.Append(v, madeUp(t.Elem(), name)))
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(madeUp(t.Elem(), name))
	case t.Kind() == reflect.Func:
		v.Set(reflect.MakeFunc(t, func([]reflect.Value) []reflect.Value {
			out := make([]reflect.Value, t.NumOut())
			for i := range out {
				out[i] = reflect.Zero(t.Out(i))
			}
			return out
		}))
	}
	return v
}

func madeUpText(name string) string {
	switch {
	case strings.HasSuffix(name, "URL"):
		return "https://shop.example.com/x"
	case name == "Email":
		return "buyer@example.com"
	case name == "Locale":
		return "fr-FR"
	case name == "Currency":
		return "EUR"
	}
	return "id_1"
}

// TestTheStubJudges: it refuses what Stripe would, so that silence above means something.
func TestTheStubJudges(t *testing.T) {
	t.Parallel()
	handler, err := stub()
	if err != nil {
		t.Fatal(err)
	}
	for form, want := range map[string]int{
		"payment_intent=pi_1&amount=5":            http.StatusOK,
		"payment_intent=pi_1&amount=five":         http.StatusBadRequest,
		"payment_intent=pi_1&amonut=5":            http.StatusBadRequest,
		"payment_intent=pi_1&reason=changed_mind": http.StatusBadRequest,
	} {
		r := httptest.NewRequest(http.MethodPost, "/v1/refunds", strings.NewReader(form))
		r.Header.Set("Authorization", "Bearer sk_test_123")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		if rec.Code != want {
			t.Errorf("%s: %d, want %d", form, rec.Code, want)
		}
	}
}
