package network

import (
	"encoding/json"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// LockSiteTx makes bookings and changes of a site's calendar come one after the other. Orders are locked
// before sites.
func LockSiteTx(tx *db.Tx, d id.Dealer) error {
	return tx.Exec(`SELECT 1 FROM dealers WHERE code = ? FOR NO KEY UPDATE`, d).Error
}

// Calendar is what a site has said of itself.
type Calendar struct {
	Plans []Plan
	Days  []Day
}

// Calendars reads the calendars of all sites that have one.
func Calendars(g *gorm.DB) (map[id.Dealer]Calendar, error) { return calendars(g, "") }

// CalendarTx reads one site's, inside the transaction that changes it.
func CalendarTx(tx *db.Tx, d id.Dealer) (Calendar, error) {
	all, err := calendars(tx.DB, d)
	return all[d], err
}

func calendars(g *gorm.DB, only id.Dealer) (map[id.Dealer]Calendar, error) {
	out := map[id.Dealer]Calendar{}
	var plans []struct {
		Dealer, FromDay, Skills string
		Hours                   []byte
		Bays, Charge            int
		ChargeOpen              bool
	}
	err := g.Raw(`SELECT dealer, from_day::text AS from_day, hours, array_to_string(skills, ',') AS skills, bays, charge, charge_open FROM site_plans WHERE ? IN ('', dealer) ORDER BY dealer, from_day`, only).Scan(&plans).Error
	if err != nil {
		return nil, err
	}
	for _, r := range plans {
		p := Plan{From: market.Date(r.FromDay), Bays: r.Bays, Charge: r.Charge, ForAll: r.ChargeOpen}
		if err := json.Unmarshal(r.Hours, &p.Hours); err != nil {
			return nil, err
		}
		for s := range strings.SplitSeq(r.Skills, ",") {
			if s != "" {
				p.Skills = append(p.Skills, Skill(s))
			}
		}
		c := out[id.Dealer(r.Dealer)]
		c.Plans = append(c.Plans, p)
		out[id.Dealer(r.Dealer)] = c
	}
	var days []struct {
		Dealer, Day, Reason string
		Spans               []byte
		Bays                *int
	}
	if err := g.Raw(`SELECT dealer, day::text AS day, reason, spans, bays FROM site_days WHERE ? IN ('', dealer) ORDER BY dealer, day`, only).Scan(&days).Error; err != nil {
		return nil, err
	}
	for _, r := range days {
		x := Day{Date: market.Date(r.Day), Bays: AsAlways, Reason: r.Reason}
		if r.Bays != nil {
			x.Bays = *r.Bays
		}
		if err := json.Unmarshal(r.Spans, &x.Spans); err != nil {
			return nil, err
		}
		c := out[id.Dealer(r.Dealer)]
		c.Days = append(c.Days, x)
		out[id.Dealer(r.Dealer)] = c
	}
	return out, nil
}

// SavePlanTx writes a plan, in place of one from the same day.
func SavePlanTx(tx *db.Tx, d id.Dealer, p Plan, by string) error {
	hours, err := json.Marshal(p.Hours)
	if err != nil {
		return err
	}
	var skills []string
	for _, s := range p.Skills {
		skills = append(skills, string(s))
	}
	return tx.Exec(`INSERT INTO site_plans (dealer, from_day, hours, skills, bays, charge, charge_open, made_by, made_at) VALUES (?, ?, ?, coalesce(string_to_array(nullif(?, ''), ','), '{}'), ?, ?, ?, ?, ?)
		ON CONFLICT (dealer, from_day) DO UPDATE SET hours = excluded.hours, skills = excluded.skills, bays = excluded.bays, charge = excluded.charge, charge_open = excluded.charge_open, made_by = excluded.made_by, made_at = excluded.made_at`,
		d, p.From, string(hours), strings.Join(skills, ","), p.Bays, p.Charge, p.ForAll, by, tx.Now).Error
}

// DropPlanTx takes a plan away that has not begun; false when there is none.
func DropPlanTx(tx *db.Tx, d id.Dealer, from, today market.Date) (bool, error) {
	return db.Changed(tx.DB, `DELETE FROM site_plans WHERE dealer = ? AND from_day = ? AND from_day > ?`, d, from, today)
}

// SaveDayTx writes a day, in place of what was said of it before.
func SaveDayTx(tx *db.Tx, d id.Dealer, x Day, by string) error {
	spans, err := json.Marshal(append([]Span{}, x.Spans...))
	if err != nil {
		return err
	}
	var bays *int
	if x.Bays != AsAlways {
		bays = &x.Bays
	}
	return tx.Exec(`INSERT INTO site_days (dealer, day, spans, bays, reason, made_by, made_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (dealer, day) DO UPDATE SET spans = excluded.spans, bays = excluded.bays, reason = excluded.reason, made_by = excluded.made_by, made_at = excluded.made_at`,
		d, x.Date, string(spans), bays, x.Reason, by, tx.Now).Error
}

// DropDayTx makes a day like others again; false when it was.
func DropDayTx(tx *db.Tx, d id.Dealer, day, today market.Date) (bool, error) {
	return db.Changed(tx.DB, `DELETE FROM site_days WHERE dealer = ? AND day = ? AND day >= ?`, d, day, today)
}

// BookedTx lists the handovers that are booked at a site from an instant on.
func BookedTx(tx *db.Tx, d id.Dealer, from time.Time) ([]Appointment, error) {
	var rows []struct {
		ID               string
		StartsAt, EndsAt time.Time
		Bay              int
		Electric         bool
	}
	err := tx.Raw(`SELECT id, starts_at, ends_at, bay, electric FROM appointments WHERE dealer = ? AND state = 'booked' AND starts_at >= ? ORDER BY starts_at, bay`, d, from).Scan(&rows).Error
	out := make([]Appointment, len(rows))
	for i, r := range rows {
		out[i] = Appointment{ID: id.Appointment(r.ID), Dealer: d, StartsAt: r.StartsAt, EndsAt: r.EndsAt, Bay: r.Bay, Electric: r.Electric}
	}
	return out, err
}
