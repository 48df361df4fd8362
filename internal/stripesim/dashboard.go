package stripesim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	latestPayments = 20
	latestEvents   = 30
	mostRows       = 500
)

// dashboardPage is for the person who tries things out.
type dashboardPage struct {
	base
	Here     string // address to come back to
	Now      string
	Query    string
	More     string // address that shows more payments, empty when these are all
	Groups   []cardGroup
	Balance  []balanceRow
	Payments []paymentRow
	Disputes []disputeRow
	Refunds  []refundRow
	Events   []eventRow
	Faults   []string
}

type paymentRow struct {
	Intent, URL, For, Order, Status, Amount, Captured, Refunded, Disputed, Card, Problem, At string
}

type balanceRow struct{ Currency, Amount, Fees, Net string }

type disputeRow struct {
	ID, Payment, URL, Status, Reason, Amount, At, DueBy, Here string
	Outcomes                                                  []outcomeButton
}

type outcomeButton struct{ Outcome, Text string }

type refundRow struct {
	ID, Payment, URL, Status, Amount, At, Here string
	Statuses                                   []outcomeButton
}

type eventRow struct {
	ID, Type, At, Here string
	Mail               []mailRow
}

type mailRow struct{ State, Answer, Endpoint string }

func (p *pages) showDashboard(w http.ResponseWriter, r *http.Request) {
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	rows, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil || rows < 1 || rows > mostRows {
		rows = latestPayments
	}
	v := dashboardPage{base: p.base(wordsEN, wordsEN.Bank), Query: query, Here: dashboardURL(query, rows)}
	v.Groups = groupsOf(wordsEN, "")
	more := false
	p.b.commit(func(t *tx) {
		v.Now = t.now.Format("2 January 2006, 15:04:05 MST")
		v.Balance = t.st.balanceRows()
		v.Payments, more = t.st.paymentRows(query, rows)
		v.Disputes, v.Refunds = t.st.openDisputes(v.Here), t.st.openRefunds(v.Here)
		latest(&t.st.events, latestEvents, func(e *event) { v.Events = append(v.Events, t.st.eventRow(e, v.Here)) })
	})
	if more && rows < mostRows {
		v.More = dashboardURL(query, min(mostRows, rows*5)) + "#payments"
	}
	v.Faults = p.b.faults.texts()
	p.render(w, http.StatusOK, "dashboard.html", v)
}

func dashboardURL(query string, rows int) string {
	v := url.Values{}
	if query != "" {
		v.Set("q", query)
	}
	if rows != latestPayments {
		v.Set("n", strconv.Itoa(rows))
	}
	if len(v) == 0 {
		return "/"
	}
	return "/?" + v.Encode()
}

func latest[T any](s *shelf[T], n int, fn func(*T)) {
	for i := len(s.order) - 1; i >= 0 && n > 0; i-- {
		fn(s.byID[s.order[i]])
		n--
	}
}

func (st *state) balanceRows() []balanceRow {
	var out []balanceRow
	for _, sum := range st.balanceSums() {
		text := func(minor int64) string { return signedText(minor, sum.Currency) }
		out = append(out, balanceRow{strings.ToUpper(sum.Currency), text(sum.Amount), text(sum.Fees), text(sum.Net)})
	}
	return out
}

func signedText(minor int64, currency string) string {
	if minor < 0 {
		return "−" + amountText(-minor, currency, "en")
	}
	return amountText(minor, currency, "en")
}

// paymentRows are the latest payments that a search finds, and whether there are more.
func (st *state) paymentRows(query string, rows int) (out []paymentRow, more bool) {
	refunds := st.refundsByCharge()
	latest(&st.intents, len(st.intents.order), func(pi *intent) {
		switch {
		case !pi.matches(query):
		case len(out) == rows:
			more = true
		default:
			out = append(out, st.paymentRow(pi, st.ledgerLine(pi, refunds[pi.Charge], balanceLine{})))
		}
	})
	return out, more
}

// matches looks for a text in what names a payment.
func (pi *intent) matches(query string) bool {
	if query == "" {
		return true
	}
	q := strings.ToLower(query)
	names := []string{pi.ID, pi.Text, pi.Email, pi.Session, pi.Charge}
	for _, v := range pi.Metadata {
		names = append(names, v)
	}
	return slices.ContainsFunc(names, func(s string) bool { return strings.Contains(strings.ToLower(s), q) })
}

