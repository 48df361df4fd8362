// Package world is the picture of all reference data that every instance holds in memory: brands,
// markets, dealers, places, ranges and the pilot switches. A picture never changes; a change in the
// database makes a new one on every instance within a second. It also loads the files under config/.
package world

import (
	"sort"
	"sync"
	"time"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/fault"
)

// Faults of this package.
var (
	ErrNoShop  = fault.New(fault.NotFound, "fault.not_found", "world.Shop")
	ErrNoModel = fault.New(fault.NotFound, "fault.not_found", "world.Model")
)

// World is one picture. All fields are read only.
type World struct {
	Version int64
	Digest  string
	Brands  []market.Brand   // in the order of the front door
	Markets []*market.Market // in the order of the front door
	static
	switches map[switchKey]market.Switch
}

// static is what only an import changes; pictures share it.
type static struct {
	brands  map[id.Brand]market.Brand
	markets map[id.Market]*market.Market
	dealers map[id.Dealer]*network.Dealer
	byPlace map[id.Market][]*network.Dealer
	places  map[id.Market]network.Places
	ranges  map[id.Brand][]*catalogue.Range
	models  *modelShelf
}

type switchKey struct {
	brand  id.Brand
	market id.Market
	flow   id.Flow
}

// Brand finds a brand.
func (w *World) Brand(c id.Brand) (market.Brand, bool) { b, ok := w.brands[c]; return b, ok }

// Market finds a market.
func (w *World) Market(c id.Market) (*market.Market, bool) { m, ok := w.markets[c]; return m, ok }

// Dealer finds a dealer.
func (w *World) Dealer(c id.Dealer) (*network.Dealer, bool) { d, ok := w.dealers[c]; return d, ok }

// Dealers lists the dealers of a market that take part in a brand's flow, in file order.
func (w *World) Dealers(b id.Brand, m id.Market, f id.Flow) []*network.Dealer {
	var out []*network.Dealer
	for _, d := range w.byPlace[m] {
		if d.TakesPart(b, f) {
			out = append(out, d)
		}
	}
	return out
}

// Places are the towns and postcode areas of a market.
func (w *World) Places(m id.Market) network.Places { return w.places[m] }

// Switch is the position of a brand's flow in a market; off when there is none.
func (w *World) Switch(b id.Brand, m id.Market, f id.Flow) market.Switch {
	if s, ok := w.switches[switchKey{b, m, f}]; ok {
		return s
	}
	return market.Switch{Brand: b, Market: m, Flow: f, State: market.Off}
}

// Switches lists the switches of the given markets, by market, brand and flow.
func (w *World) Switches(in func(id.Market) bool) []market.Switch {
	var out []market.Switch
	for _, s := range w.switches {
		if in(s.Market) {
			out = append(out, s)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.Market != b.Market {
			return w.markets[a.Market].Order < w.markets[b.Market].Order
		}
		if a.Brand != b.Brand {
			return w.brands[a.Brand].Order < w.brands[b.Brand].Order
		}
		return a.Flow < b.Flow
	})
	return out
}

// Ranges lists the models of a brand that are sold in a market on a day, in order.
func (w *World) Ranges(b id.Brand, m id.Market, day market.Date) []*catalogue.Range {
	var out []*catalogue.Range
	for _, r := range w.ranges[b] {
		if _, ok := r.PricesAt(m, day); ok {
			out = append(out, r)
		}
	}
	return out
}

// Range finds a model of a brand.
func (w *World) Range(b id.Brand, model id.Model) (*catalogue.Range, bool) {
	for _, r := range w.ranges[b] {
		if r.Model == model {
			return r, true
		}
	}
	return nil, false
}

// Model is the compiled range of a model in a market on a day. It is compiled once and kept.
func (w *World) Model(b id.Brand, m id.Market, model id.Model, day market.Date) (*configurator.Model, error) {
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
	return w.models.get(modelKey{b, m, model, day}, func() (*configurator.Model, error) {
		return configurator.Compile(mk, r, day)
	})
}

// Today is the calendar day of now in a market.
func Today(m *market.Market, now time.Time) market.Date { return market.DateOf(now.In(m.Zone())) }

type modelKey struct {
	brand  id.Brand
	market id.Market
	model  id.Model
	day    market.Date
}

// modelShelf keeps compiled models; days that have passed are dropped when it grows.
type modelShelf struct {
	mu sync.RWMutex
	m  map[modelKey]*configurator.Model
}

const shelfSize = 256

func (s *modelShelf) get(k modelKey, make func() (*configurator.Model, error)) (*configurator.Model, error) {
	s.mu.RLock()
	v, ok := s.m[k]
	s.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := make()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.m) >= shelfSize {
		clear(s.m)
	}
	s.m[k] = v
	return v, nil
}
