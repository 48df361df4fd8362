package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

type tokenAnswer struct {
	AccessToken string    `json:"access_token"`
	TokenType   string    `json:"token_type"`
	ExpiresIn   int       `json:"expires_in"`
	ExpiresAt   time.Time `json:"expires_at"`
}

// issueToken changes a client's secret into an access token.
func (s *Surface) issueToken(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	client, secret, err := credentials(c)
	if err != nil {
		return err
	}
	token, expires, err := s.tokens.IssueToken(c.Request().Context(), client, secret, c.RealIP())
	if err != nil {
		return challenge(c, "Basic", err)
	}
	life := expires.Sub(s.kit.DB.Clock.Now()).Round(time.Second)
	return c.JSON(http.StatusOK, tokenAnswer{AccessToken: token, TokenType: "Bearer", ExpiresIn: int(life.Seconds()), ExpiresAt: expires})
}

// credentials come by HTTP basic or, without it, as a JSON body.
func credentials(c echo.Context) (id.APIClient, string, error) {
	if name, secret, ok := c.Request().BasicAuth(); ok {
		return id.APIClient(name), secret, nil
	}
	var in struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	kind, _, _ := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
	if kind != "application/json" {
		return "", "", web.ErrBadForm
	}
	d := json.NewDecoder(c.Request().Body)
	if err := d.Decode(&in); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return "", "", web.ErrTooLarge
		}
		return "", "", web.ErrBadForm
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", "", web.ErrBadForm
	}
	return id.APIClient(in.ClientID), in.ClientSecret, nil
}
