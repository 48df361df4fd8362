package dealer

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// QueuePage is the list of what needs somebody, most urgent first.
type QueuePage struct {
	Page
	Tabs    []TabLink
	Views   []ViewLink
	Tab     allocation.Tab
	Query   string
	Asked   []QuestionLink // what waits for an answer beside offers
	Moves   []MoveRow      // cars between sites that this one has to do something about
	Rows    []Line
	Found   int   // on all pages
	Pages   Pager // none when all rows are here
	Chosen  *Peek // beside the table; nil when the list is empty
	Today   string
	Hours   string            // of the site today; empty when it is shut
	Seen    allocation.Moment // for the stream of changes: what this page has seen already
	NewView string            // as it was typed
	FoldOut bool              // the form for a view lies open
}

// Cut tells whether the page shows less than the whole queue: something worth a name.
func (p *QueuePage) Cut() bool { return p.Query != "" || p.Tab != allocation.All }

// Everywhere is where the same words are looked for in the whole queue; empty when they are.
func (p *QueuePage) Everywhere() string {
	if p.Query == "" || p.Tab == allocation.All {
		return ""
	}
	return p.url(allocation.All, p.Query, 1)
}

// Export is where the file of what the page shows is.
func (p *QueuePage) Export() string {
	return exportPath + strings.TrimPrefix(p.url(p.Tab, p.Query, 1), "/dealer")
}

// Pager leads to the other pages of a long list.
type Pager struct {
	From, To   int
	Prev, Next string // empty where there is none
}

// ViewLink is a saved view.
type ViewLink struct {
	allocation.View
	URL     string
	Current bool
}

// TabLink is a part of the queue with its count.
type TabLink struct {
	URL     string
	Label   string
	Count   int
	Late    bool
	Current bool
	tab     allocation.Tab
}

// Line is a row as the page shows it.
type Line struct {
	allocation.Row
	URL    string // empty for what is not with this dealer any more
	Due    Due
	Who    string // the area before accept, the name after
	Text   string // of the car
	Tail   string // of the VIN
	Task   string
	Action string
	Detail string // state and money
	Chosen bool
	Main   bool // the action is the one to take first
}

// Due is when a row needs somebody: the clock of an offer, the start of a handover, else since when it
// stands where it is.
type Due struct {
	Clock
	Dial  bool
	Icon  string
	Top   string
	Small string
	Below string
}

// Offered tells whether the dealer must answer.
func (l Line) Offered() bool { return l.Tab == allocation.Answer }

// Peek is the chosen row with its picture and, for an offer, its answers.
type Peek struct {
	Line
	Drawing template.HTML
	Away    string
	Total   money.Money
	Deposit money.Money
}

func (h *Handlers) showQueue(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	page, _ := strconv.Atoi(c.QueryParam("page"))
	p, err := h.queuePage(c, s, tabOf(c.QueryParam("tab")), cut(web.CleanLine(c.QueryParam("q")), mostWords), min(max(page, 1), 1_000_000))
	if err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/queue", p)
}

// mostWords bounds what is looked for; the schema says the same of a saved view.
const mostWords = 60

func (h *Handlers) queuePage(c echo.Context, s site, tab allocation.Tab, words string, page int) (*QueuePage, error) {
	p := &QueuePage{Page: h.page(c, s, "", "queue"), Tab: tab, Query: words}
	p.Title = p.T("dealer.queue_title", "Site", s.dealer.Name)
	ask := s.ask(tab, allocation.PageRows)
	ask.Words, ask.Page = words, page
	ask.User = s.user.ID
	found, err := allocation.QueueOf(h.kit.DB.Read(c.Request().Context()), ask)
	if err != nil {
		return nil, err
	}
	p.fill(s, found, c.QueryParam("sel"))
	if err := p.moves(c.Request().Context(), h, s); err != nil {
		return nil, err
	}
	if p.Tab != allocation.Closed && found.Counts.Asked.All > 0 {
		qs, err := allocation.QuestionsTo(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, s.flow)
		if err != nil {
			return nil, err
		}
		p.Asked = s.questions(p.Page, s.asked(tab, qs))
	}
	return p, nil
}

