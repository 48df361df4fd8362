package aftersales

import (
	"forecourt/internal/market"
	"forecourt/internal/network"
)

// Rules are how workshops of a market take bookings, from a day on.
type Rules struct {
	Version         string      `yaml:"version" json:"version"`
	From            market.Date `yaml:"from" json:"from"`
	Source          string      `yaml:"source" json:"source"`
	NoticeMinutes   int         `yaml:"notice_minutes" json:"notice_minutes"` // from now to the earliest slot
	HoldMinutes     int         `yaml:"hold_minutes" json:"hold_minutes"`     // for who is on the card page
	OfferHours      int         `yaml:"offer_hours" json:"offer_hours"`       // for the slot in a warning's notice
	WaitMinutes     int         `yaml:"wait_minutes" json:"wait_minutes"`     // to say yes to an earlier slot
	NoShow          NoShowRule  `yaml:"no_show" json:"no_show"`
	Rings           []Ring      `yaml:"collection" json:"collection,omitempty"` // by distance; none where cars are not collected
	CollectionsADay int         `yaml:"collections_a_day" json:"collections_a_day"`
}

// NoShowRule is what becomes of a slot that nobody came to, or was cancelled late. Fees are with VAT; none is 0.
type NoShowRule struct {
	AfterMinutes   int   `yaml:"after_minutes" json:"after_minutes"` // late from when on a slot may be given away
	FeeMinor       int64 `yaml:"fee_minor" json:"fee_minor"`
	FreeHours      int   `yaml:"free_hours" json:"free_hours"` // a slot is cancelled for nothing until so long before it
	CancelFeeMinor int64 `yaml:"cancel_fee_minor" json:"cancel_fee_minor"`
}

// Ring is a fee for a collection up to a distance.
type Ring struct {
	ToKm     int   `yaml:"to_km" json:"to_km"`
	FeeMinor int64 `yaml:"fee_minor" json:"fee_minor"`
}

// Collection is what it costs that a site fetches a car at a place and brings it back, and how far that is; false when the place
// is beyond the last ring.
func (r Rules) Collection(site *network.Dealer, place network.Place) (feeMinor, metres int64, ok bool) {
	metres = network.Metres(site.Lat, site.Lon, place.Lat, place.Lon)
	for _, x := range r.Rings {
		if metres <= int64(x.ToKm)*1000 {
			return x.FeeMinor, metres, true
		}
	}
	return 0, metres, false
}
