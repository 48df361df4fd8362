package world

import (
	"context"
	"fmt"
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
)

// Mend compiles what is on sale today and has no sound edition of its present rules, and stores it, so
// that the next start need not. The range itself stays as it is. It answers how many markets of ranges
// it mended.
func (k *Keeper) Mend(ctx context.Context) (int, error) {
	w, mended := k.Now(), 0
	for _, m := range w.Markets {
		day := Today(m, k.db.Clock.Now())
		for _, b := range w.Brands {
			for _, r := range w.Ranges(b.Code, m.Code, day) {
				if w.sound(r, m, day) {
					continue
				}
				if err := k.mend(ctx, w, r, m, day); err != nil {
					return mended, fmt.Errorf("world: mend %s/%s in %s: %w", b.Code, r.Model, m.Code, err)
				}
				mended++
			}
		}
	}
	if mended == 0 {
		return 0, nil
	}
	// Once at the end: each range is mended only as this picture knows it.
	if err := k.db.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return TouchStaticTx(tx) }); err != nil {
		return mended, err
	}
	return mended, k.Refresh(ctx)
}

// sound tells whether a market is served from a published edition on a day. Asking compiles what is not.
func (w *World) sound(r *catalogue.Range, m *market.Market, day market.Date) bool {
	e, ok := w.EditionOn(r.Brand, r.Model, m.Code, day)
	if !ok || !slices.ContainsFunc(w.diagrams[e.Signature], func(s *stored) bool { _, err := s.diagram(); return err == nil }) {
		return false
	}
	mo, err := w.Unheld(r.Brand, m.Code, r.Model, day)
	return err == nil && mo.Signature() == e.Signature
}

// mend stores new editions of a range in a market, unless the range was published anew meanwhile.
func (k *Keeper) mend(ctx context.Context, w *World, r *catalogue.Range, m *market.Market, day market.Date) error {
	mine := *r
	es, err := configurator.Publish(ctx, m, &mine, day, configurator.DefaultBudget)
	if err != nil {
		return err
	}
	return k.db.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		if err := lockStaticTx(tx); err != nil {
			return err
		}
		return mendTx(tx, w.Static, r, es)
	})
}
