package newcar

import (
	"cmp"
	"context"
	"errors"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/pricing"
	"forecourt/internal/sale"
	"forecourt/internal/stock"
	"forecourt/internal/world"
)

// PlaceTx turns a draft into an order with a fixed price and an open card payment. Pressed again, in
// this tab or another, it answers the same order and payment. seenTotal is the total the buyer saw,
// in minor units: when today's differs nothing is written and ErrPriceChanged shows the new one.
// ErrUnsettled means that an earlier attempt ended a moment ago: settle it and press again.
// ErrCarTaken means that somebody else has the car that the draft names; nothing is written either.
func (s *Service) PlaceTx(ctx context.Context, tx *db.Tx, shop sale.Shop, token string, seenTotal int64) (sale.Placed, error) {
	return s.placeTx(ctx, tx, shop, token, seenTotal, false)
}

// PlaceFullTx is PlaceTx by a buyer who pays the whole price instead of the deposit; ErrNoFull where the
// market's terms do not allow it. An attempt that is open already stays what it is.
func (s *Service) PlaceFullTx(ctx context.Context, tx *db.Tx, shop sale.Shop, token string, seenTotal int64) (sale.Placed, error) {
	return s.placeTx(ctx, tx, shop, token, seenTotal, true)
}

func (s *Service) placeTx(ctx context.Context, tx *db.Tx, shop sale.Shop, token string, seenTotal int64, full bool) (sale.Placed, error) {
	d, err := ordering.LockDraftTx(tx, shop.Brand, shop.Market, token)
	if err != nil {
		return sale.Placed{}, err
	}
	if d.Order != "" {
		placed, done, err := s.PlacedBeforeTx(tx, d.Order)
		if err != nil || done {
			return placed, err
		}
	}
	// 1. Only the first step of a purchase depends on the switch; what was placed goes on.
	if err := s.RequireOpenTx(tx, shop); err != nil {
		return sale.Placed{}, err
	}
	if d.Buyer == "" {
		return sale.Placed{}, ErrNoBuyer
	}
	if d.Showroom { // what a dealer changed binds nobody who has not seen it
		if unseen, err := ordering.UnseenTx(tx, d.ID); err != nil || unseen {
			return sale.Placed{}, cmp.Or(err, error(ordering.ErrUnseen))
		}
	}
	// 2. The order and its price, from today's price list.
	o, err := s.newOrder(tx, shop, d)
	if err != nil {
		return sale.Placed{}, err
	}
	if o.TotalMinor != seenTotal {
		return sale.Placed{}, ErrPriceChanged
	}
	first := o.Deposit()
	if full {
		if !s.MayPayFull(o) {
			return sale.Placed{}, ErrNoFull
		}
		first = o.Total()
	}
	named, err := s.namedIn(shop, d)
	if err != nil {
		return sale.Placed{}, err
	}
	if d.Showroom {
		if o.OriginDealer, err = ordering.LeaveDesksTx(tx, d.ID); err != nil {
			return sale.Placed{}, err
		}
	}
	placed, err := s.Service.PlaceTx(ctx, tx, sale.Purchase{Order: o, Named: named, First: first})
	if err != nil {
		return sale.Placed{}, err
	}
	if d.Car != "" {
		if err := stock.HoldTx(tx, d.Car, o.ID); err != nil {
			return sale.Placed{}, err
		}
	}
	d.Order = o.ID
	return placed, ordering.SetDraftTx(tx, d)
}

// namedIn are the dealers that a draft's buyer named; none when the rule chooses. A market whose rule was taken away
// since takes no such order.
func (s *Service) namedIn(shop sale.Shop, d *ordering.Draft) ([]id.Dealer, error) {
	if d.AnyDealer != ordering.OnlyNamed && !s.AnyAllowed(shop.Market, d.Car) {
		return nil, sale.ErrDealer
	}
	if d.AnyDealer == ordering.AnyFirst {
		return nil, nil
	}
	fallbacks, err := s.CheckDealers(shop, d.Dealer, d.Fallbacks)
	return append([]id.Dealer{d.Dealer}, fallbacks...), err
}

