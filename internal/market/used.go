package market

import (
	"slices"

	"forecourt/internal/platform/filecheck"
)

// Used is how a market sells used cars, from a day on.
type Used struct {
	Version       string `yaml:"version" json:"version"`
	From          Date   `yaml:"from" json:"from"`
	Source        string `yaml:"source" json:"source"`
	HoldMinutes   int    `yaml:"hold_minutes" json:"hold_minutes"`     // that a car is kept for who starts to buy it
	LongerMinutes int    `yaml:"longer_minutes" json:"longer_minutes"` // and may be kept once more
	PayMinutes    int    `yaml:"pay_minutes" json:"pay_minutes"`       // to pay, after the order is placed
	OfferMinutes  int    `yaml:"offer_minutes" json:"offer_minutes"`   // that the next in line has the first refusal
	// The seller's guarantee by law in months, and the shorter one that a buyer may agree to separately; 0 where the law
	// knows no shorter one.
	GuaranteeMonths int `yaml:"guarantee_months" json:"guarantee_months"`
	ConsentMonths   int `yaml:"consent_months" json:"consent_months"`
	// DayCostMinor is what a day on the forecourt costs a dealer, in minor units: its page counts it.
	DayCostMinor int64 `yaml:"day_cost_minor" json:"day_cost_minor"`
	// Before a car is offered: so many pictures, an answer to each point of UsedPoints that is named here, and a register's
	// report of its past, which is asked for again after so many days.
	Photos    int      `yaml:"photos" json:"photos"`
	PastDays  int      `yaml:"past_days" json:"past_days"`
	Checklist []string `yaml:"checklist" json:"checklist"`
	// ExchangeDays is how long the value of a buyer's own car is kept, and ExchangeKm how far its odometer may be beyond the one that
	// he told without a ground for another; no days where nobody takes cars in part exchange.
	ExchangeDays int `yaml:"exchange_days" json:"exchange_days,omitempty"`
	ExchangeKm   int `yaml:"exchange_km" json:"exchange_km,omitempty"`
	// Moves are the fees for bringing a car to another dealer, the nearest band first; none where nobody does.
	Moves []UsedMove `yaml:"moves" json:"moves,omitempty"`
}

// UsedPoints are the points that an inspection may have; each has its words, condition.point.<code>.
var UsedPoints = []string{"papers", "keys", "service", "recalls", "bodywork", "underbody", "glass", "lights", "tyres", "brakes", "steering", "suspension", "engine", "leaks", "gearbox", "exhaust", "seatbelts",
	"airbags", "electronics", "climate", "drive"}

// UsedAt are the terms of used cars on a day; false where the market sells none.
func (m *Market) UsedAt(d Date) (Used, bool) {
	var best Used
	for _, u := range m.Used {
		if u.From <= d && u.From >= best.From {
			best = u
		}
	}
	return best, best.Version != ""
}

func (c checker) used(list []Used) {
	versions, days := map[string]bool{}, map[Date]bool{}
	for i, u := range list {
		in := func(key string) []string { return filecheck.At("used", i, key) }
		if c.date(u.From, in("from")...) && days[u.From] {
			c.Say(in("from"), "second terms begin on %s", u.From)
		}
		if c.Present(u.Version, in("version")...) && versions[u.Version] {
			c.Say(in("version"), "version %s is given twice", u.Version)
		}
		days[u.From], versions[u.Version] = true, true
		c.Present(u.Source, in("source")...)
		c.Between(int64(u.HoldMinutes), 5, 120, in("hold_minutes")...)
		c.Between(int64(u.LongerMinutes), 5, 60, in("longer_minutes")...)
		c.Between(int64(u.PayMinutes), 30, 120, in("pay_minutes")...) // the card bank keeps a page open half an hour at least
		c.Between(int64(u.OfferMinutes), 15, 2880, in("offer_minutes")...)
		c.Between(int64(u.GuaranteeMonths), 1, 60, in("guarantee_months")...)
		c.Between(u.DayCostMinor, 1, 100_00, in("day_cost_minor")...)
		c.Between(int64(u.Photos), 1, 20, in("photos")...)
		c.Between(int64(u.PastDays), 1, 365, in("past_days")...)
		c.points(u.Checklist, in("checklist"))
		c.usedMoves(u.Moves, in)
		c.Between(int64(u.ExchangeDays), 0, 60, in("exchange_days")...)
		c.Between(int64(u.ExchangeKm), 0, 10_000, in("exchange_km")...)
		c.Between(int64(u.ConsentMonths), 0, int64(u.GuaranteeMonths)-1, in("consent_months")...)
	}
}

func (c checker) points(list []string, at []string) {
	if len(list) == 0 {
		c.Say(at, "a checklist needs points")
	}
	seen := map[string]bool{}
	for _, p := range list {
		if !slices.Contains(UsedPoints, p) || seen[p] {
			c.Say(at, "%s is no point of a checklist, or stands there twice", p)
		}
		seen[p] = true
	}
}
