package sale

import (
	"context"
	"slices"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
)

// proposeFor is how long a buyer has to say whether another dealer, whom the office proposes, may take his order over.
const proposeFor = 7 * 24 * time.Hour

// OrderMoveTx is the office's order that an accepted order goes from the dealer who has it to another, for a cause that the
// buyer reads. Nothing moves by it: the buyer is asked, then the other dealer, and the first one keeps the order until both
// have said yes. Orders of markets that the office does not run do not exist. Faults are those of AskDealerTx.
func (s *Service) OrderMoveTx(ctx context.Context, tx *db.Tx, f Office, number string, d id.Dealer, cause ordering.MoveCause) error {
	o, err := lockOfOfficeTx(tx, f, number)
	if err != nil {
		return err
	}
	if !slices.Contains(ordering.MoveCauses, cause) {
		return ordering.ErrCause
	}
	if err := s.mayMoveToTx(tx, o, d); err != nil {
		return err
	}
	r := &ordering.Request{Order: o.ID, Market: o.Market, Kind: ordering.AskDealer, From: o.Dealer, To: d, DueAt: tx.Now.Add(proposeFor), OrderedBy: f.Actor(), Cause: cause}
	if err := ordering.AskTx(tx, r); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, "move_proposed", r.Seq); err != nil {
		return err
	}
	return officeAuditTx(ctx, tx, f, "order.move_ordered", o, string(o.Dealer)+" "+string(d)+" "+string(cause))
}

// lockOfOfficeTx locks an order of a market that the office runs; others do not exist.
func lockOfOfficeTx(tx *db.Tx, f Office, number string) (*ordering.Order, error) {
	tx.By = f.Actor()
	o, err := ordering.ByNumber(tx.DB, number)
	if err != nil {
		return nil, err
	}
	if !f.runs(o.Market) {
		return nil, ordering.ErrNoOrder
	}
	return ordering.LockTx(tx, o.ID)
}

// StopMoveTx is the office giving up what it ordered while an answer is awaited. seq is the question that was seen; a
// buyer's own question is not the office's to take back. The order stays where it is, and the buyer is told.
func (s *Service) StopMoveTx(ctx context.Context, tx *db.Tx, f Office, number string, seq int) error {
	o, err := lockOfOfficeTx(tx, f, number)
	if err != nil {
		return err
	}
	r, err := ordering.Waiting(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if r == nil || r.Seq != seq || !r.Ordered() {
		return ordering.ErrAnswered
	}
	if err := s.RefusedTx(ctx, tx, o, r, ordering.RequestWithdrawn, f.Actor(), ordering.OffOffice); err != nil {
		return err
	}
	return officeAuditTx(ctx, tx, f, "order.move_stopped", o, string(r.To))
}

// AnswerMoveTx is the buyer's word about a change of dealer that the office ordered: with a yes the other dealer is asked,
// with a no all stays as it is. seq is the question that was seen; ordering.ErrAnswered when it is over by now.
func (s *Service) AnswerMoveTx(ctx context.Context, tx *db.Tx, key id.Order, seq int, yes bool) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	r, err := ordering.Waiting(tx.DB, o.ID)
	switch {
	case err != nil:
		return err
	case r == nil || r.Seq != seq || r.State != ordering.RequestProposed:
		return ordering.ErrAnswered
	case !tx.Now.Before(r.DueAt):
		return ordering.ErrTooLate
	case !yes:
		return ordering.AnswerTx(tx, r, ordering.RequestWithdrawn, "buyer", ordering.OffBuyerNo)
	}
	if err := mayMove(o); err != nil {
		return err
	}
	if _, err := s.DealerIn(shopOf(o), r.To); err != nil {
		return err
	}
	due, ok, err := s.answerBy(o, r.To, tx.Now, time.Time{})
	if err != nil {
		return err
	}
	if !ok {
		return ordering.ErrMoved
	}
	if err := agreeTx(tx, o, r.To); err != nil {
		return err
	}
	if err := ordering.AgreeTx(tx, r, due); err != nil {
		return err
	}
	return s.TellTx(ctx, tx, o, "dealer", "dealer_asked", r.Seq)
}

// TakeOfferTx is the office's order that a dealer who has not accepted an order is not waited for any longer. It goes on as
// it would by the dealer's own no: to the next one within the buyer's consent, else the buyer decides.
func (s *Service) TakeOfferTx(ctx context.Context, tx *db.Tx, f Office, number string, cause ordering.MoveCause) error {
	o, err := lockOfOfficeTx(tx, f, number)
	if err != nil {
		return err
	}
	if !slices.Contains(ordering.MoveCauses, cause) {
		return ordering.ErrCause
	}
	e, err := allocation.LiveOf(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if e == nil || e.State != allocation.Offered || o.State != ordering.Offered {
		return ordering.ErrMoved
	}
	if err := allocation.MoveTx(tx, e, allocation.Withdrawn, allocation.Office, string(cause)); err != nil {
		return err
	}
	if err := s.TellTx(ctx, tx, o, "dealer", "dealer_let_go", e.Round); err != nil {
		return err
	}
	if err := officeAuditTx(ctx, tx, f, "order.offer_taken", o, string(e.Dealer)+" "+string(cause)); err != nil {
		return err
	}
	return s.nextOfferTx(ctx, tx, o)
}
