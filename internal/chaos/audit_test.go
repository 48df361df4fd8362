package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"forecourt/internal/platform/localpg"
	"forecourt/internal/stripesim"

	"github.com/jackc/pgx/v5/pgxpool"
)

// rest is how long everything that was under way may take to come to rest after the last start.
const rest = 60 * time.Second

// unrest counts what still moves by itself.
var unrest = map[string]string{
	"payments under way": `SELECT count(*) FROM payments WHERE means = 'card' AND state IN ('opening', 'capturing', 'returning')`,
	"open pages of ended orders": `SELECT count(*) FROM payments p JOIN orders o ON o.id = p.order_id
		WHERE p.state = 'open' AND o.state <> 'checkout'`,
	"mails to send":    `SELECT count(*) FROM mails WHERE sent_at IS NULL`,
	"events to handle": `SELECT count(*) FROM provider_events WHERE processed_at IS NULL`,
	"jobs to run":      `SELECT count(*) FROM river_job WHERE kind <> 'newcar.sweep' AND state IN ('available', 'retryable', 'running', 'scheduled', 'pending')`,
}

// audit compares our books, the bank's and the mails with what the people did.
func (c *campaign) audit(ctx context.Context) {
	server, err := localpg.Ensure(ctx, localpg.Options{Dir: c.house.data, Database: "forecourt"})
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = server.StopForced(context.WithoutCancel(ctx)) }()
	pool, err := pgxpool.New(ctx, server.DSN)
	if err != nil {
		c.t.Fatal(err)
	}
	defer pool.Close()
	a := &auditor{campaign: c, pool: pool, ctx: ctx}
	a.waitForRest()
	a.invariants()
	a.orders()
	a.queues()
	a.money()
	a.mails()
}

type auditor struct {
	*campaign
	pool *pgxpool.Pool
	ctx  context.Context
}

func (a *auditor) count(query string, args ...any) int {
	a.t.Helper()
	var n int
	if err := a.pool.QueryRow(a.ctx, query, args...).Scan(&n); err != nil {
		a.t.Fatal(err)
	}
	return n
}

