package world

import (
	"slices"
	"sync"
	"time"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/id"
	"forecourt/internal/market"
)

// EditionInfo tells of a published edition: a range compiled for a market, from a day on.
type EditionInfo struct {
	Market      id.Market
	From        market.Date
	Signature   string
	Report      configurator.Report
	PublishedAt time.Time
	By          string
}

type rangeKey struct {
	brand id.Brand
	model id.Model
}

// stored is a compiled range as the database holds it, opened when it is first asked for.
type stored struct {
	sum   string // the checksum at its end: the same sum is the same diagram
	open  sync.Once
	bytes []byte
	read  *diagram.Diagram
	err   error
}

func (s *stored) diagram() (*diagram.Diagram, error) {
	s.open.Do(func() {
		s.read, s.err = diagram.Open(s.bytes)
		s.bytes = nil
	})
	return s.read, s.err
}

// Editions lists what is published of a model, by market and day.
func (w *World) Editions(b id.Brand, model id.Model) []EditionInfo {
	return slices.Clone(w.editions[rangeKey{b, model}])
}

// EditionOn is the edition that a market is served from on a day.
func (w *World) EditionOn(b id.Brand, model id.Model, m id.Market, day market.Date) (EditionInfo, bool) {
	var best EditionInfo
	for _, e := range w.editions[rangeKey{b, model}] {
		if e.Market == m && e.From <= day && e.From >= best.From {
			best = e
		}
	}
	return best, best.Market != ""
}

// Model is the range of a model in a market on a day, without what is held. It is prepared once and kept.
func (w *World) Model(b id.Brand, m id.Market, model id.Model, day market.Date) (*configurator.Model, error) {
	base, err := w.Unheld(b, m, model, day)
	if err != nil || len(w.holds[holdKey{b, m, model}]) == 0 {
		return base, err
	}
	return w.held.get(modelKey{b, m, model, day}, func() (*configurator.Model, error) {
		return base.With(inForce(w.holds[holdKey{b, m, model}], day))
	})
}

// Unheld is Model as if nothing was held: cars that are built already can still be sold.
func (w *World) Unheld(b id.Brand, m id.Market, model id.Model, day market.Date) (*configurator.Model, error) {
	k := modelKey{b, m, model, day}
	if mo, ok := w.models.have(k); ok {
		return mo, nil
	}
	r, ok := w.Range(b, model)
	if !ok {
		return nil, ErrNoModel
	}
	mk, ok := w.markets[m]
	if !ok {
		return nil, ErrNoShop
	}
	if _, ok := r.PricesAt(m, day); !ok {
		return nil, ErrNoModel
	}
	return w.models.get(k, func() (*configurator.Model, error) {
		return configurator.Open(mk, r, day, func(signature string) *diagram.Diagram { return w.published(mk, r, signature) })
	})
}

// published finds a published diagram. When there is none, or a damaged one, the range is compiled
// anew by the caller, in the order that is kept with it: the shop stays open.
func (w *World) published(m *market.Market, r *catalogue.Range, signature string) *diagram.Diagram {
	why := "not published"
	for _, s := range w.diagrams[signature] {
		d, err := s.diagram()
		if err == nil {
			return d
		}
		why = err.Error()
	}
	w.log.Warn("world: a range is compiled on the fly; publish it again", "brand", r.Brand, "model", r.Model, "market", m.Code, "reason", why)
	return nil
}
