package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"

	"github.com/labstack/echo/v4"
)

// FuzzParseAmount: what is read as an amount is above nothing, is not too large for any sum, and is the
// same when it is written in the same language and read again.
func FuzzParseAmount(f *testing.F) {
	words, err := i18n.Load()
	if err != nil {
		f.Fatal(err)
	}
	locales := []string{"en-GB", "it-IT", "fr-FR", "de-DE", "es-ES", "ro-RO"}
	for i, typed := range []string{"25,635.00", "25.635,00", "25 635", "1", "0", "-5", "9999999999.99", "99999999999", "£1", "1e5", "٢٥", "\x00", "１"} {
		f.Add(typed, uint8(i))
	}
	f.Fuzz(func(t *testing.T, typed string, n uint8) {
		p := words.Printer(locales[int(n)%len(locales)])
		b := Base{P: p}
		got, err := ParseAmount(p, typed, "€")
		if err != nil {
			if got != 0 {
				t.Fatalf("%q is refused and yet %d", typed, got)
			}
			return
		}
		if got <= 0 || got >= 1_000_000_000_000 {
			t.Fatalf("%q is %d", typed, got)
		}
		again, err := ParseAmount(p, CleanLine(b.PlainAmount(money.Of(got, "EUR"))), "€") // as a form gives it
		if err != nil || again != got {
			t.Fatalf("%q is %d, written %q, read again %d (%v)", typed, got, b.PlainAmount(money.Of(got, "EUR")), again, err)
		}
	})
}

// FuzzReadForm: any body is a form or refused, and what a field gives is one clean line.
func FuzzReadForm(f *testing.F) {
	for _, body := range []string{"name=Priya&form_key=abc", "name=%00", "name=%ff", "name=%zz", "a;b", "name=%E2%80%AEevil", "name=a&name=b", strings.Repeat("x=1&", 300), "=", "name=\r\n%0d%0a"} {
		f.Add(body, "application/x-www-form-urlencoded")
		f.Add(body, "multipart/form-data; boundary=x")
	}
	e := echo.New()
	f.Fuzz(func(t *testing.T, body, kind string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		form, err := ReadForm(e.NewContext(r, httptest.NewRecorder()))
		if err != nil {
			if StatusOf(err) != http.StatusBadRequest && StatusOf(err) != http.StatusRequestEntityTooLarge {
				t.Fatalf("answered with %d: %v", StatusOf(err), err)
			}
			return
		}
		for name := range form.c.Request().PostForm {
			for _, v := range append(form.Values(name), form.Value(name)) {
				if !utf8.ValidString(v) || v != strings.TrimSpace(v) || strings.ContainsFunc(v, unicode.IsControl) || CleanLine(v) != v {
					t.Fatalf("field %q gives %q", name, v)
				}
			}
			if s := form.Text(name); strings.Contains(s, "\n\n\n") || !utf8.ValidString(s) {
				t.Fatalf("field %q gives the text %q", name, s)
			}
		}
	})
}
