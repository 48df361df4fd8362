package dealer

import (
	"html/template"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/network"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/i18n"
)

// draw makes a row's picture; the label says what it shows. Goods that are no car have none.
func draw(p Page, r allocation.Row, key string) template.HTML {
	if r.Body == "" {
		return "" // no car
	}
	return carart.HTML(carart.Spec{Body: carart.Body(r.Body), Paint: carart.Paint{Hex: r.PaintHex, Finish: carart.Finish(r.Finish)},
		Wheels: carart.Wheel(r.Wheels), Rails: r.Rails, TwoTone: r.TwoTone, Trim: carart.Trim(r.Trim), ID: key,
		Label: p.T("dealer.car_label", "Car", r.Model+" "+r.Version, "Colour", r.Colour)})
}

// vinTail writes the end of a VIN as people at a site say it: the last six characters, in one
// piece, because groups read as a number.
func vinTail(vin string) string {
	if len(vin) < 6 {
		return ""
	}
	return vin[len(vin)-6:]
}

// area says where the buyer lives, no closer than the postcode area: before accept that is all that
// a dealer may know.
func (s site) area(p Page, code string) string {
	places := s.world.Places(s.market.Code)
	here, ok := places.Find(s.market.Code, code)
	if code == "" || !ok {
		return p.T("dealer.area_unknown", "Code", code)
	}
	town, ok := places.Town(here)
	if !ok {
		return p.T("dealer.area_unknown", "Code", code)
	}
	return p.T("dealer.area", "Town", town.Name, "Code", code)
}

// away is the distance from the site to the buyer's area, in the market's unit: to the town that is named as his, because the
// middle of an area may lie far from where its people live.
func (s site) away(p Page, code string) string {
	places := s.world.Places(s.market.Code)
	here, ok := places.Find(s.market.Code, code)
	if code == "" || !ok {
		return ""
	}
	if town, ok := places.Town(here); ok {
		here = town
	}
	return p.P.Distance(network.Metres(here.Lat, here.Lon, s.dealer.Lat, s.dealer.Lon), s.unit())
}

func (s site) unit() i18n.Unit { return s.market.Unit() }

// join puts commas between the parts that are there.
func join(parts ...string) string {
	var out []string
	for _, x := range parts {
		if x != "" {
			out = append(out, x)
		}
	}
	return strings.Join(out, ", ")
}