// asked keeps the questions that a tab counts: those of its days, or all where offers stand.
func (s site) asked(tab allocation.Tab, qs []allocation.Question) []allocation.Question {
	local := s.now.In(s.dealer.Zone())
	midnight := func(days int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, 0, 0, 0, 0, local.Location())
	}
	from, to := time.Time{}, time.Time{}
	switch tab {
	case allocation.All, allocation.Answer:
		return qs
	case allocation.Late:
		to = s.now
	case allocation.Today:
		from, to = s.now, midnight(1)
	case allocation.Tomorrow:
		from, to = midnight(1), midnight(2)
	}
	return slices.DeleteFunc(qs, func(q allocation.Question) bool { return q.DueAt.Before(from) || !q.DueAt.Before(to) })
}

// ask begins a question for this dealer's queue.
func (s site) ask(tab allocation.Tab, rows int) allocation.Ask {
	return allocation.Ask{Dealer: s.dealer.Code, Flow: s.flow, Tab: tab, Rows: rows, Now: s.now, Zone: s.dealer.Zone()}
}

// queueURL is the address of a part of the site's queue.
func (s site) queueURL(tab allocation.Tab, words string, page int) string {
	return queueURL(s.named(), tab, words, page)
}

// url is another part of the queue that the page shows.
func (p *QueuePage) url(tab allocation.Tab, words string, page int) string {
	return queueURL(p.Flow, tab, words, page)
}

// Whole is the queue without a cut.
func (p *QueuePage) Whole() string { return p.url(allocation.All, "", 1) }

func queueURL(flow id.Flow, tab allocation.Tab, words string, page int) string {
	q := url.Values{}
	if flow != "" {
		q.Set("flow", string(flow))
	}
	if tab != allocation.All {
		q.Set("tab", string(tab))
	}
	if words != "" {
		q.Set("q", words)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return "/dealer"
	}
	return "/dealer?" + q.Encode()
}

