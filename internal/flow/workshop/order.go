package workshop

import (
	"context"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
	"forecourt/internal/sale"
	"forecourt/internal/vehicle"
	"forecourt/internal/world"
)

// Pay is how a customer pays for a visit.
type Pay string

// The ways; their words are service.pay.<code>. What costs nothing is not paid at all.
const (
	PayFull    Pay = "full"    // all of it, by card, now
	PayDeposit Pay = "deposit" // a part of it by card, the rest when the car is fetched
	PayAtDesk  Pay = "desk"    // all of it when the car is fetched
)

// Ways are the ways to pay that a market's terms allow for a sum in minor units, the one that is proposed first.
func Ways(t market.FlowTerms, total int64) (out []Pay) {
	if total == 0 {
		return nil
	}
	if t.AtDesk {
		out = append(out, PayAtDesk)
	}
	if t.DepositMinor > 0 && t.DepositMinor < total {
		out = append(out, PayDeposit)
	}
	if t.FullPayment || len(out) == 0 {
		out = append(out, PayFull)
	}
	return out
}

// first is what the card pays now.
func (p Pay) first(t market.FlowTerms, total money.Money) (money.Money, error) {
	for _, w := range Ways(t, total.Minor) {
		switch {
		case w != p:
		case p == PayFull:
			return total, nil
		case p == PayDeposit:
			return money.Of(t.DepositMinor, total.Currency), nil
		default:
			return money.Of(0, total.Currency), nil
		}
	}
	if total.IsZero() {
		return total, nil
	}
	return money.Money{}, ErrPay
}

// Buy is what a customer says who books the slot that he holds.
type Buy struct {
	Buyer     ordering.Buyer
	SeenTotal int64 // minor units that the page showed
	Pay       Pay
}

// PlaceTx turns a held slot into an order. The slot is booked at once, and given back if the card page ends unpaid: nobody who
// pays finds it taken. Pressed again it answers the same order. aftersales.ErrLapsed when the time of the hold has passed.
func (s *Service) PlaceTx(ctx context.Context, tx *db.Tx, shop sale.Shop, token string, buy Buy) (sale.Placed, error) {
	b, err := s.VisitBy(tx.DB, shop, token)
	if err != nil {
		return sale.Placed{}, err
	}
	if b.Order != "" { // its row is locked before the booking's
		placed, done, err := s.PlacedBeforeTx(tx, b.Order)
		if err == nil && !done {
			err = aftersales.ErrLapsed
		}
		return placed, err
	}
	if b, err = aftersales.LockTx(tx, b.ID); err != nil {
		return sale.Placed{}, err
	}
	if b.State != aftersales.Held || b.Order != "" {
		return sale.Placed{}, aftersales.ErrLapsed
	}
	o, terms, err := s.newOrder(tx, shop, b)
	if err != nil {
		return sale.Placed{}, err
	}
	if o.TotalMinor != buy.SeenTotal {
		return sale.Placed{}, ErrChanged
	}
	first, err := buy.Pay.first(terms, o.Total())
	if err != nil {
		return sale.Placed{}, err
	}
	o.DepositMinor = first.Minor
	o.Snapshot.Quote = o.Snapshot.Quote.Asking(first.Minor)
	buy.Buyer.ID, buy.Buyer.Market = o.Buyer, shop.Market
	if err := ordering.AddBuyerTx(tx, buy.Buyer); err != nil {
		return sale.Placed{}, err
	}
	site, err := s.DealerIn(shop, b.Dealer)
	if err != nil {
		return sale.Placed{}, err
	}
	if err := s.claimTx(tx, o, b, buy.Buyer); err != nil {
		return sale.Placed{}, err
	}
	placed, err := s.Service.PlaceTx(ctx, tx, sale.Purchase{Order: o, Named: []id.Dealer{b.Dealer}, First: first})
	if err != nil {
		return sale.Placed{}, err
	}
	return placed, aftersales.ConfirmTx(tx, b, o.ID, site)
}

// claimTx puts the car into the garage of whoever books, as claimed: he sees what he booked, and nothing else of it.
func (s *Service) claimTx(tx *db.Tx, o *ordering.Order, b *aftersales.Booking, who ordering.Buyer) error {
	g, err := vehicle.GarageTx(tx, o.Market, vehicle.Person{Email: who.Email, Name: who.Name, Locale: o.Locale}, s.GarageHash)
	if err != nil || b.Vehicle == "" {
		return err
	}
	_, err = vehicle.KeepTx(tx, b.Vehicle, g.ID, vehicle.Claimed, "")
	return err
}

