package stock

import (
	"encoding/json"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// NearEndTx locks free cars of a market that stand (or are on their way) at their dealer since before an instant, and of
// which it was told (or not yet). What another instance works on is left to it.
func NearEndTx(tx *db.Tx, m id.Market, told bool, groundBefore, slotBefore time.Time, n int) ([]*Car, error) {
	return list(tx.DB, `SELECT `+columns+` FROM stock_cars WHERE market = ? AND state = 'free' AND pooled_at IS NULL AND (warned_at IS NOT NULL) = ?
		AND kept_since < CASE stage WHEN 'ground' THEN ?::timestamptz ELSE ?::timestamptz END ORDER BY dealer, kept_since, id LIMIT ? FOR UPDATE SKIP LOCKED`, m, told, groundBefore, slotBefore, n)
}

func list(g *gorm.DB, query string, args ...any) ([]*Car, error) {
	var rows []carRow
	err := g.Raw(query, args...).Scan(&rows).Error
	out := make([]*Car, len(rows))
	for i := range rows {
		out[i] = rows[i].car()
	}
	return out, err
}

// WarnTx notes that the dealer of a free car is told that its time is nearly over.
func WarnTx(tx *db.Tx, c *Car, rule string, w Why) error {
	ok, err := db.Changed(tx.DB, `UPDATE stock_cars SET warned_at = ?, updated_at = ? WHERE id = ? AND state = 'free' AND pooled_at IS NULL AND warned_at IS NULL`, tx.Now, tx.Now, c.ID)
	if err != nil || !ok {
		return orTaken(err)
	}
	c.WarnedAt = tx.Now
	return noteTx(tx, Move{Car: c.ID, Market: c.Market, What: Warned, From: c.Dealer, To: c.Dealer, Rule: rule, Why: w})
}

// PoolTx takes a free car from its dealer. It stays where it stands.
func PoolTx(tx *db.Tx, c *Car, rule string, w Why) error {
	ok, err := db.Changed(tx.DB, `UPDATE stock_cars SET pooled_at = ?, updated_at = ? WHERE id = ? AND state = 'free' AND pooled_at IS NULL AND warned_at IS NOT NULL`, tx.Now, tx.Now, c.ID)
	if err != nil || !ok {
		return orTaken(err)
	}
	c.PooledAt = tx.Now
	return noteTx(tx, Move{Car: c.ID, Market: c.Market, What: Pooled, From: c.Dealer, To: c.Dealer, Rule: rule, Why: w})
}

// ToOrderTx gives a car of the pool to an order that waited for such a car.
func ToOrderTx(tx *db.Tx, c *Car, o id.Order, to id.Dealer, rule string, w Why) error {
	if c.State != Free || c.PooledAt.IsZero() {
		return ErrTaken
	}
	if err := HoldTx(tx, c.ID, o); err != nil {
		return err
	}
	if err := endWishesTx(tx, c.ID, ""); err != nil {
		return err
	}
	return noteTx(tx, Move{Car: c.ID, Market: c.Market, What: ToOrder, From: c.Dealer, To: to, Order: o, Rule: rule, Why: w})
}

// ToStockTx gives a car of the pool to a dealer who asked for it, from ready on; the wishes of others for it end.
func ToStockTx(tx *db.Tx, c *Car, to id.Dealer, ready market.Date, rule string, w Why) error {
	stage := c.Stage
	if stage == Ground && to != c.Dealer {
		stage = Transit
	}
	ok, err := db.Changed(tx.DB, `UPDATE stock_cars SET dealer = ?, stage = ?, ready_on = ?, kept_since = ?, warned_at = NULL, pooled_at = NULL, updated_at = ? WHERE id = ? AND state = 'free' AND pooled_at IS NOT NULL`,
		to, stage, string(ready), tx.Now, tx.Now, c.ID)
	if err != nil || !ok {
		return orTaken(err)
	}
	if err := endWishesTx(tx, c.ID, to); err != nil {
		return err
	}
	return noteTx(tx, Move{Car: c.ID, Market: c.Market, What: ToStock, From: c.Dealer, To: to, Rule: rule, Why: w})
}

func orTaken(err error) error {
	if err == nil {
		err = ErrTaken
	}
	return err
}

func noteTx(tx *db.Tx, m Move) error {
	why, err := json.Marshal(m.Why)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO stock_moves (car, market, seq, what, from_dealer, to_dealer, order_ref, rule, why, at)
		SELECT id, market, (SELECT coalesce(max(seq), 0) + 1 FROM stock_moves m WHERE m.car = c.id), ?, ?, ?, nullif(?, '')::uuid, ?, ?, ? FROM stock_cars c WHERE id = ?`,
		m.What, m.From, m.To, m.Order, m.Rule, string(why), tx.Now, m.Car).Error
}

// endWishesTx ends what dealers asked about a car: one got it, the others did not.
func endWishesTx(tx *db.Tx, c id.StockCar, got id.Dealer) error {
	return tx.Exec(`UPDATE stock_wishes SET ended_at = ?, end_why = CASE dealer WHEN ? THEN 'granted' ELSE 'gone' END WHERE car = ? AND ended_at IS NULL`, tx.Now, got, c).Error
}

// EndGoneWishesTx ends what dealers asked about cars that somebody bought.
func EndGoneWishesTx(tx *db.Tx) error {
	return tx.Exec(`UPDATE stock_wishes w SET ended_at = ?, end_why = 'gone' FROM stock_cars c WHERE c.id = w.car AND w.ended_at IS NULL AND c.pooled_at IS NULL`, tx.Now).Error
}

// WishTx notes that a dealer asks for a car of the pool; asked before, nothing happens.
func WishTx(tx *db.Tx, c *Car, d id.Dealer, by string) error {
	if c.State != Free || c.PooledAt.IsZero() {
		return ErrNotPooled
	}
	var n int
	if _, err := db.One(tx.DB, &n, `SELECT count(*) FROM stock_wishes WHERE dealer = ? AND ended_at IS NULL AND car <> ?`, d, c.ID); err != nil {
		return err
	}
	if n >= MostWishes {
		return ErrWishes
	}
	return tx.Exec(`INSERT INTO stock_wishes (id, car, market, dealer, asked_by, asked_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (car, dealer) WHERE ended_at IS NULL DO NOTHING`,
		id.New[string](), c.ID, c.Market, d, by, tx.Now).Error
}

// DropWishTx takes a dealer's wish back; taken back before, nothing happens.
func DropWishTx(tx *db.Tx, c id.StockCar, d id.Dealer) error {
	return tx.Exec(`UPDATE stock_wishes SET ended_at = ?, end_why = 'dropped' WHERE car = ? AND dealer = ? AND ended_at IS NULL`, tx.Now, c, d).Error
}

// WishesOfTx lists the dealers who ask for a car, the first one first.
func WishesOfTx(tx *db.Tx, c id.StockCar) (out []id.Dealer, err error) {
	err = tx.Raw(`SELECT dealer FROM stock_wishes WHERE car = ? AND ended_at IS NULL ORDER BY asked_at, id`, c).Scan(&out).Error
	return out, err
}

// KeptBy lists a dealer's own free cars, the one whose time is over first at the top.
func KeptBy(g *gorm.DB, d id.Dealer, n int) ([]*Car, error) {
	return list(g, `SELECT `+columns+` FROM stock_cars WHERE dealer = ? AND state = 'free' AND pooled_at IS NULL ORDER BY kept_since, id LIMIT ?`, d, n)
}

// InPool is a car of the pool as pages show it.
type InPool struct {
	*Car
	Wishes int
	Mine   bool // the dealer who looks has asked for it
}

// PoolOf lists the pool of a market, the oldest first, as one dealer sees it; nobody's eyes when it is empty.
func PoolOf(g *gorm.DB, m id.Market, d id.Dealer, n int) ([]InPool, error) {
	var rows []carRow
	err := g.Raw(`SELECT `+columns+`, (SELECT count(*) FROM stock_wishes w WHERE w.car = c.id AND w.ended_at IS NULL) AS wishes,
		EXISTS (SELECT 1 FROM stock_wishes w WHERE w.car = c.id AND w.dealer = ? AND w.ended_at IS NULL) AS mine
		FROM stock_cars c WHERE market = ? AND pooled_at IS NOT NULL ORDER BY pooled_at, id LIMIT ?`, d, m, n).Scan(&rows).Error
	out := make([]InPool, len(rows))
	for i := range rows {
		out[i] = InPool{rows[i].car(), rows[i].Wishes, rows[i].Mine}
	}
	return out, err
}

type moveRow struct {
	Car, Market, What, FromDealer, ToDealer, Rule string
	OrderRef                                      *string
	Why                                           []byte
	At                                            time.Time
}

const moveColumns = `SELECT car, market, what, from_dealer, to_dealer, order_ref, rule, why, at FROM stock_moves `

// MovesOf lists what became of cars in some markets, the last first; with a dealer only what was from or to it.
func MovesOf(g *gorm.DB, markets []id.Market, d id.Dealer, n int) ([]Move, error) {
	var codes []string
	for _, m := range markets {
		codes = append(codes, string(m))
	}
	return moves(g, `WHERE market = ANY (string_to_array(?, ',')) AND (? = '' OR from_dealer = ? OR to_dealer = ?) ORDER BY at DESC, car, seq DESC LIMIT ?`, strings.Join(codes, ","), d, d, d, n)
}

// MovesAt lists what became of a dealer's cars at one instant, for the letter about it.
func MovesAt(g *gorm.DB, d id.Dealer, what string, at time.Time) ([]Move, error) {
	return moves(g, `WHERE what = ? AND at = ? AND to_dealer = ? ORDER BY car`, what, at, d)
}

func moves(g *gorm.DB, where string, args ...any) ([]Move, error) {
	var rows []moveRow
	err := g.Raw(moveColumns+where, args...).Scan(&rows).Error
	out := make([]Move, len(rows))
	for i, r := range rows {
		out[i] = Move{Car: id.StockCar(r.Car), Market: id.Market(r.Market), What: r.What, From: id.Dealer(r.FromDealer), To: id.Dealer(r.ToDealer), Rule: r.Rule, At: r.At}
		if r.OrderRef != nil {
			out[i].Order = id.Order(*r.OrderRef)
		}
		if err := json.Unmarshal(r.Why, &out[i].Why); err != nil {
			return nil, err
		}
	}
	return out, err
}
