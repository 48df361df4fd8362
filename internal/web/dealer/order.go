package dealer

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
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
		if rule := s.market.AllocationAt(flow, market.DateOf(s.now.In(s.market.Zone()))); p.Offered() && v.DueAt.After(s.now) {
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

// PriceGroup is a headed part of the price.
type PriceGroup struct {
	Label string
	Lines []ordering.Line
}

// MoneyView is where the money stands.
type MoneyView struct {
	Total, Paid, Pending, Owed, Back money.Money
	Goodwill                         money.Money // given for silences
	Payments                         []allocation.Movement
}

// Stage is a step on the way, with its time once it is done.
type Stage struct {
	Label string
	At    string
	Owner string // who does it, of those to come and of the present one
	Class string // done, now or nothing
}

// Promise is what the buyer was promised, as the dealer must keep it.
type Promise struct {
	Range string // between which days the car should be ready, and how surely; empty when unknown
	Step  string // by when the present stage should end
	News  string // the last news and the next
	Late  bool   // the buyer should have heard by now
	Tell  bool   // the dealer may say that nothing has changed
}

// Next is the one thing to do.
type Next struct {
	Event string // of the order's machine; empty when there is nothing to press
	Key   string // of the words
	Items []Item // of the checklist
}

// Item is a line of a checklist.
type Item struct {
	Code string
	Done bool
}

// PayLink is what the buyer scans or opens to pay the rest by card; empty when there is nothing to pay.
type PayLink struct {
	URL  string
	QR   web.QR
	Open bool // somebody has opened the card page
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

// Entry is a line of the history.
type Entry struct {
	At, What, Who string
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
	h.drawCode(p)
	if err := h.thread(c, p); err != nil {
		return nil, err
	}
	if p.CarAsked, err = h.carAsked(c, s, p); err != nil {
		return nil, err
	}
	return p, h.filed(c, s, p)
}

func (h *Handlers) order(c echo.Context, s site) (*allocation.OrderView, error) {
	number, ok := ordering.ReadNumber(c.Param("number"))
	if !ok {
		return nil, web.ErrNotFound
	}
	return allocation.OrderAt(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, flow, number)
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
	p.Stages, p.Next = stages(p.Page, v, &p.Snapshot), next(v)
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
	p.KeepURL = "/dealer"
	if v.Tab != allocation.Answer {
		p.KeepURL += "?tab=" + string(v.Tab)
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

func groups(p Page, lines []ordering.Line) []PriceGroup {
	car, road := PriceGroup{Label: p.T("dealer.price_car")}, PriceGroup{Label: p.T("dealer.price_road")}
	for _, l := range lines {
		if l.Kind == "fee" {
			road.Lines = append(road.Lines, l)
		} else {
			car.Lines = append(car.Lines, l)
		}
	}
	return []PriceGroup{car, road}
}

func (s site) money(v *allocation.OrderView) MoneyView {
	m := s.market.Amount
	var received int64
	for _, x := range v.Payments {
		if x.Received() {
			received += x.AmountMinor - x.PartMinor + x.PartDue
		}
	}
	out := MoneyView{Total: m(v.TotalMinor), Paid: m(received), Pending: m(v.PendingMinor), Owed: m(0), Back: m(v.BackMinor), Goodwill: m(v.GoodwillMinor)}
	if v.EntryState != allocation.Done || v.OrderState == string(ordering.HandedOver) {
		due := int64(0) // on its way back to the buyer
		for _, x := range v.Payments {
			due += x.PartDue
		}
		out.Owed = m(max(0, v.TotalMinor-v.PaidMinor-v.PendingMinor+due))
	}
	if v.Name != "" {
		out.Payments = v.Payments
	}
	return out
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

// paid is the sentence after a payment at the desk: what was written down last, and what is left.
func (p *OrderPage) paid() string {
	for _, x := range slices.Backward(p.MoneyView.Payments) {
		if x.Means == "card" || x.State != "captured" {
			continue
		}
		args := []any{"Amount", p.Money(p.Amount(x.AmountMinor)), "Means", p.T("means." + x.Means)}
		if p.MoneyView.Owed.Minor == 0 {
			return p.T("dealer.done.paid_all", args...)
		}
		return p.T("dealer.done.paid_of", append(args, "Left", p.Money(p.MoneyView.Owed))...)
	}
	return p.T("dealer.done.paid")
}

// Amount is a movement's money in the market's currency.
func (p *OrderPage) Amount(minor int64) money.Money {
	return money.Of(minor, money.Currency(p.Order.Currency))
}

// stages are the steps from accept to handover.
func stages(p Page, v *allocation.OrderView, s *ordering.Snapshot) []Stage {
	var out []Stage
	way := s.Steps(flow, p.User.Dealer)
	here := slices.Index(way, ordering.State(v.OrderState))
	for i, st := range way[1:] {
		x := Stage{Label: p.T("dealer.stage." + string(st))}
		if who := doers[st]; i+1 > here && here > 0 && who != "" {
			x.Owner = p.T("dealer.owner." + who)
		}
		switch {
		case i+1 < here, ordering.State(v.OrderState).Sold():
			x.Class = "done"
		case i+1 == here:
			x.Class = "now"
		}
		for _, e := range v.History {
			if st == ordering.HandedOver && e.Event == string(ordering.Undo) {
				x.At = "" // it did not happen
			}
			if e.To == string(st) && ordering.Event(e.Event).Reaches() {
				x.At = p.When(e.At)
			}
		}
		out = append(out, x)
	}
	return out
}

// doers are who takes the step into each stage; the words are dealer.owner.<who>.
var doers = map[ordering.State]string{ordering.Ordered: "dealer", ordering.Built: "factory", ordering.InTransit: "factory", ordering.Arrived: "carrier",
	ordering.Prepared: "dealer", ordering.Ready: "dealer", ordering.HandedOver: "dealer"}

// owners are for whom each stage waits; the words are dealer.turn.<who>. The buyer's turn is to book a time.
var owners = map[ordering.State]string{ordering.Accepted: "dealer", ordering.Ordered: "factory", ordering.Built: "factory", ordering.InTransit: "carrier",
	ordering.Arrived: "dealer", ordering.Prepared: "dealer", ordering.Ready: "buyer"}

// promise writes what was promised to the buyer of an accepted order.
func (s site) promise(p Page, v *allocation.OrderView) Promise {
	if v.EntryState != allocation.Accepted || v.StageDueAt.IsZero() {
		return Promise{}
	}
	turn, by := owners[ordering.State(v.OrderState)], v.StageDueAt
	if !v.StartsAt.IsZero() { // a time is booked: what is next is the handover
		turn, by = "dealer", v.StartsAt
	}
	out := Promise{Step: p.T("dealer.promise.step", "Turn", p.T("dealer.turn."+turn), "Day", p.Day(by))}
	if !v.ReadyFrom.IsZero() && v.OrderState != string(ordering.Ready) {
		out.Range = p.T("dealer.promise.range", "From", p.Date(v.ReadyFrom.Add(12*time.Hour)), "To", p.Date(v.ReadyTo.Add(12*time.Hour)), "Odds", v.OddsPct)
	}
	if v.NewsDueAt.IsZero() {
		return out
	}
	out.Tell, out.Late = true, v.NewsStep > allocation.NobodyTold
	key := "dealer.promise.news"
	if out.Late {
		key = "dealer.promise.news_late"
	}
	out.News = p.T(key, "Last", p.Day(v.NewsAt), "Next", p.Day(v.NewsDueAt))
	return out
}

// nextEvents is what a dealer does in each state.
var nextEvents = map[ordering.State]ordering.Event{
	ordering.Accepted: ordering.Place, ordering.Ordered: ordering.Build, ordering.Built: ordering.Dispatch,
	ordering.InTransit: ordering.Arrive, ordering.Arrived: ordering.Prepare, ordering.Prepared: ordering.Release,
}

func next(v *allocation.OrderView) Next {
	if v.EntryState != allocation.Accepted {
		return Next{}
	}
	ev, ok := nextEvents[ordering.State(v.OrderState)]
	if !ok {
		return Next{Key: "handover"}
	}
	n := Next{Event: string(ev), Key: string(ev)}
	if ev == ordering.Prepare {
		done := strings.Split(v.Checks, ",")
		for _, item := range ordering.PreparationItems {
			n.Items = append(n.Items, Item{Code: item, Done: slices.Contains(done, item)})
		}
	}
	return n
}

// history says what happened, newest first. Staff are named only to themselves.
func (s site) history(p Page, v *allocation.OrderView, taken bool) []Entry {
	var out []Entry
	for _, e := range slices.Backward(v.History) {
		who, _, _ := strings.Cut(e.Actor, ":") // "client:<id>" is the dealer's own system
		if staff, ok := strings.CutPrefix(e.Actor, "staff:"); ok {
			if who = "staff"; id.User(staff) == s.user.ID {
				who = "you"
			}
		}
		what := e.Event
		if what == string(ordering.Authorise) && taken {
			what = "authorise_taken" // in such a market nothing was ever only reserved
		}
		out = append(out, Entry{At: p.When(e.At), What: p.T("dealer.event." + what), Who: p.T("dealer.actor." + who)})
	}
	return out
}
