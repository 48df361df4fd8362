package dealer

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/flow/workshop"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/platform/photo"
	"forecourt/internal/vehicle"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Visit is a stay in the workshop on the page of its order.
type Visit struct {
	When, Bay, Mobility           string
	State                         string // of the booking
	Late                          bool   // nobody came, and the slot may be given away
	Findings                      []Finding
	Items                         []Choice // of the menu, for work that is found
	Urgencies                     []Choice
	Times                         []Choice // to which it may be moved
	VIN, Plate, Km, Words, Faults string   // as known, or as typed
}

// Finding is work that was asked for.
type Finding struct {
	Name, Words, Urgency, Said string
	Price                      money.Money
	PhotoURL                   string
}

// visit fills what the page of a visit shows beside any order's.
func (h *Handlers) visit(c echo.Context, s site, p *OrderPage) error {
	if p.Snapshot.Visit == nil || h.work == nil || !p.Known() {
		return nil
	}
	g := h.kit.DB.Read(c.Request().Context())
	b, err := aftersales.BookingAt(g, s.dealer.Code, p.Snapshot.Visit.Booking)
	if errors.Is(err, aftersales.ErrNoBooking) {
		return nil // it moved to another site
	}
	if err != nil {
		return err
	}
	v := &Visit{When: p.DateTime(b.StartsAt), Bay: p.T("dealer.service.bay", "No", b.Bay), State: string(b.State), VIN: b.Told.VIN, Plate: b.Told.Plate}
	if b.Mobility != aftersales.OnFoot {
		v.Mobility = p.T("service.mobility." + string(b.Mobility))
	}
	fs, err := aftersales.FindingsOf(g, b.ID)
	if err != nil {
		return err
	}
	for _, f := range fs {
		x := Finding{Name: f.Line.Name.In(p.P.Lang(), s.market.Language()), Words: f.Words, Urgency: p.T("service.urgency." + f.Urgency), Said: p.T("service.finding." + string(f.State)), Price: f.Line.Amount}
		if f.Photo != nil {
			x.PhotoURL = "/dealer/orders/" + p.Number + "/found/" + strconv.Itoa(f.Seq) + ".jpg"
		}
		v.Findings = append(v.Findings, x)
	}
	p.Visit = v
	switch b.State {
	case aftersales.Booked:
		v.Late = s.now.After(b.StartsAt.Add(time.Duration(h.work.Book().RulesAt(s.market.Code, s.day()).NoShow.AfterMinutes) * time.Minute))
		return h.visitTimes(c, s, p, b)
	case aftersales.Arrived, aftersales.InWork:
		return p.menu(s, h.work.Book(), b)
	}
	return nil
}

// visitTimes are the next free times of the site for the same work.
func (h *Handlers) visitTimes(c echo.Context, s site, p *OrderPage, b *aftersales.Booking) error {
	slots, err := h.work.SlotsAt(c.Request().Context(), s.dealer, b)
	for _, t := range slots {
		p.Visit.Times = append(p.Visit.Times, Choice{t.StartsAt.UTC().Format(time.RFC3339), p.DateTime(t.StartsAt), false})
	}
	return err
}

// menu lists the work that may be asked for.
func (p *OrderPage) menu(s site, book *aftersales.Book, b *aftersales.Booking) error {
	for _, u := range aftersales.Urgencies {
		p.Visit.Urgencies = append(p.Visit.Urgencies, Choice{u, p.T("service.urgency." + u), false})
	}
	lines, err := book.Work(s.market, workshop.CarOf(b), market.Date(p.Snapshot.TermsDay))
	for _, l := range lines {
		p.Visit.Items = append(p.Visit.Items, Choice{l.Code, p.Pair(l.Name.In(p.P.Lang(), s.market.Language()), p.Money(l.Amount)), false})
	}
	return err
}

// visitFields says beside which field a refusal is shown.
var visitFields = map[string]string{vehicle.ErrVIN.Key: "vin", vehicle.ErrFacts.Key: "vin", workshop.ErrKm.Key: "km", workshop.ErrFaults.Key: "faults", aftersales.ErrPlate.Key: "plate", aftersales.ErrWords.Key: "words", aftersales.ErrUrgency.Key: "urgency",
	aftersales.ErrNoItem.Key: "item", aftersales.ErrUnfit.Key: "item"}

