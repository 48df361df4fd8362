package sale

import (
	"context"
	"errors"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/log"
)

// Receive keeps a signed event of the provider and the job that deals with it, in one transaction.
// An event that came before changes nothing. Only after this may the webhook answer 200.
func (s *Service) Receive(ctx context.Context, e payment.Event) error {
	account := s.Gateway.Account()
	if !matters(e.Type) {
		return payment.RecordIdle(s.DB.Read(ctx), account, e, s.DB.Clock.Now())
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		record := payment.RecordEventTx
		if success(e.Type) {
			record = payment.RecordNewsTx
		}
		waits, err := record(tx, account, e)
		if err != nil || !waits {
			return err
		}
		return s.Jobs.InsertTx(ctx, tx, argsOf(account, e), nil)
	})
}

func argsOf(account string, e payment.Event) EventJob {
	return EventJob{Account: account, Type: e.Type, Event: e.ID, Session: e.SessionID, Intent: e.IntentID, Success: success(e.Type)}
}

// success tells events that say no more than that the buyer paid.
func success(kind string) bool {
	return kind == "checkout.session.completed" || kind == "payment_intent.amount_capturable_updated"
}

// matters tells whether an event can change a payment here. What others tell is read from the bank
// when one of these comes.
func matters(kind string) bool {
	switch kind {
	case "checkout.session.completed", "checkout.session.expired", "payment_intent.amount_capturable_updated",
		"payment_intent.succeeded", "payment_intent.canceled", "payment_intent.payment_failed", "payment_intent.requires_action":
		return true
	}
	return strings.HasPrefix(kind, "charge.dispute.") || strings.HasPrefix(kind, "charge.refund") || strings.HasPrefix(kind, "refund.")
}

// HandleEvent settles the payment that an event is about. What the event says is not used: the bank
// is read again.
func (s *Service) HandleEvent(ctx context.Context, a EventJob) error {
	ctx = log.WithActor(ctx, "bank:"+a.Event)
	p, err := s.paymentOf(ctx, a)
	if err == nil {
		ctx = s.TraceOf(ctx, p.Order)
	}
	if errors.Is(err, payment.ErrNoPayment) {
		// Another system's payment under the same keys, or a session whose id was never stored: the
		// sweep asks for that one by its own key.
		s.Log.WarnContext(ctx, "an event names no payment of ours", "event", a.Event)
	} else if err != nil {
		return err
	} else if err := s.noteEvent(ctx, p, a); err != nil {
		return err
	} else if strings.HasPrefix(a.Type, "charge.dispute.") {
		if err := s.disputeNews(ctx, p); err != nil {
			return err
		}
	} else if known := a.Success && p.State != payment.Opening && p.State != payment.Open && p.State != payment.Expired; !known {
		if err := s.settle(ctx, p); err != nil {
			return err
		}
	}
	return payment.EventDone(s.DB.Read(ctx), a.Account, a.Event, s.DB.Clock.Now())
}

// paymentOf finds the payment by the ids we stored, else by the payment id that the bank keeps for us.
func (s *Service) paymentOf(ctx context.Context, a EventJob) (*payment.Payment, error) {
	p, err := payment.ByProvider(s.DB.Read(ctx), a.Session, a.Intent)
	if err == nil {
		return p, nil
	}
	if !errors.Is(err, payment.ErrNoPayment) {
		return nil, err
	}
	ref := ""
	switch {
	case a.Session != "":
		c, err := s.Gateway.Checkout(ctx, a.Session)
		if err != nil {
			return nil, err
		}
		ref = c.PaymentID
	case a.Intent != "":
		in, err := s.Gateway.Intent(ctx, a.Intent)
		if err != nil {
			return nil, err
		}
		ref = in.PaymentID
	}
	if !id.IsKey(ref) {
		return nil, payment.ErrNoPayment
	}
	return payment.Get(s.DB.Read(ctx), id.Payment(ref))
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
			if err := s.settle(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteEvent keeps what an event tells beside a payment's steps, for its story: that the buyer's bank asked, or
// said no and why. The event's own words are not used.
func (s *Service) noteEvent(ctx context.Context, p *payment.Payment, a EventJob) error {
	what, code := "", ""
	switch a.Type {
	case "payment_intent.requires_action":
		what = payment.SaidAsked
	case "payment_intent.payment_failed":
		in, err := s.Gateway.Intent(ctx, a.Intent)
		if err != nil {
			return err
		}
		what, code = payment.SaidDeclined, in.DeclineCode
	default:
		return nil
	}
	return s.inOrder(ctx, p, func(_ context.Context, tx *db.Tx, _ *ordering.Order, p *payment.Payment) error {
		_, err := payment.NoteTx(tx, p, what, code, a.Event)
		return err
	})
}
