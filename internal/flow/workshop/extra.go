package workshop

import (
	"context"
	"errors"
	"slices"

	"forecourt/internal/aftersales"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/photo"
	"forecourt/internal/pricing"
	"forecourt/internal/sale"
)

// Extra is work that a workshop asks its customer for.
type Extra struct {
	Item    string // of the menu
	Urgency string
	Words   string
	Photo   *photo.Photo
}

// CarOf is the car of a booking as the menu looks at it.
func CarOf(b *aftersales.Booking) aftersales.Car {
	return aftersales.Car{VIN: b.Told.VIN, Plate: b.Told.Plate, Brand: b.Brand, Model: b.Told.Model, Fuel: b.Told.Fuel, Registered: b.Told.Registered, Km: b.Km}
}

// AskTx asks the customer of a car that is there for work that was found. Nothing is done without his yes.
func (s *Service) AskTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string, x Extra) error {
	o, _, err := sale.LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	b, err := bookingTx(tx, o)
	if err != nil {
		return err
	}
	if o.State != ordering.Arrived {
		return ordering.ErrMoved
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	lines, err := s.Book().Work(mk, CarOf(b), market.Date(o.Snapshot.TermsDay))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(lines, func(l aftersales.Line) bool { return l.Code == x.Item })
	if i < 0 || slices.ContainsFunc(b.Lines, func(l aftersales.Line) bool { return l.Code == x.Item }) {
		return aftersales.ErrNoItem
	}
	f := &aftersales.Finding{Urgency: x.Urgency, Words: x.Words, Line: lines[i], Photo: x.Photo}
	if err := aftersales.FindTx(tx, b, f, staff.Actor()); err != nil {
		return err
	}
	if err := s.TellTx(ctx, tx, o, "buyer", "extra_work", f.Seq); err != nil {
		return err
	}
	return sale.AuditTx(ctx, tx, staff, "order.extra", o, o.State, x.Item)
}

// AnswerTx is the customer's word on one line of extra work of a locked order. With a yes it is part of the order and of what is to
// pay.
func (s *Service) AnswerTx(ctx context.Context, tx *db.Tx, o *ordering.Order, seq int, yes bool) error {
	b, err := bookingTx(tx, o)
	if err != nil {
		return err
	}
	if o.State != ordering.Arrived {
		return ordering.ErrMoved
	}
	f, err := aftersales.AnswerTx(tx, b, seq, yes)
	if err != nil {
		return err
	}
	if yes {
		if err := s.addTx(ctx, tx, o, b, f.Line); err != nil {
			return err
		}
	}
	return s.TellTx(ctx, tx, o, "dealer", "extra_answered", seq)
}

// addTx makes a line part of an order: its price, and the work of the booking.
func (s *Service) addTx(ctx context.Context, tx *db.Tx, o *ordering.Order, b *aftersales.Booking, l aftersales.Line) error {
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	if err := s.stretchTx(tx, b, l.Minutes); err != nil {
		return err
	}
	snap := o.Snapshot
	v := *snap.Visit
	v.EndsAt = b.EndsAt
	v.Items = append(slices.Clone(v.Items), ordering.VisitItem{Code: l.Code, Kind: string(l.Kind), Withdrawal: string(l.Withdrawal), Covered: l.Cover})
	snap.Visit = &v
	snap.Lines = append(slices.Clone(snap.Lines), ordering.Line{Kind: kindWork, Label: l.Name.In(mk.Language()), Amount: l.Amount})
	if snap.Read != nil {
		read := *snap.Read
		read.Lines = append(slices.Clone(read.Lines), l.Name.In(i18n.LanguageOf(mk.Speak(o.Locale)), mk.Language()))
		snap.Read = &read
	}
	q := snap.Quote
	q.Lines = append(slices.Clone(q.Lines), pricing.Line{Kind: kindWork, Code: l.Code, Amount: l.Amount, VATRateBP: l.VATRateBP, VAT: l.VAT})
	q.Total, q.VAT = q.Total.Add(l.Amount), q.VAT.Add(l.VAT)
	snap.Quote = q.Asking(o.DepositMinor)
	if _, err := ordering.ChangeCarTx(ctx, tx, o, ordering.ChangedCar{Snapshot: snap, TotalMinor: q.Total.Minor, PricesOf: dayOf(o), Why: "agreed to " + l.Code}, "buyer"); err != nil {
		return err
	}
	return aftersales.AddLineTx(tx, b, l)
}

// stretchTx makes a stay longer where bay, people and opening hours allow it. Where they do not, the workshop finds the time itself:
// the customer's yes stands.
func (s *Service) stretchTx(tx *db.Tx, b *aftersales.Booking, minutes int) error {
	mk, rules, _, err := s.Terms(b.Market, tx.Now)
	if err != nil {
		return err
	}
	site, ok := s.World.Now().Dealer(b.Dealer)
	if !ok {
		return sale.ErrDealer
	}
	err = aftersales.MoveTx(tx, b, aftersales.Change{Site: site, Market: mk, Rules: rules, Minutes: b.Minutes + minutes, Late: true})
	for _, full := range []error{aftersales.ErrTaken, aftersales.ErrShut, aftersales.ErrLong, aftersales.ErrNoCourtesy, aftersales.ErrPast} {
		if errors.Is(err, full) {
			return nil
		}
	}
	return err
}
