package usedcars

import (
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

// Built is a car as it once left the factory, of which the demo makes used ones.
type Built struct {
	Make, Model, Version, Engine string
	Fuel, Gearbox                string
	KW, CO2, Seats, Doors        int
	Look                         Look
	Paints                       []Paint // that it could have had
	NewMinor                     int64   // on the road, in minor units
}

// Paint is a colour as #rrggbb and its finish.
type Paint struct{ Hex, Finish string }

// Invented is a car of the demo with what a dealer would know of it.
type Invented struct {
	Car
	Faults  []Fault
	Prices  []PricePoint // the last is the car's
	Kms     []Reading
	Answers Answers // of the checklist
	Past    Report  // as a register knows it
	AskedAt time.Time
}

// Reading is what an odometer said.
type Reading struct {
	On     market.Date
	Km     int
	Source string
}

// Invent makes the i-th used car of a dealer's market out of one that was built: the same each time for the same day.
func Invent(m *market.Market, b id.Brand, dealers []id.Dealer, from []Built, i int, today market.Date) Invented {
	key := sha256.Sum256(fmt.Appendf(nil, "%s/%s/used/%d", m.Code, b, i))
	r := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(key[:]), binary.LittleEndian.Uint64(key[8:])))
	x := from[r.IntN(len(from))]
	if len(x.Paints) > 0 {
		p := x.Paints[r.IntN(len(x.Paints))]
		x.Look.Hex, x.Look.Finish = p.Hex, p.Finish
	}
	months := 10 + r.IntN(86)
	day := today.Time(time.UTC)
	first := day.AddDate(0, -months, -r.IntN(28))
	c := Car{ID: numberOf(key[16:]), Brand: b, Market: m.Code, Dealer: dealers[r.IntN(len(dealers))], Make: x.Make, Model: x.Model, Version: x.Version, Engine: x.Engine,
		Body: BodyOf(x.Look.Body), Fuel: x.Fuel, Gearbox: x.Gearbox, Colour: ColourOf(x.Look.Hex), Doors: x.Doors, Seats: x.Seats, KW: x.KW, CO2: x.CO2, Emission: emission(x.Fuel, first.Year()),
		Registered: market.DateOf(first), Km: months * (500 + r.IntN(1400)), Owners: 1 + min(r.IntN(3), months/36), Look: x.Look, Currency: string(m.Currency), VAT: Margin}
	c.VIN = vinHead(x.Make) + string(c.ID[2:])
	c.Plate = plate(m.Country, first, r)
	for k, e := range Equipment {
		if r.IntN(5+k) < 3 && (e != "rails" || x.Look.Rails) || e == "isofix" || e == "rails" && x.Look.Rails {
			c.Equipment = append(c.Equipment, e)
		}
	}
	if r.IntN(6) == 0 && months < 30 {
		c.VAT, c.Owners = Qualifying, 1
	}
	if c.Fuel == "electric" && r.IntN(4) > 0 {
		c.Battery = Battery{Pct: max(74, 99-months/5-r.IntN(4)), How: "maker", On: market.DateOf(day.AddDate(0, 0, -5-r.IntN(40)))}
	}
	c.PriceMinor = priceUsed(x.NewMinor, months, c.Km, r)
	c.Bought = c.PriceMinor * int64(84+r.IntN(8)) / 100 / 100 * 100
	c.ListedAt = day.Add(-time.Duration(1+r.IntN(24*75)) * time.Hour)
	out := Invented{Car: c}
	out.prices(r, day)
	out.worn(r)
	out.inspected(m, r, day)
	return out
}

// prices gives one car in four a cut some days ago.
func (c *Invented) prices(r *rand.Rand, day time.Time) {
	asked := c.PriceMinor
	if r.IntN(4) == 0 && day.Sub(c.ListedAt) > 20*24*time.Hour {
		before := (asked*int64(103+r.IntN(6))/100 + 9999) / 10000 * 10000
		cut := day.Add(-time.Duration(24+r.IntN(200)) * time.Hour)
		c.Prices = []PricePoint{{c.ListedAt, before}}
		c.PriorMinor = Prior(c.Prices, cut, asked)
		c.Prices = append(c.Prices, PricePoint{cut, asked})
		return
	}
	c.Prices = []PricePoint{{c.ListedAt, asked}}
}

func (c *Invented) worn(r *rand.Rand) {
	for range r.IntN(4) {
		c.Faults = append(c.Faults, Fault{Panel: Panels[r.IntN(len(Panels))], Kind: FaultKind[r.IntN(len(FaultKind))], MM: 5 + r.IntN(90)})
	}
}

// alphabet has no letter that people mix up, and none that a VIN lacks.
const alphabet = "23456789ABCDEFGHJKLMNPRSTUVWXYZ"

// NewNumber is a number for a new row; one in a billion is taken already, and refused by the schema then.
func NewNumber() id.UsedCar {
	key := make([]byte, 6)
	_, _ = crand.Read(key) // never fails
	return numberOf(key)
}

