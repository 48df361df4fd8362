package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"forecourt/internal/identity"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/fault"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// mostReports come in one call; more go by file.
const mostReports = 300

var (
	errReports   = fault.New(fault.Invalid, "fault.invalid", "api.takeReports")
	errNoReports = fault.New(fault.Forbidden, "fault.forbidden", "api.takeReports")
)

type reports struct {
	DryRun  bool     `json:"dry_run"`
	Reports []report `json:"reports"`
}

type report struct {
	VIN        string `json:"vin"`
	Stage      string `json:"stage"`
	Date       string `json:"date"`
	Order      string `json:"order"`
	Correction bool   `json:"correction"`
}

type outcome struct {
	Outcome ordering.Outcome `json:"outcome"`
	Reason  string           `json:"reason"`
}

// takeReports carries reports of the caller's own dealer out, each by itself.
func (s *Surface) takeReports(c echo.Context, caller identity.Caller) error {
	if !caller.Reports {
		return errNoReports
	}
	in, err := readReports(c)
	if err != nil {
		return err
	}
	scope := ordering.Scope{Actor: "client:" + string(caller.Client), Dealer: caller.Dealer}
	out := make([]outcome, len(in.Reports))
	for i, x := range in.Reports {
		r := ordering.Report{Line: i + 1, VIN: x.VIN, Stage: ordering.State(x.Stage), On: x.Date, Number: x.Order, Correction: x.Correction}.Checked()
		do := s.cars.Report
		if in.DryRun {
			do = s.cars.JudgeReport
		}
		if r, err = do(c.Request().Context(), scope, r); err != nil {
			return err
		}
		out[i] = outcome{r.Outcome, r.Why}
	}
	return c.JSON(http.StatusOK, map[string]any{"reports": out})
}

func readReports(c echo.Context) (in reports, err error) {
	body, err := io.ReadAll(c.Request().Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return in, web.ErrTooLarge
	}
	kind, _, _ := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || json.Unmarshal(body, &in) != nil {
		return in, web.ErrBadForm
	}
	if len(in.Reports) == 0 || len(in.Reports) > mostReports {
		return in, errReports
	}
	return in, nil
}
