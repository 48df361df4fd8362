package network

import (
	"math"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

// Span is one opening span of a weekday in the site's own time, "09:00" to "17:30".
type Span struct {
	Opens  string `yaml:"opens" json:"opens"`
	Closes string `yaml:"closes" json:"closes"`
}

// Week maps mon, tue, wed, thu, fri, sat, sun to opening spans; a missing day is shut.
type Week map[string][]Span

// Dealer is one site.
type Dealer struct {
	Code      id.Dealer              `yaml:"code" json:"code"`
	Market    id.Market              `yaml:"market" json:"market"`
	Name      string                 `yaml:"name" json:"name"`             // "Northgate Motors Leeds"
	LegalName string                 `yaml:"legal_name" json:"legal_name"` // who sells and invoices
	VATID     string                 `yaml:"vat_id" json:"vat_id"`
	Series    string                 `yaml:"series" json:"series"` // begins the numbers of its documents
	Street    string                 `yaml:"street" json:"street"`
	Town      string                 `yaml:"town" json:"town"`
	Postcode  string                 `yaml:"postcode" json:"postcode"`
	Region    string                 `yaml:"region" json:"region"` // for regional holidays
	Lat       float64                `yaml:"lat" json:"lat"`
	Lon       float64                `yaml:"lon" json:"lon"`
	Phone     string                 `yaml:"phone" json:"phone"` // as people of the market write it
	Email     string                 `yaml:"email" json:"email"`
	TimeZone  string                 `yaml:"time_zone" json:"time_zone"`
	Hours     Week                   `yaml:"hours" json:"hours"`
	Skills    []Skill                `yaml:"skills" json:"skills"`
	Bays      int                    `yaml:"bays" json:"bays"`                         // handovers at the same time
	Charge    int                    `yaml:"charge_bays" json:"charge_bays,omitempty"` // how many of the bays have a charger: the first ones
	ForAll    bool                   `yaml:"charge_open" json:"charge_open,omitempty"` // and these take other cars too
	Takes     map[id.Brand][]id.Flow `yaml:"takes" json:"takes"`                       // taking part, by brand
	Invited   map[id.Brand][]id.Flow `yaml:"invited" json:"invited"`                   // may join, by brand
	Staff     []Staff                `yaml:"staff" json:"staff"`                       // demo logins; loaded only in the demo
	Group     id.Group               `yaml:"group" json:"group"`                       // of sites under one roof; empty for one of its own
	GroupName string                 `yaml:"-" json:"group_name"`

	// What the site says of itself. Hours, skills and bays above are those of the picture's day.
	Plans []Plan              `yaml:"-" json:"-"` // by their first day; the first is the file's
	Days  map[market.Date]Day `yaml:"-" json:"-"`
}

// GroupCode is the group of the site: one that is in none is a group of its own, under its own code.
func (d *Dealer) GroupCode() id.Group {
	if d.Group == "" {
		return id.Group(d.Code)
	}
	return d.Group
}

// GroupTitle is the name of the group.
func (d *Dealer) GroupTitle() string {
	if d.GroupName == "" {
		return d.LegalName
	}
	return d.GroupName
}

// Staff is a demo login of a dealer.
type Staff struct {
	Name  string `yaml:"name" json:"name"`
	Email string `yaml:"email" json:"email"`
	// Roles at the site; none means that the first of the list runs it and the others sell.
	Roles []string `yaml:"roles" json:"roles"`
}

// Skill is something a buyer may need at the handover.
type Skill string

// The skills; words for them are in the catalogues as skill.<code>.
const (
	SkillElectric Skill = "electric"
	SkillStepFree Skill = "step_free"
	SkillEvening  Skill = "evening"
	SkillWeekend  Skill = "weekend"
	SkillEnglish  Skill = "english"
	SkillFrench   Skill = "french"
	SkillItalian  Skill = "italian"
	SkillGerman   Skill = "german"
	SkillSign     Skill = "sign_language"
)

// Skills lists every skill in the order people read them.
var Skills = []Skill{SkillElectric, SkillStepFree, SkillEvening, SkillWeekend, SkillEnglish, SkillFrench, SkillItalian, SkillGerman, SkillSign}

// Place is a town or postcode area with its centroid: a hand-written list of facts per market.
type Place struct {
	Market id.Market `yaml:"-" json:"market"`
	Kind   string    `yaml:"kind" json:"kind"` // "town" or "area"
	Name   string    `yaml:"name" json:"name"` // "Leeds", "LS", "Milano", "201", "75"
	Lat    float64   `yaml:"lat" json:"lat"`
	Lon    float64   `yaml:"lon" json:"lon"`
}

// Zone is the site's time zone; UTC when unknown (import refuses such files).
func (d *Dealer) Zone() *time.Location { return market.ZoneOf(d.TimeZone) }

// TakesPart tells whether the dealer sells this brand's flow.
func (d *Dealer) TakesPart(b id.Brand, f id.Flow) bool {
	for _, x := range d.Takes[b] {
		if x == f {
			return true
		}
	}
	return false
}

// Sells tells whether the dealer takes part in a flow for any brand.
func (d *Dealer) Sells(f id.Flow) bool {
	for b := range d.Takes {
		if d.TakesPart(b, f) {
			return true
		}
	}
	return false
}

// Has tells whether the dealer has a skill.
func (d *Dealer) Has(s Skill) bool {
	for _, x := range d.Skills {
		if x == s {
			return true
		}
	}
	return false
}

var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// SpansOn lists the opening spans of the calendar day of t (in the site's zone) as instants, in
// order; empty on a shut day or holiday. Spans follow the wall clock, so a DST day may be shorter.
func (d *Dealer) SpansOn(m *market.Market, t time.Time) [][2]time.Time {
	loc := d.Zone()
	local := t.In(loc)
	var out [][2]time.Time
	for _, s := range d.spans(m, local) {
		from, to := at(local, s.Opens, loc), at(local, s.Closes, loc)
		if to.After(from) {
			out = append(out, [2]time.Time{from, to})
		}
	}
	return out
}

func at(day time.Time, hhmm string, loc *time.Location) time.Time {
	t, err := time.Parse("15:04", hhmm)
	if err != nil {
		return time.Time{}
	}
	return time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), 0, 0, loc)
}

