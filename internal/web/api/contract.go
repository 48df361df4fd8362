package api

import (
	_ "embed" // the contract travels inside the binary
	"net/http"

	"github.com/labstack/echo/v4"
)

//go:embed openapi.json
var contract []byte

// showContract answers the description of this API.
func (s *Surface) showContract(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "public, max-age=300")
	return c.JSONBlob(http.StatusOK, contract)
}
