package newcar

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/world"

	"time"
)

func dayOf(m *market.Market, now time.Time) market.Date { return world.Today(m, now) }

// vinForm is ISO 3779: 17 signs without I, O and Q. The check digit is mandatory in North America
// only, so European numbers are not refused for it.
var vinForm = regexp.MustCompile(`^[A-HJ-NPR-Z0-9]{17}$`)

// CleanVIN upper-cases a VIN and drops blanks; false when it is none.
func CleanVIN(s string) (string, bool) {
	s = strings.ToUpper(strings.Join(strings.Fields(s), ""))
	return s, vinForm.MatchString(s)
}

// Progress is one step of the way from accepted to ready, made by the dealer.
type Progress struct {
	Event ordering.Event
	VIN   string // with dispatch
	Plate string // with release, if known
}

// progressEvents are the steps a dealer makes one after the other, with the mail each sends.
var progressEvents = map[ordering.Event]string{
	ordering.Place: "ordered", ordering.Build: "built", ordering.Dispatch: "in_transit",
	ordering.Arrive: "arrived", ordering.Prepare: "prepared", ordering.Release: "ready",
}

// AdvanceTx makes a step. Dispatch needs the VIN, prepare all the checks.
func (s *Service) AdvanceTx(ctx context.Context, tx *db.Tx, staff Staff, number string, p Progress) error {
	template, ok := progressEvents[p.Event]
	if !ok {
		return ordering.ErrMoved
	}
	o, e, err := lockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	if e.State != allocation.Accepted {
		return ordering.ErrMoved
	}
	ch := ordering.Change{}
	switch p.Event {
	case ordering.Dispatch:
		if ch.VIN, ok = CleanVIN(p.VIN); !ok {
			return ErrVIN
		}
	case ordering.Prepare:
		for _, item := range ordering.PreparationItems {
			if !o.HasCheck(item) {
				return ErrChecks
			}
		}
	case ordering.Release:
		ch.Plate = strings.ToUpper(strings.TrimSpace(p.Plate))
	}
	from := o.State
	if err := s.stepTx(ctx, tx, o, e, p.Event, staff.actor(), ch); err != nil {
		return err
	}
	if err := s.tellBuyerTx(ctx, tx, o, template, 0); err != nil {
		return err
	}
	return auditTx(ctx, tx, staff, "order."+string(p.Event), o, from, "")
}

// stepTx moves an accepted order one step on, with all that hangs on it but the letter.
func (s *Service) stepTx(ctx context.Context, tx *db.Tx, o *ordering.Order, e *allocation.Entry, ev ordering.Event, actor string, ch ordering.Change) error {
	if err := s.answerFirstTx(tx, o, ev); err != nil {
		return err
	}
	if err := ordering.MoveTx(ctx, tx, o, ev, actor, "", ch); err != nil {
		return err
	}
	if err := s.overtakenTx(ctx, tx, o); err != nil {
		return err
	}
	if err := followTx(tx, o, ev); err != nil {
		return err
	}
	return s.planTx(tx, o, e)
}

// SetChecksTx writes which preparation items are done.
func (s *Service) SetChecksTx(ctx context.Context, tx *db.Tx, staff Staff, number string, done []string) error {
	o, _, err := lockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	var clean []string
	for _, item := range ordering.PreparationItems {
		for _, d := range done {
			if d == item {
				clean = append(clean, item)
				break
			}
		}
	}
	if err := ordering.SetChecksTx(tx, o, clean); err != nil {
		return err
	}
	return auditTx(ctx, tx, staff, "order.checks", o, o.State, strings.Join(clean, ","))
}

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
	if err := s.reviewPagesTx(ctx, tx, o); err != nil {
		return err
	}
	if err := s.tellBuyerTx(ctx, tx, o, "desk_payment", p.Attempt); err != nil {
		return err
	}
	return auditTx(ctx, tx, staff, "payment.desk", o, o.State, fmt.Sprintf("%s %d.%02d %s", means, amountMinor/100, amountMinor%100, o.Currency))
}

// owedTx is the balance still to pay.
func (s *Service) owedTx(tx *db.Tx, o *ordering.Order) (int64, error) {
	paid, err := payment.PaidMinor(tx.DB, o.ID)
	if err != nil {
		return 0, err
	}
	ps, err := payment.Of(tx.DB, o.ID)
	return payment.Owed(o.TotalMinor, paid, ps), err
}

// WishTx keeps the first day on which the buyer can fetch the car, for the dealer to plan with: from tomorrow on, within a
// year; empty takes the wish back. It books nothing.
func (s *Service) WishTx(tx *db.Tx, key id.Order, day string) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	if !o.State.WithDealer() {
		return ordering.ErrMoved
	}
	mk, err := s.market(o.Market)
	if err != nil {
		return err
	}
	if day != "" {
		t, err := time.Parse(time.DateOnly, day)
		today := dayOf(mk, tx.Now)
		if err != nil || market.Date(t.Format(time.DateOnly)) <= today || market.Date(day) > today.Plus(365) {
			return ErrWish
		}
	}
	return ordering.SetWishTx(tx, o, day)
}

// BookTx books the handover for the buyer; booking again moves it.
func (s *Service) BookTx(ctx context.Context, tx *db.Tx, key id.Order, starts time.Time) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	if o.State != ordering.Ready {
		return ordering.ErrMoved
	}
	mk, err := s.market(o.Market)
	if err != nil {
		return err
	}
	dealer, ok := s.World.Now().Dealer(o.Dealer)
	if !ok {
		return ErrDealer
	}
	taken, err := network.Taken(tx.DB, o.Dealer, tx.Now)
	if err != nil {
		return err
	}
	for _, slot := range dealer.Slots(mk, tx.Now, taken) {
		if slot.StartsAt.Equal(starts) {
			a := &network.Appointment{Order: o.ID, Market: o.Market, Dealer: o.Dealer, StartsAt: slot.StartsAt, EndsAt: slot.EndsAt}
			if err := network.BookTx(tx, a, dealer.BaysOn(slot.StartsAt)); err != nil {
				return err
			}
			booking, err := network.BookingsTx(tx, o.ID)
			if err != nil {
				return err
			}
			return s.tellBuyerTx(ctx, tx, o, "slot", booking)
		}
	}
	return network.ErrNoSlot
}

// MannerTx keeps how the buyer would like the booked handover to be, as far as the site can grant it.
func (s *Service) MannerTx(tx *db.Tx, key id.Order, asked []string) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	d, ok := s.World.Now().Dealer(o.Dealer)
	if !ok {
		return ErrDealer
	}
	return network.MannerTx(tx, o.ID, d.Granted(asked))
}

// SaleOf is what an order's handover sells, by its own terms: who sells, and the VAT of its price.
func SaleOf(o *ordering.Order) payment.Sale {
	return payment.Sale{Seller: SellerOf(o), Dealer: o.Dealer, Total: o.Total(), VAT: o.Snapshot.Quote.VAT, DealerHolds: o.Snapshot.Holds == "dealer"}
}

// SellerOf is the party that sells an order's car.
func SellerOf(o *ordering.Order) payment.Party {
	switch o.Snapshot.Seller {
	case market.ByMaker:
		return payment.MakerParty(o.Brand)
	case market.ByGroup:
		return payment.GroupParty(o.Market, o.Brand)
	}
	return payment.DealerParty(o.Dealer)
}
