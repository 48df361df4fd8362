package usedcars

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type transferRow struct {
	OrderRef, Number, Car, Brand, Market string
	FromDealer, ToDealer, State          string
	SendBy, DueAt, CreatedAt             time.Time
	SentAt, ThereAt, RungDue             *time.Time
	Rung                                 int
}

const transferColumns = `t.order_ref, t.number, t.car, t.brand, t.market, t.from_dealer, t.to_dealer, t.state, t.send_by, t.due_at, t.sent_at, t.there_at, t.rung, t.rung_due, t.created_at`

func (r *transferRow) transfer() *Transfer {
	return &Transfer{Order: id.Order(r.OrderRef), Number: r.Number, Car: id.UsedCar(r.Car), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), From: id.Dealer(r.FromDealer), To: id.Dealer(r.ToDealer),
		State: TransferState(r.State), SendBy: r.SendBy, DueAt: r.DueAt, MadeAt: r.CreatedAt, SentAt: db.OrZero(r.SentAt), ThereAt: db.OrZero(r.ThereAt), Rung: r.Rung, RungDue: db.OrZero(r.RungDue)}
}

// AddTransferTx writes the task that a sold car is brought to another site.
func AddTransferTx(tx *db.Tx, t *Transfer) error {
	t.State = ToSend
	err := tx.Exec(`INSERT INTO used_transfers (order_ref, number, car, brand, market, from_dealer, to_dealer, state, send_by, due_at, rung_due, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.Order, t.Number, t.Car, t.Brand, t.Market, t.From, t.To, t.State, t.SendBy, t.DueAt, t.SendBy, tx.Now).Error
	if err != nil {
		return fmt.Errorf("usedcars: transfer: %w", err)
	}
	return nil
}

// TransferOf is the transfer of an order; ErrNoTransfer when its car is fetched where it stands.
func TransferOf(g *gorm.DB, o id.Order) (*Transfer, error) {
	return transferWhere(g, `t.order_ref = ?`, o)
}

// TransferAt is a transfer that a site takes part in, by its order's number; those of others do not exist for it.
func TransferAt(g *gorm.DB, d id.Dealer, number string) (*Transfer, error) {
	return transferWhere(g, `t.number = ? AND ? IN (t.from_dealer, t.to_dealer)`, number, d)
}

func transferWhere(g *gorm.DB, where string, args ...any) (*Transfer, error) {
	var r transferRow
	ok, err := db.One(g, &r, `SELECT `+transferColumns+` FROM used_transfers t WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("usedcars: transfer: %w", err)
	}
	if !ok {
		return nil, ErrNoTransfer
	}
	return r.transfer(), nil
}

// MoveTransferTx makes a step of a transfer whose order the caller has locked; ErrMoved when there is no such step or somebody
// was quicker. A step begins the next deadline's clock anew.
func MoveTransferTx(tx *db.Tx, t *Transfer, to TransferState) error {
	ok := false
	for _, e := range TransferEdges {
		ok = ok || e == (TransferEdge{t.State, to})
	}
	if !ok {
		return ErrMoved
	}
	after := *t
	after.State, after.Rung, after.RungDue = to, 0, time.Time{}
	var ended time.Time
	switch to {
	case OnWay:
		after.SentAt, after.RungDue = tx.Now, t.DueAt
	case There:
		if t.ThereAt.IsZero() {
			after.ThereAt = tx.Now
		}
	case Done, Off:
		ended = tx.Now
	}
	ok, err := db.Changed(tx.DB, `UPDATE used_transfers SET state = ?, sent_at = ?, there_at = ?, ended_at = ?, rung = 0, rung_due = ? WHERE order_ref = ? AND state = ?`,
		to, db.TimeOrNull(after.SentAt), db.TimeOrNull(after.ThereAt), db.TimeOrNull(ended), db.TimeOrNull(after.RungDue), t.Order, t.State)
	if err != nil {
		return fmt.Errorf("usedcars: move transfer: %w", err)
	}
	if !ok {
		return ErrMoved
	}
	*t = after
	return nil
}

// DueTransfers are the orders of transfers whose deadline passed and of which somebody is to be told, the oldest first.
func DueTransfers(g *gorm.DB, now time.Time, most int) ([]id.Order, error) {
	var out []id.Order
	err := g.Raw(`SELECT order_ref FROM used_transfers WHERE rung_due <= ? ORDER BY rung_due LIMIT ?`, now, most).Scan(&out).Error
	return out, err
}

// ClimbTransferTx notes that the next one is told of a deadline that passed; false when none is due any more.
func ClimbTransferTx(tx *db.Tx, t *Transfer) (bool, error) {
	ok, err := db.Changed(tx.DB, `UPDATE used_transfers SET rung = rung + 1, rung_due = ? WHERE order_ref = ? AND rung = ? AND rung_due <= ?`, db.TimeOrNull(t.climbed(tx.Now)), t.Order, t.Rung, tx.Now)
	if ok {
		t.Rung++
	}
	return ok, err
}

// Travel is a transfer with its car, as sites and the office list it.
type Travel struct {
	*Transfer
	Make, Model, Version, VIN, Plate string
}

// Title names the car.
func (t Travel) Title() string { return t.Make + " " + t.Model }

// TravelsOf are the transfers of a site that are not over, what is due first on top.
func TravelsOf(g *gorm.DB, d id.Dealer, most int) ([]Travel, error) {
	return travels(g, `t.ended_at IS NULL AND ? IN (t.from_dealer, t.to_dealer) ORDER BY t.due_at, t.number LIMIT ?`, d, most)
}

// TravelsChanged is when anything of a site's transfers last changed; zero when it has none.
func TravelsChanged(g *gorm.DB, d id.Dealer) (time.Time, error) {
	var r struct{ At *time.Time }
	err := g.Raw(`SELECT max(greatest(created_at, sent_at, there_at, ended_at)) AS at FROM used_transfers WHERE ? IN (from_dealer, to_dealer)`, d).Scan(&r).Error
	return db.OrZero(r.At), err
}

// LateTravels are the transfers of some markets whose deadline has passed.
func LateTravels(g *gorm.DB, markets []id.Market, now time.Time, most int) ([]Travel, error) {
	if len(markets) == 0 {
		return nil, nil
	}
	return travels(g, `t.market IN ? AND (t.state = 'to_send' AND t.send_by < ? OR t.state = 'on_way' AND t.due_at < ?) ORDER BY t.due_at, t.number LIMIT ?`, markets, now, now, most)
}

// TravelAt is TransferAt with its car.
func TravelAt(g *gorm.DB, d id.Dealer, number string) (Travel, error) {
	list, err := travels(g, `t.number = ? AND ? IN (t.from_dealer, t.to_dealer)`, number, d)
	if err == nil && len(list) == 0 {
		err = ErrNoTransfer
	}
	if err != nil {
		return Travel{}, err
	}
	return list[0], nil
}

func travels(g *gorm.DB, where string, args ...any) ([]Travel, error) {
	var rows []struct {
		Row                              transferRow `gorm:"embedded"`
		Make, Model, Version, Vin, Plate string
	}
	err := g.Raw(`SELECT `+transferColumns+`, c.make, c.model, c.version, c.vin, c.plate FROM used_transfers t JOIN used_cars c ON c.id = t.car WHERE `+where, args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("usedcars: transfers: %w", err)
	}
	out := make([]Travel, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		out = append(out, Travel{r.Row.transfer(), r.Make, r.Model, r.Version, r.Vin, r.Plate})
	}
	return out, nil
}
