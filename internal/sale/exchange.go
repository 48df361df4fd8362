package sale

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
)

// Taken is what the dealer finds when the buyer brings his own car.
type Taken struct {
	VIN        string
	OdometerKm int
	Seen       bool // plate, papers and the right to sell it were looked at
}

// TakeExchangeTx is the dealer's word that it has the buyer's car, as it was offered: the agreed value is a payment in kind at its
// desk from now on. An odometer beyond the tolerance is no such word: it is a ground for another value.
func (s *Service) TakeExchangeTx(ctx context.Context, tx *db.Tx, staff Staff, number string, t Taken) error {
	o, x, err := lockExchangeTx(tx, staff, number)
	if err != nil {
		return err
	}
	if !t.Seen {
		return ordering.ErrExchangeSeen
	}
	if t.OdometerKm > x.MostKm() {
		return ordering.ErrExchangeKm
	}
	owed, err := s.owedTx(tx, o) // that the car pays its part is taken off it already
	if err != nil {
		return err
	}
	p := &payment.Payment{Order: o.ID, Market: o.Market, Means: payment.ByDeskExchange, Amount: money.Of(x.ValueMinor, o.Currency), Reference: x.Plate}
	if err := payment.RecordDeskTx(tx, p, owed+x.ValueMinor, staff.User); err != nil {
		return err
	}
	if err := ordering.GiveExchangeTx(tx, x, t.VIN, t.OdometerKm); err != nil {
		return err
	}
	if err := s.ReviewPagesTx(ctx, tx, o); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, "desk_payment", p.Attempt); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "exchange.take", o, o.State, fmt.Sprintf("%d.%02d %s", x.ValueMinor/100, x.ValueMinor%100, o.Currency))
}

// longestGround bounds what a dealer writes about another value.
const longestGround = 500

// DifferTx asks the buyer for another value of his car, lower than the agreed one and on one of the grounds that the offer named;
// nothing means that the car is not taken at all. The agreed value counts until the buyer says yes.
func (s *Service) DifferTx(ctx context.Context, tx *db.Tx, staff Staff, number string, ground string, minor int64, note string) error {
	o, x, err := lockExchangeTx(tx, staff, number)
	if err != nil {
		return err
	}
	note = strings.TrimSpace(note)
	switch {
	case !slices.Contains(ordering.ExchangeGrounds, ground):
		return ordering.ErrExchangeGround
	case minor < 0 || minor >= x.ValueMinor:
		return ordering.ErrExchangeValue
	case note == "" || len([]rune(note)) > longestGround:
		return ordering.ErrExchangeNote
	}
	if err := ordering.AskExchangeTx(tx, x, ordering.ExchangeChange{Ground: ground, WasMinor: x.ValueMinor, NowMinor: minor, Note: note}, staff.User); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "exchange.differ", o, o.State, fmt.Sprintf("%s %d", ground, minor))
}

// lockExchangeTx locks an order of a dealer with a part exchange that it has not taken yet.
func lockExchangeTx(tx *db.Tx, staff Staff, number string) (*ordering.Order, *ordering.Exchange, error) {
	o, err := lockAtDeskTx(tx, staff, number)
	if err != nil {
		return nil, nil, err
	}
	x, err := ordering.ExchangeOf(tx.DB, o.ID)
	if err == nil && x == nil {
		err = ordering.ErrNoExchange
	}
	if err == nil && (x.State != ordering.ExchangeAgreed || !o.State.WithDealer()) {
		err = ordering.ErrMoved
	}
	return o, x, err
}

// AnswerExchangeTx is the buyer's word on another value of his car. seen is the question that he read. With a no he keeps the car
// and pays in money.
func (s *Service) AnswerExchangeTx(ctx context.Context, tx *db.Tx, key id.Order, seen int, yes bool) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	x, err := ordering.ExchangeOf(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if x == nil || x.Asked == nil || x.Asked.Seq != seen || !o.State.WithDealer() {
		return ordering.ErrMoved
	}
	if err := ordering.AnswerExchangeTx(tx, x, yes); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: "buyer", Action: "exchange.answer", Subject: "order:" + string(o.ID), Market: string(o.Market), Brand: string(o.Brand),
		Old: map[string]int64{"value_minor": x.ValueMinor}, New: map[string]any{"value_minor": x.Asked.NowMinor, "yes": yes}})
}
