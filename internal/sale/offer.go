package sale

import (
	"context"
	"strconv"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/telemetry"
)

// firstOfferTx puts a paid order into the queue of the chosen dealer, or of whom the rule finds where the buyer named
// none. The card's reservation lasts until captureBefore; zero when nothing is reserved.
func (s *Service) firstOfferTx(ctx context.Context, tx *db.Tx, o *ordering.Order, captureBefore time.Time) error {
	d, err := s.decideTx(tx, o, captureBefore)
	if err != nil {
		return err
	}
	who, ok := d.Chosen()
	if !ok && o.AnyDealer == ordering.AnyFirst {
		return s.cancelTx(ctx, tx, o, "system", "no_dealer") // nothing is taken
	}
	if !ok {
		who = o.Dealer // the only one named: it is asked though it takes no new orders any more
	}
	due, ok, err := s.answerBy(o, who, tx.Now, captureBefore)
	if err != nil {
		return err
	}
	if !ok {
		// A reservation too short for any dealer to answer: nothing is taken.
		return s.cancelTx(ctx, tx, o, "system", "authorisation_short")
	}
	if err := s.goodsTx(tx, o, booked); err != nil {
		return err
	}
	return s.offerTx(ctx, tx, o, offer{dealer: who, due: due, why: d}, ordering.Authorise, "placed")
}

// offer is whom an order is offered to, until when, and why.
type offer struct {
	dealer id.Dealer
	due    time.Time
	why    allocation.Decision
}

func (s *Service) answerBy(o *ordering.Order, d id.Dealer, now, captureBefore time.Time) (time.Time, bool, error) {
	w := s.World.Now()
	mk, err := s.Market(o.Market)
	if err != nil {
		return time.Time{}, false, err
	}
	dealer, ok := w.Dealer(d)
	if !ok {
		return time.Time{}, false, ErrDealer
	}
	due, ok := allocation.Deadline(dealer, mk, now, offerHours(mk, o.Flow, now), captureBefore)
	return due, ok, nil
}

func (s *Service) offerTx(ctx context.Context, tx *db.Tx, o *ordering.Order, f offer, ev ordering.Event, template string) error {
	if f.why.Strategy != allocation.Named {
		if err := ordering.AgreeRuleTx(tx, o, f.dealer); err != nil {
			return err
		}
	}
	e := &allocation.Entry{Order: o.ID, Brand: o.Brand, Market: o.Market, Flow: o.Flow, Dealer: f.dealer, DueAt: f.due, OfferedAt: tx.Now, Why: f.why}
	p, err := s.askedPlace(e, tx.Now)
	if err != nil {
		return err
	}
	e.RungDue = p.nextRung(e)
	if err := allocation.OfferTx(tx, e); err != nil {
		return err
	}
	actor := "system"
	if ev == ordering.Choose {
		actor = "buyer"
	}
	if err := ordering.MoveTx(ctx, tx, o, ev, actor, string(f.dealer), ordering.Change{Dealer: f.dealer}); err != nil {
		return err
	}
	telemetry.Happened(ctx, "in a dealer's queue", "order", o.Number, "dealer", string(f.dealer), "round", strconv.Itoa(e.Round))
	flow, err := s.flowOf(o)
	if err != nil {
		return err
	}
	if flow.Promised {
		return s.promisedTx(ctx, tx, o)
	}
	return s.tellBothTx(ctx, tx, o, template, e.Round)
}

// promisedTx takes an order for a dealer whose own calendar has promised it: nobody waits for an answer that is known.
func (s *Service) promisedTx(ctx context.Context, tx *db.Tx, o *ordering.Order) error {
	e, err := allocation.LiveOf(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if err := s.takeTx(ctx, tx, o, e, "system", "system"); err != nil {
		return err
	}
	if err := s.tellAllTx(ctx, tx, ordering.Mail{Order: o.ID, Template: "booked", Seq: e.Round, Audience: "buyer"},
		ordering.Mail{Order: o.ID, Template: "dealer_booked", Seq: e.Round, Audience: "dealer"}); err != nil {
		return err
	}
	return s.ConfirmTx(tx, o)
}

// AcceptTx takes an offered order for the dealer; the deposit is captured by a job.
func (s *Service) AcceptTx(ctx context.Context, tx *db.Tx, staff Staff, number string) error {
	o, e, err := LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	if e.State != allocation.Offered {
		return allocation.ErrMoved
	}
	if !tx.Now.Before(e.DueAt) {
		return allocation.ErrTooLate
	}
	from := o.State
	if err := s.takeTx(ctx, tx, o, e, string(staff.User), staff.Actor()); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, "accepted", 0); err != nil {
		return err
	}
	if err := AuditTx(ctx, tx, staff, "order.accept", o, from, ""); err != nil {
		return err
	}
	// Last: the paper's number is taken under a lock that all of its seller's papers wait for until the commit.
	return s.ConfirmTx(tx, o)
}

// takeTx is the dealer's yes, whoever said it: the goods, what is promised next, and the deposit.
func (s *Service) takeTx(ctx context.Context, tx *db.Tx, o *ordering.Order, e *allocation.Entry, by, actor string) error {
	if err := allocation.MoveTx(tx, e, allocation.Accepted, by, ""); err != nil {
		return err
	}
	if err := ordering.MoveTx(ctx, tx, o, ordering.Accept, actor, "", ordering.Change{}); err != nil {
		return err
	}
	flow, err := s.flowOf(o)
	if err != nil {
		return err
	}
	if flow.Accepted != nil {
		if err := flow.Accepted(ctx, tx, o); err != nil {
			return err
		}
	}
	if err := s.PlanTx(tx, o, e); err != nil {
		return err
	}
	return s.captureLaterTx(ctx, tx, o)
}

