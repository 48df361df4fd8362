package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestTooMuchIsTooMuch: a body whose length nobody told is refused like one that told it, even when what
// is too long is only blanks after the credentials or no JSON at all.
func TestTooMuchIsTooMuch(t *testing.T) {
	t.Parallel()
	s := open(t)
	c, secret := s.client(t, leeds)
	blanks := strings.Repeat(" ", 70_000)
	for name, x := range map[string]struct{ body, kind string }{
		"blanks after": {credentials(c, secret) + blanks, "application/json"},
		"no JSON":      {"x" + blanks, "application/json"},
		"a form":       {"client_id=" + strings.Repeat("a", 70_000), "application/x-www-form-urlencoded"},
		"plain text":   {blanks, "text/plain"},
	} {
		for _, length := range []int64{int64(len(x.body)), -1} {
			r := httptest.NewRequest("POST", "/api/v1/token", strings.NewReader(x.body))
			r.Header.Set("Content-Type", x.kind)
			r.ContentLength = length
			if a := s.Stranger().Do(r); a.Status != 413 || !strings.Contains(a.Body, `"code":"too_large"`) {
				t.Errorf("%s, length %d: %d %s", name, length, a.Status, a.Body)
			}
		}
	}
}
