package signin_test

import (
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/web/signin"
)

func markets(m ...id.Market) []id.Market { return m }

func TestOnlyLocalPathsAreFollowed(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"/", "/manager", "/manager/orders?market=gb&state=offered", "/dacia/gb/new/duster", "/a//b", "/manager?x=//y", "/%2e%2e/x"} {
		if got, ok := signin.LocalPath(next); !ok || got != next {
			t.Errorf("%q is refused", next)
		}
	}
	for _, next := range []string{
		"", "manager", "//evil.example.com", "///evil.example.com", "/\\evil.example.com", "\\\\evil.example.com", "/\t/evil.example.com",
		"/\n/evil.example.com", " //evil.example.com", "https://evil.example.com", "HTTPS://evil.example.com", "http:evil.example.com",
		"javascript:alert(1)", "data:text/html,x", "/ /evil", "/%5cevil.example.com", "/%2f/evil.example.com", "/%0d%0aSet-Cookie:x", "/%zz",
		"/\u202eevil", "/a\x00b", "@evil.example.com", "/" + strings.Repeat("a", 600),
	} {
		if got, ok := signin.LocalPath(next); ok {
			t.Errorf("%q is followed as %q", next, got)
		}
	}
}
