package manager

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// MovePage orders that an order leaves its dealer.
type MovePage struct {
	web.Base
	Errors  web.FieldErrors
	Number  string
	Car     string
	Dealer  string   // who has it
	Offered bool     // and has not accepted it: it goes on by the buyer's consent, and nobody is named
	Dealers []Option // that can be asked, the nearest first
	Causes  []Option
	Refused string // why it cannot be now; there is no form then
	URL     string
	BackURL string
}

// OrderedMove is the last change of dealer that the office ordered, as the order's page tells it.
type OrderedMove struct {
	Text    string
	Seq     int
	StopURL string // to give it up while an answer is awaited; empty for who may not, and when it is over
}

func movePath(o *ordering.Order) string { return papersPath(o) + "/move" }

func (s *Surface) showMove(c echo.Context) error {
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	return s.movePage(c, o, http.StatusOK, nil)
}

// movePage shows the form with what was typed; f is nil for a fresh one.
func (s *Surface) movePage(c echo.Context, o *ordering.Order, status int, f *web.Form) error {
	w := s.kit.World.Now()
	p := &MovePage{Base: s.base(c, "/manager/orders", "manager.move.heading"), Number: o.Number, Car: o.Snapshot.ModelName + " " + o.Snapshot.Version,
		Dealer: siteName(w, o.Dealer), Offered: o.State == ordering.Offered, URL: movePath(o), BackURL: papersPath(o)}
	refused, err := s.cannotMove(c, o)
	if err != nil {
		return err
	}
	if refused != "" {
		p.Refused = p.T("manager.move.no." + refused)
		return s.kit.Show(c, max(status, http.StatusConflict), "manager/move", p)
	}
	cause, dealer := "", ""
	if f != nil {
		p.Errors, cause, dealer = f.Errors(), f.Value("cause"), f.Value("dealer")
	}
	for _, x := range ordering.MoveCauses {
		p.Causes = append(p.Causes, Option{string(x), p.T("move.cause."+string(x), "Dealer", p.Dealer), string(x) == cause})
	}
	if !p.Offered {
		if p.Dealers, err = s.mayTake(c, p.Base, o, dealer); err != nil {
			return err
		}
	}
	return s.kit.Show(c, status, "manager/move", p)
}

// cannotMove says why an order cannot leave its dealer now (manager.move.no.<why>); nothing when it can.
func (s *Surface) cannotMove(c echo.Context, o *ordering.Order) (string, error) {
	r, err := ordering.Waiting(s.kit.DB.Read(c.Request().Context()), o.ID)
	switch {
	case err != nil:
		return "", err
	case r != nil:
		return "asked", nil
	case o.State == ordering.Offered || o.MayPassOn():
		return "", nil
	case o.State.WithDealer():
		return "car_there", nil
	}
	return "not_now", nil
}

// mayTake lists the dealers that can be asked, the nearest to who has the order first.
func (s *Surface) mayTake(c echo.Context, b web.Base, o *ordering.Order, chosen string) ([]Option, error) {
	g, w := s.kit.DB.Read(c.Request().Context()), s.kit.World.Now()
	es, err := allocation.Of(g, o.ID)
	if err != nil {
		return nil, err
	}
	rs, err := ordering.RequestsOf(g, o.ID)
	if err != nil {
		return nil, err
	}
	has, known := w.Dealer(o.Dealer)
	if mk, ok := w.Market(o.Market); ok {
		b.Market = mk // an office has no market of its own: the distances are in the unit of the order's
	}
	way := func(d *network.Dealer) int64 {
		if !known {
			return 0
		}
		return network.Metres(has.Lat, has.Lon, d.Lat, d.Lon)
	}
	var ds []*network.Dealer
	for _, d := range w.Dealers(o.Brand, o.Market, o.Flow) {
		if sale.MayAsk(o, d.Code, es, rs) {
			ds = append(ds, d)
		}
	}
	slices.SortStableFunc(ds, func(a, b *network.Dealer) int { return int(way(a) - way(b)) })
	var out []Option
	for _, d := range ds {
		label := d.Name
		if known {
			label = b.T("manager.move.away", "Dealer", d.Name, "Distance", b.Distance(way(d)))
		}
		out = append(out, Option{string(d.Code), label, string(d.Code) == chosen})
	}
	return out, nil
}

