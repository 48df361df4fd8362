package aftersales

import (
	"slices"

	"forecourt/internal/market"
)

// InspectionItem is the code of the inspection that the law wants.
const InspectionItem = "inspection"

// Recommend says what a car needs on a day in a market, and what may be added: open recalls, which cost nothing; what its plan
// asks for by now, with the reason; the inspection of the law; the extras. What the market has no price for is not offered.
// ErrFallen when the mileage is below one that is known, ErrPlate for the plate of another market, ErrCar for a car that cannot be.
func Recommend(b *Book, m *market.Market, c Car, day market.Date) ([]Line, error) {
	o, err := newOffer(b, m, &c, day)
	if err != nil {
		return nil, err
	}
	out := o.recalls()
	named := map[string]bool{}
	for _, d := range b.DueOf(c, day) {
		if !d.Now {
			continue
		}
		if l, ok := o.item(d.Item, KindDue, d.Why); ok {
			named[d.Item] = true
			out = append(out, l)
		}
	}
	if l, ok := o.inspection(); ok {
		out = append(out, l)
	}
	for _, it := range b.Items {
		if !it.Extra || named[it.Code] {
			continue
		}
		if l, ok := o.item(it.Code, KindExtra, Why{Reason: ByWish}); ok {
			out = append(out, l)
		}
	}
	return out, nil
}

// Work is all of the menu that a car can have on a day, as a workshop that found it would sell it.
func (b *Book) Work(m *market.Market, c Car, day market.Date) ([]Line, error) {
	o, err := newOffer(b, m, &c, day)
	if err != nil {
		return nil, err
	}
	var out []Line
	for _, it := range b.Items {
		if l, ok := o.item(it.Code, KindWork, Why{Reason: ByInspection}); ok {
			out = append(out, l)
		}
	}
	return out, nil
}

// Pick is something that a customer or a warning wants. Quantity is 1 when it is 0.
type Pick struct {
	Code     string
	Quantity int
	Fitting  Fitting // of an accessory or tyre
	Reason   Reason  // of work that is not recommended; ByWish when empty
}

// Pick makes the lines of a visit: open recalls, then what is picked, in the order of Recommend. ErrNoItem for what there is not in this market,
// ErrUnfit for what does not go with the car.
func (b *Book) Pick(m *market.Market, c Car, day market.Date, picks []Pick) ([]Line, error) {
	o, err := newOffer(b, m, &c, day)
	if err != nil {
		return nil, err
	}
	offered, err := Recommend(b, m, c, day)
	if err != nil {
		return nil, err
	}
	var out []Line
	for _, l := range offered {
		if l.Kind == KindRecall {
			out = append(out, l)
		}
	}
	taken := map[string]bool{}
	for _, p := range picks {
		if taken[p.Code] {
			continue
		}
		taken[p.Code] = true
		if k := slices.IndexFunc(out, func(l Line) bool { return l.Code == p.Code }); k >= 0 {
			continue
		}
		l, err := o.picked(offered, p)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b Line) int { return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind) })
	return out, nil
}

// offer prices lines for one car on one day.
type offer struct {
	book   *Book
	market *market.Market
	mb     *MarketBook
	prices *PriceList
	car    *Car
	day    market.Date
	rate   int64
}

func newOffer(b *Book, m *market.Market, c *Car, day market.Date) (*offer, error) {
	if err := c.check(m, day); err != nil {
		return nil, err
	}
	o := &offer{book: b, market: m, mb: b.Markets[m.Code], car: c, day: day}
	if o.mb != nil {
		o.prices = o.mb.PricesAt(day)
	}
	rate, ok := m.VATAt(day)
	if o.prices == nil || !ok {
		return nil, ErrMarket
	}
	o.rate = rate
	return o, nil
}

func (o *offer) recalls() (out []Line) {
	for _, r := range o.book.RecallsOf(*o.car, o.day) {
		l := Line{Code: r.Code, Kind: KindRecall, Name: r.Name, Text: r.Text, Why: Why{Reason: ByRecall}, Quantity: 1, Minutes: r.Minutes, Skill: r.Skill, Parts: o.book.needs(r.Parts, 1), Withdrawal: WithdrawFree}
		out = append(out, o.priced(l, 0, o.rate, ""))
	}
	return out
}

