package dealer

import (
	"context"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/ical"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"
)

// Cars that are brought to another site are nobody's order there. What their two sites have to do about them stands in queue,
// handovers and calendar beside the orders, each with its date.

// moveTask is what a transfer is for one of its two sites.
func moveTask(p *i18n.Printer, w *world.World, me id.Dealer, t usedcars.Travel) string {
	other, side := t.To, "from"
	if t.To == me {
		other, side = t.From, "to"
	}
	name := string(other)
	if d, ok := w.Dealer(other); ok {
		name = d.Name
	}
	return p.T("used.move."+side+"."+string(t.State), "Site", name)
}

// ownMoves are the transfers that a site has to do something about now, with the handovers that are booked for them.
func (h *Handlers) ownMoves(ctx context.Context, d id.Dealer) ([]usedcars.Travel, map[id.Order]network.Appointment, error) {
	if h.used == nil {
		return nil, nil, nil
	}
	g := h.kit.DB.Read(ctx)
	list, err := usedcars.TravelsOf(g, d, mostMoves)
	if err != nil {
		return nil, nil, err
	}
	var own []usedcars.Travel
	var there []id.Order
	for _, t := range list {
		if t.Owner() == d {
			own = append(own, t)
		}
		if t.State == usedcars.There && t.To == d {
			there = append(there, t.Order)
		}
	}
	booked, err := network.BookedFor(g, there)
	return own, booked, err
}

// moves puts what the site has to do about cars between sites into the parts of the queue that its dates belong to.
func (p *QueuePage) moves(ctx context.Context, h *Handlers, s site) error {
	if s.flow != usedcar.Flow {
		return nil
	}
	own, booked, err := h.ownMoves(ctx, s.dealer.Code)
	if err != nil {
		return err
	}
	for _, t := range own {
		r, at := s.moveRow(p.Page, t), t.Due()
		if a, ok := booked[t.Order]; ok {
			at, r.Due, r.Late = a.StartsAt, p.P.Pair(p.T("used.move.booked"), p.When(a.StartsAt)), a.StartsAt.Before(s.now)
		}
		for i := range p.Tabs {
			if x := &p.Tabs[i]; s.dated(x.tab, at, t.State) {
				x.Count++
			}
		}
		if s.dated(p.Tab, at, t.State) && p.Query == "" {
			p.Moves = append(p.Moves, r)
		}
	}
	return nil
}

// dated tells whether what is due at an instant stands in a part of the queue.
func (s site) dated(tab allocation.Tab, at time.Time, st usedcars.TransferState) bool {
	local := s.now.In(s.dealer.Zone())
	midnight := func(days int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, 0, 0, 0, 0, local.Location())
	}
	switch tab {
	case allocation.All:
		return st != usedcars.ToSend // the sender's order stands there itself, with what is to be done
	case allocation.Work:
		return st == usedcars.OnWay || st == usedcars.Back
	case allocation.Handovers:
		return st == usedcars.There
	case allocation.Late:
		return !at.IsZero() && at.Before(s.now)
	case allocation.Today:
		return !at.Before(s.now) && !at.After(midnight(1)) // a day ends with its last instant
	case allocation.Tomorrow:
		return at.After(midnight(1)) && !at.After(midnight(2))
	}
	return false
}

// meetings are the handovers of cars of other sites that are booked here, as rows of the list of handovers.
func (h *Handlers) meetings(ctx context.Context, s site) ([]allocation.Row, error) {
	g := h.kit.DB.Read(ctx)
	own, booked, err := h.ownMoves(ctx, s.dealer.Code)
	if err != nil {
		return nil, err
	}
	var out []allocation.Row
	for _, t := range own {
		a, ok := booked[t.Order]
		if !ok {
			continue
		}
		o, err := ordering.Get(g, t.Order)
		if err != nil {
			return nil, err
		}
		b, err := ordering.BuyerOf(g, o.Buyer)
		if err != nil {
			return nil, err
		}
		paid, err := payment.PaidMinor(g, o.ID)
		if err != nil {
			return nil, err
		}
		r := allocation.Row{Number: t.Number, Tab: allocation.Handovers, EntryState: allocation.Accepted, OrderState: string(o.State), Name: b.Name, Car: allocation.Car{Model: t.Title(), Version: t.Version}, VIN: t.VIN, Plate: t.Plate,
			StartsAt: a.StartsAt, Bay: a.Bay, OwedMinor: o.TotalMinor - paid}
		out = append(out, r)
	}
	return out, nil
}

// moveEvents are the deadlines of cars between sites for a site's calendar: half an hour before each.
func (h *Handlers) moveEvents(ctx context.Context, p *i18n.Printer, d *network.Dealer) ([]ical.Event, time.Time, error) {
	own, _, err := h.ownMoves(ctx, d.Code)
	if err != nil {
		return nil, time.Time{}, err
	}
	var out []ical.Event
	for _, t := range own {
		due := t.Due()
		if due.IsZero() {
			continue
		}
		car := t.Title() + " " + t.Version
		if n := len(t.VIN); n > 6 {
			car += ", " + t.VIN[n-6:]
		}
		out = append(out, ical.Event{UID: t.Number + "-" + string(t.State) + "@forecourt", Stamp: t.Since(), Start: due.Add(-30 * time.Minute), End: due, Summary: p.Pair(moveTask(p, h.kit.World.Now(), d.Code, t), car+" ("+t.Number+")"), Location: d.Name})
	}
	changed, err := usedcars.TravelsChanged(h.kit.DB.Read(ctx), d.Code)
	return out, changed, err
}
