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

	"forecourt/internal/stripesim"
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
// each answer one that Stripe could give. What was judged is noted in seen.
func judged(t *testing.T, bank http.Handler, seen *sightings) http.Handler {
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
			if rec.Code == http.StatusOK && r.Header.Get("X-Foreign") == "" {
				seen.route(r)
			}
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
		judgeList(t, v)
		return
	}
	check(t, kind, v)
	if kind == "event" {
		judge(t, v["data"].(map[string]any)["object"].(map[string]any))
	}
}

// judgeList: a list has four fields, an address below /v1 and at most a hundred objects.
func judgeList(t *testing.T, v map[string]any) {
	t.Helper()
	data, ok := v["data"].([]any)
	address, _ := v["url"].(string)
	if _, flag := v["has_more"].(bool); !ok || !flag || len(v) != 4 || !strings.HasPrefix(address, "/v1/") || len(data) > 100 {
		t.Errorf("a list is not as Stripe's: %v", v)
	}
	for _, one := range data {
		judge(t, one.(map[string]any))
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
	for _, field := range foreign(schema.Value, v, kind) {
		t.Errorf("Stripe has no field %s", field)
	}
}

// foreign lists the fields, at any depth, that Stripe's description does not know. The descriptions
// allow further fields, so that validating alone would not find a misspelt one.
func foreign(s *openapi3.Schema, v any, path string) []string {
	switch v := v.(type) {
	case map[string]any:
		return foreignIn(s, v, path)
	case []any:
		var out []string
		for _, one := range v {
			if s.Items != nil {
				out = append(out, foreign(s.Items.Value, one, path+"[]")...)
			}
		}
		return out
	}
	return nil
}

func foreignIn(s *openapi3.Schema, v map[string]any, path string) []string {
	if len(s.AnyOf) > 0 {
		return foreignInAny(s.AnyOf, v, path)
	}
	if s.AdditionalProperties.Schema != nil || len(s.Properties) == 0 {
		return nil // metadata and the like: any name
	}
	var out []string
	for name, inner := range v {
		known, ok := s.Properties[name]
		if !ok {
			out = append(out, path+"."+name)
			continue
		}
		out = append(out, foreign(known.Value, inner, path+"."+name)...)
	}
	return out
}

// foreignInAny takes the alternative that fits best: an id or one of several objects.
func foreignInAny(alternatives openapi3.SchemaRefs, v map[string]any, path string) []string {
	best, found := []string{path + " fits no alternative"}, false
	for _, a := range alternatives {
		if a.Value.VisitJSON(v) != nil {
			continue
		}
		if out := foreign(a.Value, v, path); !found || len(out) < len(best) {
			best, found = out, true
		}
	}
	return best
}

// sightings are the routes that were answered and the kinds of events that came, all judged.
type sightings struct {
	mu     sync.Mutex
	routes map[string]bool
	kinds  map[string]bool
}

// patterns finds the route of a request.
var patterns = sync.OnceValue(func() *http.ServeMux {
	mux := http.NewServeMux()
	for _, pattern := range stripesim.Routes() {
		mux.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
	}
	return mux
})

func (s *sightings) route(r *http.Request) {
	_, pattern := patterns().Handler(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.routes == nil {
		s.routes = map[string]bool{}
	}
	s.routes[pattern] = true
}

func (s *sightings) event(raw []byte) {
	var e struct{ Type string }
	_ = json.Unmarshal(raw, &e)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kinds == nil {
		s.kinds = map[string]bool{}
	}
	s.kinds[e.Type] = true
}

func (s *sightings) lacks(of func(*sightings) map[string]bool, all []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, one := range all {
		if !of(s)[one] {
			out = append(out, one)
		}
	}
	return out
}
