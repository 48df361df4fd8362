package market

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/money"
	"forecourt/internal/platform/palette"
)

// Smoke is the market that the smoke test buys in after a deployment: a code that ISO 3166 leaves to
// its users, never listed to visitors. It borrows a real country's forms.
const Smoke id.Market = "zz"

// Brand is a shop's name and look. Pages and mails take its colours from here and know no brand by name.
type Brand struct {
	Code    id.Brand        `yaml:"code" json:"code"`
	Name    string          `yaml:"name" json:"name"`
	Order   int             `yaml:"order" json:"order"` // place on the front door
	Colours palette.Palette `yaml:"colours" json:"colours"`
}

// Date is a day of law, without a time or zone: "2026-01-01".
type Date string

// Time is the start of the day in loc.
func (d Date) Time(loc *time.Location) time.Time {
	t, err := time.ParseInLocation("2006-01-02", string(d), loc)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Valid tells whether d is a real calendar day.
func (d Date) Valid() bool {
	_, err := time.Parse("2006-01-02", string(d))
	return err == nil
}

// DateOf is the day of t in t's own zone.
func DateOf(t time.Time) Date { return Date(t.Format("2006-01-02")) }

// Rate is a VAT rate in basis points (20 % = 2000) from a day on.
type Rate struct {
	From   Date  `yaml:"from" json:"from"`
	RateBP int64 `yaml:"rate_bp" json:"rate_bp"`
}

// FeeKind says how a mandatory price line is computed.
type FeeKind string

// Fee kinds. Sources of the demo figures are named in the market files.
const (
	FeeFixed FeeKind = "fixed"   // AmountMinor
	FeeCO2   FeeKind = "co2"     // Steps over g/km, AmountMinor of the last step whose Above is below the car's figure
	FeeMass  FeeKind = "mass"    // Steps over kg, PerUnitMinor for each kg above the step
	FeeNet   FeeKind = "co2_net" // Steps over g/km, RateBP of the net price of the car and its options; one at a time
	FeePower FeeKind = "power"   // AmountMinor up to BaseUnits kW, then PerUnitMinor for each kW above, raised by SurchargeBP
)

// FeeStep is one step of a table: it counts for figures strictly above Above.
type FeeStep struct {
	Above        int64 `yaml:"above" json:"above"`
	AmountMinor  int64 `yaml:"amount_minor" json:"amount_minor,omitempty"`
	PerUnitMinor int64 `yaml:"per_unit_minor" json:"per_unit_minor,omitempty"`
	RateBP       int64 `yaml:"rate_bp" json:"rate_bp,omitempty"` // of the net price, where the kind is a share of it
}

// Fee is a price line that the buyer can not avoid. Amounts are VAT-inclusive minor units.
type Fee struct {
	Code         string    `yaml:"code" json:"code"`
	Label        Wording   `yaml:"label" json:"label"`
	Kind         FeeKind   `yaml:"kind" json:"kind"`
	From         Date      `yaml:"from" json:"from"`
	To           Date      `yaml:"to" json:"to,omitempty"` // last day, open when empty
	AmountMinor  int64     `yaml:"amount_minor" json:"amount_minor,omitempty"`
	BaseUnits    int64     `yaml:"base_units" json:"base_units,omitempty"`
	PerUnitMinor int64     `yaml:"per_unit_minor" json:"per_unit_minor,omitempty"`
	PerUnitMilli int64     `yaml:"per_unit_milli" json:"per_unit_milli,omitempty"` // thousandths of a minor unit per unit, added to PerUnitMinor
	SurchargeBP  int64     `yaml:"surcharge_bp" json:"surcharge_bp,omitempty"`
	Steps        []FeeStep `yaml:"steps" json:"steps,omitempty"`
	VATFree      bool      `yaml:"vat_free" json:"vat_free,omitempty"` // a duty passed on, outside VAT
	Exempt       []string  `yaml:"exempt" json:"exempt,omitempty"`     // fuels of engines that do not pay it: "electric"
	Source       string    `yaml:"source" json:"source"`               // where the figure comes from, or "demo"
}

// FlowTerms are the terms of one flow, dated.
type FlowTerms struct {
	From         Date   `yaml:"from" json:"from"`
	DepositMinor int64  `yaml:"deposit_minor" json:"deposit_minor"`
	Capture      string `yaml:"capture" json:"capture"`           // "accept" or "now": when the card's money is taken
	FullPayment  bool   `yaml:"full_payment" json:"full_payment"` // the buyer may pay the whole price instead of the deposit
	AtDesk       bool   `yaml:"at_desk" json:"at_desk,omitempty"` // the buyer may pay nothing now and all of it at the dealer's desk
	Seller       string `yaml:"seller" json:"seller"`             // "dealer", "maker" or "group": who sells and invoices
	HoldsMoney   string `yaml:"holds_money" json:"holds_money"`   // "dealer" or "maker": for whom the deposit is held
	Contract     string `yaml:"contract" json:"contract"`         // "online" or "dealer": where the contract is made
	OfferHours   int    `yaml:"offer_hours" json:"offer_hours"`   // opening hours a dealer has to answer
}

// CaptureNow tells whether the card's money is taken at once. Terms from before this was said, in the
// database of an older release, mean that it waits for a dealer.
func (t FlowTerms) CaptureNow() bool { return t.Capture == "now" }

// Pays tells whether a car with this fuel pays the fee at all.
func (f *Fee) Pays(fuel string) bool {
	for _, x := range f.Exempt {
		if x == fuel {
			return false
		}
	}
	return true
}

// Holiday is a day on which dealers are shut.
type Holiday struct {
	Date    Date     `yaml:"date" json:"date"`
	Name    string   `yaml:"name" json:"name"`
	Regions []string `yaml:"regions" json:"regions,omitempty"` // all when empty
}

// Text is a legal or house text; paragraphs are separated by blank lines. One version has the same meaning in
// every language.
type Text struct {
	Version string  `yaml:"version" json:"version"`
	From    Date    `yaml:"from" json:"from"`
	Title   Wording `yaml:"title" json:"title"`
	Body    Wording `yaml:"body" json:"body"`
}

// Access is where a reader who meets a barrier turns to: first the market's own desk, then the bodies that
// watch over the law of the country.
type Access struct {
	Mail   string  `yaml:"mail" json:"mail"`
	Law    Wording `yaml:"law" json:"law"`
	Bodies []Body  `yaml:"bodies" json:"bodies"`
}

// Body is an authority with its own site.
type Body struct {
	Name Wording `yaml:"name" json:"name"`
	URL  string  `yaml:"url" json:"url"`
}

// Market is one country as the shop needs it.
type Market struct {
	Code             id.Market                `yaml:"code" json:"code"`
	Name             string                   `yaml:"name" json:"name"` // in its own language
	Country          string                   `yaml:"country" json:"country"`
	Currency         money.Currency           `yaml:"currency" json:"currency"`
	Locale           string                   `yaml:"locale" json:"locale"`           // "en-GB": its first
	Also             []string                 `yaml:"also" json:"also,omitempty"`     // locales beside it, one for a language
	TimeZone         string                   `yaml:"time_zone" json:"time_zone"`     // of the manager's day; sites have their own
	Distance         string                   `yaml:"distance" json:"distance"`       // "mi" or "km"
	Consumption      string                   `yaml:"consumption" json:"consumption"` // "mpg" or "l100"
	Order            int                      `yaml:"order" json:"order"`
	VAT              []Rate                   `yaml:"vat" json:"vat"`
	Fees             []Fee                    `yaml:"fees" json:"fees"`
	Flows            map[id.Flow][]FlowTerms  `yaml:"flows" json:"flows"`
	Allocation       map[id.Flow][]Allocation `yaml:"allocation" json:"allocation,omitempty"`
	Unused           []Unused                 `yaml:"unused_stock" json:"unused_stock,omitempty"`
	Used             []Used                   `yaml:"used" json:"used,omitempty"`
	Commission       map[id.Flow][]Commission `yaml:"commission" json:"commission,omitempty"` // of dealers; none where it is empty
	Sellers          []Entity                 `yaml:"sellers" json:"sellers,omitempty"`       // legal persons beside the dealers
	WithdrawalDays   int                      `yaml:"withdrawal_days" json:"withdrawal_days"`
	WithdrawalButton bool                     `yaml:"withdrawal_button" json:"withdrawal_button"` // EU 2023/2673
	RefundDays       int                      `yaml:"refund_days" json:"refund_days"`
	Leaving          []Leaving                `yaml:"leaving" json:"leaving,omitempty"`
	Warranty         []Warranty               `yaml:"warranty" json:"warranty,omitempty"`
	Promise          *Promise                 `yaml:"promise" json:"promise,omitempty"`     // usual days when nil
	Retention        []Retention              `yaml:"retention" json:"retention,omitempty"` // of what people write
	Holidays         []Holiday                `yaml:"holidays" json:"holidays"`
	PostcodePattern  string                   `yaml:"postcode_pattern" json:"postcode_pattern"` // regexp on the upper-case, trimmed form
	PostcodeExample  string                   `yaml:"postcode_example" json:"postcode_example"`
	PhoneExample     string                   `yaml:"phone_example" json:"phone_example"`
	PlatePattern     string                   `yaml:"plate_pattern" json:"plate_pattern"` // regexp on the upper-case form without spaces
	PlateExample     string                   `yaml:"plate_example" json:"plate_example"`
	AdMessages       []Wording                `yaml:"ad_messages" json:"ad_messages,omitempty"` // mandatory rotating mentions (FR)
	Labels           []EnergyLabel            `yaml:"energy_label" json:"energy_label,omitempty"`
	Finance          []Finance                `yaml:"finance" json:"finance,omitempty"`
	Outline          [][][]float64            `yaml:"-" json:"outline,omitempty"` // rings of latitude and longitude, for small maps; from the file of places
	Papers           []Wording                `yaml:"papers" json:"papers"`       // what the buyer brings to the handover
	Access           Access                   `yaml:"accessibility" json:"accessibility"`
	Texts            map[string][]Text        `yaml:"texts" json:"texts"` // terms, privacy, withdrawal, seller_dealer, seller_maker, accessibility, help
}

// Zone is the market's own time zone; UTC when the name is unknown (import refuses such files).
func (m *Market) Zone() *time.Location { return ZoneOf(m.TimeZone) }

// VATAt is the standard rate in basis points on a day; false when none is in force.
func (m *Market) VATAt(d Date) (int64, bool) {
	best, ok := Rate{}, false
	for _, r := range m.VAT {
		if r.From <= d && (!ok || r.From > best.From) {
			best, ok = r, true
		}
	}
	return best.RateBP, ok
}

// FeesAt lists the mandatory lines in force on a day, in file order.
func (m *Market) FeesAt(d Date) []Fee {
	var out []Fee
	for _, f := range m.Fees {
		if f.From <= d && (f.To == "" || d <= f.To) {
			out = append(out, f)
		}
	}
	return out
}

// TermsAt are the terms of a flow on a day; false when the flow is not sold here at all.
func (m *Market) TermsAt(flow id.Flow, d Date) (FlowTerms, bool) {
	best, ok := FlowTerms{}, false
	for _, t := range m.Flows[flow] {
		if t.From <= d && (!ok || t.From > best.From) {
			best, ok = t, true
		}
	}
	return best, ok
}

// TextAt is the text in force on a day; the zero Text when there is none.
func (m *Market) TextAt(name string, d Date) Text {
	var best Text
	for _, t := range m.Texts[name] {
		if t.From <= d && t.From >= best.From {
			best = t
		}
	}
	return best
}

// Amount makes money of the market's currency from minor units.
func (m *Market) Amount(minor int64) money.Money { return money.Of(minor, m.Currency) }

// IsHoliday tells whether dealers of a region are shut on a day.
func (m *Market) IsHoliday(d Date, region string) bool {
	for _, h := range m.Holidays {
		if h.Date != d {
			continue
		}
		if len(h.Regions) == 0 {
			return true
		}
		for _, r := range h.Regions {
			if r == region {
				return true
			}
		}
	}
	return false
}

// State is the position of a switch.
type State string

// Switch states: off (nothing is shown), preview (staff only), live, paused (pages turn to leave
// your name; orders already booked go on).
const (
	Off     State = "off"
	Preview State = "preview"
	Live    State = "live"
	Paused  State = "paused"
)

// ParseState refuses anything but the four states.
func ParseState(s string) (State, error) {
	switch st := State(s); st {
	case Off, Preview, Live, Paused:
		return st, nil
	}
	return "", fmt.Errorf("market: unknown switch state %q", s)
}

// Switch is the position of one brand's flow in one market.
type Switch struct {
	Brand     id.Brand
	Market    id.Market
	Flow      id.Flow
	State     State
	Reason    string
	ChangedBy string // user id, empty for the import
	ChangedAt time.Time
	Version   int64
}
