package testkit

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/config"
	"forecourt/internal/aftersales"
	"forecourt/internal/configurator"
	"forecourt/internal/doctor"
	"forecourt/internal/document/pack"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/flow/workshop"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/mail"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"

	"github.com/riverqueue/river"
)

var files = sync.OnceValues(func() (*world.Files, error) { return world.Read(config.World, dbtest.Start) })

// World gives a clone of a database with the demo world in it and all switches live.
func World(t testing.TB, o dbtest.Options) (*db.DB, string) {
	t.Helper()
	f, err := files()
	if err != nil {
		t.Fatal(err)
	}
	o.DSN = dbtest.Clone(t, "world_"+f.Digest[:12], func(ctx context.Context, dsn string) error {
		d, err := db.Open(ctx, dsn, clock.NewManual(dbtest.Start), db.Options{MaxConns: 2})
		if err != nil {
			return err
		}
		defer d.Close()
		_, err = world.Import(ctx, d, f, market.Live)
		return err
	})
	return dbtest.Open(t, o), o.DSN
}

// Kit is the flow with real parts around it.
type Kit struct {
	T        testing.TB
	DB       *db.DB
	DSN      string
	Clock    *clock.Manual
	World    *world.Keeper
	Bank     *stripesim.Bank
	BankURL  string
	Sale     *sale.Service
	NewCar   *newcar.Service
	UsedCar  *usedcar.Service
	Workshop *workshop.Service
	Mails    *Outbox
}

// Outbox collects sent messages.
type Outbox struct {
	mu   sync.Mutex
	sent []mail.Message
	Fail error // answered instead of sending, when set
}

// Send implements sale.Sender.
func (o *Outbox) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.Fail != nil {
		return o.Fail
	}
	o.sent = append(o.sent, m)
	return nil
}

// Heal lets messages through again.
func (o *Outbox) Heal() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Fail = nil
}

// Sent lists the messages so far.
func (o *Outbox) Sent() []mail.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]mail.Message(nil), o.sent...)
}

type plainLetters struct{}

func (plainLetters) Compose(l sale.Letter) (mail.Message, error) {
	return mail.Message{ID: l.Template, To: l.Buyer.Email, Subject: l.Template, Text: l.Link}, nil
}

// Set implements mail.Setter: what is said, a line for each part.
func (plainLetters) Set(n mail.Notice) (mail.Message, error) {
	m := mail.Message{ID: n.ID, To: n.To, ToName: n.ToName, Subject: n.Subject, Lang: n.Words.Lang(), Date: n.At, Headers: n.Headers()}
	for _, x := range n.Parts {
		m.Text += strings.Join(append([]string{x.Text, x.Link}, x.Items...), "\n") + "\n"
	}
	return m, nil
}

const (
	cardKey    = "sk_test_tests"
	cardSecret = "whsec_tests"
)

