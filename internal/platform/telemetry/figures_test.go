package telemetry

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"forecourt/internal/platform/latency"

	"github.com/labstack/echo/v4"
)

func TestFiguresOfRequests(t *testing.T) {
	t.Parallel()
	m := New()
	e := echo.New()
	e.Use(m.Middleware)
	e.GET("/orders/:token", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	e.POST("/webhooks/stripe", func(c echo.Context) error { return c.NoContent(http.StatusInternalServerError) })
	for _, path := range []string{"/orders/secret-one", "/orders/secret-two"} {
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/webhooks/stripe", nil))
	got := map[string]int64{}
	for _, f := range m.Requests() {
		got[f.Name] = f.N
		if f.Mean <= 0 || f.P99 <= 0 {
			t.Errorf("%+v", f)
		}
	}
	if len(got) != 2 || got["GET /orders/:token"] != 2 || got["POST /webhooks/stripe"] != 1 {
		t.Errorf("%v", got)
	}
}

type answers func(*http.Request) (*http.Response, error)

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

func TestFiguresOfCallsNameNoObject(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	rt := Calls("a stranger of this test", answers(func(*http.Request) (*http.Response, error) {
		if status == 0 {
			return nil, errors.New("gone")
		}
		return &http.Response{StatusCode: status, Body: http.NoBody}, nil
	}))
	for i, path := range []string{"/v1/intents/pi_1", "/v1/intents/pi_2", "/v1/intents/pi_3"} {
		status = []int{http.StatusOK, http.StatusConflict, 0}[i]
		_, _ = rt.RoundTrip(httptest.NewRequest(http.MethodGet, path, nil))
	}
	i := slices.IndexFunc(New().Calls(), func(f latency.Figure) bool {
		return f.Name == "a stranger of this test GET /v1/intents/:id" && f.N == 3
	})
	if i < 0 {
		t.Errorf("%v", New().Calls())
	}
}

type bucket struct {
	end float64
	n   uint64
}

func (b bucket) GetUpperBound() float64     { return b.end }
func (b bucket) GetCumulativeCount() uint64 { return b.n }

func TestP99IsTheEndOfItsBucket(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n       int64
		buckets []bucket
		want    time.Duration
	}{
		{1, []bucket{{.5, 0}, {1, 1}}, time.Second},
		{100, []bucket{{.5, 98}, {1, 99}, {2, 100}}, time.Second},
		{100, []bucket{{.5, 10}, {1, 20}}, time.Second}, // beyond: at least so long
		{1, nil, 0},
	} {
		if got := p99(c.n, c.buckets); got != c.want {
			t.Errorf("%v: %s, want %s", c, got, c.want)
		}
	}
}
