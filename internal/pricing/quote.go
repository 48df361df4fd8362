package pricing

import (
	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/money"
)

// The kinds of line.
const (
	KindCar     = "car"     // the version
	KindFeature = "feature" // any other part
	KindFee     = "fee"     // a mandatory line of the market
)

// Line is one line of a price.
type Line struct {
	Kind      string      `json:"kind"`
	Code      string      `json:"code"`            // feature or fee code
	Label     string      `json:"label,omitempty"` // fees only; names of features are looked up by the page
	Amount    money.Money `json:"amount"`          // VAT-inclusive
	VATRateBP int64       `json:"vat_rate_bp"`     // 0 for duties outside VAT
	VAT       money.Money `json:"vat"`             // contained in Amount
	Included  bool        `json:"included,omitempty"`
	Margin    bool        `json:"margin,omitempty"` // used goods: the seller owes VAT on what it earns and shows none
}

// Quote is the whole price of one car on one day.
type Quote struct {
	Market       id.Market   `json:"market"`
	Brand        id.Brand    `json:"brand"`
	Model        id.Model    `json:"model"`
	Day          market.Date `json:"day"`
	PriceVersion string      `json:"price_version"`
	Lines        []Line      `json:"lines"`
	Total        money.Money `json:"total"` // on the road
	VAT          money.Money `json:"vat"`   // sum over the lines
	VATRateBP    int64       `json:"vat_rate_bp"`
	Deposit      money.Money `json:"deposit"` // what the flow that sells it asks first; see Asking
	Balance      money.Money `json:"balance"`
}

// Asking is the price with what is paid of it to order, in minor units. A price knows no flow: whoever sells says what its
// terms ask.
func (q Quote) Asking(depositMinor int64) Quote {
	q.Deposit = money.Of(depositMinor, q.Total.Currency)
	q.Balance = q.Total.Sub(q.Deposit)
	return q
}

// OnTheRoad prices a car: its features in canonical order (the version first), those for which
// included answers true at nothing, then the mandatory lines of the day. A nil included means that
// nothing is included.
func OnTheRoad(m *market.Market, r *catalogue.Range, features []id.Feature, included func(id.Feature) bool, day market.Date) (Quote, error) {
	list, ok := r.PricesAt(m.Code, day)
	if !ok {
		return Quote{}, ErrNotSold.With("model", r.Name)
	}
	rate, ok := m.VATAt(day)
	if !ok {
		return Quote{}, ErrNoVAT.With("market", string(m.Code))
	}
	q := Quote{Market: m.Code, Brand: r.Brand, Model: r.Model, Day: day, PriceVersion: list.Version, VATRateBP: rate}
	var engine *catalogue.EngineFacts
	for _, c := range features {
		f, priced, minor := priceOf(r, list, c)
		if !priced {
			return Quote{}, ErrNoPrice.With("feature", string(c))
		}
		if f.Group == catalogue.Engine {
			engine = f.Engine
		}
		q.Lines = append(q.Lines, featureLine(m, f, minor, included != nil && included(c), rate))
	}
	if engine == nil {
		return Quote{}, ErrNoEngine
	}
	gross := m.Amount(0)
	for _, l := range q.Lines {
		gross = gross.Add(l.Amount)
	}
	q.Lines = append(q.Lines, feeLines(m, *engine, day, rate, gross)...)
	q.sum(m)
	return q, nil
}

// Duties is the sum of the mandatory lines for an engine on a day, as OnTheRoad charges them, without a Share
// of the price.
func Duties(m *market.Market, e catalogue.EngineFacts, day market.Date) money.Money {
	sum := m.Amount(0)
	for _, f := range m.FeesAt(day) {
		sum = sum.Add(m.Amount(amount(f, e)))
	}
	return sum
}

func priceOf(r *catalogue.Range, list *catalogue.PriceList, c id.Feature) (*catalogue.Feature, bool, int64) {
	f, known := r.Feature(c)
	minor, priced := list.Amounts[c]
	return f, known && priced, minor
}

func featureLine(m *market.Market, f *catalogue.Feature, minor int64, included bool, rate int64) Line {
	l := Line{Kind: KindFeature, Code: string(f.Code), Amount: m.Amount(minor), VATRateBP: rate, Included: included}
	if f.Group == catalogue.Version {
		l.Kind = KindCar
	}
	if included {
		l.Amount = m.Amount(0)
	}
	l.VAT = l.Amount.VATInGross(rate)
	return l
}

func (q *Quote) sum(m *market.Market) {
	q.Total, q.VAT = m.Amount(0), m.Amount(0)
	for _, l := range q.Lines {
		q.Total, q.VAT = q.Total.Add(l.Amount), q.VAT.Add(l.VAT)
	}
	q.Deposit, q.Balance = m.Amount(0), q.Total
}