func (s *Service) captureLaterTx(ctx context.Context, tx *db.Tx, o *ordering.Order) error {
	p, err := keptDeposit(tx, o)
	if err != nil || p == nil || p.State != payment.Authorised {
		return err
	}
	if err := payment.MoveTx(tx, p, payment.Capturing, payment.Change{DueAt: tx.Now.Add(retryAfter)}); err != nil {
		return err
	}
	return s.settleLaterTx(ctx, tx, p)
}

// keptDeposit is the deposit that counts; nil when there is none.
func keptDeposit(tx *db.Tx, o *ordering.Order) (*payment.Payment, error) {
	ps, err := payment.Of(tx.DB, o.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range ps {
		if p.Purpose == payment.ForDeposit && (p.State == payment.Authorised || p.State == payment.Capturing || p.State == payment.Captured) {
			return p, nil
		}
	}
	return nil, nil
}

// DeclineTx gives an offered order back, with a reason that the buyer reads. It goes to the next
// dealer the buyer agreed to, else the buyer decides.
func (s *Service) DeclineTx(ctx context.Context, tx *db.Tx, staff Staff, number, reason string) error {
	if !allocation.IsDeclineReason(reason) {
		return allocation.ErrReason
	}
	o, e, err := LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	if e.State != allocation.Offered {
		return allocation.ErrMoved
	}
	from := o.State
	if err := allocation.MoveTx(tx, e, allocation.Declined, string(staff.User), reason); err != nil {
		return err
	}
	if err := AuditTx(ctx, tx, staff, "order.decline", o, from, reason); err != nil {
		return err
	}
	return s.nextOfferTx(ctx, tx, o)
}

// nextOfferTx offers the order to the next dealer within the buyer's consent, or asks the buyer.
func (s *Service) nextOfferTx(ctx context.Context, tx *db.Tx, o *ordering.Order) error {
	if f, err := s.flowOf(o); err != nil || f.OneDealer {
		if err != nil {
			return err
		}
		return s.cancelTx(ctx, tx, o, "system", "dealer_cannot")
	}
	until, err := reservedUntil(tx, o)
	if err != nil {
		return err
	}
	d, err := s.decideTx(tx, o, until)
	if err != nil {
		return err
	}
	who, ok := d.Chosen()
	if !ok {
		return s.askBuyerTx(ctx, tx, o, until, d)
	}
	due, ok, err := s.answerBy(o, who, tx.Now, until)
	if err != nil {
		return err
	}
	if !ok {
		return s.askBuyerTx(ctx, tx, o, until, d)
	}
	return s.offerTx(ctx, tx, o, offer{dealer: who, due: due, why: d}, ordering.Reoffer, "reoffered")
}

// reservedUntil is when the card's reservation ends; zero when nothing is reserved.
func reservedUntil(tx *db.Tx, o *ordering.Order) (time.Time, error) {
	p, err := keptDeposit(tx, o)
	if err != nil || p == nil {
		return time.Time{}, err
	}
	return p.CaptureBefore, nil
}

// chooseAtMost bounds the buyer's time to choose when no reservation sets an end.
const chooseAtMost = 7 * 24 * time.Hour

func (s *Service) askBuyerTx(ctx context.Context, tx *db.Tx, o *ordering.Order, captureBefore time.Time, why allocation.Decision) error {
	due := tx.Now.Add(chooseAtMost)
	if last := captureBefore.Add(-allocation.SafetyMargin); !captureBefore.IsZero() && last.Before(due) {
		due = last
	}
	if !due.After(tx.Now) {
		return s.cancelTx(ctx, tx, o, "system", "no_dealer")
	}
	if err := ordering.MoveTx(ctx, tx, o, ordering.Exhaust, "system", "", ordering.Change{DueAt: due}); err != nil {
		return err
	}
	seq, err := entries(tx, o)
	if err != nil {
		return err
	}
	if err := allocation.NoteTx(tx, o.ID, allocation.EventAskBuyer, seq, "system", "", why); err != nil {
		return err
	}
	return s.TellBuyerTx(ctx, tx, o, "choose", seq)
}

func askedDealers(tx *db.Tx, o *ordering.Order) (map[id.Dealer]bool, error) {
	es, err := allocation.Of(tx.DB, o.ID)
	asked := map[id.Dealer]bool{}
	for _, e := range es {
		asked[e.Dealer] = true
	}
	return asked, err
}

func entries(tx *db.Tx, o *ordering.Order) (int, error) {
	es, err := allocation.Of(tx.DB, o.ID)
	return len(es), err
}

// ChooseTx is the buyer's choice of another dealer when none of the agreed ones could.
func (s *Service) ChooseTx(ctx context.Context, tx *db.Tx, key id.Order, d id.Dealer) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	if o.State != ordering.Choosing {
		return ordering.ErrMoved
	}
	if _, err := s.DealerIn(shopOf(o), d); err != nil {
		return err
	}
	asked, err := askedDealers(tx, o)
	if err != nil {
		return err
	}
	if asked[d] {
		return ErrDealer
	}
	until, err := reservedUntil(tx, o)
	if err != nil {
		return err
	}
	due, ok, err := s.answerBy(o, d, tx.Now, until)
	if err != nil {
		return err
	}
	if !ok {
		return ordering.ErrMoved
	}
	if err := agreeTx(tx, o, d); err != nil {
		return err
	}
	why := allocation.ByBuyer(d)
	return s.offerTx(ctx, tx, o, offer{dealer: d, due: due, why: why}, ordering.Choose, "reoffered")
}

func contains(ds []id.Dealer, d id.Dealer) bool {
	for _, x := range ds {
		if x == d {
			return true
		}
	}
	return false
}
