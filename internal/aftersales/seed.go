package aftersales

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
)

// chance is the same for the same words, always.
func chance(words ...any) *rand.Rand {
	key := sha256.Sum256([]byte(fmt.Sprint(words...)))
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(key[:]), binary.LittleEndian.Uint64(key[8:])))
}

// Invent is what a site of the demo has to work with: bays and people by its size, in its hours and with its skills, some
// courtesy cars, and a shelf on which not everything lies. The same site has the same each time for the same day.
func Invent(b *Book, d *network.Dealer, today market.Date) *Capacity {
	r, electric := chance(d.Code, "service"), d.Has(network.SkillElectric)
	c := &Capacity{Dealer: d.Code}
	bays := max(d.Bays, 1) + 1 + r.IntN(2)
	for i := range bays {
		x := Bay{No: i + 1, Skills: []Skill{General, Diagnosis, Tyres}}
		if electric && i%2 == 0 {
			x.Skills = append(x.Skills, Electric)
		}
		if i == bays-1 {
			x.Skills = append(x.Skills, Bodywork)
		}
		c.Bays = append(c.Bays, x)
	}
	first := r.IntN(8)
	for i := range bays + r.IntN(2) {
		c.Technicians = append(c.Technicians, technician(d, first, i, electric))
	}
	for i := range 1 + r.IntN(3) {
		c.Courtesy = append(c.Courtesy, Courtesy{No: i + 1, Kind: CourtesyKinds[(i+r.IntN(2))%len(CourtesyKinds)]})
	}
	for i := range b.Parts {
		c.Stock = append(c.Stock, shelved(&b.Parts[i], r, today))
	}
	return c
}

// Names of the demo's technicians by market; all invented.
var technicians = map[id.Market][]string{
	"de": {"Jonas Feldkamp", "Mehmet Aydin", "Katja Brunner", "Tobias Reinhold", "Sandra Vogt", "Lukas Meinert", "Hanna Ostermann", "Piotr Zielinski"},
	"es": {"Javier Olmedo", "Lucía Barrera", "Andrés Quintana", "Marta Salinas", "Iker Goñi", "Rocío Valverde", "Sergio Pardo", "Nuria Cebrián"},
	"fr": {"Thomas Giraudon", "Amina Benali", "Julien Carpentier", "Claire Vasseur", "Hugo Lemoine", "Fatou Diarra", "Mathis Roussel", "Élise Marchand"},
	"gb": {"Dale Thornbury", "Aisha Rahman", "Callum Fairhurst", "Megan Prosser", "Ryan Oakes", "Sunita Bhatt", "Lewis Garside", "Rhona Mackie"},
	"it": {"Matteo Galbusera", "Chiara Fontanesi", "Davide Scarpato", "Elena Ruggiero", "Simone Bertoldi", "Ivana Kovac", "Paolo Maranzana", "Giulia Ferrero"},
	"ro": {"Andrei Moldovan", "Ioana Stanciu", "Vlad Cristea", "Elena Bucur", "Radu Petcu", "Simona Albu", "Mihai Oprea", "Dana Lupu"},
}

func technician(d *network.Dealer, first, i int, electric bool) Technician {
	names := technicians[d.Market]
	if names == nil {
		names = technicians["gb"]
	}
	t := Technician{No: i + 1, Name: names[(first+i)%len(names)], Skills: []Skill{General}, Hours: network.Week{}}
	t.Skills = append(t.Skills, [][]Skill{{Diagnosis}, {Tyres}, {Diagnosis, Tyres}, {Bodywork}}[i%4]...)
	if electric && i%2 == 0 {
		t.Skills = append(t.Skills, Electric)
	}
	for day, spans := range d.Hours {
		if day == "sun" || day == "sat" && i%2 == 1 {
			continue
		}
		t.Hours[day] = shift(spans, i%2 == 1)
	}
	return t
}

// shift is eight and a half hours of a long day: the first of them, or the last.
func shift(spans []network.Span, late bool) []network.Span {
	const longest = 8*60 + 30
	if len(spans) != 1 || minuteOf(spans[0].Closes)-minuteOf(spans[0].Opens) <= longest {
		return spans
	}
	from, to := minuteOf(spans[0].Opens), minuteOf(spans[0].Closes)
	if late {
		from = to - longest
	} else {
		to = from + longest
	}
	return []network.Span{{Opens: clockText(from), Closes: clockText(to)}}
}

func clockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func shelved(p *Part, r *rand.Rand, today market.Date) Stock {
	s := Stock{Part: p.Code, LeadDays: p.lead()}
	switch p.Kind {
	case PartOfWork:
		if s.OnHand = 6 + r.IntN(12); strings.HasSuffix(p.Code, "-litre") || strings.HasPrefix(p.Code, "oil-") {
			s.OnHand = 60 + r.IntN(60)
		}
	case PartTyre:
		s.OnHand = 4 * r.IntN(4)
	default:
		s.OnHand = r.IntN(4)
	}
	if s.OnHand == 0 && !p.Gone && r.IntN(2) == 0 {
		s.Supplies = []Supply{{4, after(today, 1+r.IntN(4))}}
	}
	return s
}

