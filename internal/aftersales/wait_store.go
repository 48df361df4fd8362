package aftersales

import (
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type waitRow struct {
	ID, Booking, Dealer, State, Declined string
	Place                                int64
	Earliest, Latest                     time.Time
	Held, EndWhy                         *string
	DueAt                                *time.Time
}

const waitColumns = `id, booking, dealer, place, state, earliest, latest, held, due_at, end_why, array_to_string(ARRAY(SELECT to_char(d AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM unnest(declined) d), ',') AS declined`

func (r *waitRow) wait() *Wait {
	w := &Wait{ID: id.Wait(r.ID), Booking: id.Booking(r.Booking), Dealer: id.Dealer(r.Dealer), Place: r.Place, State: WaitState(r.State), Earliest: r.Earliest, Latest: r.Latest,
		Held: id.Booking(db.OrZero(r.Held)), DueAt: db.OrZero(r.DueAt), EndWhy: WaitWhy(db.OrZero(r.EndWhy))}
	for s := range strings.SplitSeq(r.Declined, ",") {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			w.Declined = append(w.Declined, t)
		}
	}
	return w
}

func waitsWhere(g *gorm.DB, where string, args ...any) ([]*Wait, error) {
	var rows []waitRow
	if err := g.Raw(`SELECT `+waitColumns+` FROM service_waits WHERE `+where, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("aftersales: waits: %w", err)
	}
	out := make([]*Wait, len(rows))
	for i := range rows {
		out[i] = rows[i].wait()
	}
	return out, nil
}

