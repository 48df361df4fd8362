package storefront

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// CheckPage shows everything once more before the button that obliges to pay.
type CheckPage struct {
	web.Base
	Steps       []Step
	Names       carNames
	Energy      *Energy
	Options     string // the chosen extras, in one line
	Drawing     carart.Spec
	Price       PriceTable
	Dealer      *network.Dealer
	DealerAt    string
	Fallbacks   []string
	AnyText     string // how a dealer is found for a buyer who named none
	AnyAfter    string // who may be asked when none of those named can
	Buyer       ordering.Buyer
	Phone       string
	Address     string
	Deposit     money.Money
	Balance     money.Money
	SeenTotal   string
	Seller      string
	Holder      string
	Leave       *Leave // what leaving would give back
	Weeks       string
	Errors      web.FieldErrors
	Exists      string      // which car it is and when it can be handed over; empty for one from the factory
	Lost        *LostCar    // that car can not be had any more
	Gone        *GoneParts  // parts that cannot be ordered any more: this very car cannot be
	Notice      string      // why the page is shown again
	NewPrice    bool        // the total is not the one the buyer saw
	OldTotal    money.Money // with NewPrice
	PayURL      string
	CarURL      string
	DealerURL   string
	DetailsURL  string
	LeaveURL    string
	CardHost    string
	TakenNow    bool        // the card's money is taken at once
	Contract    string      // when the contract is made
	Whole       money.Money // the price, when it may be paid at once instead of the deposit
	PayFull     bool        // that was chosen
	ShowroomURL string      // to go on at a dealer's desk
}

func (h *Handlers) showCheck(c echo.Context) error {
	return h.onDraft(c, func(d *draft, k *car, b configurator.Build) error {
		if d.Buyer == "" {
			return web.SeeOther(c, d.url("details"))
		}
		p, err := h.checkPage(c, d, k, b)
		if err != nil {
			return err
		}
		return h.Kit.Show(c, http.StatusOK, "storefront/check", p)
	})
}

func (h *Handlers) checkPage(c echo.Context, d *draft, k *car, b configurator.Build) (*CheckPage, error) {
	buyer, err := ordering.BuyerOf(h.NewCar.DB.Read(c.Request().Context()), d.Buyer)
	if err != nil {
		return nil, err
	}
	p := &CheckPage{Base: h.base(c, d.shop, "", "new_cars"), Names: namesOf(k.shop, k.rng, b), Buyer: buyer, Deposit: k.deposit(), Balance: b.Quote.Total.Sub(k.deposit()),
		SeenTotal: strconv.FormatInt(b.Quote.Total.Minor, 10),
		PayURL:    d.url("pay"), CarURL: k.configureURL(b), DealerURL: d.url("dealer"), DetailsURL: d.url("details"),
		LeaveURL: leaveURL(k.shop, k.rng.Model, d.saved.Selection), CardHost: h.cardHost(), ShowroomURL: d.url("showroom")}
	p.Title, p.NoIndex = p.T("checkout.check.title"), true
	p.Closed = !k.sells() && d.Order == ""
	p.Steps = steps(p.Base, 3, p.CarURL, p.DealerURL, p.DetailsURL)
	p.Drawing = spec(b.Drawing, "h", drawingLabel(p.Base, p.Names))
	p.Price = priceTable(p.P, k.shop, k.rng, b.Quote)
	p.Options = strings.Join(lineNames(p.Price), ", ")
	e, _ := engineOf(k.rng, b)
	p.Energy = energyOf(p.Base, k.shop, p.Names.Engine, e)
	p.existing(k, d)
	if len(d.gone) > 0 && d.existing == nil {
		p.Gone = &GoneParts{Text: p.T("checkout.check.gone", "Parts", p.P.List(k.namesOf(d.gone)), "Total", p.MoneyShort(b.Quote.Total)), GoOnURL: k.url("dealer", b.Selection)}
	}
	p.Weeks = p.T("storefront.weeks", "From", k.rng.WeeksFrom, "To", k.rng.WeeksTo)
	p.Phone = web.NationalPhone(buyer.Phone, k.market.Country)
	p.Address = buyerAddress(buyer)
	p.people(k, d)
	p.Leave = foreseen(p.Base, k.shop, p.Deposit, b.Quote.Total, p.TakenNow)
	return p, nil
}

