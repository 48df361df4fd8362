package sale

import (
	"context"
	"fmt"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
)

// RecordDeskTx writes a payment taken at the dealer's desk, before the handover or, of what was let open, after it.
func (s *Service) RecordDeskTx(ctx context.Context, tx *db.Tx, staff Staff, number string, means payment.Means, amountMinor int64, reference string) error {
	o, err := lockAtDeskTx(tx, staff, number)
	if err != nil {
		return err
	}
	known := false
	for _, m := range payment.DeskMeans {
		known = known || m == means
	}
	if !known {
		return payment.ErrTooMuch
	}
	owed, err := s.owedTx(tx, o)
	if err != nil {
		return err
	}
	p := &payment.Payment{Order: o.ID, Market: o.Market, Means: means, Amount: money.Of(amountMinor, o.Currency), Reference: reference}
	if err := payment.RecordDeskTx(tx, p, owed, staff.User); err != nil {
		return err
	}
	if err := claimTx(tx, o, p); err != nil {
		return err
	}
	if err := s.ReviewPagesTx(ctx, tx, o); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, "desk_payment", p.Attempt); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "payment.desk", o, o.State, fmt.Sprintf("%s %d.%02d %s", means, amountMinor/100, amountMinor%100, o.Currency))
}

// owedTx is the balance still to pay.
func (s *Service) owedTx(tx *db.Tx, o *ordering.Order) (int64, error) {
	paid, err := payment.PaidMinor(tx.DB, o.ID)
	if err != nil {
		return 0, err
	}
	ps, err := payment.Of(tx.DB, o.ID)
	if err != nil {
		return 0, err
	}
	x, err := ordering.ExchangeOf(tx.DB, o.ID)
	return payment.Owed(o.TotalMinor, paid, ps) - x.Pending(), err
}
