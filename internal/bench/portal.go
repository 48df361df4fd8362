package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
)

// A very large dealer: what is open, what is long over, and how many portals look at the house.
const (
	openOrders  = 5_000
	pastOrders  = 200_000
	openPortals = 2_000
	portalSites = 40
	portalRate  = 20
)

// fillPortal multiplies the one order of a database. A tenth of the open ones is offered, a tenth has a time, the
// rest is somewhere on the way; the past goes back over three years.
var fillPortal = []string{
	`SET LOCAL session_replication_role = replica`,
	`CREATE TEMP TABLE base ON COMMIT DROP AS SELECT * FROM orders ORDER BY created_at LIMIT 1`,
	`CREATE TEMP TABLE made ON COMMIT DROP AS SELECT i, i <= $OPEN AS open, gen_random_uuid() AS id, gen_random_uuid() AS buyer,
		CASE WHEN i <= $OPEN THEN now() - (i % 60) * interval '1 day' ELSE now() - i * interval '3 years' / ($OPEN + $PAST) END AS at FROM generate_series(1, $OPEN + $PAST) i`,
	`INSERT INTO buyers (id, market, name, email, phone, street, town, postcode, created_at)
		SELECT m.buyer, b.market, 'Buyer ' || m.i, 'b' || m.i || '@example.com', b.phone, b.street, b.town, b.postcode, m.at FROM made m, (SELECT b.* FROM buyers b JOIN base ON base.buyer = b.id) b`,
	`INSERT INTO orders SELECT (jsonb_populate_record(b, jsonb_build_object('id', m.id, 'buyer', m.buyer, 'number', 'FC-P' || m.i, 'vin', 'VF1RJA0' || lpad(m.i::text, 10, '0'),
		'state', CASE WHEN NOT m.open THEN CASE m.i % 5 WHEN 0 THEN 'cancelled' ELSE 'handed_over' END WHEN m.i % 10 = 0 THEN 'offered'
			ELSE (ARRAY['ready', 'accepted', 'ordered', 'ordered', 'ordered', 'built', 'in_transit', 'arrived', 'prepared'])[m.i % 10] END,
		'pickup_code', translate(lpad(to_hex(m.i), 6, '0'), '0123456789abcdef', '23456789ABCDEFGH'), 'due_at', NULL, 'created_at', m.at, 'updated_at', m.at, 'handed_over_at', CASE WHEN NOT m.open AND m.i % 5 <> 0 THEN m.at END))).* FROM base b, made m`,
	`INSERT INTO queue_entries SELECT (jsonb_populate_record(q, jsonb_build_object('id', gen_random_uuid(), 'order_id', m.id,
		'state', CASE WHEN NOT m.open THEN CASE m.i % 5 WHEN 0 THEN 'withdrawn' ELSE 'done' END WHEN m.i % 10 = 0 THEN 'offered' ELSE 'accepted' END,
		'offered_at', m.at, 'answered_at', CASE WHEN NOT m.open OR m.i % 10 <> 0 THEN m.at END, 'due_at', now() + (m.i % 300) * interval '5 minutes',
		'closed_at', CASE WHEN NOT m.open THEN m.at END))).* FROM made m, queue_entries q, base b WHERE q.order_id = b.id`,
	`INSERT INTO appointments (id, order_id, market, dealer, starts_at, ends_at, bay, state, created_at)
		SELECT gen_random_uuid(), m.id, b.market, b.dealer, now() + (m.i - 2500) * interval '3 minutes', now() + (m.i - 2500) * interval '3 minutes' + interval '45 minutes', 1, 'booked', m.at
		FROM made m, base b WHERE m.open AND m.i % 10 = 1`,
	`INSERT INTO users (id, email, name, password_hash, role, dealer, created_at) SELECT gen_random_uuid(), 'bench' || d.n || '@example.com', 'Bench', u.password_hash, 'dealer', d.code, now()
		FROM (SELECT code, row_number() OVER (ORDER BY code) AS n FROM dealers WHERE market <> 'zz') d, users u WHERE u.email = '` + staffMail + `' AND d.n <= $SITES`,
	`INSERT INTO staff_roles (id, user_id, role, dealer, granted_by, granted_at) SELECT gen_random_uuid(), id, 'sales', dealer, 'bench', now() FROM users WHERE email LIKE 'bench%@example.com' AND email <> '` + staffMail + `'`,
}

