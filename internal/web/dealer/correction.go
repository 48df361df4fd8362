package dealer

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"unicode/utf8"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// CorrectionPage is the form that puts a slip right: of the car's numbers, or, with Entry, of a payment at the desk.
type CorrectionPage struct {
	Page
	Number  string
	Car     string
	Action  string
	Open    bool // it may still be put right, by this reader
	Manager bool // only the site's manager may: the car is handed over
	After   bool // it is
	Reasons []string
	Typed   SlipTyped
	Seen    string // the car's numbers, as the reader saw them
	Plated  bool   // the plate too may be put right
	PlateEx string
	Entry   *SlipEntry
	Slips   []web.CorrectionLine // that were put right before
}

// SlipEntry is a payment as it was recorded, and what the form needs beside it.
type SlipEntry struct {
	When, Means string
	Amount      money.Money
	All         []payment.Means
	First, Last string // days of the form: "2026-11-29"
	LastDay     string // in words
}

// SlipTyped is what stands in the fields.
type SlipTyped struct{ VIN, Plate, Amount, Means, Reference, Day, Slip, Proof string }

// CorrectsCar tells whether the reader may put the numbers of the order's car right.
func (p *OrderPage) CorrectsCar() bool {
	return p.corrects(ordering.CorrectCar, identity.DealerPrepare)
}

// Corrects tells whether the reader may put a payment of the order right.
func (p *OrderPage) Corrects(m allocation.Movement) bool {
	return m.AtDesk() && m.PartMinor == 0 && p.corrects(ordering.CorrectPayment, identity.DealerMoney)
}

func (p *OrderPage) corrects(ev ordering.Event, perm identity.Permission) bool {
	st := ordering.State(p.Order.OrderState)
	return p.Known() && ordering.MachineOf(p.Order.Flow).Has(st, ev) && p.May(string(perm)) && (st != ordering.HandedOver || p.May(string(identity.DealerCorrect)))
}

func correctionPath(number string) string { return "/dealer/orders/" + number + "/correction" }

// slipPage begins the page of a form for one order.
func (h *Handlers) slipPage(c echo.Context, s site, ev ordering.Event) (*CorrectionPage, *allocation.OrderView, error) {
	v, err := h.order(c, s)
	if err != nil {
		return nil, nil, err
	}
	if v.Name == "" { // before the dealer took it nothing is recorded
		return nil, nil, web.ErrNotFound
	}
	p := &CorrectionPage{Page: h.page(c, s, "", "queue"), Number: v.Number, Car: v.Model + " " + v.Version, Action: correctionPath(v.Number)}
	p.fill(v, ev)
	slips, err := ordering.CorrectionsFromJSON(v.Corrections)
	p.Slips = p.Corrections(slips, true)
	return p, v, err
}

// fill says who may still put something right of the order.
func (p *CorrectionPage) fill(v *allocation.OrderView, ev ordering.Event) {
	st := ordering.State(v.OrderState)
	p.After = st == ordering.HandedOver
	p.Manager = p.After && !p.May(string(identity.DealerCorrect))
	p.Open = ordering.MachineOf(v.Flow).Has(st, ev) && !p.Manager
}

func (h *Handlers) carSlipPage(c echo.Context, s site) (*CorrectionPage, error) {
	p, v, err := h.slipPage(c, s, ordering.CorrectCar)
	if err != nil {
		return nil, err
	}
	p.fillCar(s, v)
	return p, nil
}

func (p *CorrectionPage) fillCar(s site, v *allocation.OrderView) {
	p.Title, p.Reasons, p.PlateEx = p.T("dealer.slip.title_car"), ordering.CarSlips, s.market.PlateExample
	p.Seen, p.Plated = newcar.CarSeen(v.VIN, v.Plate), newcar.PlateCorrects(ordering.State(v.OrderState), v.Plate)
	p.Typed = SlipTyped{VIN: v.VIN, Plate: v.Plate}
}

func (h *Handlers) showCarSlip(c echo.Context) error {
	return web.View(h.kit, c, h.siteOf, "dealer/correction", h.carSlipPage)
}

// correctCar puts the VIN or the plate right.
func (h *Handlers) correctCar(c echo.Context) error {
	return h.act(c, deed{name: "correct_car", check: checkCarSlip, again: h.carSlipAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		err := h.cars.CorrectCarTx(ctx, tx, s.staff(), number, newcar.CorrectCar{Slip: s.slip(f), VIN: f.Value("vin"), Plate: f.Value("plate"), Seen: f.Value("seen")})
		return orderURL(number, "corrected"), err
	}})
}

// slip is what every such form says; who sends it may be the manager of the site.
func (s site) slip(f *web.Form) sale.Slip {
	return sale.Slip{Reason: f.Value("slip"), Proof: f.Value("proof"), Manager: s.user.MayAt(identity.DealerCorrect, s.dealer.Code)}
}

