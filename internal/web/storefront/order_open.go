package storefront

import (
	"forecourt/internal/allocation"
	"forecourt/internal/document"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/money"
	"forecourt/internal/platform/telemetry"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// openOrder is an order with all that its page tells.
type openOrder struct {
	*ordering.Order
	shop        *shop
	token       string
	dealer      *network.Dealer
	place       *network.Dealer // where the goods are handed over: the dealer, unless they are brought elsewhere
	history     []ordering.Step
	entries     []*allocation.Entry
	payments    []*payment.Payment
	said        []payment.Said
	paid        money.Money
	appointment *network.Appointment
	papers      []document.Filed
	texts       []document.Filed
	leaving     *ordering.Leaving
	question    *allocation.BuyerQuestion
	deferral    *ordering.Deferral
	requests    []*ordering.Request
	handover    *allocation.Handover
	rating      *allocation.Rating
	corrections []*ordering.Correction
	goodwill    []payment.Goodwill
	exchange    *ordering.Exchange
}

// asked is what waits for a dealer's answer; nil when nothing does.
func (o *openOrder) asked() *ordering.Request { return o.requestIn(ordering.RequestAsked) }

// proposed is what the office ordered and the buyer is asked about; nil when there is nothing.
func (o *openOrder) proposed() *ordering.Request { return o.requestIn(ordering.RequestProposed) }

// waits tells whether a question has no answer yet: nothing else can be asked meanwhile.
func (o *openOrder) waits() bool { return o.asked() != nil || o.proposed() != nil }

func (o *openOrder) requestIn(st ordering.RequestState) *ordering.Request {
	for _, r := range o.requests {
		if r.State == st {
			return r
		}
	}
	return nil
}

// now is the site that the buyer has to do with: while the dealer works on the order the one where he fetches it, else who
// sells.
func (o *openOrder) now() *network.Dealer {
	if o.State.WithDealer() {
		return o.place
	}
	return o.dealer
}

// placeName is the site that hands the goods over, or did.
func (o *openOrder) placeName() string {
	if d, ok := o.shop.world.Dealer(o.Place()); ok {
		return d.Name
	}
	return string(o.Place())
}

func (o *openOrder) url() string { return o.shop.path() + "/orders/" + o.token }

// orderOf opens the order of a secret link; it goes on whatever the shop's switch says.
func (h *Handlers) orderOf(c echo.Context) (*openOrder, error) {
	private(c)
	s, err := h.anyShop(c)
	if err != nil {
		return nil, err
	}
	token := c.Param("token")
	o, err := ordering.OrderByToken(h.NewCar.DB.Read(c.Request().Context()), s.brand.Code, s.market.Code, token, s.now)
	if err != nil {
		return nil, err
	}
	telemetry.Request(c, h.NewCar.TraceOf(c.Request().Context(), o.ID))
	s.about(o.Flow)
	web.SpeakTo(c, o.Locale)
	s.locale = h.Kit.Locale(c, s.market)
	if s.locale == s.market.Speak(o.Locale) {
		o.Snapshot = o.Snapshot.AsRead()
	}
	d, _ := s.world.Dealer(o.Dealer)
	if o.AnyDealer == ordering.AnyFirst && !o.State.Asked() {
		d = nil // nobody has been asked: the dealer of the order is none yet
	}
	out := &openOrder{Order: o, shop: s, token: token, dealer: d, place: d}
	if d != nil && o.Place() != o.Dealer {
		out.place, _ = s.world.Dealer(o.Place())
	}
	return out, nil
}

// asAgreed is the order in the language it was placed in.
func (o *openOrder) asAgreed(c echo.Context) {
	web.SpeakOnly(c, o.Locale)
	o.shop.locale = o.shop.market.Speak(o.Locale)
	o.Snapshot = o.Snapshot.AsRead()
}

// wholeOrder reads what the order's page tells beside the order itself.
func (h *Handlers) wholeOrder(c echo.Context) (*openOrder, error) {
	o, err := h.orderOf(c)
	if err != nil {
		return nil, err
	}
	w, err := sale.WholeOf(h.NewCar.DB.Read(c.Request().Context()), o.ID)
	if err != nil {
		return nil, err
	}
	o.history, o.entries, o.payments, o.appointment, o.leaving, o.deferral = w.History, w.Entries, w.Payments, w.Appointment, w.Leaving, w.Deferral
	o.requests, o.handover, o.rating, o.corrections, o.goodwill, o.exchange = w.Requests, w.Handover, w.Rating, w.Corrections, w.Goodwill, w.Exchange
	if o.AnyDealer == ordering.AnyFirst && len(o.entries) == 0 {
		o.dealer, o.place = nil, nil // the order ended before anybody was asked
	}
	o.paid = money.Of(w.PaidMinor, o.Currency)
	o.papers, o.texts, o.said, o.question = w.Papers, w.Texts, w.Said, w.Question
	return o, nil
}

// first is what was asked for the order to begin with: the deposit or, where that may be, the whole price.
// Without a payment that counts it is the one that is open.
func (o *openOrder) first() (amount money.Money, taken bool) {
	amount = o.Deposit()
	for _, p := range o.payments {
		if p.Purpose != payment.ForDeposit {
			continue
		}
		switch p.State {
		case payment.Captured:
			return p.Amount, true
		case payment.Opening, payment.Open, payment.Authorised, payment.Capturing:
			amount = p.Amount
		}
	}
	return amount, false
}

// live is the entry of the dealer who has the order now.
func (o *openOrder) live() *allocation.Entry {
	for _, e := range o.entries {
		if e.State == allocation.Offered || e.State == allocation.Accepted {
			return e
		}
	}
	return nil
}
