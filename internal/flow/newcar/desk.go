package newcar

import (
	"context"
	"slices"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
)

// A basket goes on at a dealer's desk, and back. The buyer's code is his leave for one desk to see the basket for a
// short while; the dealer's changes count at once, are signed, and must be answered by the buyer before he can order.
// A dealer never gets the basket's secret link: so he can neither pay nor consent.

// ErrBasketCar refuses to change the build of a car that exists.
var ErrBasketCar = fault.New(fault.Conflict, "showroom.existing_car", "newcar.ChangeBasket")

// AtDesk is a member of staff at a desk, with what he is at his site.
type AtDesk struct {
	sale.Staff
	Role string
	Desk id.Desk // empty until he has opened a basket
}

// Basket is how somebody reaches a basket: the buyer by his secret link, the dealer by his desk.
type Basket struct {
	Shop  sale.Shop
	Token string  // the buyer's; empty for the dealer
	At    *AtDesk // nil for the buyer
}

func (b Basket) side() ordering.Side {
	if b.At != nil {
		return ordering.ByDealer
	}
	return ordering.ByBuyer
}

func (b Basket) actor() string {
	if b.At != nil {
		return b.At.Actor()
	}
	return "buyer"
}

// lockBasketTx locks a basket that is no order yet, with the desk that is open; nil when none is. A dealer's desk is
// looked at again under the lock: the buyer may have closed it a moment ago.
func (s *Service) lockBasketTx(tx *db.Tx, b Basket) (*ordering.Draft, *ordering.Desk, error) {
	var d *ordering.Draft
	var err error
	if b.At == nil {
		d, err = ordering.LockDraftTx(tx, b.Shop.Brand, b.Shop.Market, b.Token)
	} else {
		var k *ordering.Desk
		if k, err = ordering.DeskFor(tx.DB, b.At.Desk, b.At.Dealer, b.At.User, tx.Now); err == nil {
			d, err = ordering.LockDraftByIDTx(tx, k.Draft)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	if err := s.noOrderYet(tx, d); err != nil {
		return nil, nil, err
	}
	if b.At != nil {
		k, err := ordering.DeskFor(tx.DB, b.At.Desk, b.At.Dealer, b.At.User, tx.Now)
		return d, k, err
	}
	k, err := ordering.DeskOf(tx.DB, d.ID)
	if err != nil || k == nil || !k.Live(tx.Now) {
		return d, nil, err
	}
	return d, k, nil
}

// noOrderYet refuses a basket whose order lives: what was ordered is changed on the order's own page.
func (s *Service) noOrderYet(tx *db.Tx, d *ordering.Draft) error {
	if d.Order == "" {
		return nil
	}
	o, err := ordering.Get(tx.DB, d.Order)
	if err != nil || o.State == ordering.Lapsed || o.State == ordering.Cancelled {
		return err
	}
	return ordering.ErrDeskOver
}

func auditBasketTx(ctx context.Context, tx *db.Tx, actor, action string, d *ordering.Draft, was, becomes any) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: actor, Action: "showroom." + action, Subject: "draft:" + string(d.ID),
		Market: string(d.Market), Brand: string(d.Brand), Old: was, New: becomes})
}

// OpenDeskTx makes a code under which one desk may see the buyer's basket. A code before it ends.
func (s *Service) OpenDeskTx(ctx context.Context, tx *db.Tx, b Basket, sharesName bool) (*ordering.Desk, error) {
	d, _, err := s.lockBasketTx(tx, b)
	if err != nil {
		return nil, err
	}
	k := &ordering.Desk{Draft: d.ID, Brand: d.Brand, Market: d.Market, SharesName: sharesName}
	if err := ordering.OpenDeskTx(tx, s.Tokens, k); err != nil {
		return nil, err
	}
	return k, auditBasketTx(ctx, tx, "buyer", "open", d, nil, map[string]any{"desk": k.ID, "name": sharesName})
}

