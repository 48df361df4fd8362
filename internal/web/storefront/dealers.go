package storefront

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"forecourt/internal/network"
	"forecourt/internal/platform/dotmap"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// DealerSearch is what the buyer asked the list for, and what came of it.
type DealerSearch struct {
	Near    string
	Lat     string
	Lon     string
	Place   string // the town or area that was understood
	Unknown bool   // nothing was understood
	Here    bool   // sorted by the browser's position
	Skills  []SkillBox
	Hidden  []Hidden // what the search form carries along
	Action  string
	from    *dotmap.Point // where the distances count from
}

// Located tells whether the list is sorted by distance.
func (d DealerSearch) Located() bool { return d.Place != "" || d.Here }

// SkillBox is a tick box of the filter.
type SkillBox struct {
	Code string
	On   bool
}

// Hidden is a field that a form carries along.
type Hidden struct{ Name, Value string }

// DealerRow is one dealer of the list.
type DealerRow struct {
	Number   int // on the map; 0 where there is none
	Code     string
	Name     string
	Address  string
	Phone    string
	Distance string
	Skills   []string // in words
	Today    string   // opening hours of today, in words
	Hours    []HoursDay
	Chosen   bool
	Agreed   bool
	metres   int64
	dealer   *network.Dealer
}

// HoursDay is a line of the week.
type HoursDay struct {
	Day   string
	Hours string
	Shut  bool
}

// DealersPage is the list for those who only look.
type DealersPage struct {
	web.Base
	Search DealerSearch
	Rows   []DealerRow
	Map    *DealerMap
	Count  int    // of all
	AllURL string // the whole list; empty when it is here
}

// dealersShown is how many dealers the page lists before it is asked for all: the nearest, where a place is known.
const dealersShown = 10

func (h *Handlers) showDealers(c echo.Context) error {
	s, err := h.openShop(c)
	if err != nil {
		return err
	}
	p := &DealersPage{Base: h.base(c, s, "", "dealers")}
	p.Title = p.T("storefront.dealers.title")
	s.publish(&p.Base, "/dealers", "", p.T("storefront.describe.dealers", "Brand", s.brand.Name))
	p.Search, p.Rows = searchDealers(c, p.Base, s, s.path()+"/dealers")
	if p.Count = len(p.Rows); p.Count > dealersShown && c.QueryParam("all") == "" {
		q := url.Values{"all": {"1"}}
		for _, name := range []string{"near", "lat", "lon", "skill"} {
			if v, ok := c.QueryParams()[name]; ok {
				q[name] = v
			}
		}
		p.Rows, p.AllURL = p.Rows[:dealersShown], s.path()+"/dealers?"+q.Encode()
	}
	p.Map = dealerMap(p.Base, s, p.Search, p.Rows)
	return h.Kit.Show(c, http.StatusOK, "storefront/dealers", p)
}

// searchDealers reads the search from the address and sorts the shop's dealers by distance.
func searchDealers(c echo.Context, b web.Base, s *shop, action string) (DealerSearch, []DealerRow) {
	d := DealerSearch{Near: cut(web.CleanLine(c.QueryParam("near")), 60), Action: action}
	lat, lon, ok := d.locate(c, b, s)
	var want []network.Skill
	for _, x := range network.Skills {
		on := slices.Contains(c.QueryParams()["skill"], string(x))
		d.Skills = append(d.Skills, SkillBox{Code: string(x), On: on})
		if on {
			want = append(want, x)
		}
	}
	var rows []DealerRow
	for _, dealer := range s.world.Dealers(s.brand.Code, s.market.Code, s.kind) {
		if slices.ContainsFunc(want, func(x network.Skill) bool { return !dealer.Has(x) }) {
			continue
		}
		r := dealerRow(b, s, dealer)
		if ok {
			r.metres = network.Metres(lat, lon, dealer.Lat, dealer.Lon)
			r.Distance = b.Distance(r.metres)
		}
		rows = append(rows, r)
	}
	if ok {
		d.from = &dotmap.Point{Lat: lat, Lon: lon}
		sort.SliceStable(rows, func(i, j int) bool { return rows[i].metres < rows[j].metres })
	}
	return d, rows
}

