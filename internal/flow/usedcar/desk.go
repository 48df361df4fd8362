package usedcar

import (
	"context"
	"errors"
	"slices"

	"forecourt/internal/id"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
)

// mostFound bounds what a search at the desk shows: who has more on the page asks the customer once more.
const mostFound = 20

// FindForDesk finds cars of the office's markets by what a customer reads out.
func (s *Service) FindForDesk(ctx context.Context, f sale.Office, typed string) ([]usedcars.OnDesk, error) {
	g := s.DB.Read(ctx)
	var out []usedcars.OnDesk
	for _, m := range f.Markets {
		said, err := usedcars.FindWords(g, m, typed)
		if err != nil {
			return nil, err
		}
		found, err := usedcars.Lookup(g, m, typed, said.Texts, mostFound)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out[:min(len(out), mostFound)], nil
}

// HoldForTx holds a car for a customer by the rules that everybody has, and mails him the link with which he goes on. A car of a
// market that is not the office's does not exist for it.
func (s *Service) HoldForTx(ctx context.Context, tx *db.Tx, f sale.Office, key id.UsedCar, email string) (Held, error) {
	c, err := s.ofOfficeTx(tx, f, key)
	if err != nil {
		return Held{}, err
	}
	held, err := s.holdTx(tx, sale.Shop{Brand: c.Brand, Market: c.Market, Flow: id.FlowUsed}, key, usedcars.Hold{Email: email, By: f.User}, f.Actor())
	if err != nil {
		return Held{}, err
	}
	if err := s.Jobs.InsertTx(ctx, tx, noteArgs{held.Hold}, nil); err != nil {
		return Held{}, err
	}
	return held, deskAuditTx(ctx, tx, f, "used.hold_for", c)
}

// ReleaseForTx ends a hold that nobody ordered by: one that an agent made, and with any every one.
func (s *Service) ReleaseForTx(ctx context.Context, tx *db.Tx, f sale.Office, key id.UsedCar, any bool) error {
	c, err := s.ofOfficeTx(tx, f, key)
	if err != nil {
		return err
	}
	h, err := usedcars.HolderOf(tx.DB, c.ID)
	switch {
	case errors.Is(err, usedcars.ErrNoHold), err == nil && h.State == usedcars.Ordered:
		return usedcars.ErrMoved
	case err != nil:
		return err
	case h.By == "" && !any:
		return usedcars.ErrNoCar // whose hold it is, is nothing to an agent
	}
	if err := s.endTx(ctx, tx, c, h, usedcars.Released, f.Actor()); err != nil {
		return err
	}
	return deskAuditTx(ctx, tx, f, "used.release", c)
}

func (s *Service) ofOfficeTx(tx *db.Tx, f sale.Office, key id.UsedCar) (*usedcars.Car, error) {
	tx.By = f.Actor()
	c, err := usedcars.LockTx(tx, key)
	if err == nil && (!slices.Contains(f.Markets, c.Market) || c.State == usedcars.Draft) {
		err = usedcars.ErrNoCar
	}
	return c, err
}

func deskAuditTx(ctx context.Context, tx *db.Tx, f sale.Office, act string, c *usedcars.Car) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: f.Actor(), Action: act, Subject: "used_car:" + string(c.ID), Market: string(c.Market), Brand: string(c.Brand),
		New: map[string]any{"price_minor": c.PriceMinor}})
}