// New builds a kit. Jobs wait until Work runs them.
func New(t testing.TB) *Kit {
	t.Helper()
	k := &Kit{T: t, Clock: clock.NewManual(dbtest.Start), Mails: &Outbox{}}
	k.DB, k.DSN = World(t, dbtest.Options{Clock: k.Clock, MaxConns: 16})
	quiet := slog.New(slog.DiscardHandler)
	var err error
	if k.World, err = world.NewKeeper(t.Context(), k.DB, "", quiet); err != nil {
		t.Fatal(err)
	}
	k.startBank()
	gw, err := stripegw.New(stripegw.Config{SecretKey: cardKey, WebhookSecrets: []string{cardSecret}, URL: k.BankURL, Account: "cardbank"})
	if err != nil {
		t.Fatal(err)
	}
	inserts, err := jobs.New(k.DB.Pool, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seal, err := pack.NewKey([]byte("a test secret of 32 bytes or more"))
	if err != nil {
		t.Fatal(err)
	}
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	k.Sale = &sale.Service{Seal: seal, Words: words, DB: k.DB, World: k.World, Gateway: gw, Jobs: inserts, Tokens: ordering.NewTokens([]byte("a test secret of 32 bytes or more")),
		BaseURL: "http://shop.test", Letters: plainLetters{}, Sender: k.Mails, Log: quiet}
	k.NewCar = newcar.New(k.Sale)
	shelf, err := usedcars.NewShelf(t.Context(), k.DB, quiet)
	if err != nil {
		t.Fatal(err)
	}
	k.UsedCar = usedcar.New(k.Sale, shelf)
	k.UsedCar.Past = usedcars.SimulatedRegister{}
	k.Workshop = workshop.New(k.Sale, func() *aftersales.Book { return k.World.Now().Service() })
	return k
}

func (k *Kit) startBank() {
	var h http.Handler
	srv := Serve(k.T, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	bank, err := stripesim.New(stripesim.Options{SecretKey: cardKey, WebhookSecret: cardSecret, PublicURL: srv.URL, Clock: k.Clock})
	if err != nil {
		k.T.Fatal(err)
	}
	k.T.Cleanup(func() { _ = bank.Close() })
	h, k.Bank, k.BankURL = bank.Handler(), bank, srv.URL
}

// Work starts a worker; it stops with the test.
func (k *Kit) Work() {
	k.T.Helper()
	w := river.NewWorkers()
	k.Sale.Register(w)
	k.NewCar.Register(w)
	k.UsedCar.Register(w)
	k.UsedCar.RegisterAlerts(w)
	c, err := jobs.New(k.DB.Pool, jobs.Options{Workers: w, MaxWorkers: 4, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		k.T.Fatal(err)
	}
	if err := c.Start(context.WithoutCancel(k.T.Context())); err != nil {
		k.T.Fatal(err)
	}
	k.T.Cleanup(func() {
		end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = c.Stop(end)
	})
}

// Tx runs fn in a transaction and fails the test when it fails.
func (k *Kit) Tx(fn func(ctx context.Context, tx *db.Tx) error) {
	k.T.Helper()
	if err := k.DB.InTx(k.T.Context(), fn); err != nil {
		k.T.Fatal(err)
	}
}

// Dacia is the shop most tests buy in.
var Dacia = sale.Shop{Brand: "dacia", Market: "gb", Flow: id.FlowNew}

// Dealers of the tests.
const (
	Leeds  id.Dealer = "gb-leeds-northgate"
	London id.Dealer = "gb-london-kestrel"
)

// Buyer is an invented person.
var Buyer = ordering.Buyer{Name: "Priya Raman", Email: "priya.raman@example.com", Phone: "+447700900142", Street: "8 Ash Grove", Town: "Leeds", Postcode: "LS6 2AB"}

// Draft makes a draft for the cheapest Duster at Leeds with the given fallbacks, details filled in.
func (k *Kit) Draft(fallbacks ...id.Dealer) string {
	k.T.Helper()
	var token string
	k.Tx(func(ctx context.Context, tx *db.Tx) (err error) {
		draft, err := k.NewCar.StartTx(ctx, tx, newcar.Build{Shop: Dacia, Model: "duster", Selection: configurator.Selection{}}, Leeds, fallbacks)
		token = k.NewCar.Tokens.Draft(draft)
		if err != nil {
			return err
		}
		return k.NewCar.GiveDetailsTx(tx, Dacia, token, Buyer)
	})
	return token
}

// DraftWish is Draft of a buyer with another wish where the order may go.
func (k *Kit) DraftWish(w sale.Wish, b ordering.Buyer) string {
	k.T.Helper()
	var token string
	k.Tx(func(ctx context.Context, tx *db.Tx) (err error) {
		draft, err := k.NewCar.StartWishTx(ctx, tx, newcar.Build{Shop: Dacia, Model: "duster", Selection: configurator.Selection{}}, w)
		token = k.NewCar.Tokens.Draft(draft)
		if err != nil {
			return err
		}
		return k.NewCar.GiveDetailsTx(tx, Dacia, token, b)
	})
	return token
}

// BuyDraft places a draft's order, pays its deposit and settles it.
func (k *Kit) BuyDraft(token string) *ordering.Order {
	k.T.Helper()
	p, page := k.Place(token)
	if _, err := banktest.Pay(k.T.Context(), nil, page, Good); err != nil {
		k.T.Fatal(err)
	}
	if err := k.NewCar.Settle(k.T.Context(), p.Payment); err != nil {
		k.T.Fatal(err)
	}
	return k.Order(p.Order)
}

// Total is the price of Draft's car in minor units.
func (k *Kit) Total() int64 {
	k.T.Helper()
	m, err := k.World.Now().Model("dacia", "gb", "duster", "2026-11-24")
	if err != nil {
		k.T.Fatal(err)
	}
	return m.From().Total.Minor
}

// Place orders a draft and gives the order and its card page.
func (k *Kit) Place(token string) (sale.Placed, string) {
	k.T.Helper()
	var p sale.Placed
	k.Tx(func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = k.NewCar.PlaceTx(ctx, tx, Dacia, token, k.Total())
		return err
	})
	page, err := k.NewCar.CardPage(k.T.Context(), p.Payment)
	if err != nil {
		k.T.Fatal(err)
	}
	return p, page
}

// Healthy fails the test for each invariant that is broken, but those named.
func (k *Kit) Healthy(but ...string) {
	k.T.Helper()
	r, err := doctor.Examine(k.T.Context(), k.DB)
	if err != nil {
		k.T.Fatal(err)
	}
	for _, f := range r.Invariants {
		if f.Violations > 0 && !slices.Contains(but, f.Name) {
			k.T.Errorf("invariant %s: %d rows", f.Name, f.Violations)
		}
	}
}

// AtBank is what the card bank has of all that was paid, by its own ledger: reserved, and kept. Minor units.
func (k *Kit) AtBank() (held, kept int64) {
	for _, l := range k.Bank.Ledger() {
		held, kept = held+l.Held, kept+l.Captured-l.Refunded
	}
	return held, kept
}

// Good is a card that pays.
const Good = "4242424242424242"

// Buy places a draft's order, pays its deposit and settles it.
func (k *Kit) Buy(fallbacks ...id.Dealer) *ordering.Order {
	k.T.Helper()
	return k.BuyDraft(k.Draft(fallbacks...))
}

// Order reads an order.
func (k *Kit) Order(key id.Order) *ordering.Order {
	k.T.Helper()
	o, err := ordering.Get(k.DB.Read(k.T.Context()), key)
	if err != nil {
		k.T.Fatal(err)
	}
	return o
}

// Eventually waits until ok says true; jobs need a moment.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(15 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within 20 s: %s", what)
}
