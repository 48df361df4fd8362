package sale

import (
	"fmt"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"
)

// Wish is which dealers an order may go to. With Any the market's rule finds one: from the first when no Dealer is
// named, else when none of those named can.
type Wish struct {
	Dealer    id.Dealer
	Fallbacks []id.Dealer
	Any       bool
}

// Consent is how a wish is kept.
func (w Wish) Consent() ordering.AnyDealer {
	switch {
	case !w.Any:
		return ordering.OnlyNamed
	case w.Dealer == "":
		return ordering.AnyFirst
	}
	return ordering.AnyAfter
}

// MaxByRule bounds how many dealers the rule asks for one order before the buyer decides.
const MaxByRule = 4

// ruleOf is the market's rule of a flow today.
func (s *Service) ruleOf(m id.Market, f id.Flow, now time.Time) (market.Allocation, error) {
	mk, err := s.Market(m)
	if err != nil {
		return market.Allocation{}, err
	}
	return mk.AllocationAt(f, world.Today(mk, now)), nil
}

// AnyDealer tells whether a flow's buyers may leave the choice of the dealer to the market's rule today.
func (s *Service) AnyDealer(m id.Market, f id.Flow) bool {
	rule, err := s.ruleOf(m, f, s.DB.Clock.Now())
	return err == nil && rule.AnyDealer
}

// CheckWish refuses dealers that take no part, and the rule's choice where it is not allowed. A draft needs
// some dealer: for a buyer who names none it is the first the rule would name without figures; the order asks anew.
func (s *Service) CheckWish(shop Shop, w Wish, allowed bool) (Wish, error) {
	if w.Any && !allowed {
		return w, ErrDealer
	}
	if w.Dealer != "" || !w.Any {
		var err error
		w.Fallbacks, err = s.CheckDealers(shop, w.Dealer, w.Fallbacks)
		return w, err
	}
	w.Fallbacks = nil
	for _, d := range s.World.Now().Dealers(shop.Brand, shop.Market, shop.Flow) {
		return Wish{Dealer: d.Code, Any: true}, nil
	}
	return w, ErrDealer
}

// decideTx chooses who is asked next within the buyer's consent: the next dealer of the buyer's own list, then, if the
// buyer agreed to that, whom the market's rule finds. It writes nothing.
func (s *Service) decideTx(tx *db.Tx, o *ordering.Order, captureBefore time.Time) (allocation.Decision, error) {
	agreed, err := ordering.AgreedHow(tx.DB, o.ID)
	if err != nil {
		return allocation.Decision{}, err
	}
	asked := map[id.Dealer]bool{}
	if o.State.Asked() {
		if asked, err = askedDealers(tx, o); err != nil {
			return allocation.Decision{}, err
		}
	}
	rule, err := s.ruleOf(o.Market, o.Flow, tx.Now)
	if err != nil {
		return allocation.Decision{}, err
	}
	at, err := s.placeOf(tx, o)
	if err != nil {
		return allocation.Decision{}, err
	}
	var named []allocation.Candidate
	byRule := 0
	for _, a := range agreed {
		if a.ByRule {
			byRule++
			continue
		}
		named = append(named, s.candidate(o, a.Dealer, at, asked, tx.Now, captureBefore))
	}
	d := allocation.ByList(rule.Version, named)
	if _, ok := d.Chosen(); ok || o.AnyDealer == ordering.OnlyNamed || byRule >= MaxByRule {
		return d, nil
	}
	var all []allocation.Candidate
	for _, x := range s.World.Now().Dealers(o.Brand, o.Market, o.Flow) {
		all = append(all, s.candidate(o, x.Code, at, asked, tx.Now, captureBefore))
	}
	if err := allocation.FillFigures(tx.DB, o.Flow, all, tx.Now); err != nil {
		return allocation.Decision{}, err
	}
	return allocation.Decide(rule, fmt.Sprintf("%s/%d", o.ID, len(asked)+1), all), nil
}

// someNearTx refuses an order that leaves the choice to the rule where the rule would find nobody: better before the
// money than after.
func (s *Service) someNearTx(tx *db.Tx, o *ordering.Order) error {
	if o.AnyDealer != ordering.AnyFirst {
		return nil
	}
	rule, err := s.ruleOf(o.Market, o.Flow, tx.Now)
	if err != nil {
		return err
	}
	at, err := s.placeOf(tx, o)
	if err != nil {
		return err
	}
	var all []allocation.Candidate
	for _, x := range s.World.Now().Dealers(o.Brand, o.Market, o.Flow) {
		all = append(all, s.candidate(o, x.Code, at, nil, tx.Now, time.Time{}))
	}
	if _, ok := allocation.Decide(rule, "", all).Chosen(); !ok {
		return ErrNoneNear
	}
	return nil
}

// candidate is what is known of a dealer without its figures.
func (s *Service) candidate(o *ordering.Order, d id.Dealer, from *network.Place, asked map[id.Dealer]bool, now, captureBefore time.Time) allocation.Candidate {
	c := allocation.Candidate{Dealer: d, Metres: allocation.UnknownWay}
	if x, ok := s.World.Now().Dealer(d); ok {
		c.Bays = x.Bays
		if from != nil {
			c.Metres = network.Metres(from.Lat, from.Lon, x.Lat, x.Lon)
		}
	}
	if _, err := s.DealerIn(shopOf(o), d); err != nil {
		c.Out = allocation.OutGone
	} else if asked[d] {
		c.Out = allocation.OutAsked
	} else if _, ok, err := s.answerBy(o, d, now, captureBefore); err != nil || !ok {
		c.Out = allocation.OutLate
	}
	return c
}

// placeOf is the middle of the buyer's postcode area or town; nil when neither is known. Nothing nearer than that is
// ever used: a receipt says how far a dealer is.
func (s *Service) placeOf(tx *db.Tx, o *ordering.Order) (*network.Place, error) {
	b, err := ordering.BuyerOf(tx.DB, o.Buyer)
	if err != nil {
		return nil, err
	}
	places := s.World.Now().Places(o.Market)
	for _, words := range []string{b.Postcode, b.Town} {
		if p, ok := places.Find(o.Market, words); ok {
			return &p, nil
		}
	}
	return nil, nil
}

// MaxFallbacks bounds the list of dealers the order may go to when the chosen one can not.
const MaxFallbacks = 4

func (s *Service) CheckDealers(shop Shop, dealer id.Dealer, fallbacks []id.Dealer) ([]id.Dealer, error) {
	if _, err := s.DealerIn(shop, dealer); err != nil {
		return nil, err
	}
	seen := map[id.Dealer]bool{dealer: true}
	var out []id.Dealer
	for _, f := range fallbacks {
		if seen[f] {
			continue
		}
		if _, err := s.DealerIn(shop, f); err != nil {
			return nil, err
		}
		seen[f] = true
		out = append(out, f)
	}
	if len(out) > MaxFallbacks {
		return nil, ErrDealer
	}
	return out, nil
}
