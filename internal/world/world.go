package world

import (
	"fmt"
	"log/slog"
	"sort"
	"sync"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/fault"

	"golang.org/x/sync/singleflight"
)

// Faults of this package.
var (
	ErrNoShop  = fault.New(fault.NotFound, "fault.not_found", "world.Shop")
	ErrNoModel = fault.New(fault.NotFound, "fault.not_found", "world.Model")
)

// World is one picture. All fields are read only.
type World struct {
	Version int64
	Digest  string           // of the imported files
	Static  int64            // counts imports and publications
	Brands  []market.Brand   // in the order of the front door
	Markets []*market.Market // in the order of the front door
	static
	switches map[switchKey]market.Switch
	holds    map[holdKey][]Held
	sites    map[id.Dealer]*network.Dealer // those that say something of themselves, as they are at loaded
	loaded   time.Time
	held     *modelShelf // models without what is held; pictures share it as long as the holds are the same
}

// static is what only an import or a publication changes; pictures share it.
type static struct {
	brands  map[id.Brand]market.Brand
	markets map[id.Market]*market.Market
	dealers map[id.Dealer]*network.Dealer
	byPlace map[id.Market][]*network.Dealer
	places  map[id.Market]network.Places
	ranges  map[id.Brand][]*catalogue.Range
	service *aftersales.Book

	editions map[rangeKey][]EditionInfo
	diagrams map[string][]*stored // by signature
	models   *modelShelf
	log      *slog.Logger
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
func (w *World) Dealer(c id.Dealer) (*network.Dealer, bool) {
	d, ok := w.dealers[c]
	return w.now(d), ok
}

// FileOf is a dealer as its file says, without its calendar.
func (w *World) FileOf(c id.Dealer) (*network.Dealer, bool) { d, ok := w.dealers[c]; return d, ok }

// now is a dealer with its calendar.
func (w *World) now(d *network.Dealer) *network.Dealer {
	if d == nil {
		return nil
	}
	if x, ok := w.sites[d.Code]; ok {
		return x
	}
	return d
}

// Dealers lists the dealers of a market that take part in a brand's flow, in file order.
func (w *World) Dealers(b id.Brand, m id.Market, f id.Flow) []*network.Dealer {
	var out []*network.Dealer
	for _, d := range w.byPlace[m] {
		if d = w.now(d); d.TakesPart(b, f) {
			out = append(out, d)
		}
	}
	return out
}

// DealersOf lists all dealers of a market, in file order.
func (w *World) DealersOf(m id.Market) []*network.Dealer {
	out := make([]*network.Dealer, len(w.byPlace[m]))
	for i, d := range w.byPlace[m] {
		out[i] = w.now(d)
	}
	return out
}

// SitesOf lists the dealers of a group, in file order.
func (w *World) SitesOf(g id.Group) []*network.Dealer {
	var out []*network.Dealer
	for _, m := range w.Markets {
		for _, d := range w.byPlace[m.Code] {
			if d.GroupCode() == g {
				out = append(out, w.now(d))
			}
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

// Today is the calendar day of now in a market.
func Today(m *market.Market, now time.Time) market.Date { return market.DateOf(now.In(m.Zone())) }

type modelKey struct {
	brand  id.Brand
	market id.Market
	model  id.Model
	day    market.Date
}

// modelShelf keeps models; days that have passed are dropped when it grows.
type modelShelf struct {
	mu    sync.RWMutex
	m     map[modelKey]*configurator.Model
	under singleflight.Group // many who ask for the same model at once wait for one that makes it
}

func newShelf() *modelShelf { return &modelShelf{m: map[modelKey]*configurator.Model{}} }

const shelfSize = 256

func (s *modelShelf) have(k modelKey) (*configurator.Model, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	mo, ok := s.m[k]
	return mo, ok
}

func (s *modelShelf) get(k modelKey, make func() (*configurator.Model, error)) (*configurator.Model, error) {
	if mo, ok := s.have(k); ok {
		return mo, nil
	}
	made, err, _ := s.under.Do(fmt.Sprint(k), func() (any, error) {
		if mo, ok := s.have(k); ok {
			return mo, nil
		}
		mo, err := make()
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.m) >= shelfSize {
			clear(s.m)
		}
		s.m[k] = mo
		return mo, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*configurator.Model), nil
}
