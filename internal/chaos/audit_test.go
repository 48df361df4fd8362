package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"forecourt/internal/doctor"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim"

	"github.com/jackc/pgx/v5/pgxpool"
)

// rest is how long everything that was under way may take to come to rest after the last start. A job
// that was handed out when the database's answer got lost is at work nowhere until it is given out again.
const rest = 100 * time.Second

// unrest counts what still moves by itself.
var unrest = map[string]string{
	"payments under way": `SELECT count(*) FROM payments WHERE means = 'card' AND state IN ('opening', 'capturing', 'returning')`,
	"open pages of ended orders": `SELECT count(*) FROM payments p JOIN orders o ON o.id = p.order_id
		WHERE p.state = 'open' AND o.state <> 'checkout'`,
	"mails to send":    `SELECT count(*) FROM mails WHERE sent_at IS NULL`,
	"events to handle": `SELECT count(*) FROM provider_events WHERE processed_at IS NULL`,
	"jobs to run":      `SELECT count(*) FROM river_job WHERE kind <> 'sale.sweep' AND state IN ('available', 'retryable', 'running', 'scheduled', 'pending')`,
}

// overdue counts what waits for the next sweep.
const overdue = `SELECT (SELECT count(*) FROM queue_entries WHERE state = 'offered' AND due_at <= $1)
	+ (SELECT count(*) FROM orders WHERE state IN ('choosing', 'checkout') AND due_at < $1 - interval '1 minute') + (SELECT count(*) FROM payments WHERE due_at <= $1)`

// books is where an audit reads.
type books struct {
	dsn     string
	mails   string // folder of the caught letters
	healthy func(context.Context) (map[string]int, error)
	bank    func(context.Context) ([]stripesim.LedgerLine, error)
	ends    func(*journey) []string // states in which an order may stand after a journey; nil: the one it left it in
	now     func() time.Time        // of the program; nil: the machine's
}

// audit compares our books, the bank's and the mails with what the people did, and adds the line of
// the campaign to the table.
func (c *campaign) audit(ctx context.Context, b books) {
	a := c.auditor(ctx, b)
	defer a.pool.Close()
	if a.ends == nil {
		a.ends = func(j *journey) []string {
			if j.ends == staysUnpaid && time.Since(j.began) > sale.QuoteLife {
				return []string{"checkout", "lapsed"} // a long campaign outlasts the time to pay
			}
			return []string{j.ends.state()}
		}
	}
	r := result{fault: c.fault, seed: c.seed, runs: len(c.ready), orders: len(c.done), rest: a.waitForRest()}
	a.invariants()
	a.orders()
	a.queues()
	a.money()
	a.letters()
	if len(c.ready) > 0 {
		r.recovery = slices.Max(c.ready)
	}
	r.violations = c.wrongs
	results.add(r)
}

type auditor struct {
	*campaign
	books
	pool *pgxpool.Pool
	ctx  context.Context
}

func (c *campaign) auditor(ctx context.Context, b books) *auditor {
	pool, err := pgxpool.New(ctx, b.dsn)
	if err != nil {
		c.t.Fatal(err)
	}
	if b.now == nil {
		b.now = time.Now
	}
	return &auditor{campaign: c, books: b, pool: pool, ctx: ctx}
}

func (a *auditor) count(query string, args ...any) int {
	a.t.Helper()
	var n int
	if err := a.pool.QueryRow(a.ctx, query, args...).Scan(&n); err != nil {
		a.t.Fatal(err)
	}
	return n
}