func tabOf(s string) allocation.Tab {
	for _, t := range allocation.Tabs {
		if string(t) == s {
			return t
		}
	}
	return allocation.All
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// fill turns rows into lines. The row to look at is the one that the address names, else the first.
func (p *QueuePage) fill(s site, f allocation.Found, chosen string) {
	p.Today = p.T("dealer.when", "Day", p.Date(s.now), "Time", p.Time(s.now))
	p.Hours = s.hours(p.Page)
	p.Found, p.Seen = f.Total, f.Seen
	p.Pages = p.pager(f)
	inView := false
	for _, v := range f.Views {
		x := ViewLink{View: v, URL: p.url(v.Tab, v.Words, 1), Current: v.Tab == p.Tab && v.Words == p.Query}
		inView = inView || x.Current
		p.Views = append(p.Views, x)
	}
	for _, t := range allocation.Tabs {
		p.Tabs = append(p.Tabs, TabLink{URL: p.url(t, "", 1), Label: p.T("dealer.tab." + tabWord(t)), Count: f.Counts.Of(t), Late: t == allocation.Late, tab: t,
			Current: t == p.Tab && p.Query == "" && !inView})
	}
	rows := f.Rows
	at := 0
	for i, r := range rows {
		p.Rows = append(p.Rows, s.line(p.Page, r))
		if r.Number == chosen {
			at = i
		}
	}
	if len(p.Rows) == 0 {
		return
	}
	p.Rows[at].Chosen = true
	l := p.Rows[at]
	p.Chosen = &Peek{Line: l, Drawing: draw(p.Page, l.Row, "peek"), Away: s.away(p.Page, l.Area),
		Total: s.market.Amount(l.TotalMinor), Deposit: s.market.Amount(l.DepositMinor)}
}

func (p *QueuePage) pager(f allocation.Found) Pager {
	if f.Total <= allocation.PageRows {
		return Pager{}
	}
	x := Pager{From: (f.Page-1)*allocation.PageRows + 1}
	x.To = x.From + len(f.Rows) - 1
	if f.Page > 1 {
		x.Prev = p.url(p.Tab, p.Query, f.Page-1)
	}
	if x.To < f.Total {
		x.Next = p.url(p.Tab, p.Query, f.Page+1)
	}
	return x
}

func tabWord(t allocation.Tab) string {
	if t == allocation.All {
		return "all"
	}
	return string(t)
}

// line makes a row readable.
func (s site) line(p Page, r allocation.Row) Line {
	l := Line{Row: r, Text: join(r.Model+" "+r.Version, r.Colour), Tail: vinTail(r.VIN), Who: r.Name, URL: "/dealer/orders/" + url.PathEscape(r.Number)}
	if l.Who == "" {
		l.Who = s.area(p, r.Area)
	}
	if r.StockCar != "" {
		l.Text = join(l.Text, s.existing(p, r))
	}
	l.Due = s.due(p, r)
	s.task(p, r, &l)
	if r.SnoozedUntil.After(s.now) {
		l.Detail = join(l.Detail, p.T("dealer.snoozed", "When", p.When(r.SnoozedUntil)))
	}
	if r.Asked && l.URL != "" && taskOf(r) != "reply" {
		l.Detail = join(p.T("dealer.asked"), l.Detail)
	}
	return l
}

// answerLine says of an offer what was paid for it, and to whom it is to answer it.
func (s site) answerLine(p Page, r allocation.Row, l *Line) {
	if s.user.MayAt(identity.DealerQueue, s.dealer.Code) {
		l.Action, l.Main = p.T("dealer.answer"), true
	} else {
		l.Task = p.T("dealer.task.others")
	}
	said := "dealer.reserved"
	if r.TakenNow {
		said = "dealer.taken"
	}
	l.Detail = p.T(said, "Number", r.Number, "Amount", p.MoneyShort(s.market.Amount(r.DepositMinor)))
	if l.Due.Over() {
		l.Detail = p.T("dealer.time_up")
	}
}

// task says what is to do, and how far the order is.
func (s site) task(p Page, r allocation.Row, l *Line) {
	task := taskOf(r)
	word := task
	if task == "part_return" {
		word = "return"
	}
	l.Task, l.Action = p.T("dealer.task."+word), p.T("dealer.open")
	switch task {
	case "answer":
		s.answerLine(p, r, l)
	case "handover":
		l.Detail = s.paidWords(p, r)
		if s.user.MayAt(identity.DealerHandover, s.dealer.Code) {
			l.Action, l.URL = p.T("dealer.hand_over"), l.URL+"/handover"
		}
	case "part_return":
		l.Detail = p.T("dealer.part_return", "Amount", p.MoneyShort(s.market.Amount(r.BackMinor)))
	case "return":
		l.Detail = p.T("dealer.cancelled_return", "Amount", p.MoneyShort(s.market.Amount(r.BackMinor)))
	case "owing":
		l.Detail = p.T("dealer.open_until", "Amount", p.MoneyShort(s.market.Amount(r.OwedMinor)), "Day", p.DateShort(r.Promised.Add(12*time.Hour)))
	case "interest":
		l.Detail = p.T("dealer.interest_owed", "Amount", p.MoneyShort(s.market.Amount(r.AddedMinor)))
	case "take_back":
		l.Action, l.Detail = p.T("dealer.take_back.button"), p.T("dstate.returning")
	case "reply":
		l.Action, l.Detail = p.T("dealer.reply"), p.T("dstate."+r.OrderState)
		l.URL += "#messages"
	case "over":
		if r.EntryState == allocation.Withdrawn && r.Reason == allocation.PassedOn {
			l.Detail, l.URL = p.T("dealer.event.pass_on"), ""
			break
		}
		l.Detail, l.URL = p.T("dstate."+string(r.EntryState)), ""
	case "handed_over", "returned":
		l.Detail = p.T("dstate." + task)
	default:
		l.Detail = join(p.T("dstate."+r.OrderState), s.paidWords(p, r))
	}
}

// existing says that no car has to be ordered, and from when this one can be handed over here.
func (s site) existing(p Page, r allocation.Row) string {
	return p.T("dealer.stock."+r.StockStage, "Number", r.StockCar, "Day", p.DateShort(r.StockDay.Add(12*time.Hour)))
}

func (s site) due(p Page, r allocation.Row) Due {
	switch r.Tab {
	case allocation.Answer:
		c := s.clock(p, r.OfferedAt, r.DueAt, r.HaltedUntil)
		if c.Stands() {
			return Due{Clock: c, Icon: "pause", Top: p.T("dealer.halted"), Below: p.T("dealer.halted_left", "Left", c.Left)}
		}
		return Due{Clock: c, Dial: true, Top: c.Left, Small: p.T("dealer.left"), Below: p.T("dealer.by", "When", p.When(r.DueAt))}
	case allocation.Handovers:
		d := Due{Icon: "calendar", Top: p.Time(r.StartsAt), Small: p.Day(r.StartsAt)}
		if r.StartsAt.Before(s.now) {
			d.Tone = "bad"
		}
		return d
	case allocation.Work:
		if by := r.AskedAt.Add(allocation.ReplyWithin); r.Asked && (r.EntryState == allocation.Done && lastDay(r).IsZero() || by.Before(r.StageDueAt)) {
			d := Due{Icon: "clock", Top: p.T("dealer.until_day", "Day", p.Day(by)), Small: p.Time(by), Below: p.T("dealer.asked_at", "When", p.When(r.AskedAt))}
			if s.now.After(by) {
				d.Tone = "bad"
			}
			return d
		}
		if last := lastDay(r); !last.IsZero() {
			d := Due{Icon: "calendar", Top: p.T("dealer.until_day", "Day", p.DateShort(last))}
			if s.now.After(last.Add(12 * time.Hour)) {
				d.Tone = "bad"
			}
			return d
		}
		if r.StageDueAt.IsZero() {
			return Due{Icon: "clock", Top: p.T("dealer.since", "Day", p.Day(r.Since))}
		}
		d := Due{Icon: "clock", Top: p.T("dealer.until_day", "Day", p.Day(r.StageDueAt)), Below: p.T("dealer.since", "Day", p.Day(r.Since))}
		if s.now.After(r.StageDueAt) {
			d.Tone = "bad"
		}
		if r.NewsStep > allocation.NobodyTold {
			d.Tone, d.Below = "bad", p.T("dealer.news_late")
		}
		return d
	}
	return Due{Icon: "check", Top: p.Day(r.Since)}
}

// lastDay is the day by which a car or money of a buyer who left is back, or a rest is promised, at noon; zero when there
// is none.
func lastDay(r allocation.Row) time.Time {
	switch {
	case !r.BringBy.IsZero():
		return r.BringBy.Add(12 * time.Hour)
	case !r.Promised.IsZero():
		return r.Promised.Add(12 * time.Hour)
	case r.BackMinor > 0 && !r.BackDue.IsZero():
		return r.BackDue.Add(12 * time.Hour)
	}
	return time.Time{}
}

func (s site) paidWords(p Page, r allocation.Row) string {
	if r.OwedMinor <= 0 {
		return p.T("dealer.paid_in_full")
	}
	return p.T("dealer.owes", "Amount", p.MoneyShort(s.market.Amount(r.OwedMinor)))
}

// taskOf names what the dealer does next with an order.
func taskOf(r allocation.Row) string {
	switch {
	case r.Tab == allocation.Answer:
		return "answer"
	case !r.BringBy.IsZero():
		return "take_back"
	case r.BackMinor > 0 && r.EntryState == allocation.Accepted:
		return "part_return"
	case r.BackMinor > 0:
		return "return"
	case r.AddedMinor > 0:
		return "interest"
	case !r.Promised.IsZero():
		return "owing"
	case r.OrderState == string(ordering.Returned):
		return "returned"
	case r.EntryState == allocation.Done && r.Asked:
		return "reply"
	case r.EntryState == allocation.Done:
		return "handed_over"
	case r.EntryState != allocation.Accepted:
		return "over"
	case r.Tab == allocation.Handovers:
		return "handover"
	}
	return r.OrderState
}

// Manners are the buyer's for the booked handover, in words; empty when there are none.
func (p Page) Manners(r allocation.Row) string {
	var out []string
	for w := range strings.SplitSeq(r.Manners, ",") {
		if w != "" {
			out = append(out, p.T("manner."+w))
		}
	}
	return p.P.List(out)
}

// hours are the site's opening spans of today.
func (s site) hours(p Page) string {
	var spans []string
	for _, x := range s.dealer.SpansOn(s.market, s.now) {
		spans = append(spans, p.T("dealer.span", "From", p.Time(x[0]), "To", p.Time(x[1])))
	}
	if len(spans) == 0 {
		return p.T("dealer.shut_today")
	}
	return p.T("dealer.clock_hours", "Hours", p.P.List(spans))
}
