package newcar_test

import (
	"context"
	"testing"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

// liar is a bank that says something else of a card page than what is true.
type liar struct {
	payment.Gateway
	twist func(*payment.Checkout)
}

func (l liar) Checkout(ctx context.Context, key string) (payment.Checkout, error) {
	c, err := l.Gateway.Checkout(ctx, key)
	if err == nil && c.Intent != nil {
		l.twist(&c)
	}
	return c, err
}

func TestWhatWasNotAskedForIsRefused(t *testing.T) {
	t.Parallel()
	for name, twist := range map[string]func(*payment.Checkout){
		"a smaller amount":      func(c *payment.Checkout) { c.Intent.Amount.Minor-- },
		"a larger amount":       func(c *payment.Checkout) { c.Amount.Minor++ },
		"a foreign currency":    func(c *payment.Checkout) { c.Intent.Amount = money.Of(c.Intent.Amount.Minor, "EUR") },
		"another order":         func(c *payment.Checkout) { c.OrderID = "0198a000-0000-7000-8000-0000000000ff" },
		"another payment":       func(c *payment.Checkout) { c.PaymentID = "0198a000-0000-7000-8000-0000000000ff" },
		"a sum below zero":      func(c *payment.Checkout) { c.Intent.Amount.Minor = -c.Intent.Amount.Minor },
		"a sum beyond counting": func(c *payment.Checkout) { c.Amount.Minor = 1<<63 - 1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			placed, page := k.Place(k.Draft())
			if _, err := banktest.Pay(t.Context(), nil, page, testkit.Good); err != nil {
				t.Fatal(err)
			}
			k.NewCar.Gateway = liar{k.NewCar.Gateway, twist}
			if err := k.NewCar.Settle(t.Context(), placed.Payment); err != nil {
				t.Fatal(err)
			}
			p := payments(k, placed.Order)[0]
			if o := k.Order(placed.Order); o.State != ordering.Checkout || p.State != payment.Returning || p.ReturnReason != "mismatch" {
				t.Fatalf("the order is %s, the payment %s for %q", o.State, p.State, p.ReturnReason)
			}
			var r struct{ Lines, Acts int }
			if _, err := db.One(k.DB.Read(t.Context()), &r, `SELECT (SELECT count(*) FROM ledger_lines) AS lines, (SELECT count(*) FROM audit_log WHERE action = 'payment.refused') AS acts`); err != nil {
				t.Fatal(err)
			}
			if r.Lines != 0 || r.Acts != 1 {
				t.Fatalf("%d lines in the ledger, %d in the audit", r.Lines, r.Acts)
			}
			settleAll(k, placed.Order)
			if p = payments(k, placed.Order)[0]; p.State != payment.Voided {
				t.Fatalf("the money is %s", p.State)
			}
		})
	}
}

// Another account's money is settled with that account's keys, and a page that was shown again books nothing twice.
func TestAnotherAccountsPaymentIsLeftAlone(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	placed, page := k.Place(k.Draft())
	if _, err := banktest.Pay(t.Context(), nil, page, testkit.Good); err != nil {
		t.Fatal(err)
	}
	if _, err := k.DB.Pool.Exec(t.Context(), `UPDATE payments SET account = 'acct_other'`); err != nil {
		t.Fatal(err)
	}
	if err := k.NewCar.SettleReturn(t.Context(), placed.Order); err != nil {
		t.Fatal(err)
	}
	if o := k.Order(placed.Order); o.State != ordering.Checkout {
		t.Fatalf("the order is %s", o.State)
	}
	if _, err := k.DB.Pool.Exec(t.Context(), `UPDATE payments SET account = 'cardbank'`); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := k.NewCar.SettleReturn(t.Context(), placed.Order); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(payments(k, placed.Order)); n != 1 || state(k, placed.Order) != ordering.Offered {
		t.Fatalf("%d payments, the order is %s", n, state(k, placed.Order))
	}
	k.Healthy()
}
