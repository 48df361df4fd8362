package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"forecourt/internal/platform/sheet"

	"github.com/labstack/echo/v4"
)

// What somebody typed is no formula in a spreadsheet, a negative amount stays a number, and no name leaves its header.
func TestASheetIsHarmless(t *testing.T) {
	t.Parallel()
	ask := func(method string, fail error) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		c := echo.New().NewContext(httptest.NewRequest(method, "/", nil), rec)
		err := Sheet(c, []string{"name", "owed"}, func(yield func([]string, error) bool) {
			if yield([]string{`=HYPERLINK("http://x")`, CellAmount(-1205)}, nil) && yield([]string{"-Ünal", CellAmount(7)}, nil) && fail != nil {
				yield(nil, fail)
			}
		}, "queue", `a"b/c`, "2026-11-30")
		if !errors.Is(err, fail) {
			t.Errorf("%v, not %v", err, fail)
		}
		return rec
	}
	a := ask(http.MethodGet, nil)
	if want := "name,owed\r\n\"'=HYPERLINK(\"\"http://x\"\")\",-12.05\r\n'-Ünal,0.07\r\n"; a.Body.String() != want {
		t.Errorf("%q", a.Body.String())
	}
	h := a.Result().Header
	if h.Get("Content-Disposition") != `attachment; filename="queue-a_b_c-2026-11-30.csv"` || h.Get("Content-Type") != "text/csv; charset=utf-8" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", h)
	}
	if a := ask(http.MethodHead, nil); a.Body.Len() > 0 {
		t.Errorf("a HEAD has a body: %q", a.Body)
	}
	ask(http.MethodGet, errors.New("the database went away"))
}

func TestASheetsCells(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "x": "x", "-12.05": "-12.05", "+49": "'+49", "-1+1": "'-1+1", "@x": "'@x", "\tx": "'\tx", "=1": "'=1"} {
		if got := sheet.Defuse(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if got := CellTime(time.Date(2026, 11, 30, 10, 5, 0, 0, time.UTC), time.UTC); got != "2026-11-30 10:05" || CellTime(time.Time{}, time.UTC) != "" {
		t.Error(got)
	}
	if CellAmount(0) != "0.00" || CellAmount(-5) != "-0.05" || CellAmount(123456) != "1234.56" {
		t.Error("amounts")
	}
}
