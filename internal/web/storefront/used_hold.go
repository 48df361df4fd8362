package storefront

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// HoldPage is what somebody has of a used car: a place in its line, the first refusal, or the car for a while and with it the
// whole checkout on one page.
type HoldPage struct {
	web.Base
	State    usedcars.HoldState
	Name     string
	Version  string
	Facts    []string
	Picture  sketch
	Price    money.Money
	Total    money.Money // with what was chosen beside the car
	Pickup   UsedPlace
	Swap     UsedSwap
	Waits    string // the place in the line
	Until    string
	Left     int    // seconds
	Soon     string // said shortly before the end
	Longer   string // how much longer the car may be kept once; empty when it was
	Over     string // why it is over
	HeldBy   string // who of the customer service held it for the reader; empty when he did it himself
	Notice   string
	Form     DetailsForm
	Errors   web.FieldErrors
	Deposit  money.Money
	Balance  money.Money
	Full     bool // the whole price may be paid at once
	PayFull  bool
	Consent  bool
	Shorter  string
	Months   string // the guarantee without the consent
	VAT      string
	Seen     string
	Dealer   *network.Dealer
	DealerAt string
	Seller   string
	Contract string
	Leave    *Leave
	CardHost string
	TakenNow bool
	PayURL   string
	ActURL   string
	CarURL   string
	BackURL  string
}

// holdOf reads the hold of a secret link. It is found whatever the switch says: what was begun goes on.
func (h *Handlers) holdOf(c echo.Context) (*shop, *usedcars.Hold, error) {
	private(c)
	s, err := h.anyShop(c)
	if err != nil {
		return nil, nil, err
	}
	s.about(id.FlowUsed)
	s.staff = s.state == market.Preview && h.isStaff(c.Request().Context())
	x, err := h.UsedCar.HoldOf(c.Request().Context(), s.flow(), c.Param("token"))
	return s, x, err
}