// GoneParts says what left the car since it was put together, and leads on with what is left.
type GoneParts struct{ Text, GoOnURL string }

// lineNames are the chosen parts beside the version, as a reader lists them.
func lineNames(t PriceTable) []string {
	var out []string
	for i, l := range t.Car {
		if i > 1 && !l.Included { // the version and the engine stand above
			out = append(out, l.Label)
		}
	}
	return out
}

// people fills who sells, who holds the money, and where the order may go.
func (p *CheckPage) people(k *car, d *draft) {
	legal := p.T("checkout.any.seller")
	switch d.AnyDealer {
	case ordering.AnyFirst:
		p.AnyText = strings.TrimSpace(ruleSentence(p.Base, k.shop))
	case ordering.AnyAfter:
		p.AnyAfter = p.T("checkout.any.check_after", "Rule", ruleWords(p.Base, k.shop))
	}
	if d.AnyDealer != ordering.AnyFirst {
		p.Dealer, _ = k.world.Dealer(d.Dealer)
	}
	if p.Dealer != nil {
		p.DealerAt, legal = address(p.Dealer), p.Dealer.LegalName
	}
	for _, f := range d.Fallbacks {
		if x, ok := k.world.Dealer(f); ok {
			p.Fallbacks = append(p.Fallbacks, x.Name)
		}
	}
	t := k.terms()
	p.TakenNow, p.Contract = t.CaptureNow(), p.T("checkout.contract."+t.Contract)
	if t.FullPayment {
		p.Whole = p.Price.Total
	}
	p.Seller, p.Holder = sellerWords(p.Base, k.shop, t.Seller, legal), holderWords(p.Base, t.HoldsMoney, legal, k.brand.Name)
}

func sellerWords(b web.Base, s *shop, seller, legal string) string {
	switch seller {
	case market.ByMaker:
		return b.T("checkout.seller.maker", "Brand", s.brand.Name)
	case market.ByGroup:
		group, _ := s.market.SellerAt(seller, s.brand.Code, s.day)
		return b.T("checkout.seller.group", "Group", group.Name)
	}
	return b.T("checkout.seller.dealer", "Dealer", legal)
}

func holderWords(b web.Base, holder, legal, brand string) string {
	if holder == "maker" {
		return b.T("checkout.holder.maker", "Brand", brand)
	}
	return b.T("checkout.holder.dealer", "Dealer", legal)
}

func buyerAddress(b ordering.Buyer) string {
	if b.Market == "gb" {
		return b.Street + ", " + b.Town + " " + b.Postcode
	}
	return b.Street + ", " + b.Postcode + " " + b.Town
}

// placeOrder is the button. The order is written first; then, outside of any transaction, the card
// page is asked for. Pressed again, in this tab or another, it leads to the same card page.
func (h *Handlers) placeOrder(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	d, k, b, err := h.draftCar(c)
	if err != nil {
		return err
	}
	if d.Buyer == "" {
		return web.SeeOther(c, d.url("details"))
	}
	live, err := h.placed(c, d)
	if err != nil {
		return err
	}
	if !f.Has("terms") && live == "" {
		f.Reject("terms", "checkout.error.terms")
	}
	seen, err := strconv.ParseInt(f.Value("seen_total"), 10, 64)
	if err != nil {
		seen = -1
	}
	if !f.OK() {
		return h.checkAgain(c, f, d, k, b, http.StatusUnprocessableEntity, "", seen)
	}
	if live == "" {
		if err := h.Kit.MayBegin(c); err != nil {
			return err
		}
	}
	placed, err := h.place(c, f, d, k, seen)
	if isNoCar(err) {
		return h.checkAgain(c, f, d, k, b, http.StatusConflict, "", seen)
	}
	if reason, ok := refusal(err); ok {
		return h.checkAgain(c, f, d, k, b, http.StatusUnprocessableEntity, reason.Key, seen)
	}
	if err != nil {
		return h.closedOr(c, k.shop, err, k.rng.Model, d.saved.Selection)
	}
	if placed.Payment != "" { // just now: what its rows say is known
		if url, err := h.NewCar.CardPage(c.Request().Context(), placed.Payment); err == nil && url != "" {
			return web.SeeOther(c, url)
		}
	}
	return h.afterPlacing(c, f, d.token, k, b, seen)
}

