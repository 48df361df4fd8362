package ordering

import (
	"errors"
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type exchangeRow struct {
	OrderID     string          `json:"order_id"`
	Market      string          `json:"market"`
	Currency    string          `json:"currency"`
	Offer       string          `json:"offer"`
	Car         string          `json:"car"`
	Plate       string          `json:"plate"`
	Km          int             `json:"km"`
	ToleranceKm int             `json:"tolerance_km"`
	ValueMinor  int64           `json:"value_minor"`
	State       string          `json:"state"`
	Vin         *string         `json:"vin"`
	GivenKm     *int            `json:"given_km"`
	Asked       *ExchangeChange `json:"asked"`
}

func (r *exchangeRow) exchange() *Exchange {
	return &Exchange{Order: id.Order(r.OrderID), Market: id.Market(r.Market), Currency: r.Currency, Offer: id.Exchange(r.Offer), Car: r.Car, Plate: r.Plate, Km: r.Km, ToleranceKm: r.ToleranceKm,
		ValueMinor: r.ValueMinor, State: ExchangeState(r.State), VIN: db.OrZero(r.Vin), GivenKm: db.OrZero(r.GivenKm), Asked: r.Asked}
}

// ExchangeJSON is the column of the part exchange of the order o, for ExchangeFromJSON.
const ExchangeJSON = `(SELECT row_to_json(x) FROM (SELECT e.*, (SELECT row_to_json(c) FROM exchange_changes c WHERE c.order_id = e.order_id AND c.answer IS NULL) AS asked FROM order_exchanges e) x WHERE x.order_id = o.id)`

// ExchangeFromJSON reads ExchangeJSON; nil for none.
func ExchangeFromJSON(row []byte) (*Exchange, error) {
	return db.JSONRow(row, (*exchangeRow).exchange)
}

// ExchangeOf reads the part exchange of an order; nil when there is none.
func ExchangeOf(g *gorm.DB, o id.Order) (*Exchange, error) {
	var r struct{ Found []byte }
	if _, err := db.One(g, &r, `SELECT `+ExchangeJSON+` AS found FROM orders o WHERE o.id = ?`, o); err != nil {
		return nil, fmt.Errorf("ordering: exchange: %w", err)
	}
	return ExchangeFromJSON(r.Found)
}

// AddExchangeTx makes a car part of an order.
func AddExchangeTx(tx *db.Tx, x *Exchange) error {
	x.State = ExchangeAgreed
	err := tx.Exec(`INSERT INTO order_exchanges (order_id, market, currency, offer, car, plate, km, tolerance_km, value_minor, state, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		x.Order, x.Market, x.Currency, x.Offer, x.Car, x.Plate, x.Km, x.ToleranceKm, x.ValueMinor, x.State, tx.Now).Error
	if err != nil {
		return fmt.Errorf("ordering: exchange: %w", err)
	}
	return nil
}

// AskExchangeTx asks for another value. The caller holds the order's lock; ErrMoved when something else is asked already.
func AskExchangeTx(tx *db.Tx, x *Exchange, c ExchangeChange, by id.User) error {
	if err := moveExchangeTx(tx, x, ExchangeAgreed, `state = 'asked'`); err != nil {
		return err
	}
	err := tx.Exec(`INSERT INTO exchange_changes (order_id, seq, ground, was_minor, now_minor, note, by_user, at) SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ?, ? FROM exchange_changes WHERE order_id = ?`,
		x.Order, c.Ground, c.WasMinor, c.NowMinor, c.Note, by, tx.Now, x.Order).Error
	if err != nil {
		return fmt.Errorf("ordering: exchange: %w", err)
	}
	return nil
}

// AnswerExchangeTx is the buyer's word on what is asked: with yes the new value counts, and one of nothing ends the exchange as
// a no does.
func AnswerExchangeTx(tx *db.Tx, x *Exchange, yes bool) error {
	if x.Asked == nil {
		return ErrMoved
	}
	word := "no"
	if yes {
		word = "yes"
	}
	ok, err := db.Changed(tx.DB, `UPDATE exchange_changes SET answer = ?, answered_at = ? WHERE order_id = ? AND seq = ? AND answer IS NULL`, word, tx.Now, x.Order, x.Asked.Seq)
	if err == nil && !ok {
		err = ErrMoved
	}
	if err != nil {
		return err
	}
	if !yes || x.Asked.NowMinor == 0 {
		return moveExchangeTx(tx, x, ExchangeAsked, `state = 'off', ended_at = ?`, tx.Now)
	}
	return moveExchangeTx(tx, x, ExchangeAsked, `state = 'agreed', value_minor = ?`, x.Asked.NowMinor)
}

// GiveExchangeTx notes that the dealer has the car.
func GiveExchangeTx(tx *db.Tx, x *Exchange, vin string, km int) error {
	x.VIN, x.GivenKm = vin, km
	return moveExchangeTx(tx, x, ExchangeAgreed, `state = 'given', vin = ?, given_km = ?, ended_at = ?`, vin, km, tx.Now)
}

// EndExchangeTx ends the part exchange of an order that ends, unless the dealer has the car; an order without one has nothing
// to end.
func EndExchangeTx(tx *db.Tx, o id.Order) error {
	err := tx.Exec(`UPDATE exchange_changes SET answer = 'no', answered_at = ? WHERE order_id = ? AND answer IS NULL`, tx.Now, o).Error
	return errors.Join(err, tx.Exec(`UPDATE order_exchanges SET state = 'off', ended_at = ? WHERE order_id = ? AND state IN ('agreed', 'asked')`, tx.Now, o).Error)
}

func moveExchangeTx(tx *db.Tx, x *Exchange, from ExchangeState, set string, args ...any) error {
	ok, err := db.Changed(tx.DB, `UPDATE order_exchanges SET `+set+` WHERE order_id = ? AND state = ?`, append(args, x.Order, from)...)
	if err == nil && !ok {
		err = ErrMoved
	}
	return err
}