func (a *auditor) waitForRest() time.Duration {
	begin, n := time.Now(), 0
	for {
		moving := map[string]int{}
		for name, query := range unrest {
			if n := a.count(query); n > 0 {
				moving[name] = n
			}
		}
		if n := a.count(overdue, a.now()); n > 0 {
			moving["deadlines to keep"] = n
		}
		if len(moving) == 0 {
			a.t.Logf("everything came to rest %v after the last journey", time.Since(begin).Round(10*time.Millisecond))
			return time.Since(begin)
		}
		if n++; n == 50 {
			a.t.Logf("after %v there are still %v", time.Since(begin).Round(time.Second), moving)
		}
		if time.Since(begin) > rest {
			a.wrong("after %v there are still %v", rest, moving)
			return time.Since(begin)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// invariants are those of the program itself; its report may be some seconds old.
func (a *auditor) invariants() {
	var r map[string]int
	for end := time.Now().Add(rest); ; time.Sleep(500 * time.Millisecond) {
		var err error
		if r, err = a.healthy(a.ctx); err != nil {
			a.t.Fatal(err)
		}
		broken := 0
		for _, n := range r {
			broken += n
		}
		if broken == 0 || time.Now().After(end) {
			break
		}
	}
	for name, n := range r {
		if n != 0 {
			a.wrong("invariant %s: %d violations", name, n)
		}
	}
	if len(r) < 10 {
		a.wrong("only %d invariants were examined", len(r))
	}
}

// overHTTP reads the report of a program's admin address; inProcess makes it.
func overHTTP(admin string) func(context.Context) (map[string]int, error) {
	return func(ctx context.Context) (map[string]int, error) {
		var r doctor.Report
		err := getJSON(ctx, admin+"/invariants", &r)
		return violations(r), err
	}
}

func inProcess(d *db.DB) func(context.Context) (map[string]int, error) {
	return func(ctx context.Context) (map[string]int, error) {
		r, err := doctor.Examine(ctx, d)
		return violations(r), err
	}
}

func violations(r doctor.Report) map[string]int {
	out := map[string]int{}
	for _, f := range r.Invariants {
		if !f.Warning {
			out[f.Name] = int(f.Violations)
		}
	}
	return out
}

func bankOverHTTP(card string) func(context.Context) ([]stripesim.LedgerLine, error) {
	return func(ctx context.Context) ([]stripesim.LedgerLine, error) {
		var bank struct{ Payments []stripesim.LedgerLine }
		err := getJSON(ctx, card+"/_sandbox/ledger", &bank)
		return bank.Payments, err
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
	want := map[string][]string{}
	for _, j := range a.done {
		if want[j.number] != nil {
			a.wrong("two journeys have the order %s", j.number)
		}
		want[j.number] = a.ends(j)
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
		if !slices.Contains(want[number], state) && len(a.failed) == 0 {
			a.wrong("order %s is %s, its journey ended at %q (empty: nobody placed it)", number, state, want[number])
		}
		delete(want, number)
	}
	for number := range want {
		a.wrong("order %q of a journey is lost", number)
	}
	wrote := 0
	for _, j := range a.done {
		wrote += j.wrote
	}
	if n := a.count(`SELECT count(*) FROM messages`); n != wrote && len(a.failed) == 0 {
		a.wrong("%d messages, %d were written", n, wrote)
	}
	for name, n := range map[string]int{
		"orders":  a.count(`SELECT count(*) FROM orders`),
		"drafts":  a.count(`SELECT count(*) FROM drafts`),
		"buyers":  a.count(`SELECT count(*) FROM buyers`),
		"presses": a.count(`SELECT count(*) FROM form_results WHERE action = 'storefront.place'`),
	} {
		// A press is remembered for seven days; where the clock went further, the house may have forgotten some.
		if forgot := name == "presses" && time.Until(a.now()) > 7*24*time.Hour && n < len(a.done); n != len(a.done) && !forgot {
			a.wrong("%d %s for %d journeys", n, name, len(a.done))
		}
	}
}

// queues: a paid order stands in a queue, is with its buyer, or is over.
func (a *auditor) queues() {
	if n := a.count(`SELECT count(*) FROM orders o WHERE state NOT IN ('choosing', 'cancelled', 'lapsed', 'handed_over', 'returning', 'returned')
		AND EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.state IN ('authorised', 'capturing', 'captured'))
		AND (SELECT count(*) FROM queue_entries q WHERE q.order_id = o.id AND q.state IN ('offered', 'accepted')) <> 1`); n > 0 {
		a.wrong("%d paid orders stand in no queue or in two", n)
	}
	if n := a.count(`SELECT count(*) FROM orders WHERE state IN ('handed_over', 'returning', 'returned') AND id NOT IN (SELECT order_id FROM handovers)`); n > 0 {
		a.wrong("%d cars went without a record of the handover", n)
	}
}

// money compares the ledger with the bank's own, payment by payment.
func (a *auditor) money() {
	bank, err := a.bank(a.ctx)
	if err != nil {
		a.t.Fatal(err)
	}
	raw, err := json.Marshal(bank)
	if err != nil {
		a.t.Fatal(err)
	}
	var lines []doctor.BankLine
	if err := json.Unmarshal(raw, &lines); err != nil {
		a.t.Fatal(err)
	}
	d, err := db.Open(a.ctx, a.dsn, clock.System{}, db.Options{MaxConns: 2})
	if err != nil {
		a.t.Fatal(err)
	}
	defer d.Close()
	r, err := doctor.CompareBank(a.ctx, d, lines)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, f := range r.Invariants {
		if f.Violations > 0 {
			a.wrong("%s (%s): %d payments, %v", f.Name, f.Text, f.Violations, f.Rows)
		}
	}
	var taken, back, held int64
	for _, l := range bank {
		taken, back, held = taken+l.Captured, back+l.Refunded, held+l.Held
	}
	a.t.Logf("%d card payments at the bank: %.2f taken, %.2f given back, %.2f held", len(bank), float64(taken)/100, float64(back)/100, float64(held)/100)
}
