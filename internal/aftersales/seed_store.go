package aftersales

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Any tells whether any site has something to work with.
func Any(g *gorm.DB) (any bool, err error) {
	_, err = db.One(g, &any, `SELECT EXISTS (SELECT 1 FROM service_bays)`)
	return any, err
}

// SeedTx gives sites of one market what the demo invents for them, with stays ahead. It is for sites that have nothing yet.
func SeedTx(tx *db.Tx, b *Book, m *market.Market, sites []*network.Dealer) error {
	for _, d := range sites {
		c := Invent(b, d, today(tx, d))
		if err := SaveTx(tx, c); err != nil {
			return err
		}
		if err := insertAllTx(tx, inventBookings(b, m, d, c, tx.Now)); err != nil {
			return fmt.Errorf("aftersales: seed %s: %w", d.Code, err)
		}
	}
	return nil
}

// seeded is a stay as the database takes many at once.
type seeded struct {
	ID         id.Booking `json:"id"`
	Brand      id.Brand   `json:"brand"`
	Market     id.Market  `json:"market"`
	Dealer     id.Dealer  `json:"dealer"`
	StartsAt   time.Time  `json:"starts_at"`
	EndsAt     time.Time  `json:"ends_at"`
	Bay        int        `json:"bay"`
	Technician int        `json:"technician"`
	Skills     []Skill    `json:"skills"`
	Minutes    int        `json:"minutes"`
	Mobility   Mobility   `json:"mobility"`
	Courtesy   *int       `json:"courtesy_car"`
	Until      *time.Time `json:"courtesy_until"`
	Lines      []Line     `json:"lines"`
	Car        Told       `json:"car"`
	Km         int        `json:"km"`
	Packed     int64      `json:"packed"`
	Parts      []Need     `json:"parts"`
}

// insertAllTx writes many booked stays of one site in a few statements.
func insertAllTx(tx *db.Tx, list []*Booking) error {
	rows := make([]seeded, len(list))
	for i, b := range list {
		rows[i] = seeded{b.ID, b.Brand, b.Market, b.Dealer, b.StartsAt, b.EndsAt, b.Bay, b.Technician, b.Skills, b.Minutes, b.Mobility, db.OrNull(b.Courtesy), db.TimeOrNull(b.CourtesyUntil), b.Lines, b.Told, b.Km, int64(b.packed()), b.Parts()}
	}
	doc, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO service_bookings (id, brand, market, dealer, state, source, starts_at, ends_at, bay, technician, skills, minutes, mobility, courtesy_car, courtesy_until, lines, car, km, packed, created_at, updated_at)
		SELECT id, brand, market, dealer, 'booked', 'desk', starts_at, ends_at, bay, technician, skills, minutes, mobility, courtesy_car, courtesy_until, lines, car, km, packed, ?, ?
		FROM jsonb_to_recordset(?) AS b (id uuid, brand text, market text, dealer text, starts_at timestamptz, ends_at timestamptz, bay smallint, technician smallint, skills text[], minutes integer, mobility text,
			courtesy_car smallint, courtesy_until timestamptz, lines jsonb, car jsonb, km integer, packed bigint)`, tx.Now, tx.Now, string(doc)).Error
	if err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO service_reservations (holder, dealer, part, quantity, state) SELECT b.id, b.dealer, n.part, n.quantity, 'live'
		FROM jsonb_to_recordset(?) AS b (id uuid, dealer text, parts jsonb) CROSS JOIN jsonb_to_recordset(CASE jsonb_typeof(b.parts) WHEN 'array' THEN b.parts ELSE '[]' END) AS n (part text, quantity integer)`, string(doc)).Error
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO service_moves (booking, seq, from_state, to_state, starts_at, actor, at) SELECT b.id, 1, '', 'booked', b.starts_at, ?, ? FROM jsonb_to_recordset(?) AS b (id uuid, starts_at timestamptz)`,
		tx.By, tx.Now, string(doc)).Error
}
