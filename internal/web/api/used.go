package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/identity"
	"forecourt/internal/platform/fault"
	"forecourt/internal/usedcars/intake"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// mostUsed cars come in one call, in so many bytes; more go by file.
const (
	mostUsed     = 500
	mostUsedBody = 1 << 20
)

var (
	errUsed   = fault.New(fault.Invalid, "fault.invalid", "api.takeUsed")
	errNoUsed = fault.New(fault.Forbidden, "fault.forbidden", "api.takeUsed")
)

// usedOutcome is what becomes of one car.
type usedOutcome struct {
	Outcome intake.Outcome `json:"outcome"`
	Reason  intake.Why     `json:"reason"`
	Field   intake.Field   `json:"field"`
}

// takeUsed brings used cars of the caller's own dealer in, as a file of the same rows would.
func (s *Surface) takeUsed(c echo.Context, caller identity.Caller) error {
	if !caller.Stock {
		return errNoUsed
	}
	rows, dry, err := readUsed(c)
	if err != nil {
		return err
	}
	lines, err := s.used.BringStock(c.Request().Context(), intake.Scope{Actor: "client:" + string(caller.Client), Dealer: caller.Dealer}, rows, dry)
	if err != nil {
		return err
	}
	out := make([]usedOutcome, len(lines))
	for i, l := range lines {
		out[i] = usedOutcome{l.Outcome, l.Fault.Why, l.Fault.Field}
	}
	return c.JSON(http.StatusOK, map[string]any{"cars": out})
}

func readUsed(c echo.Context) (usedcar.Said, bool, error) {
	body, err := io.ReadAll(c.Request().Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, false, web.ErrTooLarge
	}
	var in struct {
		DryRun bool                               `json:"dry_run"`
		Cars   []map[intake.Field]json.RawMessage `json:"cars"`
	}
	kind, _, _ := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || json.Unmarshal(body, &in) != nil {
		return nil, false, web.ErrBadForm
	}
	if len(in.Cars) == 0 || len(in.Cars) > mostUsed {
		return nil, false, errUsed
	}
	out := make(usedcar.Said, len(in.Cars))
	for i, car := range in.Cars {
		out[i] = map[intake.Field]string{}
		for f, raw := range car {
			text, ok := cell(raw)
			if !ok || !intake.IsField(f) {
				return nil, false, errUsed
			}
			out[i][f] = text
		}
	}
	return out, in.DryRun, nil
}

// cell makes a cell of a value: a text, a number as it is written, or a list of texts. null says nothing.
func cell(raw json.RawMessage) (string, bool) {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return "", false
	}
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case []any:
		var all []string
		for _, x := range v {
			s, ok := x.(string)
			if !ok {
				return "", false
			}
			all = append(all, s)
		}
		return strings.Join(all, ","), true
	}
	return "", false
}
