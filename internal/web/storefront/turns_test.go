package storefront

import (
	"context"
	"errors"
	"sync"
	"testing"

	"forecourt/internal/id"
)

func TestTurnsAreOneAtATimeForEachCar(t *testing.T) {
	t.Parallel()
	var way turns
	var inside, most int
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			leave, err := way.take(t.Context(), "U-222222")
			if err != nil {
				t.Error(err)
				return
			}
			defer leave()
			inside++ // the race detector looks on
			most = max(most, inside)
			inside--
		})
	}
	wg.Wait()
	if most != 1 || len(way.of) != 0 {
		t.Errorf("%d were inside at once, %d ways are left", most, len(way.of))
	}
}

func TestWhoGivesUpLeavesHisTurn(t *testing.T) {
	t.Parallel()
	var way turns
	leave, err := way.take(t.Context(), "U-222222")
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := way.take(gone, "U-222222"); !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up hears %v", err)
	}
	other, err := way.take(t.Context(), id.UsedCar("U-333333"))
	if err != nil {
		t.Fatalf("another car has to wait: %v", err)
	}
	other()
	leave()
	if len(way.of) != 0 {
		t.Errorf("%d ways are left", len(way.of))
	}
}
