package dealer

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// OrderPage is everything about one order: before accept what is needed to decide, after it what is
// needed to work.
type OrderPage struct {
	Page
	Order     *allocation.OrderView
	Number    string
	Heading   string
	State     string
	Tone      string // of the state's badge
	Drawing   template.HTML
	Snapshot  ordering.Snapshot
	Visit     *Visit      // of a workshop; nil for every other order
	Exchange  *Exchange   // the buyer's own car; nil when there is none
	Facts     []sale.Fact // that the order's flow tells of its goods
	Clock     Clock
	Area      string
	Away      string
	Choice    string
	Stock     string // which car it is, when it existed before the order
	Lines     []PriceGroup
	MoneyView MoneyView
	Stages    []Stage
	Next      Next
	Promise   Promise
	Thread    web.Thread
	Typed     Typed
	History   []Entry
	Filed     []FiledPaper
	Handover  Handover
	Left      *Left
	payAsked  bool      // the address asks for the form of a payment
	CarAsked  *CarAsked // the buyer's question for another car; nil when there is none
	ComeFrom  string    // first day on which the buyer can fetch the car; empty for any
	Deferral  Deferral
	Reasons   []string
	Means     []payment.Means
	PlateEx   string
	PayLink   PayLink
	Story     []web.StoryEntry     // of the money, step by step
	Slips     []web.CorrectionLine // that were put right
	KeepURL   string               // of the list the reader came from
	country   string               // of the site's market
	miles     bool
	Asked     *Asked    // the question to the buyer; nil when none was asked
	Fee       *OrderFee // what the order brings the dealer; nil for who may not see money
	AskHours  int       // how long a question stops the clock at most; zero when none can be asked
}

// Offered tells whether the dealer must answer.
func (p *OrderPage) Offered() bool { return p.Order.EntryState == allocation.Offered }

// Known tells whether the dealer may know who buys.
func (p *OrderPage) Known() bool { return p.Order.Name != "" }

// Returning tells whether the dealer is to take the car back.
func (p *OrderPage) Returning() bool { return p.Order.OrderState == string(ordering.Returning) }

// Miles tells in which unit the site reads an odometer.
func (p *OrderPage) Miles() bool { return p.miles }

// Working tells whether the order is the dealer's to carry on.
func (p *OrderPage) Working() bool { return p.Order.EntryState == allocation.Accepted }

// Awaited tells whether the car is still to be built: until then the weeks of its delivery mean something.
func (p *OrderPage) Awaited() bool {
	return p.Offered() || p.Order.OrderState == string(ordering.Accepted) || p.Order.OrderState == string(ordering.Ordered)
}

// Owing tells whether the car is handed over and its rest still to come.
func (p *OrderPage) Owing() bool {
	return p.Order.OrderState == string(ordering.HandedOver) && p.MoneyView.Owed.Minor > 0
}

// Collects tells whether the dealer takes money for the order.
func (p *OrderPage) Collects() bool { return p.Working() || p.Owing() }

// TownFirst tells countries that write the town before the postcode.
func (p *OrderPage) TownFirst() bool { return p.country == "GB" }

// PhoneAsWritten is the buyer's number in national form.
func (p *OrderPage) PhoneAsWritten() string { return web.NationalPhone(p.Order.Phone, p.country) }

// PayOpen tells whether the form for a payment lies open: when it was asked for, or refused.
func (p *OrderPage) PayOpen() bool {
	for _, f := range []string{"amount", "means", "reference"} {
		if p.Errors.Of(f) != "" {
			return true
		}
	}
	return p.payAsked
}

// Asked is the dealer's question to the buyer, with the answer or how long the clock stands still.
type Asked struct{ Question, Answer, Said string }

