package sale

import (
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
)

// creditTx takes the sale of a withdrawn order back in the books and keeps what its use cost, with the VAT that the
// price had: the credit note is of the invoice less it.
func (s *Service) creditTx(tx *db.Tx, o *ordering.Order, back Refund) error {
	if err := payment.PostCreditTx(tx, o.ID); err != nil {
		return err
	}
	if err := payment.TakeGoodwillBackTx(tx, o.ID); err != nil {
		return err
	}
	if err := payment.CommissionBackTx(tx, o.ID, o.Brand, ""); err != nil {
		return err
	}
	if _, err := s.CreditTx(tx, o, Credit{Reason: "withdrawal", Deduction: back.Kept.Minor, SetOff: o.TotalMinor - back.Back.Minor - back.Kept.Minor}); err != nil {
		return err
	}
	if back.Kept.IsZero() {
		return nil
	}
	held := money.Of(0, o.Currency)
	for _, p := range back.Parts {
		if p.Way != WayDealer {
			held = held.Add(p.Kept)
		}
	}
	return payment.PostValueLossTx(tx, o.ID, payment.Kept{Seller: SellerOf(o), Dealer: o.Dealer, Amount: back.Kept, VAT: back.Kept.VATInGross(o.Snapshot.Quote.VATRateBP), Held: held, DealerHolds: o.Snapshot.Holds == "dealer"})
}

// interestTx posts what the law adds to a payment that came back late: the seller bears it.
func (s *Service) interestTx(tx *db.Tx, o *ordering.Order, p *payment.Payment, minor int64) error {
	return payment.PostInterestTx(tx, o.ID, SellerOf(o), money.Of(minor, o.Currency), string(p.ID))
}

// interestOutTx posts that the dealer paid it. No card takes more than was paid with it, so it is never a refund; it
// hangs on a payment that came back, which is all a posting of the buyer's money may hang on.
func (s *Service) interestOutTx(tx *db.Tx, o *ordering.Order, minor int64) error {
	ps, err := payment.Of(tx.DB, o.ID)
	if err != nil {
		return err
	}
	for _, p := range ps {
		if p.State == payment.Refunded && !strangeReturns[p.ReturnReason] {
			return payment.PostPartTx(tx, o.ID, p, payment.KindDeskReturn, money.Of(minor, o.Currency), "interest")
		}
	}
	return payment.ErrNoPayment
}
