package aftersales

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type bookingRow struct {
	ID, Brand, Market, Dealer, State, Source string
	StartsAt, EndsAt, CreatedAt              time.Time
	Bay, Technician, Minutes                 int
	Skills, Mobility                         string
	CourtesyCar, Km                          *int
	CourtesyUntil, DueAt                     *time.Time
	CollectM, CollectFeeMinor                *int64
	Lines, Car                               []byte
	Vehicle, OrderRef                        *string
}

const bookingColumns = `id, brand, market, dealer, state, source, starts_at, ends_at, created_at, bay, technician, minutes, array_to_string(skills, ',') AS skills, mobility, courtesy_car, km, courtesy_until, due_at,
	collect_m, collect_fee_minor, lines, car, vehicle, order_ref`

func (r *bookingRow) booking() (*Booking, error) {
	b := &Booking{ID: id.Booking(r.ID), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), Dealer: id.Dealer(r.Dealer), State: State(r.State), Source: Source(r.Source), StartsAt: r.StartsAt.UTC(), EndsAt: r.EndsAt.UTC(),
		Bay: r.Bay, Technician: r.Technician, Minutes: r.Minutes, Mobility: Mobility(r.Mobility), Courtesy: db.OrZero(r.CourtesyCar), CourtesyUntil: db.OrZero(r.CourtesyUntil), CollectMetres: db.OrZero(r.CollectM),
		CollectFeeMinor: db.OrZero(r.CollectFeeMinor), Km: db.OrZero(r.Km), Vehicle: id.Vehicle(db.OrZero(r.Vehicle)), Order: id.Order(db.OrZero(r.OrderRef)), DueAt: db.OrZero(r.DueAt), CreatedAt: r.CreatedAt}
	for s := range strings.SplitSeq(r.Skills, ",") {
		if s != "" {
			b.Skills = append(b.Skills, Skill(s))
		}
	}
	if err := errors.Join(json.Unmarshal(r.Lines, &b.Lines), json.Unmarshal(r.Car, &b.Told)); err != nil {
		return nil, fmt.Errorf("aftersales: lines of %s: %w", r.ID, err)
	}
	return b, nil
}

// BookingBy reads a booking.
func BookingBy(g *gorm.DB, key id.Booking) (*Booking, error) { return bookingWhere(g, `id = ?`, key) }

// LockTx reads a booking and locks it. Its order is locked before it, always.
func LockTx(tx *db.Tx, key id.Booking) (*Booking, error) {
	return bookingWhere(tx.DB, `id = ? FOR UPDATE`, key)
}

// BookingAt is a booking of a site; those of others do not exist for it.
func BookingAt(g *gorm.DB, d id.Dealer, key id.Booking) (*Booking, error) {
	return bookingWhere(g, `id = ? AND dealer = ?`, key, d)
}

// OfOrder is the booking of an order that counts, or the last one that did; ErrNoBooking when it never had one.
func OfOrder(g *gorm.DB, o id.Order) (*Booking, error) {
	return bookingWhere(g, `order_ref = ? ORDER BY state IN ('cancelled', 'lapsed', 'no_show'), updated_at DESC LIMIT 1`, o)
}

func bookingWhere(g *gorm.DB, where string, args ...any) (*Booking, error) {
	list, err := bookingsWhere(g, where, args...)
	if err == nil && len(list) == 0 {
		err = ErrNoBooking
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func bookingsWhere(g *gorm.DB, where string, args ...any) ([]*Booking, error) {
	var rows []bookingRow
	if err := g.Raw(`SELECT `+bookingColumns+` FROM service_bookings WHERE `+where, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("aftersales: bookings: %w", err)
	}
	out := make([]*Booking, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].booking(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Planned lists the bookings of a site that begin between two instants and count, by bay and time.
func Planned(g *gorm.DB, d id.Dealer, from, to time.Time) ([]*Booking, error) {
	return bookingsWhere(g, `dealer = ? AND starts_at >= ? AND starts_at < ? AND state NOT IN ('cancelled', 'lapsed') ORDER BY bay, starts_at`, d, from, to)
}

// Queue lists what a site has before it: bookings that are not over, by their start.
func Queue(g *gorm.DB, d id.Dealer, most int) ([]*Booking, error) {
	return bookingsWhere(g, `dealer = ? AND state IN ('booked', 'arrived', 'in_work', 'ready') ORDER BY starts_at, bay LIMIT ?`, d, most)
}

// OfVehicle lists the bookings of a car, the newest first.
func OfVehicle(g *gorm.DB, v id.Vehicle, most int) ([]*Booking, error) {
	return bookingsWhere(g, `vehicle = ? AND state NOT IN ('lapsed') ORDER BY starts_at DESC LIMIT ?`, v, most)
}

// Step is one step in the story of a booking.
type Step struct {
	From, To   State
	StartsAt   time.Time // when the stay was to begin from then on
	Actor, Why string
	At         time.Time
}

// StepsOf is the story of a booking.
func StepsOf(g *gorm.DB, key id.Booking) ([]Step, error) {
	var rows []struct {
		FromState, ToState, Actor, Why string
		StartsAt, At                   time.Time
	}
	err := g.Raw(`SELECT from_state, to_state, starts_at, actor, why, at FROM service_moves WHERE booking = ? ORDER BY seq`, key).Scan(&rows).Error
	out := make([]Step, len(rows))
	for i, r := range rows {
		out[i] = Step{State(r.FromState), State(r.ToState), r.StartsAt, r.Actor, r.Why, r.At}
	}
	return out, err
}

// CapacityOf is what a site has to work with, for its planner.
func CapacityOf(g *gorm.DB, d id.Dealer) (*Capacity, error) {
	out := &Capacity{Dealer: d}
	var bays []struct {
		No     int
		Skills string
	}
	if err := g.Raw(`SELECT no, array_to_string(skills, ',') AS skills FROM service_bays WHERE dealer = ? AND active ORDER BY no`, d).Scan(&bays).Error; err != nil {
		return nil, fmt.Errorf("aftersales: bays: %w", err)
	}
	for _, r := range bays {
		out.Bays = append(out.Bays, Bay{r.No, readSkills(r.Skills).list()})
	}
	var people []struct {
		No           int
		Name, Skills string
		Hours        []byte
	}
	if err := g.Raw(`SELECT no, name, array_to_string(skills, ',') AS skills, hours FROM service_technicians WHERE dealer = ? AND active ORDER BY no`, d).Scan(&people).Error; err != nil {
		return nil, fmt.Errorf("aftersales: technicians: %w", err)
	}
	for _, r := range people {
		t := Technician{No: r.No, Name: r.Name, Skills: readSkills(r.Skills).list()}
		if err := json.Unmarshal(r.Hours, &t.Hours); err != nil {
			return nil, err
		}
		out.Technicians = append(out.Technicians, t)
	}
	err := g.Raw(`SELECT no, kind, plate FROM service_courtesy_cars WHERE dealer = ? AND active ORDER BY no`, d).Scan(&out.Courtesy).Error
	return out, err
}