// bareQueue is what the page cannot do without: fifty rows and how many there are.
const bareQueue = `SELECT o.number, o.state, b.name, o.vin, q.state, q.due_at, count(*) OVER () FROM queue_entries q JOIN orders o ON o.id = q.order_id JOIN buyers b ON b.id = o.buyer
	WHERE q.dealer = ? AND q.flow = 'new' AND q.state IN ('offered', 'accepted') ORDER BY q.due_at LIMIT 50`

// measurePortal looks at the queue of a very large dealer, then leaves many portals open.
func (h *house) measurePortal(ctx context.Context, o options, t table, dsn string) error {
	s, err := openStall(ctx, dsn, h.pgPid, 1)
	if err != nil {
		return err
	}
	s.close()
	d, err := db.Open(ctx, dsn, clock.System{}, db.Options{MaxConns: 4})
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		numbers := strings.NewReplacer("$OPEN", fmt.Sprint(openOrders), "$PAST", fmt.Sprint(pastOrders), "$SITES", fmt.Sprint(portalSites))
		for _, q := range fillPortal {
			if err := tx.Exec(numbers.Replace(q)).Error; err != nil {
				return fmt.Errorf("portal: %.60s: %w", q, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.Read(ctx).Exec(`VACUUM ANALYZE`).Error; err != nil {
		return err
	}
	var dealer id.Dealer
	if _, err := db.One(d.Read(ctx), &dealer, `SELECT dealer FROM orders ORDER BY created_at LIMIT 1`); err != nil {
		return err
	}
	var fs []figure
	for _, way := range []func() error{
		func() error { var rows []map[string]any; return d.Read(ctx).Raw(bareQueue, dealer).Scan(&rows).Error },
		func() error {
			_, err := allocation.QueueOf(d.Read(ctx), allocation.Ask{Dealer: dealer, Flow: id.FlowNew, Now: time.Now(), Zone: time.UTC})
			return err
		},
	} {
		f, err := h.repeat(way, o.pages/2)
		if err != nil {
			return err
		}
		fs = append(fs, f)
	}
	return h.portalOverHTTP(ctx, o, t, dsn, fs)
}

// repeat times one way of reading, one after the other.
func (h *house) repeat(way func() error, d time.Duration, more ...int) (f figure, err error) {
	before, start := meter(append(more, -h.pgPid)), time.Now()
	for i := 0; time.Since(start) < d; i++ {
		at := time.Now()
		if err := way(); err != nil {
			return f, err
		}
		if i > 5 {
			f.n, f.lat = f.n+1, append(f.lat, time.Since(at))
		}
	}
	f.took = time.Since(start)
	f.cpu, f.others = before.since()
	return f, nil
}

func (h *house) portalOverHTTP(ctx context.Context, o options, t table, dsn string, fs []figure) error {
	serve, addr, err := h.serveOn(ctx, "portal", dsn)
	if err != nil {
		return err
	}
	defer serve.stop()
	reader, err := newBuyer(addr, "", 0)
	if err != nil {
		return err
	}
	defer reader.close()
	if err := reader.signIn(); err != nil {
		return err
	}
	pids := func() []int { return []int{serve.pid(), -h.pgPid} }
	names := []string{"floor: fifty rows and their number, bare", "the page's own query", fmt.Sprintf("ours: the page over HTTP, %d a second", portalRate),
		"ours: page 60 of the list", "ours: looking for a name, one by one"}
	for _, path := range []string{"/dealer", "/dealer?page=60", "/dealer?q=Buyer+4711"} {
		page := h.page(addr, pids, reader.cookie, path)
		ask := steady
		if strings.Contains(path, "q=") {
			ask = oneByOne
		}
		if _, err := ask(ctx, page, portalRate, time.Second); err != nil {
			return err
		}
		f, err := ask(ctx, page, portalRate, o.pages)
		if err != nil {
			return err
		}
		fs = append(fs, f)
	}
	t.portal(names, fs)
	return h.openStreams(ctx, t, addr, serve)
}

// oneByOne asks on one connection, as one person does who looks for something: the rate is what comes of it.
func oneByOne(ctx context.Context, t target, _ int, d time.Duration) (figure, error) {
	before, start := meter(t.pids()), time.Now()
	f, err := askUntil(ctx, t, 0, start.Add(d))
	f.took = time.Since(start)
	f.cpu, f.others = before.since()
	return f, err
}

// openStreams signs in at every site and leaves its share of portals open, then changes one order of each and
// counts who hears of it.
func (h *house) openStreams(ctx context.Context, t table, addr string, serve *child) error {
	before, _ := memory(serve.pid())
	var conns []net.Conn
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	for site := 1; site <= portalSites; site++ {
		b, err := newBuyer(addr, "", 0)
		if err != nil {
			return err
		}
		b.mail = fmt.Sprintf("bench%d@example.com", site)
		err = b.signIn()
		b.close()
		if err != nil {
			return err
		}
		for range openPortals / portalSites {
			c, err := openStream(addr, b.cookie)
			if err != nil {
				return fmt.Errorf("portal %d: %w", len(conns)+1, err)
			}
			conns = append(conns, c)
		}
	}
	start := meter([]int{serve.pid()})
	pause := 5 * time.Second
	time.Sleep(pause)
	idle, _ := start.since()
	now, peak := memory(serve.pid())
	t.streams(len(conns), before, now, peak, idle.Seconds()/pause.Seconds())
	return nil
}

// openStream leaves a connection open on which events come, and reads that it began.
func openStream(addr, cookie string) (net.Conn, error) {
	c, err := net.DialTimeout("tcp", addr, wireTimeout)
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(wireTimeout))
	if _, err := fmt.Fprintf(c, "GET /dealer/events HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\nCookie: %s\r\n\r\n", addr, cookie); err != nil {
		return nil, err
	}
	line, err := bufio.NewReaderSize(c, 256).ReadString('\n')
	if err == nil && !strings.Contains(line, "200") {
		err = fmt.Errorf("the stream answers %s", strings.TrimSpace(line))
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

func (t table) portal(names []string, fs []figure) {
	t.title(fmt.Sprintf("2c. The queue of a dealer with %d open and %d past orders", openOrders, pastOrders))
	t.line("%-44s %10s %9s %9s %8s %10s %8s %10s %9s", "", "requests/s", "p50 ms", "p99 ms", "KB", "CPU ms each", "failed", "of floor", "strangers")
	for i := range fs {
		f := &fs[i]
		t.line("%-44s %10.0f %9.2f %9.2f %8.1f %10.3f %8d %9.1fx %9s", names[i], f.perSecond(), f.percentile(.5), f.percentile(.99), float64(f.bytes)/1024, f.cpuEach(), f.failed,
			f.percentile(.5)/fs[0].percentile(.5), f.strangers())
	}
	t.line("the first two one after the other on one connection; aim: the page's p99 below 50 ms")
}

func (t table) streams(n int, before, now, peak, load float64) {
	t.line("%d portals left open: %.0f MB before, %.0f MB with them (peak %.0f), %.1f KB each, %.1f %% of a core while nothing happens; aim: under 200 MB", n, before, now, peak, (now-before)*1024/float64(n), 100*load)
}
