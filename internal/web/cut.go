package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// AnswerCut shows a picture that is kept in several widths and may be cut anew: the address names it, the cutting and the width
// in pixels, as "<key>/2-640.jpg". read says whether there is such a one; for how long it may be kept is cache.
func AnswerCut(c echo.Context, cache string, read func(key string, cut, wide int) ([]byte, bool, error)) error {
	name, ok := strings.CutSuffix(c.Param("file"), ".jpg")
	first, second, two := strings.Cut(name, "-")
	cut, err := strconv.Atoi(first)
	wide, wrong := strconv.Atoi(second)
	if !ok || !two || err != nil || wrong != nil || cut < 1 || cut > 1_000_000 || wide < 1 || wide > 5_000 || name != strconv.Itoa(cut)+"-"+strconv.Itoa(wide) {
		return ErrNotFound // one address for each picture
	}
	jpeg, ok, err := read(c.Param("photo"), cut, wide)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", cache)
	c.Response().Header().Set("Content-Disposition", "inline")
	return c.Blob(http.StatusOK, "image/jpeg", jpeg)
}