func (a *auditor) waitForRest() {
	begin := time.Now()
	for {
		moving := map[string]int{}
		for name, query := range unrest {
			if n := a.count(query); n > 0 {
				moving[name] = n
			}
		}
		if len(moving) == 0 {
			a.t.Logf("everything came to rest %v after the last journey", time.Since(begin).Round(10*time.Millisecond))
			return
		}
		if time.Since(begin) > rest {
			a.t.Errorf("after %v there are still %v", rest, moving)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// invariants are those of the program itself; its report may be some seconds old.
func (a *auditor) invariants() {
	var r struct {
		Healthy    bool
		Invariants []struct {
			Name       string
			Violations int
		}
	}
	for end := time.Now().Add(rest); ; time.Sleep(500 * time.Millisecond) {
		if err := getJSON(a.ctx, a.house.admin+"/invariants", &r); err != nil {
			a.t.Fatal(err)
		}
		if r.Healthy || time.Now().After(end) {
			break
		}
	}
	for _, i := range r.Invariants {
		if i.Violations != 0 {
			a.t.Errorf("invariant %s: %d violations", i.Name, i.Violations)
		}
	}
	if len(r.Invariants) < 10 {
		a.t.Errorf("only %d invariants were examined", len(r.Invariants))
	}
}

func getJSON(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", url, resp.StatusCode)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// orders: exactly those that people placed, each where its journey left it.
func (a *auditor) orders() {
	want := map[string]string{}
	for _, j := range a.done {
		if want[j.number] != "" {
			a.t.Errorf("two journeys have the order %s", j.number)
		}
		want[j.number] = j.ends.state()
	}
	rows, err := a.pool.Query(a.ctx, `SELECT number, state FROM orders`)
	if err != nil {
		a.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var number, state string
		if err := rows.Scan(&number, &state); err != nil {
			a.t.Fatal(err)
		}
		if want[number] != state && len(a.failed) == 0 {
			a.t.Errorf("order %s is %s, its journey ended at %q (empty: nobody placed it)", number, state, want[number])
		}
		delete(want, number)
	}
	for number := range want {
		a.t.Errorf("order %q of a journey is lost", number)
	}
	for name, n := range map[string]int{
		"orders":  a.count(`SELECT count(*) FROM orders`),
		"drafts":  a.count(`SELECT count(*) FROM drafts`),
		"buyers":  a.count(`SELECT count(*) FROM buyers`),
		"presses": a.count(`SELECT count(*) FROM form_results WHERE action = 'storefront.place'`),
	} {
		if n != len(a.done) {
			a.t.Errorf("%d %s for %d journeys", n, name, len(a.done))
		}
	}
}

// queues: a paid order stands in a queue, is with its buyer, or is over.
func (a *auditor) queues() {
	if n := a.count(`SELECT count(*) FROM orders o WHERE state NOT IN ('choosing', 'cancelled', 'lapsed', 'handed_over')
		AND EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.state IN ('authorised', 'capturing', 'captured'))
		AND (SELECT count(*) FROM queue_entries q WHERE q.order_id = o.id AND q.state IN ('offered', 'accepted')) <> 1`); n > 0 {
		a.t.Errorf("%d paid orders stand in no queue or in two", n)
	}
	if n := a.count(`SELECT count(*) FROM orders WHERE state = 'handed_over' AND id NOT IN (SELECT order_id FROM handovers)`); n > 0 {
		a.t.Errorf("%d cars went without a record of the handover", n)
	}
}

// book is a payment as we have it, with what our ledger says the bank took and gave.
type book struct {
	order, state, intent, session string
	amount, net                   int64
}

func (a *auditor) books() map[string]book {
	rows, err := a.pool.Query(a.ctx, `SELECT p.id::text, p.order_id::text, p.state, coalesce(p.intent_id, ''), coalesce(p.session_id, ''), p.amount_minor,
		coalesce((SELECT sum(l.amount_minor) FROM ledger_postings k JOIN ledger_lines l ON l.posting_id = k.id
			WHERE k.payment_id = p.id AND l.account = 'card_bank'), 0)::bigint
		FROM payments p WHERE p.means = 'card'`)
	if err != nil {
		a.t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]book{}
	for rows.Next() {
		var key string
		var b book
		if err := rows.Scan(&key, &b.order, &b.state, &b.intent, &b.session, &b.amount, &b.net); err != nil {
			a.t.Fatal(err)
		}
		out[key] = b
	}
	return out
}

// money compares each payment with the bank's line of it.
func (a *auditor) money() {
	var bank struct{ Payments []stripesim.LedgerLine }
	if err := getJSON(a.ctx, a.house.card+"/_sandbox/ledger", &bank); err != nil {
		a.t.Fatal(err)
	}
	ours, seen := a.books(), map[string]bool{}
	var taken, back, held int64
	for _, l := range bank.Payments {
		b, ok := ours[l.PaymentID]
		if !ok || seen[l.PaymentID] {
			a.t.Errorf("the bank's payment %s names %q: known %t, before %t", l.Intent, l.PaymentID, ok, seen[l.PaymentID])
			continue
		}
		seen[l.PaymentID] = true
		taken, back, held = taken+l.Captured, back+l.Refunded, held+l.Held
		if wrong := compare(b, l); wrong != "" {
			a.t.Errorf("payment %s, %s here, %s at the bank: %s", l.PaymentID, b.state, l.Status, wrong)
		}
	}
	for key, b := range ours {
		if b.intent != "" && !seen[key] {
			a.t.Errorf("the bank does not know payment %s (%s)", key, b.state)
		}
	}
	a.t.Logf("%d card payments at the bank: %.2f taken, %.2f given back, %.2f held", len(bank.Payments), float64(taken)/100, float64(back)/100, float64(held)/100)
}

// compare answers what differs between our books and the bank's line.
func compare(b book, l stripesim.LedgerLine) string {
	var wrong []string
	if l.OrderID != b.order || l.Amount != b.amount || (b.intent != "" && b.intent != l.Intent) || (b.session != "" && b.session != l.Session) {
		wrong = append(wrong, fmt.Sprintf("it is another payment: %+v, %+v", b, l))
	}
	if l.Captured-l.Refunded != b.net {
		wrong = append(wrong, fmt.Sprintf("the bank keeps %d, our ledger says %d", l.Captured-l.Refunded, b.net))
	}
	keeps, holds := int64(0), int64(0)
	switch b.state {
	case "captured":
		keeps = b.amount
	case "authorised":
		holds = b.amount
	}
	if l.Captured-l.Refunded != keeps || l.Held != holds {
		wrong = append(wrong, fmt.Sprintf("the bank keeps %d and holds %d, not %d and %d", l.Captured-l.Refunded, l.Held, keeps, holds))
	}
	return strings.Join(wrong, "; ")
}
