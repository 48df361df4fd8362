package storefront

import (
	"strconv"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/market"
)

// energyPrices are what a litre and a kilowatt-hour cost, in thousandths of the main unit: pumps price
// to the tenth of a penny.
type energyPrices struct{ Petrol, Diesel, LPG, KWh int64 }

// assumedPrices are round figures near those of 2026 by country. They are assumptions, the page calls
// them so, and the reader may put in the figures of the pump and the bill.
var assumedPrices = map[string]energyPrices{
	"GB": {Petrol: 1350, Diesel: 1430, LPG: 900, KWh: 270},
	"IT": {Petrol: 1750, Diesel: 1690, LPG: 720, KWh: 300},
	"FR": {Petrol: 1720, Diesel: 1660, LPG: 980, KWh: 250},
	"DE": {Petrol: 1760, Diesel: 1650, LPG: 1080, KWh: 390},
	"ES": {Petrol: 1490, Diesel: 1430, LPG: 950, KWh: 240},
	"RO": {Petrol: 7900, Diesel: 8100, LPG: 4100, KWh: 1400},
}

// elsewhere serves a country that the table does not know yet.
var elsewhere = energyPrices{Petrol: 1700, Diesel: 1650, LPG: 850, KWh: 280}

func assumedFor(m *market.Market) energyPrices {
	if p, ok := assumedPrices[m.Country]; ok {
		return p
	}
	return elsewhere
}

// The distance of a year in the market's own unit: what we assume and what we take.
const (
	yearlyMiles = 8_000
	yearlyKm    = 12_000
	leastYearly = 100
	mostYearly  = 200_000
)

func assumedYearly(m *market.Market) int64 {
	if m.Miles() {
		return yearlyMiles
	}
	return yearlyKm
}

// perYear is what an engine uses on a distance, in minor units, half up. Consumption is by WLTP; a
// plug-in hybrid uses both of its figures, which WLTP weighs already.
func (p energyPrices) perYear(e *catalogue.EngineFacts, metres int64) int64 {
	// litres and kWh are tenths per 100 km, prices thousandths of 100 minor units
	const scale = 1000 * 100 * 10 * 10
	sum := metres * (e.Litres100*p.litre(e.Fuel) + e.KWh100*p.KWh)
	return (sum + scale/2) / scale
}

func (p energyPrices) litre(fuel string) int64 {
	switch fuel {
	case "diesel":
		return p.Diesel
	case "lpg":
		return p.LPG
	}
	return p.Petrol
}

// energies are the kinds of energy that an engine buys.
func energies(e *catalogue.EngineFacts) []string {
	var out []string
	if e.Litres100 > 0 {
		switch e.Fuel {
		case "diesel", "lpg":
			out = append(out, e.Fuel)
		default:
			out = append(out, "petrol")
		}
	}
	if e.KWh100 > 0 {
		out = append(out, "kwh")
	}
	return out
}

// at is the place of an energy's price.
func (p *energyPrices) at(energy string) *int64 {
	switch energy {
	case "diesel":
		return &p.Diesel
	case "lpg":
		return &p.LPG
	case "kwh":
		return &p.KWh
	}
	return &p.Petrol
}

// parsePrice reads "1.389" or "1,389" as thousandths; a price is above nothing and below 100.
func parsePrice(s string) (int64, bool) {
	whole, part, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if len(whole) == 0 || len(whole) > 2 || len(part) > 3 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+part+strings.Repeat("0", 3-len(part)), 10, 32)
	return int64(n), err == nil && n > 0
}

// writePrice writes thousandths with two or three decimals and the reader's decimal sign.
func writePrice(milli int64, point string) string {
	s := strconv.FormatInt(milli, 10)
	s = strings.Repeat("0", max(0, 4-len(s))) + s
	whole, part := s[:len(s)-3], s[len(s)-3:]
	if strings.HasSuffix(part, "0") {
		part = part[:2]
	}
	return whole + point + part
}
