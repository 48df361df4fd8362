package usedcars

import (
	"slices"
	"time"

	"forecourt/internal/market"
)

// Lack is one thing that keeps a car from being offered; its words are condition.lack.<code>.
type Lack struct {
	Code    string
	Point   string // of the checklist
	Have    int
	Need    int
	Section string // of the dealer's page, where it is mended
}

// Missing says everything that a car still needs before anybody may see it: a price, pictures that each say what they show, an
// answer to each point of the market's checklist, none of them failed, a register's answer that is not old, and no red flag.
// The page, the button and the tests ask here.
func Missing(w *Whole, terms market.Used, now time.Time) []Lack {
	var out []Lack
	if !IsPrice(w.PriceMinor) {
		out = append(out, Lack{Code: "price", Section: "price"})
	}
	out = append(out, lackOfPhotos(w.Photos, terms.Photos)...)
	out = append(out, lackOfPoints(w.Answers, terms.Checklist)...)
	switch {
	case terms.PastDays == 0: // the terms were made before registers were asked
	case w.Past == nil && !w.AskedAt.IsZero():
		out = append(out, Lack{Code: "past_waits", Section: "past"})
	case w.Past == nil:
		out = append(out, Lack{Code: "past", Section: "past"})
	case w.Past.Old(now, terms.PastDays):
		out = append(out, Lack{Code: "past_old", Section: "past"})
	}
	for _, f := range w.Flags() {
		out = append(out, Lack{Code: "flag_" + f, Section: "past"})
	}
	return out
}

func lackOfPhotos(ps []Photo, need int) []Lack {
	var out []Lack
	if len(ps) < need {
		out = append(out, Lack{Code: "photos", Have: len(ps), Need: need, Section: "photos"})
	}
	mute := 0
	for _, p := range ps {
		if p.Alt == "" {
			mute++
		}
	}
	if mute > 0 {
		out = append(out, Lack{Code: "alt", Have: mute, Section: "photos"})
	}
	return out
}

func lackOfPoints(as Answers, points []string) []Lack {
	var out []Lack
	open := 0
	for _, p := range points {
		switch as[p].Said {
		case "":
			open++
		case Fail:
			out = append(out, Lack{Code: "failed", Point: p, Section: "checks"})
		}
	}
	if open > 0 {
		out = append([]Lack{{Code: "points", Have: open, Section: "checks"}}, out...)
	}
	return out
}

// ReadOn is the day on which its odometer was last read as it stands; empty when nobody has.
func (w *Whole) ReadOn() market.Date {
	for i := len(w.Kms) - 1; i >= 0; i-- {
		if w.Kms[i].Km == w.Km {
			return w.Kms[i].On
		}
	}
	return ""
}

// Flags are the car's red flags. What its odometer says now is the last of its readings, whatever others say of the same day.
func (w *Whole) Flags() []string {
	kms := w.Kms
	if !w.State.Over() { // of a car that went to a buyer the readings go on, and what this row says is one of them
		kms = append(slices.Clip(kms), Reading{Km: w.Km})
	}
	return Flags(w.Past, kms, w.Explained != "")
}