// maxSearch bounds the walk over shut days: no dealer is shut for ten weeks.
const maxSearch = 70

// AddOpenTime is the instant at which d's opening hours since from have summed up to open. When the
// dealer never opens within ten weeks it falls back to wall-clock time, so a deadline always exists.
func (d *Dealer) AddOpenTime(m *market.Market, from time.Time, open time.Duration) time.Time {
	left, day := open, from.In(d.Zone())
	for i := 0; i < maxSearch; i++ {
		for _, s := range d.SpansOn(m, day) {
			start := s[0]
			if from.After(start) {
				start = from
			}
			if !s[1].After(start) {
				continue
			}
			if have := s[1].Sub(start); have >= left {
				return start.Add(left).UTC()
			}
			left -= s[1].Sub(start)
		}
		day = time.Date(day.Year(), day.Month(), day.Day()+1, 12, 0, 0, 0, day.Location())
	}
	return from.Add(open).UTC()
}

// OpenTimeBetween sums d's opening hours from a to b; negative when b lies before a.
func (d *Dealer) OpenTimeBetween(m *market.Market, a, b time.Time) time.Duration {
	if b.Before(a) {
		return -d.OpenTimeBetween(m, b, a)
	}
	var sum time.Duration
	day := a.In(d.Zone())
	for i := 0; i < maxSearch; i++ {
		for _, s := range d.SpansOn(m, day) {
			start, end := s[0], s[1]
			if a.After(start) {
				start = a
			}
			if b.Before(end) {
				end = b
			}
			if end.After(start) {
				sum += end.Sub(start)
			}
		}
		day = time.Date(day.Year(), day.Month(), day.Day()+1, 12, 0, 0, 0, day.Location())
		if day.Add(-12 * time.Hour).After(b) {
			break
		}
	}
	return sum
}

// Metres is the great-circle distance between two points in metres (haversine, mean radius 6,371 km).
func Metres(lat1, lon1, lat2, lon2 float64) int64 {
	const r, rad = 6_371_000.0, math.Pi / 180
	dLat, dLon := (lat2-lat1)*rad, (lon2-lon1)*rad
	a := math.Sin(dLat/2)*math.Sin(dLat/2) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Sin(dLon/2)*math.Sin(dLon/2)
	return int64(2 * r * math.Asin(math.Min(1, math.Sqrt(a))))
}