// What the demo's planners show ahead.
const (
	inventedDays = 8
	inventedBusy = 3 // in ten starts of a technician
)

// inventBookings are stays that a site has ahead, in its free time.
func inventBookings(b *Book, m *market.Market, d *network.Dealer, c *Capacity, now time.Time) (out []*Booking) {
	r, s := chance(d.Code, "booked"), c.shop()
	a := Ask{Sites: []*network.Dealer{d}, Market: m, Rules: b.RulesAt(m.Code, market.DateOf(now)), Now: now, Days: inventedDays}
	cal := calendarOf(now, inventedDays, d.Zone())
	taken := newBusy(s, inventedDays)
	for _, w := range cal.days {
		for range c.Technicians {
			for hour := 8; hour < 17; hour++ {
				if r.IntN(10) >= inventedBusy {
					continue
				}
				if x := inventStay(b, a, d, s, taken, cal, w.at(hour*60), r); x != nil {
					taken.put(s, cal, x.packed())
					x.CreatedAt = now
					out = append(out, x)
				}
			}
		}
	}
	return out
}

// inventStay is one stay at an hour; nil when nothing is free or the site cannot do it.
func inventStay(b *Book, a Ask, d *network.Dealer, s *shop, taken *busy, cal *calendar, start time.Time, r *rand.Rand) *Booking {
	car := inventCar(b, d, r, market.DateOf(start))
	lines, err := Recommend(b, a.Market, car, market.DateOf(start))
	if err != nil || len(lines) == 0 {
		return nil
	}
	lines = lines[:min(len(lines), 1+r.IntN(2))]
	a.Skills, a.Minutes, a.Mobility = SkillsOf(lines), MinutesOf(lines), OnFoot
	if r.IntN(4) == 0 {
		a.Mobility = CourtesyCar
	}
	x, err := newHunt(&a, d, s, taken, cal).take(start, Change{})
	if err != nil {
		return nil
	}
	out := &Booking{ID: id.New[id.Booking](), Brand: car.Brand, Market: a.Market.Code, Dealer: d.Code, State: Booked, Source: FromDesk, StartsAt: x.from.UTC(), EndsAt: x.to.UTC(), Bay: x.bay, Technician: x.tech,
		Skills: a.Skills, Minutes: a.Minutes, Mobility: a.Mobility, Courtesy: x.car, Lines: lines, Km: car.Km, Told: Told{Model: car.Model, Title: titled(car), Fuel: car.Fuel, Registered: car.Registered}}
	if x.car > 0 {
		out.CourtesyUntil = x.back.UTC()
	}
	return out
}

func inventCar(b *Book, d *network.Dealer, r *rand.Rand, day market.Date) Car {
	var models []string
	for _, s := range b.Sizes {
		brand, _, _ := strings.Cut(s.Model, "/")
		if len(d.Takes[id.Brand(brand)]) > 0 {
			models = append(models, s.Model)
		}
	}
	months := 13 + r.IntN(110)
	c := Car{Fuel: []string{"petrol", "petrol", "lpg", "hybrid", "diesel"}[r.IntN(5)], Registered: day.PlusMonths(-months), Km: months * (600 + r.IntN(900))}
	if len(models) > 0 {
		brand, model, _ := strings.Cut(models[r.IntN(len(models))], "/")
		c.Brand, c.Model = id.Brand(brand), id.Model(model)
	}
	// It came once a year so far, so that a visit is about what is due now.
	if months > 14 {
		c.Visits = []Visit{{On: day.PlusMonths(-11 - r.IntN(4)), Km: c.Km * (months - 12) / months, Items: []string{"annual-service", "coolant", "spark-plugs", "timing-belt", "air-filter", "lpg-service", "starter-battery", "tyres"}}}
	}
	return c
}

// titled is "Dacia Sandero Stepway", for a car of which only the codes are known.
func titled(c Car) string {
	words := strings.Fields(string(c.Brand) + " " + strings.ReplaceAll(string(c.Model), "-", " "))
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// shop is a capacity as the search reads it.
func (c *Capacity) shop() *shop {
	s := &shop{}
	for _, b := range c.Bays {
		s.bays = append(s.bays, resource{no: b.No, skills: setOf(b.Skills)})
	}
	for _, t := range c.Technicians {
		s.techs = append(s.techs, resource{no: t.No, skills: setOf(t.Skills), hours: hoursOf(t.Hours)})
	}
	for _, x := range c.Courtesy {
		s.cars = append(s.cars, resource{no: x.No})
	}
	return s
}
