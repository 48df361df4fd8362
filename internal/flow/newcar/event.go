package newcar

import (
	"context"
	"errors"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
)

// Receive keeps a signed event of the provider and the job that deals with it, in one transaction.
// An event that came before changes nothing. Only after this may the webhook answer 200.
func (s *Service) Receive(ctx context.Context, e payment.Event) error {
	account := s.Gateway.Account()
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		fresh, err := payment.RecordEventTx(tx, account, e)
		if err != nil || !fresh {
			return err
		}
		if !matters(e.Type) {
			return payment.EventDoneTx(tx, account, e.ID)
		}
		return s.Jobs.InsertTx(ctx, tx, eventArgs{Account: account, Event: e.ID, Session: e.SessionID, Intent: e.IntentID}, nil)
	})
}

// matters tells whether an event can change a payment here. What others tell is read from the bank
// when one of these comes.
func matters(kind string) bool {
	switch kind {
	case "checkout.session.completed", "checkout.session.expired", "payment_intent.amount_capturable_updated",
		"payment_intent.succeeded", "payment_intent.canceled":
		return true
	}
	return strings.HasPrefix(kind, "charge.dispute.") || strings.HasPrefix(kind, "charge.refund")
}

// handleEvent settles the payment that an event is about. What the event says is not used: the bank
// is read again.
func (s *Service) handleEvent(ctx context.Context, a eventArgs) error {
	p, err := s.paymentOf(ctx, a)
	if errors.Is(err, payment.ErrNoPayment) {
		// Another system's payment under the same keys, or a session whose id was never stored: the
		// sweep asks for that one by its own key.
		s.Log.WarnContext(ctx, "an event names no payment of ours", "event", a.Event)
	} else if err != nil {
		return err
	} else if err := s.Settle(ctx, p); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return payment.EventDoneTx(tx, a.Account, a.Event) })
}

// paymentOf finds the payment by the ids we stored, else by the payment id that the bank keeps for us.
func (s *Service) paymentOf(ctx context.Context, a eventArgs) (id.Payment, error) {
	p, err := payment.ByProvider(s.DB.Read(ctx), a.Session, a.Intent)
	if err == nil {
		return p.ID, nil
	}
	if !errors.Is(err, payment.ErrNoPayment) {
		return "", err
	}
	ref := ""
	switch {
	case a.Session != "":
		c, err := s.Gateway.Checkout(ctx, a.Session)
		if err != nil {
			return "", err
		}
		ref = c.PaymentID
	case a.Intent != "":
		in, err := s.Gateway.Intent(ctx, a.Intent)
		if err != nil {
			return "", err
		}
		ref = in.PaymentID
	}
	if !id.IsKey(ref) {
		return "", payment.ErrNoPayment
	}
	if p, err = payment.Get(s.DB.Read(ctx), id.Payment(ref)); err != nil {
		return "", err
	}
	return p.ID, nil
}

// SettleReturn is the return page's part: the buyer is back from the card page of an order. The
// session id of the address only helps to find the payment; the bank says what became of it.
func (s *Service) SettleReturn(ctx context.Context, o id.Order) error {
	ps, err := payment.Of(s.DB.Read(ctx), o)
	if err != nil {
		return err
	}
	for _, p := range ps {
		if p.State == payment.Opening || p.State == payment.Open {
			if err := s.Settle(ctx, p.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
