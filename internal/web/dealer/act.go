package dealer

import (
	"context"
	"net/http"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// fieldOf says beside which field a refusal is shown.
var fieldOf = map[string]string{
	"order.vin_invalid": "vin", "order.vin_taken": "vin", "order.vin_other": "vin", "order.checks_missing": "checks", "queue.reason": "reason", "queue.question": "question", "queue.snooze": "for", "queue.snooze_late": "for",
	"pay.too_much": "amount", "pay.amount": "amount", "handover.code_wrong": "code", "handover.disputed": "disputed",
	"talk.empty": "body", "talk.long": "body", "talk.many": "body",
	"dealer.odometer_less": "odometer", "dealer.damage_much": "damage", "dealer.damage_why": "note",
	"handover.keys_wrong": "keys", "handover.papers_wrong": "given", "handover.faults_much": "faults", "handover.photos_many": "photo", "handover.undo_reason": "undo",
	"slip.reason_missing": "slip", "slip.proof_missing": "proof", "slip.listed": "vin", "slip.same": "slip", "slip.amount": "amount",
	"defer.reason_missing": "why", "defer.day": "day", "defer.note": "defer_note",
}

// deed is one thing that a member of staff does to an order.
type deed struct {
	name   string
	fields map[string]string                                                                        // beside which field a refusal is shown; fieldOf when nil
	check  func(s site, p Page, f *web.Form)                                                        // refuses what was typed; nil when nothing is
	do     func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) // answers where to go
	again  func(c echo.Context, s site, f *web.Form, a web.Refusal) error                           // shows the page again
}

// errOtherOrder refuses a form whose page changed under the reader's hand.
var errOtherOrder = fault.New(fault.Conflict, "dealer.other_order", "dealer.act")

// act carries out a POST once. What was typed wrongly is shown beside its field (422), what changed
// meanwhile on the same page with the order as it is now (409).
func (h *Handlers) act(c echo.Context, d deed) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, f *web.Form) (web.Act, error) { return h.onOrder(c, d, s, f) })
}

// onOrder makes a deed an act on the order that the address names. An order that is unknown may have left the dealer:
// showing it again finds out.
func (h *Handlers) onOrder(c echo.Context, d deed, s site, f *web.Form) (web.Act, error) {
	number, ok := ordering.ReadNumber(c.Param("number"))
	if !ok {
		return web.Act{}, web.ErrNotFound
	}
	other := f.Value("number") != "" && f.Value("number") != number
	if d.check != nil && !other {
		d.check(s, Page{Base: h.kit.BaseFor(c), now: s.now}, f)
	}
	if d.fields == nil {
		d.fields = fieldOf
	}
	return web.Act{Name: "dealer." + d.name + " " + number + " " + string(s.dealer.Code), Fields: d.fields,
		Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			if other {
				return "", errOtherOrder
			}
			to, err := d.do(ctx, tx, s, number, f)
			if fault.KindOf(err) == fault.NotFound {
				err = ordering.ErrMoved
			}
			return to, err
		},
		Again: func(r web.Refusal) error { return d.again(c, s, f, r) }}, nil
}

// orderAgain shows the order's page with what was typed.
func (h *Handlers) orderAgain(c echo.Context, s site, f *web.Form, a web.Refusal) error {
	p, err := h.orderPage(c, s)
	if gone, ok := allocation.Stale(err); ok {
		return gone
	}
	if err != nil {
		return err
	}
	p.Errors, p.Problem = f.Errors(), p.Sentence(a.Key)
	p.Thread.Errors, p.Thread.Typed = f.Errors(), f.Text("body")
	if a.Status == http.StatusUnprocessableEntity {
		p.keep(f)
	}
	return h.kit.Show(c, a.Status, "dealer/order", p)
}

func (p *OrderPage) keep(f *web.Form) {
	if p.CarAsked != nil {
		p.CarAsked.Reason = f.Value("reason")
	}
	p.Typed.Odometer, p.Typed.Damage, p.Typed.Note = f.Value("odometer"), f.Value("damage"), f.Value("note")
	p.Deferral.keep(f)
	p.Typed.VIN, p.Typed.Plate, p.Typed.Reason = f.Value("vin"), f.Value("plate"), f.Value("reason")
	p.Typed.Question = f.Text("question")
	if f.Value("amount") != "" || f.Value("means") != "" {
		p.Typed.Amount, p.Typed.Means, p.Typed.Reference = f.Value("amount"), f.Value("means"), f.Value("reference")
	}
	for i := range p.Next.Items {
		for _, v := range f.Values("checks") {
			p.Next.Items[i].Done = p.Next.Items[i].Done || v == p.Next.Items[i].Code
		}
	}
}

func orderURL(number, done string) string { return "/dealer/orders/" + number + "?done=" + done }

func (h *Handlers) accept(c echo.Context) error {
	return h.act(c, deed{name: "accept", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, _ *web.Form) (string, error) {
		return orderURL(number, "accepted"), h.cars.AcceptTx(ctx, tx, s.staff(), number)
	}})
}

func (h *Handlers) decline(c echo.Context) error {
	return h.act(c, deed{name: "decline", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		return s.in("/dealer?done=declined"), h.cars.DeclineTx(ctx, tx, s.staff(), number, f.Value("reason"))
	}})
}

// ask puts a question to the buyer before the offer is answered.
func (h *Handlers) ask(c echo.Context) error {
	return h.act(c, deed{name: "ask", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		return orderURL(number, "asked"), h.cars.AskBuyerTx(ctx, tx, s.staff(), number, f.Text("question"))
	}})
}

// snooze puts an order aside in the site's own list, or takes it up again.
func (h *Handlers) snooze(c echo.Context) error {
	return h.act(c, deed{name: "snooze", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		how, done := f.Value("for"), "snoozed"
		if how == "now" {
			done = "awake"
		}
		return orderURL(number, done), h.cars.SnoozeTx(ctx, tx, s.staff(), number, how)
	}})
}

// step makes the next step of the way. The form says which one it meant, so that two tabs do not make
// two.
func (h *Handlers) step(c echo.Context) error {
	return h.act(c, deed{name: "step", again: h.orderAgain, check: checkPlate, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		ev := f.Value("event")
		err := h.cars.StepTx(ctx, tx, s.staff(), number, sale.Progress{Event: ordering.Event(ev), VIN: f.Value("vin"), Plate: f.Value("plate")})
		return orderURL(number, ev), err
	}})
}

// checkPlate refuses a plate that the market does not have; none is fine.
func checkPlate(s site, _ Page, f *web.Form) {
	if plate, ok := s.market.CleanPlate(f.Value("plate")); plate != "" && !ok {
		f.Reject("plate", "dealer.plate_invalid")
	}
}

// saveChecks writes the checklist and, with the other button, calls the car prepared.
func (h *Handlers) saveChecks(c echo.Context) error {
	return h.act(c, deed{name: "checks", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		if err := h.cars.SetChecksTx(ctx, tx, s.staff(), number, f.Values("checks")); err != nil {
			return "", err
		}
		back := func(done string) string {
			if f.Value("from") == "board" {
				return withDone(s.in(preparationPath), done)
			}
			return orderURL(number, done)
		}
		if !f.Has("prepared") {
			return back("checks"), nil
		}
		return back("prepare"), h.cars.StepTx(ctx, tx, s.staff(), number, sale.Progress{Event: ordering.Prepare})
	}})
}