// orderMove puts what was ordered to the buyer; an order that nobody has accepted goes on at once.
func (s *Surface) orderMove(c echo.Context) error {
	return web.Post(s.kit, c, s.orderOf, func(o *ordering.Order, f *web.Form) (web.Act, error) {
		offered, dealer, cause := o.State == ordering.Offered, f.Value("dealer"), ordering.MoveCause(f.Value("cause"))
		same := f.Has("offered") == offered // else the order moved on while the form was open
		if same && !slices.Contains(ordering.MoveCauses, cause) {
			f.Reject("cause", ordering.ErrCause.Key)
		}
		if same && dealer == "" && !offered {
			f.Reject("dealer", "checkout.dealer_missing")
		}
		return web.Act{Name: "manager.move " + o.Number, Fields: map[string]string{sale.ErrDealer.Key: "dealer"}, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			switch by := s.reader(c).office(); {
			case !same:
				return "", ordering.ErrMoved
			case offered:
				return papersPath(o) + "?done=offer_taken", s.cars.TakeOfferTx(ctx, tx, by, o.Number, cause)
			default:
				return papersPath(o) + "?done=move_ordered", s.cars.OrderMoveTx(ctx, tx, by, o.Number, id.Dealer(dealer), cause)
			}
		}, Again: func(r web.Refusal) error {
			if r.Key != "" {
				f.Reject("cause", r.Key)
			}
			o, err := s.orderOf(c)
			if err != nil {
				return err
			}
			return s.movePage(c, o, r.Status, f)
		}}, nil
	})
}

// stopMove gives up what was ordered. One that is over by now is told of on the order's page.
func (s *Surface) stopMove(c echo.Context) error {
	return web.Post(s.kit, c, s.orderOf, func(o *ordering.Order, f *web.Form) (web.Act, error) {
		seq, err := strconv.Atoi(f.Value("seq"))
		if err != nil {
			return web.Act{}, ordering.ErrAnswered // no form of ours
		}
		return web.Act{Name: "manager.move.stop " + o.Number, Over: map[*fault.Fault]string{ordering.ErrAnswered: papersPath(o) + "?done=move_over"}, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return papersPath(o) + "?done=move_stopped", s.cars.StopMoveTx(ctx, tx, s.reader(c).office(), o.Number, seq)
		}}, nil
	})
}

// moved tells of the last change of dealer that the office ordered, and whether another one may be.
func (s *Surface) moved(c echo.Context, p *PapersPage, o *ordering.Order) error {
	rs, err := ordering.RequestsOf(s.kit.DB.Read(c.Request().Context()), o.ID)
	if err != nil {
		return err
	}
	w, may, waits := s.kit.World.Now(), s.reader(c).May(answerPermission), false
	for _, r := range rs {
		waits = waits || r.Open()
		if !r.Ordered() {
			continue
		}
		key := string(r.State)
		if r.State == ordering.RequestWithdrawn {
			key += "." + r.Reason
			if !p.P.Has("manager.move.is." + key) {
				key = string(ordering.RequestWithdrawn)
			}
		}
		p.Move = &OrderedMove{Seq: r.Seq, Text: p.T("manager.move.is."+key, "From", siteName(w, r.From), "To", siteName(w, r.To), "By", instant(p.Base, w, o.Market, r.DueAt))}
		if may && r.Open() {
			p.Move.StopURL = movePath(o) + "/stop"
		}
	}
	if may && !waits && (o.State == ordering.Offered || o.MayPassOn()) {
		p.MoveURL = movePath(o)
	}
	switch done := c.QueryParam("done"); done {
	case "move_ordered", "offer_taken", "move_stopped", "move_over":
		p.Done = p.T("manager.move.done." + done)
	}
	return nil
}
