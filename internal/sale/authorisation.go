package sale

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
)

// watchEvery is how often a reservation is looked at while a dealer thinks.
const watchEvery = 6 * time.Hour

// watchAuthorisation notices a reservation that the bank withdrew, and gives back one whose order is
// over.
func (s *Service) watchAuthorisation(ctx context.Context, p *payment.Payment) error {
	in, err := s.Gateway.Intent(ctx, p.IntentID)
	if err != nil {
		return err
	}
	return s.inOrder(ctx, p, func(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
		switch {
		case p.State != payment.Authorised:
			return nil
		case in.Status == payment.IntentCanceled:
			return s.lostTx(ctx, tx, o, p)
		case !o.State.CanCancel():
			return s.returnTx(ctx, tx, p, payment.Change{ReturnReason: "order_over"})
		case EndsSoon(o, p, tx.Now):
			if err := s.TellBuyerTx(ctx, tx, o, "renew", p.Attempt); err != nil {
				return err
			}
		}
		return payment.PostponeTx(tx, p, tx.Now.Add(watchEvery))
	})
}

// lostTx notes that the bank holds nothing any more. Nothing was taken; the order can not go on.
func (s *Service) lostTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
	if err := payment.MoveTx(tx, p, payment.Lost, payment.Change{}); err != nil {
		return err
	}
	if err := payment.PostTx(tx, o.ID, p, payment.KindRelease); err != nil {
		return err
	}
	if !o.State.CanCancel() {
		return nil
	}
	return s.cancelTx(ctx, tx, o, "system", "authorisation_lost")
}

// capture takes the reserved deposit after a dealer accepted.
func (s *Service) capture(ctx context.Context, p *payment.Payment) error {
	in, err := s.Gateway.Capture(ctx, p.IntentID, p.Amount.Minor, p.Key("capture"))
	var g *payment.GatewayError
	if errors.As(err, &g) && !g.Unknown {
		in, err = s.Gateway.Intent(ctx, p.IntentID) // refused: see what is true
	}
	if err != nil {
		return err
	}
	return s.inOrder(ctx, p, func(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
		switch {
		case p.State != payment.Capturing:
			return nil // the buyer left meanwhile: giveBack sees what was taken
		case in.Status == payment.IntentSucceeded && in.Received != p.Amount.Minor:
			s.Log.ErrorContext(ctx, "the bank took another amount, it is returned and a person must look", "payment", p.ID)
			if err := s.returnTx(ctx, tx, p, payment.Change{ReturnReason: "mismatch"}); err != nil || !o.State.CanCancel() {
				return err
			}
			return s.cancelTx(ctx, tx, o, "system", "authorisation_lost")
		case in.Status == payment.IntentSucceeded:
			if err := takenTx(tx, o, p, payment.Change{}); err != nil {
				return err
			}
			return s.ExcessTx(ctx, tx, o, payment.PartChanged) // the car became cheaper while the money was only reserved
		case in.Status == payment.IntentCanceled:
			return s.lostTx(ctx, tx, o, p)
		}
		return payment.PostponeTx(tx, p, tx.Now.Add(retryAfter))
	})
}
