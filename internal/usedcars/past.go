package usedcars

import (
	"context"
	"crypto/sha256"
	"time"

	"forecourt/internal/market"
)

// Asked is what a register of cars' pasts is asked about.
type Asked struct {
	VIN, Plate, Country string
	Registered          market.Date
	Km, Owners          int         // as the dealer says
	On                  market.Date // when the odometer said so
}

// Report is what a register knows of a car.
type Report struct {
	Source     string // the register, as pages name it
	Reference  string // of the answer, with the register
	Finance    bool   // somebody has lent money on it that is not paid back
	WrittenOff string // the category in which an insurer gave it up; empty when none did
	Stolen     bool
	Owners     int
	Readings   []Reading
}

// Past is a report that was kept.
type Past struct {
	Report
	At time.Time
}

// Old tells whether a register is to be asked again after so many days.
func (p *Past) Old(now time.Time, days int) bool {
	return now.Sub(p.At) >= time.Duration(days)*24*time.Hour
}

// The red flags: while there is one, nobody may buy the car.
const (
	FlagFinance = "finance"
	FlagWritten = "written_off"
	FlagStolen  = "stolen"
	FlagFalls   = "falls"
)

// Flags are the red flags of a car, by what a register answered last and by all that its odometer ever said. One that fell is
// none any more when its dealer has explained it.
func Flags(p *Past, kms []Reading, explained bool) []string {
	var out []string
	if p != nil {
		for _, x := range []struct {
			on   bool
			flag string
		}{{p.Finance, FlagFinance}, {p.WrittenOff != "", FlagWritten}, {p.Stolen, FlagStolen}} {
			if x.on {
				out = append(out, x.flag)
			}
		}
	}
	if Falls(kms) && !explained {
		out = append(out, FlagFalls)
	}
	return out
}

// Falls tells whether an odometer said less than it had said before; readings are in the order of their days.
func Falls(kms []Reading) bool {
	most := 0
	for _, r := range kms {
		if r.Km < most {
			return true
		}
		most = r.Km
	}
	return false
}

// yearly is a believable line of an odometer that says km on a day: one reading each year before by the workshop.
func yearly(first, day time.Time, km int) []Reading {
	var out []Reading
	for y := first.AddDate(1, 0, 0); y.Before(day) && len(out) < 8; y = y.AddDate(1, 0, 0) {
		out = append(out, Reading{market.DateOf(y), int(int64(km) * int64(y.Sub(first)/time.Hour) / int64(day.Sub(first)/time.Hour)), "service"})
	}
	return out
}

// SimulatedRegister stands for a register while none is connected. What it says depends on the VIN alone, but for what it takes from
// the question: of a hundred cars it finds about two with money owed, one and a half written off, one half stolen, and one
// with an odometer that fell.
type SimulatedRegister struct{}

// simulatedSource is how pages name it.
const simulatedSource = "Demo register"

// Look implements what the flow asks.
func (SimulatedRegister) Look(_ context.Context, q Asked) (Report, error) { return simulated(q), nil }

func simulated(q Asked) Report {
	key := sha256.Sum256([]byte("yesterday/" + q.VIN))
	r := Report{Source: simulatedSource, Reference: "D-" + string(numberOf(key[20:])[2:]), Finance: key[0] < 5, Stolen: key[2] < 1, Owners: q.Owners}
	if key[1] < 4 {
		r.WrittenOff = string("SNBC"[key[1]])
	}
	first, err := time.Parse(time.DateOnly, string(q.Registered))
	if err != nil {
		return r
	}
	r.Readings = yearly(first, q.On.Time(time.UTC), q.Km)
	if n := len(r.Readings); key[3] < 3 && n > 1 {
		r.Readings[n-2].Km = q.Km + 38_000 // somebody turned it back
	}
	return r
}