// JoinDeskTx opens the basket of a code at a desk. The code opens it once: typed again by the same person it leads
// there again, typed by anybody else it is ErrDeskTaken. A code that nothing stands behind is ErrDeskCode, and so is
// one of a market or brand that the dealer has nothing to do with.
func (s *Service) JoinDeskTx(ctx context.Context, tx *db.Tx, at AtDesk, code id.BuildCode) (*ordering.Desk, error) {
	k, err := ordering.DeskByCode(tx.DB, s.Tokens, code, tx.Now)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, ordering.ErrDeskCode
	}
	if _, err := s.DealerIn(sale.Shop{Brand: k.Brand, Market: k.Market, Flow: id.FlowNew}, at.Dealer); err != nil {
		return nil, ordering.ErrDeskCode
	}
	d, err := ordering.LockDraftByIDTx(tx, k.Draft)
	if err != nil {
		return nil, err
	}
	if err := s.noOrderYet(tx, d); err != nil {
		return nil, ordering.ErrDeskCode
	}
	if k.User == at.User && k.Dealer == at.Dealer {
		return k, nil
	}
	if err := ordering.JoinDeskTx(tx, k.ID, at.Dealer, at.User, at.Role); err != nil {
		return nil, err
	}
	if !d.Showroom {
		d.Showroom = true
		if err := ordering.SetDraftTx(tx, d); err != nil {
			return nil, err
		}
	}
	return k, auditBasketTx(ctx, tx, at.Actor(), "join", d, nil, map[string]any{"desk": k.ID, "dealer": at.Dealer})
}

// BeginAtDeskTx begins a basket at a desk, with the desk's own dealer. Its code makes it the buyer's: ClaimDeskTx.
func (s *Service) BeginAtDeskTx(ctx context.Context, tx *db.Tx, at AtDesk, b Build) (*ordering.Desk, error) {
	if err := s.RequireOpenTx(tx, b.Shop); err != nil {
		return nil, err
	}
	if _, err := s.DealerIn(b.Shop, at.Dealer); err != nil {
		return nil, err
	}
	c, err := s.SaveTx(tx, b)
	if err != nil {
		return nil, err
	}
	d := &ordering.Draft{ID: id.New[id.Draft](), Brand: b.Shop.Brand, Market: b.Shop.Market, Flow: id.FlowNew, Configuration: c.Code, Dealer: at.Dealer, Showroom: true}
	if err := ordering.AddDraftTx(tx, d, s.Tokens.Draft(d.ID)); err != nil {
		return nil, err
	}
	k := &ordering.Desk{Draft: d.ID, Brand: d.Brand, Market: d.Market, ByDealer: true, Dealer: at.Dealer, User: at.User, Role: at.Role, JoinedAt: tx.Now}
	if err := ordering.OpenDeskTx(tx, s.Tokens, k); err != nil {
		return nil, err
	}
	return k, auditBasketTx(ctx, tx, at.Actor(), "begin", d, nil, map[string]any{"desk": k.ID, "dealer": at.Dealer})
}

// ClaimDeskTx gives a basket that was begun at a desk to the buyer, once. Of the answer Tokens.Draft is the secret link.
func (s *Service) ClaimDeskTx(ctx context.Context, tx *db.Tx, shop sale.Shop, code id.BuildCode) (id.Draft, error) {
	k, err := ordering.DeskByCode(tx.DB, s.Tokens, code, tx.Now)
	if err != nil {
		return "", err
	}
	if k == nil || !k.ByDealer || k.Brand != shop.Brand || k.Market != shop.Market {
		return "", ordering.ErrDeskCode
	}
	d, err := ordering.LockDraftByIDTx(tx, k.Draft)
	if err != nil {
		return "", err
	}
	if err := ordering.ClaimDeskTx(tx, k.ID); err != nil {
		return "", err
	}
	return d.ID, auditBasketTx(ctx, tx, "buyer", "claim", d, nil, map[string]any{"desk": k.ID})
}

