package storefront_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

func TestABuyerAnswersTheDealer(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	if strings.Contains(s.page(order).body, "/answer\"") {
		t.Fatal("there is nothing to answer")
	}
	var number string
	if _, err := db.One(s.DB.Read(t.Context()), &number, `SELECT number FROM orders`); err != nil {
		t.Fatal(err)
	}
	staff := sale.Staff{User: "0198a000-0000-7000-8000-000000000001", Dealer: testkit.Leeds}
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return s.NewCar.AskBuyerTx(ctx, tx, staff, number, "Do you need a tow bar?")
	})
	p := s.page(order)
	if strings.Contains(p.text(), "You need do nothing") || !strings.Contains(p.text(), "Northgate Motors Leeds needs your answer") {
		t.Error("the page begins as if nothing waited for the buyer")
	}
	if !strings.Contains(p.text(), "Northgate Motors Leeds has a question") || !strings.Contains(p.text(), "Do you need a tow bar?") {
		t.Fatalf("the page: %s", p.text())
	}
	long := strings.Repeat("yes ", 150)
	if a := s.post(order+"/answer", with(p.form(t, order+"/answer"), "answer", long)); a.status != 422 || !strings.Contains(a.body, strings.TrimSpace(long)) || !strings.Contains(a.body, `id="answer-error"`) {
		t.Errorf("600 characters: %d", a.status)
	}
	if a := s.post(order+"/answer", with(s.page(order).form(t, order+"/answer"), "answer", "Yes, please.")); a.status != 303 {
		t.Fatalf("answer: %d %s", a.status, a.text())
	}
	if p := s.page(order + "?done=answer"); !strings.Contains(p.text(), "Your answer is with the dealer") || strings.Contains(p.body, "/answer\"") {
		t.Errorf("after the answer: %s", p.text())
	}
	if a := s.post(order+"/answer", with(p.form(t, order+"/answer"), "answer", "No.")); a.status != 409 || !strings.Contains(a.text(), "needs no answer any more") {
		t.Errorf("a second answer: %d", a.status)
	}
}