func (h *Handlers) visitAgain(c echo.Context, s site, f *web.Form, a web.Refusal) error {
	p, err := h.orderPage(c, s)
	if err != nil {
		return err
	}
	p.Errors, p.Problem = f.Errors(), p.Sentence(a.Key)
	if p.Visit != nil && a.Status == http.StatusUnprocessableEntity {
		v := p.Visit
		v.VIN, v.Plate, v.Km, v.Words, v.Faults = f.Value("vin"), f.Value("plate"), f.Value("km"), f.Text("words"), f.Text("faults")
		for i := range v.Items {
			v.Items[i].On = v.Items[i].Value == f.Value("item")
		}
		for i := range v.Urgencies {
			v.Urgencies[i].On = v.Urgencies[i].Value == f.Value("urgency")
		}
	}
	return h.kit.Show(c, a.Status, "dealer/order", p)
}

// onVisit is a deed of a workshop.
func (h *Handlers) onVisit(c echo.Context, name, done string, do func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) error) error {
	if h.work == nil {
		return web.ErrNotFound
	}
	return h.act(c, deed{name: name, fields: visitFields, again: h.visitAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		return orderURL(number, done), do(ctx, tx, s, number, f)
	}})
}

func (h *Handlers) arrive(c echo.Context) error {
	return h.onVisit(c, "arrive", "arrived", func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) error {
		n, err := strconv.Atoi(strings.NewReplacer(".", "", ",", "", " ", "").Replace(f.Value("km")))
		if err != nil {
			n = 0
		}
		return h.work.ArriveTx(ctx, tx, s.staff(), number, workshop.Arrival{VIN: f.Value("vin"), Plate: f.Value("plate"), Km: s.market.Km(n), Papers: f.Has("papers"), Faults: f.Text("faults")})
	})
}

func (h *Handlers) beginWork(c echo.Context) error {
	return h.onVisit(c, "work", "work", func(ctx context.Context, tx *db.Tx, s site, number string, _ *web.Form) error {
		return h.work.WorkTx(ctx, tx, s.staff(), number)
	})
}

func (h *Handlers) noShow(c echo.Context) error {
	return h.onVisit(c, "no-show", "no_show", func(ctx context.Context, tx *db.Tx, s site, number string, _ *web.Form) error {
		return h.work.NoShowTx(ctx, tx, s.staff(), number)
	})
}

func (h *Handlers) moveVisit(c echo.Context) error {
	return h.onVisit(c, "time", "moved", func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) error {
		start, err := time.Parse(time.RFC3339, f.Value("starts"))
		if err != nil {
			return aftersales.ErrPast
		}
		return h.work.MoveAtTx(ctx, tx, s.staff(), number, start)
	})
}

// askExtra asks the customer for work, with a picture where there is one: drawn anew before anything is written.
func (h *Handlers) askExtra(c echo.Context) error {
	if h.work == nil {
		return web.ErrNotFound
	}
	done, err := web.ReadParts(c)
	if err != nil {
		return err
	}
	defer done()
	var shots []photo.Photo
	var broken error
	return h.act(c, deed{name: "extra", fields: visitFields, again: h.visitAgain,
		check: func(_ site, _ Page, f *web.Form) {
			if f.Has(web.FilesField) { // comes from behind a lock, without its picture
				f.Reject("photo", "talk.photo_again")
			}
			shots, broken = f.Photos(1)
		},
		do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
			if broken != nil {
				return "", broken
			}
			x := workshop.Extra{Item: f.Value("item"), Urgency: f.Value("urgency"), Words: f.Text("words")}
			if len(shots) > 0 {
				x.Photo = &shots[0]
			}
			return orderURL(number, "extra"), h.work.AskTx(ctx, tx, s.staff(), number, x)
		}})
}

// showFound is the picture of what was found, for the site that has the order.
func (h *Handlers) showFound(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	v, err := h.order(c, s)
	if err != nil {
		return err
	}
	g := h.kit.DB.Read(c.Request().Context())
	o, err := ordering.Get(g, v.ID)
	if err != nil {
		return err
	}
	if o.Snapshot.Visit == nil {
		return web.ErrNotFound
	}
	return web.AnswerPhoto(c, func(seq int) ([]byte, bool, error) { return aftersales.FindingPhoto(g, o.Snapshot.Visit.Booking, seq) })
}

// day is today at the site.
func (s site) day() market.Date { return market.DateOf(s.now.In(s.dealer.Zone())) }
