package sale

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// Office is a member of staff who acts for markets.
type Office struct {
	User    id.User
	Markets []id.Market
}

func (f Office) Actor() string { return "staff:" + string(f.User) }

func (f Office) runs(m id.Market) bool { return slices.Contains(f.Markets, m) }

// ErrTransferOrder refuses an order that a transfer can not be given to: it does not exist in this market,
// or takes no money.
var ErrTransferOrder = fault.New(fault.Invalid, "transfer.no_order", "sale.AssignTransfer")

// Imported says what an import did.
type Imported struct{ Fresh, Known, Assigned, Waiting int }

// ImportTransfersTx takes lines of a bank statement in. A line that names one order which owes something is paid to
// it, and what is more than is owed goes back; every other one waits for a person. A line that came before changes nothing.
func (s *Service) ImportTransfersTx(ctx context.Context, tx *db.Tx, f Office, m id.Market, lines []payment.Transfer) (Imported, error) {
	var out Imported
	if !f.runs(m) {
		return out, ordering.ErrNoOrder
	}
	// In the order of the numbers that they name: two imports lock orders in the same order.
	slices.SortStableFunc(lines, func(a, b payment.Transfer) int {
		return strings.Compare(strings.Join(payment.NumbersIn(a.Reference), " "), strings.Join(payment.NumbersIn(b.Reference), " "))
	})
	for i := range lines {
		t := &lines[i]
		fresh, err := payment.AddTransferTx(tx, t, f.Actor())
		if err != nil {
			return out, err
		}
		if !fresh {
			out.Known++
			continue
		}
		out.Fresh++
		why, err := s.matchTx(ctx, tx, f, t)
		switch {
		case err != nil:
			return out, err
		case why == "":
			out.Assigned++
		default:
			out.Waiting++
			if err := payment.WaitTransferTx(tx, t, why); err != nil {
				return out, err
			}
		}
	}
	return out, audit.WriteTx(ctx, tx, audit.Row{Actor: f.Actor(), Action: "transfer.import", Subject: "market:" + string(m), Market: string(m),
		New: map[string]int{"fresh": out.Fresh, "known": out.Known, "assigned": out.Assigned, "waiting": out.Waiting}})
}

// matchTx pays a fresh transfer to the one order that it names; else it says why not.
func (s *Service) matchTx(ctx context.Context, tx *db.Tx, f Office, t *payment.Transfer) (string, error) {
	numbers := payment.NumbersIn(t.Reference)
	if len(numbers) > 1 {
		return payment.WhyAmbiguous, nil
	}
	if len(numbers) == 0 {
		return payment.WhyUnknown, nil
	}
	o, err := lockByNumberTx(tx, t.Market, numbers[0])
	if errors.Is(err, ordering.ErrNoOrder) {
		return payment.WhyUnknown, nil
	}
	if err != nil {
		return "", err
	}
	owed, err := s.owedTx(tx, o)
	switch {
	case err != nil:
		return "", err
	case !o.State.TakesMoney() || o.Currency != t.Amount.Currency || owed <= 0:
		return payment.WhyClosed, nil
	}
	return "", s.assignOwedTx(ctx, tx, f, o, t, owed)
}

// assignOwedTx assigns so much of a transfer as is owed; the rest of it is sent back.
func (s *Service) assignOwedTx(ctx context.Context, tx *db.Tx, f Office, o *ordering.Order, t *payment.Transfer, owed int64) error {
	part := t.Amount
	if part.Minor > owed {
		part.Minor = owed
		rest := &payment.Transfer{Market: t.Market, Key: t.Key + ":rest", BookedOn: t.BookedOn, Amount: money.Of(t.Amount.Minor-owed, t.Amount.Currency),
			Reference: t.Reference, Payer: t.Payer, Reason: payment.WhyRest, PartOf: t.ID}
		if _, err := payment.AddTransferTx(tx, rest, f.Actor()); err != nil {
			return err
		}
	}
	return s.assignTx(ctx, tx, f, o, t, part)
}

func lockByNumberTx(tx *db.Tx, m id.Market, number string) (*ordering.Order, error) {
	o, err := ordering.GetInMarket(tx.DB, m, number)
	if err != nil {
		return nil, err
	}
	return ordering.LockTx(tx, o.ID)
}

