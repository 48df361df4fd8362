package pilot_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"forecourt/internal/flow/pilot"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/testkit"
)

func turn() pilot.Turn {
	return pilot.Turn{User: "0198a000-0000-7000-8000-000000000009", Markets: []id.Market{"gb"}, Brand: "dacia", Market: "gb", Flow: id.FlowNew,
		To: market.Paused, Version: 1, Reason: "a test of turning"}
}

func move(t *testing.T, d *db.DB, x pilot.Turn) error {
	return d.InTx(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *db.Tx) error { return pilot.SwitchTx(ctx, tx, x) })
}

func TestFiftyTurnsOfASwitchAreOne(t *testing.T) {
	t.Parallel()
	d, _ := testkit.World(t, dbtest.Options{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 50 {
		wg.Go(func() {
			switch err := move(t, d, turn()); {
			case err == nil:
				mu.Lock()
				won++
				mu.Unlock()
			case !errors.Is(err, pilot.ErrMoved):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var rows int
	_, err := db.One(d.Read(t.Context()), &rows, `SELECT count(*) FROM audit_log WHERE action = 'switch' AND old ->> 'state' = 'live' AND new ->> 'state' = 'paused'`)
	if err != nil || rows != 1 || won != 1 {
		t.Fatalf("%d won, %d audit rows, %v", won, rows, err)
	}
}

func TestASwitchAsksForAReasonAndTheRightMarket(t *testing.T) {
	t.Parallel()
	d, _ := testkit.World(t, dbtest.Options{})
	foreign, silent, same := turn(), turn(), turn()
	foreign.Markets = []id.Market{"it"}
	silent.Reason = " é "
	same.To = market.Live
	for want, x := range map[error]pilot.Turn{pilot.ErrNoSwitch: foreign, pilot.ErrReason: silent, pilot.ErrMoved: same} {
		if err := move(t, d, x); !errors.Is(err, want) {
			t.Errorf("want %v, got %v", want, err)
		}
	}
}
