package web_test

import (
	"net/http"
	"strings"
	"testing"

	"forecourt/internal/identity"
	"forecourt/internal/web"
	"forecourt/static"
	"forecourt/templates"

	"forecourt/internal/web/assets"

	"github.com/labstack/echo/v4"
)

func kit(t *testing.T) *web.Kit {
	t.Helper()
	set, err := assets.New(static.Files, "")
	if err != nil {
		t.Fatal(err)
	}
	k := &web.Kit{Assets: set}
	if err := k.Init(templates.Files); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestARouteWithoutAPermissionDoesNotStart(t *testing.T) {
	t.Parallel()
	nothing := func(echo.Context) error { return nil }
	err := kit(t).Add(echo.New(), []web.Route{{Method: http.MethodGet, Path: "/open", Handler: nothing}})
	if err == nil || !strings.Contains(err.Error(), "/open") {
		t.Fatalf("got %v", err)
	}
	err = kit(t).Add(echo.New(), []web.Route{web.GET("/a", identity.Public, nothing), web.GET("/a", identity.Public, nothing)})
	if err == nil || !strings.Contains(err.Error(), "twice") {
		t.Fatalf("got %v", err)
	}
}

func TestATypedLineIsCleaned(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"  Anna \t  Bianchi ":      "Anna Bianchi",
		"a\x00b":                   "ab",
		"evil\u202Egnp.exe":        "evilgnp.exe",
		"line\r\nBcc: x@y":         "line Bcc: x@y",
		"\u2066hidden\u2069\ufeff": "hidden",
	} {
		if got := web.CleanLine(typed); got != want {
			t.Errorf("%q became %q, want %q", typed, got, want)
		}
	}
}