// item is a line of the menu; false when the car has none of it or the market no price.
func (o *offer) item(code string, kind Kind, why Why) (Line, bool) {
	it, ok := o.book.Item(code)
	if !ok {
		return Line{}, false
	}
	for i := range it.Variants {
		v := &it.Variants[i]
		if !v.For.Takes(o.car, o.day) {
			continue
		}
		minor, sold := o.prices.Items[code][v.Code]
		l := Line{Code: code, Kind: kind, Name: it.Name, Text: it.Text, Why: why, Quantity: 1, Minutes: v.Minutes, Skill: v.Skill, Parts: o.book.needs(v.Parts, 1), Withdrawal: WithdrawService}
		if len(l.Parts) > 0 {
			l.Withdrawal = WithdrawFitted
		}
		return o.priced(l, minor, o.rate, o.book.cover(o.car, code, o.day)), sold
	}
	return Line{}, false
}

// inspection is due when its day is near.
func (o *offer) inspection() (Line, bool) {
	r := o.mb.InspectionAt(o.day)
	if r == nil {
		return Line{}, false
	}
	due := NextInspection(r, o.car.Registered, o.car.Inspected)
	l, ok := o.inspectionLine(r, due)
	return l, ok && due <= after(o.day, r.SoonDays)
}

func (o *offer) inspectionLine(r *InspectionRule, due market.Date) (Line, bool) {
	rate := o.rate
	if r.VATFree {
		rate = 0
	}
	l := Line{Code: InspectionItem, Kind: KindInspection, Name: r.Name, Why: Why{Reason: ByLaw, DueOn: due, Over: due < o.day}, Quantity: 1, Minutes: r.Minutes, Skill: General, Withdrawal: WithdrawService}
	return o.priced(l, o.prices.Inspection, rate, o.book.cover(o.car, InspectionItem, o.day)), o.prices.Inspection > 0
}

// priced puts the money into a line.
func (o *offer) priced(l Line, minor, rate int64, cover string) Line {
	l.List, l.Cover, l.VATRateBP = o.market.Amount(minor), cover, rate
	if l.Amount = l.List; cover != "" {
		l.Amount = o.market.Amount(0)
	}
	l.VAT = l.Amount.VATInGross(rate)
	return l
}

// picked is the line of a pick: as it is recommended, else as work, goods or a service plan.
func (o *offer) picked(offered []Line, p Pick) (Line, error) {
	if i := slices.IndexFunc(offered, func(l Line) bool { return l.Code == p.Code }); i >= 0 {
		return offered[i], nil
	}
	why := Why{Reason: ByWish}
	if p.Reason != "" {
		why.Reason = p.Reason
	}
	if p.Code == InspectionItem && o.mb.InspectionAt(o.day) != nil {
		r := o.mb.InspectionAt(o.day)
		if l, ok := o.inspectionLine(r, NextInspection(r, o.car.Registered, o.car.Inspected)); ok {
			return l, nil
		}
	}
	if _, ok := o.book.Item(p.Code); ok {
		if l, ok := o.item(p.Code, KindWork, why); ok {
			return l, nil
		}
		return Line{}, ErrUnfit.With("code", p.Code)
	}
	if x, ok := o.book.Part(p.Code); ok {
		return o.goods(x, p)
	}
	if x, ok := o.book.Contract(p.Code); ok {
		return o.contract(x)
	}
	return Line{}, ErrNoItem.With("code", p.Code)
}

func (o *offer) contract(x *Contract) (Line, error) {
	minor, sold := o.prices.Contracts[x.Code]
	switch {
	case !sold:
		return Line{}, ErrNoItem.With("code", x.Code)
	case !x.For.Takes(o.car, o.day):
		return Line{}, ErrUnfit.With("code", x.Code)
	}
	l := Line{Code: x.Code, Kind: KindContract, Name: x.Name, Text: x.Text, Why: Why{Reason: ByWish, Months: x.Months}, Quantity: 1, Withdrawal: WithdrawService}
	return o.priced(l, minor, o.rate, ""), nil
}
