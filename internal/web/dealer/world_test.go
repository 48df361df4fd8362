package dealer_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/letters"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/web"
	"forecourt/internal/web/assets"
	"forecourt/internal/web/dealer"
	"forecourt/internal/world"
	"forecourt/static"
	"forecourt/templates"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"
)

// counter counts the statements that reach the database.
type counter struct{ n atomic.Int64 }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	return ctx
}
func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// bench is a portal on a database of its own, with the demo's dealers and a card bank that says yes.
type bench struct {
	*testing.T
	db      *db.DB
	cars    *newcar.Service
	used    *usedcar.Service // nil where a test is about new cars alone
	world   *world.World
	url     string
	queries *counter
	words   *i18n.Catalogue
	kit     *web.Kit
	live    *allocation.Live
}

// onlyOurs hides the pages of other surfaces, which have tests of their own.
type onlyOurs struct{ fs.FS }

func (o onlyOurs) Glob(pattern string) ([]string, error) {
	if strings.HasPrefix(pattern, "storefront/") || strings.HasPrefix(pattern, "manager/") || strings.HasPrefix(pattern, "styleguide/") {
		return nil, nil
	}
	return fs.Glob(o.FS, pattern)
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return benchOf(t, func(*sale.Service) *usedcar.Service { return nil })
}

// benchOf is a bench on which used adds a flow.
func benchOf(t *testing.T, used func(*sale.Service) *usedcar.Service) *bench {
	t.Helper()
	b := &bench{T: t, queries: &counter{}}
	b.db, _ = testkit.World(t, dbtest.Options{Tracer: b.queries})
	quiet := slog.New(slog.DiscardHandler)
	keeper, err := world.NewKeeper(t.Context(), b.db, "", quiet)
	b.must(err)
	b.world = keeper.Now()
	inserts, err := jobs.New(b.db.Pool, jobs.Options{})
	b.must(err)
	b.words, err = i18n.Load()
	b.must(err)
	mails, err := letters.New(b.words, templates.Files, letters.Config{Domain: "shop.example"})
	b.must(err)
	desk := &sale.Service{Words: b.words, Letters: mails, DB: b.db, World: keeper, Gateway: &bank{at: b.db.Clock.Now()}, Jobs: inserts, Tokens: ordering.NewTokens([]byte(strings.Repeat("k", 32))), BaseURL: "http://shop.example", Log: quiet}
	b.cars = newcar.New(desk)
	b.used = used(desk)
	b.live = allocation.NewLive(b.db, quiet)
	b.serve(keeper, quiet)
	return b
}

func (b *bench) serve(keeper *world.Keeper, l *slog.Logger) {
	set, err := assets.New(static.Files, web.Looks(keeper.Now()))
	b.must(err)
	users := identity.NewUsers(b.db, identity.Options{Demo: true})
	k := &web.Kit{DB: b.db, World: keeper, Catalogue: b.words, Assets: set, Log: l, Demo: true}
	k.Sessions = identity.NewSessions(users, false, func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	})
	b.kit = k
	b.must(k.Init(onlyOurs{templates.Files}))
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if web.StatusOf(err) == 500 {
			b.Logf("%s: %v", c.Request().URL, err)
		}
		k.Fail(err, c)
	}
	e.GET("/static/*", echo.WrapHandler(set))
	b.must(k.Add(e, dealer.New(dealer.Deps{Kit: k, NewCar: b.cars, Used: b.used, Live: b.live}).Routes()))
	e.GET("/dealer/sign-in-as/:user", func(c echo.Context) error {
		return k.Sessions.SignIn(c.Request().Context(), identity.User{ID: id.User(c.Param("user"))})
	})
	b.url = testkit.Serve(b, web.SecureHeaders("", false)(k.Sessions.Middleware(e))).URL
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) tx(fn func(ctx context.Context, tx *db.Tx) error) {
	b.Helper()
	b.must(b.db.InTx(b.Context(), fn))
}

// staff is a signed-in browser of a member of a dealer's staff.
type staff struct {
	b      *bench
	client *http.Client
	user   id.User
	dealer id.Dealer
}

