package usedcar

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
)

// Held is what a buyer gets who starts to buy: the secret of the hold.
type Held struct {
	Hold  id.Hold
	Token string
}

// HoldTx keeps a car for somebody for a while. ErrTaken when somebody else has it; who has it himself is sent there by the
// door, which knows his token.
func (s *Service) HoldTx(tx *db.Tx, shop sale.Shop, key id.UsedCar) (Held, error) {
	return s.holdTx(tx, shop, key, usedcars.Hold{}, "buyer")
}

// holdTx holds a car for whom h names: nobody, or an address for which an agent does it.
func (s *Service) holdTx(tx *db.Tx, shop sale.Shop, key id.UsedCar, h usedcars.Hold, actor string) (Held, error) {
	if err := s.RequireOpenTx(tx, shop); err != nil {
		return Held{}, err
	}
	mk, terms, _, err := s.Terms(shop.Market, tx.Now)
	if err != nil {
		return Held{}, err
	}
	c, err := s.lockCarTx(tx, shop, key)
	if err != nil {
		return Held{}, err
	}
	if c.State != usedcars.Listed {
		return Held{}, usedcars.ErrTaken
	}
	if _, err := s.DealerIn(shop, c.Dealer); err != nil {
		return Held{}, sale.ErrClosed // its dealer has left the flow and takes no new orders
	}
	if err := clearTx(tx, c); err != nil {
		return Held{}, err
	}
	h.ID, h.Car, h.Brand, h.Market, h.State, h.Locale = id.New[id.Hold](), c.ID, shop.Brand, shop.Market, usedcars.Holding, mk.Speak(shop.Locale)
	h.DueAt = tx.Now.Add(time.Duration(terms.HoldMinutes) * time.Minute)
	token := s.token(h.ID)
	if err := usedcars.AddHoldTx(tx, &h, ordering.HashToken(token)); err != nil {
		return Held{}, err
	}
	return Held{h.ID, token}, usedcars.MoveTx(tx, c, usedcars.Step{To: usedcars.Held, Actor: actor, Why: "hold"})
}

// lockCarTx locks a car of a shop; one of another shop does not exist there.
func (s *Service) lockCarTx(tx *db.Tx, shop sale.Shop, key id.UsedCar) (*usedcars.Car, error) {
	c, err := usedcars.LockTx(tx, key)
	if err == nil && (c.Brand != shop.Brand || c.Market != shop.Market || c.State == usedcars.Draft) {
		err = usedcars.ErrNoCar
	}
	return c, err
}

// JoinTx puts somebody into the line of a car that another has. When the car is free there is nothing to wait for:
// usedcars.ErrMoved.
func (s *Service) JoinTx(tx *db.Tx, shop sale.Shop, key id.UsedCar, email string) (Held, error) {
	if err := s.RequireOpenTx(tx, shop); err != nil {
		return Held{}, err
	}
	mk, err := s.Market(shop.Market)
	if err != nil {
		return Held{}, err
	}
	c, err := s.lockCarTx(tx, shop, key)
	if err != nil {
		return Held{}, err
	}
	if c.State != usedcars.Held && c.State != usedcars.Sold {
		return Held{}, usedcars.ErrMoved
	}
	h := &usedcars.Hold{ID: id.New[id.Hold](), Car: c.ID, Brand: shop.Brand, Market: shop.Market, State: usedcars.Waiting, Locale: mk.Speak(shop.Locale), Email: email}
	token := s.token(h.ID)
	return Held{h.ID, token}, usedcars.AddHoldTx(tx, h, ordering.HashToken(token))
}

// LongerTx prolongs a hold, once.
func (s *Service) LongerTx(tx *db.Tx, shop sale.Shop, token string) error {
	_, terms, _, err := s.Terms(shop.Market, tx.Now)
	if err != nil {
		return err
	}
	_, h, err := s.lockTx(tx, shop, token)
	if err != nil {
		return err
	}
	if h.State != usedcars.Holding || !h.Has(tx.Now) {
		return usedcars.ErrHoldOver
	}
	return usedcars.LongerTx(tx, h, h.DueAt.Add(time.Duration(terms.LongerMinutes)*time.Minute))
}

// TakeTx takes the first refusal: who waited has the car now, for as long as anybody who starts to buy.
func (s *Service) TakeTx(tx *db.Tx, shop sale.Shop, token string) error {
	_, terms, _, err := s.Terms(shop.Market, tx.Now)
	if err != nil {
		return err
	}
	_, h, err := s.lockTx(tx, shop, token)
	if err != nil {
		return err
	}
	if h.State == usedcars.Holding && h.Has(tx.Now) {
		return nil // pressed twice
	}
	if h.State != usedcars.Offered || !h.Has(tx.Now) {
		return usedcars.ErrHoldOver
	}
	return usedcars.MoveHoldTx(tx, h, usedcars.HoldMove{To: usedcars.Holding, DueAt: tx.Now.Add(time.Duration(terms.HoldMinutes) * time.Minute)})
}