func (st *state) paymentRow(pi *intent, l LedgerLine) paymentRow {
	text := func(minor int64) string { return amountText(minor, pi.Currency, "en") }
	row := paymentRow{
		Intent: pi.ID, URL: "/payments/" + pi.ID, For: pi.Text, Order: l.OrderID, Status: pi.Status, At: clockTime(pi.Created),
		Amount: text(l.Amount), Captured: text(l.Captured), Refunded: text(l.Refunded), Disputed: text(l.Disputed),
	}
	if pi.Card != nil {
		row.Card = pi.Card.Brand + " " + pi.Card.Last4
	}
	if pi.Failure != nil {
		row.Problem = pi.Failure.Message
	}
	return row
}

func (st *state) openDisputes(here string) []disputeRow {
	var out []disputeRow
	latest(&st.disputes, len(st.disputes.order), func(d *dispute) {
		if !d.isOver() && len(out) < latestPayments {
			out = append(out, st.disputeRow(d, here))
		}
	})
	return out
}

func (st *state) disputeRow(d *dispute, here string) disputeRow {
	row := disputeRow{
		ID: d.ID, Payment: d.Intent, URL: "/payments/" + d.Intent, Status: d.Status, Reason: d.Reason,
		Amount: amountText(d.Amount, d.Currency, "en"), At: clockTime(d.Created), DueBy: clockTime(d.DueBy), Here: here,
	}
	switch {
	case d.isOver():
	case d.isInquiry():
		row.Outcomes = []outcomeButton{{"closed", "Close"}, {"escalated", "Escalate"}, {"lost", "Lose"}}
	default:
		row.Outcomes = []outcomeButton{{"won", "Win"}, {"lost", "Lose"}}
	}
	return row
}

// openRefunds are those that have not arrived or will change by themselves.
func (st *state) openRefunds(here string) []refundRow {
	var out []refundRow
	latest(&st.refunds, len(st.refunds.order), func(r *refund) {
		if (r.Turns > 0 || r.Status == refundPending || r.Status == refundNeedsYou) && len(out) < latestPayments {
			out = append(out, r.row(here))
		}
	})
	return out
}

func (r *refund) row(here string) refundRow {
	row := refundRow{
		ID: r.ID, Payment: r.Intent, URL: "/payments/" + r.Intent, Status: r.Status,
		Amount: amountText(r.Amount, r.Currency, "en"), At: clockTime(r.Created), Here: here,
	}
	for _, b := range []outcomeButton{{refundSucceeded, "Arrives"}, {refundFailed, "Fails"}, {refundCanceled, "Cancel"}} {
		if r.turnable(b.Outcome) {
			row.Statuses = append(row.Statuses, b)
		}
	}
	return row
}

func (st *state) eventRow(e *event, here string) eventRow {
	row := eventRow{ID: e.ID, Type: e.Type, At: clockTime(e.Created), Here: here}
	for _, d := range e.Mail {
		m := mailRow{State: d.State, Answer: d.Answer}
		if w := st.endpoints.byID[d.Endpoint]; w != nil {
			m.Endpoint = w.URL
		}
		row.Mail = append(row.Mail, m)
	}
	return row
}

// texts are the standing orders in words.
func (f *faultBoard) texts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, o := range f.orders {
		if o.Left > 0 {
			out = append(out, o.text())
		}
	}
	return out
}

func (f *fault) text() string {
	what := strings.TrimSpace(f.Method+" "+f.Path) + ": " + f.Kind + " " + f.Phase + " it is executed"
	if f.chance != nil {
		return what + ", " + strconv.FormatFloat(f.Rate*100, 'f', -1, 64) + " % of the calls"
	}
	return what + ", the next " + strconv.Itoa(f.Left)
}

func clockTime(unix int64) string { return time.Unix(unix, 0).UTC().Format("2 Jan 15:04:05") }

// detailPage is one payment with everything that happened to it.
type detailPage struct {
	base
	Here     string
	Intent   string
	Payment  paymentRow
	Facts    []fact
	Charges  []chargeRow
	Refunds  []refundRow
	Disputes []disputeRow
	Balance  []lineRow
	Events   []eventRow
	Captures string // what can be captured, "" for nothing
	Cancels  bool
	Returns  string // what can be refunded, "" for nothing
	Reasons  []string
}

type fact struct{ Name, Value string }

type chargeRow struct{ ID, Status, Amount, Card, Problem, At string }

type lineRow struct{ ID, Type, Amount, Fee, Net, At string }

