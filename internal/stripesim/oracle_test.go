package stripesim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"
)

// schemas is Stripe's own description of API 2023-10-16: the judge of what the bank answers.
var schemas = sync.OnceValue(func() openapi3.Schemas {
	doc, err := openapi3.NewLoader().LoadFromData(embedded.OpenAPISpec)
	if err != nil {
		panic(err)
	}
	return doc.Components.Schemas
})

// stub is Stripe's own stateless server: the judge of what the gateway asks.
var stub = sync.OnceValue(func() http.Handler {
	if quiet, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stdout = quiet // it prints every request; the test framework holds the true one already
	}
	spec, err := server.LoadSpec(embedded.OpenAPISpec, "")
	if err != nil {
		panic(err)
	}
	fixtures, err := server.LoadFixtures(embedded.OpenAPIFixtures, "")
	if err != nil {
		panic(err)
	}
	s, err := server.NewStubServer(fixtures, spec, true, false)
	if err != nil {
		panic(err)
	}
	return http.HandlerFunc(s.HandleRequest)
})

// judged puts both oracles around the bank: each request must be one that Stripe understands, and
// each answer one that Stripe could give.
func judged(t *testing.T, bank http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1/") {
			bank.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Foreign") == "" {
			judgeRequest(t, r, body)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		rec := httptest.NewRecorder()
		bank.ServeHTTP(rec, r)
		if strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") {
			judgeObject(t, rec.Body.Bytes())
		}
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

func judgeRequest(t *testing.T, r *http.Request, body []byte) {
	again := r.Clone(t.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	rec := httptest.NewRecorder()
	stub().ServeHTTP(rec, again)
	if rec.Code != http.StatusOK {
		t.Errorf("Stripe's stub refuses %s %s with %d: %s\nbody: %s", r.Method, r.URL, rec.Code, rec.Body, body)
	}
}

// judgeObject checks an answer, a list or an event with the schema of its kind.
func judgeObject(t *testing.T, raw []byte) {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Errorf("the bank answered no JSON: %v: %s", err, raw)
		return
	}
	judge(t, v)
}

func judge(t *testing.T, v map[string]any) {
	t.Helper()
	kind, _ := v["object"].(string)
	if e, failed := v["error"].(map[string]any); failed {
		check(t, "api_errors", e)
		return
	}
	if kind == "list" {
		for _, one := range v["data"].([]any) {
			judge(t, one.(map[string]any))
		}
		return
	}
	check(t, kind, v)
	if kind == "event" {
		judge(t, v["data"].(map[string]any)["object"].(map[string]any))
	}
}

func check(t *testing.T, kind string, v map[string]any) {
	t.Helper()
	schema, ok := schemas()[kind]
	if !ok {
		t.Errorf("Stripe has no object %q", kind)
		return
	}
	if err := schema.Value.VisitJSON(v); err != nil {
		t.Errorf("%s is not as Stripe's: %v", kind, err)
	}
	for name := range v {
		if _, known := schema.Value.Properties[name]; !known {
			t.Errorf("%s has a field %q that Stripe's has not", kind, name)
		}
	}
}