func (b *bench) staffOf(d id.Dealer) *staff {
	b.Helper()
	jar, _ := cookiejar.New(nil)
	s := &staff{b: b, user: id.New[id.User](), dealer: d,
		client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	b.tx(func(_ context.Context, tx *db.Tx) error {
		if err := tx.Exec(`INSERT INTO users (id, email, name, password_hash, role, dealer, created_at) VALUES (?, ?, 'Anna Whitcombe', 'none', 'dealer', ?, ?)`,
			s.user, string(s.user)+"@example.com", d, tx.Now).Error; err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO staff_roles (id, user_id, role, dealer, granted_by, granted_at) VALUES (?, ?, 'site_manager', ?, 'system', ?)`, id.New[string](), s.user, d, tx.Now).Error
	})
	if a := s.get("/dealer/sign-in-as/" + string(s.user)); a.status != 200 {
		b.Fatalf("sign in: %d", a.status)
	}
	return s
}

type answer struct {
	status int
	body   string
	to     string
}

func (s *staff) get(path string) answer {
	s.b.Helper()
	res, err := s.client.Get(s.b.url + path)
	s.b.must(err)
	return read(s.b, res)
}

func (s *staff) post(path string, form url.Values) answer {
	s.b.Helper()
	res, err := s.client.PostForm(s.b.url+path, form)
	s.b.must(err)
	return read(s.b, res)
}

func read(b *bench, res *http.Response) answer {
	b.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	b.must(err)
	return answer{res.StatusCode, string(body), res.Header.Get("Location")}
}

var keyForm = regexp.MustCompile(`name="form_key" value="([^"]+)"`)

// form makes a POST's fields from pairs, with a key as a page gives it.
func form(pairs ...string) url.Values {
	v := url.Values{"form_key": {string(id.New[id.Order]())}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

const (
	leeds  id.Dealer = "gb-leeds-northgate"
	london id.Dealer = "gb-london-kestrel"
)

// buyer is somebody whose every word can be searched for in a page.
var buyer = ordering.Buyer{Name: "Zebedee Quillfeather", Email: "zebedee.quillfeather@example.com", Phone: "+447700900987",
	Street: "77 Marmalade Mews", Town: "Wetherbyshire", Postcode: "LS22 9ZZ"}

// offer places an order that is paid for and stands in the queue of the first dealer.
func (b *bench) offer(dealers ...id.Dealer) *ordering.Order {
	b.Helper()
	return b.offerOf(newcar.Build{Shop: sale.Shop{Brand: "dacia", Market: b.marketOf(dealers[0]), Flow: id.FlowNew}, Model: "duster"}, buyer, dealers...)
}

// first is a dealer of a market.
func (b *bench) first(m id.Market) id.Dealer { return b.world.Dealers("dacia", m, id.FlowNew)[0].Code }

func (b *bench) marketOf(d id.Dealer) id.Market {
	x, ok := b.world.Dealer(d)
	if !ok {
		b.Fatalf("no dealer %s", d)
	}
	return x.Market
}

func (b *bench) offerOf(car newcar.Build, who ordering.Buyer, dealers ...id.Dealer) *ordering.Order {
	b.Helper()
	mk, _ := b.world.Market(car.Shop.Market)
	m, err := b.world.Model(car.Shop.Brand, mk.Code, car.Model, world.Today(mk, b.db.Clock.Now()))
	b.must(err)
	full, err := m.Complete(car.Selection)
	b.must(err)
	car.Selection = full.Selection
	var placed sale.Placed
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		draft, err := b.cars.StartTx(ctx, tx, car, dealers[0], dealers[1:])
		token := b.cars.Tokens.Draft(draft)
		if err != nil {
			return err
		}
		if err := b.cars.GiveDetailsTx(tx, car.Shop, token, who); err != nil {
			return err
		}
		placed.Link = token
		return nil
	})
	b.tx(func(ctx context.Context, tx *db.Tx) (err error) {
		placed, err = b.cars.PlaceTx(ctx, tx, car.Shop, placed.Link, full.Quote.Total.Minor)
		return err
	})
	b.must(b.cars.Settle(b.Context(), placed.Payment))
	return b.order(placed.Order)
}

func (b *bench) order(key id.Order) *ordering.Order {
	b.Helper()
	o, err := ordering.Get(b.db.Read(b.Context()), key)
	b.must(err)
	return o
}

// settle lets the card bank answer for every payment of the order, as the worker does.
func (b *bench) settle(o *ordering.Order) {
	b.Helper()
	ps, err := payment.Of(b.db.Read(b.Context()), o.ID)
	b.must(err)
	for _, p := range ps {
		b.must(b.cars.Settle(b.Context(), p.ID))
	}
}

// walk brings an accepted order to a state by the flow's own verbs.
func (b *bench) walk(o *ordering.Order, s *staff, to ordering.State) {
	b.Helper()
	who := sale.Staff{User: s.user, Dealer: s.dealer}
	if o.State == ordering.Offered {
		b.tx(func(ctx context.Context, tx *db.Tx) error { return b.cars.AcceptTx(ctx, tx, who, o.Number) })
		b.settle(o)
	}
	events := []ordering.Event{ordering.Place, ordering.Build, ordering.Dispatch, ordering.Arrive, ordering.Prepare, ordering.Release}
	for _, ev := range events {
		*o = *b.order(o.ID)
		if o.State == to {
			return
		}
		if _, ok := ordering.MachineOf(o.Flow).Next(o.State, ev); !ok {
			continue
		}
		b.tx(func(ctx context.Context, tx *db.Tx) error {
			if ev == ordering.Prepare {
				if err := b.cars.SetChecksTx(ctx, tx, who, o.Number, ordering.PreparationItems); err != nil {
					return err
				}
			}
			return b.cars.AdvanceTx(ctx, tx, who, o.Number, newcar.Progress{Event: ev, VIN: b.vin(), Plate: "YK76DRV"})
		})
	}
	*o = *b.order(o.ID)
}

var vins atomic.Int64

func (b *bench) vin() string { return fmt.Sprintf("VF1RJA0006%07d", 5471900+vins.Add(1)) }

// payAll records the whole balance at the desk.
func (b *bench) payAll(o *ordering.Order, s *staff) {
	b.Helper()
	paid, err := payment.PaidMinor(b.db.Read(b.Context()), o.ID)
	b.must(err)
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		return b.cars.RecordDeskTx(ctx, tx, sale.Staff{User: s.user, Dealer: s.dealer}, o.Number, payment.ByDeskTransfer, o.TotalMinor-paid, "TR-2041")
	})
}

