package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/identity"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/localpg"
	"forecourt/internal/stripesim"

	"github.com/jackc/pgx/v5"
)

const (
	cardKey    = "sk_test_forecourt_bench"
	cardSecret = "whsec_forecourt_bench"
	staffMail  = "bench@example.com"
	staffWord  = "a bench is for sitting"
	dealerCode = "gb-leeds-northgate"
	oneSecond  = time.Second
)

// house is everything that runs: PostgreSQL, shop, worker and floor as processes of their own; card
// bank, mail sink and load in this one.
type house struct {
	dir, bin string
	conns    int
	pg       *localpg.Server
	pgPid    int
	db       *db.DB
	mails    *sink
	bank     *stripesim.Bank
	card     *http.Server

	shop, shopAdmin, workAdmin string
	bankAddr, floorAddr        string
	serve, worker, floor       *child
}

// openDatabase starts PostgreSQL on the folder that the demo filled.
func (h *house) openDatabase(ctx context.Context) (err error) {
	if h.pg, err = localpg.Ensure(ctx, localpg.Options{Dir: h.dir, Bin: os.Getenv("PG_BIN"), Database: "forecourt"}); err != nil {
		return err
	}
	if h.db, err = db.Open(ctx, h.pg.DSN, clock.System{}, db.Options{MaxConns: 4}); err != nil {
		return err
	}
	var backend int
	if _, err := db.One(h.db.Read(ctx), &backend, `SELECT pg_backend_pid()`); err != nil {
		return err
	}
	h.pgPid = parentOf(backend)
	return nil
}

// copies makes copies of the shop's database, by name.
func (h *house) copies(ctx context.Context, names ...string) (map[string]string, error) {
	out := map[string]string{}
	for _, n := range names {
		dsn, err := h.copyDatabase(ctx, n)
		if err != nil {
			return nil, err
		}
		out[n] = dsn
	}
	return out, nil
}

// copyDatabase makes a twin for the bookings, whose jobs nobody must run.
func (h *house) copyDatabase(ctx context.Context, name string) (dsn string, err error) {
	h.db.Close()
	at := strings.LastIndex(h.pg.DSN, "/forecourt")
	in := func(database string) string { return h.pg.DSN[:at+1] + database + h.pg.DSN[at+len("/forecourt"):] }
	c, err := pgx.Connect(ctx, in("postgres"))
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	for try := 0; ; try++ { // the closed connections take a moment to be gone
		if _, err = c.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE forecourt"); err == nil || try == 20 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		return "", err
	}
	h.db, err = db.Open(ctx, h.pg.DSN, clock.System{}, db.Options{MaxConns: 4})
	return in(name), err
}

// addStaff makes the login whose queue is looked at; the demo's own work only in the demo.
func (h *house) addStaff(ctx context.Context) error {
	u := identity.User{Email: staffMail, Name: "Bench", Role: identity.RoleDealer, Dealer: dealerCode}
	_, err := identity.NewUsers(h.db, identity.Options{}).Upsert(ctx, u, staffWord)
	return err
}

// startShop starts bank, mail sink, shop and worker.
func (h *house) startShop(ctx context.Context) (err error) {
	for _, a := range []*string{&h.shop, &h.shopAdmin, &h.workAdmin} {
		if *a, err = freeAddr(); err != nil {
			return err
		}
	}
	if h.mails, err = newSink(); err != nil {
		return err
	}
	if err := h.startBank(ctx); err != nil {
		return err
	}
	env, err := h.env()
	if err != nil {
		return err
	}
	if h.serve, err = spawn(h.dir, "serve", append(env, "ADMIN_ADDR="+h.shopAdmin), h.bin, "serve"); err != nil {
		return err
	}
	if err := h.serve.answers(ctx, h.shop, "/readyz"); err != nil {
		return err
	}
	h.worker, err = spawn(h.dir, "worker", append(env, "ADMIN_ADDR="+h.workAdmin), h.bin, "worker")
	return err
}

