package aftersales

import (
	"slices"

	"forecourt/internal/market"
)

// MostOfAPart is how many of one accessory or tyre an order may have.
const MostOfAPart = 10

// Fits tells whether an accessory or a tyre goes with a car. A tyre does when the model may have its size.
func (b *Book) Fits(c Car, p *Part, day market.Date) bool {
	if !p.For.Takes(&c, day) {
		return false
	}
	if p.Kind != PartTyre {
		return true
	}
	return slices.Contains(b.TyresOf(c), p.Size)
}

// TyresOf are the sizes of tyres that a car may have; none for a model that the book does not know.
func (b *Book) TyresOf(c Car) []string {
	for _, s := range b.Sizes {
		if s.Model == c.name() {
			return s.Tyres
		}
	}
	return nil
}

// Shelf lists the accessories and tyres that go with a car, as they would be fitted, and the service plans that it may have.
func (b *Book) Shelf(m *market.Market, c Car, day market.Date) ([]Line, error) {
	o, err := newOffer(b, m, &c, day)
	if err != nil {
		return nil, err
	}
	var out []Line
	for i := range b.Parts {
		if p := &b.Parts[i]; p.Kind != PartOfWork {
			if l, err := o.goods(p, Pick{Code: p.Code}); err == nil {
				out = append(out, l)
			}
		}
	}
	for i := range b.Contracts {
		if l, err := o.contract(&b.Contracts[i]); err == nil {
			out = append(out, l)
		}
	}
	return out, nil
}

// goods is the line of an accessory or a tyre, fitted or over the counter.
func (o *offer) goods(x *Part, p Pick) (Line, error) {
	minor, sold := o.prices.Parts[x.Code]
	switch {
	case x.Kind == PartOfWork || !sold:
		return Line{}, ErrNoItem.With("code", x.Code)
	case !o.book.Fits(*o.car, x, o.day):
		return Line{}, ErrUnfit.With("code", x.Code)
	}
	n := min(max(p.Quantity, 1), MostOfAPart)
	l := Line{Code: x.Code, Kind: KindAccessory, Name: x.Name, Text: x.Text, Why: Why{Reason: ByWish}, Quantity: n, Parts: []Need{{x.Code, n, x.lead()}}, Fitting: p.Fitting, Label: x.Label, Withdrawal: WithdrawGoods}
	if x.Kind == PartTyre {
		l.Kind = KindTyre
	}
	if x.Bolted || l.Fitting != Collected {
		l.Fitting = Fitted
	}
	minor *= int64(n)
	if l.Fitting == Fitted {
		l.Minutes, l.Skill, l.Withdrawal = x.Minutes*n, x.Skill, WithdrawFitted
		minor += o.prices.Labour(l.Minutes)
	}
	return o.priced(l, minor, o.rate, ""), nil
}
