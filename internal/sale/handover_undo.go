package sale

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/document"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/vehicle"
)

// UndoFor is how long after a handover its dealer may take it back (docs/decisions/0027).
const UndoFor = 10 * time.Minute

// UndoReasons are why a handover is taken back; words are dealer.undo.<reason>.
var UndoReasons = []string{"other_order", "not_taken", "slip"}

// Faults of taking a handover back.
var (
	ErrUndoReason = fault.New(fault.Invalid, "handover.undo_reason", "sale.Undo")
	ErrUndoLate   = fault.New(fault.Conflict, "handover.undo_late", "sale.Undo")
	ErrUndoLeft   = fault.New(fault.Conflict, "handover.undo_left", "sale.Undo")
	ErrUndoMoney  = fault.New(fault.Conflict, "handover.undo_money", "sale.Undo")
)

// UndoTx takes a handover back that did not happen, minutes after it was pressed: the order is ready again as it was,
// no clock runs, the sale is out of the books and its papers are taken back by papers of their own. It is refused when
// something rests on the handover: the buyer withdrew, money moved, or UndoFor is over.
func (s *Service) UndoTx(ctx context.Context, tx *db.Tx, staff Staff, number, reason string) error {
	if !slices.Contains(UndoReasons, reason) {
		return ErrUndoReason
	}
	o, err := lockSoldTx(tx, staff, number)
	if err != nil {
		return err
	}
	h, err := s.undoableTx(tx, o)
	if err != nil {
		return err
	}
	e, err := allocation.DoneOf(tx.DB, o.ID, staff.Dealer)
	if err != nil {
		return err
	}
	if e == nil {
		return ordering.ErrMoved
	}
	// 1. The papers, while the order still says when it was handed over, in the order in which numbers are locked.
	if err := s.undoPapersTx(tx, o, h); err != nil {
		return err
	}
	// 2. The sale, and what the dealer was owed for it.
	if err := payment.PostUndoneTx(tx, o.ID, saleRef(h.Round)); err != nil {
		return err
	}
	if err := payment.CommissionBackTx(tx, o.ID, o.Brand, undoneReason+strconv.Itoa(h.Round)); err != nil {
		return err
	}
	// 3. The step back, and all that ended with the handover.
	from := o.State
	if err := ordering.MoveTx(ctx, tx, o, ordering.Undo, staff.Actor(), reason, ordering.Change{Undone: true}); err != nil {
		return err
	}
	if err := allocation.MoveTx(tx, e, allocation.Accepted, string(staff.User), ""); err != nil {
		return err
	}
	if err := allocation.UndoHandoverTx(tx, h, staff.User, reason); err != nil {
		return err
	}
	if err := network.ReopenTx(tx, o.ID); err != nil {
		return err
	}
	if err := s.goodsTx(tx, o, undone); err != nil {
		return err
	}
	if err := letGoTx(tx, o, vehicle.NotGiven, 0); err != nil {
		return err
	}
	// 4. The buyer was told of a handover: he is told that there was none.
	if err := s.TellBuyerTx(ctx, tx, o, "handover_undone", h.Round); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "order.undo", o, from, reason)
}

// undoableTx reads the handover of an order if it may still be taken back.
func (s *Service) undoableTx(tx *db.Tx, o *ordering.Order) (*allocation.Handover, error) {
	switch {
	case o.State == ordering.Returning || o.State == ordering.Returned:
		return nil, ErrUndoLeft
	case o.State != ordering.HandedOver:
		return nil, ordering.ErrMoved
	case tx.Now.After(o.HandedOverAt.Add(UndoFor)):
		return nil, ErrUndoLate
	}
	h, err := allocation.HandoverOf(tx.DB, o.ID)
	if err != nil {
		return nil, err
	}
	c, err := payment.CommissionOf(tx.DB, o.ID)
	if err != nil {
		return nil, err
	}
	if c != nil && c.State != "" {
		return nil, ErrUndoMoney // the dealer objects to what it got for this handover
	}
	moved, err := payment.MovedSince(tx.DB, o.ID, saleRef(h.Round))
	if err == nil && moved {
		err = ErrUndoMoney
	}
	return h, err
}

// undoPapersTx takes the record back by a record of its own, and the invoice by a credit note over all of it. What was
// paid stays with the order and stands on the next invoice.
func (s *Service) undoPapersTx(tx *db.Tx, o *ordering.Order, h *allocation.Handover) error {
	record, err := document.Latest(tx.DB, o.ID, document.Handover)
	switch {
	case errors.Is(err, document.ErrNone): // handed over by code of before papers
	case err != nil:
		return err
	default:
		if _, err := s.recordTx(tx, o, h, record, undoneReason); err != nil {
			return err
		}
	}
	_, err = s.CreditTx(tx, o, Credit{Reason: undoneReason})
	return err
}
