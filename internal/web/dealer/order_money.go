package dealer

import (
	"slices"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"
)

// PriceGroup is a headed part of the price.
type PriceGroup struct {
	Label string
	Lines []ordering.Line
}

// MoneyView is where the money stands.
type MoneyView struct {
	Total, Paid, Pending, Owed, Back money.Money
	Goodwill                         money.Money // given for silences
	Payments                         []allocation.Movement
}

// PayLink is what the buyer scans or opens to pay the rest by card; empty when there is nothing to pay.
type PayLink struct {
	URL  string
	QR   web.QR
	Open bool // somebody has opened the card page
}

func groups(p Page, lines []ordering.Line) []PriceGroup {
	car, road := PriceGroup{Label: p.T("dealer.price_car")}, PriceGroup{Label: p.T("dealer.price_road")}
	for _, l := range lines {
		if l.Kind == "fee" {
			road.Lines = append(road.Lines, l)
		} else {
			car.Lines = append(car.Lines, l)
		}
	}
	return slices.DeleteFunc([]PriceGroup{car, road}, func(g PriceGroup) bool { return len(g.Lines) == 0 })
}

func (s site) money(v *allocation.OrderView) MoneyView {
	m := s.market.Amount
	var received int64
	for _, x := range v.Payments {
		if x.Received() {
			received += x.AmountMinor - x.PartMinor + x.PartDue
		}
	}
	out := MoneyView{Total: m(v.TotalMinor), Paid: m(received), Pending: m(v.PendingMinor), Owed: m(0), Back: m(v.BackMinor), Goodwill: m(v.GoodwillMinor)}
	if v.EntryState != allocation.Done || v.OrderState == string(ordering.HandedOver) {
		due := int64(0) // on its way back to the buyer
		for _, x := range v.Payments {
			due += x.PartDue
		}
		out.Owed = m(max(0, v.TotalMinor-v.PaidMinor-v.PendingMinor+due))
	}
	if v.Name != "" {
		out.Payments = v.Payments
	}
	return out
}

// paid is the sentence after a payment at the desk: what was written down last, and what is left.
func (p *OrderPage) paid() string {
	for _, x := range slices.Backward(p.MoneyView.Payments) {
		if x.Means == "card" || x.State != "captured" {
			continue
		}
		args := []any{"Amount", p.Money(p.Amount(x.AmountMinor)), "Means", p.T("means." + x.Means)}
		if p.MoneyView.Owed.Minor == 0 {
			return p.T("dealer.done.paid_all", args...)
		}
		return p.T("dealer.done.paid_of", append(args, "Left", p.Money(p.MoneyView.Owed))...)
	}
	return p.T("dealer.done.paid")
}

// Amount is a movement's money in the market's currency.
func (p *OrderPage) Amount(minor int64) money.Money {
	return money.Of(minor, money.Currency(p.Order.Currency))
}
