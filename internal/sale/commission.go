package sale

import (
	"context"
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/world"
)

// CommissionDue is what an order brings its dealer when the car is handed over, by the rule of the day on which it was
// placed; false where the market pays none. It looks at the car's price alone: no channel, and no dealer.
func CommissionDue(mk *market.Market, o *ordering.Order) (payment.Commission, bool) {
	rule, ok := mk.CommissionNamed(o.Flow, o.Snapshot.FeeRule)
	if !ok { // of an older release
		rule, ok = mk.CommissionAt(o.Flow, placedOn(mk, o))
	}
	if !ok {
		return payment.Commission{}, false
	}
	net := carNet(o)
	c := payment.Commission{Order: o.ID, Number: o.Number, Market: o.Market, Dealer: o.Dealer, Brand: o.Brand, Version: rule.Version, Channel: "online", Net: net, Amount: money.Of(rule.Of(net.Minor), o.Currency)}
	if o.Snapshot.Contract == "dealer" || o.OriginDealer != "" {
		c.Channel = "dealer"
	}
	return c, c.Amount.Minor > 0
}

// placedOn is the market's day on which an order was placed.
func placedOn(mk *market.Market, o *ordering.Order) market.Date {
	if d := market.Date(o.Snapshot.TermsDay); d.Valid() {
		return d
	}
	return world.Today(mk, o.CreatedAt)
}

// carNet is the price of the car and its features without VAT. Duties and fees are nobody's merit.
func carNet(o *ordering.Order) money.Money {
	gross := money.Of(0, o.Currency)
	for _, l := range o.Snapshot.Lines {
		if l.Kind != "fee" {
			gross = gross.Add(l.Amount)
		}
	}
	return gross.Sub(gross.VATInGross(o.Snapshot.Quote.VATRateBP))
}

// commissionTx keeps what the dealer is owed for the car it has just handed over.
func (s *Service) commissionTx(tx *db.Tx, o *ordering.Order, ref string) error {
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	c, ok := CommissionDue(mk, o)
	if !ok {
		return nil
	}
	return payment.PostCommissionTx(tx, c, ref)
}

// lockCommissionTx locks an order with its commission, as its dealer or, for the dealer "", the office of one of the
// markets asks for it.
func lockCommissionTx(tx *db.Tx, number string, d id.Dealer, markets []id.Market) (*ordering.Order, *payment.Commission, error) {
	c, err := payment.CommissionByNumber(tx.DB, number, d, markets)
	if err != nil {
		return nil, nil, err
	}
	o, err := ordering.LockTx(tx, c.Order)
	if err != nil {
		return nil, nil, err
	}
	c, err = payment.CommissionOf(tx.DB, c.Order)
	return o, c, err
}

// ObjectTx is a dealer's word about a commission of its own: the first one objects to it.
func (s *Service) ObjectTx(ctx context.Context, tx *db.Tx, staff Staff, number, words string) error {
	tx.By = staff.Actor()
	o, c, err := lockCommissionTx(tx, number, staff.Dealer, nil)
	if err != nil {
		return err
	}
	if err := payment.ObjectTx(tx, c, payment.SideDealer, staff.User, words); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "commission.object", o, o.State, "")
}

// AnswerObjectionTx is the maker's word about a commission that a dealer objects to.
func (s *Service) AnswerObjectionTx(ctx context.Context, tx *db.Tx, by Office, number, words string) error {
	tx.By = by.Actor()
	o, c, err := lockCommissionTx(tx, number, "", by.Markets)
	if err != nil {
		return err
	}
	if err := payment.ObjectTx(tx, c, payment.SideMaker, by.User, words); err != nil {
		return err
	}
	return commissionAuditTx(ctx, tx, by, "commission.answer", o, "")
}

// SettleObjectionTx ends an objection with a word: the commission stands, or it is corrected to an amount and the
// difference posted.
func (s *Service) SettleObjectionTx(ctx context.Context, tx *db.Tx, by Office, number string, to payment.ObjectionState, minor int64, words string) error {
	tx.By = by.Actor()
	o, c, err := lockCommissionTx(tx, number, "", by.Markets)
	if err != nil {
		return err
	}
	if err := payment.ObjectTx(tx, c, payment.SideMaker, by.User, words); err != nil {
		return err
	}
	if err := payment.SettleObjectionTx(tx, c, by.User, to, minor); err != nil {
		return err
	}
	why := string(to)
	if to == payment.ObjectionCorrected {
		why = fmt.Sprintf("%s %d.%02d %s", to, minor/100, minor%100, o.Currency)
	}
	return commissionAuditTx(ctx, tx, by, "commission.settle", o, why)
}

func commissionAuditTx(ctx context.Context, tx *db.Tx, by Office, action string, o *ordering.Order, reason string) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: action, Subject: "order:" + string(o.ID), Market: string(o.Market), Brand: string(o.Brand), Reason: reason})
}