func (h *house) env() ([]string, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	secret := base64.StdEncoding.EncodeToString(key)
	bank := "http://" + h.bankAddr
	return []string{"ADDR=" + h.shop, "BASE_URL=" + named(h.shop), "DATABASE_URL=" + h.pg.DSN, "DATA_DIR=" + h.dir, "SECRET_KEY=" + secret, "TOKEN_KEYS=" + secret,
		"STRIPE_SECRET_KEY=" + cardKey, "STRIPE_WEBHOOK_SECRET=" + cardSecret, "STRIPE_URL=" + bank, "STRIPE_ACCOUNT=cardbank", "CARD_ORIGIN=" + bank,
		"DATABASE_CONNS=" + strconv.Itoa(h.conns), "SMTP_ADDR=" + h.mails.addr(), "SMTP_TLS=opportunistic", "MAIL_FROM=orders@shop.example.com", postsUnlimited, beginUnlimited}, nil
}

// serveOn starts one more instance, on a database of its own, and waits until it answers.
func (h *house) serveOn(ctx context.Context, name, dsn string) (serve *child, addr string, err error) {
	if addr, err = freeAddr(); err != nil {
		return nil, "", err
	}
	env, err := h.env()
	if err != nil {
		return nil, "", err
	}
	for i, v := range env {
		switch {
		case strings.HasPrefix(v, "DATABASE_URL="):
			env[i] = "DATABASE_URL=" + dsn
		case strings.HasPrefix(v, "ADDR="):
			env[i] = "ADDR=" + addr
		case strings.HasPrefix(v, "BASE_URL="):
			env[i] = "BASE_URL=" + named(addr)
		}
	}
	if serve, err = spawn(h.dir, name, append(env, "ADMIN_ADDR="), h.bin, "serve"); err != nil {
		return nil, "", err
	}
	if err = serve.answers(ctx, addr, "/readyz"); err != nil {
		serve.stop()
		return nil, "", err
	}
	return serve, addr, nil
}

// named is the address of a loopback server with a name: passkeys belong to a name, and the site does not start without one.
func named(addr string) string { return "http://" + strings.Replace(addr, "127.0.0.1", "localhost", 1) }

// The limits per address are lifted: all our buyers come from one.
const postsUnlimited, beginUnlimited = "POSTS_PER_SECOND=1000000", "BEGIN_LIMIT=1000000000"

func (h *house) startBank(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h.bankAddr = l.Addr().String()
	h.bank, err = stripesim.New(stripesim.Options{SecretKey: cardKey, WebhookURLs: []string{"http://" + h.shop + "/webhooks/stripe"}, WebhookSecret: cardSecret,
		PublicURL: "http://" + h.bankAddr, Dir: filepath.Join(h.dir, "benchbank"), Clock: clock.System{}})
	if err != nil {
		return err
	}
	h.bank.Start(ctx)
	h.card = &http.Server{Handler: h.bank.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = h.card.Serve(l) }()
	return nil
}

func (h *house) startFloor(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if h.floor, err = spawn(h.dir, "floor", []string{"FLOOR_DSN=" + h.pg.DSN}, self, "floor"); err != nil {
		return err
	}
	h.floorAddr, err = h.floor.firstLine(ctx)
	return err
}

// stopShop ends what startShop started, shop first: it lets running requests finish.
func (h *house) stopShop() {
	h.serve.stop()
	h.worker.stop()
	h.floor.stop()
	if h.card != nil {
		_ = h.card.Close()
		_ = h.bank.Close()
		_ = h.mails.l.Close()
	}
	h.serve, h.worker, h.floor, h.card = nil, nil, nil, nil
}

func (h *house) closeDatabase() {
	if h.pg == nil {
		return
	}
	if h.db != nil {
		h.db.Close()
	}
	end, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := h.pg.StopLast(end); err != nil {
		fmt.Fprintln(os.Stderr, "bench: PostgreSQL:", err)
	}
	h.pg, h.pgPid = nil, 0
}

// pids lists all processes of the run for the reckoning of strangers.
func (h *house) pids() []int {
	out := []int{os.Getpid()}
	for _, c := range []*child{h.serve, h.worker, h.floor} {
		if c != nil {
			out = append(out, c.pid())
		}
	}
	if h.pgPid > 0 {
		out = append(out, -h.pgPid)
	}
	return out
}

// drained waits until no job is left, and tells how long that took.
func (h *house) drained(ctx context.Context, most time.Duration) (time.Duration, int, error) {
	start := time.Now()
	for {
		var left int
		_, err := db.One(h.db.Read(ctx), &left, `SELECT count(*) FROM river_job WHERE state IN ('available', 'running', 'retryable') AND kind <> 'sale.sweep'`)
		if err != nil || left == 0 || time.Since(start) > most {
			return time.Since(start), left, err
		}
		time.Sleep(20 * time.Millisecond)
	}
}
