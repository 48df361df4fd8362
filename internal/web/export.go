package web

import (
	"encoding/csv"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/platform/sheet"

	"github.com/labstack/echo/v4"
)

// Download answers a file to be kept, under a name made of parts: fileName. Nothing between us and the reader keeps it.
func Download(c echo.Context, mime string, body []byte, ext string, name ...string) error {
	attach(c, ext, name)
	return c.Blob(http.StatusOK, mime, body)
}

// ShowFile answers a file that the browser may show.
func ShowFile(c echo.Context, mime string, body []byte, ext string, name ...string) error {
	c.Response().Header().Set("Content-Disposition", `inline; filename="`+fileName(ext, name)+`"`)
	return c.Blob(http.StatusOK, mime, body)
}

func attach(c echo.Context, ext string, name []string) {
	h := c.Response().Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("Content-Disposition", `attachment; filename="`+fileName(ext, name)+`"`)
}

// fileName joins what a file is about, from the general to the particular: "settlement-gb-leeds-2026-11.csv". Only
// letters, digits, dots and hyphens get into it, so that no header and no disk takes harm.
func fileName(ext string, parts []string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		}
		return '_'
	}, strings.Join(parts, "-")+"."+ext)
}

// Sheet answers rows for a spreadsheet or a program, as they come: CSV in UTF-8, lines ended by CR LF (RFC 4180). An error
// behind the first row ends the answer short, which the reader's program sees.
func Sheet(c echo.Context, head []string, rows iter.Seq2[[]string, error], name ...string) error {
	attach(c, "csv", name)
	c.Response().Header().Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	w := csv.NewWriter(c.Response())
	w.UseCRLF = true
	if err := w.Write(head); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		for i := range row {
			row[i] = sheet.Defuse(row[i])
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// CellAmount writes an amount in a sheet: a dot and two decimals, no currency.
func CellAmount(minor int64) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return sign + strconv.FormatInt(minor/100, 10) + "." + strconv.FormatInt(minor%100+100, 10)[1:]
}

// CellTime writes an instant in a sheet, in the zone of the place it is about; empty for none.
func CellTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04")
}