// ProlongDeskTx gives the desk more time, by the buyer alone: it is his basket that is seen.
func (s *Service) ProlongDeskTx(ctx context.Context, tx *db.Tx, b Basket) error {
	d, k, err := s.lockBasketTx(tx, b)
	if err != nil {
		return err
	}
	if k == nil {
		return ordering.ErrDeskOver
	}
	ends, ok := k.Longer(tx.Now)
	if !ok {
		return ordering.ErrDeskLong
	}
	if err := ordering.ProlongDeskTx(tx, k, ends); err != nil {
		return err
	}
	return auditBasketTx(ctx, tx, "buyer", "longer", d, k.EndsAt, ends)
}

// ShareNameTx lets the buyer's name be seen at the desk, or hides it again.
func (s *Service) ShareNameTx(ctx context.Context, tx *db.Tx, b Basket, shares bool) error {
	d, k, err := s.lockBasketTx(tx, b)
	if err != nil {
		return err
	}
	if k == nil {
		return ordering.ErrDeskOver
	}
	if err := ordering.ShareNameTx(tx, k.ID, shares); err != nil {
		return err
	}
	return auditBasketTx(ctx, tx, "buyer", "name", d, k.SharesName, shares)
}

// EndDeskTx ends the access of the desk at once, by either side. Ended twice it stays ended.
func (s *Service) EndDeskTx(ctx context.Context, tx *db.Tx, b Basket) error {
	d, k, err := s.lockBasketTx(tx, b)
	if err != nil || k == nil {
		return err
	}
	if err := ordering.EndDeskTx(tx, k.ID, string(b.side())); err != nil {
		return err
	}
	return auditBasketTx(ctx, tx, b.actor(), "end", d, nil, map[string]any{"desk": k.ID})
}

// ChangeBasketTx makes the basket another car, by either side; seen is the version of the basket that he looked at, and
// any other is ErrVersion: somebody changed it meanwhile. What the buyer changes himself he has seen.
func (s *Service) ChangeBasketTx(ctx context.Context, tx *db.Tx, b Basket, picked configurator.Selection, seen int) error {
	d, k, err := s.lockBasketTx(tx, b)
	if err != nil {
		return err
	}
	if d.Version != seen {
		return ordering.ErrVersion
	}
	if d.Car != "" {
		return ErrBasketCar
	}
	old, err := ordering.ConfigurationBy(tx.DB, d.Configuration)
	if err != nil {
		return err
	}
	c, err := s.SaveTx(tx, Build{Shop: b.Shop, Model: old.Model, Selection: picked})
	if err != nil || c.Code == d.Configuration {
		return err
	}
	if b.At == nil {
		if err := ordering.AcceptChangesTx(tx, d.ID, ordering.CarChanged); err != nil {
			return err
		}
	}
	was := before(d)
	d.Configuration = c.Code
	return s.changedTx(ctx, tx, b, d, k, ordering.BasketChange{Kind: ordering.CarChanged, Was: string(was.Configuration), Becomes: string(c.Code), Before: was})
}

// MoveBasketTx asks for the desk's own dealer instead of the one the buyer chose; with seen as for ChangeBasketTx.
func (s *Service) MoveBasketTx(ctx context.Context, tx *db.Tx, b Basket, seen int) error {
	d, k, err := s.lockBasketTx(tx, b)
	if err != nil {
		return err
	}
	if b.At == nil || k == nil {
		return ordering.ErrDeskOver
	}
	if d.Version != seen {
		return ordering.ErrVersion
	}
	if d.Car != "" {
		return ErrBasketCar
	}
	if _, err := s.DealerIn(sale.Shop{Brand: d.Brand, Market: d.Market, Flow: id.FlowNew}, k.Dealer); err != nil {
		return err
	}
	was := before(d)
	shown := shownDealer(was.Dealer, was.AnyDealer)
	if shown == string(k.Dealer) {
		return nil
	}
	d.Dealer = k.Dealer
	d.Fallbacks = slices.DeleteFunc(slices.Clone(d.Fallbacks), func(f id.Dealer) bool { return f == k.Dealer })
	if d.AnyDealer == ordering.AnyFirst {
		d.AnyDealer = ordering.OnlyNamed
	}
	return s.changedTx(ctx, tx, b, d, k, ordering.BasketChange{Kind: ordering.DealerChanged, Was: shown, Becomes: string(k.Dealer), Before: was})
}

