package storefront

import (
	"slices"

	"forecourt/internal/id"
	"forecourt/internal/web"
)

// guideReasons say in words why a car is shown, the buyer's own wishes first.
func guideReasons(b web.Base, w wishes, g guided) []string {
	var out []string
	if spare := w.Budget - g.Total; w.Budget > 0 && spare > 0 {
		out = append(out, b.T("storefront.guide.reason.spare", "Spare", b.MoneyShort(g.car.market.Amount(spare))))
	} else if w.Budget > 0 && spare == 0 {
		out = append(out, b.T("storefront.guide.reason.exact"))
	}
	if seats := seatsOf(g.car, g.build); w.Seats > 4 && seats >= w.Seats {
		out = append(out, b.T("storefront.guide.reason.seats", "N", seats))
	}
	out = append(out, engineReason(b, g))
	out = append(out, drivingReasons(b, w, g)...)
	if w.Gearbox != "" && w.Gearbox == g.Engine.Gearbox {
		out = append(out, b.T("storefront.guide.reason."+w.Gearbox))
	}
	if w.Home == "yes" && (g.Engine.Fuel == "electric" || g.Engine.Fuel == "plugin") {
		out = append(out, b.T("storefront.guide.reason.home"))
	}
	return append(out, mustReasons(b, w, g)...)
}

func engineReason(b web.Base, g guided) string {
	fuel, reach := b.T("fuel."+g.Engine.Fuel), b.Distance(g.Engine.RangeKm*1000)
	switch {
	case g.Engine.Fuel == "electric":
		return b.T("storefront.guide.reason.electric", "Fuel", fuel, "Range", reach)
	case g.Engine.Fuel == "plugin":
		return b.T("storefront.guide.reason.plugin", "Fuel", fuel, "Range", reach)
	}
	return b.T("storefront.guide.reason.fuel", "Fuel", fuel, "Use", consumption(b, &g.Engine))
}

func drivingReasons(b web.Base, w wishes, g guided) []string {
	switch {
	case w.Where == "town" && short(g.Body):
		return []string{b.T("storefront.guide.reason.short")}
	case w.Where == "motorway" && g.Engine.KW >= 75:
		return []string{b.T("storefront.guide.reason.power", "KW", b.P.Int(g.Engine.KW))}
	case w.Where == "snow" && g.Engine.Drive == "awd":
		return []string{b.T("storefront.guide.reason.awd")}
	}
	return nil
}

// mustReasons name the parts that answer a wish, each with what it costs.
func mustReasons(b web.Base, w wishes, g guided) []string {
	var out []string
	if slices.Contains(w.Must, "boot") && roomy(g.Body) {
		out = append(out, b.T("storefront.guide.reason.boot"))
	}
	for _, code := range g.got {
		price := g.priceOf(code)
		switch {
		case slices.Contains(needs[0].oneOf, code):
			out = append(out, b.T("storefront.guide.reason.tow", "N", b.P.Int(g.Engine.TowingKg), "Part", g.car.name(code), "Price", b.MoneyShort(g.car.market.Amount(price))))
		case price == 0:
			out = append(out, b.T("storefront.guide.reason.included", "Part", g.car.name(code)))
		default:
			out = append(out, b.T("storefront.guide.reason.part", "Part", g.car.name(code), "Price", b.MoneyShort(g.car.market.Amount(price))))
		}
	}
	return out
}

func (g *guided) priceOf(code id.Feature) int64 {
	for _, l := range g.build.Quote.Lines {
		if l.Code == string(code) && !l.Included {
			return l.Amount.Minor
		}
	}
	return 0
}

// misses say what a near car does not meet.
func misses(b web.Base, w wishes, g guided) []string {
	var out []string
	if over := g.Total - w.Budget; w.Budget > 0 && over > 0 {
		out = append(out, b.T("storefront.guide.lacks.budget", "Over", b.MoneyShort(g.car.market.Amount(over))))
	}
	for _, key := range g.Lacks {
		switch key {
		case "seats":
			out = append(out, b.T("storefront.guide.lacks.seats", "N", seatsOf(g.car, g.build)))
		case "fuel":
			out = append(out, b.T("storefront.guide.lacks.fuel", "Fuel", b.T("fuel."+g.Engine.Fuel)))
		case "gearbox":
			out = append(out, b.T("storefront.guide.lacks.gearbox", "Gearbox", b.T("gearbox."+g.Engine.Gearbox)))
		default:
			out = append(out, b.T("storefront.guide.lacks."+key))
		}
	}
	return out
}
