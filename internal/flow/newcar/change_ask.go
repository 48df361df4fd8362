package newcar

import (
	"context"
	"slices"

	"forecourt/internal/allocation"
	"forecourt/internal/configurator"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
)

// AllowCarTx is the dealer's yes to another car: the order becomes it, at the price that the buyer saw.
func (s *Service) AllowCarTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string) error {
	o, r, err := sale.LockAskedTx(tx, staff, ordering.AskCar, number)
	if err != nil {
		return err
	}
	if o.Dealer != staff.Dealer || o.Configuration != r.FromCar || !o.State.CanChange() {
		return ordering.ErrMoved
	}
	conf, err := ordering.ConfigurationBy(tx.DB, r.Car.Configuration)
	if err != nil {
		return err
	}
	picked, err := configurator.Decode(conf.Selection)
	if err != nil {
		return err
	}
	if err := s.stillBuiltTx(tx, o, conf.Model, picked); err != nil {
		return err
	}
	if err := ordering.AnswerTx(tx, r, ordering.RequestAccepted, string(staff.User), ""); err != nil {
		return err
	}
	if _, err := s.changeCarTx(ctx, tx, o, r.Car, staff.Actor()); err != nil {
		return err
	}
	return sale.AuditTx(ctx, tx, staff, "order.change", o, o.State, string(r.FromCar)+" "+string(r.Car.Configuration))
}

// RefuseCarTx is the dealer's no to another car, with a reason that the buyer reads. Everything stays as it was.
func (s *Service) RefuseCarTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number, reason string) error {
	if !slices.Contains(ordering.RequestReasons, reason) {
		return allocation.ErrReason
	}
	o, r, err := sale.LockAskedTx(tx, staff, ordering.AskCar, number)
	if err != nil {
		return err
	}
	if err := s.RefusedTx(ctx, tx, o, r, ordering.RequestDeclined, string(staff.User), reason); err != nil {
		return err
	}
	return sale.AuditTx(ctx, tx, staff, "order.change_refused", o, o.State, reason)
}
