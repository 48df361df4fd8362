package storefront

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// MovePage asks which dealer shall take an order over.
type MovePage struct {
	web.Base
	Number  string
	Dealer  string // who has it
	Dealers []DealerRow
	Refused string // why it cannot be now; nothing can be chosen then
	Errors  web.FieldErrors
	PostURL string
	BackURL string
}

// AskedNote is a question that waits for a dealer's answer.
type AskedNote struct {
	Title, Car, Text string
	Seq              int
}

// Wish is the first day on which the buyer can fetch the car, as the form shows it.
type Wish struct {
	Day, Min, Max string
	From          string // said above the times that begin there
}

func (h *Handlers) showMove(c echo.Context) error {
	o, err := h.wholeOrder(c)
	if err != nil {
		return err
	}
	return h.movePage(c, o, http.StatusOK, "", web.FieldErrors{})
}

func (h *Handlers) movePage(c echo.Context, o *openOrder, status int, refused string, wrong web.FieldErrors) error {
	p := &MovePage{Base: h.base(c, o.shop, "", ""), Number: o.Number, Refused: refused, Errors: wrong, PostURL: o.url() + "/change/dealer", BackURL: o.url()}
	p.Preview, p.NoIndex = false, true
	p.Title = p.T("move.title", "Number", o.Number)
	if o.dealer != nil {
		p.Dealer = o.dealer.Name
	}
	switch {
	case o.MayPassOn() && !o.waits():
		p.Dealers = mayTake(c, p.Base, o)
	case refused != "":
	case o.waits():
		p.Refused, status = p.T(ordering.ErrAskedOnce.Key), http.StatusConflict
	case o.State.WithDealer():
		p.Refused, status = p.T(sale.ErrCarThere.Key), http.StatusConflict
	default:
		p.Refused, status = p.T(sale.ErrNotMoved.Key), http.StatusConflict
	}
	return h.Kit.Show(c, status, "storefront/move", p)
}

// mayTake lists the dealers that may be asked, nearest to the one that has the order.
func mayTake(c echo.Context, b web.Base, o *openOrder) []DealerRow {
	_, rows := searchDealers(c, b, o.shop, "")
	var out []DealerRow
	for _, r := range rows {
		if !sale.MayAsk(o.Order, r.dealer.Code, o.entries, o.requests) {
			continue
		}
		if o.dealer != nil {
			r.metres = network.Metres(o.dealer.Lat, o.dealer.Lon, r.dealer.Lat, r.dealer.Lon)
			r.Distance = b.Distance(r.metres)
		}
		out = append(out, r)
	}
	sortByDistance(out)
	return out
}

// askDealer puts the question; refused, it shows the page again and nothing was written.
func (h *Handlers) askDealer(c echo.Context) error {
	return web.Post(h.Kit, c, h.wholeOrder, func(o *openOrder, f *web.Form) (web.Act, error) {
		value := f.Value("dealer")
		if value == "" {
			f.Reject("dealer", "checkout.dealer_missing")
		}
		return o.did(web.Act{Name: "storefront.move", Fields: map[string]string{sale.ErrDealer.Key: "dealer"}, Again: func(r web.Refusal) error {
			o, err := h.wholeOrder(c)
			if err != nil {
				return err
			}
			return h.movePage(c, o, r.Status, h.base(c, o.shop, "", "").Sentence(r.Key), f.Errors())
		}}, "?done=asked_dealer", func(ctx context.Context, tx *db.Tx) error {
			return h.NewCar.AskDealerTx(ctx, tx, o.ID, id.Dealer(value))
		}), nil
	})
}

// takeRequestBack ends the question that the form shows. One that was answered meanwhile is told of on the order's page.
func (h *Handlers) takeRequestBack(c echo.Context) error {
	return h.act(c, func(o *openOrder, f *web.Form) (deed, error) {
		seq, err := strconv.Atoi(f.Value("seq"))
		if err != nil {
			err = ordering.ErrMoved // no form of ours
		}
		return deed{name: "request", done: "taken_back", over: []*fault.Fault{ordering.ErrAnswered}, do: func(ctx context.Context, tx *db.Tx) error {
			return h.NewCar.WithdrawRequestTx(ctx, tx, o.ID, seq)
		}}, err
	})
}

// saveWish keeps the first day that suits the buyer; an empty one takes it back.
func (h *Handlers) saveWish(c echo.Context) error {
	return h.act(c, func(o *openOrder, f *web.Form) (deed, error) {
		return deed{name: "wish", done: "wish", field: "day", do: func(_ context.Context, tx *db.Tx) error {
			return h.NewCar.WishTx(tx, o.ID, f.Value("day"))
		}}, nil
	})
}

