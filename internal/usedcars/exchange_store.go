package usedcars

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type offerRow struct {
	ID, Brand, Market, State, Locale, Email, Plate, Currency, Provider string
	Km, ToleranceKm                                                    int
	Answers, Car                                                       []byte
	ValueMinor                                                         int64
	ValidUntil                                                         time.Time
	OrderRef                                                           *string
}

func (r *offerRow) offer() (*Offer, error) {
	o := &Offer{ID: id.Exchange(r.ID), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), State: OfferState(r.State), Locale: r.Locale, Email: r.Email, Currency: r.Currency, ValueMinor: r.ValueMinor,
		ToleranceKm: r.ToleranceKm, Until: r.ValidUntil, Order: id.Order(db.OrZero(r.OrderRef))}
	if err := json.Unmarshal(r.Answers, &o.Subject); err != nil {
		return nil, fmt.Errorf("usedcars: offer: %w", err)
	}
	if err := json.Unmarshal(r.Car, &o.Car); err != nil {
		return nil, fmt.Errorf("usedcars: offer: %w", err)
	}
	o.Subject.Market, o.Subject.Plate, o.Subject.Km = o.Market, r.Plate, r.Km
	o.Car.Minor, o.Car.Provider = r.ValueMinor, r.Provider
	return o, nil
}

// AddOfferTx keeps an offer; token is the secret of its page, hashed.
func AddOfferTx(tx *db.Tx, o *Offer, tokenHash []byte) error {
	answers, err := json.Marshal(o.Subject)
	if err != nil {
		return err
	}
	car, err := json.Marshal(o.Car)
	if err != nil {
		return err
	}
	o.State = OfferOpen
	err = tx.Exec(`INSERT INTO exchange_offers (id, brand, market, token_hash, state, locale, email, plate, km, answers, car, currency, value_minor, tolerance_km, provider, valid_until, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, o.ID, o.Brand, o.Market, tokenHash, o.State, o.Locale, o.Email, o.Subject.Plate, o.Subject.Km, answers, car, o.Currency, o.ValueMinor, o.ToleranceKm,
		o.Car.Provider, o.Until, tx.Now).Error
	if err != nil {
		return fmt.Errorf("usedcars: offer: %w", err)
	}
	return nil
}

// OfferBy reads the offer of a secret link in its market; ErrNoOffer too for what has not even a token's form, whose hash is nil.
func OfferBy(g *gorm.DB, m id.Market, tokenHash []byte) (*Offer, error) {
	if tokenHash == nil {
		return nil, ErrNoOffer
	}
	return offerWhere(g, `token_hash = ? AND market = ?`, tokenHash, m)
}

// LockOfferTx reads an offer and locks it until the transaction ends.
func LockOfferTx(tx *db.Tx, m id.Market, tokenHash []byte) (*Offer, error) {
	if tokenHash == nil {
		return nil, ErrNoOffer
	}
	return offerWhere(tx.DB, `token_hash = ? AND market = ? FOR UPDATE`, tokenHash, m)
}

// OfferByID reads an offer.
func OfferByID(g *gorm.DB, key id.Exchange) (*Offer, error) { return offerWhere(g, `id = ?`, key) }

func offerWhere(g *gorm.DB, where string, args ...any) (*Offer, error) {
	var r offerRow
	ok, err := db.One(g, &r, `SELECT id, brand, market, state, locale, email, plate, km, answers, car, currency, value_minor, tolerance_km, provider, valid_until, order_ref FROM exchange_offers WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("usedcars: offer: %w", err)
	}
	if !ok {
		return nil, ErrNoOffer
	}
	return r.offer()
}

// TakeOfferTx makes a locked offer part of an order; ErrOfferOver when it can not be taken any more.
func TakeOfferTx(tx *db.Tx, o *Offer, order id.Order) error {
	ok, err := db.Changed(tx.DB, `UPDATE exchange_offers SET state = 'taken', order_ref = ? WHERE id = ? AND state = 'open' AND valid_until > ?`, order, o.ID, tx.Now)
	if err == nil && !ok {
		err = ErrOfferOver
	}
	return err
}

// FreeOfferTx lets go of an order's offer when the order ends: it stands again as long as it is valid.
func FreeOfferTx(tx *db.Tx, order id.Order) error {
	return tx.Exec(`UPDATE exchange_offers SET state = CASE WHEN valid_until > ? THEN 'open' ELSE 'over' END, order_ref = NULL WHERE order_ref = ?`, tx.Now, order).Error
}

// offerWords is how long the address of an offer is kept after it ended.
const offerWords = 30 * 24 * time.Hour

// EndOffersTx ends offers whose time passed, and forgets the addresses of those that ended long ago.
func EndOffersTx(tx *db.Tx) error {
	err := tx.Exec(`UPDATE exchange_offers SET state = 'over' WHERE state = 'open' AND valid_until <= ?`, tx.Now).Error
	if err != nil {
		return err
	}
	return tx.Exec(`UPDATE exchange_offers SET email = '' WHERE state = 'over' AND email <> '' AND valid_until < ?`, tx.Now.Add(-offerWords)).Error
}
