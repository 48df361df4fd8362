package insight

import (
	"strings"
	"time"

	"forecourt/internal/id"
)

// Window is how many days the figures go back, today included.
const Window = 14

// Place is a market with the zone in which its day begins and ends.
type Place struct {
	Market id.Market
	Zone   *time.Location
}

// Shop is one brand's flow in a market.
type Shop struct {
	Brand  id.Brand
	Market id.Market
	Flow   id.Flow
}

// Day is what happened in a shop on one day.
type Day struct {
	Date      time.Time // the day's start in the market's zone
	Orders    int
	CardMinor int64 // captured minus refunded
	DeskMinor int64 // paid minus returned at the dealers' desks
}

// StateCount is how many open orders stand in a state.
type StateCount struct {
	State string
	Count int
}

// Figures are those of one shop.
type Figures struct {
	Days     []Day // Window of them, oldest first, the last is today
	Open     []StateCount
	Waiting  int       // offers that a dealer has not answered
	Oldest   time.Time // when the oldest of them was made; zero when none waits
	Overdue  int       // of them, past their end
	Booked   int       // open orders with a deposit
	Checkout int       // open orders whose buyer is on the card page
}

// Today is the last of the days.
func (f *Figures) Today() Day { return f.Days[len(f.Days)-1] }

// Orders is the sum over the window.
func (f *Figures) Orders() int {
	n := 0
	for _, d := range f.Days {
		n += d.Orders
	}
	return n
}

// blank are the figures of a shop in which nothing happened.
func blank(zone *time.Location, now time.Time) *Figures {
	f := &Figures{Days: make([]Day, Window)}
	today := startOfDay(now, zone)
	for i := range f.Days {
		f.Days[i].Date = today.AddDate(0, 0, i+1-Window)
	}
	return f
}

// startOfDay is midnight in zone; AddDate on it follows the calendar over changes of the clock.
func startOfDay(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

func (f *Figures) day(date string) *Day {
	for i := range f.Days {
		if f.Days[i].Date.Format(time.DateOnly) == date {
			return &f.Days[i]
		}
	}
	return nil
}

func codes(places []Place) (markets, zones string) {
	m, z := make([]string, len(places)), make([]string, len(places))
	for i, p := range places {
		m[i], z[i] = string(p.Market), p.Zone.String()
	}
	return strings.Join(m, ","), strings.Join(z, ",")
}
