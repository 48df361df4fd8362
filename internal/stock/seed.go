package stock

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
)

// Line is one model in one market, as the demo's factory makes it.
type Line struct {
	Market  *market.Market
	Range   *catalogue.Range
	Model   *configurator.Model
	Dealers []*network.Dealer // that take part
	Cars    int               // how many to make
}

// demoVIN begins every number of the demo's cars.
const demoVIN = "VF1RJA00X74"

// alphabet has no letter that people mix up, and none that a VIN lacks.
const alphabet = "23456789ABCDEFGHJKLMNPRSTUVWXYZ"

// Invent makes a line's cars: the same each time for the same range, dealers and day. Most are cars
// that many people buy; a tenth is what somebody at the factory fancied.
func Invent(l Line, today market.Date) []*Car {
	if len(l.Dealers) == 0 {
		return nil
	}
	var out []*Car
	for i := range l.Cars {
		key := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%s/%d", l.Market.Code, l.Range.Brand, l.Range.Model, i))
		r := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(key[:]), binary.LittleEndian.Uint64(key[8:])))
		b, ok := l.invent(r)
		if !ok {
			continue
		}
		c := &Car{ID: number(key[16:]), Brand: l.Range.Brand, Market: l.Market.Code, Model: l.Range.Model,
			Dealer: l.Dealers[r.IntN(len(l.Dealers))].Code, Selection: configurator.Encode(b.Selection), State: Free}
		c.Stage, c.ReadyOn = l.way(r, i, today)
		if c.Stage != Build {
			c.VIN = demoVIN + string(c.ID[2:])
		}
		out = append(out, c)
	}
	return out
}

func number(key []byte) id.StockCar {
	out := []byte("P-")
	for _, b := range key[:6] {
		out = append(out, alphabet[int(b)%len(alphabet)])
	}
	return id.StockCar(out)
}

// way gives a car its place between factory and dealer; the cars of a line take turns.
func (l Line) way(r *rand.Rand, i int, today market.Date) (Stage, market.Date) {
	stage := Stages[i%len(Stages)]
	days := 2 + r.IntN(6)
	switch stage {
	case Transit:
		days = 8 + r.IntN(21)
	case Build:
		days = 30 + r.IntN(max(1, 7*l.Range.WeeksFrom-37))
	}
	day := today.Time(time.UTC).AddDate(0, 0, days-1)
	return stage, WorkingDays(l.Market, "", market.DateOf(day), 1)
}

// Fancy makes a car of the line that somebody might have bought; false when what was picked does not go together.
func (l Line) Fancy(r *rand.Rand) (configurator.Build, bool) { return l.invent(r) }

// invent picks one choice after the other and keeps those that go together.
func (l Line) invent(r *rand.Rand) (configurator.Build, bool) {
	fancy := r.IntN(10) == 0
	var picks configurator.Selection
	try := func(c id.Feature) bool {
		next := append(picks[:len(picks):len(picks)], c)
		if _, err := l.Model.Complete(next); err != nil {
			return false
		}
		picks = next
		return true
	}
	for _, g := range catalogue.Groups {
		of := l.of(g)
		if g == catalogue.Options {
			for _, c := range of {
				if r.IntN(14) == 0 || fancy && r.IntN(4) == 0 {
					try(c)
				}
			}
			continue
		}
		// What a range lists first sells most; tried until one fits.
		for range 8 {
			at := r.IntN(max(1, len(of)))
			if !fancy && g != catalogue.Version {
				at = min(at, r.IntN(max(1, len(of))))
			}
			if len(of) == 0 || try(of[at]) {
				break
			}
		}
	}
	b, err := l.Model.Complete(picks)
	return b, err == nil
}

func (l Line) of(g catalogue.Group) []id.Feature {
	var out []id.Feature
	for i := range l.Range.Features {
		if f := &l.Range.Features[i]; f.Group == g {
			out = append(out, f.Code)
		}
	}
	return out
}
