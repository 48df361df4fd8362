package newcar

import (
	"context"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
)

// Progress is one step of the way from accepted to ready, made by the dealer. A car has its VIN from dispatch on.
type Progress = sale.Progress

// progressEvents are the steps a dealer makes one after the other, with the mail each sends.
var progressEvents = map[ordering.Event]string{
	ordering.Place: "ordered", ordering.Build: "built", ordering.Dispatch: "in_transit",
	ordering.Arrive: "arrived", ordering.Prepare: "prepared", ordering.Release: "ready",
}

// AdvanceTx makes a step. Dispatch needs the VIN, prepare all the checks.
func (s *Service) AdvanceTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string, p Progress) error {
	letter, ok := progressEvents[p.Event]
	if !ok {
		return ordering.ErrMoved
	}
	return s.WayTx(ctx, tx, staff, number, p.Event, letter, func(o *ordering.Order, e *allocation.Entry) error {
		ch := ordering.Change{}
		switch p.Event {
		case ordering.Dispatch:
			if ch.VIN, ok = id.CleanVIN(p.VIN); !ok {
				return ErrVIN
			}
		case ordering.Release:
			ch.Plate = strings.ToUpper(strings.TrimSpace(p.Plate))
		}
		return s.stepTx(ctx, tx, o, e, p.Event, staff.Actor(), ch)
	})
}

// stepTx moves an accepted order one step on, with all that hangs on it but the letter.
func (s *Service) stepTx(ctx context.Context, tx *db.Tx, o *ordering.Order, e *allocation.Entry, ev ordering.Event, actor string, ch ordering.Change) error {
	if ev == ordering.Place { // the factory builds what it was told
		if err := s.AnswerFirstTx(tx, o); err != nil {
			return err
		}
	}
	if err := ordering.MoveTx(ctx, tx, o, ev, actor, "", ch); err != nil {
		return err
	}
	if err := s.OvertakenTx(ctx, tx, o); err != nil {
		return err
	}
	if err := followTx(tx, o, ev); err != nil {
		return err
	}
	return s.PlanTx(tx, o, e)
}
