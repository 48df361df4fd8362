package aftersales

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/photo"

	"gorm.io/gorm"
)

// FindTx asks the customer of a locked booking for work that was found; ErrMoved unless the car is being worked at.
func FindTx(tx *db.Tx, b *Booking, f *Finding, by string) error {
	f.Words = strings.TrimSpace(f.Words)
	switch n := len([]rune(f.Words)); {
	case b.State != Arrived && b.State != InWork:
		return ErrMoved
	case n < leastOfFinding || n > mostOfFinding:
		return ErrWords
	case !slices.Contains(Urgencies, f.Urgency):
		return ErrUrgency
	}
	line, err := json.Marshal(f.Line)
	if err != nil {
		return err
	}
	var jpeg []byte
	var width, height *int
	if f.Photo != nil {
		jpeg, width, height = f.Photo.JPEG, &f.Photo.Width, &f.Photo.Height
	}
	f.Booking, f.State, f.AskedAt = b.ID, FindAsked, tx.Now
	_, err = db.One(tx.DB, &f.Seq, `INSERT INTO service_findings (booking, seq, state, urgency, words, line, jpeg, width, height, asked_at, asked_by)
		SELECT ?, coalesce(max(seq), 0) + 1, 'asked', ?, ?, ?, ?, ?, ?, ?, ? FROM service_findings WHERE booking = ? RETURNING seq`,
		b.ID, f.Urgency, f.Words, string(line), jpeg, width, height, tx.Now, by, b.ID)
	if err != nil {
		return fmt.Errorf("aftersales: find: %w", err)
	}
	return nil
}

// AnswerTx writes the customer's word on a finding of a locked booking; ErrAnswered when it was given already.
func AnswerTx(tx *db.Tx, b *Booking, seq int, yes bool) (*Finding, error) {
	to := FindNo
	if yes {
		to = FindYes
	}
	ok, err := db.Changed(tx.DB, `UPDATE service_findings SET state = ?, answered_at = ? WHERE booking = ? AND seq = ? AND state = 'asked'`, to, tx.Now, b.ID, seq)
	if err != nil {
		return nil, fmt.Errorf("aftersales: answer: %w", err)
	}
	all, err := FindingsOf(tx.DB, b.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(f Finding) bool { return f.Seq == seq })
	switch {
	case i < 0:
		return nil, ErrNoFinding
	case !ok:
		return nil, ErrAnswered
	}
	return &all[i], nil
}

// EndFindingsTx ends what nobody answered: the car is ready.
func EndFindingsTx(tx *db.Tx, b *Booking) error {
	return tx.Exec(`UPDATE service_findings SET state = 'over', answered_at = ? WHERE booking = ? AND state = 'asked'`, tx.Now, b.ID).Error
}

// AddLineTx adds work that the customer agreed to, with the parts that it needs; the stay becomes longer where the bay allows it.
func AddLineTx(tx *db.Tx, b *Booking, l Line) error {
	b.Lines = append(b.Lines, l)
	lines, err := json.Marshal(b.Lines)
	if err != nil {
		return err
	}
	if err := tx.Exec(`UPDATE service_bookings SET lines = ?, updated_at = ? WHERE id = ?`, string(lines), tx.Now, b.ID).Error; err != nil {
		return fmt.Errorf("aftersales: add: %w", err)
	}
	if len(l.Parts) == 0 {
		return nil
	}
	// Its parts come off the shelf like those of the other lines.
	if err := network.LockSiteTx(tx, b.Dealer); err != nil {
		return err
	}
	return reserveTx(tx, string(b.ID), b.Dealer, together(l.Parts))
}

// FindingsOf lists what was found at a booking, oldest first, without pictures.
func FindingsOf(g *gorm.DB, key id.Booking) ([]Finding, error) {
	var rows []struct {
		Seq                   int
		State, Urgency, Words string
		Line                  []byte
		Width, Height         *int
		AskedAt               time.Time
		AnsweredAt            *time.Time
	}
	err := g.Raw(`SELECT seq, state, urgency, words, line, width, height, asked_at, answered_at FROM service_findings WHERE booking = ? ORDER BY seq`, key).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("aftersales: findings: %w", err)
	}
	out := make([]Finding, len(rows))
	for i, r := range rows {
		out[i] = Finding{Booking: key, Seq: r.Seq, State: FindingState(r.State), Urgency: r.Urgency, Words: r.Words, AskedAt: r.AskedAt, AnsweredAt: db.OrZero(r.AnsweredAt)}
		if r.Width != nil {
			out[i].Photo = &photo.Photo{Width: *r.Width, Height: *r.Height}
		}
		if err := json.Unmarshal(r.Line, &out[i].Line); err != nil {
			return nil, fmt.Errorf("aftersales: findings: %w", err)
		}
	}
	return out, nil
}

// FindingPhoto is the picture of a finding, as JPEG; false without one.
func FindingPhoto(g *gorm.DB, key id.Booking, seq int) ([]byte, bool, error) {
	var r struct{ Jpeg []byte }
	ok, err := db.One(g, &r, `SELECT jpeg FROM service_findings WHERE booking = ? AND seq = ? AND jpeg IS NOT NULL`, key, seq)
	return r.Jpeg, ok, err
}

// SetCarTx says which car a booking is for, as it is known now, and what its odometer showed.
func SetCarTx(tx *db.Tx, b *Booking, told Told, v id.Vehicle, km int) error {
	car, err := json.Marshal(told)
	if err != nil {
		return err
	}
	b.Told, b.Vehicle, b.Km = told, v, km
	return tx.Exec(`UPDATE service_bookings SET car = ?, vehicle = ?, km = ?, updated_at = ? WHERE id = ?`, string(car), db.OrNull(v), db.OrNull(km), tx.Now, b.ID).Error
}

// UndoneTx takes the end of a stay back: the car is still at the site, its work done as before.
func UndoneTx(tx *db.Tx, b *Booking) error { return b.stepTx(tx, Ready, "undone") }