// LeaveTx lets go of a hold, or of a place in a line. What is ordered is left on the order's page.
func (s *Service) LeaveTx(ctx context.Context, tx *db.Tx, shop sale.Shop, token string) error {
	c, h, err := s.lockTx(tx, shop, token)
	if err != nil {
		return err
	}
	if h.State == usedcars.Ended {
		return nil
	}
	if h.State == usedcars.Ordered {
		return usedcars.ErrMoved
	}
	return s.endTx(ctx, tx, c, h, usedcars.Left, "buyer")
}

// ReleaseTx lets a dealer end the hold of a car of its own that nobody ordered.
func (s *Service) ReleaseTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar) error {
	c, err := ownTx(tx, staff, key)
	if err != nil {
		return err
	}
	h, err := usedcars.HolderOf(tx.DB, c.ID)
	if errors.Is(err, usedcars.ErrNoHold) || err == nil && h.State == usedcars.Ordered {
		return usedcars.ErrMoved
	}
	if err != nil {
		return err
	}
	if err := s.endTx(ctx, tx, c, h, usedcars.Released, staff.Actor()); err != nil {
		return err
	}
	return s.auditTx(ctx, tx, staff, "used.release", c, "")
}

// endTx ends a hold of a locked car and passes the car on when the hold had it.
func (s *Service) endTx(ctx context.Context, tx *db.Tx, c *usedcars.Car, h *usedcars.Hold, why usedcars.EndWhy, actor string) error {
	had := h.State != usedcars.Waiting
	if err := usedcars.MoveHoldTx(tx, h, usedcars.HoldMove{To: usedcars.Ended, Why: why}); err != nil || !had {
		return err
	}
	return s.passOnTx(ctx, tx, c, actor, string(why))
}

// passOnTx gives a car that nobody has any more to the first of its line, else back to everybody. Whether an order may be begun is
// asked when it is; a market that has no terms any more offers nobody a first refusal, and that must not keep an order from ending.
func (s *Service) passOnTx(ctx context.Context, tx *db.Tx, c *usedcars.Car, actor, why string) error {
	next, err := usedcars.NextTx(tx, c.ID)
	if err != nil && !errors.Is(err, usedcars.ErrNoHold) {
		return err
	}
	_, terms, _, closed := s.Terms(c.Market, tx.Now)
	red := clearTx(tx, c)
	if red != nil && !errors.Is(red, usedcars.ErrRed) {
		return red
	}
	if next == nil || closed != nil || red != nil {
		if err := usedcars.MoveTx(tx, c, usedcars.Step{To: usedcars.Listed, Actor: actor, Why: why}); err != nil || red == nil {
			return err
		}
		return s.offTx(ctx, tx, c)
	}
	if err := usedcars.MoveHoldTx(tx, next, usedcars.HoldMove{To: usedcars.Offered, DueAt: tx.Now.Add(time.Duration(terms.OfferMinutes) * time.Minute)}); err != nil {
		return err
	}
	if c.State == usedcars.Sold {
		if err := usedcars.MoveTx(tx, c, usedcars.Step{To: usedcars.Held, Actor: actor, Why: why}); err != nil {
			return err
		}
	}
	return s.Jobs.InsertTx(ctx, tx, noteArgs{next.ID}, nil)
}

// sweepBatch bounds what one sweep ends.
const sweepBatch = 100

// sweepHolds ends holds and offers whose time passed, each in its own transaction.
func (s *Service) sweepHolds(ctx context.Context) error {
	now := s.DB.Clock.Now()
	due, err := usedcars.DueHolds(s.DB.Read(ctx), now, sweepBatch)
	for _, car := range due {
		err = errors.Join(err, s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.lapseTx(ctx, tx, car) }))
	}
	return err
}

func (s *Service) lapseTx(ctx context.Context, tx *db.Tx, key id.UsedCar) error {
	c, err := usedcars.LockTx(tx, key)
	if err != nil {
		return err
	}
	h, err := usedcars.HolderOf(tx.DB, key)
	if errors.Is(err, usedcars.ErrNoHold) {
		return nil
	}
	if err != nil || h.State == usedcars.Ordered || h.Has(tx.Now) {
		return err // it became an order, or was prolonged, a moment ago
	}
	return s.endTx(ctx, tx, c, h, usedcars.Lapsed, "system")
}