func (h *Handlers) showHold(c echo.Context) error {
	s, x, err := h.holdOf(c)
	if err != nil {
		return err
	}
	if x.Order != "" {
		to, err := h.begunAt(c, s, x.Order)
		if err != nil || to != "" {
			return seeOrFail(c, to, err)
		}
	}
	p, err := h.holdPage(c, s, x, web.CleanLine(c.QueryParam("place")))
	if err != nil {
		return err
	}
	if x.By != "" && x.State != usedcars.Ended { // the customer's own browser: what was held for him is never in his way
		h.rememberHold(c, s, c.Param("token"))
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/used_hold", p)
}

func seeOrFail(c echo.Context, to string, err error) error {
	if err != nil {
		return err
	}
	return web.SeeOther(c, to)
}

// holdPage is the page of a hold; place is the site where its buyer would like to fetch the car, empty for where it stands.
func (h *Handlers) holdPage(c echo.Context, s *shop, x *usedcars.Hold, place string) (*HoldPage, error) {
	g := h.NewCar.DB.Read(c.Request().Context())
	car, err := usedcars.Get(g, x.Car)
	if err != nil {
		return nil, err
	}
	here := s.path() + "/used/hold/" + c.Param("token")
	p := &HoldPage{Base: h.base(c, s, "", "used_cars"), State: x.State, Name: car.Title(), Version: car.Version, Picture: usedSketch(car), Price: s.market.Amount(car.PriceMinor),
		PayURL: here + "/pay", ActURL: here, CarURL: usedURL(s, car), BackURL: s.path() + "/used", Seen: strconv.FormatInt(car.PriceMinor, 10), CardHost: h.cardHost()}
	p.NoIndex, p.Facts = true, usedFacts(p.Base, car)
	if d, ok := s.world.Dealer(car.Dealer); ok {
		p.Dealer, p.DealerAt = d, address(d)
	}
	if x.State == usedcars.Waiting {
		n, err := usedcars.Ahead(g, x)
		if err != nil {
			return nil, err
		}
		p.Waits = p.T("used.hold.place", "N", n+1)
	}
	if !x.DueAt.IsZero() && !x.Has(s.now) { // the sweep has not seen it yet
		p.State = usedcars.Ended
	}
	if x.By != "" {
		names, err := identity.NamesOf(g, x.By)
		if err != nil {
			return nil, err
		}
		if p.Form.Email = x.Email; p.State != usedcars.Ended {
			p.HeldBy = p.T("used.hold.by", "Name", names[x.By])
		}
	}
	p.clock(s, x)
	p.Title = p.T("used.hold.title_" + string(p.State))
	if p.State == usedcars.Ended {
		p.Over = p.T("used.hold.over_" + string(overWhy(x)))
	}
	p.terms(s, car)
	h.choosePlace(p, s, car, place)
	return p, h.chooseSwap(c, p, s)
}

// overWhy is why a hold is over; one whose time passed a moment ago lapses with the next sweep.
func overWhy(x *usedcars.Hold) usedcars.EndWhy {
	if x.EndWhy == "" {
		return usedcars.Lapsed
	}
	return x.EndWhy
}

func (p *HoldPage) clock(s *shop, x *usedcars.Hold) {
	if x.DueAt.IsZero() {
		return
	}
	p.Until, p.Left, p.Soon = p.Time(x.DueAt), leftOf(x.DueAt, s.now), p.T("used.hold.soon")
	if u, ok := s.market.UsedAt(s.day); ok && x.State == usedcars.Holding && !x.Longer {
		p.Longer = p.T("used.hold.longer", "Minutes", u.LongerMinutes)
	}
}

// terms says what is agreed: by whom it is sold, when the money is taken, how long the guarantee is.
func (p *HoldPage) terms(s *shop, car *usedcars.Car) {
	t := s.terms()
	p.Deposit = s.market.Amount(min(t.DepositMinor, car.PriceMinor))
	p.Balance = p.Price.Sub(p.Deposit)
	p.Full, p.TakenNow = t.FullPayment, t.CaptureNow()
	p.VAT = p.T("used.vat." + string(car.VAT))
	legal := ""
	if p.Dealer != nil {
		legal = p.Dealer.LegalName
	}
	p.Seller, p.Contract = sellerWords(p.Base, s, t.Seller, legal), p.T("checkout.contract."+t.Contract)
	if u, ok := s.market.UsedAt(s.day); ok {
		p.Months = p.N("used.hold.months", u.GuaranteeMonths)
		if u.ConsentMonths > 0 {
			p.Shorter = p.T("used.hold.shorter", "Months", u.ConsentMonths, "Full", u.GuaranteeMonths)
		}
	}
	p.Leave = foreseen(p.Base, s, p.Deposit, p.Price, p.TakenNow)
}

// actOnHold does what was pressed beside the checkout: more time, taking the first refusal, letting go.
func (h *Handlers) actOnHold(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, x, err := h.holdOf(c)
	if err != nil {
		return err
	}
	token, shop := c.Param("token"), s.flow()
	acts := map[string]func(ctx context.Context, tx *db.Tx) error{
		"longer": func(_ context.Context, tx *db.Tx) error { return h.UsedCar.LongerTx(tx, shop, token) },
		"take":   func(_ context.Context, tx *db.Tx) error { return h.UsedCar.TakeTx(tx, shop, token) },
		"leave":  func(ctx context.Context, tx *db.Tx) error { return h.UsedCar.LeaveTx(ctx, tx, shop, token) },
	}
	act, ok := acts[f.Value("act")]
	if !ok {
		return web.ErrBadForm
	}
	_, err = h.Kit.Once(c, f, "storefront.used_act", func(ctx context.Context, tx *db.Tx) (string, error) { return "done", act(ctx, tx) })
	if errors.Is(err, usedcars.ErrHoldOver) || errors.Is(err, usedcars.ErrLongerUsed) || errors.Is(err, usedcars.ErrMoved) {
		return h.holdAgain(c, f, s, x, web.StatusOf(err), "")
	}
	if err == nil && f.Value("act") == "leave" && x.State != usedcars.Waiting {
		if car, err := usedcars.Get(h.NewCar.DB.Read(c.Request().Context()), x.Car); err == nil {
			return web.SeeOther(c, usedURL(s, car)+"?done=left")
		}
	}
	return seeOrFail(c, s.path()+"/used/hold/"+token, err)
}

// holdAgain shows the page as it stands, with what is in the way.
func (h *Handlers) holdAgain(c echo.Context, f *web.Form, s *shop, x *usedcars.Hold, status int, notice string) error {
	x, err := usedcars.HoldByID(h.NewCar.DB.Read(c.Request().Context()), x.ID)
	if err != nil {
		return err
	}
	p, err := h.holdPage(c, s, x, f.Value("place"))
	if err != nil {
		return err
	}
	p.Errors, p.Form = f.Errors(), detailsOf(f)
	p.PayFull, p.Consent = f.Value("pay") == "full", f.Has("shorter")
	if notice != "" {
		p.Notice = p.Sentence(notice)
	}
	return h.Kit.Show(c, status, "storefront/used_hold", p)
}

// placeUsed is the button that obliges to pay. Pressed again, in this tab or another, it leads to the same card page.
func (h *Handlers) placeUsed(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, x, err := h.holdOf(c)
	if err != nil {
		return err
	}
	if x.Order != "" {
		return h.toBegun(c, s, x.Order)
	}
	buyer := detailsOf(f).check(f, s.market)
	if !f.Has("terms") {
		f.Reject("terms", "checkout.error.terms")
	}
	seen, err := strconv.ParseInt(f.Value("seen_total"), 10, 64)
	if err != nil {
		seen = -1
	}
	if !f.OK() {
		return h.holdAgain(c, f, s, x, http.StatusUnprocessableEntity, "")
	}
	if err := h.Kit.MayBegin(c); err != nil {
		return err
	}
	_, err = h.Kit.Once(c, f, "storefront.used_place", func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := h.UsedCar.PlaceTx(ctx, tx, s.flow(), c.Param("token"), usedcar.Buy{Buyer: buyer, SeenTotal: seen, Full: f.Value("pay") == "full", Consent: f.Has("shorter"), Place: id.Dealer(f.Value("place")), Exchange: f.Value("swap")})
		return "placed", err
	})
	if reason, ok := refusal(err); ok {
		return h.holdAgain(c, f, s, x, web.StatusOf(err), reason.Key)
	}
	if key, ok := swapRefused(err); ok {
		return h.holdAgain(c, f, s, x, http.StatusUnprocessableEntity, key)
	}
	if errors.Is(err, usedcar.ErrNoMove) {
		return h.holdAgain(c, f, s, x, http.StatusUnprocessableEntity, usedcar.ErrNoMove.Key)
	}
	if errors.Is(err, usedcars.ErrHoldOver) || errors.Is(err, sale.ErrClosed) {
		return h.holdAgain(c, f, s, x, web.StatusOf(err), "")
	}
	if err != nil {
		return err
	}
	if x, err = usedcars.HoldByID(h.NewCar.DB.Read(c.Request().Context()), x.ID); err != nil {
		return err
	}
	return h.toBegun(c, s, x.Order)
}
