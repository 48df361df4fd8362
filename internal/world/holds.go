package world

import (
	"context"
	"slices"
	"time"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// Held is a hold of a model in a market: no car with the feature can be ordered. Orders that are
// placed, and cars that exist, are not touched.
type Held struct {
	Brand  id.Brand
	Market id.Market
	Model  id.Model
	configurator.Hold
	ChangedBy string // "command" or "staff:<user id>"
	ChangedAt time.Time
}

// HoldReasons lists the codes of reasons; the portal has their words as manager.range.hold.because.<code>.
var HoldReasons = []string{"stock", "week", "ended"}

// Refusals of a hold. ErrHold names the field and its value.
var (
	ErrHold    = fault.New(fault.Invalid, "fault.invalid.text", "world.Hold")
	ErrNotHeld = fault.New(fault.NotFound, "fault.not_found", "world.Unhold")
)

type holdKey struct {
	brand  id.Brand
	market id.Market
	model  id.Model
}

// Holds lists what is held of a model in a market, whether or not its last day has passed.
func (w *World) Holds(b id.Brand, m id.Market, model id.Model) []configurator.Hold {
	return plain(w.holds[holdKey{b, m, model}])
}

// AllHeld lists all holds, by brand, market, model and feature.
func (w *World) AllHeld() []Held {
	var out []Held
	for _, hs := range w.holds {
		out = append(out, hs...)
	}
	slices.SortFunc(out, compareHeld)
	return out
}

func plain(hs []Held) []configurator.Hold {
	out := make([]configurator.Hold, len(hs))
	for i, h := range hs {
		out[i] = h.Hold
	}
	return out
}

// inForce are the holds of a day.
func inForce(hs []Held, day market.Date) []configurator.Hold {
	return slices.DeleteFunc(plain(hs), func(h configurator.Hold) bool { return h.Until != "" && h.Until < day })
}

// HoldTx holds a feature, or changes how long and why it is held. Every instance knows within a second
// and nothing is compiled. It refuses a hold that would leave no car: that is what switches are for.
func HoldTx(ctx context.Context, tx *db.Tx, w *World, h Held) error {
	mk, ok := w.Market(h.Market)
	if !ok {
		return ErrNoShop
	}
	day := Today(mk, tx.Now)
	switch {
	case !slices.Contains(HoldReasons, h.Because):
		return ErrHold.With("field", "because").With("value", h.Because)
	case h.Until != "" && (!h.Until.Valid() || h.Until < day):
		return ErrHold.With("field", "until").With("value", string(h.Until))
	}
	mo, err := w.Unheld(h.Brand, h.Market, h.Model, day)
	if err != nil {
		return err
	}
	if !sold(w, h, day) {
		return configurator.ErrUnknown.With("feature", string(h.Feature))
	}
	// Two holds at once must not leave nothing together: the row makes them wait for one another.
	if err := TouchTx(tx); err != nil {
		return err
	}
	others, err := HeldTx(tx, h.Brand, h.Market, h.Model)
	if err != nil {
		return err
	}
	if _, err := mo.With(append(inForce(others, day), h.Hold)); err != nil {
		return err
	}
	if err := writeHold(tx, h); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, h.audit("range.hold", find(others, h.Feature), &h))
}

func sold(w *World, h Held, day market.Date) bool {
	r, ok := w.Range(h.Brand, h.Model)
	if !ok {
		return false
	}
	if _, ok := r.Feature(h.Feature); !ok {
		return false
	}
	list, ok := r.PricesAt(h.Market, day)
	if !ok {
		return false
	}
	_, priced := list.Amounts[h.Feature]
	return priced
}

// UnholdTx releases a feature. ChangedBy is who does it.
func UnholdTx(ctx context.Context, tx *db.Tx, h Held) error {
	if err := TouchTx(tx); err != nil {
		return err
	}
	others, err := HeldTx(tx, h.Brand, h.Market, h.Model)
	if err != nil {
		return err
	}
	old := find(others, h.Feature)
	if old == nil {
		return ErrNotHeld
	}
	if err := dropHold(tx, h); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, h.audit("range.release", old, nil))
}

// HoldsTx are the holds in force on a day as the database has them at this moment: what an order asks,
// because a picture may be a second old.
func HoldsTx(tx *db.Tx, b id.Brand, m id.Market, model id.Model, day market.Date) ([]configurator.Hold, error) {
	hs, err := HeldTx(tx, b, m, model)
	return inForce(hs, day), err
}

func find(hs []Held, f id.Feature) *Held {
	for i := range hs {
		if hs[i].Feature == f {
			return &hs[i]
		}
	}
	return nil
}

type holdDoc struct {
	Until  market.Date `json:"until,omitempty"`
	Reason string      `json:"reason"`
}

func (h Held) audit(action string, old, new *Held) audit.Row {
	r := audit.Row{Actor: h.ChangedBy, Action: action, Subject: "range:" + string(h.Brand) + "/" + string(h.Model) + "/" + string(h.Feature),
		Market: string(h.Market), Brand: string(h.Brand)}
	if old != nil {
		r.Old = holdDoc{old.Until, old.Because}
	}
	if new != nil {
		r.New, r.Reason = holdDoc{new.Until, new.Because}, new.Because
	}
	return r
}
