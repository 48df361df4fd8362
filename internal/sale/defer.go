package sale

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/world"
)

// Faults of letting the rest open.
var (
	ErrDeferReason = fault.New(fault.Invalid, "defer.reason_missing", "sale.Defer")
	ErrDeferDay    = fault.New(fault.Invalid, "defer.day", "sale.Defer")
	ErrDeferNote   = fault.New(fault.Invalid, "defer.note", "sale.Defer")
	ErrDeferAmount = fault.New(fault.Conflict, "defer.amount", "sale.Defer") // another sum is open by now
	ErrDeferred    = fault.New(fault.Conflict, "defer.twice", "sale.Defer")
)

// DeferDays is how many days from today the promised day may lie at most; LongestDeferNote bounds the note in runes.
const (
	DeferDays        = 60
	LongestDeferNote = 300
)

// Deferral is what a member of staff records: why the rest may stay open, all that is open in minor units, the day
// it is promised for, and a note, which goodwill must have.
type Deferral struct {
	Reason      string
	AmountMinor int64
	DueOn       market.Date
	Note        string
}

// DeferTx records the dealer's exception: the car may be handed over with the rest open until a day. It moves no
// money and does not hand over. ErrDeferAmount refuses another sum than what is open now, as after a payment that
// the page did not show yet; ErrDeferred one while another counts.
func (s *Service) DeferTx(ctx context.Context, tx *db.Tx, staff Staff, number string, d Deferral) error {
	// 1. Whose order, and whether it waits for nothing but the rest.
	o, e, err := LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	if o.State != ordering.Ready || e.State != allocation.Accepted {
		return ordering.ErrMoved
	}
	// 2. What was typed.
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	today := world.Today(mk, tx.Now)
	d.Note = strings.TrimSpace(d.Note)
	switch {
	case !slices.Contains(ordering.DeferReasons, d.Reason):
		return ErrDeferReason
	case !d.DueOn.Valid() || d.DueOn < today || d.DueOn > today.Plus(DeferDays):
		return ErrDeferDay
	case len([]rune(d.Note)) > LongestDeferNote, d.Reason == "goodwill" && d.Note == "":
		return ErrDeferNote
	}
	// 3. What is open.
	open, err := s.openTx(tx, o)
	if err != nil {
		return err
	}
	if open <= 0 || d.AmountMinor != open {
		return ErrDeferAmount
	}
	last, err := ordering.DeferralOf(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if last.Covers(open, string(today)) {
		return ErrDeferred
	}
	// 4. The word, its step and its letter.
	if err := ordering.MoveTx(ctx, tx, o, ordering.Defer, staff.Actor(), d.Reason, ordering.Change{}); err != nil {
		return err
	}
	row := &ordering.Deferral{Order: o.ID, Market: o.Market, Currency: o.Currency, Reason: d.Reason, AmountMinor: open, DueOn: string(d.DueOn), Note: d.Note, By: staff.User}
	if err := ordering.DeferTx(tx, row); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, "deferred", row.Seq); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "order.defer", o, o.State, fmt.Sprintf("%s %d.%02d %s %s", d.Reason, open/100, open%100, o.Currency, d.DueOn))
}

// openTx is what is open of a price in the strict sense: nothing is open that a card page or a reserved deposit may
// still bring by itself. Then it is nothing, and the car waits for the bank.
func (s *Service) openTx(tx *db.Tx, o *ordering.Order) (int64, error) {
	paid, err := payment.PaidMinor(tx.DB, o.ID)
	if err != nil {
		return 0, err
	}
	owed, err := s.owedTx(tx, o)
	if err == nil && owed != o.TotalMinor-paid {
		owed = 0
	}
	return owed, err
}

// releasedTx tells until which day the rest of a car may stay open that is handed over now: empty when all is paid.
// ErrUnpaid refuses what neither is paid nor let open by the dealer's word.
func (s *Service) releasedTx(tx *db.Tx, o *ordering.Order) (string, error) {
	paid, err := payment.PaidMinor(tx.DB, o.ID)
	if err != nil || paid == o.TotalMinor {
		return "", err
	}
	if paid > o.TotalMinor {
		return "", ErrExcess
	}
	open, err := s.openTx(tx, o)
	if err != nil {
		return "", err
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return "", err
	}
	d, err := ordering.DeferralOf(tx.DB, o.ID)
	if err != nil {
		return "", err
	}
	if !d.Covers(open, string(world.Today(mk, tx.Now))) {
		return "", ErrUnpaid
	}
	return d.DueOn, nil
}

// lockAtDeskTx locks an order for which a dealer takes money: one that stands there, or was handed over there. An
// order of another dealer does not exist.
func lockAtDeskTx(tx *db.Tx, staff Staff, number string) (*ordering.Order, error) {
	tx.By = staff.Actor()
	o, err := ordering.GetForDealer(tx.DB, staff.Dealer, number)
	if err != nil {
		return nil, err
	}
	if o, err = ordering.LockTx(tx, o.ID); err != nil {
		return nil, err
	}
	if o.Dealer != staff.Dealer || !o.State.TakesMoney() {
		return nil, ordering.ErrMoved
	}
	return o, nil
}

// claimTx follows a payment that has just been taken: after the handover it makes a claim of its own between
// dealer, seller and us; before it the handover makes one for all.
func claimTx(tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
	if o.State != ordering.HandedOver {
		return nil
	}
	return payment.PostClaimTx(tx, o.ID, p, SaleOf(o))
}

// sweepDeferrals reminds buyers whose promised day has passed, once for each promise, on each market's own day.
func (s *Service) sweepDeferrals(ctx context.Context) error {
	now := s.DB.Clock.Now()
	var errs error
	for _, mk := range s.World.Now().Markets {
		today := world.Today(mk, now)
		late, err := overdueUnreminded(s.DB.Read(ctx), mk.Code, string(today), string(today.Plus(-DeferDays)), sweepBatch)
		errs = errors.Join(errs, err)
		for _, key := range late {
			errs = errors.Join(errs, s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.remindTx(ctx, tx, key) }))
		}
	}
	return errs
}

func (s *Service) remindTx(ctx context.Context, tx *db.Tx, key id.Order) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil || o.State != ordering.HandedOver {
		return err
	}
	owed, err := s.owedTx(tx, o)
	if err != nil || owed <= 0 {
		return err // paid meanwhile
	}
	d, err := ordering.DeferralOf(tx.DB, o.ID)
	if err != nil || d == nil {
		return err
	}
	return s.TellBuyerTx(ctx, tx, o, "overdue", d.Seq)
}
