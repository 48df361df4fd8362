package newcar

import (
	"context"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/world"
)

// Build is a car in a shop: a model and what was picked.
type Build struct {
	Shop      sale.Shop
	Model     id.Model
	Selection configurator.Selection
	Car       id.StockCar // a car that exists; its own build counts then. Empty for one from the factory
}

// price checks a build against today's range and prices it. Nothing of the price comes from the buyer.
func (s *Service) price(b Build) (configurator.Build, *configurator.Model, error) {
	w := s.World.Now()
	mk, ok := w.Market(b.Shop.Market)
	if !ok {
		return configurator.Build{}, nil, world.ErrNoShop
	}
	model := w.Model
	if b.Car != "" {
		model = w.Unheld // what the factory can not deliver does not touch a car that exists
	}
	day := world.Today(mk, s.DB.Clock.Now())
	m, err := model(b.Shop.Brand, b.Shop.Market, b.Model, day)
	if err != nil {
		return configurator.Build{}, nil, err
	}
	full, err := m.Complete(b.Selection)
	terms, _ := mk.TermsAt(id.FlowNew, day) // a market that only shows cars takes no deposit
	full.Quote = full.Quote.Asking(terms.DepositMinor)
	return full, m, err
}

// SaveTx keeps a build under a short code.
func (s *Service) SaveTx(tx *db.Tx, b Build) (*ordering.Configuration, error) {
	full, _, err := s.price(b)
	if err != nil {
		return nil, err
	}
	c := &ordering.Configuration{Brand: b.Shop.Brand, Market: b.Shop.Market, Model: b.Model,
		Selection: configurator.Encode(full.Selection), Quote: full.Quote}
	return c, ordering.SaveConfigurationTx(tx, c)
}

// StartTx begins a purchase: the build, the chosen dealer and the fallbacks agreed to. Tokens.Draft of
// what it answers is the token of the draft's secret link; the token itself is written nowhere.
func (s *Service) StartTx(ctx context.Context, tx *db.Tx, b Build, dealer id.Dealer, fallbacks []id.Dealer) (id.Draft, error) {
	return s.StartWishTx(ctx, tx, b, sale.Wish{Dealer: dealer, Fallbacks: fallbacks})
}

// StartWishTx is StartTx by a buyer who may also leave the choice of the dealer to the market's rule.
func (s *Service) StartWishTx(ctx context.Context, tx *db.Tx, b Build, w sale.Wish) (id.Draft, error) {
	if err := s.RequireOpenTx(tx, b.Shop); err != nil {
		return "", err
	}
	consent := w.Consent()
	w, err := s.CheckWish(b.Shop, w, s.AnyAllowed(b.Shop.Market, b.Car))
	if err != nil {
		return "", err
	}
	if b.Car != "" {
		if err := s.wishTx(tx, &b); err != nil {
			return "", err
		}
	}
	c, err := s.SaveTx(tx, b)
	if err != nil {
		return "", err
	}
	d := &ordering.Draft{ID: id.New[id.Draft](), Brand: b.Shop.Brand, Market: b.Shop.Market, Flow: id.FlowNew,
		Configuration: c.Code, Dealer: w.Dealer, Fallbacks: w.Fallbacks, AnyDealer: consent, Car: b.Car}
	return d.ID, ordering.AddDraftTx(tx, d, s.Tokens.Draft(d.ID))
}

// ChangeDealerTx changes which dealers a draft that is no order yet may go to.
func (s *Service) ChangeDealerTx(tx *db.Tx, shop sale.Shop, token string, w sale.Wish) error {
	d, err := ordering.LockDraftTx(tx, shop.Brand, shop.Market, token)
	if err != nil {
		return err
	}
	had := d.AnyDealer
	d.AnyDealer = w.Consent()
	if w, err = s.CheckWish(shop, w, s.AnyAllowed(shop.Market, d.Car)); err != nil {
		return err
	}
	was := before(d)
	was.AnyDealer = had
	d.Dealer, d.Fallbacks = w.Dealer, w.Fallbacks
	if d.Showroom {
		return s.ownDealerTx(tx, d, was)
	}
	return ordering.SetDraftTx(tx, d)
}

// GiveDetailsTx keeps who buys. Once the draft has an order, its buyer is history and a new row is
// written for the next attempt.
func (s *Service) GiveDetailsTx(tx *db.Tx, shop sale.Shop, token string, b ordering.Buyer) error {
	d, err := ordering.LockDraftTx(tx, shop.Brand, shop.Market, token)
	if err != nil {
		return err
	}
	b.Market = shop.Market
	if d.Buyer != "" && d.Order == "" {
		b.ID = d.Buyer
		return ordering.UpdateBuyerTx(tx, b)
	}
	b.ID = id.New[id.Buyer]()
	if err := ordering.AddBuyerTx(tx, b); err != nil {
		return err
	}
	d.Buyer = b.ID
	return ordering.SetDraftTx(tx, d)
}

// LeaveNameTx keeps the wish of a visitor of a closed market.
func (s *Service) LeaveNameTx(tx *db.Tx, l ordering.Lead) error { return ordering.AddLeadTx(tx, l) }
