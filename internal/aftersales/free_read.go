package aftersales

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/network"

	"gorm.io/gorm"
)

// Free lists the slots that workshops have for what is asked, those of one site after those of another in the order in which
// they are asked, each in the order of time. A site that lacks a skill, or that a part can not reach, has none.
func Free(g *gorm.DB, a Ask) ([]Slot, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	shops, err := loadShops(g, codes(a.Sites))
	if err != nil {
		return nil, err
	}
	there, err := arrivals(g, &a)
	if err != nil {
		return nil, err
	}
	calendars := map[string]*calendar{}
	for _, d := range a.Sites {
		if calendars[d.TimeZone] == nil {
			calendars[d.TimeZone] = calendarOf(a.soonest(), a.Days, d.Zone())
		}
	}
	taken, err := loadTaken(g, &a)
	if err != nil {
		return nil, err
	}
	collected, err := loadCollections(g, &a)
	if err != nil {
		return nil, err
	}
	var out []Slot
	for _, d := range a.Sites {
		s, c := shops[d.Code], calendars[d.TimeZone]
		on, can := there.of(d.Code, a.ordered(d))
		if s == nil || !can {
			continue
		}
		b := newBusy(s, len(c.days))
		for raw := taken[d.Code]; len(raw) >= 8; raw = raw[8:] {
			b.put(s, c, takenOf(raw))
		}
		b.collect(c, collected[d.Code])
		h := newHunt(&a, d, s, b, c)
		if begins := on.Time(d.Zone()); begins.After(h.soonest) {
			h.soonest = begins
		}
		out = h.slots(out)
	}
	return out, nil
}

func takenOf(raw []byte) taken { return taken(binary.BigEndian.Uint64(raw)) }

// check refuses what no workshop can answer.
func (a *Ask) check() error {
	a.Days = min(max(a.Days, 1), MostDays)
	if a.Minutes < 1 {
		return ErrNoItem
	}
	for _, d := range a.Sites {
		if d.Market != a.Market.Code {
			return ErrMarket.With("dealer", string(d.Code))
		}
	}
	return nil
}

func codes(sites []*network.Dealer) string {
	out := make([]string, len(sites))
	for i, d := range sites {
		out[i] = string(d.Code)
	}
	return strings.Join(out, ",")
}

// loadShops reads what sites have to work with. A site without a bay is not among them.
func loadShops(g *gorm.DB, dealers string) (map[id.Dealer]*shop, error) {
	rows, err := g.Raw(`WITH sites AS (SELECT unnest(string_to_array(?, ',')) AS dealer)
		SELECT dealer, 'bay', no, array_to_string(skills, ','), '' FROM service_bays JOIN sites USING (dealer) WHERE active
		UNION ALL SELECT dealer, 'tech', no, array_to_string(skills, ','), hours::text FROM service_technicians JOIN sites USING (dealer) WHERE active
		UNION ALL SELECT dealer, 'car', no, '', '' FROM service_courtesy_cars JOIN sites USING (dealer) WHERE active ORDER BY 1, 2, 3`, dealers).Rows()
	if err != nil {
		return nil, fmt.Errorf("aftersales: shops: %w", err)
	}
	defer rows.Close()
	out := map[id.Dealer]*shop{}
	for rows.Next() {
		var dealer, kind, skills, worked string
		var r resource
		if err := rows.Scan(&dealer, &kind, &r.no, &skills, &worked); err != nil {
			return nil, err
		}
		s := out[id.Dealer(dealer)]
		if s == nil {
			s = &shop{}
			out[id.Dealer(dealer)] = s
		}
		r.skills = readSkills(skills)
		switch kind {
		case "bay":
			s.bays = append(s.bays, r)
		case "car":
			s.cars = append(s.cars, r)
		default:
			if r.hours, err = readHours(worked); err != nil {
				return nil, err
			}
			s.techs = append(s.techs, r)
		}
	}
	return out, rows.Err()
}

func readSkills(joined string) (out skillSet) {
	for s := range strings.SplitSeq(joined, ",") {
		out |= setOf([]Skill{Skill(s)})
	}
	return out
}

// readWeeks keeps working weeks by what the database says: they are few, and are read with every search.
var readWeeks sync.Map

func readHours(doc string) (*hours, error) {
	if h, ok := readWeeks.Load(doc); ok {
		return h.(*hours), nil
	}
	var w network.Week
	if err := json.Unmarshal([]byte(doc), &w); err != nil {
		return nil, fmt.Errorf("aftersales: hours: %w", err)
	}
	h := hoursOf(w)
	readWeeks.Store(doc, h)
	return h, nil
}

// loadTaken reads the bookings of the asked days, packed, eight bytes each.
func loadTaken(g *gorm.DB, a *Ask) (map[id.Dealer][]byte, error) {
	from := a.soonest().Add(-48 * time.Hour)
	rows, err := g.Raw(`SELECT dealer, string_agg(int8send(packed), ''::bytea) FROM service_bookings
		WHERE dealer = ANY(string_to_array(?, ',')) AND starts_at >= ? AND starts_at < ? AND state IN ('held', 'booked', 'arrived', 'in_work', 'ready') AND id IS DISTINCT FROM ? GROUP BY dealer`,
		codes(a.Sites), from, a.soonest().AddDate(0, 0, a.Days+2), except(a.Except)).Rows()
	if err != nil {
		return nil, fmt.Errorf("aftersales: bookings: %w", err)
	}
	defer rows.Close()
	out := map[id.Dealer][]byte{}
	for rows.Next() {
		var dealer string
		var packed []byte
		if err := rows.Scan(&dealer, &packed); err != nil {
			return nil, err
		}
		out[id.Dealer(dealer)] = packed
	}
	return out, rows.Err()
}

// loadCollections reads when cars are fetched on the asked days, if that matters.
func loadCollections(g *gorm.DB, a *Ask) (map[id.Dealer][]byte, error) {
	out := map[id.Dealer][]byte{}
	if a.Mobility != IsCollected {
		return out, nil
	}
	var rows []struct {
		Dealer string
		Packed []byte
	}
	err := g.Raw(`SELECT dealer, string_agg(int8send(packed), ''::bytea) AS packed FROM service_bookings
		WHERE mobility = 'collection' AND dealer = ANY(string_to_array(?, ',')) AND starts_at >= ? AND starts_at < ? AND state IN ('held', 'booked', 'arrived', 'in_work', 'ready') AND id IS DISTINCT FROM ? GROUP BY dealer`,
		codes(a.Sites), a.soonest().Add(-48*time.Hour), a.soonest().AddDate(0, 0, a.Days+2), except(a.Except)).Scan(&rows).Error
	for _, r := range rows {
		out[id.Dealer(r.Dealer)] = r.Packed
	}
	return out, err
}
