package newcar_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

// accepted is an order that a dealer has taken, its deposit captured.
func accepted(k *testkit.Kit) *ordering.Order {
	k.T.Helper()
	o := k.Buy()
	if err := accept(k, leedsStaff, o); err != nil {
		k.T.Fatal(err)
	}
	settleAll(k, o.ID)
	return k.Order(o.ID)
}

func owed(k *testkit.Kit, o *ordering.Order) int64 {
	k.T.Helper()
	w, err := sale.WholeOf(k.DB.Read(k.T.Context()), o.ID)
	if err != nil {
		k.T.Fatal(err)
	}
	return payment.Owed(o.TotalMinor, w.PaidMinor, w.Payments)
}

func balancePage(k *testkit.Kit, o *ordering.Order, minor int64) string {
	k.T.Helper()
	page, err := k.NewCar.BalancePage(k.T.Context(), o.ID, minor)
	if err != nil {
		k.T.Fatal(err)
	}
	return page
}

func pay(k *testkit.Kit, page string) {
	k.T.Helper()
	if _, err := banktest.Pay(k.T.Context(), nil, page, testkit.Good); err != nil {
		k.T.Fatal(err)
	}
}

func atDesk(k *testkit.Kit, o *ordering.Order, minor int64) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.RecordDeskTx(ctx, tx, leedsStaff, o.Number, payment.ByDeskTransfer, minor, "REF 1")
	})
}

func TestTheBalanceIsPaidInPartsByCard(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	rest := owed(k, o)
	pay(k, balancePage(k, o, 500_00))
	settleAll(k, o.ID)
	if left := owed(k, o); left != rest-500_00 {
		t.Fatalf("after a top-up %d is owed, not %d", left, rest-500_00)
	}
	pay(k, balancePage(k, o, 0))
	settleAll(k, o.ID)
	if left := owed(k, o); left != 0 {
		t.Fatalf("after the balance %d is owed", left)
	}
	if _, err := k.NewCar.BalancePage(t.Context(), o.ID, 0); !errors.Is(err, sale.ErrNothingOwed) {
		t.Fatalf("a page for nothing: %v", err)
	}
	healthy(k)
	if err := cancel(k, o.ID); err != nil {
		t.Fatal(err)
	}
	settleAll(k, o.ID)
	for _, p := range payments(k, o.ID) {
		if p.State != payment.Refunded {
			t.Errorf("%s %d is %s after leaving", p.Purpose, p.Attempt, p.State)
		}
	}
	healthy(k)
}

func TestTheBalanceHasOneOpenPageHoweverOftenItIsAsked(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	var mu sync.Mutex
	pages := map[string]bool{}
	race(t, 20, func() error {
		page, err := k.NewCar.BalancePage(t.Context(), o.ID, 0)
		mu.Lock()
		defer mu.Unlock()
		pages[page] = true
		return err
	})
	if len(pages) != 1 {
		t.Fatalf("%d card pages", len(pages))
	}
	first := balancePage(k, o, 0)
	if other := balancePage(k, o, 300_00); other == first {
		t.Fatal("another amount got the same page")
	}
	if _, err := banktest.Pay(t.Context(), nil, first, testkit.Good); err == nil {
		t.Fatal("the page that was replaced still takes money")
	}
}

func TestWhatIsTooMuchByThenGoesBackByItself(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	page := balancePage(k, o, 0)
	if err := atDesk(k, o, owed(k, o)); err != nil {
		t.Fatal(err)
	}
	pay(k, page)
	settleAll(k, o.ID)
	back := false
	for _, p := range payments(k, o.ID) {
		back = back || p.Purpose == payment.ForBalance && p.Card() && p.State == payment.Refunded && p.ReturnReason == "too_much"
	}
	if !back || owed(k, o) != 0 {
		t.Fatalf("returned %v, owed %d", back, owed(k, o))
	}
	healthy(k)
}

func TestAPageThatAsksTooMuchEndsByItself(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	page := balancePage(k, o, 0)
	if err := atDesk(k, o, 1_00); err != nil {
		t.Fatal(err)
	}
	settleAll(k, o.ID)
	if _, err := banktest.Pay(t.Context(), nil, page, testkit.Good); err == nil {
		t.Fatal("a page that asks more than is owed takes money")
	}
	healthy(k)
}

func TestAmountsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	rest := owed(k, o)
	for minor, want := range map[int64]error{rest + 1: payment.ErrTooMuch, -1: payment.ErrAmount, 1: payment.ErrAmount, rest - 1: payment.ErrAmount,
		1 << 62: payment.ErrTooMuch, -1 << 63: payment.ErrAmount} {
		if _, err := k.NewCar.BalancePage(t.Context(), o.ID, minor); !errors.Is(err, want) {
			t.Errorf("%d: %v", minor, err)
		}
	}
	if n := len(payments(k, o.ID)); n != 1 {
		t.Fatalf("%d payments were written", n)
	}
}

func TestAPayLinkOpensNothingButItsOwnOrder(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	token := k.NewCar.PayToken(o.ID)
	if got, err := k.NewCar.OrderToPay(t.Context(), testkit.Dacia, token, o.Number); err != nil || got.ID != o.ID {
		t.Fatalf("its own: %v", err)
	}
	if _, err := k.NewCar.OrderToPay(t.Context(), testkit.Dacia, token[:len(token)-1]+"x", o.Number); !errors.Is(err, ordering.ErrNoOrder) {
		t.Fatalf("a wrong token: %v", err)
	}
	if _, err := ordering.OrderByToken(k.DB.Read(t.Context()), o.Brand, o.Market, token, k.Clock.Now()); !errors.Is(err, ordering.ErrNoOrder) {
		t.Fatalf("the pay link opens the order: %v", err)
	}
}

var challenge = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
var attempt = regexp.MustCompile(`name="attempt" value="([^"]*)"`)

// submit types a card that the bank asks about and leaves the question open.
func submit(t *testing.T, page, card string) {
	t.Helper()
	res, err := http.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	at, _ := res.Request.URL.Parse(challenge.FindStringSubmatch(string(body))[1])
	form := url.Values{"attempt": {attempt.FindStringSubmatch(string(body))[1]}, "number": {card}, "expiry": {"12 / 45"}, "cvc": {"123"}, "name": {"Test Buyer"}}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err = client.PostForm(at.String(), form)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if !strings.HasSuffix(res.Header.Get("Location"), "/challenge") {
		t.Fatalf("no question: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
}

func TestTheOrderLivesWhileTheBankAsks(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	placed, page := k.Place(k.Draft())
	submit(t, page, banktest.Secure)
	k.Clock.Advance(sale.QuoteLife + 5*time.Minute)
	if err := k.NewCar.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := k.Order(placed.Order)
	if o.State != ordering.Checkout || !o.DueAt.After(k.Clock.Now()) {
		t.Fatalf("the order is %s, due %v at %v", o.State, o.DueAt, k.Clock.Now())
	}
	// The bank's own session bounds it.
	for range 12 {
		k.Clock.Advance(time.Hour)
		if err := k.NewCar.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if o = k.Order(placed.Order); o.State != ordering.Lapsed {
		t.Fatalf("half a day later the order is %s", o.State)
	}
	healthy(k)
}
