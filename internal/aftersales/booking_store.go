package aftersales

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
)

// HoldTx takes a slot with a bay, a technician, the parts, and what the customer drives on with: softly until DueAt, or at once.
// The site is locked, as every change of its bookings does, so that those who want the last slot come one after the other; the
// schema would refuse the second one anyway. It answers why there is none: ErrTaken, ErrPast, ErrShut, ErrLong, ErrSkill,
// ErrNoPart, ErrNoCourtesy, ErrMarket. Orders are locked before sites.
func HoldTx(tx *db.Tx, h Hold) (*Booking, error) {
	if h.DueAt.IsZero() || h.DueAt.After(tx.Now) {
		return holdTx(tx, h, "")
	}
	return nil, ErrLapsed
}

// holdTx is HoldTx; the parts of another booking that would be moved there need not be reserved anew.
func holdTx(tx *db.Tx, h Hold, spare id.Booking) (*Booking, error) {
	b := h.booking(tx)
	if err := network.LockSiteTx(tx, h.Site.Code); err != nil {
		return nil, err
	}
	there, err := b.seatTx(tx, Change{Site: h.Site, Market: h.Market, Rules: h.Rules, Start: h.Start}, seating{spare: spare})
	if err != nil {
		return nil, err
	}
	if err := b.insertTx(tx); err != nil {
		return nil, err
	}
	if err := b.noteTx(tx, "", string(h.Source)); err != nil || spare != "" {
		return b, err
	}
	if err := reserveTx(tx, string(b.ID), b.Dealer, there.needs); err != nil || b.State == Held {
		return b, err
	}
	return b, b.orderPartsTx(tx, there, h.Site)
}

// booking is what will be written.
func (h *Hold) booking(tx *db.Tx) *Booking {
	b := &Booking{ID: id.New[id.Booking](), Brand: h.Brand, Market: h.Market.Code, Dealer: h.Site.Code, State: Held, Source: h.Source, Skills: SkillsOf(h.Lines), Minutes: MinutesOf(h.Lines),
		Mobility: h.Mobility, Lines: h.Lines, Km: h.Km, Told: h.Told, Vehicle: h.Vehicle, Order: h.Order, DueAt: h.DueAt, CreatedAt: tx.Now}
	if h.Mobility == "" {
		b.Mobility = OnFoot
	}
	if h.Mobility == IsCollected {
		b.CollectMetres, b.CollectFeeMinor = h.CollectMetres, h.CollectFeeMinor
	}
	switch {
	case h.DueAt.IsZero():
		b.State = Booked
	case h.DueAt.After(h.Start): // nobody can say yes to what has begun
		b.DueAt = h.Start
	}
	return b
}

// seating says what of others is free for a booking: all that it takes itself when it moves, and the parts of one that would
// be moved to its place.
type seating struct{ self, spare id.Booking }

