package sale

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
)

// watchRefundEvery is how often a refund is looked at that the bank has not paid out yet.
const watchRefundEvery = time.Hour

// watchRefund asks how far a refund is. One that is done may still come back: the bank's notice, or the
// reconciler, brings us here again.
func (s *Service) watchRefund(ctx context.Context, p *payment.Payment) error {
	if p.RefundID == "" {
		return nil
	}
	made, err := s.Gateway.RefundsOf(ctx, p.IntentID)
	if err != nil {
		return err
	}
	for _, r := range made {
		if r.ID != p.RefundID {
			continue
		}
		return s.inOrder(ctx, p, func(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
			if p.State != payment.Refunded || p.RefundID != r.ID {
				return nil
			}
			return s.refundSaidTx(ctx, tx, o, p, r)
		})
	}
	return nil
}

// refundSaidTx writes down how far a refund of a returned payment is.
func (s *Service) refundSaidTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment, r payment.Refund) error {
	switch r.Status {
	case "failed", "canceled":
		return s.refundFailedTx(ctx, tx, o, p, r)
	case payment.RefundDone:
		if _, err := payment.NoteTx(tx, p, payment.SaidRefundSent, "", r.ID); err != nil {
			return err
		}
		return payment.SetRefundTx(tx, p, payment.RefundDone, time.Time{})
	}
	if _, err := payment.NoteTx(tx, p, payment.SaidRefundPending, r.Status, r.ID); err != nil {
		return err
	}
	return payment.SetRefundTx(tx, p, payment.RefundPending, tx.Now.Add(watchRefundEvery))
}

// refundFailedTx takes a refund back that the card did not take: we have the money again and owe it to the
// buyer, who is told so. It goes back by a person's hand.
func (s *Service) refundFailedTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment, r payment.Refund) error {
	if err := payment.PostPartTx(tx, o.ID, p, payment.KindRefundFailed, p.Back(), r.ID); err != nil {
		return err
	}
	if err := payment.MoveTx(tx, p, payment.Returning, payment.Change{DueAt: tx.Now.Add(time.Hour)}); err != nil {
		return err
	}
	if _, err := payment.NoteTx(tx, p, payment.SaidRefundFailed, r.Status, r.ID); err != nil {
		return err
	}
	if err := payment.SetRefundTx(tx, p, payment.RefundFailed, tx.Now.Add(time.Hour)); err != nil {
		return err
	}
	if err := ordering.UnsettleLeavingTx(tx, o.ID); err != nil {
		return err
	}
	return s.TellBuyerTx(ctx, tx, o, "refund_failed", p.Seq())
}

// RefundSentTx is a person's word that money, which the card did not take back, was sent by bank transfer.
func (s *Service) RefundSentTx(ctx context.Context, tx *db.Tx, f Office, key id.Payment) error {
	tx.By = f.Actor()
	p, err := payment.Get(tx.DB, key)
	if err != nil {
		return err
	}
	o, err := ordering.LockTx(tx, p.Order)
	if err != nil {
		return err
	}
	if !f.runs(o.Market) || !p.Card() {
		return payment.ErrNoPayment
	}
	if p, err = payment.LockTx(tx, key); err != nil {
		return err
	}
	if p.State != payment.Returning && p.PartDueMinor > 0 {
		if err := s.partsByHandTx(ctx, tx, o, p, payment.KindTransferReturn); err != nil {
			return err
		}
		return officeAuditTx(ctx, tx, f, "payment.refund_by_hand", o, "")
	}
	if p.State != payment.Returning || p.RefundStatus != payment.RefundFailed {
		return payment.ErrMoved
	}
	if err := payment.MoveTx(tx, p, payment.Refunded, payment.Change{}); err != nil {
		return err
	}
	if err := payment.PostPartTx(tx, o.ID, p, payment.KindTransferReturn, p.Back(), "by hand"); err != nil {
		return err
	}
	if _, err := payment.NoteTx(tx, p, payment.SaidRefundSent, "transfer", "by hand"); err != nil {
		return err
	}
	if err := payment.SetRefundTx(tx, p, payment.RefundDone, time.Time{}); err != nil {
		return err
	}
	if err := s.landedTx(ctx, tx, o, p); err != nil {
		return err
	}
	return officeAuditTx(ctx, tx, f, "payment.refund_by_hand", o, "")
}
