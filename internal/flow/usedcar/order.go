package usedcar

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/pricing"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"
)

// Buy is what a buyer says who orders the car that he holds.
type Buy struct {
	Buyer     ordering.Buyer
	SeenTotal int64     // minor units that the page showed
	Full      bool      // the whole price is paid now, not the fee of the reservation
	Consent   bool      // to the shorter guarantee, given separately
	Place     id.Dealer // where the car is fetched; empty for where it stands
	Exchange  string    // the secret of the offer for the buyer's own car; empty when he pays in money alone
}

// PlaceTx turns a hold into an order with an open card payment. Pressed again it answers the same order. ErrHoldOver when the
// hold's time has passed: somebody else may have the car. ErrUnsettled as in package sale.
func (s *Service) PlaceTx(ctx context.Context, tx *db.Tx, shop sale.Shop, token string, b Buy) (sale.Placed, error) {
	h, err := usedcars.HoldBy(tx.DB, shop.Brand, shop.Market, ordering.HashToken(token))
	if err != nil {
		return sale.Placed{}, err
	}
	if h.Order != "" { // its row is locked before the car's
		placed, done, err := s.PlacedBeforeTx(tx, h.Order)
		if err != nil || done {
			return placed, err
		}
		return sale.Placed{}, usedcars.ErrHoldOver
	}
	if err := s.RequireOpenTx(tx, shop); err != nil {
		return sale.Placed{}, err
	}
	c, h, err := s.lockTx(tx, shop, token)
	if err != nil {
		return sale.Placed{}, err
	}
	if h.State != usedcars.Holding || !h.Has(tx.Now) {
		return sale.Placed{}, usedcars.ErrHoldOver
	}
	if err := clearTx(tx, c); err != nil {
		return sale.Placed{}, err
	}
	o, first, err := s.newOrder(tx, shop, c, b)
	if err != nil {
		return sale.Placed{}, err
	}
	if b.SeenTotal != o.TotalMinor {
		return sale.Placed{}, ErrChanged
	}
	var own *usedcars.Offer
	if b.Exchange != "" {
		if own, err = lockOfferTx(tx, o, b.Exchange); err != nil {
			return sale.Placed{}, err
		}
	}
	b.Buyer.ID, b.Buyer.Market = o.Buyer, shop.Market
	if err := ordering.AddBuyerTx(tx, b.Buyer); err != nil {
		return sale.Placed{}, err
	}
	purchase := sale.Purchase{Order: o, Named: []id.Dealer{c.Dealer}, First: o.Deposit()}
	if first {
		purchase.First = o.Total()
		if own != nil {
			purchase.First.Minor -= own.ValueMinor
		}
	}
	placed, err := s.Service.PlaceTx(ctx, tx, purchase)
	if err == nil {
		err = takeOfferTx(tx, o, own)
	}
	if err != nil {
		return sale.Placed{}, err
	}
	return placed, usedcars.MoveHoldTx(tx, h, usedcars.HoldMove{To: usedcars.Ordered, Buyer: o.Buyer, Order: o.ID})
}

// newOrder writes down the car and its price as sold, by the terms of the day.
func (s *Service) newOrder(tx *db.Tx, shop sale.Shop, c *usedcars.Car, b Buy) (o *ordering.Order, full bool, err error) {
	mk, used, terms, err := s.Terms(shop.Market, tx.Now)
	if err != nil {
		return nil, false, err
	}
	if b.Full && !terms.FullPayment {
		return nil, false, ErrNoFull
	}
	day := world.Today(mk, tx.Now)
	q, err := Quote(mk, c, terms, day)
	if err != nil {
		return nil, false, err
	}
	var moved *ordering.Moved
	if b.Place != "" && b.Place != c.Dealer {
		site, err := s.SiteFor(mk, used, c, b.Place, tx.Now)
		if err != nil {
			return nil, false, err
		}
		if q, err = WithMove(mk, q, site.FeeMinor, day); err != nil {
			return nil, false, err
		}
		moved = &ordering.Moved{To: b.Place, FeeMinor: site.FeeMinor, On: string(site.On)}
	}
	locale := mk.Speak(shop.Locale)
	o = &ordering.Order{ID: id.New[id.Order](), Number: ordering.NewNumber(), Brand: shop.Brand, Market: shop.Market, Flow: id.FlowUsed, State: ordering.Checkout, Buyer: id.New[id.Buyer](),
		Snapshot: s.snapshot(mk, c, q, used, terms, day, b.Consent), Currency: mk.Currency, TotalMinor: q.Total.Minor, DepositMinor: q.Deposit.Minor, TermsVersion: mk.TextAt("terms", day).Version,
		Dealer: c.Dealer, PickupCode: ordering.NewPickupCode(), DueAt: tx.Now.Add(time.Duration(used.PayMinutes) * time.Minute), Locale: locale}
	s.noteMove(mk, o, moved)
	o.Snapshot.Used.Faults, err = s.knownFaults(tx, mk, used, c)
	return o, b.Full, err
}

