package api

import (
	"context"
	"net/http"
	"time"

	"forecourt/internal/connected"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/limit"

	"github.com/labstack/echo/v4"
)

var errNoCars = fault.New(fault.Forbidden, "fault.forbidden", "api.showVehicle")

// vehicleReads bounds how often a machine asks about one car: each time stands in its keeper's list.
var vehicleReads = limit.Rule{Name: "vehicle.read", Max: 90, Window: 15 * time.Minute}

// vehicleSaid is what a keeper lets the caller know of a car. Absent facts are null.
type vehicleSaid struct {
	VIN      string           `json:"vin"`
	Silent   bool             `json:"silent"`
	Kinds    []connected.Kind `json:"kinds"`
	Values   vehicleValues    `json:"values"`
	Warnings []vehicleWarning `json:"warnings"`
	Speech   speech           `json:"speech"`
}

type vehicleValues struct {
	Km          *int              `json:"odometer_km"`
	ServiceDays *int              `json:"service_days"`
	ServiceKm   *int              `json:"service_km"`
	Charge      *int              `json:"battery_pct"`
	Health      *int              `json:"battery_health_pct"`
	Lamps       *[]connected.Lamp `json:"lamps"`
	Tyres       map[string]int    `json:"tyre_kpa"`
	AsOf        *time.Time        `json:"as_of"` // the oldest of them
}

type vehicleWarning struct {
	Code     string            `json:"code"`
	Urgency  connected.Urgency `json:"urgency"`
	Item     *string           `json:"item"`
	Text     string            `json:"text"`
	RaisedAt time.Time         `json:"raised_at"`
}

type speech struct {
	Language string `json:"language"`
	Text     string `json:"text"`
}

// showVehicle answers what the keeper of a car lets the caller know of it; its keeper sees that it was asked.
func (s *Surface) showVehicle(c echo.Context, caller identity.Caller) error {
	if !caller.Cars {
		return errNoCars
	}
	vin, ok := id.CleanVIN(c.Param("vin"))
	if !ok {
		return connected.ErrNoCar
	}
	ctx := c.Request().Context()
	if err := limit.Take(ctx, s.kit.DB, vehicleReads, string(caller.Client), vin); err != nil {
		return err
	}
	var got *connected.Shared
	err := s.kit.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) (err error) {
		got, err = connected.SharedTx(tx, connected.Reader{Client: caller.Client, Dealer: caller.Dealer}, vin)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, s.vehicle(got))
}

func (s *Surface) vehicle(got *connected.Shared) vehicleSaid {
	p := s.connected.Printer(got.Market, got.Locale)
	out := vehicleSaid{VIN: got.VIN, Silent: got.Silent, Kinds: got.Kinds, Warnings: []vehicleWarning{}, Speech: speech{p.Lang(), got.Speech(p, s.connected.Place(got.Market).Unit)}}
	for k, l := range got.Latest {
		out.Values.add(k, l)
	}
	for _, w := range got.Warnings {
		x := vehicleWarning{Code: w.Rule, Urgency: w.Urgency, Text: w.Sentence(p), RaisedAt: w.Raised.UTC()}
		if w.Item != "" {
			x.Item = &w.Item
		}
		out.Warnings = append(out.Warnings, x)
	}
	return out
}

func (v *vehicleValues) add(k connected.Kind, l connected.Latest) {
	if at := l.Shown().UTC(); v.AsOf == nil || at.Before(*v.AsOf) {
		v.AsOf = &at
	}
	switch k {
	case connected.Odometer:
		v.Km = l.Km
	case connected.Upkeep:
		v.ServiceDays, v.ServiceKm = l.ServiceDays, l.ServiceKm
	case connected.Battery:
		v.Charge = l.Charge
	case connected.Health:
		v.Health = l.Readings.Health
	case connected.Lamps:
		v.Lamps = l.Lamps
	case connected.Tyres:
		v.Tyres = l.Tyres
	}
}
