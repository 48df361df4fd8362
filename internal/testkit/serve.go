package testkit

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Serve answers on loopback until the test is over. The handler is let go then: a finished test is kept until all that run beside
// it are over, with whatever its cleanups hold, and a hundred whole shops are more memory than a machine has.
func Serve(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(func() { srv.Close(); srv.Config.Handler = nil })
	return srv
}
