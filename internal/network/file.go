package network

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
)

var (
	codeShape   = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	marketShape = regexp.MustCompile(`^[a-z]{2}$`)
	phoneShape  = regexp.MustCompile(`^(\+|0)[0-9]([0-9 ]{6,14}[0-9])$`)
	timeShape   = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
	weekdays    = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
)

// bounds is the rough box around a market: it catches coordinates that are swapped or mistyped.
type bounds struct {
	South float64 `yaml:"south"`
	North float64 `yaml:"north"`
	West  float64 `yaml:"west"`
	East  float64 `yaml:"east"`
}

func (b bounds) hold(lat, lon float64) bool {
	return lat >= b.South && lat <= b.North && lon >= b.West && lon <= b.East
}

// checker adds what the files of this package share to the general checks.
type checker struct{ *filecheck.Checker }

func (c checker) box(b bounds) {
	c.YesNo("bounds")
	for _, key := range []string{"south", "north", "west", "east"} {
		if c.Given([]string{"bounds"}) {
			c.YesNo("bounds", key)
		}
	}
	if c.Given([]string{"bounds", "east"}) && (b.South >= b.North || b.West >= b.East) {
		c.Say([]string{"bounds"}, "bounds must run from south to north and from west to east")
	}
}

// place refuses a point outside the box. Missing figures are told, not judged.
func (c checker) place(b bounds, lat, lon float64, list string, i int) {
	path := filecheck.At(list, i, "lat")
	c.YesNo(path...)
	c.YesNo(filecheck.At(list, i, "lon")...)
	if lat != 0 && lon != 0 && b != (bounds{}) && !b.hold(lat, lon) {
		c.Say(path, "the point %v, %v lies outside the market", lat, lon)
	}
}

// dealersFile is one file of config/dealers. Its market and time zone are those of every dealer that
// does not say otherwise.
type dealersFile struct {
	Market   id.Market `yaml:"market"`
	TimeZone string    `yaml:"time_zone"`
	Bounds   bounds    `yaml:"bounds"`
	Groups   []struct {
		Code id.Group `yaml:"code"`
		Name string   `yaml:"name"`
	} `yaml:"groups"`
	Dealers []Dealer `yaml:"dealers"`
}

// DecodeDealers reads one file of config/dealers. With any problem no dealer of it must be used. When
// the known brands are given, a dealer that takes another one is refused.
func DecodeDealers(name string, data []byte, brands ...id.Brand) ([]Dealer, []filecheck.Problem) {
	var f dealersFile
	c := checker{filecheck.Check(name, data, &f)}
	if c.Empty() {
		return nil, c.Done()
	}
	c.Shape(string(f.Market), marketShape, `"gb"`, "market")
	if c.Present(f.TimeZone, "time_zone") {
		c.zone(f.TimeZone, "time_zone")
	}
	c.box(f.Bounds)
	c.Some(len(f.Dealers), "dealers")
	codes, emails := map[string]bool{}, map[string]bool{}
	groups := c.groups(&f)
	for i := range f.Dealers {
		c.group(&f.Dealers[i], i, groups)
		c.dealer(&f, i, codes, emails)
		c.takes("takes", f.Dealers[i].Takes, i, brands)
		if len(f.Dealers[i].Invited) > 0 {
			c.takes("invited", f.Dealers[i].Invited, i, brands)
		}
	}
	return f.Dealers, c.Done()
}

// groups gives the names of the file's groups by code. A code that is a dealer's too would be two groups.
func (c checker) groups(f *dealersFile) map[id.Group]string {
	out := map[id.Group]string{}
	for i, g := range f.Groups {
		here := filecheck.At("groups", i, "code")
		c.Shape(string(g.Code), codeShape, `"gb-pennine"`, here...)
		c.Present(g.Name, filecheck.At("groups", i, "name")...)
		if _, twice := out[g.Code]; twice || slices.ContainsFunc(f.Dealers, func(d Dealer) bool { return string(d.Code) == string(g.Code) }) {
			c.Say(here, "group %s is given twice, or is a dealer's code", g.Code)
		}
		if f.Market != "" && g.Code != "" && !strings.HasPrefix(string(g.Code), string(f.Market)+"-") {
			c.Say(here, "code %s must begin with its market, %s-", g.Code, f.Market)
		}
		out[g.Code] = g.Name
	}
	return out
}

