package payment

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

// Goodwill is what a dealer gives a buyer whom it left without news for too long. It counts like money that the buyer paid:
// it is taken off what he owes, or, where all is paid, goes back as part of a payment.
type Goodwill struct {
	Order  id.Order
	Round  int // of the silence; with the order it says once
	Market id.Market
	Dealer id.Dealer // who was silent, and pays
	Amount money.Money
	At     time.Time
}

// legs are the lines of what is given: the dealer owes it to us as if it had taken it at its desk. A seller other than a
// maker keeps a book of its own, in which it is spent.
func (w Goodwill) legs(seller Party) []Line {
	n := w.Amount.Minor
	if seller.maker() {
		return []Line{{Account: DealerPayable, Party: DealerParty(w.Dealer), Minor: n}, {Account: Buyer, Minor: -n}}
	}
	return []Line{{Account: DealerPayable, Party: seller, Minor: n}, {Account: Buyer, Minor: -n},
		{Account: GoodwillSpent, Party: seller, Minor: n}, {Account: DealerClaim, Party: seller, Minor: -n}}
}

// GiveTx writes what a dealer gives for a silence, with its posting; false when it was given before. The caller holds the
// order's lock, and sees to it that what is paid too much then goes back. ErrNegative refuses an amount that is none.
func GiveTx(tx *db.Tx, w Goodwill, seller Party) (bool, error) {
	if w.Amount.Minor <= 0 {
		return false, ErrNegative
	}
	ok, err := db.Changed(tx.DB, `INSERT INTO goodwills (order_id, round, market, dealer, currency, amount_minor, at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		w.Order, w.Round, w.Market, w.Dealer, w.Amount.Currency, w.Amount.Minor, tx.Now)
	if err != nil || !ok {
		return false, orGiven(err)
	}
	_, err = post(tx, w.Order, nil, KindGoodwill, fmt.Sprint(w.Round), w.Amount.Currency, w.legs(seller))
	return true, err
}

func orGiven(err error) error {
	if err != nil {
		return fmt.Errorf("payment: goodwill: %w", err)
	}
	return nil
}

// TakeGoodwillBackTx ends what was given for an order that ends without a sale, or whose sale is taken back. Called again it
// does nothing; an order without any has nothing to take back.
func TakeGoodwillBackTx(tx *db.Tx, o id.Order) error {
	ended := tx.Exec(`UPDATE goodwills SET back_at = ? WHERE order_id = ? AND back_at IS NULL`, tx.Now, o) // one for each silence
	if ended.Error != nil || ended.RowsAffected == 0 {
		return orGiven(ended.Error)
	}
	var r struct {
		Currency money.Currency
		Lines    []byte
	}
	_, err := db.One(tx.DB, &r, `SELECT currency, json_agg(json_build_object('account', account, 'party', party, 'amount_minor', -minor) ORDER BY account, party) AS lines FROM (
		SELECT l.currency, l.account, l.party, sum(l.amount_minor) AS minor FROM ledger_lines l JOIN ledger_postings k ON k.id = l.posting_id
		WHERE l.order_id = ? AND k.kind = 'goodwill' GROUP BY 1, 2, 3 HAVING sum(l.amount_minor) <> 0) x GROUP BY currency`, o)
	if err != nil || len(r.Lines) == 0 {
		return orGiven(err)
	}
	var legs []Line
	if err := json.Unmarshal(r.Lines, &legs); err != nil {
		return fmt.Errorf("payment: goodwill: %w", err)
	}
	_, err = post(tx, o, nil, KindGoodwill, "back", r.Currency, legs)
	return err
}

// GoodwillList is the column of what was given for the order o and stands, for GoodwillsFromJSON.
const GoodwillList = `(SELECT json_agg(w ORDER BY w.round) FROM goodwills w WHERE w.order_id = o.id AND w.back_at IS NULL)`

// GoodwillsFromJSON reads GoodwillList.
func GoodwillsFromJSON(b []byte) ([]Goodwill, error) {
	var rows []struct {
		OrderID     id.Order       `json:"order_id"`
		Round       int            `json:"round"`
		Market      id.Market      `json:"market"`
		Dealer      id.Dealer      `json:"dealer"`
		Currency    money.Currency `json:"currency"`
		AmountMinor int64          `json:"amount_minor"`
		At          time.Time      `json:"at"`
	}
	if len(b) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(b, &rows); err != nil {
		return nil, fmt.Errorf("payment: goodwill: %w", err)
	}
	out := make([]Goodwill, len(rows))
	for i, r := range rows {
		out[i] = Goodwill{Order: r.OrderID, Round: r.Round, Market: r.Market, Dealer: r.Dealer, Amount: money.Of(r.AmountMinor, r.Currency), At: r.At}
	}
	return out, nil
}

// GoodwillsOf lists what was given for an order and stands.
func GoodwillsOf(g *gorm.DB, o id.Order) ([]Goodwill, error) {
	var r struct{ List []byte }
	if _, err := db.One(g, &r, `SELECT `+GoodwillList+` AS list FROM orders o WHERE o.id = ?`, o); err != nil {
		return nil, fmt.Errorf("payment: goodwill: %w", err)
	}
	return GoodwillsFromJSON(r.List)
}
