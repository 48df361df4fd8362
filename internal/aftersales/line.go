package aftersales

import (
	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
)

// Kind is what a line is.
type Kind string

// The kinds, in the order in which lines stand.
const (
	KindRecall     Kind = "recall"     // free, and always done
	KindDue        Kind = "due"        // the plan asks for it by now
	KindInspection Kind = "inspection" // the law does
	KindWork       Kind = "work"       // somebody asked for it: a warning, the customer, the workshop
	KindExtra      Kind = "extra"      // may be added
	KindAccessory  Kind = "accessory"
	KindTyre       Kind = "tyre"
	KindContract   Kind = "contract" // a service plan
)

var kinds = []Kind{KindRecall, KindDue, KindInspection, KindWork, KindExtra, KindAccessory, KindTyre, KindContract}

// Reason is why a line is there; its words are service.reason.<code>.
type Reason string

// The reasons.
const (
	ByMonths     Reason = "months"     // so many months have passed, or will have
	ByKm         Reason = "km"         // so many kilometres have been driven
	ByRecall     Reason = "recall"     // the maker calls the car back
	ByLaw        Reason = "inspection" // an inspection is due
	ByWish       Reason = "wish"
	ByWarning    Reason = "warning"
	ByInspection Reason = "found" // the workshop found it
)

// Why is the reason of a line with its figures, as they were when the line was made.
type Why struct {
	Reason Reason      `json:"reason"`
	Months int         `json:"months,omitempty"` // of the plan
	Km     int         `json:"km,omitempty"`
	DueOn  market.Date `json:"due_on,omitempty"`
	DueKm  int         `json:"due_km,omitempty"`
	Over   bool        `json:"over,omitempty"` // the day or the mileage has passed
}

// Fitting is what becomes of goods.
type Fitting string

// The ways; their words are service.fitting.<code>.
const (
	Fitted    Fitting = "fitted"    // in the workshop
	Collected Fitting = "collected" // over the counter
)

// Line is one line of an offer, an order or a bill. It is kept as it was sold.
type Line struct {
	Code       string         `json:"code"`
	Kind       Kind           `json:"kind"`
	Name       i18n.Words     `json:"name"`
	Text       i18n.Words     `json:"text,omitempty"`
	Why        Why            `json:"why"`
	Quantity   int            `json:"quantity"`
	Minutes    int            `json:"minutes"` // of all of them
	Skill      Skill          `json:"skill,omitempty"`
	Parts      []Need         `json:"parts,omitempty"`
	List       money.Money    `json:"list"`   // without a service plan
	Amount     money.Money    `json:"amount"` // with VAT
	VATRateBP  int64          `json:"vat_rate_bp"`
	VAT        money.Money    `json:"vat"`             // contained in Amount
	Cover      string         `json:"cover,omitempty"` // code of the service plan that pays
	Fitting    Fitting        `json:"fitting,omitempty"`
	Withdrawal WithdrawalRule `json:"withdrawal"`
	Label      *TyreLabel     `json:"label,omitempty"`
}

// Optional tells whether the customer may leave the line out: all but a recall.
func (l *Line) Optional() bool { return l.Kind != KindRecall }

// Sum adds lines up: the total with VAT, and the VAT in it. No line is an amount of nothing in no currency.
func Sum(lines []Line) (total, vat money.Money) {
	for i, l := range lines {
		if i == 0 {
			total, vat = l.Amount, l.VAT
			continue
		}
		total, vat = total.Add(l.Amount), vat.Add(l.VAT)
	}
	return total, vat
}

// MinutesOf is how long all lines take, one after the other.
func MinutesOf(lines []Line) (n int) {
	for _, l := range lines {
		n += l.Minutes
	}
	return n
}

// SkillsOf are the skills that all lines together need.
func SkillsOf(lines []Line) []Skill {
	var list []Skill
	for _, l := range lines {
		list = append(list, l.Skill)
	}
	return setOf(list).list()
}

// PartsOf are the parts that all lines together need.
func PartsOf(lines []Line) []Need {
	var list []Need
	for _, l := range lines {
		list = append(list, l.Parts...)
	}
	return together(list)
}
