package sale

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
	"forecourt/internal/world"
)

// Faults of putting a slip right.
var (
	ErrSlipManager = fault.New(fault.Forbidden, "slip.manager", "sale.Correct") // after the handover it is the site manager's
	ErrSlipReason  = fault.New(fault.Invalid, "slip.reason_missing", "sale.Correct")
	ErrSlipProof   = fault.New(fault.Invalid, "slip.proof_missing", "sale.Correct")
	ErrSlipSame    = fault.New(fault.Invalid, "slip.same", "sale.Correct")
	ErrSlipStale   = fault.New(fault.Conflict, "slip.stale", "sale.Correct") // it reads otherwise by now
	ErrSlipAmount  = fault.New(fault.Invalid, "slip.amount", "sale.Correct")
)

// Slip is what everybody says who puts something right: why it was wrong, and what shows that it is right now. Manager
// tells that he may do so after the handover too.
type Slip struct {
	Reason  string
	Proof   string
	Manager bool
}

// CorrectPayment is what was really taken at the desk: nothing when AmountMinor is nought. DueOn is by when the rest is to
// come, where the car is handed over and the correction leaves one.
type CorrectPayment struct {
	Slip
	Payment     id.Payment
	Means       payment.Means
	AmountMinor int64
	Reference   string
	DueOn       market.Date
}

// CorrectPaymentTx puts a payment at the desk right that was recorded wrongly: it is struck out, with an entry in the
// ledger that evens its own out, and what was really taken is recorded anew. ErrStruck refuses a payment that was
// corrected before or of which money went back, ErrTooMuch more than is owed, ErrDeferDay a rest after the handover
// without a day by which it is to come.
func (s *Service) CorrectPaymentTx(ctx context.Context, tx *db.Tx, staff Staff, number string, in CorrectPayment) error {
	// 1. Whose order, which payment, and what was typed.
	o, err := LockToCorrectTx(tx, staff, number, ordering.CorrectPayment, &in.Slip, ordering.PaymentSlips)
	if err != nil {
		return err
	}
	p, err := payment.LockAtDeskTx(tx, o.ID, in.Payment)
	if err != nil {
		return err
	}
	in.Reference = strings.TrimSpace(in.Reference)
	switch {
	case in.AmountMinor < 0 || !slices.Contains(payment.DeskMeans, in.Means):
		return ErrSlipAmount
	case p.Means == payment.ByDeskExchange: // a car, not a sum: what became of it is not typed anew
		return payment.ErrStruck
	case p.State == payment.Captured && in.AmountMinor == p.Amount.Minor && in.Means == p.Means && in.Reference == p.Reference:
		return ErrSlipSame
	}
	// 2. The step, the entry against the wrong one, and the right one.
	if err := ordering.MoveTx(ctx, tx, o, ordering.CorrectPayment, staff.Actor(), in.Reason, ordering.Change{DueAt: o.DueAt}); err != nil {
		return err
	}
	right, err := s.recordAnewTx(tx, o, p, staff, in)
	if err != nil {
		return err
	}
	c := &ordering.Correction{Order: o.ID, Market: o.Market, Kind: ordering.SlipPayment, Reason: in.Reason, Proof: in.Proof, Payment: p.ID, Recorded: right, Currency: o.Currency,
		WasMinor: p.Amount.Minor, NowMinor: in.AmountMinor, RefWas: p.Reference, RefNow: in.Reference, By: staff.User}
	if err := ordering.CorrectTx(tx, c); err != nil {
		return err
	}
	// 3. What is open now: of a car that is gone it needs a day, and the invoice says so.
	if o.State == ordering.HandedOver {
		if err := s.restKnownTx(ctx, tx, staff, o, in); err != nil {
			return err
		}
		if err := s.ReissueTx(tx, o, false); err != nil {
			return err
		}
	}
	if err := s.ReviewPagesTx(ctx, tx, o); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, "payment_corrected", c.Seq); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: staff.Actor(), Action: "order.correct_payment", Subject: "order:" + string(o.ID), Market: string(o.Market), Brand: string(o.Brand),
		Old: map[string]string{"payment": string(p.ID), "amount": plain(c.Was())}, New: map[string]string{"payment": string(right), "amount": plain(c.Now())}, Reason: in.Reason})
}

func plain(m money.Money) string {
	return fmt.Sprintf("%d.%02d %s", m.Minor/100, m.Minor%100, m.Currency)
}

// recordAnewTx strikes a payment out and records what was taken; the id of that is empty when nothing was.
func (s *Service) recordAnewTx(tx *db.Tx, o *ordering.Order, p *payment.Payment, staff Staff, in CorrectPayment) (id.Payment, error) {
	var sale *payment.Sale
	if o.State == ordering.HandedOver {
		x := SaleOf(o)
		sale = &x
	}
	if err := payment.StrikeTx(tx, p, sale); err != nil || in.AmountMinor == 0 {
		return "", err
	}
	owed, err := s.owedTx(tx, o)
	if err != nil {
		return "", err
	}
	right := &payment.Payment{Order: o.ID, Market: o.Market, Means: in.Means, Amount: money.Of(in.AmountMinor, o.Currency), Reference: in.Reference}
	if err := payment.RecordDeskTx(tx, right, owed, staff.User); err != nil {
		return "", err
	}
	return right.ID, claimTx(tx, o, right)
}

// restKnownTx sees to it that what a correction leaves open of a car that is handed over is promised for a day: by the
// dealer's word of before, or by one that comes with the correction.
func (s *Service) restKnownTx(ctx context.Context, tx *db.Tx, staff Staff, o *ordering.Order, in CorrectPayment) error {
	paid, err := payment.PaidMinor(tx.DB, o.ID)
	if err != nil {
		return err
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	today, open := world.Today(mk, tx.Now), o.TotalMinor-paid
	last, err := ordering.DeferralOf(tx.DB, o.ID)
	if err != nil || open <= 0 || last.Covers(open, string(today)) {
		return err
	}
	if !in.DueOn.Valid() || in.DueOn < today || in.DueOn > today.Plus(DeferDays) {
		return ErrDeferDay
	}
	row := &ordering.Deferral{Order: o.ID, Market: o.Market, Currency: o.Currency, Reason: ordering.DeferCorrection, AmountMinor: open, DueOn: string(in.DueOn), By: staff.User}
	if err := ordering.DeferCorrectedTx(tx, row); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "order.defer", o, o.State, fmt.Sprintf("%s %s %s", ordering.DeferCorrection, plain(row.Amount()), in.DueOn))
}

// LockToCorrectTx locks an order in which a slip may be put right, and checks what every correction says.
func LockToCorrectTx(tx *db.Tx, staff Staff, number string, ev ordering.Event, in *Slip, reasons []string) (*ordering.Order, error) {
	o, err := lockSoldTx(tx, staff, number)
	if err != nil {
		return nil, err
	}
	in.Proof = strings.TrimSpace(in.Proof)
	switch n := len([]rune(in.Proof)); {
	case !o.Can(ev):
		return nil, ordering.ErrMoved
	case o.State == ordering.HandedOver && !in.Manager:
		return nil, ErrSlipManager
	case !slices.Contains(reasons, in.Reason):
		return nil, ErrSlipReason
	case n == 0 || n > ordering.LongestProof:
		return nil, ErrSlipProof
	}
	return o, nil
}