func checkCarSlip(s site, p Page, f *web.Form) {
	if _, ok := id.CleanVIN(f.Value("vin")); !ok {
		f.Reject("vin", newcar.ErrVIN.Key)
	}
	checkPlate(s, p, f)
	checkSlip(f, ordering.CarSlips)
}

func checkSlip(f *web.Form, reasons []string) {
	if !slices.Contains(reasons, f.Value("slip")) {
		f.Reject("slip", sale.ErrSlipReason.Key)
	}
	if n := utf8.RuneCountInString(f.Value("proof")); n == 0 || n > ordering.LongestProof {
		f.Reject("proof", sale.ErrSlipProof.Key)
	}
}

// carSlipAgain shows the form with what was typed; what was corrected meanwhile, as it reads now.
func (h *Handlers) carSlipAgain(c echo.Context, s site, f *web.Form, a web.Refusal) error {
	p, err := h.carSlipPage(c, s)
	if err != nil {
		return err
	}
	if a.Status == http.StatusUnprocessableEntity {
		p.Typed.VIN, p.Typed.Plate = f.Value("vin"), f.Value("plate")
	}
	return h.slipAgain(c, p, f, a)
}

func (h *Handlers) slipAgain(c echo.Context, p *CorrectionPage, f *web.Form, a web.Refusal) error {
	p.Typed.Slip, p.Typed.Proof = f.Value("slip"), f.Value("proof")
	p.Errors, p.Problem = f.Errors(), p.Sentence(a.Key)
	return h.kit.Show(c, a.Status, "dealer/correction", p)
}

func (h *Handlers) paymentSlipPage(c echo.Context, s site) (*CorrectionPage, error) {
	p, v, err := h.slipPage(c, s, ordering.CorrectPayment)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(v.Payments, func(m allocation.Movement) bool { return string(m.ID) == c.Param("payment") && m.RecordedAtDesk() })
	if at < 0 {
		return nil, web.ErrNotFound
	}
	p.fillEntry(s, v, v.Payments[at])
	return p, nil
}

func (p *CorrectionPage) fillEntry(s site, v *allocation.OrderView, m allocation.Movement) {
	p.Title, p.Reasons = p.T("dealer.slip.title_payment"), ordering.PaymentSlips
	p.Action += "/" + string(m.ID)
	p.Open = p.Open && m.AtDesk() && m.PartMinor == 0
	today := world.Today(s.market, s.now)
	last := today.Plus(sale.DeferDays)
	p.Entry = &SlipEntry{When: p.When(m.At), Means: p.T("means." + m.Means), Amount: s.market.Amount(m.AmountMinor), All: payment.DeskMeans,
		First: string(today), Last: string(last), LastDay: legal(p.Page, string(last))}
	p.Typed = SlipTyped{Amount: p.PlainAmount(p.Entry.Amount), Means: m.Means, Reference: m.Reference}
}

func (h *Handlers) showPaymentSlip(c echo.Context) error {
	return web.View(h.kit, c, h.siteOf, "dealer/correction", h.paymentSlipPage)
}

// correctPayment puts a payment right that was recorded at the desk.
func (h *Handlers) correctPayment(c echo.Context) error {
	key := c.Param("payment")
	if !id.IsKey(key) {
		return web.ErrNotFound
	}
	var minor int64
	check := func(s site, p Page, f *web.Form) {
		var err error
		if minor, err = web.ParseAmount(p.P, f.Value("amount"), p.Symbol(s.market.Currency)); err != nil && !errors.Is(err, web.ErrNought) { // a nought says that nothing was taken
			f.Reject("amount", web.AmountKey(err))
		}
		if !slices.Contains(payment.DeskMeans, payment.Means(f.Value("means"))) {
			f.Reject("means", "pay.means")
		}
		if utf8.RuneCountInString(f.Value("reference")) > longestReference {
			f.Reject("reference", "pay.reference")
		}
		checkSlip(f, ordering.PaymentSlips)
	}
	return h.act(c, deed{name: "correct_payment " + key, check: check, again: h.paymentSlipAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		err := h.cars.CorrectPaymentTx(ctx, tx, s.staff(), number, sale.CorrectPayment{Slip: s.slip(f), Payment: id.Payment(key), Means: payment.Means(f.Value("means")), AmountMinor: minor,
			Reference: f.Value("reference"), DueOn: market.Date(f.Value("day"))})
		return orderURL(number, "corrected"), err
	}})
}

func (h *Handlers) paymentSlipAgain(c echo.Context, s site, f *web.Form, a web.Refusal) error {
	p, err := h.paymentSlipPage(c, s)
	if err != nil {
		return err
	}
	if a.Status == http.StatusUnprocessableEntity {
		p.Typed.Amount, p.Typed.Means, p.Typed.Reference, p.Typed.Day = f.Value("amount"), f.Value("means"), f.Value("reference"), f.Value("day")
	}
	return h.slipAgain(c, p, f, a)
}
