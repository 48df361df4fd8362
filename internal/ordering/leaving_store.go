package ordering

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

type leavingRow struct {
	OrderID        string     `json:"order_id"`
	Market         string     `json:"market"`
	Currency       string     `json:"currency"`
	Way            string     `json:"way"`
	ToldAt         time.Time  `json:"told_at"`
	BringBy        *string    `json:"bring_by"`
	BackAt         *time.Time `json:"back_at"`
	BackBy         string     `json:"back_by"`
	OdometerKm     *int       `json:"odometer_km"`
	DrivenKm       *int       `json:"driven_km"`
	DamageMinor    int64      `json:"damage_minor"`
	DamageNote     string     `json:"damage_note"`
	UseMinor       int64      `json:"use_minor"`
	KeptMinor      int64      `json:"kept_minor"`
	OwedMinor      int64      `json:"owed_minor"`
	DueOn          *string    `json:"due_on"`
	AlarmOn        *string    `json:"alarm_on"`
	AlarmedAt      *time.Time `json:"alarmed_at"`
	SettledAt      *time.Time `json:"settled_at"`
	InterestMinor  int64      `json:"interest_minor"`
	InterestPaidAt *time.Time `json:"interest_paid_at"`
}

const leavingColumns = `order_id, market, currency, way, told_at, bring_by::text AS bring_by, back_at, back_by, odometer_km, driven_km, damage_minor, damage_note,
	use_minor, kept_minor, owed_minor, due_on::text AS due_on, alarm_on::text AS alarm_on, alarmed_at, settled_at, interest_minor, interest_paid_at`

func (r *leavingRow) leaving() *Leaving {
	return &Leaving{Order: id.Order(r.OrderID), Market: id.Market(r.Market), Currency: money.Currency(r.Currency), Way: r.Way, ToldAt: r.ToldAt,
		BringBy: db.OrZero(r.BringBy), BackAt: db.OrZero(r.BackAt), BackBy: id.User(r.BackBy), OdometerKm: db.OrZero(r.OdometerKm), DrivenKm: db.OrZero(r.DrivenKm),
		DamageMinor: r.DamageMinor, DamageNote: r.DamageNote, UseMinor: r.UseMinor, KeptMinor: r.KeptMinor, OwedMinor: r.OwedMinor,
		DueOn: db.OrZero(r.DueOn), AlarmOn: db.OrZero(r.AlarmOn), AlarmedAt: db.OrZero(r.AlarmedAt), SettledAt: db.OrZero(r.SettledAt),
		InterestMinor: r.InterestMinor, InterestPaidAt: db.OrZero(r.InterestPaidAt)}
}

// LeaveTx writes how an order is left. The caller holds the order's lock.
func LeaveTx(tx *db.Tx, l *Leaving) error {
	l.ToldAt = tx.Now
	err := tx.Exec(`INSERT INTO leavings (order_id, market, currency, way, told_at, bring_by, kept_minor, owed_minor, due_on, alarm_on, settled_at)
		VALUES (?, ?, ?, ?, ?, nullif(?, '')::date, ?, ?, nullif(?, '')::date, nullif(?, '')::date, ?)`,
		l.Order, l.Market, l.Currency, l.Way, tx.Now, l.BringBy, l.KeptMinor, l.OwedMinor, l.DueOn, l.AlarmOn, db.TimeOrNull(l.SettledAt)).Error
	if err != nil {
		return fmt.Errorf("ordering: leave: %w", err)
	}
	return nil
}

// LeavingOf reads how an order was left; nil when nobody left it.
func LeavingOf(g *gorm.DB, o id.Order) (*Leaving, error) {
	var r leavingRow
	ok, err := db.One(g, &r, `SELECT `+leavingColumns+` FROM leavings WHERE order_id = ?`, o)
	if err != nil || !ok {
		return nil, err
	}
	return r.leaving(), nil
}

// LeavingFromJSON reads a leaving as row_to_json writes it, for reads that fetch several tables at once.
func LeavingFromJSON(row []byte) (*Leaving, error) { return db.JSONRow(row, (*leavingRow).leaving) }

// TakeBackTx writes what the dealer found when the car came back, and what follows for the money; once.
func TakeBackTx(tx *db.Tx, l *Leaving) error {
	ok, err := db.Changed(tx.DB, `UPDATE leavings SET back_at = ?, back_by = ?, odometer_km = ?, driven_km = ?, damage_minor = ?, damage_note = ?, use_minor = ?,
		kept_minor = ?, owed_minor = ?, due_on = nullif(?, '')::date, alarm_on = nullif(?, '')::date WHERE order_id = ? AND back_at IS NULL`,
		tx.Now, l.BackBy, l.OdometerKm, l.DrivenKm, l.DamageMinor, l.DamageNote, l.UseMinor, l.KeptMinor, l.OwedMinor, l.DueOn, l.AlarmOn, l.Order)
	if err == nil && !ok {
		err = ErrMoved
	}
	l.BackAt = tx.Now
	return err
}

// SettleLeavingTx notes that all the money of a leaving is back, and what the law added meanwhile.
func SettleLeavingTx(tx *db.Tx, o id.Order) error {
	return tx.Exec(`UPDATE leavings SET settled_at = ? WHERE order_id = ? AND settled_at IS NULL`, tx.Now, o).Error
}

// AddInterestTx adds what the law adds to a sum that came back late.
func AddInterestTx(tx *db.Tx, o id.Order, minor int64) error {
	return tx.Exec(`UPDATE leavings SET interest_minor = interest_minor + ? WHERE order_id = ?`, minor, o).Error
}

// InterestPaidTx notes that the seller paid what the law added; ErrMoved when there is nothing to pay or it was paid.
func InterestPaidTx(tx *db.Tx, o id.Order) error {
	ok, err := db.Changed(tx.DB, `UPDATE leavings SET interest_paid_at = ? WHERE order_id = ? AND interest_minor > 0 AND interest_paid_at IS NULL AND settled_at IS NOT NULL`, tx.Now, o)
	if err == nil && !ok {
		err = ErrMoved
	}
	return err
}

// AlarmedTx notes that the seller was told of a refund that is nearly due; false when it was told before.
func AlarmedTx(tx *db.Tx, o id.Order) (bool, error) {
	return db.Changed(tx.DB, `UPDATE leavings SET alarmed_at = ? WHERE order_id = ? AND alarmed_at IS NULL AND settled_at IS NULL`, tx.Now, o)
}

// AlarmsDue lists orders whose refund is nearly due, or late, on a day and of which nobody was told yet.
func AlarmsDue(g *gorm.DB, m id.Market, today string, n int) ([]id.Order, error) {
	var out []id.Order
	err := g.Raw(`SELECT order_id FROM leavings WHERE market = ? AND settled_at IS NULL AND alarmed_at IS NULL AND alarm_on <= ?::date AND owed_minor > 0
		ORDER BY alarm_on LIMIT ?`, m, today, n).Scan(&out).Error
	return out, err
}

// UnsettleLeavingTx takes back that all is back: money that was sent came back to us.
func UnsettleLeavingTx(tx *db.Tx, o id.Order) error {
	return tx.Exec(`UPDATE leavings SET settled_at = NULL WHERE order_id = ? AND settled_at IS NOT NULL AND interest_paid_at IS NULL`, o).Error
}