func (p *pages) showPayment(w http.ResponseWriter, r *http.Request) {
	var v detailPage
	p.b.commit(func(t *tx) {
		if pi := t.st.intents.byID[r.PathValue("id")]; pi != nil {
			v = t.st.detailPage(pi)
		}
	})
	if v.Intent == "" {
		p.showUnknown(w, wordsEN)
		return
	}
	v.base = p.base(wordsEN, "Payment "+v.Payment.Amount)
	p.render(w, http.StatusOK, "payment.html", v)
}

func (st *state) detailPage(pi *intent) detailPage {
	l := st.ledgerLine(pi, st.refundsByCharge()[pi.Charge], st.feesByIntent()[pi.ID])
	here := "/payments/" + pi.ID
	v := detailPage{Here: here, Intent: pi.ID, Payment: st.paymentRow(pi, l), Facts: factsOf(pi, l), Reasons: disputeReasons}
	if pi.Status == intentNeedsCapture {
		v.Captures = amountText(pi.Capturable, pi.Currency, "en")
	}
	v.Cancels = cancellable(pi, st.sessions.byID[pi.Session]) == nil
	c := st.charges.byID[pi.Charge]
	if left := l.Captured - l.Refunded; left > 0 && c != nil && st.refundable(c) == nil {
		v.Returns = amountText(left, pi.Currency, "en")
	}
	each(&st.charges, func(c *charge) {
		if c.Intent == pi.ID {
			v.Charges = append(v.Charges, c.row())
		}
	})
	each(&st.refunds, func(r *refund) {
		if r.Intent == pi.ID {
			v.Refunds = append(v.Refunds, r.row(here))
		}
	})
	each(&st.disputes, func(d *dispute) {
		if d.Intent == pi.ID {
			v.Disputes = append(v.Disputes, st.disputeRow(d, here))
		}
	})
	each(&st.balance, func(b *balanceLine) {
		if b.Intent == pi.ID {
			v.Balance = append(v.Balance, b.row())
		}
	})
	each(&st.events, func(e *event) {
		if e.about() == pi.ID || pi.Session != "" && e.Session != nil && e.Session.ID == pi.Session {
			v.Events = append(v.Events, st.eventRow(e, here))
		}
	})
	return v
}

func factsOf(pi *intent, l LedgerLine) []fact {
	text := func(minor int64) string { return signedText(minor, pi.Currency) }
	out := []fact{{"State", pi.Status}, {"For", pi.Text}, {"Buyer", pi.Email}, {"Session", pi.Session}, {"Charge", pi.Charge}, {"Captured how", pi.captureMethod()}}
	keys := make([]string, 0, len(pi.Metadata))
	for name := range pi.Metadata {
		keys = append(keys, name)
	}
	slices.Sort(keys)
	for _, name := range keys {
		out = append(out, fact{name, pi.Metadata[name]})
	}
	out = append(out, fact{"Amount", text(l.Amount)}, fact{"Held", text(l.Held)}, fact{"Captured", text(l.Captured)},
		fact{"Refunded", text(l.Refunded)}, fact{"Disputed", text(l.Disputed)}, fact{"Fees", text(l.Fees)}, fact{"Net", text(l.Net)})
	return slices.DeleteFunc(out, func(f fact) bool { return f.Value == "" })
}

func (c *charge) row() chargeRow {
	row := chargeRow{ID: c.ID, Status: c.Status, Amount: amountText(c.Amount, c.Currency, "en"),
		Card: c.Card.Brand + " " + c.Card.Last4, At: clockTime(c.Created)}
	if c.Failure != nil {
		row.Problem = c.Failure.Message
	}
	return row
}

func (b *balanceLine) row() lineRow {
	text := func(minor int64) string { return signedText(minor, b.Currency) }
	return lineRow{ID: b.ID, Type: b.Category, Amount: text(b.Amount), Fee: text(b.Fee), Net: text(b.Amount - b.Fee), At: clockTime(b.Created)}
}

// about is the intent that an event tells of, also through another object.
func (e *event) about() string {
	switch {
	case e.Intent != nil:
		return e.Intent.ID
	case e.Charge != nil:
		return e.Charge.Intent
	case e.Refund != nil:
		return e.Refund.Intent
	case e.Dispute != nil:
		return e.Dispute.Intent
	case e.Warning != nil:
		return e.Warning.Intent
	case e.Review != nil:
		return e.Review.Intent
	}
	return ""
}
