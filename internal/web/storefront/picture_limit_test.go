package storefront

import (
	"errors"
	"testing"

	"forecourt/internal/platform/carart"

	"golang.org/x/time/rate"
)

func TestDrawingNewPicturesIsLimited(t *testing.T) {
	t.Parallel()
	h := &Handlers{drawn: rate.NewLimiter(0, 1)}
	first, second := carart.Plate{Spec: carart.Spec{Body: carart.SUV}, Width: 31}, carart.Plate{Spec: carart.Spec{Body: carart.Van}, Width: 31}
	if _, err := h.pixels(first); err != nil {
		t.Fatal(err)
	}
	if _, err := h.pixels(second); !errors.Is(err, errManyDrawn) {
		t.Errorf("a second drawing: %v", err)
	}
	if _, err := h.pixels(first); err != nil {
		t.Errorf("a picture that is kept: %v", err)
	}
}