func numberOf(key []byte) id.UsedCar {
	out := []byte("U-")
	for _, b := range key[:6] {
		out = append(out, alphabet[int(b)%len(alphabet)])
	}
	return id.UsedCar(out)
}

// vinHead begins the numbers of the demo's used cars: that of the maker, then what no real car has.
func vinHead(maker string) string {
	if maker == "Dacia" {
		return "UU1RJU00X24"
	}
	return "VF1RJU00X24"
}

func letters(r *rand.Rand, n int) string {
	const of = "ABCDEFGHJKLMNPRSTVWXYZ"
	var b strings.Builder
	for range n {
		b.WriteByte(of[r.IntN(len(of))])
	}
	return b.String()
}

// plate looks like those of a country and a day.
func plate(country string, first time.Time, r *rand.Rand) string {
	digits := fmt.Sprintf("%03d", r.IntN(1000))
	switch country {
	case "GB":
		age := first.Year() % 100
		if first.Month() >= time.September {
			age += 50
		} else if first.Month() < time.March {
			age += 49
		}
		return letters(r, 2) + fmt.Sprintf("%02d", age) + " " + letters(r, 3)
	case "FR":
		return "F" + letters(r, 1) + "-" + digits + "-" + letters(r, 2)
	case "IT":
		return "G" + letters(r, 1) + digits + letters(r, 2)
	}
	return letters(r, 2) + " " + digits + " " + letters(r, 1)
}

// priceUsed is a believable price: a tenth and more goes in the first months, then less each year, and far driven is worth
// less. It ends as prices of used cars do.
func priceUsed(newMinor int64, months, km int, r *rand.Rand) int64 {
	share := int64(8400)
	for m := range months {
		share -= max(20, 92-int64(m))
	}
	share -= int64(max(0, km-months*1100)) / 90
	share += int64(r.IntN(500)) - 250
	share = max(share, 1700)
	return newMinor/10000*share/50000*50000 - int64([]int{0, 1000, 10000}[r.IntN(3)])
}

func emission(fuel string, year int) string {
	switch {
	case fuel == "electric":
		return "none"
	case year >= 2021:
		return "euro6d"
	case year >= 2015:
		return "euro6"
	}
	return "euro5"
}

// BodyOf is the kind of body that a silhouette is.
func BodyOf(silhouette string) string {
	kind, _, _ := strings.Cut(silhouette, "-")
	switch kind {
	case "supermini", "stepway":
		return "hatch"
	}
	if slices.Contains(Bodies, kind) {
		return kind
	}
	return "hatch"
}

// looks are the silhouette and the paint that stand for a kind of body and a colour where nobody knows more.
var (
	silhouettes = map[string]string{"suv": "suv", "coupe": "coupe-suv"}
	paints      = map[string]string{"white": "#eef0f0", "silver": "#b9bdc1", "grey": "#6f7377", "black": "#1c1e20", "blue": "#2a4b7c", "green": "#4b5d3a", "red": "#a31f24", "orange": "#c4662b", "yellow": "#d9b12c",
		"beige": "#c9bda4", "brown": "#5b4334"}
)

// LookFor draws a car of which only kind and colour are known.
func LookFor(body, colour string, rails bool) Look {
	l := Look{Body: body, Hex: paints[colour], Finish: "metallic", Wheels: "multi", Rails: rails}
	if s, ok := silhouettes[body]; ok {
		l.Body = s
	}
	if colour == "white" {
		l.Finish = "solid"
	}
	return l
}

// ColourOf is the name that people give to a paint.
func ColourOf(hex string) string {
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		return "grey"
	}
	r, g, b := int(n>>16), int(n>>8&255), int(n&255)
	hi, lo := max(r, g, b), min(r, g, b)
	if hi-lo < 28 || (hi-lo)*100 < hi*16 {
		switch {
		case hi > 222:
			return "white"
		case hi > 158:
			return "silver"
		case hi > 62:
			return "grey"
		}
		return "black"
	}
	return hueName(r, g, b, hi, lo)
}

func hueName(r, g, b, hi, lo int) string {
	hue := 0
	switch hi {
	case r:
		hue = 60 * (g - b) / (hi - lo)
	case g:
		hue = 120 + 60*(b-r)/(hi-lo)
	default:
		hue = 240 + 60*(r-g)/(hi-lo)
	}
	switch hue = (hue + 360) % 360; {
	case hue < 14 || hue >= 330:
		return "red"
	case hue < 45 && (hi-lo)*100 < hi*45:
		return "beige"
	case hue < 40 && hi < 150:
		return "brown"
	case hue < 40:
		return "orange"
	case hue < 66:
		return "yellow"
	case hue < 175:
		return "green"
	case hue < 270:
		return "blue"
	}
	return "red"
}

// Words are what a car is found by: its names, and what it is in a market's language. say gives the words of a key.
func (c *Car) Words(say func(key string) string) string {
	out := []string{c.Make, c.Model, c.Version, c.Engine}
	for _, k := range []string{"body." + c.Body, "fuel." + c.Fuel, "gearbox." + c.Gearbox, "colour." + c.Colour} {
		out = append(out, say("used."+k))
	}
	return strings.Join(out, " ")
}
