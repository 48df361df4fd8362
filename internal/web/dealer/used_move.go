package dealer

import (
	"context"
	"errors"
	"slices"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const movesPath = "/dealer/used/moves"

// mostMoves bounds the list of a site's cars on their way.
const mostMoves = 100

// UsedMovesPage is what a site has to send to others, and what comes to it.
type UsedMovesPage struct {
	Page
	Rows    []MoveRow
	BackURL string
}

// MoveRow is one car on its way, as the reader's site sees it.
type MoveRow struct {
	Number, Car, VIN, URL string
	Task                  string // "Send the car to Kestrel York"
	Due                   string // until when; empty when nothing is to be done
	Late                  bool
}

// UsedMovePage is one car on its way. The receiving site sees of its order what it needs to hand the car over, and no more.
type UsedMovePage struct {
	Page
	MoveRow
	Plate    string
	Step     string // what this site does next: send, arrive, prepare, release, hand_over, back; empty when it waits
	OrderURL string // of the seller's own page
	Items    []Item // the checks of the step
	Buyer    string // of whom the car is, while it is the receiving site's to hand over
	Phone    string
	Booked   string
	Owed     string // what the buyer still owes the seller; the receiving site takes no money
	Miles    bool
	Code     string // as it was typed
	Show     string // the code with which the buyer confirms what was handed over; empty before and after
	QR       web.QR
	Odometer string
	URL      string
	BackURL  string
}

// usedSite is the reader's site as one of used cars, whatever else it sells.
func (h *Handlers) usedSite(c echo.Context) (site, error) {
	s, err := h.siteOf(c)
	if err == nil && h.used == nil {
		err = web.ErrNotFound
	}
	s.flow = usedcar.Flow
	s.kind, _ = h.cars.Sold(usedcar.Flow)
	return s, err
}

func (h *Handlers) showUsedMoves(c echo.Context) error {
	return web.View(h.kit, c, h.usedSite, "dealer/used_moves", h.usedMovesPage)
}

func (h *Handlers) usedMovesPage(c echo.Context, s site) (*UsedMovesPage, error) {
	p := &UsedMovesPage{Page: h.page(c, s, "", "stock"), BackURL: usedPath}
	p.Title, p.Flows = p.T("used.move.list"), nil
	list, err := usedcars.TravelsOf(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, mostMoves)
	for _, t := range list {
		p.Rows = append(p.Rows, s.moveRow(p.Page, t))
	}
	return p, err
}

// moveRow words a transfer for one of its two sites.
func (s site) moveRow(p Page, t usedcars.Travel) MoveRow {
	r := MoveRow{Number: t.Number, Car: t.Title() + " " + t.Version, VIN: t.VIN, URL: movesPath + "/" + t.Number, Late: t.Late(s.now)}
	r.Task = moveTask(p.P, s.world, s.dealer.Code, t)
	if !t.Due().IsZero() {
		r.Due = p.T("used.move.due", "When", p.DateTime(t.Due().Add(-time.Minute)))
	}
	return r
}

func (h *Handlers) showUsedMove(c echo.Context) error {
	return web.View(h.kit, c, h.usedSite, "dealer/used_move", h.usedMovePage)
}

func (h *Handlers) usedMovePage(c echo.Context, s site) (*UsedMovePage, error) {
	number, ok := ordering.ReadNumber(c.Param("move"))
	if !ok {
		return nil, web.ErrNotFound
	}
	t, err := usedcars.TravelAt(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, number)
	if err != nil {
		return nil, err
	}
	p := &UsedMovePage{Page: h.page(c, s, "", "stock"), Plate: t.Plate, URL: movesPath + "/" + t.Number, BackURL: movesPath}
	p.MoveRow = s.moveRow(p.Page, t)
	p.Title, p.Flows, p.Miles = p.Car, nil, s.unit() == i18n.Miles
	if done := c.QueryParam("done"); slices.Contains(moveDone, done) {
		p.Flash = p.T("used.move.done." + done)
	}
	if t.From == s.dealer.Code {
		p.OrderURL = "/dealer/orders/" + t.Number
		p.Step = map[usedcars.TransferState]string{usedcars.ToSend: "send", usedcars.Back: "back"}[t.State]
		return p, nil
	}
	switch t.State {
	case usedcars.OnWay, usedcars.There:
		return p, h.receiver(c, s, p, t)
	case usedcars.Done:
		return p, h.handedOver(c, p, t)
	}
	return p, nil
}

// handedOver shows the code with which the buyer confirms, to the site where he stands.
func (h *Handlers) handedOver(c echo.Context, p *UsedMovePage, t usedcars.Travel) error {
	made, err := allocation.HandoverOf(h.kit.DB.Read(c.Request().Context()), t.Order)
	if err != nil || made == nil || made.Code == "" || made.Confirmed != "" || !p.May("dealer.handover") {
		return err
	}
	p.Show, p.QR = made.Code[:3]+" "+made.Code[3:], web.DrawQR(h.cars.CollectedURL(t.Brand, t.Market, made.Code))
	return nil
}

// moveDone are the sentences about what was done here.
var moveDone = []string{"arrive", "prepare", "release", "hand_over", "back"}

// receiver fills what the receiving site needs: whose car it is, when it is fetched, and the next step.
func (h *Handlers) receiver(c echo.Context, s site, p *UsedMovePage, t usedcars.Travel) error {
	g := h.kit.DB.Read(c.Request().Context())
	o, err := ordering.Get(g, t.Order)
	if err != nil {
		return err
	}
	b, err := ordering.BuyerOf(g, o.Buyer)
	if err != nil {
		return err
	}
	p.Buyer, p.Phone = b.Name, b.Phone
	a, err := network.BookedOf(g, o.ID)
	if err != nil {
		return err
	}
	if a != nil {
		p.Booked = p.When(a.StartsAt)
	}
	paid, err := payment.PaidMinor(g, o.ID)
	if err != nil {
		return err
	}
	if owed := o.TotalMinor - paid; owed > 0 {
		p.Owed = p.Money(s.market.Amount(owed))
	}
	p.Step = map[ordering.State]string{ordering.InTransit: "arrive", ordering.Arrived: "prepare", ordering.Prepared: "release", ordering.Ready: "hand_over"}[o.State]
	switch p.Step {
	case "prepare":
		for _, x := range s.kind.Preparation {
			p.Items = append(p.Items, Item{Code: x, Done: o.HasCheck(x)})
		}
	case "hand_over":
		for _, x := range s.kind.HandoverChecks {
			p.Items = append(p.Items, Item{Code: x})
		}
	}
	return nil
}

// stepUsedMove makes the receiving site's next step, or is the sender's word that a car is back.
func (h *Handlers) stepUsedMove(c echo.Context) error {
	return h.onUsedMove(c, func(s site, number string, f *web.Form) func(context.Context, *db.Tx) error {
		act := f.Value("act")
		return func(ctx context.Context, tx *db.Tx) error {
			if act == "back" {
				return h.used.BackTx(ctx, tx, s.staff(), number)
			}
			return h.used.ReceiveTx(ctx, tx, s.staff(), number, ordering.Event(act), f.Values("checks"))
		}
	})
}

// giveUsedMove hands the car over at the receiving site.
func (h *Handlers) giveUsedMove(c echo.Context) error {
	s, err := h.usedSite(c)
	if err != nil {
		return err
	}
	if err := h.mayTryCode(c, s); err != nil { // outside the transaction, so that a refusal counts too
		return err
	}
	knew := false
	err = h.onUsedMove(c, func(s site, number string, f *web.Form) func(context.Context, *db.Tx) error {
		made, broken := readHandover(s, f)
		return func(ctx context.Context, tx *db.Tx) error {
			if broken != nil {
				return broken
			}
			err := h.used.GiveTx(ctx, tx, s.staff(), number, made)
			knew = !errors.Is(err, sale.ErrCode)
			return err
		}
	})
	if knew {
		return errors.Join(err, h.knewCode(c, s))
	}
	return err
}

// onUsedMove carries an act upon a transfer of the reader's site out once, or shows the page with why not.
func (h *Handlers) onUsedMove(c echo.Context, plan func(s site, number string, f *web.Form) func(context.Context, *db.Tx) error) error {
	return web.Post(h.kit, c, h.usedSite, func(s site, f *web.Form) (web.Act, error) {
		number, ok := ordering.ReadNumber(c.Param("move"))
		if !ok {
			return web.Act{}, web.ErrNotFound
		}
		act := f.Value("act")
		if !slices.Contains(moveDone, act) {
			return web.Act{}, web.ErrBadForm
		}
		do := plan(s, number, f)
		return web.Act{Name: "dealer.used_move " + act + " " + number + " " + string(s.dealer.Code), Fields: fieldOf,
			Do: func(ctx context.Context, tx *db.Tx) (string, error) {
				return movesPath + "/" + number + "?done=" + act, do(ctx, tx)
			},
			Again: func(r web.Refusal) error {
				p, err := h.usedMovePage(c, s)
				if err != nil {
					return err
				}
				p.Errors, p.Problem, p.Code, p.Odometer = f.Errors(), p.Sentence(r.Key), f.Value("code"), f.Value("odometer")
				for i := range p.Items {
					p.Items[i].Done = slices.Contains(f.Values("checks"), p.Items[i].Code)
				}
				return h.kit.Show(c, r.Status, "dealer/used_move", p)
			}}, nil
	})
}
