package payment

import (
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

// The accounts. A positive line is a debit: what we hold at the card bank or a dealer's desk; a
// negative one a credit: what we owe the buyer, and after the handover the seller.
var postings = map[string][2]string{ // kind: account that gains, account that gives
	"capture":     {"card_bank", "buyer"},
	"refund":      {"buyer", "card_bank"},
	"desk":        {"desk", "buyer"},
	"desk_return": {"buyer", "desk"},
	"handover":    {"buyer", "seller"},
}

// PostTx writes the posting of one movement of a payment. Posting it again changes nothing.
func PostTx(tx *db.Tx, o id.Order, p *Payment, kind string) error {
	return post(tx, o, &p.ID, kind, p.Amount)
}

// PostHandoverTx turns all the buyer paid into the seller's money when the car is handed over.
func PostHandoverTx(tx *db.Tx, o id.Order, total money.Money) error {
	return post(tx, o, nil, "handover", total)
}

func post(tx *db.Tx, o id.Order, p *id.Payment, kind string, m money.Money) error {
	acc, ok := postings[kind]
	if !ok {
		return fmt.Errorf("payment: no posting %q", kind)
	}
	var posting int64
	ok, err := db.One(tx.DB, &posting, `INSERT INTO ledger_postings (order_id, payment_id, kind, currency, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING RETURNING id`, o, p, kind, m.Currency, tx.Now)
	if err != nil || !ok {
		return err
	}
	return tx.Exec(`INSERT INTO ledger_lines (posting_id, order_id, currency, account, amount_minor) VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)`,
		posting, o, m.Currency, acc[0], m.Minor, posting, o, m.Currency, acc[1], -m.Minor).Error
}

// PaidMinor is what the buyer has paid and not got back, in minor units, from the ledger.
func PaidMinor(g *gorm.DB, o id.Order) (int64, error) {
	var n int64
	_, err := db.One(g, &n, `SELECT coalesce(-sum(amount_minor), 0) FROM ledger_lines WHERE order_id = ? AND account = 'buyer'`, o)
	return n, err
}
