package stripesim

import (
	"net/http"
	"time"
)

const (
	latestPayments = 20
	latestEvents   = 30
)

// dashboardPage is for the person who tries things out.
type dashboardPage struct {
	base
	Now      string
	Cards    []cardRow
	Payments []paymentRow
	Events   []eventRow
}

type paymentRow struct{ Intent, Order, Status, Amount, Captured, Refunded, Card, Problem, At string }

type eventRow struct {
	ID, Type, At string
	Mail         []mailRow
}

type mailRow struct{ State, Answer, Endpoint string }

func (p *pages) showDashboard(w http.ResponseWriter, _ *http.Request) {
	v := dashboardPage{base: p.base(wordsEN, wordsEN.Bank)}
	for _, c := range testCards {
		v.Cards = append(v.Cards, cardRow{Number: spaced(c.Number), Text: wordsEN.Tests[c.Test]})
	}
	p.b.commit(func(t *tx) {
		v.Now = t.now.Format("2 January 2006, 15:04:05 MST")
		refunds := t.st.refundsByCharge()
		latest(&t.st.intents, latestPayments, func(pi *intent) {
			v.Payments = append(v.Payments, t.st.paymentRow(pi, t.st.ledgerLine(pi, refunds[pi.Charge], balanceLine{})))
		})
		latest(&t.st.events, latestEvents, func(e *event) { v.Events = append(v.Events, t.st.eventRow(e)) })
	})
	p.render(w, http.StatusOK, "dashboard.html", v)
}

func latest[T any](s *shelf[T], n int, fn func(*T)) {
	for i := len(s.order) - 1; i >= 0 && n > 0; i-- {
		fn(s.byID[s.order[i]])
		n--
	}
}

func (st *state) paymentRow(pi *intent, l LedgerLine) paymentRow {
	row := paymentRow{
		Intent: pi.ID, Order: l.OrderID, Status: pi.Status, At: clockTime(pi.Created),
		Amount:   amountText(l.Amount, pi.Currency, "en"),
		Captured: amountText(l.Captured, pi.Currency, "en"),
		Refunded: amountText(l.Refunded, pi.Currency, "en"),
	}
	if pi.Card != nil {
		row.Card = pi.Card.Brand + " " + pi.Card.Last4
	}
	if pi.Failure != nil {
		row.Problem = pi.Failure.Message
	}
	return row
}

func (st *state) eventRow(e *event) eventRow {
	row := eventRow{ID: e.ID, Type: e.Type, At: clockTime(e.Created)}
	for _, d := range e.Mail {
		m := mailRow{State: d.State, Answer: d.Answer}
		if w := st.endpoints.byID[d.Endpoint]; w != nil {
			m.Endpoint = w.URL
		}
		row.Mail = append(row.Mail, m)
	}
	return row
}

func clockTime(unix int64) string { return time.Unix(unix, 0).UTC().Format("2 Jan 15:04:05") }