// ask fills what was asked, or offers to ask: once for each offer, where the market's rule allows it.
func (p *OrderPage) ask(s site, v *allocation.OrderView) {
	switch q := v.Question; {
	case q == nil:
		if rule := s.market.AllocationAt(v.Flow, market.DateOf(s.now.In(s.market.Zone()))); p.Offered() && v.DueAt.After(s.now) {
			p.AskHours = rule.AskHours
		}
	case !q.Open():
		p.Asked = &Asked{q.Question, q.Answer, ""}
	case !p.Offered():
	case s.now.Before(q.EndsAt):
		p.Asked = &Asked{q.Question, "", p.T("dealer.ask.waits")}
	default:
		p.Asked = &Asked{q.Question, "", p.T("dealer.ask.silent")}
	}
}

// Snoozes are how long an order may be put aside; words are dealer.snooze.<code>.
func (p *OrderPage) Snoozes() []string { return []string{"hour", "morning", "days"} }

// Asleep is until when the order is put aside; empty when it is not.
func (p *OrderPage) Asleep() string {
	if !p.Order.SnoozedUntil.After(p.now) {
		return ""
	}
	return p.When(p.Order.SnoozedUntil)
}

// Typed is what the reader sent, to be shown again when it was refused.
type Typed struct {
	VIN, Plate, Amount, Means, Reference, Reason string
	Odometer, Damage, Note                       string
	Question                                     string
}

// Left is how the buyer left after the handover: by when the car comes, or how it came back and what follows.
type Left struct {
	When, BringBy, Back, Driven, Due string
	Use, Damage, Kept, Owed, Added   money.Money
	Note                             string
	Settled                          bool
}

func (h *Handlers) showOrder(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	p, err := h.orderPage(c, s)
	if err != nil {
		return err
	}
	p.payAsked = c.QueryParam("pay") != ""
	switch done := c.QueryParam("done"); {
	case done == "paid":
		p.Flash = p.paid()
	case done == "accepted" && p.Snapshot.TakenNow:
		p.Flash = p.T("dealer.done.accepted_taken")
	}
	return h.kit.Show(c, http.StatusOK, "dealer/order", p)
}

// orderPage reads the order that the address names, as this dealer may see it.
func (h *Handlers) orderPage(c echo.Context, s site) (*OrderPage, error) {
	v, err := h.order(c, s)
	if err != nil {
		return nil, err
	}
	p := &OrderPage{country: s.market.Country, Page: h.page(c, s, v.Number, "queue")}
	if err := p.fill(s, v); err != nil {
		return nil, err
	}
	if p.Collects() && p.MoneyView.Owed.Minor >= payment.LeastMinor {
		link := h.cars.PayURL(v.Brand, v.Market, v.Number, v.ID)
		p.PayLink = PayLink{URL: link, QR: web.DrawQR(link), Open: v.PayOpen}
	}
	p.Facts = h.cars.FactsOf(v.Flow, p.P, p.Snapshot)
	h.drawCode(p)
	if err := h.thread(c, p); err != nil {
		return nil, err
	}
	if p.CarAsked, err = h.carAsked(c, s, p); err != nil {
		return nil, err
	}
	if err := h.exchange(c, s, p); err != nil {
		return nil, err
	}
	if err := h.visit(c, s, p); err != nil {
		return nil, err
	}
	return p, h.filed(c, s, p)
}

func (h *Handlers) order(c echo.Context, s site) (*allocation.OrderView, error) {
	number, ok := ordering.ReadNumber(c.Param("number"))
	if !ok {
		return nil, web.ErrNotFound
	}
	return allocation.OrderAt(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, number)
}

