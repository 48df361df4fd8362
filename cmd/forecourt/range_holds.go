package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"forecourt/internal/catalogue/rangegen"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/world"
)

// generate are the flags of range generate.
type generate struct {
	seed          int64
	models, scale int
	dir, brand    string
}

func (g generate) run() error {
	files := rangegen.For(cmp.Or(id.Brand(g.brand), rangegen.Brand), g.seed, g.models, g.scale)
	for _, f := range files {
		path := filepath.Join(g.dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			return err
		}
		fmt.Println("Written:", path)
	}
	return nil
}

func listHolds(ctx context.Context, args []string) error {
	fs := flags("range holds", "[BRAND/MODEL]", "lists what can not be ordered for the time being.")
	given, err := words(fs, args, 0, 1)
	if err != nil {
		return err
	}
	return withWorld(ctx, func(_ context.Context, _ *db.DB, w *world.World) error {
		n := 0
		for _, h := range w.AllHeld() {
			if model := string(h.Brand) + "/" + string(h.Model); len(given) == 0 || model == given[0] {
				fmt.Printf("%-28s %-3s %-20s %-8s until %-10s by %s\n", model, h.Market, h.Feature, h.Because, cmp.Or(string(h.Until), "further notice"), h.ChangedBy)
				n++
			}
		}
		if n == 0 {
			fmt.Println("Nothing is held.")
		}
		return nil
	})
}

func holdFeature(ctx context.Context, args []string) error {
	fs := flags("range hold", "[flags] BRAND/MODEL MARKET FEATURE", "keeps a feature out of new orders, on every instance within a second. Orders that are placed stay.")
	until := fs.String("until", "", "last day, like 2026-12-31 (default: until it is released)")
	because := fs.String("because", world.HoldReasons[0], "why: "+strings.Join(world.HoldReasons, ", "))
	h, err := heldWords(words(fs, args, 3, 3))
	if err != nil {
		return err
	}
	h.Until, h.Because = market.Date(*until), *because
	return withWorld(ctx, func(ctx context.Context, d *db.DB, w *world.World) error {
		err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return world.HoldTx(ctx, tx, w, h) })
		if err != nil {
			return holdRefusal(h, err)
		}
		fmt.Printf("Held: %s of %s/%s in %s.\n", h.Feature, h.Brand, h.Model, h.Market)
		return nil
	})
}

func releaseFeature(ctx context.Context, args []string) error {
	fs := flags("range release", "BRAND/MODEL MARKET FEATURE", "sells a feature again that was held.")
	h, err := heldWords(words(fs, args, 3, 3))
	if err != nil {
		return err
	}
	return withWorld(ctx, func(ctx context.Context, d *db.DB, _ *world.World) error {
		err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return world.UnholdTx(ctx, tx, h) })
		if err != nil {
			return holdRefusal(h, err)
		}
		fmt.Printf("Released: %s of %s/%s in %s.\n", h.Feature, h.Brand, h.Model, h.Market)
		return nil
	})
}

func heldWords(given []string, err error) (world.Held, error) {
	if err != nil {
		return world.Held{}, err
	}
	b, m, err := modelName(given[0])
	return world.Held{Brand: b, Model: m, Market: id.Market(given[1]), Hold: configurator.Hold{Feature: id.Feature(given[2])}, ChangedBy: byCommand}, err
}

// holdRefusal says at the command line why a hold was refused.
func holdRefusal(h world.Held, err error) error {
	var f *fault.Fault
	switch {
	case errors.Is(err, configurator.ErrHeld):
		return fmt.Errorf("without %s not one car of %s/%s would be left in %s; pause the shop instead", h.Feature, h.Brand, h.Model, h.Market)
	case errors.Is(err, configurator.ErrUnknown):
		return fmt.Errorf("%s/%s has no feature %q in %s", h.Brand, h.Model, h.Feature, h.Market)
	case errors.Is(err, world.ErrNotHeld):
		return fmt.Errorf("%s/%s is not sold in %s, or %q is not held there", h.Brand, h.Model, h.Market, h.Feature)
	case errors.Is(err, world.ErrHold) && errors.As(err, &f):
		return fmt.Errorf("-%s can not be %q", f.Args["field"], f.Args["value"])
	}
	return err
}
