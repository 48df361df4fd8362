package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"forecourt/internal/payment"
)

// promptBank is a card bank in memory at which every card pays at once: what remains is our work.
type promptBank struct{ open sync.Map }

var errNotAsked = errors.New("bench: the bank is asked for something that a booking does not need")

func (b *promptBank) OpenCheckout(_ context.Context, r payment.CheckoutRequest) (payment.Checkout, error) {
	c := payment.Checkout{ID: "cs_" + r.PaymentID, URL: "http://bank.test/" + r.PaymentID, Status: payment.SessionOpen,
		OrderID: r.OrderID, PaymentID: r.PaymentID, Amount: r.Amount, ExpiresAt: r.ExpiresAt}
	b.open.Store(c.ID, c)
	return c, nil
}

func (b *promptBank) Checkout(_ context.Context, session string) (payment.Checkout, error) {
	v, ok := b.open.LoadAndDelete(session)
	if !ok {
		return payment.Checkout{}, errNotAsked
	}
	c := v.(payment.Checkout)
	c.URL, c.Status = "", payment.SessionComplete
	c.Intent = &payment.Intent{ID: "pi_" + c.PaymentID, Status: payment.IntentRequiresCapture, OrderID: c.OrderID, PaymentID: c.PaymentID,
		Amount: c.Amount, Capturable: c.Amount.Minor, ChargeID: "ch_" + c.PaymentID, CaptureBefore: time.Now().Add(7 * 24 * time.Hour)}
	return c, nil
}

func (b *promptBank) ExpireCheckout(context.Context, string) (payment.Checkout, error) {
	return payment.Checkout{}, errNotAsked
}
func (b *promptBank) Intent(_ context.Context, key string) (payment.Intent, error) {
	return payment.Intent{ID: key, Status: payment.IntentRequiresCapture}, nil // everything is still reserved
}
func (b *promptBank) Capture(context.Context, string, int64, string) (payment.Intent, error) {
	return payment.Intent{}, errNotAsked
}
func (b *promptBank) Void(context.Context, string, string) (payment.Intent, error) {
	return payment.Intent{}, errNotAsked
}
func (b *promptBank) Refund(context.Context, string, int64, string, string) (payment.Refund, error) {
	return payment.Refund{}, errNotAsked
}
func (b *promptBank) RefundsOf(context.Context, string) ([]payment.Refund, error) {
	return nil, errNotAsked
}
func (b *promptBank) DisputesOf(context.Context, string) ([]payment.Dispute, error) {
	return nil, errNotAsked
}
func (b *promptBank) EventsSince(context.Context, time.Time, func(payment.Event) error) error {
	return errNotAsked
}
func (b *promptBank) BalanceSince(context.Context, time.Time, func(payment.BalanceLine) error) error {
	return errNotAsked
}
func (b *promptBank) ParseEvent([]byte, string) (payment.Event, error) {
	return payment.Event{}, payment.ErrBadSignature
}
func (b *promptBank) Account() string { return "bench" }
func (b *promptBank) Live() bool      { return false }
