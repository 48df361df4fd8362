package newcar

import (
	"context"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stock"
)

// CorrectCar is another VIN, another plate, or both. Seen is what the reader saw (CarSeen): who saw something else
// corrects nothing.
type CorrectCar struct {
	sale.Slip
	VIN   string
	Plate string // empty when there is none
	Seen  string
}

// CarSeen is what a page shows of a car that may be corrected, as its form sends it back: no blank at an end, which a form
// does not keep.
func CarSeen(vin, plate string) string { return vin + "/" + plate }

// PlateCorrects tells whether a plate may be corrected, or added late: before the release there is none.
func PlateCorrects(st ordering.State, plate string) bool {
	return plate != "" || st == ordering.Ready || st == ordering.HandedOver
}

// CorrectCarTx puts a VIN or a plate right that was mistyped. Papers that were issued with it are replaced, never changed.
// ErrVIN, ordering.ErrVINTaken and stock.ErrVINTaken refuse a VIN, stock.ErrListed one that nobody typed.
func (s *Service) CorrectCarTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string, in CorrectCar) error {
	// 1. Whose order, whether its car may be corrected, and what was typed.
	o, err := sale.LockToCorrectTx(tx, staff, number, ordering.CorrectCar, &in.Slip, ordering.CarSlips)
	if err != nil {
		return err
	}
	vin, ok := id.CleanVIN(in.VIN)
	if !ok {
		return ErrVIN
	}
	plate := strings.ToUpper(strings.TrimSpace(in.Plate))
	if !PlateCorrects(o.State, o.Plate) {
		plate = o.Plate
	}
	switch {
	case in.Seen != CarSeen(o.VIN, o.Plate):
		return sale.ErrSlipStale
	case vin == o.VIN && plate == o.Plate:
		return sale.ErrSlipSame
	}
	// 2. The step, and the car where it stands in the stock.
	c := &ordering.Correction{Order: o.ID, Market: o.Market, Kind: ordering.SlipCar, Reason: in.Reason, Proof: in.Proof, VINWas: o.VIN, VINNow: vin, PlateWas: o.Plate, PlateNow: plate, By: staff.User}
	if err := ordering.MoveTx(ctx, tx, o, ordering.CorrectCar, staff.Actor(), in.Reason, ordering.Change{DueAt: o.DueAt, VIN: vin, Plate: plate, NoPlate: plate == ""}); err != nil {
		return err
	}
	if c.VINWas != vin {
		typed, err := vinTypedTx(tx, o)
		if err != nil {
			return err
		}
		if err := stock.CorrectVINTx(tx, o.ID, typed, vin); err != nil {
			return err
		}
	}
	if err := ordering.CorrectTx(tx, c); err != nil {
		return err
	}
	// 3. The papers that name it, the letter, the audit.
	if o.State == ordering.HandedOver {
		if err := s.ReissueTx(tx, o, true); err != nil {
			return err
		}
		if err := s.CarCorrectedTx(tx, o); err != nil {
			return err
		}
	}
	if err := s.TellBuyerTx(ctx, tx, o, "car_corrected", c.Seq); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: staff.Actor(), Action: "order.correct_car", Subject: "order:" + string(o.ID), Market: string(o.Market), Brand: string(o.Brand),
		Old: map[string]string{"vin": c.VINWas, "plate": c.PlateWas}, New: map[string]string{"vin": vin, "plate": plate}, Reason: in.Reason})
}

// vinTypedTx tells whether the VIN of an order was typed when its car left the factory. A car that was built when it was
// ordered has the VIN of the stock list, and is another car under another one.
func vinTypedTx(tx *db.Tx, o *ordering.Order) (bool, error) {
	typed, err := ordering.WentThroughTx(tx, o.ID, ordering.Dispatch)
	return typed && (o.Snapshot.Stock == nil || o.Snapshot.Stock.Stage == string(stock.Build)), err
}