// assignTx makes a transfer, or the part of it that is owed, a payment of an order that the caller has locked.
func (s *Service) assignTx(ctx context.Context, tx *db.Tx, f Office, o *ordering.Order, t *payment.Transfer, m money.Money) error {
	tx.By = f.Actor()
	p := &payment.Payment{Order: o.ID, Market: o.Market, Amount: m, Reference: "T-" + t.BookedOn}
	if err := payment.RecordTransferTx(tx, p, f.Actor()); err != nil {
		return err
	}
	if err := claimTx(tx, o, p); err != nil {
		return err
	}
	t.Order, t.Payment = o.ID, p.ID
	if err := payment.MoveTransferTx(tx, t, payment.TransferAssigned, "", f.Actor()); err != nil {
		return err
	}
	if err := s.ReviewPagesTx(ctx, tx, o); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, "transfer_in", p.Seq()); err != nil {
		return err
	}
	return officeAuditTx(ctx, tx, f, "transfer.assign", o, fmt.Sprintf("%d.%02d %s", m.Minor/100, m.Minor%100, m.Currency))
}

// AssignTransferTx is a person's word whose a waiting transfer is. Of one that is larger than what is owed the
// rest goes back.
func (s *Service) AssignTransferTx(ctx context.Context, tx *db.Tx, f Office, key id.Transfer, number string) error {
	seen, err := transferOfTx(tx, f, key)
	if err != nil {
		return err
	}
	o, err := lockByNumberTx(tx, seen.Market, number)
	if errors.Is(err, ordering.ErrNoOrder) {
		return ErrTransferOrder
	}
	if err != nil {
		return err
	}
	t, err := payment.LockTransferTx(tx, key)
	if err != nil {
		return err
	}
	if t.State != payment.TransferWaiting {
		return payment.ErrTransferMoved
	}
	owed, err := s.owedTx(tx, o)
	if err != nil {
		return err
	}
	if !o.State.TakesMoney() || o.Currency != t.Amount.Currency || owed <= 0 {
		return ErrTransferOrder
	}
	return s.assignOwedTx(ctx, tx, f, o, t, owed)
}

// transferOfTx reads a transfer of a market that the office runs; others do not exist. Nothing is locked yet:
// an order is locked before.
func transferOfTx(tx *db.Tx, f Office, key id.Transfer) (*payment.Transfer, error) {
	t, err := payment.GetTransfer(tx.DB, key)
	if err == nil && !f.runs(t.Market) {
		return nil, payment.ErrNoTransfer
	}
	return t, err
}

// SendBackTx decides that a waiting transfer goes back to who sent it.
func (s *Service) SendBackTx(ctx context.Context, tx *db.Tx, f Office, key id.Transfer) error {
	return moveTransferTx(ctx, tx, f, key, payment.TransferWaiting, payment.TransferReturning, "transfer.back")
}

// TransferSentTx is a person's word that a transfer was sent back.
func (s *Service) TransferSentTx(ctx context.Context, tx *db.Tx, f Office, key id.Transfer) error {
	return moveTransferTx(ctx, tx, f, key, payment.TransferReturning, payment.TransferReturned, "transfer.sent")
}

func moveTransferTx(ctx context.Context, tx *db.Tx, f Office, key id.Transfer, from, to payment.TransferState, action string) error {
	if _, err := transferOfTx(tx, f, key); err != nil {
		return err
	}
	t, err := payment.LockTransferTx(tx, key)
	if err != nil {
		return err
	}
	if t.State != from {
		return payment.ErrTransferMoved
	}
	reason := t.Reason
	if reason != payment.WhyRest {
		reason = payment.WhyPerson
	}
	if err := payment.MoveTransferTx(tx, t, to, reason, f.Actor()); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: f.Actor(), Action: action, Subject: "transfer:" + string(t.ID), Market: string(t.Market),
		Old: map[string]string{"state": string(from)}, New: map[string]string{"state": string(to)}})
}

// PaymentSentTx is a person's word that a payment by transfer, whose order has ended, or the parts of it that were too
// much, were sent back.
func (s *Service) PaymentSentTx(ctx context.Context, tx *db.Tx, f Office, key id.Payment) error {
	tx.By = f.Actor()
	o, err := s.givenBackTx(ctx, tx, key, payment.ErrNoPayment, func(o *ordering.Order, p *payment.Payment) bool {
		return f.runs(o.Market) && p.Means == payment.ByTransfer
	})
	if err != nil {
		return err
	}
	return officeAuditTx(ctx, tx, f, "payment.transfer_returned", o, "")
}

// officeAuditTx notes an office's act on an order.
func officeAuditTx(ctx context.Context, tx *db.Tx, f Office, action string, o *ordering.Order, reason string) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: f.Actor(), Action: action, Subject: "order:" + string(o.ID), Market: string(o.Market), Brand: string(o.Brand),
		Old: map[string]string{"state": string(o.State)}, New: map[string]string{"state": string(o.State)}, Reason: reason})
}
