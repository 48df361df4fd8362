package aftersales

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"

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
	taken, err := loadWeeks(g, &a)
	if err != nil {
		return nil, err
	}
	own, err := a.own(g)
	if err != nil {
		return nil, err
	}
	return a.search(shops, there, taken, own), nil
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

// loadShops reads what sites have to work with. A site without anything is not among them.
func loadShops(g *gorm.DB, dealers string) (map[id.Dealer]*shop, error) {
	rows, err := g.Raw(`WITH sites AS (SELECT unnest(string_to_array(?, ',')) AS dealer)
		SELECT dealer, string_agg(line, E'\n') FROM (
			SELECT dealer, 'bay ' || no || ' ' || array_to_string(skills, ',') || ' ' AS line FROM service_bays JOIN sites USING (dealer) WHERE active
			UNION ALL SELECT dealer, 'tech ' || no || ' ' || array_to_string(skills, ',') || ' ' || hours::text FROM service_technicians JOIN sites USING (dealer) WHERE active
			UNION ALL SELECT dealer, 'car ' || no || '  ' FROM service_courtesy_cars JOIN sites USING (dealer) WHERE active) lines GROUP BY dealer`, dealers).Rows()
	if err != nil {
		return nil, fmt.Errorf("aftersales: shops: %w", err)
	}
	defer rows.Close()
	out := map[id.Dealer]*shop{}
	for rows.Next() {
		var dealer, text string
		if err := rows.Scan(&dealer, &text); err != nil {
			return nil, err
		}
		if out[id.Dealer(dealer)], err = readShop(id.Dealer(dealer), text); err != nil {
			return nil, err
		}
	}
	return out, rows.Err()
}

// readShops keeps what the database last said of a site with what that means: it changes seldom and is read with every search.
var readShops sync.Map

type keptShop struct {
	text string
	shop *shop
}

func readShop(d id.Dealer, text string) (*shop, error) {
	if k, ok := readShops.Load(d); ok && k.(keptShop).text == text {
		return k.(keptShop).shop, nil
	}
	s := &shop{}
	for line := range strings.SplitSeq(text, "\n") {
		w := strings.SplitN(line, " ", 4)
		no, err := strconv.Atoi(w[1])
		if err != nil || len(w) < 4 {
			return nil, fmt.Errorf("aftersales: shop: %q", line)
		}
		r := resource{no: no, skills: readSkills(w[2])}
		switch w[0] {
		case "bay":
			s.bays = append(s.bays, r)
		case "car":
			s.cars = append(s.cars, r)
		default:
			var week network.Week
			if err := json.Unmarshal([]byte(w[3]), &week); err != nil {
				return nil, fmt.Errorf("aftersales: hours: %w", err)
			}
			r.hours = hoursOf(week)
			s.techs = append(s.techs, r)
		}
	}
	for _, list := range [][]resource{s.bays, s.techs, s.cars} {
		slices.SortFunc(list, func(a, b resource) int { return a.no - b.no })
	}
	readShops.Store(d, keptShop{text, s})
	return s, nil
}

func readSkills(joined string) (out skillSet) {
	for s := range strings.SplitSeq(joined, ",") {
		out |= setOf([]Skill{Skill(s)})
	}
	return out
}

// loadWeeks reads what is taken in the weeks of the asked days, packed, eight bytes each.
func loadWeeks(g *gorm.DB, a *Ask) (map[id.Dealer][]byte, error) {
	const week = 7 * 24 * 3600
	from := a.soonest().Add(-48*time.Hour).Unix() / week
	to := a.soonest().AddDate(0, 0, a.Days+2).Unix() / week
	rows, err := g.Raw(`SELECT dealer, packed FROM service_weeks WHERE dealer = ANY(string_to_array(?, ',')) AND week BETWEEN ? AND ?`, codes(a.Sites), from, to).Rows()
	if err != nil {
		return nil, fmt.Errorf("aftersales: weeks: %w", err)
	}
	defer rows.Close()
	out := make(map[id.Dealer][]byte, len(a.Sites))
	for rows.Next() {
		var dealer string
		var packed []byte
		if err := rows.Scan(&dealer, &packed); err != nil {
			return nil, err
		}
		out[id.Dealer(dealer)] = append(out[id.Dealer(dealer)], packed...)
	}
	return out, rows.Err()
}

// own is what the booking takes that moves; nothing is equal to 0, because no bay has that number.
func (a *Ask) own(g *gorm.DB) (t taken, err error) {
	if a.Except == "" {
		return 0, nil
	}
	_, err = db.One(g, &t, `SELECT packed FROM service_bookings WHERE id = ?`, a.Except)
	return t, err
}

// loadTaken reads the bookings of a site on the asked days themselves, packed.
func loadTaken(g *gorm.DB, a *Ask) ([]byte, error) {
	var r struct{ Packed []byte }
	_, err := db.One(g, &r, `SELECT string_agg(int8send(packed), ''::bytea) AS packed FROM service_bookings
		WHERE dealer = ? AND starts_at >= ? AND starts_at < ? AND state IN ('held', 'booked', 'arrived', 'in_work', 'ready') AND id IS DISTINCT FROM ?`,
		a.Sites[0].Code, a.soonest().Add(-48*time.Hour), a.soonest().AddDate(0, 0, a.Days+2), except(a.Except))
	if err != nil {
		err = fmt.Errorf("aftersales: bookings: %w", err)
	}
	return r.Packed, err
}
