package sale

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// Faults of paying the balance.
var (
	ErrNothingOwed = fault.New(fault.Conflict, "pay.nothing_owed", "sale.Balance")
	ErrBankSilent  = fault.New(fault.Conflict, "pay.bank_silent", "sale.Balance")
	errOtherPage   = errors.New("newcar: another card page is open")
)

// balanceLife is how long a card page for the balance stays open. The card bank allows a day, and a key
// that opened it must not be used after that: it would open a second one.
const balanceLife = 23 * time.Hour

// leftToPay is how much of that life a page must still have to be handed out again.
const leftToPay = 30 * time.Minute

// BalancePage gives the address of a hosted card page for the balance of an order, or for a part of it;
// amountMinor 0 asks for all that is owed. However often, from however many tabs and devices it is asked,
// there is one open page: the same one while the amount is the same, else the old one is ended first.
// ErrNothingOwed, payment.ErrTooMuch and payment.ErrAmount refuse; ErrBankSilent asks to try again.
func (s *Service) BalancePage(ctx context.Context, key id.Order, amountMinor int64) (string, error) {
	for range 3 {
		var p *payment.Payment
		err := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			p, err = s.askBalanceTx(tx, key, amountMinor)
			return err
		})
		if errors.Is(err, errOtherPage) {
			if err := s.endPage(ctx, p); err != nil {
				return "", silent(err)
			}
			continue // whether it was paid in the last moment the books say now
		}
		if err != nil {
			return "", err
		}
		url, err := s.CardPage(ctx, p.ID)
		return url, silent(err)
	}
	return "", ErrBankSilent
}

// silent tells a person that the bank did not answer; the cause goes on for the log.
func silent(err error) error {
	var g *payment.GatewayError
	if errors.As(err, &g) {
		return fmt.Errorf("%w: %w", ErrBankSilent, err)
	}
	return err
}

// askBalanceTx finds or opens the payment; errOtherPage comes with the one that stands in the way.
func (s *Service) askBalanceTx(tx *db.Tx, key id.Order, amountMinor int64) (*payment.Payment, error) {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return nil, err
	}
	if !o.State.TakesMoney() {
		return nil, ErrNothingOwed
	}
	owed, err := s.owedTx(tx, o)
	if err != nil {
		return nil, err
	}
	purpose := payment.ForTopUp
	if amountMinor == 0 || amountMinor == owed {
		purpose, amountMinor = payment.ForBalance, owed
	}
	switch {
	case owed <= 0:
		return nil, ErrNothingOwed
	case amountMinor > owed:
		return nil, payment.ErrTooMuch
	case amountMinor < payment.LeastMinor, purpose == payment.ForTopUp && owed-amountMinor < payment.LeastMinor:
		return nil, payment.ErrAmount // what is left must be payable too
	}
	open, err := payment.OpenPages(tx.DB, o.ID)
	if err != nil {
		return nil, err
	}
	if len(open) > 0 { // the order has one page, whatever it is for
		p := open[0]
		if p.Purpose == purpose && p.Amount.Minor == amountMinor && tx.Now.Add(leftToPay).Before(p.SessionEnds) {
			return p, nil
		}
		return p, errOtherPage
	}
	ends := tx.Now.Add(balanceLife)
	p := &payment.Payment{Order: o.ID, Market: o.Market, Purpose: purpose, Account: s.Gateway.Account(),
		Amount: money.Of(amountMinor, o.Currency), SessionEnds: ends, DueAt: ends.Add(settleGrace)}
	return p, payment.OpenTx(tx, p)
}

// endPage takes an open card page away, and books it when it was paid meanwhile.
func (s *Service) endPage(ctx context.Context, p *payment.Payment) error {
	if p.State == payment.Opening {
		if _, err := s.CardPage(ctx, p.ID); err != nil {
			return s.settle(ctx, p)
		}
		var err error
		if p, err = payment.Get(s.DB.Read(ctx), p.ID); err != nil {
			return err
		}
	}
	return s.settlePage(ctx, p, true)
}

// balanceArrivedTx takes a part of the balance into the books. What is more than is owed by now, because the dealer
// or a transfer was quicker, goes back by itself: the excess alone, and the whole where nothing is owed any more.
func (s *Service) balanceArrivedTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment, c payment.Checkout) error {
	ch := payment.Change{IntentID: c.Intent.ID, ChargeID: c.Intent.ChargeID, CaptureBefore: c.Intent.CaptureBefore}
	owed, err := s.owedTx(tx, o)
	if err != nil {
		return err
	}
	switch {
	case !asAsked(o, p, c) || c.Intent.Status != payment.IntentSucceeded:
		if err := s.refuseTx(ctx, tx, o, p, *c.Intent); err != nil {
			return err
		}
		ch.ReturnReason = "mismatch"
	case !o.State.TakesMoney():
		ch.ReturnReason = "order_over"
	case owed <= 0:
		ch.ReturnReason = "too_much"
	}
	if ch.ReturnReason != "" {
		return s.returnTx(ctx, tx, p, ch)
	}
	if err := takenTx(tx, o, p, ch); err != nil {
		return err
	}
	if p.Amount.Minor > owed {
		if err := s.partTx(ctx, tx, p, p.Amount.Minor-owed, payment.PartTooMuch); err != nil {
			return err
		}
	}
	if err := claimTx(tx, o, p); err != nil {
		return err
	}
	return s.TellBuyerTx(ctx, tx, o, "card_payment", p.Seq())
}

// ReviewPagesTx looks at the open card pages of an order again after other money came: one that asks more
// than is still owed is ended before somebody pays it.
func (s *Service) ReviewPagesTx(ctx context.Context, tx *db.Tx, o *ordering.Order) error {
	open, err := payment.OpenPages(tx.DB, o.ID)
	for _, p := range open {
		err = errors.Join(err, s.settleLaterTx(ctx, tx, p))
	}
	return err
}

// PayToken is the secret of an order's pay link. It opens a page that shows what is owed and leads to the
// card page, nothing else: a dealer may show it, and whoever has it can only pay. It is made from the
// order's id and stored nowhere.
func (s *Service) PayToken(o id.Order) string { return s.Tokens.Of("pay", string(o)) }

// PayURL is the absolute address of an order's pay link.
func (s *Service) PayURL(brand id.Brand, market id.Market, number string, o id.Order) string {
	return s.BaseURL + "/" + string(brand) + "/" + string(market) + "/pay/" + s.PayToken(o) + "/" + number
}

// OrderToPay opens the order of a pay link; one with a wrong token does not exist.
func (s *Service) OrderToPay(ctx context.Context, shop Shop, token, number string) (*ordering.Order, error) {
	number, ok := ordering.ReadNumber(number)
	if !ok {
		return nil, ordering.ErrNoOrder
	}
	o, err := ordering.GetByNumber(s.DB.Read(ctx), shop.Brand, shop.Market, number)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.PayToken(o.ID))) != 1 {
		return nil, ordering.ErrNoOrder
	}
	return o, nil
}