func (c checker) group(d *Dealer, i int, groups map[id.Group]string) {
	name, known := groups[d.Group]
	if d.Group != "" && !known {
		c.Say(filecheck.At("dealers", i, "group"), "there is no group %q in this file", d.Group)
	}
	d.GroupName = name
}

func (c checker) dealer(f *dealersFile, i int, codes, emails map[string]bool) {
	d, in := &f.Dealers[i], func(key string) []string { return filecheck.At("dealers", i, key) }
	c.Shape(string(d.Code), codeShape, `"gb-leeds-northgate"`, in("code")...)
	if d.Code != "" && codes[string(d.Code)] {
		c.Say(in("code"), "dealer %s is given twice", d.Code)
	}
	if f.Market != "" && d.Code != "" && !strings.HasPrefix(string(d.Code), string(f.Market)+"-") {
		c.Say(in("code"), "code %s must begin with its market, %s-", d.Code, f.Market)
	}
	codes[string(d.Code)] = true
	for key, value := range map[string]string{"name": d.Name, "legal_name": d.LegalName, "vat_id": d.VATID, "street": d.Street, "town": d.Town, "postcode": d.Postcode} {
		c.Present(value, in(key)...)
	}
	c.Shape(d.Series, market.PrefixShape, `"GB01"`, in("series")...)
	c.Shape(d.Region, codeShape, `"northern-ireland"`, in("region")...)
	c.place(f.Bounds, d.Lat, d.Lon, "dealers", i)
	c.Shape(d.Phone, phoneShape, `"01632 960110"`, in("phone")...)
	c.Email(d.Email, map[string]bool{}, in("email")...)
	if d.Market == "" {
		d.Market = f.Market
	} else if d.Market != f.Market {
		c.Say(in("market"), "dealer %s of market %s stands in the file of %s", d.Code, d.Market, f.Market)
	}
	if d.TimeZone == "" {
		d.TimeZone = f.TimeZone
	} else {
		c.zone(d.TimeZone, in("time_zone")...)
	}
	c.Some(len(d.Hours), in("hours")...)
	for day, spans := range d.Hours {
		c.day(day, spans, filecheck.At("dealers", i, "hours", day))
	}
	c.abilities(d, i)
	c.staff(d, i, emails)
}

func (c checker) zone(name string, path ...string) {
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		c.Say(path, "time_zone %q is not known", name)
	}
}

// day demands spans in the order of the clock that do not touch: two that do are one.
func (c checker) day(day string, spans []Span, path []string) {
	if !slices.Contains(weekdays, day) {
		c.Say(path, "there is no day %q; write mon, tue, wed, thu, fri, sat, sun", day)
	}
	c.Some(len(spans), path...)
	last := ""
	for _, s := range spans {
		switch {
		case !timeShape.MatchString(s.Opens) || !timeShape.MatchString(s.Closes):
			c.Say(path, "hours on %s can not be %q to %q; write times like \"09:00\"", day, s.Opens, s.Closes)
			continue
		case s.Closes <= s.Opens:
			c.Say(path, "on %s it closes at %s, not after it opens at %s", day, s.Closes, s.Opens)
		case s.Opens <= last:
			c.Say(path, "on %s the span from %s begins before the one to %s is over", day, s.Opens, last)
		}
		last = max(last, s.Closes)
	}
}

