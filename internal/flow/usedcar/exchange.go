package usedcar

import (
	"context"
	"errors"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/mail"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
)

// ErrSwapMuch refuses a car that is worth more than what is left to pay after the deposit: nobody is paid the rest out.
var ErrSwapMuch = fault.New(fault.Invalid, "used.swap.too_much", "usedcar.Place")

// Value asks the provider what a car is worth. Outside of transactions: it may be far away.
func (s *Service) Value(ctx context.Context, a usedcars.Subject) (usedcars.Valuation, error) {
	return s.Valuer.Value(ctx, a)
}

// Offered is an offer that was just made.
type Offered struct {
	Key   id.Exchange
	Token string
}

// OfferTx keeps a value for as long as the market's terms say, and mails its link.
func (s *Service) OfferTx(ctx context.Context, tx *db.Tx, shop sale.Shop, a usedcars.Subject, v usedcars.Valuation, email string) (Offered, error) {
	mk, used, _, err := s.Terms(shop.Market, tx.Now)
	if err != nil {
		return Offered{}, err
	}
	if used.ExchangeDays == 0 {
		return Offered{}, sale.ErrClosed
	}
	o := &usedcars.Offer{ID: id.New[id.Exchange](), Brand: shop.Brand, Market: shop.Market, Locale: mk.Speak(shop.Locale), Email: email, Subject: a, Car: v, Currency: string(mk.Currency), ValueMinor: v.Minor,
		ToleranceKm: used.ExchangeKm, Until: tx.Now.AddDate(0, 0, used.ExchangeDays)}
	token := s.ExchangeToken(o.ID)
	if err := usedcars.AddOfferTx(tx, o, ordering.HashToken(token)); err != nil {
		return Offered{}, err
	}
	return Offered{o.ID, token}, s.Jobs.InsertTx(ctx, tx, offerArgs{o.ID}, nil)
}

// ExchangeToken is the secret of an offer's link: made from its key, written nowhere.
func (s *Service) ExchangeToken(k id.Exchange) string { return s.Tokens.Of("exchange", string(k)) }

// OfferOf reads the offer of a secret link.
func (s *Service) OfferOf(ctx context.Context, shop sale.Shop, token string) (*usedcars.Offer, error) {
	return usedcars.OfferBy(s.DB.Read(ctx), shop.Market, ordering.HashToken(token))
}

// lockOfferTx locks the offer that a buyer brings, and says what it takes off an order.
func lockOfferTx(tx *db.Tx, o *ordering.Order, token string) (*usedcars.Offer, error) {
	x, err := usedcars.LockOfferTx(tx, o.Market, ordering.HashToken(token))
	switch {
	case err != nil:
		return nil, err
	case !x.Stands(tx.Now):
		return nil, usedcars.ErrOfferOver
	case x.ValueMinor > o.TotalMinor-o.DepositMinor:
		return nil, ErrSwapMuch
	}
	return x, nil
}

// takeOfferTx makes a buyer's car part of an order that was just written.
func takeOfferTx(tx *db.Tx, o *ordering.Order, x *usedcars.Offer) error {
	if x == nil {
		return nil
	}
	if err := usedcars.TakeOfferTx(tx, x, o.ID); err != nil {
		return err
	}
	return ordering.AddExchangeTx(tx, &ordering.Exchange{Order: o.ID, Market: o.Market, Currency: string(o.Currency), Offer: x.ID, Car: x.Car.Title(), Plate: x.Subject.Plate, Km: x.Subject.Km,
		ToleranceKm: x.ToleranceKm, ValueMinor: x.ValueMinor})
}

// freeOfferTx: the order ended before a handover. The offer stands again for as long as it was promised, unless the dealer has the
// car: then it is money that the dealer gives back.
func freeOfferTx(tx *db.Tx, o *ordering.Order) error {
	x, err := ordering.ExchangeOf(tx.DB, o.ID)
	if err != nil || x == nil || x.State == ordering.ExchangeGiven {
		return err
	}
	return errors.Join(ordering.EndExchangeTx(tx, o.ID), usedcars.FreeOfferTx(tx, o.ID))
}

// stockExchangeTx: the buyer has his new car, and the old one is the dealer's: a draft under its VIN, with what its odometer said
// and what was given for it. The dealer looks at it and sets the price.
func (s *Service) stockExchangeTx(tx *db.Tx, o *ordering.Order) error {
	x, err := ordering.ExchangeOf(tx.DB, o.ID)
	if err != nil || x == nil || x.State != ordering.ExchangeGiven {
		return err
	}
	offer, err := usedcars.OfferByID(tx.DB, x.Offer)
	if err != nil {
		return err
	}
	if live, err := usedcars.LiveVIN(tx.DB, x.VIN); err != nil || live {
		return err // in stock since a handover that was undone, or another's matter
	}
	v := offer.Car
	c := usedcars.Car{ID: usedcars.NewNumber(), Brand: o.Brand, Market: o.Market, Dealer: o.Dealer, VIN: x.VIN, Plate: x.Plate, Make: v.Make, Model: v.Model, Version: v.Version, Body: v.Body, Fuel: v.Fuel, Gearbox: v.Gearbox,
		Colour: v.Colour, Doors: v.Doors, Seats: v.Seats, KW: v.KW, CO2: v.CO2, Emission: v.Emission, Registered: v.Registered, Km: x.GivenKm, Owners: 1, Look: usedcars.LookFor(v.Body, v.Colour, false),
		PriceMinor: max(x.ValueMinor, usedcars.LeastPrice), Currency: string(o.Currency), VAT: usedcars.Margin, Bought: x.ValueMinor}
	if err := s.KeeperLeavesTx(tx, c.VIN, c.Km, o.Dealer); err != nil {
		return err
	}
	return usedcars.AddTx(tx, &c, s.wordsOf(&c), "system")
}

// sweepOffers ends offers whose time passed.
func (s *Service) sweepOffers(ctx context.Context) error {
	return s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return usedcars.EndOffersTx(tx) })
}

// offerArgs asks to mail the link of an offer. The job holds the key only.
type offerArgs struct {
	Offer id.Exchange `json:"offer"`
}

func (offerArgs) Kind() string { return "usedcar.offer" }

func (s *Service) mailOffer(ctx context.Context, key id.Exchange) error {
	o, err := usedcars.OfferByID(s.DB.Read(ctx), key)
	if err != nil || o.Email == "" || o.State == usedcars.OfferOver {
		return err
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	p := s.Words.Printer(mk.Speak(o.Locale))
	n := mail.Notice{ID: "used.offer." + string(o.ID), To: o.Email, Words: p, At: s.DB.Clock.Now(), Subject: p.T("mail.used_swap.subject", "Car", o.Car.Title()),
		Parts: []mail.Part{{Text: p.T("mail.used_swap.intro", "Car", o.Car.Title(), "Plate", o.Subject.Plate, "Value", p.Money(mk.Amount(o.ValueMinor)), "Until", p.DateTime(o.Until.In(mk.Zone())))}, {Text: p.T("mail.used_swap.next")},
			{Link: s.BaseURL + "/" + string(o.Brand) + "/" + string(o.Market) + "/used/your-car/" + s.ExchangeToken(o.ID)}}}
	m, err := s.Letters.Set(n)
	if err != nil {
		return err
	}
	return s.Sender.Send(ctx, m)
}
