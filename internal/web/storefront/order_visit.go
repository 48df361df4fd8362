package storefront

import (
	"context"
	"errors"
	"strconv"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Visit is a stay in a workshop on the page of its order.
type Visit struct {
	Findings []VisitFinding
	Earlier  *EarlierSlot
	Move     []SlotDay // other times; empty when it is too late
	Waits    string    // that somebody waits for an earlier time
	MayWait  bool
	Lines    []VisitLine
}

// VisitLine is a line of the order with how it can be given back.
type VisitLine struct {
	Label, Rule string
	Amount      money.Money
}

// VisitFinding is work that the workshop asks for.
type VisitFinding struct {
	Seq                  int
	Name, Words, Urgency string
	Price                money.Money
	Asked                bool
	Said                 string
	PhotoURL             string
	Tone                 string
}

// EarlierSlot is a time before the booked one that is kept for the reader.
type EarlierSlot struct {
	Wait, When, Until string
}

// visit reads what the page of a visit shows beside any order's; nothing for others.
func (h *Handlers) visit(c echo.Context, p *OrderPage, o *openOrder) error {
	if o.Snapshot.Visit == nil || h.Workshop == nil {
		return nil
	}
	g := h.NewCar.DB.Read(c.Request().Context())
	b, err := aftersales.BookingBy(g, o.Snapshot.Visit.Booking)
	if err != nil {
		return err
	}
	v := &Visit{}
	snap := o.Snapshot.AsRead()
	for i, l := range snap.Lines {
		line := VisitLine{Label: l.Label, Amount: l.Amount}
		if i < len(snap.Visit.Items) {
			line.Rule = p.T("service.withdrawal." + snap.Visit.Items[i].Withdrawal)
		}
		v.Lines = append(v.Lines, line)
	}
	fs, err := aftersales.FindingsOf(g, b.ID)
	if err != nil {
		return err
	}
	for _, f := range fs {
		x := finding(p.Base, o, f)
		if x.Asked { // the question comes first on a phone
			p.ProgressFirst = false
		}
		v.Findings = append(v.Findings, x)
	}
	if b.State == aftersales.Booked {
		if err := h.otherTimes(c, p, o, b, v); err != nil {
			return err
		}
	}
	p.Visit = v
	return nil
}

func finding(b web.Base, o *openOrder, f aftersales.Finding) VisitFinding {
	out := VisitFinding{Seq: f.Seq, Name: o.shop.say(f.Line.Name), Words: f.Words, Urgency: b.T("service.urgency." + f.Urgency), Price: f.Line.Amount, Asked: f.State == aftersales.FindAsked && o.State == ordering.Arrived,
		Said: b.T("service.finding." + string(f.State)), Tone: map[string]string{"now": "bad", "soon": "warn"}[f.Urgency]}
	if f.Photo != nil {
		out.PhotoURL = o.url() + "/found/" + strconv.Itoa(f.Seq) + ".jpg"
	}
	return out
}

// otherTimes are the times to which a booked visit may be moved, and the line for an earlier one.
func (h *Handlers) otherTimes(c echo.Context, p *OrderPage, o *openOrder, b *aftersales.Booking, v *Visit) error {
	g := h.NewCar.DB.Read(c.Request().Context())
	w, err := aftersales.WaitOf(g, b.ID)
	if err != nil && !errors.Is(err, aftersales.ErrNoWait) {
		return err
	}
	none := err != nil
	if !none && w.State == aftersales.Offered && w.DueAt.After(o.shop.now) {
		slot, err := aftersales.BookingBy(g, w.Held)
		if err != nil {
			return err
		}
		v.Earlier = &EarlierSlot{string(w.ID), p.DateTime(slot.StartsAt), p.DateTime(w.DueAt)}
	} else if !none && w.State == aftersales.Waiting {
		v.Waits = p.T("service.wait.waits")
	}
	v.MayWait = v.Waits == "" && v.Earlier == nil && b.StartsAt.After(o.shop.now.Add(48*time.Hour))
	if o.dealer == nil {
		return nil
	}
	slots, err := h.Workshop.SlotsAt(c.Request().Context(), o.dealer, b)
	if err != nil {
		return err
	}
	for _, t := range slots {
		if day := p.Date(t.StartsAt); len(v.Move) == 0 || v.Move[len(v.Move)-1].Day != day {
			v.Move = append(v.Move, SlotDay{Day: day})
		}
		last := &v.Move[len(v.Move)-1]
		last.Slots = append(last.Slots, SlotChoice{Value: t.StartsAt.UTC().Format(time.RFC3339), Time: p.Time(t.StartsAt)})
	}
	return nil
}

// actOnVisit does what was pressed on the page of a visit: another time, the line for an earlier one, the word on extra work.
func (h *Handlers) actOnVisit(c echo.Context) error {
	return h.act(c, func(o *openOrder, f *web.Form) (deed, error) {
		if o.Snapshot.Visit == nil || h.Workshop == nil {
			return deed{}, web.ErrNotFound
		}
		do, err := h.visitAct(f)
		return deed{name: "visit", done: "visit", do: func(ctx context.Context, tx *db.Tx) error {
			locked, err := ordering.LockTx(tx, o.ID)
			if err != nil {
				return err
			}
			return do(ctx, tx, locked)
		}}, err
	})
}

// visitAct is what a form asks for; a form that asks for nothing known is a bad one.
func (h *Handlers) visitAct(f *web.Form) (func(context.Context, *db.Tx, *ordering.Order) error, error) {
	seq, _ := strconv.Atoi(f.Value("seq"))
	switch f.Value("act") {
	case "yes", "no":
		return func(ctx context.Context, tx *db.Tx, x *ordering.Order) error {
			return h.Workshop.AnswerTx(ctx, tx, x, seq, f.Value("act") == "yes")
		}, nil
	case "move":
		start, err := time.Parse(time.RFC3339, f.Value("starts"))
		if err != nil {
			return nil, web.ErrBadForm
		}
		return func(ctx context.Context, tx *db.Tx, x *ordering.Order) error {
			return h.Workshop.MoveTx(ctx, tx, x, start, "buyer", false)
		}, nil
	case "wait", "unwait":
		return func(_ context.Context, tx *db.Tx, x *ordering.Order) error {
			return h.Workshop.WaitTx(tx, x, f.Value("act") == "wait")
		}, nil
	case "earlier":
		return func(ctx context.Context, tx *db.Tx, x *ordering.Order) error {
			return h.Workshop.EarlierTx(ctx, tx, x, id.Wait(f.Value("wait")))
		}, nil
	case "later":
		return func(_ context.Context, tx *db.Tx, x *ordering.Order) error {
			return h.Workshop.NotEarlierTx(tx, x, id.Wait(f.Value("wait")))
		}, nil
	}
	return nil, web.ErrBadForm
}

// showFound is the picture of what a workshop found, for whoever has the order's link.
func (h *Handlers) showFound(c echo.Context) error {
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	if o.Snapshot.Visit == nil {
		return web.ErrNotFound
	}
	g := h.NewCar.DB.Read(c.Request().Context())
	return web.AnswerPhoto(c, func(seq int) ([]byte, bool, error) { return aftersales.FindingPhoto(g, o.Snapshot.Visit.Booking, seq) })
}
