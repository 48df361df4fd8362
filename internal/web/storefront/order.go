package storefront

import (
	"net/http"
	"slices"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/document"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/money"
	"forecourt/internal/platform/telemetry"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// OrderPage is the buyer's page of one order, from the card page to the key.
type OrderPage struct {
	web.Base
	Order     *ordering.Order
	Sold      OrderCar
	Heading   string
	Lede      string
	Arrival   string // when the car is expected
	Thread    web.Thread
	Scored    string // how often ranges like that of Arrival held; empty while too few have ended
	News      string // how often the buyer hears something, and when that was last
	Notice    string // what the way back from the card page, or a form, has to say
	NoticeBad bool
	Asking    bool // the bank has not told yet
	Errors    web.FieldErrors

	Timeline  []Stage
	Dealer    *network.Dealer
	DealerAt  string
	Hours     []HoursDay
	Pass      *Pass
	Slots     []SlotDay
	Later     []SlotDay
	Plug      bool     // the times are those of bays with a charger, because the car is electric
	Manners   []Manner // that this dealer can grant
	Choose    []DealerRow
	Question  *DealerQuestion // of the dealer, to be answered here; nil when there is none
	Declined  []string        // why dealers could not, in plain words
	Payments  []MoneyStep
	First     money.Money // what is paid to order: the deposit or the whole price
	Owed      money.Money // what is left to pay, before the handover or, of what was let open, after it
	Until     string      // the day until which it may stay open; empty while it must be paid before the handover
	Rest      *Rest       // how to pay what is owed
	PayRest   *PayRest    // by card, here
	Renew     string      // until when a new reservation is needed; empty when it is not
	Full      bool        // nothing is left to pay
	Leave     *Leave
	Longer    *Longer
	Papers    []market.Said
	Filed     []FiledPaper // your papers
	Texts     []FiledPaper // the texts that were accepted, in their words of that day
	URL       string
	ChangeURL string // of the page on which to change the car; empty when it is fixed
	MoveURL   string // of the page on which to ask another dealer; empty when it is too late or too early
	Asked     *AskedNote
	Proposal  *Proposal
	Answered  string // the last no to a question; empty when there is none
	Wish      *Wish
	Record    *Record // what was handed over; nil before
	Clocks    []web.PaperFact
	Rate      *Rate                // what the buyer thinks of the dealer; nil before the handover
	Slips     []web.CorrectionLine // of the dealer, that were put right
	// ReceiptURL leads to who was asked and why; empty before anybody was.
	ReceiptURL string
	AgainURL   string // the same build, for an order that lapsed or was cancelled
	// ProgressFirst puts the progress before the rest on small screens, where nothing has to be done.
	ProgressFirst bool
}

// Longer is what the buyer is told of the time to pay, and how often more may be had.
type Longer struct {
	Left    int
	Minutes int    // that each asking adds
	Seconds int    // until the end
	Soon    string // said shortly before it
}

// DealerQuestion is what the dealer wants to know before it decides.
type DealerQuestion struct{ Text, By, Typed string }

// OrderCar is the car as sold.
type OrderCar struct {
	Name, Version, Engine, Colour string
	Drawing                       carart.Spec
	Price                         PriceTable
}

// Pass is what the buyer shows at the handover.
type Pass struct {
	Code  string
	QR    web.QR
	When  string
	Plate string
}

// Wish is how the handover may be, and whether the buyer asked for it.
type Manner struct {
	Code string
	On   bool
}

// manners are those that the dealer can grant.
func manners(o *openOrder) []Manner {
	if o.dealer == nil {
		return nil
	}
	var out []Manner
	for _, w := range o.dealer.Grants() {
		out = append(out, Manner{w, o.appointment != nil && slices.Contains(o.appointment.Manners, w)})
	}
	return out
}

// SlotDay is a day with free handover times.
type SlotDay struct {
	Day   string
	Open  bool
	Slots []SlotChoice
}

// SlotChoice is one start.
type SlotChoice struct {
	Value string
	Time  string
	Taken bool // by this buyer: the booked one
}

// daysShown is how many days of free times stand open to view; the later ones are folded away.
const daysShown = 5

// openOrder is an order with all that its page tells.
type openOrder struct {
	*ordering.Order
	shop        *shop
	token       string
	dealer      *network.Dealer
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
	web.SpeakTo(c, o.Locale)
	s.locale = h.Kit.Locale(c, s.market)
	if s.locale == s.market.Speak(o.Locale) {
		o.Snapshot = o.Snapshot.AsRead()
	}
	d, _ := s.world.Dealer(o.Dealer)
	if o.AnyDealer == ordering.AnyFirst && !o.State.Asked() {
		d = nil // nobody has been asked: the dealer of the order is none yet
	}
	return &openOrder{Order: o, shop: s, token: token, dealer: d}, nil
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
	o.requests, o.handover, o.rating, o.corrections, o.goodwill = w.Requests, w.Handover, w.Rating, w.Corrections, w.Goodwill
	if o.AnyDealer == ordering.AnyFirst && len(o.entries) == 0 {
		o.dealer = nil // the order ended before anybody was asked
	}
	o.paid = money.Of(w.PaidMinor, o.Currency)
	o.papers, o.texts, o.said, o.question = w.Papers, w.Texts, w.Said, w.Question
	return o, nil
}

func (h *Handlers) showOrder(c echo.Context) error {
	o, err := h.wholeOrder(c)
	if err != nil {
		return err
	}
	p, err := h.orderPage(c, o)
	if err != nil {
		return err
	}
	h.rememberPass(c, o)
	p.back(o, c.QueryParam("back"))
	p.done(o, c.QueryParam("done"))
	return h.Kit.Show(c, http.StatusOK, "storefront/order", p)
}

// back says what the way back from the card page means. Nothing of it is believed: the order tells.
func (p *OrderPage) back(o *openOrder, back string) {
	if back == "silent" {
		p.Notice, p.NoticeBad = p.T("checkout.bank_silent"), true
		return
	}
	if o.State != ordering.Checkout {
		return
	}
	switch back {
	case "paid":
		p.Asking, p.Notice = true, p.T("order.notice.asking")
	case "unpaid":
		p.Notice, p.NoticeBad = p.T("order.notice.unpaid"), true
	}
}

// done confirms what a form of this page has just done, as far as it still stands.
func (p *OrderPage) done(o *openOrder, what string) {
	switch {
	case what == "starts" && o.State == ordering.Ready && o.appointment != nil:
		p.Notice = p.T("order.notice.slot", "When", p.Date(o.appointment.StartsAt)+", "+p.Time(o.appointment.StartsAt))
	case what == "answer" && o.State == ordering.Offered && o.question != nil && !o.question.Open():
		p.Notice = p.T("order.question.done")
	case what == "longer" && o.State == ordering.Checkout:
		p.Notice = p.T("order.longer.done", "By", p.DateTime(o.DueAt))
	case what == "dealer_code" && o.handover != nil && o.handover.Confirmed != "":
		p.Notice = p.T("order.record.done")
	case what == "withdrawn" && o.leaving != nil && o.State.Sold():
		p.Notice = p.T("withdraw.done", "When", p.DateTime(o.leaving.ToldAt))
	case what == "changed" && o.State.CanCancel():
		p.Notice = p.T("change.done", "Total", p.Money(o.Total()))
	case what == "asked_car" || what == "asked_dealer":
		if o.asked() != nil {
			p.Notice = p.T("asked.done")
		}
	case what == "taken_back" && o.asked() == nil:
		p.Notice = p.T("asked.taken_back")
	case what == "move_yes" && o.asked() != nil:
		p.Notice = p.T("proposal.done.yes")
	case what == "move_no" && !o.waits():
		p.Notice = p.T("proposal.done.no")
	case what == "rate" && o.rating != nil:
		p.Notice = p.T("rate.done")
	case what == "wish" && o.State.WithDealer():
		p.Notice = p.T("wish.done")
	case what == "dealer" && o.State == ordering.Offered && o.dealer != nil:
		p.Notice = p.T("order.notice.dealer", "Dealer", o.dealer.Name)
	}
}

// orderPage makes the page of an order as it stands.
func (h *Handlers) orderPage(c echo.Context, o *openOrder) (*OrderPage, error) {
	p := &OrderPage{Base: h.base(c, o.shop, "", ""), Order: o.Order, URL: o.url(), Dealer: o.dealer}
	p.Preview, p.NoIndex = false, true
	p.Title = p.T("order.page_title", "Number", o.Number)
	if o.dealer != nil {
		p.Zone = o.dealer.Zone()
		p.DealerAt, p.Hours = address(o.dealer), week(p.Base, o.dealer)
	}
	p.Sold = orderCar(p.Base, o)
	p.First, _ = o.first()
	p.Heading, p.Lede = headline(p.Base, o)
	p.Timeline = timeline(p.Base, o)
	p.Arrival = arrival(p.Base, o)
	if err := h.promise(c, p, o); err != nil {
		return nil, err
	}
	p.Payments, p.Owed, p.Until = moneyStory(p.Base, o), o.owed(), until(p.Base, o)
	p.Renew = renewBy(p.Base, o)
	p.Rest, p.Full, p.PayRest = rest(p.Base, o), o.full(), payRest(p.Base, o)
	p.Leave = leaveTerms(p.Base, o)
	p.Record, p.Clocks = record(p.Base, o, c.QueryParam("code")), clocks(p.Base, o)
	p.Declined = declined(p.Base, o)
	if o.question.Open() && o.dealer != nil {
		p.Lede = p.T("order.lede.question", "Dealer", o.dealer.Name)
		p.Question = &DealerQuestion{Text: o.question.Question, By: p.DateTime(o.question.EndsAt)}
	}
	p.AgainURL = againURL(o)
	if len(o.entries) > 0 {
		p.ReceiptURL = o.url() + "/receipt"
	}
	if o.canChange() {
		p.ChangeURL = o.url() + "/change"
	}
	if o.MayPassOn() && !o.waits() {
		p.MoveURL = o.url() + "/change/dealer"
	}
	p.Asked, p.Answered, p.Wish = askedNote(p.Base, o), answered(p.Base, o), wish(p.Base, o)
	if p.Proposal = proposal(p.Base, o); p.Proposal != nil {
		p.Lede = p.T("order.lede.proposal")
	}
	p.Filed, p.Texts = filed(p.Base, o)
	p.Rate, p.Slips = rating(p.Base, o), p.Corrections(o.corrections, false)
	p.ProgressFirst = o.State != ordering.Checkout && o.State != ordering.Choosing && o.State != ordering.Ready && (p.Record == nil || !p.Record.Ask)
	if err := h.thread(c, p, o); err != nil {
		return nil, err
	}
	switch o.State {
	case ordering.Checkout:
		p.Longer = longer(p.Base, o)
	case ordering.Choosing:
		p.Choose = others(c, p.Base, o)
	case ordering.Ready:
		p.Papers = o.shop.market.SayAll(o.shop.market.Papers, o.shop.lang())
		p.Pass = pass(p.Base, o)
		var err error
		p.Manners = manners(o)
		if p.Slots, err = h.slots(c, p.Base, o); err != nil {
			return nil, err
		}
		p.Plug = o.Snapshot.Electric && o.dealer != nil && o.dealer.Charge > 0
		p.Slots, p.Later = p.Slots[:min(len(p.Slots), daysShown)], p.Slots[min(len(p.Slots), daysShown):]
	}
	return p, nil
}

// longer is there while the deposit can be paid.
func longer(b web.Base, o *openOrder) *Longer {
	for _, p := range o.payments {
		if p.State != payment.Opening && p.State != payment.Open || !o.shop.now.Before(o.DueAt) {
			continue
		}
		l := &Longer{Left: sale.ProlongationsLeft(o.Order, p), Minutes: int(sale.ProlongBy(o.Order) / time.Minute),
			Seconds: int(o.DueAt.Sub(o.shop.now) / time.Second), Soon: b.T("order.longer.soon_last")}
		if l.Left > 0 {
			l.Soon = b.T("order.longer.soon", "Button", b.T("order.longer.button"))
		}
		return l
	}
	return nil
}

func orderCar(b web.Base, o *openOrder) OrderCar {
	s := o.Snapshot
	c := OrderCar{Name: s.ModelName, Version: s.Version, Engine: s.Engine, Colour: s.Colour}
	c.Drawing = carart.Spec{Body: carart.Body(s.Body), Paint: carart.Paint{Hex: s.PaintHex, Finish: carart.Finish(s.Finish)}, Wheels: carart.Wheel(s.Wheels),
		Rails: s.Rails, TwoTone: s.TwoTone, Trim: carart.Trim(s.Trim), ID: "h", Label: b.T("order.drawing", "Model", s.ModelName, "Version", s.Version, "Colour", s.Colour)}
	c.Price = PriceTable{Total: o.Total(), VAT: s.Quote.VAT, Rate: b.P.Percent(s.Quote.VATRateBP), Proof: o.shop.proof(s.Quote)}
	for _, l := range s.Lines {
		line := PriceLine{Label: l.Label, Amount: l.Amount, Included: l.Included}
		switch l.Kind {
		case "fee":
			c.Price.Road = append(c.Price.Road, line)
		case "car":
			line.Label = s.ModelName + " " + l.Label
			fallthrough
		default:
			c.Price.Car = append(c.Price.Car, line)
		}
	}
	return c
}

// againURL opens the same build again, once an order is over.
func againURL(o *openOrder) string {
	if !o.State.Left() {
		return ""
	}
	return o.shop.path() + "/build/" + ordering.Pretty(o.Configuration)
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

// headline says where the order stands and what happens next, by when.
func headline(b web.Base, o *openOrder) (heading, lede string) {
	dealer := ""
	if o.dealer != nil {
		dealer = o.dealer.Name
	}
	heading = b.T("order.title."+string(o.State), "Model", o.Snapshot.ModelName, "Dealer", dealer)
	first, taken := o.first()
	args := []any{"Model", o.Snapshot.ModelName, "Dealer", dealer, "Deposit", b.MoneyShort(first), "By", "",
		"From", o.Snapshot.WeeksFrom, "To", o.Snapshot.WeeksTo, "Days", o.Snapshot.LeaveDays}
	by := func(t time.Time) { args[7] = b.DateTime(t) }
	key := "order.lede." + string(o.State)
	if o.Snapshot.Stock != nil && o.State == ordering.Ordered {
		key = "order.lede.stock_ordered" // no weeks: its day is known
	}
	switch o.State {
	case ordering.Checkout, ordering.Choosing:
		by(o.DueAt)
	case ordering.Offered:
		if e := o.live(); e != nil {
			by(e.DueAt)
		}
	case ordering.Ready:
		if o.appointment != nil {
			key = "order.lede.booked"
			args[7] = b.Date(o.appointment.StartsAt) + ", " + b.Time(o.appointment.StartsAt)
		}
	case ordering.HandedOver, ordering.Returning:
		r := o.refund(sale.Worn{})
		args[7] = day(b, r.Until)
		if o.State == ordering.Returning {
			args[7] = day(b, r.BringBy)
		} else if r.Rule == sale.LeaveOver {
			key = "order.lede.kept"
		}
	}
	if taken && (o.State == ordering.Choosing || o.State == ordering.Offered) {
		return heading, b.T(key+"_taken", args...)
	}
	if o.State == ordering.Choosing {
		return heading, b.N(key, len(o.entries), args...)
	}
	return heading, b.T(key, args...)
}

// declined lists why earlier dealers could not take the order.
func declined(b web.Base, o *openOrder) []string {
	if o.State != ordering.Choosing && o.State != ordering.Offered {
		return nil
	}
	var out []string
	for _, e := range o.entries {
		d, ok := o.shop.world.Dealer(e.Dealer)
		if !ok {
			continue
		}
		switch e.State {
		case allocation.Declined:
			out = append(out, b.T("order.declined", "Dealer", d.Name, "Reason", b.T("decline."+e.Reason)))
		case allocation.Expired:
			out = append(out, b.T("order.silent", "Dealer", d.Name))
		case allocation.Withdrawn:
			if slices.Contains(ordering.MoveCauses, ordering.MoveCause(e.Reason)) {
				out = append(out, b.T("move.cause."+e.Reason, "Dealer", d.Name))
			}
		}
	}
	return out
}

// others lists the dealers the buyer may still choose, nearest to the first one chosen.
func others(c echo.Context, b web.Base, o *openOrder) []DealerRow {
	asked := map[id.Dealer]bool{}
	for _, e := range o.entries {
		asked[e.Dealer] = true
	}
	_, rows := searchDealers(c, b, o.shop, "")
	var out []DealerRow
	for _, r := range rows {
		if asked[r.dealer.Code] {
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

func pass(b web.Base, o *openOrder) *Pass {
	p := &Pass{Code: spaced(o.PickupCode), QR: web.DrawQR(o.PickupCode), Plate: o.Plate}
	if o.appointment != nil {
		p.When = b.DateShort(o.appointment.StartsAt) + ", " + b.Time(o.appointment.StartsAt)
	}
	return p
}

// spaced writes a code in two halves, so that it can be said.
func spaced(code string) string {
	if len(code) != 6 {
		return code
	}
	return code[:3] + " " + code[3:]
}