// seatTx finds a place for the booking at a locked site and writes it into b.
func (b *Booking) seatTx(tx *db.Tx, c Change, free seating) (*shelves, error) {
	a := Ask{Sites: []*network.Dealer{c.Site}, Market: c.Market, Rules: c.Rules, Skills: b.Skills, Minutes: b.Minutes, Parts: b.Parts(), Mobility: b.Mobility, Now: tx.Now, Days: 1, DueAt: b.DueAt, Except: free.self, spare: free.spare}
	if c.Late {
		a.Rules.NoticeMinutes = 0
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	if c.Start.Before(a.soonest()) {
		return nil, ErrPast
	}
	a.From = c.Start
	h, there, err := huntTx(tx, &a)
	if err != nil {
		return nil, err
	}
	s, err := h.take(c.Start, c)
	if err != nil {
		return nil, err
	}
	if on, ok := there.of(c.Site.Code, a.ordered(c.Site)); !ok || on.Time(c.Site.Zone()).After(c.Start) {
		return nil, ErrNoPart
	}
	b.StartsAt, b.EndsAt, b.Bay, b.Technician, b.Courtesy, b.CourtesyUntil = s.from.UTC(), s.to.UTC(), s.bay, s.tech, s.car, time.Time{}
	if s.car > 0 {
		b.CourtesyUntil = s.back.UTC()
	}
	return there, nil
}

// huntTx reads all that matters for one site on the day of a.From.
func huntTx(tx *db.Tx, a *Ask) (*hunt, *shelves, error) {
	site := a.Sites[0]
	shops, err := loadShops(tx.DB, string(site.Code))
	if err != nil {
		return nil, nil, err
	}
	s := shops[site.Code]
	if s == nil {
		return nil, nil, ErrSkill
	}
	there, err := arrivals(tx.DB, a)
	if err != nil {
		return nil, nil, err
	}
	raw, err := loadTaken(tx.DB, a)
	if err != nil {
		return nil, nil, err
	}
	c := calendarOf(a.From, a.Days, site.Zone())
	b := newBusy(s, a.Days)
	for ; len(raw) >= 8; raw = raw[8:] {
		b.put(s, c, takenOf(raw))
	}
	return newHunt(a, site, s, b, c), there, nil
}

func (b *Booking) insertTx(tx *db.Tx) error {
	lines, err := json.Marshal(b.Lines)
	if err != nil {
		return err
	}
	car, err := json.Marshal(b.Told)
	if err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO service_bookings (id, brand, market, dealer, state, source, starts_at, ends_at, bay, technician, skills, minutes, mobility, courtesy_car, courtesy_until, collect_m, collect_fee_minor,
			lines, car, km, vehicle, order_ref, due_at, packed, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, string_to_array(?, ','), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.ID, b.Brand, b.Market, b.Dealer, b.State, b.Source, b.StartsAt, b.EndsAt, b.Bay, b.Technician, joined(b.Skills), b.Minutes, b.Mobility, db.OrNull(b.Courtesy), db.TimeOrNull(b.CourtesyUntil),
		b.collected(b.CollectMetres), b.collected(b.CollectFeeMinor), string(lines), string(car), db.OrNull(b.Km), db.OrNull(string(b.Vehicle)), db.OrNull(string(b.Order)), db.TimeOrNull(b.DueAt), int64(b.packed()), tx.Now, tx.Now).Error
	return clash(err)
}

// collected is a figure of a collection; NULL without one.
func (b *Booking) collected(v int64) *int64 {
	if b.Mobility != IsCollected {
		return nil
	}
	return &v
}

func (b *Booking) packed() taken {
	return seat{bay: b.Bay, tech: b.Technician, car: b.Courtesy, from: b.StartsAt, to: b.EndsAt, back: b.CourtesyUntil, fetched: b.Mobility == IsCollected}.packed()
}

// clash says what the schema refused.
func clash(err error) error {
	switch db.Constraint(err) {
	case "":
	case "service_bookings_bay", "service_bookings_technician":
		return ErrTaken
	case "service_bookings_courtesy":
		return ErrNoCourtesy
	case "service_bookings_order":
		return ErrMoved
	}
	if err != nil {
		return fmt.Errorf("aftersales: booking: %w", err)
	}
	return nil
}

func joined(skills []Skill) string {
	out := make([]string, len(skills))
	for i, s := range skills {
		out[i] = string(s)
	}
	return strings.Join(out, ",")
}

// noteTx writes a step into the history.
func (b *Booking) noteTx(tx *db.Tx, from State, why string) error {
	return tx.Exec(`INSERT INTO service_moves (booking, seq, from_state, to_state, starts_at, actor, why, at)
		SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ?, ? FROM service_moves WHERE booking = ?`, b.ID, from, b.State, b.StartsAt, tx.By, why, tx.Now, b.ID).Error
}

// ConfirmTx books what was held, for an order if there is one. ErrLapsed when the time of the hold has passed: the slot may be
// somebody else's by now.
func ConfirmTx(tx *db.Tx, b *Booking, o id.Order, site *network.Dealer) error {
	if b.State == Held && !b.DueAt.After(tx.Now) {
		return ErrLapsed
	}
	if err := network.LockSiteTx(tx, b.Dealer); err != nil {
		return err
	}
	there, err := loadShelves(tx.DB, string(b.Dealer), b.Parts(), b.ID)
	if err != nil {
		return err
	}
	if o != "" {
		b.Order = o
	}
	if err := b.stepTx(tx, Booked, ""); err != nil {
		return err
	}
	return b.orderPartsTx(tx, there, site)
}

// StepTx makes a step that a workshop makes: arrived, in work, ready.
func StepTx(tx *db.Tx, b *Booking, to State) error {
	if to != Arrived && to != InWork && to != Ready {
		return ErrMoved
	}
	return b.stepTx(tx, to, "")
}

// ReleaseTx gives a slot back, with parts and courtesy car.
func ReleaseTx(tx *db.Tx, b *Booking, why string) error {
	if err := network.LockSiteTx(tx, b.Dealer); err != nil {
		return err
	}
	if err := b.stepTx(tx, Cancelled, why); err != nil {
		return err
	}
	return settleTx(tx, string(b.ID), b.Dealer, "freed")
}

// NoShowTx notes that nobody came; ErrEarly before the market's rule says so. The fee is the rule's.
func NoShowTx(tx *db.Tx, b *Booking, r Rules) error {
	if tx.Now.Before(b.lateFrom(r)) {
		return ErrEarly
	}
	if err := network.LockSiteTx(tx, b.Dealer); err != nil {
		return err
	}
	if err := b.stepTx(tx, NoShow, ""); err != nil {
		return err
	}
	return settleTx(tx, string(b.ID), b.Dealer, "freed")
}

// DoneTx ends a stay: the customer has his car again, and its parts are used up.
func DoneTx(tx *db.Tx, b *Booking) error {
	if err := network.LockSiteTx(tx, b.Dealer); err != nil {
		return err
	}
	if err := b.stepTx(tx, Done, ""); err != nil {
		return err
	}
	return settleTx(tx, string(b.ID), b.Dealer, "used")
}

// stepTx makes a step of the machine; ErrMoved when there is none or somebody was quicker.
func (b *Booking) stepTx(tx *db.Tx, to State, why string) error {
	from := b.State
	if !Can(from, to) {
		return ErrMoved
	}
	ok, err := db.Changed(tx.DB, `UPDATE service_bookings SET state = ?, due_at = NULL, order_ref = ?, updated_at = ? WHERE id = ? AND state = ?`, to, db.OrNull(string(b.Order)), tx.Now, b.ID, from)
	if err = clash(err); err != nil {
		return err
	}
	if !ok {
		return ErrMoved
	}
	b.State, b.DueAt = to, time.Time{}
	if err := b.noteTx(tx, from, why); err != nil || to == Booked || to == InWork || to == Ready || to == Done {
		return err
	}
	return endWaitsTx(tx, b.ID)
}

// MoveTx gives a booking another time, another bay or technician, more or less time, or another site of its market. What it needs
// of parts is reserved anew where the site changes.
func MoveTx(tx *db.Tx, b *Booking, c Change) error {
	if !b.State.Takes() {
		return ErrMoved
	}
	if c.Site.Market != b.Market {
		return ErrMarket
	}
	for _, d := range inOrder(b.Dealer, c.Site.Code) {
		if err := network.LockSiteTx(tx, d); err != nil {
			return err
		}
	}
	moved, before := *b, b.Dealer
	if moved.Dealer = c.Site.Code; c.Start.IsZero() {
		c.Start = b.StartsAt
	}
	if c.Minutes > 0 {
		moved.Minutes = c.Minutes
	}
	if b.State != Held && b.State != Booked && c.Start.Equal(b.StartsAt) {
		c.Late = true // it is here already
	}
	there, err := moved.seatTx(tx, c, seating{self: b.ID})
	if err != nil {
		return err
	}
	ok, err := db.Changed(tx.DB, `UPDATE service_bookings SET dealer = ?, starts_at = ?, ends_at = ?, bay = ?, technician = ?, minutes = ?, courtesy_car = ?, courtesy_until = ?, packed = ?, updated_at = ? WHERE id = ? AND state = ?`,
		moved.Dealer, moved.StartsAt, moved.EndsAt, moved.Bay, moved.Technician, moved.Minutes, db.OrNull(moved.Courtesy), db.TimeOrNull(moved.CourtesyUntil), int64(moved.packed()), tx.Now, b.ID, b.State)
	if err = clash(err); err != nil {
		return err
	}
	if !ok {
		return ErrMoved
	}
	*b = moved
	if before != b.Dealer {
		if err := b.carryTx(tx, there); err != nil {
			return err
		}
	}
	if b.State == Booked {
		if err := b.orderPartsTx(tx, there, c.Site); err != nil {
			return err
		}
	}
	return b.noteTx(tx, b.State, "moved")
}

func inOrder(a, b id.Dealer) []id.Dealer {
	switch {
	case a == b:
		return []id.Dealer{a}
	case a < b:
		return []id.Dealer{a, b}
	}
	return []id.Dealer{b, a}
}

// today is the calendar day of a site.
func today(tx *db.Tx, site *network.Dealer) market.Date {
	return market.DateOf(tx.Now.In(site.Zone()))
}
