package sale

import (
	"context"
	"errors"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
)

// errKeyOld refuses to open a page whose time is over: the bank has forgotten the key by then and would
// open another one. Nobody was ever given the first one's address, so it cannot have been paid.
var errKeyOld = errors.New("newcar: the card page's time was over before it was opened")

// CardPage gives the address of a payment's hosted card page. The first caller creates it with the
// payment's stored key; every tab gets the same.
func (s *Service) CardPage(ctx context.Context, key id.Payment) (string, error) {
	p, err := payment.Get(s.DB.Read(ctx), key)
	if err != nil {
		return "", err
	}
	if p.State != payment.Opening {
		return p.SessionURL, nil
	}
	if !s.DB.Clock.Now().Before(p.SessionEnds) {
		return "", errKeyOld
	}
	c, err := s.openSession(ctx, p)
	if err != nil {
		return "", err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := ordering.HoldTx(tx, p.Order); err != nil {
			return err
		}
		return payment.MoveTx(tx, p, payment.Open, payment.Change{SessionID: c.ID, SessionURL: c.URL, DueAt: p.DueAt})
	})
	if errors.Is(err, payment.ErrMoved) { // another tab was quicker; the session is the same
		err = nil
	}
	return c.URL, err
}

// openSession asks the card bank for the payment's session. All it says comes from stored rows, so
// that a retry with the same key says the same.
func (s *Service) openSession(ctx context.Context, p *payment.Payment) (payment.Checkout, error) {
	f, err := sessionFactsOf(s.DB.Read(ctx), p.Order)
	if err != nil {
		return payment.Checkout{}, err
	}
	mk, err := s.Market(id.Market(f.Market))
	if err != nil {
		return payment.Checkout{}, err
	}
	page := s.orderURL(f.Brand, f.Market, s.Tokens.Link(id.Link(f.Link)))
	if p.Purpose != payment.ForDeposit {
		// Whoever pays need not be who ordered: the way back must not open the order.
		page = s.PayURL(id.Brand(f.Brand), id.Market(f.Market), f.Number, p.Order)
	}
	return s.Gateway.OpenCheckout(ctx, payment.CheckoutRequest{
		Key: p.Key("session"), OrderID: string(p.Order), PaymentID: string(p.ID), OrderNumber: f.Number, Amount: p.Amount,
		Manual: p.Manual, Description: f.Model + " " + f.Version + ", " + f.Number, Email: f.Email, Locale: mk.Speak(f.Locale),
		SuccessURL: page + "/paid?session_id={CHECKOUT_SESSION_ID}", CancelURL: page + "/unpaid", ExpiresAt: p.SessionEnds,
	})
}

// OrderURL is the absolute address of an order's page.
func (s *Service) OrderURL(o *ordering.Order, token string) string {
	return s.orderURL(string(o.Brand), string(o.Market), token)
}

func (s *Service) orderURL(brand, market, token string) string {
	return s.BaseURL + "/" + brand + "/" + market + "/orders/" + token
}