func before(d *ordering.Draft) ordering.BasketBefore {
	return ordering.BasketBefore{Configuration: d.Configuration, Dealer: d.Dealer, Fallbacks: d.Fallbacks, AnyDealer: d.AnyDealer}
}

// changedTx writes a changed basket with who changed it.
func (s *Service) changedTx(ctx context.Context, tx *db.Tx, b Basket, d *ordering.Draft, k *ordering.Desk, c ordering.BasketChange) error {
	c.Side = b.side()
	if c.Side == ordering.ByDealer {
		c.Desk = k.ID
	}
	if err := ordering.AddBasketChangeTx(tx, d, &c); err != nil {
		return err
	}
	if err := ordering.SetDraftTx(tx, d); err != nil {
		return err
	}
	return auditBasketTx(ctx, tx, b.actor(), "change", d, map[string]string{c.Kind: c.Was}, map[string]any{c.Kind: c.Becomes, "seq": c.Seq})
}

// AcceptBasketTx accepts all that the dealer changed, as the buyer saw it at that version.
func (s *Service) AcceptBasketTx(ctx context.Context, tx *db.Tx, b Basket, seen int) error {
	d, _, err := s.lockBasketTx(tx, b)
	if err != nil {
		return err
	}
	if d.Version != seen {
		return ordering.ErrVersion
	}
	if err := ordering.AcceptChangesTx(tx, d.ID, ""); err != nil {
		return err
	}
	return auditBasketTx(ctx, tx, "buyer", "accept", d, nil, map[string]int{"version": seen})
}

// UndoBasketTx takes back one change of the dealer's. It must be the last of its kind: what came after was made of it.
func (s *Service) UndoBasketTx(ctx context.Context, tx *db.Tx, b Basket, seq, seen int) error {
	d, k, err := s.lockBasketTx(tx, b)
	if err != nil {
		return err
	}
	if d.Version != seen {
		return ordering.ErrVersion
	}
	all, err := ordering.BasketChanges(tx.DB, d.ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(c ordering.BasketChange) bool { return c.Seq == seq })
	if at < 0 || !all[at].Open() || slices.ContainsFunc(all[:at], func(c ordering.BasketChange) bool { return c.Kind == all[at].Kind && c.Open() }) {
		return ordering.ErrVersion
	}
	c := all[at]
	if err := ordering.AnswerChangeTx(tx, d.ID, seq, ordering.AnswerTakenBack); err != nil {
		return err
	}
	back := ordering.BasketChange{Kind: c.Kind, Was: c.Becomes, Becomes: c.Was, BackOf: seq, Before: before(d)}
	if c.Kind == ordering.CarChanged {
		d.Configuration = c.Before.Configuration
	} else {
		d.Dealer, d.Fallbacks, d.AnyDealer = c.Before.Dealer, c.Before.Fallbacks, c.Before.AnyDealer
	}
	return s.changedTx(ctx, tx, b, d, k, back)
}

// ownDealerTx writes the dealers that the buyer of a shared basket chose himself: an answer to what the desk asked for.
func (s *Service) ownDealerTx(tx *db.Tx, d *ordering.Draft, was ordering.BasketBefore) error {
	if err := ordering.AcceptChangesTx(tx, d.ID, ordering.DealerChanged); err != nil {
		return err
	}
	old, now := shownDealer(was.Dealer, was.AnyDealer), shownDealer(d.Dealer, d.AnyDealer)
	if old != now {
		if err := ordering.AddBasketChangeTx(tx, d, &ordering.BasketChange{Side: ordering.ByBuyer, Kind: ordering.DealerChanged, Was: old, Becomes: now, Before: was}); err != nil {
			return err
		}
	}
	return ordering.SetDraftTx(tx, d)
}

// shownDealer is the dealer that a buyer named; empty when he left the choice to the rule.
func shownDealer(d id.Dealer, any ordering.AnyDealer) string {
	if any == ordering.AnyFirst {
		return ""
	}
	return string(d)
}