// book takes the n-th free slot for the buyer.
func (b *bench) book(o *ordering.Order, n int) {
	b.Helper()
	d, _ := b.world.Dealer(o.Dealer)
	mk, _ := b.world.Market(o.Market)
	slot := d.Slots(mk, b.db.Clock.Now(), nil, false)[n]
	b.tx(func(ctx context.Context, tx *db.Tx) error { return b.cars.BookTx(ctx, tx, o.ID, slot.StartsAt) })
}

// bank is a card bank that says yes to everything, as often as it is asked. The id of a session and
// of its intent carries all that there is to know of them, so that it remembers nothing.
type bank struct{ at time.Time }

func (k *bank) OpenCheckout(ctx context.Context, r payment.CheckoutRequest) (payment.Checkout, error) {
	return k.Checkout(ctx, fmt.Sprintf("cs_%s/%s/%d/%s", r.OrderID, r.PaymentID, r.Amount.Minor, r.Amount.Currency))
}

func (k *bank) Checkout(ctx context.Context, key string) (payment.Checkout, error) {
	in, err := k.Intent(ctx, "pi"+key[2:])
	in.Status = payment.IntentRequiresCapture
	return payment.Checkout{ID: key, URL: "http://bank.example/" + in.PaymentID, Status: payment.SessionComplete, OrderID: in.OrderID,
		PaymentID: in.PaymentID, Amount: in.Amount, ExpiresAt: k.at.Add(time.Hour), Intent: &in}, err
}

func (k *bank) ExpireCheckout(ctx context.Context, key string) (payment.Checkout, error) {
	return k.Checkout(ctx, key)
}

func (k *bank) Intent(_ context.Context, key string) (payment.Intent, error) {
	parts := strings.Split(strings.TrimPrefix(key, "pi_"), "/")
	minor, err := strconv.ParseInt(parts[2], 10, 64)
	return payment.Intent{ID: key, Status: payment.IntentSucceeded, OrderID: parts[0], PaymentID: parts[1], ChargeID: "ch" + key[2:],
		Received: minor, Amount: money.Of(minor, money.Currency(parts[3])), CaptureBefore: k.at.Add(7 * 24 * time.Hour)}, err
}

func (k *bank) Capture(ctx context.Context, key string, _ int64, _ string) (payment.Intent, error) {
	return k.Intent(ctx, key)
}

func (k *bank) Void(ctx context.Context, key, _ string) (payment.Intent, error) {
	in, err := k.Intent(ctx, key)
	in.Status = payment.IntentCanceled
	return in, err
}

func (k *bank) Refund(_ context.Context, _ string, minor int64, ref, _ string) (payment.Refund, error) {
	return payment.Refund{ID: "re_" + ref, Status: "succeeded", AmountMinor: minor, Ref: ref}, nil
}

func (k *bank) DisputesOf(context.Context, string) ([]payment.Dispute, error)           { return nil, nil }
func (k *bank) EventsSince(context.Context, time.Time, func(payment.Event) error) error { return nil }
func (k *bank) BalanceSince(context.Context, time.Time, func(payment.BalanceLine) error) error {
	return nil
}
func (k *bank) RefundsOf(context.Context, string) ([]payment.Refund, error) { return nil, nil }
func (k *bank) ParseEvent([]byte, string) (payment.Event, error) {
	return payment.Event{}, payment.ErrBadSignature
}
func (k *bank) Account() string { return "cardbank" }
func (k *bank) Live() bool      { return false }