// newOrder writes down the work and its price as sold, by the terms of the day.
func (s *Service) newOrder(tx *db.Tx, shop sale.Shop, b *aftersales.Booking) (*ordering.Order, market.FlowTerms, error) {
	mk, _, terms, err := s.Terms(shop.Market, tx.Now)
	if err != nil {
		return nil, terms, err
	}
	day := world.Today(mk, tx.Now)
	snap, err := s.snapshot(mk, b, terms, day, mk.Speak(shop.Locale))
	if err != nil {
		return nil, terms, err
	}
	return &ordering.Order{ID: id.New[id.Order](), Number: ordering.NewNumber(), Brand: shop.Brand, Market: shop.Market, Flow: id.FlowService, State: ordering.Checkout, Buyer: id.New[id.Buyer](),
		Snapshot: snap, Currency: mk.Currency, TotalMinor: snap.Quote.Total.Minor, TermsVersion: mk.TextAt("terms", day).Version, Dealer: b.Dealer,
		PickupCode: ordering.NewPickupCode(), DueAt: tx.Now.Add(payFor), Locale: mk.Speak(shop.Locale)}, terms, nil
}

// payFor is how long the card page of a visit may stay open; the slot is kept as long.
const payFor = 30 * time.Minute

// kindWork and kindCollection are the kinds of a visit's price lines.
const (
	kindWork       = "work"
	kindCollection = "collection"
)

// snapshot is a visit as sold: its lines in the market's words and in the customer's.
func (s *Service) snapshot(mk *market.Market, b *aftersales.Booking, terms market.FlowTerms, day market.Date, locale string) (ordering.Snapshot, error) {
	rate, ok := mk.VATAt(day)
	if !ok {
		return ordering.Snapshot{}, pricing.ErrNoVAT.With("market", string(mk.Code))
	}
	out := ordering.Snapshot{Seller: terms.Seller, Contract: terms.Contract, TermsDay: string(day), TakenNow: terms.CaptureNow(), Holds: terms.HoldsMoney, Model: b.Told.Model, Fuel: b.Told.Fuel,
		Visit: &ordering.Visit{Booking: b.ID, Vehicle: b.Vehicle, VIN: b.Told.VIN, Plate: b.Told.Plate, Km: b.Km, StartsAt: b.StartsAt, EndsAt: b.EndsAt, Mobility: string(b.Mobility)}}
	q := pricing.Quote{Market: mk.Code, Brand: b.Brand, Day: day, VATRateBP: rate, Total: mk.Amount(0), VAT: mk.Amount(0)}
	own, lang := s.Words.Printer(mk.Locale), i18n.LanguageOf(locale)
	theirs := s.Words.Printer(locale)
	out.ModelName, out.Version = b.Told.Title, own.T("service.short")
	read := &ordering.Read{Version: theirs.T("service.short")}
	add := func(kind, code, label, said string, amount money.Money, rate int64) {
		l := pricing.Line{Kind: kind, Code: code, Amount: amount, VATRateBP: rate, VAT: amount.VATInGross(rate)}
		q.Lines, q.Total, q.VAT = append(q.Lines, l), q.Total.Add(amount), q.VAT.Add(l.VAT)
		out.Lines, read.Lines = append(out.Lines, ordering.Line{Kind: kind, Label: label, Amount: amount}), append(read.Lines, said)
	}
	for _, l := range b.Lines {
		add(kindWork, l.Code, l.Name.In(mk.Language()), l.Name.In(lang, mk.Language()), l.Amount, l.VATRateBP)
		out.Visit.Items = append(out.Visit.Items, ordering.VisitItem{Code: l.Code, Kind: string(l.Kind), Withdrawal: string(l.Withdrawal), Covered: l.Cover})
	}
	if b.CollectFeeMinor > 0 {
		add(kindCollection, kindCollection, own.T("service.mobility.collection"), theirs.T("service.mobility.collection"), mk.Amount(b.CollectFeeMinor), rate)
	}
	q.Balance = q.Total
	out.Quote = q
	if lang != mk.Language() {
		out.Read = read
	}
	return out, nil
}

// facts are what the pages of customer and dealer tell of a visit beside its name.
func (s *Service) facts(p *i18n.Printer, snap ordering.Snapshot) []sale.Fact {
	v := snap.Visit
	if v == nil {
		return nil
	}
	var out []sale.Fact
	add := func(label, value string) {
		if value != "" {
			out = append(out, sale.Fact{Label: p.T(label), Value: value})
		}
	}
	mk, err := s.Market(snap.Quote.Market)
	if err != nil {
		return nil
	}
	zone := mk.Zone()
	add("service.fact.when", p.DateTime(v.StartsAt.In(zone)))
	add("service.fact.done", p.DateTime(v.EndsAt.In(zone)))
	add("service.fact.plate", v.Plate)
	add("service.fact.vin", v.VIN)
	add("service.fact.km", p.Distance(int64(v.Km)*1000, mk.Unit()))
	if v.Mobility != string(aftersales.OnFoot) {
		add("service.fact.mobility", p.T("service.mobility."+v.Mobility))
	}
	return out
}
