package storefront

import (
	"errors"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// from is a request of a network.
func from(ip string) echo.Context {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = ip + ":1234"
	return echo.New().NewContext(r, httptest.NewRecorder())
}

// widths gives every test a size of its own: what another one drew costs nothing.
var widths atomic.Int32

func ownWidth() int { return 30 + int(widths.Add(1)) }

func small(b carart.Body, width int) carart.Plate {
	return carart.Plate{Spec: carart.Spec{Body: b}, Width: width}
}

func TestDrawingNewPicturesIsLimited(t *testing.T) {
	t.Parallel()
	width, h := ownWidth(), &Handlers{drawn: limit.NewBucket(0, 1), share: web.NewShare(0, 9)}
	if _, err := h.pixels(from("192.0.2.1"), small(carart.SUV, width)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.pixels(from("192.0.2.1"), small(carart.Van, width)); !errors.Is(err, errManyDrawn) {
		t.Errorf("a second drawing: %v", err)
	}
	if _, err := h.pixels(from("192.0.2.1"), small(carart.SUV, width)); err != nil {
		t.Errorf("a picture that is kept: %v", err)
	}
}

func TestOneNetworkDoesNotTakeTheDrawingsOfAll(t *testing.T) {
	t.Parallel()
	width, h := ownWidth(), &Handlers{drawn: limit.NewBucket(0, 3), share: web.NewShare(0, 1)}
	bodies := carart.Bodies()
	for i, ip := range []string{"192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3"} {
		_, err := h.pixels(from(ip), small(bodies[i], width))
		if again := i == 1 || i == 2; again != errors.Is(err, errManyDrawn) {
			t.Errorf("the %d. picture, for %s: %v", i+1, ip, err)
		}
	}
}
