package usedcars

import (
	"math/rand/v2"
	"strconv"
	"time"

	"forecourt/internal/market"
)

// inspectors look at the demo's cars.
var inspectors = []string{"Ivo Santoro", "Maud Lefort", "Owen Pryce", "Nadia Kamara", "Pia Lindqvist", "Tomas Reyl"}

// inspected lets somebody answer the market's checklist and a register tell the car's past, some days ago. A car with a red
// flag is a draft that its dealer cannot offer.
func (c *Invented) inspected(m *market.Market, r *rand.Rand, day time.Time) {
	terms, _ := m.UsedAt(market.DateOf(day))
	by, on := inspectors[r.IntN(len(inspectors))], market.DateOf(c.ListedAt)
	c.Answers = Answers{}
	for _, point := range terms.Checklist {
		c.Answers[point] = Answer{Said: Pass, By: by, On: on}
	}
	// What is worn and stays so is told in figures, which need no language.
	if _, asked := c.Answers["tyres"]; asked && r.IntN(3) == 0 {
		front, rear := 3+r.IntN(2), 4+r.IntN(3)
		c.Answers["tyres"] = Answer{Disclosed, strconv.Itoa(front) + " mm, " + strconv.Itoa(rear) + " mm", by, on}
	}
	c.AskedAt = day.Add(-time.Duration(1+r.IntN(20*24)) * time.Hour)
	c.Past = simulated(Asked{VIN: c.VIN, Plate: c.Plate, Country: m.Country, Registered: c.Registered, Km: c.Km, Owners: c.Owners, On: on})
	c.Kms = append(c.Past.Readings, Reading{market.DateOf(c.ListedAt), c.Km, "dealer"})
	if c.State = Listed; len(Flags(&Past{Report: c.Past}, c.Kms, false)) > 0 {
		c.State, c.PriorMinor = Draft, 0
	}
}
