package carsim

import (
	"crypto/ed25519"
	"encoding/json"
	"math/rand/v2"
	"time"

	"forecourt/internal/connected"
	"forecourt/internal/identity/cartoken"
)

// Car is one car as it is on its way. It is not safe for several at once.
type Car struct {
	VIN    string
	number int
	kind   kind
	market int
	key    ed25519.PrivateKey
	r      *rand.Rand

	km     int // at the beginning of the year
	charge float64
	health int
	days   int
	tyres  [4]int
	lamps  []connected.Lamp
	seq    int64
}

// faults are what lights up now and then.
var faults = []connected.Lamp{"engine", "oil", "brake_wear", "brake_fluid", "battery_12v", "airbag"}

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// move lets a little time pass: it drives, charges when it must, and now and then something breaks or is mended.
func (c *Car) move() {
	if c.charge -= c.r.Float64() * 7; c.charge < 8 || c.charge < 60 && c.r.IntN(20) == 0 {
		c.charge = 80 + c.r.Float64()*20
	}
	if c.days--; c.days < -20 {
		c.days = 365
	}
	switch c.r.IntN(400) {
	case 0:
		c.lamps = []connected.Lamp{faults[c.r.IntN(len(faults))]}
	case 1, 2, 3, 4:
		c.lamps = nil
	case 5:
		c.tyres[c.r.IntN(4)] = 150 + c.r.IntN(40)
	case 6, 7, 8:
		for w := range c.tyres {
			c.tyres[w] = 215 + c.r.IntN(30)
		}
	}
}

// Say is its next message, measured at an instant.
func (c *Car) Say(at time.Time) (string, error) {
	c.move()
	// A car that is started again with the same seed goes on counting: from the clock, and never backwards.
	c.seq = max(c.seq+1, at.UnixMilli())
	// A kilometre in twenty minutes, day and night: its mileage is the clock's too, and does not fall with a new start.
	km, days, lamps := c.km+int(at.Sub(newYear)/(20*time.Minute)), c.days, append([]connected.Lamp{}, c.lamps...)
	r := connected.Readings{Km: &km, ServiceDays: &days, Lamps: &lamps, Tyres: map[string]int{"fl": c.tyres[0], "fr": c.tyres[1], "rl": c.tyres[2], "rr": c.tyres[3]}}
	if c.kind.fuel == "electric" {
		charge, health := int(c.charge), c.health
		r.Charge, r.Health = &charge, &health
	}
	signals, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	return cartoken.Sign(cartoken.Message{VIN: c.VIN, At: at, Seq: c.seq, Signals: signals}, c.key)
}
