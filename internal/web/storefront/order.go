package storefront

import (
	"net/http"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// OrderPage is the buyer's page of one order, from the card page to the key.
type OrderPage struct {
	web.Base
	Order     *ordering.Order
	Sold      OrderCar
	Facts     []sale.Fact // that the order's flow tells of its goods
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
	Visit     *Visit               // of a workshop; nil for every other order
	Exchange  *Exchanged           // the buyer's own car; nil when he pays in money alone
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

// orderPage makes the page of an order as it stands.
func (h *Handlers) orderPage(c echo.Context, o *openOrder) (*OrderPage, error) {
	p := &OrderPage{Base: h.base(c, o.shop, "", ""), Order: o.Order, URL: o.url(), Dealer: o.now()}
	p.Preview, p.NoIndex = false, true
	p.Title = p.T("order.page_title", "Number", o.Number)
	if d := o.now(); d != nil {
		p.Zone = d.Zone()
		p.DealerAt, p.Hours = address(d), week(p.Base, d)
	}
	p.Sold = orderCar(p.Base, o)
	p.Facts = h.NewCar.FactsOf(o.Flow, p.P, o.Snapshot)
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
	p.links(o)
	p.Asked, p.Answered, p.Wish = askedNote(p.Base, o), answered(p.Base, o), wish(p.Base, o)
	if p.Proposal = proposal(p.Base, o); p.Proposal != nil {
		p.Lede = p.T("order.lede.proposal")
	}
	p.Filed, p.Texts = filed(p.Base, o)
	p.Exchange = exchanged(p.Base, o)
	p.Rate, p.Slips = rating(p.Base, o), p.Corrections(o.corrections, false)
	p.ProgressFirst = o.State != ordering.Checkout && o.State != ordering.Choosing && o.State != ordering.Ready && (p.Record == nil || !p.Record.Ask)
	if err := h.thread(c, p, o); err != nil {
		return nil, err
	}
	if err := h.visit(c, p, o); err != nil {
		return nil, err
	}
	switch o.State {
	case ordering.Checkout:
		p.Longer = longer(p.Base, o)
	case ordering.Choosing:
		p.Choose = others(c, p.Base, o)
	case ordering.Ready:
		return p, h.ready(c, p, o)
	}
	return p, nil
}

// links are the ways on from the page, each while it is open.
func (p *OrderPage) links(o *openOrder) {
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
}

// ready says what a buyer needs whose car waits: the code, the papers to bring, and a time.
func (h *Handlers) ready(c echo.Context, p *OrderPage, o *openOrder) error {
	if o.Snapshot.Visit != nil { // fetched in the opening hours
		p.Pass, p.Leave = pass(p.Base, o), nil // and the work is done: there is nothing to cancel
		return nil
	}
	p.Papers = o.shop.market.SayAll(o.shop.market.Papers, o.shop.lang())
	p.Pass, p.Manners = pass(p.Base, o), manners(o)
	p.Plug = o.Snapshot.Electric && o.place != nil && o.place.Charge > 0
	days, err := h.slots(c, p.Base, o)
	p.Slots, p.Later = days[:min(len(days), daysShown)], days[min(len(days), daysShown):]
	return err
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
