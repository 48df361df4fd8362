package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/fault"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

type tokenAnswer struct {
	AccessToken string    `json:"access_token"`
	TokenType   string    `json:"token_type"`
	ExpiresIn   int       `json:"expires_in"`
	ExpiresAt   time.Time `json:"expires_at"`
}

// errClient says, in OAuth's own word, that the client or its secret is wrong, never which.
var errClient = fault.New(fault.Unsigned, "invalid_client", "api.issueToken")

// issueToken changes a client's secret into an access token.
func (s *Surface) issueToken(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	client, secret, err := credentials(c)
	if err != nil {
		return err
	}
	token, expires, err := s.tokens.IssueToken(c.Request().Context(), client, secret, c.RealIP())
	if err != nil {
		if errors.Is(err, identity.ErrClient) {
			err = fault.Wrap(errClient.Kind, errClient.Key, errClient.Op, err)
		}
		return challenge(c, "Basic", err)
	}
	life := expires.Sub(s.kit.DB.Clock.Now()).Round(time.Second)
	return c.JSON(http.StatusOK, tokenAnswer{AccessToken: token, TokenType: "Bearer", ExpiresIn: int(life.Seconds()), ExpiresAt: expires})
}

// credentials come by HTTP basic or, without it, in the body: as JSON or as a form. The body is read
// first, so that one that is too large is refused whatever it holds.
func credentials(c echo.Context) (id.APIClient, string, error) {
	body, err := io.ReadAll(c.Request().Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return "", "", web.ErrTooLarge
	case err != nil:
		return "", "", web.ErrBadForm
	}
	if name, secret, ok := c.Request().BasicAuth(); ok {
		return id.APIClient(name), secret, nil
	}
	kind, _, _ := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		return fromJSON(body)
	case "application/x-www-form-urlencoded":
		return fromForm(body)
	}
	return "", "", web.ErrBadForm
}

func fromJSON(body []byte) (id.APIClient, string, error) {
	var in struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return "", "", web.ErrBadForm
	}
	return id.APIClient(in.ClientID), in.ClientSecret, nil
}

// fromForm reads a form as OAuth clients send it. A field that is missing or comes twice says nothing certain,
// and another grant than the client's own credentials is none that we give.
func fromForm(body []byte) (id.APIClient, string, error) {
	in, err := url.ParseQuery(string(body))
	if err != nil || len(in["client_id"]) != 1 || len(in["client_secret"]) != 1 {
		return "", "", web.ErrBadForm
	}
	if grant := in.Get("grant_type"); grant != "" && grant != "client_credentials" {
		return "", "", web.ErrBadForm
	}
	return id.APIClient(in.Get("client_id")), in.Get("client_secret"), nil
}