func (c checker) abilities(d *Dealer, i int) {
	seen := map[Skill]bool{}
	for _, s := range d.Skills {
		if !slices.Contains(Skills, s) {
			c.Say(filecheck.At("dealers", i, "skills"), "there is no skill %q", s)
		}
		if seen[s] {
			c.Say(filecheck.At("dealers", i, "skills"), "skill %s is given twice", s)
		}
		seen[s] = true
	}
	c.Between(int64(d.Bays), 1, 6, filecheck.At("dealers", i, "bays")...)
	c.Between(int64(d.Charge), 0, int64(d.Bays), filecheck.At("dealers", i, "charge_bays")...)
}

func (c checker) takes(key string, takes map[id.Brand][]id.Flow, i int, brands []id.Brand) {
	c.Some(len(takes), filecheck.At("dealers", i, key)...)
	for brand, taken := range takes {
		path := filecheck.At("dealers", i, key, string(brand))
		if len(brands) > 0 && !slices.Contains(brands, brand) {
			c.Say(path, "there is no brand %q", brand)
		}
		c.Some(len(taken), path...)
		for _, flow := range taken {
			if !slices.Contains(id.Flows, flow) {
				c.Say(path, "there is no flow %q; it is one of new, used, service", flow)
			}
		}
	}
}

func (c checker) staff(d *Dealer, i int, emails map[string]bool) {
	for j, p := range d.Staff {
		path := append(filecheck.At("dealers", i), filecheck.At("staff", j, "name")...)
		c.Present(p.Name, path...)
		path[len(path)-1] = "email"
		c.Email(p.Email, emails, path...)
		path[len(path)-1] = "roles"
		for _, r := range p.Roles {
			if !slices.Contains(siteRoles, r) {
				c.Say(path, "there is no role %q; it is one of %s", r, strings.Join(siteRoles, ", "))
			}
		}
	}
}

// siteRoles are the roles at a site that package identity knows.
var siteRoles = []string{"service", "handover", "sales", "site_manager", "group_manager"}

// DecodePlaces reads one file of config/places: what a buyer may name, and the country's outline.
func DecodePlaces(name string, data []byte) (Places, [][][]float64, []filecheck.Problem) {
	var f struct {
		Market  id.Market     `yaml:"market"`
		Bounds  bounds        `yaml:"bounds"`
		Places  []Place       `yaml:"places"`
		Outline [][][]float64 `yaml:"outline"`
	}
	c := checker{filecheck.Check(name, data, &f)}
	if c.Empty() {
		return nil, nil, c.Done()
	}
	c.Shape(string(f.Market), marketShape, `"gb"`, "market")
	c.box(f.Bounds)
	c.outline(f.Bounds, f.Outline)
	c.Some(len(f.Places), "places")
	seen := map[string]bool{}
	for i := range f.Places {
		p := &f.Places[i]
		p.Market = f.Market
		c.OneOf(p.Kind, []string{"town", "area"}, filecheck.At("places", i, "kind")...)
		c.place(f.Bounds, p.Lat, p.Lon, "places", i)
		key := p.Kind + " " + townKey(p.Name)
		if c.Present(p.Name, filecheck.At("places", i, "name")...) && seen[key] {
			c.Say(filecheck.At("places", i, "name"), "%s %s is given twice", p.Kind, p.Name)
		}
		seen[key] = true
	}
	return f.Places, f.Outline, c.Done()
}

// mostPoints bounds an outline: it goes into every page with a map.
const mostPoints = 200

// outline refuses rings that no map can show.
func (c checker) outline(b bounds, rings [][][]float64) {
	points := 0
	for i, ring := range rings {
		here := filecheck.At("outline", i)
		if points += len(ring); len(ring) < 3 {
			c.Say(here, "a ring of the outline has at least three points")
		}
		for _, p := range ring {
			switch {
			case len(p) != 2:
				c.Say(here, "a point of the outline is a latitude and a longitude")
			case b != (bounds{}) && !b.hold(p[0], p[1]):
				c.Say(here, "the point %v, %v of the outline lies outside the market", p[0], p[1])
			}
		}
	}
	if points > mostPoints {
		c.Say([]string{"outline"}, "the outline has %d points; the most is %d", points, mostPoints)
	}
}