// locate understands a position of the browser, rounded so that it names no house, else a place.
func (d *DealerSearch) locate(c echo.Context, b web.Base, s *shop) (lat, lon float64, ok bool) {
	if d.Near != "" {
		p, found := s.world.Places(s.market.Code).Find(s.market.Code, d.Near)
		if !found {
			d.Unknown = true
			return 0, 0, false
		}
		if p.Kind == "area" {
			p = townOf(s, d.Near, p)
		}
		d.Place = placeWords(b, d.Near, p)
		return p.Lat, p.Lon, true
	}
	lat, errLat := strconv.ParseFloat(c.QueryParam("lat"), 64)
	lon, errLon := strconv.ParseFloat(c.QueryParam("lon"), 64)
	if errLat != nil || errLon != nil || !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) {
		return 0, 0, false
	}
	lat, lon = math.Round(lat*100)/100, math.Round(lon*100)/100
	d.Here, d.Lat, d.Lon = true, strconv.FormatFloat(lat, 'f', 2, 64), strconv.FormatFloat(lon, 'f', 2, 64)
	return lat, lon, true
}

// townOf is where a postcode lies when a dealer's begins like it: then the town at that dealer says more than the middle of
// an area as large as a French department.
func townOf(s *shop, typed string, area network.Place) network.Place {
	code, _, _ := strings.Cut(strings.TrimSpace(typed), " ")
	if len(code) < postcodeDigits || !web.Digits(code) {
		return area
	}
	for _, dealer := range s.world.Dealers(s.brand.Code, s.market.Code, s.kind) {
		if strings.HasPrefix(dealer.Postcode, code[:postcodeDigits-2]) {
			if town, ok := s.world.Places(s.market.Code).Town(network.Place{Market: s.market.Code, Lat: dealer.Lat, Lon: dealer.Lon}); ok {
				return town
			}
		}
	}
	return area
}

// postcodeDigits is how long a postcode of digits is at least; without its last two it names a town.
const postcodeDigits = 5

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// placeWords names the place the distances count from. Of a postcode only the area is known, which may
// look wrong beside what was typed, so both are said.
func placeWords(b web.Base, typed string, p network.Place) string {
	if strings.EqualFold(typed, p.Name) || p.Kind != "area" && !startsWithDigit(typed) {
		return p.Name
	}
	return b.T("storefront.dealers.area", "Typed", typed, "Area", p.Name)
}

func dealerRow(b web.Base, s *shop, d *network.Dealer) DealerRow {
	r := DealerRow{Code: string(d.Code), Name: d.Name, Address: address(d), Phone: d.Phone, dealer: d, Hours: week(b, d)}
	for _, x := range d.Skills {
		r.Skills = append(r.Skills, b.T("skill."+string(x)))
	}
	today := s.now.In(d.Zone())
	var spans []string
	for _, span := range d.SpansOn(s.market, today) {
		spans = append(spans, b.P.Time(span[0])+"-"+b.P.Time(span[1]))
	}
	r.Today = b.T("storefront.dealers.shut_today")
	if len(spans) > 0 {
		r.Today = b.T("storefront.dealers.today", "Hours", strings.Join(spans, ", "))
	}
	return r
}

func address(d *network.Dealer) string {
	if d.Market == "gb" {
		return d.Street + ", " + d.Town + " " + d.Postcode
	}
	return d.Street + ", " + d.Postcode + " " + d.Town
}

var weekDays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func week(b web.Base, d *network.Dealer) []HoursDay {
	out := make([]HoursDay, 0, len(weekDays))
	for _, day := range weekDays {
		x := HoursDay{Day: b.T("storefront.day." + day), Shut: len(d.Hours[day]) == 0, Hours: b.T("storefront.dealers.shut")}
		for i, span := range d.Hours[day] {
			if i == 0 {
				x.Hours = span.Opens + "-" + span.Closes
			} else {
				x.Hours += ", " + span.Opens + "-" + span.Closes
			}
		}
		out = append(out, x)
	}
	return out
}
