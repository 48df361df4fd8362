package connected

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

// Kind is what a keeper says yes or no to.
type Kind string

// The kinds of signals.
const (
	Odometer Kind = "odometer"
	Upkeep   Kind = "service" // how long until the next service
	Battery  Kind = "battery" // charge
	Health   Kind = "health"  // of the battery
	Lamps    Kind = "lamps"
	Tyres    Kind = "tyres"
)

// Kinds are all of them, in the order in which people read them.
var Kinds = []Kind{Odometer, Upkeep, Battery, Health, Lamps, Tyres}

// safety are the kinds that count while a car is lent: what its driver must know to drive on.
var safety = []Kind{Lamps, Tyres}

// Lamp is a warning light.
type Lamp string

// The lamps that a car may tell of.
var lamps = []Lamp{"engine", "oil", "coolant", "brake", "brake_wear", "brake_fluid", "airbag", "battery_12v", "tyre", "steering", "drive_battery"}

// wheels are where tyres are.
var wheels = []string{"fl", "fr", "rl", "rr"}

// Readings are what a message says. What it does not say is nil.
type Readings struct {
	Km          *int           `json:"odometer_km,omitempty"`
	ServiceDays *int           `json:"service_days,omitempty"`
	ServiceKm   *int           `json:"service_km,omitempty"`
	Charge      *int           `json:"battery_pct,omitempty"`
	Health      *int           `json:"battery_health_pct,omitempty"`
	Lamps       *[]Lamp        `json:"lamps,omitempty"`    // all that are on; an empty list is none
	Tyres       map[string]int `json:"tyre_kpa,omitempty"` // by wheel: fl, fr, rl, rr
}

// readingsOf reads what a message says; false for what no car can say.
func readingsOf(raw json.RawMessage) (Readings, bool) {
	var r Readings
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(&r) != nil || d.More() || len(r.Kinds()) == 0 {
		return Readings{}, false
	}
	return r, r.plausible()
}

// The least and the most that can be true.
const (
	mostKm         = 2_000_000
	mostServiceKm  = 100_000
	mostServiceDay = 1_500
	mostKPa        = 1_200
)

func (r *Readings) plausible() bool {
	within := func(v *int, low, high int) bool { return v == nil || low <= *v && *v <= high }
	if !within(r.Km, 0, mostKm) || !within(r.ServiceDays, -mostServiceDay, mostServiceDay) || !within(r.ServiceKm, -mostServiceKm, mostServiceKm) ||
		!within(r.Charge, 0, 100) || !within(r.Health, 0, 100) {
		return false
	}
	if r.Lamps != nil {
		for i, l := range *r.Lamps {
			if !slices.Contains(lamps, l) || slices.Contains((*r.Lamps)[:i], l) {
				return false
			}
		}
	}
	for wheel, kpa := range r.Tyres {
		if !slices.Contains(wheels, wheel) || kpa < 0 || kpa > mostKPa {
			return false
		}
	}
	return true
}

// Kinds are those that the readings have something of.
func (r *Readings) Kinds() (out []Kind) {
	for _, k := range Kinds {
		if r.has(k) {
			out = append(out, k)
		}
	}
	return out
}

func (r *Readings) has(k Kind) bool {
	switch k {
	case Odometer:
		return r.Km != nil
	case Upkeep:
		return r.ServiceDays != nil || r.ServiceKm != nil
	case Battery:
		return r.Charge != nil
	case Health:
		return r.Health != nil
	case Lamps:
		return r.Lamps != nil
	case Tyres:
		return len(r.Tyres) > 0
	}
	return false
}

// only is what the readings say of one kind.
func (r *Readings) only(k Kind) Readings {
	switch k {
	case Odometer:
		return Readings{Km: r.Km}
	case Upkeep:
		return Readings{ServiceDays: r.ServiceDays, ServiceKm: r.ServiceKm}
	case Battery:
		return Readings{Charge: r.Charge}
	case Health:
		return Readings{Health: r.Health}
	case Lamps:
		return Readings{Lamps: r.Lamps}
	case Tyres:
		return Readings{Tyres: r.Tyres}
	}
	return Readings{}
}

// without drops a kind.
func (r *Readings) without(k Kind) {
	switch k {
	case Odometer:
		r.Km = nil
	case Upkeep:
		r.ServiceDays, r.ServiceKm = nil, nil
	case Battery:
		r.Charge = nil
	case Health:
		r.Health = nil
	case Lamps:
		r.Lamps = nil
	case Tyres:
		r.Tyres = nil
	}
}

// fieldsOf are the names under which readings of a kind are stored.
var fieldsOf = map[Kind][]string{
	Odometer: {"odometer_km"}, Upkeep: {"service_days", "service_km"}, Battery: {"battery_pct"}, Health: {"battery_health_pct"}, Lamps: {"lamps"}, Tyres: {"tyre_kpa"},
}

// Latest is the newest that is known of one kind.
type Latest struct {
	At   time.Time `json:"at"`
	Seq  int64     `json:"seq"`
	Lent bool      `json:"lent,omitempty"` // measured while the car was lent: people see the day only
	Readings
}

// before tells whether a message at an instant is newer than this. Two of the same second go by their numbers.
func (l Latest) before(at time.Time, seq int64) bool {
	return at.After(l.At) || at.Equal(l.At) && seq > l.Seq
}

// Shown is when it was measured, as people may see it.
func (l Latest) Shown() time.Time {
	if l.Lent {
		return l.At.Truncate(24 * time.Hour)
	}
	return l.At
}

// IsKind tells whether there is such a kind.
func IsKind(k Kind) bool { return slices.Contains(Kinds, k) }