func waitWhere(g *gorm.DB, where string, args ...any) (*Wait, error) {
	list, err := waitsWhere(g, where, args...)
	if err == nil && len(list) == 0 {
		err = ErrNoWait
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// WaitBy reads a place in the line.
func WaitBy(g *gorm.DB, key id.Wait) (*Wait, error) { return waitWhere(g, `id = ?`, key) }

// WaitOf is the place in the line of a booking; ErrNoWait when it waits for nothing.
func WaitOf(g *gorm.DB, b id.Booking) (*Wait, error) {
	return waitWhere(g, `booking = ? AND state <> 'ended'`, b)
}

// Ahead is how many wait before a place in the line.
func Ahead(g *gorm.DB, w *Wait) (int, error) {
	var n int
	_, err := db.One(g, &n, `SELECT count(*) FROM service_waits WHERE dealer = ? AND state = 'waiting' AND place < ?`, w.Dealer, w.Place)
	return n, err
}

// JoinTx puts a booking in the line for a slot that begins between two instants, before its own. The booking is locked.
func JoinTx(tx *db.Tx, b *Booking, earliest, latest time.Time) (*Wait, error) {
	if b.State != Booked {
		return nil, ErrMoved
	}
	if earliest.Before(tx.Now) {
		earliest = tx.Now
	}
	if latest.IsZero() || latest.After(b.StartsAt) {
		latest = b.StartsAt
	}
	if !earliest.Before(latest) {
		return nil, ErrSpan
	}
	w := &Wait{ID: id.New[id.Wait](), Booking: b.ID, Dealer: b.Dealer, State: Waiting, Earliest: earliest, Latest: latest}
	_, err := db.One(tx.DB, &w.Place, `INSERT INTO service_waits (id, booking, market, dealer, state, earliest, latest, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING place`,
		w.ID, w.Booking, b.Market, w.Dealer, w.State, w.Earliest, w.Latest, tx.Now)
	if db.Constraint(err) == "service_waits_once" {
		return nil, ErrWaits
	}
	if err != nil {
		return nil, fmt.Errorf("aftersales: join: %w", err)
	}
	return w, nil
}

// mostAsked bounds how many of a line are looked at when a slot is free.
const mostAsked = 100

// OfferTx offers the free slots of a site to those who wait for an earlier one, in the order of the line: each slot is held for
// one of them until he says yes or no or his time has passed. It is called when something became free, and answers who is to be
// told.
func OfferTx(tx *db.Tx, site *network.Dealer, m *market.Market, r Rules) ([]Earlier, error) {
	if err := network.LockSiteTx(tx, site.Code); err != nil {
		return nil, err
	}
	waits, err := waitsWhere(tx.DB, `dealer = ? AND state = 'waiting' AND latest > ? ORDER BY place LIMIT ? FOR UPDATE SKIP LOCKED`, site.Code, tx.Now, mostAsked)
	if err != nil {
		return nil, err
	}
	var out []Earlier
	for _, w := range waits {
		e, err := w.offerTx(tx, site, m, r)
		if err != nil {
			return nil, err
		}
		if e != nil {
			out = append(out, *e)
		}
	}
	return out, nil
}

// offerTx holds the first slot that suits; nil when none does.
func (w *Wait) offerTx(tx *db.Tx, site *network.Dealer, m *market.Market, r Rules) (*Earlier, error) {
	b, err := BookingBy(tx.DB, w.Booking)
	if err != nil || b.State != Booked || b.Dealer != site.Code {
		return nil, err
	}
	if b.StartsAt.Before(w.Latest) {
		w.Latest = b.StartsAt // it was moved since
	}
	due := tx.Now.Add(time.Duration(r.WaitMinutes) * time.Minute)
	days := int(w.Latest.Sub(tx.Now)/(24*time.Hour)) + 2
	slots, err := Free(tx.DB, Ask{Sites: []*network.Dealer{site}, Market: m, Rules: r, Skills: b.Skills, Minutes: b.Minutes, Parts: b.Parts(), Mobility: b.Mobility, Now: tx.Now, From: w.Earliest, Days: days, DueAt: due, spare: b.ID})
	if err != nil {
		return nil, err
	}
	s, ok := w.first(slots, site.Zone())
	if !ok {
		return nil, nil
	}
	slot, err := holdTx(tx, Hold{Site: site, Market: m, Rules: r, Brand: b.Brand, Source: FromWait, Start: s.StartsAt, Lines: b.Lines, Mobility: b.Mobility, CollectMetres: b.CollectMetres,
		CollectFeeMinor: b.CollectFeeMinor, Km: b.Km, Told: b.Told, Vehicle: b.Vehicle, DueAt: due}, b.ID)
	if err != nil {
		return nil, err
	}
	ok, err = db.Changed(tx.DB, `UPDATE service_waits SET state = 'offered', held = ?, due_at = ? WHERE id = ? AND state = 'waiting'`, slot.ID, slot.DueAt, w.ID)
	if err == nil && !ok {
		err = ErrMoved
	}
	w.State, w.Held, w.DueAt = Offered, slot.ID, slot.DueAt
	return &Earlier{w, b, slot}, err
}

// lockOfferTx locks an offer that is open, with its booking and the slot.
func lockOfferTx(tx *db.Tx, key id.Wait) (w *Wait, b, slot *Booking, err error) {
	if w, err = WaitBy(tx.DB, key); err != nil {
		return nil, nil, nil, err
	}
	if w.State != Offered {
		return nil, nil, nil, ErrOfferOver
	}
	if b, err = LockTx(tx, w.Booking); err != nil {
		return nil, nil, nil, err
	}
	if slot, err = LockTx(tx, w.Held); err != nil {
		return nil, nil, nil, err
	}
	if err = network.LockSiteTx(tx, w.Dealer); err != nil {
		return nil, nil, nil, err
	}
	w, err = waitWhere(tx.DB, `id = ? FOR UPDATE`, key)
	if err == nil && (w.State != Offered || w.Held != slot.ID || slot.State != Held || !w.DueAt.After(tx.Now)) {
		err = ErrOfferOver
	}
	return w, b, slot, err
}

// TakeTx moves a booking to the earlier slot that was offered. What it leaves may suit the next in the line: call OfferTx after it.
func TakeTx(tx *db.Tx, key id.Wait, site *network.Dealer, m *market.Market, r Rules) (*Booking, error) {
	w, b, slot, err := lockOfferTx(tx, key)
	if err != nil {
		return nil, err
	}
	if err := slot.stepTx(tx, Cancelled, "taken"); err != nil {
		return nil, err
	}
	if err := MoveTx(tx, b, Change{Site: site, Market: m, Rules: r, Start: slot.StartsAt, Bay: slot.Bay, Technician: slot.Technician, Late: true}); err != nil {
		return nil, err
	}
	return b, w.endTx(tx, WaitTaken)
}

// DeclineTx says no to an offered slot: the place in the line stays, and that slot goes to the next (OfferTx).
func DeclineTx(tx *db.Tx, key id.Wait) error {
	w, _, slot, err := lockOfferTx(tx, key)
	if err != nil {
		return err
	}
	if err := slot.stepTx(tx, Cancelled, "declined"); err != nil {
		return err
	}
	return tx.Exec(`UPDATE service_waits SET state = 'waiting', held = NULL, due_at = NULL, declined = declined || CAST(? AS timestamptz) WHERE id = ?`, slot.StartsAt, w.ID).Error
}

// LeaveTx ends a place in the line, with what it was offered.
func LeaveTx(tx *db.Tx, b *Booking) error { return endSomeTx(tx, b.ID, WaitLeft) }

func (w *Wait) endTx(tx *db.Tx, why WaitWhy) error {
	w.State, w.EndWhy = Ended, why
	return tx.Exec(`UPDATE service_waits SET state = 'ended', due_at = NULL, ended_at = ?, end_why = ? WHERE id = ? AND state <> 'ended'`, tx.Now, why, w.ID).Error
}

// endWaitsTx ends the places in the line of a booking that is over or has come.
func endWaitsTx(tx *db.Tx, b id.Booking) error { return endSomeTx(tx, b, WaitOver) }

func endSomeTx(tx *db.Tx, b id.Booking, why WaitWhy) error {
	waits, err := waitsWhere(tx.DB, `booking = ? AND state <> 'ended' FOR UPDATE`, b)
	if err != nil {
		return err
	}
	for _, w := range waits {
		if w.State == Offered {
			slot, err := LockTx(tx, w.Held)
			if err != nil {
				return err
			}
			if slot.State == Held {
				if err := slot.stepTx(tx, Cancelled, string(why)); err != nil {
					return err
				}
			}
		}
		if err := w.endTx(tx, why); err != nil {
			return err
		}
	}
	return nil
}

// lapseWaitsTx ends the offers whose holds have lapsed, and the places whose time is over.
func lapseWaitsTx(tx *db.Tx, holds []id.Booking) error {
	for _, h := range holds {
		err := tx.Exec(`UPDATE service_waits SET state = 'ended', due_at = NULL, ended_at = ?, end_why = 'unanswered' WHERE held = ? AND state = 'offered'`, tx.Now, h).Error
		if err != nil {
			return fmt.Errorf("aftersales: lapse: %w", err)
		}
	}
	return tx.Exec(`UPDATE service_waits SET state = 'ended', ended_at = ?, end_why = 'over' WHERE state = 'waiting' AND latest <= ?`, tx.Now, tx.Now).Error
}