// place writes the order once. An earlier attempt whose card page ended a moment ago is settled
// first, and then the button counts anew.
func (h *Handlers) place(c echo.Context, f *web.Form, d *draft, k *car, seen int64) (sale.Placed, error) {
	var placed sale.Placed
	act := func(ctx context.Context, tx *db.Tx) (string, error) {
		var err error
		button := h.NewCar.PlaceTx
		if f.Value("pay") == "full" {
			button = h.NewCar.PlaceFullTx
		}
		placed, err = button(ctx, tx, k.flow(), d.token, seen)
		return "placed", err
	}
	_, err := h.Kit.Once(c, f, "storefront.place", act)
	if !errors.Is(err, sale.ErrUnsettled) {
		return placed, err
	}
	if err := h.NewCar.Settle(c.Request().Context(), placed.Payment); err != nil {
		h.Kit.Log.WarnContext(c.Request().Context(), "an ended card page could not be settled", "payment", placed.Payment, "error", err.Error())
		return sale.Placed{}, sale.ErrUnsettled
	}
	_, err = h.Kit.Once(c, f, "storefront.place", act)
	return placed, err
}

// afterPlacing leads to the card page, or to the order when it is paid.
func (h *Handlers) afterPlacing(c echo.Context, f *web.Form, token string, k *car, b configurator.Build, seen int64) error {
	d, err := h.draftOf(c)
	if err != nil {
		return err
	}
	if d.Order == "" {
		return web.SeeOther(c, d.url("check"))
	}
	o, err := ordering.Get(h.NewCar.DB.Read(c.Request().Context()), d.Order)
	if err != nil {
		return err
	}
	orderURL, err := h.placed(c, d)
	if err != nil {
		return err
	}
	if orderURL == "" {
		// The same form as before an attempt that ended: what it began is over, the page is shown anew.
		return web.SeeOther(c, d.url("check"))
	}
	if o.State != ordering.Checkout {
		return web.SeeOther(c, orderURL)
	}
	url, err := h.cardPage(c, o)
	if err != nil {
		h.Kit.Log.WarnContext(c.Request().Context(), "no card page", "order", o.ID, "error", err.Error())
		c.Response().Header().Set("Retry-After", "30")
		return h.checkAgain(c, f, d, k, b, http.StatusServiceUnavailable, "checkout.bank_silent", seen)
	}
	if url == "" {
		url = orderURL
	}
	return web.SeeOther(c, url)
}

// cardPage is the address of the open card page of an order; empty when there is none to pay.
func (h *Handlers) cardPage(c echo.Context, o *ordering.Order) (string, error) {
	p, err := payment.OpenOf(h.NewCar.DB.Read(c.Request().Context()), o.ID, payment.ForDeposit)
	if errors.Is(err, payment.ErrNoPayment) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return h.NewCar.CardPage(c.Request().Context(), p.ID)
}

// checkAgain shows the page again with what stands in the way.
func (h *Handlers) checkAgain(c echo.Context, f *web.Form, d *draft, k *car, b configurator.Build, status int, notice string, seen int64) error {
	p, err := h.checkPage(c, d, k, b)
	if err != nil {
		return err
	}
	p.Errors, p.PayFull = f.Errors(), f.Value("pay") == "full"
	if notice == newcar.ErrPriceChanged.Key {
		p.NewPrice = true
		p.OldTotal = k.market.Amount(seen)
	} else if notice != "" {
		p.Notice = p.Sentence(notice)
	}
	return h.Kit.Show(c, status, "storefront/check", p)
}