// newOrder prices a draft and writes down the car in the market's words and in the buyer's.
func (s *Service) newOrder(tx *db.Tx, shop sale.Shop, d *ordering.Draft) (*ordering.Order, error) {
	mk, err := s.Market(shop.Market)
	if err != nil {
		return nil, err
	}
	c, err := ordering.ConfigurationBy(tx.DB, d.Configuration)
	if err != nil {
		return nil, err
	}
	rng, ok := s.World.Now().Range(c.Brand, c.Model)
	if !ok {
		return nil, world.ErrNoModel
	}
	picked, err := configurator.Decode(c.Selection)
	if err != nil {
		return nil, err
	}
	full, m, err := s.price(Build{Shop: shop, Model: c.Model, Selection: picked, Car: d.Car})
	if err != nil {
		return nil, heldBack(err)
	}
	day := world.Today(mk, tx.Now)
	if err := s.gateTx(tx, d, c, m, full, day); err != nil {
		return nil, heldBack(err)
	}
	terms, ok := mk.TermsAt(id.FlowNew, day)
	if !ok {
		return nil, sale.ErrClosed
	}
	o := &ordering.Order{ID: id.New[id.Order](), Number: ordering.NewNumber(), Brand: shop.Brand, Market: shop.Market,
		Flow: id.FlowNew, State: ordering.Checkout, Buyer: d.Buyer, Configuration: c.Code,
		Snapshot: snapshot(mk, rng, full, terms, day, mk.Speak(shop.Locale)), Currency: mk.Currency, TotalMinor: full.Quote.Total.Minor,
		DepositMinor: full.Quote.Deposit.Minor, TermsVersion: mk.TextAt("terms", day).Version, Dealer: d.Dealer,
		PickupCode: ordering.NewPickupCode(), DueAt: tx.Now.Add(sale.QuoteLife), Locale: mk.Speak(shop.Locale), AnyDealer: d.AnyDealer}
	return o, s.sellTx(tx, d, o, c.Selection, m, mk)
}

// gateTx checks the final car against the rules as they are written and, unless it exists already,
// against what is held at this moment: the picture that the page was made from may be a second old.
func (s *Service) gateTx(tx *db.Tx, d *ordering.Draft, c *ordering.Configuration, m *configurator.Model, car configurator.Build, day market.Date) error {
	if d.Car == "" {
		holds, err := world.HoldsTx(tx, d.Brand, d.Market, c.Model, day)
		if err != nil {
			return err
		}
		if m, err = m.With(holds); err != nil {
			return err
		}
	}
	return m.Check(car.Selection)
}

// heldBack makes a clash with something held a refusal of its own: the buyer made no mistake.
func heldBack(err error) error {
	var c *configurator.Clash
	if !errors.As(err, &c) || c.Hold == nil {
		return err
	}
	held := configurator.ErrHeld
	return fault.Wrap(held.Kind, held.Key, "newcar.Place", err).With("feature", string(c.Hold.Feature))
}

func snapshot(mk *market.Market, rng *catalogue.Range, b configurator.Build, terms market.FlowTerms, day market.Date, locale string) ordering.Snapshot {
	out := ordering.Snapshot{ModelName: rng.Name, Body: b.Drawing.Body, PaintHex: b.Drawing.PaintHex, Finish: b.Drawing.Finish,
		Wheels: b.Drawing.WheelDesign, Rails: b.Drawing.Rails, TwoTone: b.Drawing.TwoTone, Trim: b.Drawing.Trim, Quote: b.Quote,
		Seller: terms.Seller, Contract: terms.Contract, TermsDay: string(day), TakenNow: terms.CaptureNow(), Holds: terms.HoldsMoney, LeaveDays: mk.WithdrawalDays, WeeksFrom: rng.WeeksFrom, WeeksTo: rng.WeeksTo}
	if rule, ok := mk.CommissionAt(id.FlowNew, day); ok {
		out.FeeRule = rule.Version
	}
	out.Model, out.Fuel = rng.Model, fuel(rng, b)
	out.Electric = out.Fuel == "electric"
	words := wordsOf(mk, rng, b.Quote, day, mk.Language())
	out.Version, out.Engine, out.Colour = words.Version, words.Engine, words.Colour
	for i, l := range b.Quote.Lines {
		out.Lines = append(out.Lines, ordering.Line{Kind: l.Kind, Label: words.Lines[i], Amount: l.Amount, Included: l.Included})
	}
	if lang := i18n.LanguageOf(locale); lang != mk.Language() {
		out.Read = wordsOf(mk, rng, b.Quote, day, lang)
	}
	return out
}

// fuel is what the engine of a car runs on.
func fuel(rng *catalogue.Range, b configurator.Build) string {
	for _, c := range b.Selection {
		if f, ok := rng.Feature(c); ok && f.Engine != nil {
			return f.Engine.Fuel
		}
	}
	return ""
}

// wordsOf names the parts and lines of a price in a language of the market.
func wordsOf(mk *market.Market, rng *catalogue.Range, q pricing.Quote, day market.Date, lang string) *ordering.Read {
	out := &ordering.Read{}
	for _, l := range q.Lines {
		label := l.Label
		if l.Kind == pricing.KindFee {
			if said, ok := mk.FeeLabel(l.Code, day, lang); ok {
				label = said
			}
		} else if f, ok := rng.Feature(id.Feature(l.Code)); ok {
			label = f.Name.In(lang, mk.Language())
			switch f.Group {
			case catalogue.Version:
				out.Version = label
			case catalogue.Engine:
				out.Engine = label
			case catalogue.Colour:
				out.Colour = label
			}
		}
		out.Lines = append(out.Lines, label)
	}
	return out
}