// knownFaults are what the buyer was told to be worn, broken or not as it should be: it is part of what is sold.
func (s *Service) knownFaults(tx *db.Tx, mk *market.Market, used market.Used, c *usedcars.Car) ([]string, error) {
	w, err := usedcars.WholeOf(tx.DB, c.ID)
	if err != nil {
		return nil, err
	}
	p := s.Words.Printer(mk.Locale)
	var out []string
	for _, f := range w.Faults {
		out = append(out, p.Pair(p.T("used.panel."+f.Panel), FaultWords(p, f)))
	}
	for _, point := range used.Checklist {
		if a := w.Answers[point]; a.Said == usedcars.Disclosed {
			out = append(out, p.Pair(p.T("condition.point."+point), a.Words))
		}
	}
	return out, nil
}

// FaultWords is a fault as a reader is told of it, beside the name of its panel.
func FaultWords(p *i18n.Printer, f usedcars.Fault) string {
	text := p.T("used.fault", "Kind", p.T("used.damage."+f.Kind), "Size", f.MM)
	if f.Words != "" {
		text += " " + f.Words
	}
	return text
}

// Quote is the price of a used car: all that is to be paid, in one line. VAT is in it only where the car was bought with VAT;
// under the margin scheme (Directive 2006/112/EC, art. 325) the paper must not show any.
func Quote(mk *market.Market, c *usedcars.Car, terms market.FlowTerms, day market.Date) (pricing.Quote, error) {
	total := mk.Amount(c.PriceMinor)
	rate := int64(0)
	if c.VAT == usedcars.Qualifying {
		var ok bool
		if rate, ok = mk.VATAt(day); !ok {
			return pricing.Quote{}, pricing.ErrNoVAT.With("market", string(mk.Code))
		}
	}
	l := pricing.Line{Kind: pricing.KindCar, Code: string(c.ID), Amount: total, VATRateBP: rate, VAT: total.VATInGross(rate), Margin: c.VAT == usedcars.Margin}
	deposit := mk.Amount(min(terms.DepositMinor, c.PriceMinor))
	return pricing.Quote{Market: mk.Code, Brand: c.Brand, Day: day, Lines: []pricing.Line{l}, Total: total, VAT: l.VAT, VATRateBP: rate, Deposit: deposit, Balance: total.Sub(deposit)}, nil
}

func (s *Service) snapshot(mk *market.Market, c *usedcars.Car, q pricing.Quote, used market.Used, terms market.FlowTerms, day market.Date, consent bool) ordering.Snapshot {
	p := s.Words.Printer(mk.Locale)
	months := used.GuaranteeMonths
	consent = consent && used.ConsentMonths > 0
	if consent {
		months = used.ConsentMonths
	}
	name := c.Title()
	if b, ok := s.World.Now().Brand(c.Brand); ok && b.Name == c.Make {
		name = c.Model // pages and letters say the shop's brand before it
	}
	out := ordering.Snapshot{ModelName: name, Version: c.Version, Engine: c.Engine, Colour: p.T("used.colour." + c.Colour), Body: c.Look.Body, PaintHex: c.Look.Hex, Finish: c.Look.Finish,
		Wheels: c.Look.Wheels, Rails: c.Look.Rails, TwoTone: c.Look.TwoTone, Trim: c.Look.Trim, Quote: q, Lines: []ordering.Line{{Kind: pricing.KindCar, Label: c.Version, Amount: q.Total}},
		Seller: terms.Seller, Contract: terms.Contract, TermsDay: string(day), TakenNow: terms.CaptureNow(), Holds: terms.HoldsMoney, LeaveDays: mk.WithdrawalDays, Model: c.Code(), Fuel: c.Fuel, Electric: c.Fuel == "electric",
		Used: &ordering.Used{Number: c.ID, VIN: c.VIN, Plate: c.Plate, Registered: string(c.Registered), Km: c.Km, Owners: c.Owners, Margin: c.VAT == usedcars.Margin, Guarantee: months,
			Consent: consent, TermsVersion: used.Version}}
	if rule, ok := mk.CommissionAt(id.FlowUsed, day); ok {
		out.FeeRule = rule.Version
	}
	return out
}

// facts are what the pages of buyer and dealer tell of a used car beside its name.
func (s *Service) facts(p *i18n.Printer, snap ordering.Snapshot) []sale.Fact {
	u := snap.Used
	if u == nil {
		return nil
	}
	unit := i18n.Kilometres
	if mk, err := s.Market(snap.Quote.Market); err == nil {
		unit = mk.Unit()
	}
	out := []sale.Fact{{Label: p.T("used.fact.km"), Value: p.Distance(int64(u.Km)*1000, unit)}, {Label: p.T("used.fact.owners"), Value: p.Int(int64(u.Owners))},
		{Label: p.T("used.guarantee_title"), Value: p.N("used.months", u.Guarantee)}}
	if t, err := time.Parse(time.DateOnly, u.Registered); err == nil {
		out = append([]sale.Fact{{Label: p.T("used.fact.registered"), Value: p.DateShort(t)}}, out...)
	}
	if len(u.Faults) > 0 {
		out = append(out, sale.Fact{Label: p.T("condition.known"), Value: p.List(u.Faults)})
	}
	return append(out, s.moveFacts(p, u.Moved)...)
}
