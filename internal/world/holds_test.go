package world_test

import (
	"context"
	"errors"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/world"
)

func held(feature id.Feature, until market.Date) world.Held {
	return world.Held{Brand: "dacia", Market: "gb", Model: "kite", ChangedBy: "staff:1",
		Hold: configurator.Hold{Feature: feature, Until: until, Because: "stock"}}
}

func (s *shop) hold(h world.Held) error {
	w := s.world()
	return s.db.InTx(s.Context(), func(ctx context.Context, tx *db.Tx) error { return world.HoldTx(ctx, tx, w, h) })
}

func (s *shop) release(h world.Held) error {
	return s.db.InTx(s.Context(), func(ctx context.Context, tx *db.Tx) error { return world.UnholdTx(ctx, tx, h) })
}

var withRadio = configurator.Selection{"plus", "motor", "white", "cloth", "steel", "radio"}

// gate asks whether a car can be ordered on a day.
func gate(t *testing.T, w *world.World, day market.Date) error {
	t.Helper()
	m, err := w.Model("dacia", "gb", "kite", day)
	if err != nil {
		t.Fatal(err)
	}
	return m.Check(withRadio)
}

func TestAHoldComesAndGoesOnAnotherInstanceWithoutCompiling(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.publish(kite(t))
	k := s.keeper(s.dsn)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go k.Run(ctx)
	free, err := k.Now().Model("dacia", "gb", "kite", today)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // it can be held again
		if err := s.hold(held("radio", "")); err != nil {
			t.Fatal(err)
		}
		until(t, "the hold", func() bool { return gate(t, k.Now(), today) != nil })
		var c *configurator.Clash
		if err := gate(t, k.Now(), today); !errors.As(err, &c) || c.Hold == nil || c.Hold.Because != "stock" {
			t.Fatalf("got %v", err)
		}
		if m, _ := k.Now().Unheld("dacia", "gb", "kite", today); m != free {
			t.Fatal("it was compiled anew")
		}
		if err := s.release(held("radio", "")); err != nil {
			t.Fatal(err)
		}
		until(t, "the release", func() bool { return gate(t, k.Now(), today) == nil })
	}
	if m, _ := k.Now().Model("dacia", "gb", "kite", today); m != free {
		t.Fatal("another model")
	}
	if n := s.count(`SELECT count(*) FROM audit_log WHERE action IN ('range.hold', 'range.release') AND market = 'gb' AND actor = 'staff:1'`); n != 4 {
		t.Fatalf("%d audit rows", n)
	}
}

func TestAHoldEndsAfterItsLastDay(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.publish(kite(t))
	if err := s.hold(held("radio", "2026-11-30")); err != nil {
		t.Fatal(err)
	}
	w := s.world()
	for day, barred := range map[market.Date]bool{today: true, "2026-11-30": true, "2026-12-01": false} {
		if err := gate(t, w, day); (err != nil) != barred {
			t.Errorf("%s: %v", day, err)
		}
	}
	if m, err := w.Model("dacia", "it", "kite", today); err != nil || m.Check(withRadio) != nil {
		t.Error("held in another market", err)
	}
	if hs := w.Holds("dacia", "gb", "kite"); len(hs) != 1 || hs[0].Until != "2026-11-30" {
		t.Errorf("%+v", hs)
	}
	if all := w.AllHeld(); len(all) != 1 || all[0].ChangedBy != "staff:1" {
		t.Errorf("%+v", all)
	}
}

func TestAHoldIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.publish(kite(t))
	with := func(change func(*world.Held)) world.Held {
		h := held("radio", "")
		change(&h)
		return h
	}
	for name, c := range map[string]struct {
		h    world.Held
		want error
	}{
		"unknown market":        {with(func(h *world.Held) { h.Market = "xy" }), world.ErrNoShop},
		"unknown model":         {with(func(h *world.Held) { h.Model = "xy" }), world.ErrNoModel},
		"unknown feature":       {held("xy", ""), configurator.ErrUnknown},
		"no reason":             {with(func(h *world.Held) { h.Because = "" }), world.ErrHold},
		"no day":                {held("radio", "tomorrow"), world.ErrHold},
		"a day that has passed": {held("radio", "2026-11-23"), world.ErrHold},
		"the only motor":        {held("motor", ""), configurator.ErrHeld},
	} {
		if err := s.hold(c.h); !errors.Is(err, c.want) || fault.KindOf(err) == fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.release(held("radio", "")); !errors.Is(err, world.ErrNotHeld) {
		t.Error(err)
	}
	// Two that leave a car each, but none together.
	if err := s.hold(held("plus", "")); err != nil {
		t.Fatal(err)
	}
	if err := s.hold(held("basic", "")); !errors.Is(err, configurator.ErrHeld) {
		t.Fatal(err)
	}
	// And a publication after which what is held leaves none.
	_, err := world.Publish(t.Context(), s.db, s.world(), kite(t, "any: [blue]}", "any: [blue, steel]}"), "staff:1", "", s.db.Clock.Now(), configurator.DefaultBudget)
	if !errors.Is(err, configurator.ErrHeld) {
		t.Fatal(err)
	}
	if n := s.count(`SELECT count(*) FROM range_holds`); n != 1 {
		t.Fatalf("%d holds", n)
	}
}
