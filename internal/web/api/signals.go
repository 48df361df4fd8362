package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"forecourt/internal/connected"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// mostSignalsBody is how much one request may bring: all messages that it may have, of a usual length.
const mostSignalsBody = 1 << 20

// comeAgain is after how many seconds a sender that was sent away tries again. Cars wait better than people do.
const comeAgain = "2"

// Connect adds connected cars to the surface.
func (s *Surface) Connect(in *connected.Intake, cars *connected.Service) *Surface {
	s.signals, s.connected = in, cars
	return s
}

// takeSignals takes messages of vehicles: one, or many by lines or as a JSON array. What each says is signed by its vehicle, so
// whoever brings it may be anybody. Each is answered by itself, in their order; what is acknowledged is committed.
func (s *Surface) takeSignals(c echo.Context) error {
	tokens, err := readSignals(c)
	if err != nil {
		return err
	}
	out, err := s.signals.Take(c.Request().Context(), tokens)
	if errors.Is(err, connected.ErrBusy) {
		c.Response().Header().Set("Retry-After", comeAgain)
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"messages": out})
}

// readSignals takes the kinds of bodies apart: application/jwt is one message, application/x-ndjson has one on a line, as a text or as a
// JSON text, application/json is an array of texts.
func readSignals(c echo.Context) (tokens []string, err error) {
	body, err := io.ReadAll(c.Request().Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, web.ErrTooLarge
	}
	kind, _, _ := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
	switch {
	case err != nil:
		return nil, web.ErrBadForm
	case kind == "application/jwt":
		tokens = []string{strings.TrimSpace(string(body))}
	case kind == "application/x-ndjson":
		tokens = lines(body)
	case kind == "application/json":
		if json.Unmarshal(body, &tokens) != nil {
			return nil, web.ErrBadForm
		}
	default:
		return nil, web.ErrBadForm
	}
	return tokens, nil
}

func lines(body []byte) (out []string) {
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			out = append(out, strings.Trim(string(line), `"`))
		}
	}
	return out
}
