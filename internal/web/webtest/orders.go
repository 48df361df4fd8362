package webtest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
)

// Order describes an order that a test wants to exist. It is written as rows, without the flow, so
// that it may stand in any state at any time.
type Order struct {
	Brand    id.Brand
	Market   id.Market
	Dealer   id.Dealer
	State    string
	Queue    string // state of its queue entry; empty for none
	At       time.Time
	Due      time.Time // of the queue entry
	Buyer    string
	VIN      string
	Slot     time.Time // booked pickup
	Captured int64     // on the card, at At
	Refunded bool      // the same amount again, at At
	Desk     int64     // paid at the dealer's desk
}

// Made is what became of it.
type Made struct {
	ID     id.Order
	Number string
}

// Order writes one.
func (h *House) Order(o Order) Made {
	h.T.Helper()
	if o.At.IsZero() {
		o.At = h.Clock.Now()
	}
	if o.Buyer == "" {
		o.Buyer = "Wilhelmina Buyersecret"
	}
	m := Made{ID: id.New[id.Order](), Number: ordering.NewNumber()}
	h.must(h.DB.InTx(h.T.Context(), func(_ context.Context, tx *db.Tx) error {
		tx.Now = o.At
		return h.write(tx, m, o)
	}))
	return m
}

func (h *House) write(tx *db.Tx, m Made, o Order) error {
	mk, ok := h.Kit.World.Now().Market(o.Market)
	if !ok {
		return fmt.Errorf("webtest: no market %q", o.Market)
	}
	buyer, config := id.New[id.Buyer](), codeOf(m)
	var vin *string
	if o.VIN != "" {
		vin = &o.VIN
	}
	var handed, due *time.Time
	if o.State == "handed_over" {
		handed = &o.At
	}
	if o.State == "checkout" || o.State == "choosing" {
		later := o.At.Add(time.Hour)
		due = &later
	}
	steps := []step{
		{`INSERT INTO buyers (id, market, name, email, phone, street, town, postcode, created_at) VALUES (?, ?, ?, 'buyersecret@example.com', '+447700900123', '1 Secretstreet', 'Leeds', 'LS1 9ZZ', ?)`, []any{buyer, o.Market, o.Buyer, o.At}},
		{`INSERT INTO configurations (code, brand, market, model, selection, quote, digest, created_at) VALUES (?, ?, ?, 'duster', 'x', '{}', ?, ?)`, []any{config, o.Brand, o.Market, config, o.At}},
		{`INSERT INTO orders (id, number, brand, market, flow, state, buyer, configuration, snapshot, currency, total_minor, deposit_minor, terms_version, dealer, vin, pickup_code, due_at, created_at, updated_at, handed_over_at)
			VALUES (?, ?, ?, ?, 'new', ?, ?, ?, '{"model_name":"Duster","version":"Journey"}', ?, 2000000, 10000, '1', ?, ?, ?, ?, ?, ?, ?)`,
			[]any{m.ID, m.Number, o.Brand, o.Market, o.State, buyer, config, mk.Currency, o.Dealer, vin, ordering.NewPickupCode(), due, o.At, o.At, handed}},
		{`INSERT INTO order_history (order_id, seq, flow, from_state, event, to_state, at, actor) VALUES (?, 1, 'new', '', 'begin', 'checkout', ?, 'buyer')`, []any{m.ID, o.At}},
	}
	if o.State != "checkout" && o.State != "lapsed" {
		steps = append(steps, step{`INSERT INTO order_history (order_id, seq, flow, from_state, event, to_state, at, actor) VALUES (?, 2, 'new', 'checkout', 'authorise', 'offered', ?, 'system')`, []any{m.ID, o.At}})
	}
	if o.Queue != "" {
		var answered *time.Time
		if o.Queue != "offered" {
			answered = &o.At
		}
		if o.Due.IsZero() {
			o.Due = o.At.Add(8 * time.Hour)
		}
		steps = append(steps, step{`INSERT INTO queue_entries (id, order_id, brand, market, flow, dealer, round, state, offered_at, due_at, answered_at) VALUES (?, ?, ?, ?, 'new', ?, 1, ?, ?, ?, ?)`,
			[]any{id.New[id.QueueEntry](), m.ID, o.Brand, o.Market, o.Dealer, o.Queue, o.At, o.Due, answered}})
	}
	if !o.Slot.IsZero() {
		steps = append(steps, step{`INSERT INTO appointments (id, order_id, market, dealer, starts_at, ends_at, bay, state, created_at) VALUES (?, ?, ?, ?, ?, ?, 1, 'booked', ?)`,
			[]any{id.New[id.Appointment](), m.ID, o.Market, o.Dealer, o.Slot, o.Slot.Add(45 * time.Minute), o.At}})
	}
	for _, s := range steps {
		if err := tx.Exec(s.query, s.args...).Error; err != nil {
			return err
		}
	}
	return pay(tx, m, o, mk.Currency)
}

type step struct {
	query string
	args  []any
}

// pay writes payments with their ledger lines.
func pay(tx *db.Tx, m Made, o Order, c money.Currency) error {
	post := func(purpose, means, account, intent string, amount int64, kinds ...payment.Kind) error {
		p := &payment.Payment{ID: id.New[id.Payment](), Amount: money.Of(amount, c), RefundID: "re_" + string(m.ID)}
		var in *string
		if intent != "" {
			in = &intent
		}
		err := tx.Exec(`INSERT INTO payments (id, order_id, market, purpose, attempt, means, account, state, currency, amount_minor, intent_id, created_at, updated_at)
			VALUES (?, ?, ?, ?, 1, ?, ?, 'captured', ?, ?, ?, ?, ?)`, p.ID, m.ID, o.Market, purpose, means, account, c, amount, in, o.At, o.At).Error
		for _, kind := range kinds {
			if err == nil {
				err = payment.PostTx(tx, m.ID, p, kind)
			}
		}
		return err
	}
	if o.Captured > 0 {
		kinds := []payment.Kind{payment.KindCapture}
		if o.Refunded {
			kinds = append(kinds, payment.KindRefund)
		}
		if err := post("deposit", "card", "cardbank", "pi_"+string(m.ID), o.Captured, kinds...); err != nil {
			return err
		}
	}
	if o.Desk > 0 {
		return post("balance", "desk_card", "desk", "", o.Desk, payment.KindDesk)
	}
	return nil
}

// codeOf makes a configuration's code of the order's number, which has the same alphabet.
func codeOf(m Made) string { return strings.ReplaceAll(strings.TrimPrefix(m.Number, "FC-"), "-", "") }