// Proposal asks the buyer whether another dealer may take the order over, because the country's office ordered it.
type Proposal struct {
	Title, Why, Text, By string
	Seq                  int
}

// proposal is the question that waits for the buyer's word; nil when there is none.
func proposal(b web.Base, o *openOrder) *Proposal {
	r := o.proposed()
	if r == nil || o.dealer == nil {
		return nil
	}
	d, ok := o.shop.world.Dealer(r.To)
	if !ok {
		return nil
	}
	return &Proposal{Title: b.T("proposal.title", "Dealer", d.Name), Why: b.T("move.cause."+string(r.Cause), "Dealer", o.dealer.Name),
		Text: b.T("proposal.text", "From", o.dealer.Name, "To", d.Name), By: b.T("proposal.by", "By", b.DateTime(r.DueAt)), Seq: r.Seq}
}

// answerProposal is the buyer's yes or no. A question that is over by now, or cannot come true, is told of on the order's page.
func (h *Handlers) answerProposal(c echo.Context) error {
	return h.act(c, func(o *openOrder, f *web.Form) (deed, error) {
		word := f.Value("word")
		if word != "yes" && word != "no" {
			f.Reject("word", "proposal.missing")
		}
		seq, err := strconv.Atoi(f.Value("seq"))
		if err != nil && f.OK() {
			return deed{}, ordering.ErrMoved // no form of ours
		}
		return deed{name: "proposal", done: "move_" + word, do: func(ctx context.Context, tx *db.Tx) error {
			return h.NewCar.AnswerMoveTx(ctx, tx, o.ID, seq, word == "yes")
		}}, nil
	})
}

// askedNote tells of the question that waits.
func askedNote(b web.Base, o *openOrder) *AskedNote {
	r := o.asked()
	if r == nil {
		return nil
	}
	d, ok := o.shop.world.Dealer(r.To)
	if !ok {
		return nil
	}
	n := &AskedNote{Title: b.T("asked."+string(r.Kind), "Dealer", d.Name), Text: b.T("asked.text", "By", b.DateTime(r.DueAt)), Seq: r.Seq}
	if r.Ordered() {
		n.Title = b.T("asked.ordered", "Dealer", d.Name)
	}
	if r.Kind == ordering.AskCar {
		s := r.Car.Snapshot.AsRead()
		n.Car = b.T("asked.car_text", "Model", s.ModelName, "Version", s.Version, "Engine", s.Engine, "Colour", s.Colour, "Total", b.Money(r.Total(o.Currency)))
	}
	return n
}

// answered tells of the last question when the answer was no, for as long as the order goes on.
func answered(b web.Base, o *openOrder) string {
	if len(o.requests) == 0 || !o.State.WithDealer() {
		return ""
	}
	r := o.requests[len(o.requests)-1]
	switch r.State {
	case ordering.RequestDeclined, ordering.RequestExpired, ordering.RequestOvertaken:
	case ordering.RequestWithdrawn:
		if !b.P.Has("asked." + r.Why()) { // taken back by the buyer himself
			return ""
		}
	default:
		return ""
	}
	if r.Kind == ordering.AskCar {
		return b.T("asked.no.car", "Why", b.T("request.why."+r.Why()))
	}
	why := "asked." + r.Why()
	if r.State == ordering.RequestDeclined {
		why = "decline." + r.Reason
	}
	args := []any{"Why", b.T(why), "Asked", "", "Dealer", ""}
	if d, ok := o.shop.world.Dealer(r.To); ok {
		args[3] = d.Name
	}
	if o.dealer != nil {
		args[5] = o.dealer.Name
	}
	return b.T("asked.no.dealer", args...)
}

// wish is there from a dealer's yes until the handover.
func wish(b web.Base, o *openOrder) *Wish {
	if !o.State.WithDealer() || o.Snapshot.Visit != nil { // a visit has its own time
		return nil
	}
	today := world.Today(o.shop.market, o.shop.now)
	w := &Wish{Day: o.WishDay, Min: string(today.Plus(1)), Max: string(today.Plus(365))}
	if o.WishDay != "" {
		w.From = b.T("wish.slots", "Day", day(b, market.Date(o.WishDay)))
	}
	return w
}

// afterWish leaves out the times before the day that the buyer named, as long as others are left.
func afterWish(o *openOrder, slots []network.Slot) []network.Slot {
	if o.WishDay == "" {
		return slots
	}
	for i, s := range slots {
		if s.StartsAt.In(o.dealer.Zone()).Format(time.DateOnly) >= o.WishDay {
			return slots[i:]
		}
	}
	return slots
}