func (p *OrderPage) fill(s site, v *allocation.OrderView) error {
	if err := json.Unmarshal(v.Snapshot, &p.Snapshot); err != nil {
		return fmt.Errorf("dealer: snapshot of %s: %w", v.Number, err)
	}
	p.Order, p.Number = v, v.Number
	p.Heading = p.Snapshot.ModelName + " " + p.Snapshot.Version
	brand, _ := s.world.Brand(v.Brand)
	p.Heading = brand.Name + " " + p.Heading
	p.Drawing = draw(p.Page, v.Row, "car")
	p.State, p.Tone = p.T("dstate."+v.OrderState), tone(v)
	p.Area, p.Away, p.Choice = s.area(p.Page, v.Area), s.away(p.Page, v.Area), s.choice(p.Page, v)
	p.ask(s, v)
	if p.Offered() {
		p.Clock = s.clock(p.Page, v.OfferedAt, v.DueAt, v.HaltedUntil)
	}
	if v.StockCar != "" {
		p.Stock = s.existing(p.Page, v.Row)
	}
	p.Lines = groups(p.Page, p.Snapshot.Lines)
	p.MoneyView = s.money(v)
	p.fee(s, v)
	p.Stages, p.Next = stages(p.Page, v, &p.Snapshot), s.next(v)
	p.Promise = s.promise(p.Page, v)
	p.History = s.history(p.Page, v, p.Snapshot.TakenNow)
	if v.WishDay != "" && p.Working() {
		p.ComeFrom = p.Date(market.Date(v.WishDay).Time(time.UTC).Add(12 * time.Hour))
	}
	p.miles = s.unit() == i18n.Miles
	var err error
	if p.Handover, err = s.handover(p.Page, v); err != nil {
		return err
	}
	slips, err := ordering.CorrectionsFromJSON(v.Corrections)
	if err != nil {
		return err
	}
	p.Slips = p.Corrections(slips, true)
	if p.Left, err = s.left(p.Page, v); err != nil {
		return err
	}
	if p.Deferral, err = s.deferral(p.Page, v, p.MoneyView); err != nil {
		return err
	}
	p.Reasons, p.Means, p.PlateEx = allocation.DeclineReasons, payment.DeskMeans, s.market.PlateExample
	p.Typed = Typed{Amount: p.PlainAmount(p.MoneyView.Owed), Means: string(payment.DeskMeans[0])}
	p.KeepURL = s.queueURL(allocation.All, "", 1)
	if v.Tab != allocation.Answer {
		p.KeepURL = s.queueURL(v.Tab, "", 1)
	}
	return nil
}

func tone(v *allocation.OrderView) string {
	switch ordering.State(v.OrderState) {
	case ordering.Offered, ordering.Returning:
		return "warn"
	case ordering.Ready, ordering.HandedOver:
		return "good"
	case ordering.Cancelled:
		return "bad"
	}
	return "info"
}

// choice says where this dealer stands in the list that the buyer agreed to.
func (s site) choice(p Page, v *allocation.OrderView) string {
	if v.ByRule {
		return p.T("dealer.by_rule")
	}
	if v.Choice <= 1 {
		return p.T("dealer.first_choice")
	}
	first := string(v.FirstChoice)
	if d, ok := s.world.Dealer(v.FirstChoice); ok {
		first = d.Name
	}
	return p.T("dealer.later_choice", "Place", v.Choice, "Of", v.Choices, "First", first)
}

// left writes how the buyer left; nil while nobody did.
func (s site) left(p Page, v *allocation.OrderView) (*Left, error) {
	l, err := ordering.LeavingFromJSON(v.Leaving)
	if err != nil || l == nil {
		return nil, err
	}
	m := s.market.Amount
	day := func(d string) string {
		if d == "" {
			return ""
		}
		return p.Date(market.Date(d).Time(time.UTC).Add(12 * time.Hour))
	}
	out := &Left{When: p.When(l.ToldAt), BringBy: day(l.BringBy), Due: day(l.DueOn), Use: m(l.UseMinor), Damage: m(l.DamageMinor), Kept: m(l.KeptMinor), Owed: m(l.OwedMinor),
		Note: l.DamageNote, Settled: !l.SettledAt.IsZero(), Added: m(0)}
	if !l.BackAt.IsZero() {
		out.Back, out.Driven = p.When(l.BackAt), p.P.Distance(s.whole(l.DrivenKm), s.unit())
	}
	if out.Settled && l.InterestPaidAt.IsZero() {
		out.Added = m(l.InterestMinor)
	}
	return out, nil
}
