package storefront

import (
	"forecourt/internal/platform/dotmap"
	"forecourt/internal/web"
)

// DealerMap is a drawing beside the list of dealers. The list is the original: it says all that the map
// shows, so readers who do not see the map miss nothing.
type DealerMap struct {
	dotmap.Map
	Scale string
	Text  string
}

const (
	kilometre = 1000
	mile      = 1609.344
)

// dealerMap numbers the rows in their order and draws them; nil when there are none.
func dealerMap(b web.Base, s *shop, search DealerSearch, rows []DealerRow) *DealerMap {
	if len(rows) == 0 {
		return nil
	}
	land := make([][]dotmap.Point, len(s.market.Outline))
	for i, ring := range s.market.Outline {
		for _, p := range ring {
			land[i] = append(land[i], dotmap.Point{Lat: p[0], Lon: p[1]})
		}
	}
	dots := make([]dotmap.Point, len(rows))
	for i := range rows {
		rows[i].Number = i + 1
		dots[i] = dotmap.Point{Lat: rows[i].dealer.Lat, Lon: rows[i].dealer.Lon}
	}
	unit := float64(kilometre)
	if s.market.Miles() {
		unit = mile
	}
	m := &DealerMap{Map: dotmap.Draw(land, dots, search.from, unit), Text: b.T("storefront.map.numbers")}
	m.Scale = b.Distance(m.Bar.Metres)
	if m.Here != nil {
		m.Text += " " + b.T("storefront.map.here")
	}
	if m.Outside > 0 {
		m.Text += " " + b.N("storefront.map.outside", m.Outside)
	}
	return m
}

func sampleMap() *DealerMap {
	here := dotmap.Point{Lat: 53.8, Lon: -1.5}
	return &DealerMap{dotmap.Draw([][]dotmap.Point{{{Lat: 53, Lon: -2}, {Lat: 54, Lon: -2}, {Lat: 54, Lon: 0}}}, []dotmap.Point{here, here}, &here, mile), "5 mi", "Numbers as in the list."}
}
