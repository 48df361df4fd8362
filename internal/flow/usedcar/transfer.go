package usedcar

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/mail"
	"forecourt/internal/pricing"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"
)

// ErrNoMove refuses a site to which the car is not brought: too far, of another market, or not selling used cars.
var ErrNoMove = fault.New(fault.Invalid, "used.move.refused", "usedcar.Move")

// Site is a dealer's site to which a car can be brought.
type Site struct {
	*network.Dealer
	Metres   int64 // from where the car stands, as the crow flies
	FeeMinor int64 // of the market's currency, with VAT
	On       market.Date
}

// mostSites bounds the list of a page.
const mostSites = 40

// SitesFor lists where a buyer may have a car brought today, the nearest to it first.
func (s *Service) SitesFor(mk *market.Market, c *usedcars.Car, now time.Time) []Site {
	used, ok := mk.UsedAt(world.Today(mk, now))
	if !ok || len(used.Moves) == 0 {
		return nil
	}
	var out []Site
	for _, d := range s.World.Now().Dealers(c.Brand, c.Market, id.FlowUsed) {
		if x, err := s.SiteFor(mk, used, c, d.Code, now); err == nil {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b Site) int { return cmp.Or(cmp.Compare(a.Metres, b.Metres), cmp.Compare(a.Code, b.Code)) })
	return out[:min(len(out), mostSites)]
}

// SiteFor says what it costs to have a car brought to a site and by which day it is there: the market's days, and then the
// first day on which the site is open. ErrNoMove where it is not brought.
func (s *Service) SiteFor(mk *market.Market, used market.Used, c *usedcars.Car, to id.Dealer, now time.Time) (Site, error) {
	d, err := s.DealerIn(sale.Shop{Brand: c.Brand, Market: c.Market, Flow: id.FlowUsed}, to)
	from, ok := s.World.Now().Dealer(c.Dealer)
	if err != nil || !ok || to == c.Dealer {
		return Site{}, ErrNoMove
	}
	x := Site{Dealer: d, Metres: network.Metres(from.Lat, from.Lon, d.Lat, d.Lon)}
	band, ok := used.MoveOver(x.Metres)
	if !ok {
		return Site{}, ErrNoMove
	}
	x.FeeMinor, x.On = band.FeeMinor, world.Today(mk, now).Plus(band.Days)
	for i := 0; i < 14 && len(d.SpansOn(mk, x.On.Time(d.Zone()).Add(12*time.Hour))) == 0; i++ {
		x.On = x.On.Plus(1)
	}
	return x, nil
}

// WithMove adds the fee for bringing a car elsewhere to its price. It is a service of its own that the buyer chose, so its line
// has the market's VAT also beside a car of the margin scheme (decision 0056).
func WithMove(mk *market.Market, q pricing.Quote, feeMinor int64, day market.Date) (pricing.Quote, error) {
	if feeMinor == 0 {
		return q, nil
	}
	rate, ok := mk.VATAt(day)
	if !ok {
		return q, pricing.ErrNoVAT.With("market", string(mk.Code))
	}
	fee := mk.Amount(feeMinor)
	l := pricing.Line{Kind: pricing.KindFee, Code: "used_move", Amount: fee, VATRateBP: rate, VAT: fee.VATInGross(rate)}
	q.Lines = append(slices.Clone(q.Lines), l)
	q.Total, q.VAT, q.Balance = q.Total.Add(fee), q.VAT.Add(l.VAT), q.Balance.Add(fee)
	return q, nil
}

// noteMove writes into an order's snapshot where its car is brought, with the fee as a line of the price.
func (s *Service) noteMove(mk *market.Market, o *ordering.Order, m *ordering.Moved) {
	o.Snapshot.Used.Moved = m
	if m == nil || m.FeeMinor == 0 {
		return
	}
	o.Snapshot.Lines[0].Amount = o.Snapshot.Quote.Lines[0].Amount
	o.Snapshot.Lines = append(o.Snapshot.Lines, ordering.Line{Kind: pricing.KindFee, Label: s.Words.Printer(mk.Locale).T("used.move.line", "Site", s.siteName(m.To)), Amount: mk.Amount(m.FeeMinor)})
}

func (s *Service) siteName(d id.Dealer) string {
	if x, ok := s.World.Now().Dealer(d); ok {
		return x.Name
	}
	return string(d)
}

// moveFacts tell where a car is handed over that does not stand there.
func (s *Service) moveFacts(p *i18n.Printer, m *ordering.Moved) []sale.Fact {
	if m == nil {
		return nil
	}
	out := []sale.Fact{{Label: p.T("used.move.place"), Value: s.siteName(m.To)}}
	if t, err := time.Parse(time.DateOnly, m.On); err == nil {
		out = append(out, sale.Fact{Label: p.T("used.move.there_by"), Value: p.Date(t.Add(12 * time.Hour))})
	}
	return out
}

// planTransferTx: the dealer said yes to an order whose car is fetched elsewhere: from now on it is its task to send the car. A
// promise that passed while the dealer thought about it is kept as soon as can be.
func (s *Service) planTransferTx(tx *db.Tx, o *ordering.Order) error {
	m := o.Snapshot.Used.Moved
	d, ok := s.World.Now().Dealer(m.To)
	if !ok {
		return sale.ErrDealer
	}
	due := market.Date(m.On).Plus(1).Time(d.Zone()) // the end of the promised day
	if least := tx.Now.Add(24 * time.Hour); due.Before(least) {
		due = least
	}
	send := due.Add(-24 * time.Hour)
	return usedcars.AddTransferTx(tx, &usedcars.Transfer{Order: o.ID, Number: o.Number, Car: o.Snapshot.Used.Number, Brand: o.Brand, Market: o.Market, From: o.Dealer, To: m.To, SendBy: send, DueAt: due})
}

// transferStepTx lets the task follow a step of its order, and says what the step brings.
func transferStepTx(tx *db.Tx, o *ordering.Order, e ordering.Event) (ordering.Change, error) {
	to := map[ordering.Event]usedcars.TransferState{ordering.Fetch: usedcars.OnWay, ordering.Arrive: usedcars.There}[e]
	if to == "" {
		return ordering.Change{}, nil
	}
	if !o.Can(e) {
		return ordering.Change{}, ordering.ErrMoved
	}
	if err := endTransferTx(tx, o, to); err != nil {
		return ordering.Change{}, err
	}
	if e == ordering.Fetch {
		return ordering.Change{VIN: o.Snapshot.Used.VIN, Plate: o.Snapshot.Used.Plate}, nil
	}
	return ordering.Change{}, nil
}

// endTransferTx makes a step of the order's transfer, if it has one.
func endTransferTx(tx *db.Tx, o *ordering.Order, to usedcars.TransferState) error {
	if o.Snapshot.Used.Moved == nil {
		return nil
	}
	t, err := usedcars.TransferOf(tx.DB, o.ID)
	if err != nil {
		return err
	}
	return usedcars.MoveTransferTx(tx, t, to)
}

// stopTransferTx: the order ended before a handover. A car that is not at the seller's site has to come back.
func stopTransferTx(tx *db.Tx, o *ordering.Order) error {
	t, err := usedcars.TransferOf(tx.DB, o.ID)
	switch {
	case errors.Is(err, usedcars.ErrNoTransfer): // nobody had said yes
		return nil
	case err != nil:
		return err
	case t.State == usedcars.ToSend:
		return usedcars.MoveTransferTx(tx, t, usedcars.Off)
	case t.State == usedcars.OnWay || t.State == usedcars.There:
		return usedcars.MoveTransferTx(tx, t, usedcars.Back)
	}
	return nil
}

// BackTx is the sender's word that a car whose order ended stands with it again.
func (s *Service) BackTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string) error {
	tx.By = staff.Actor()
	t, err := usedcars.TransferAt(tx.DB, staff.Dealer, number)
	if err != nil {
		return err
	}
	if t.From != staff.Dealer {
		return usedcars.ErrNoTransfer
	}
	o, err := ordering.LockTx(tx, t.Order)
	if err != nil {
		return err
	}
	if err := usedcars.MoveTransferTx(tx, t, usedcars.Off); err != nil {
		return err
	}
	return sale.AuditTx(ctx, tx, staff, "used.move_back", o, o.State, string(t.To))
}

// ForReceiver lets staff of the site that receives a car act upon its order: for the seller, under their own name. An order
// that is not on its way to them does not exist for them.
func (s *Service) ForReceiver(tx *db.Tx, staff sale.Staff, number string) (sale.Staff, error) {
	t, err := usedcars.TransferAt(tx.DB, staff.Dealer, number)
	if err != nil {
		return staff, err
	}
	if t.To != staff.Dealer {
		return staff, usedcars.ErrNoTransfer
	}
	return sale.Staff{User: staff.User, Dealer: t.From}, nil
}

// ReceiveTx makes a step that the receiving site tells of: the car has come, is prepared (all checks made), waits for its buyer.
func (s *Service) ReceiveTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string, e ordering.Event, checks []string) error {
	by, err := s.ForReceiver(tx, staff, number)
	if err != nil {
		return err
	}
	switch e {
	case ordering.Arrive, ordering.Release:
	case ordering.Prepare:
		if err := s.SetChecksTx(ctx, tx, by, number, checks); err != nil {
			return err
		}
	default:
		return ordering.ErrMoved
	}
	return s.stepTx(ctx, tx, by, number, sale.Progress{Event: e})
}

// GiveTx is HandOverTx at the receiving site. It takes no money: what is owed is paid to the seller before.
func (s *Service) GiveTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string, h sale.HandOver) error {
	by, err := s.ForReceiver(tx, staff, number)
	if err != nil {
		return err
	}
	return s.HandOverTx(ctx, tx, by, number, h)
}

// lateArgs asks to write to who should know that a car was not sent or did not come: rung 1 the sites, 2 the market's office.
type lateArgs struct {
	Order id.Order `json:"order"`
	Rung  int      `json:"rung"`
}

func (lateArgs) Kind() string { return "usedcar.late" }

// sweepTransfers climbs the ladder of transfers whose deadline passed, each in its own transaction.
func (s *Service) sweepTransfers(ctx context.Context) error {
	due, err := usedcars.DueTransfers(s.DB.Read(ctx), s.DB.Clock.Now(), sweepBatch)
	for _, o := range due {
		err = errors.Join(err, s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.climbTx(ctx, tx, o) }))
	}
	return err
}

func (s *Service) climbTx(ctx context.Context, tx *db.Tx, key id.Order) error {
	if _, err := ordering.LockTx(tx, key); err != nil {
		return err
	}
	t, err := usedcars.TransferOf(tx.DB, key)
	if err != nil {
		return err
	}
	climbed, err := usedcars.ClimbTransferTx(tx, t)
	if err != nil || !climbed {
		return err
	}
	return s.Jobs.InsertTx(ctx, tx, lateArgs{key, t.Rung}, nil)
}

// tellLate writes that a deadline of a transfer passed, unless it was done meanwhile. To the sites it goes to both: who is to
// act, and who waits for it.
func (s *Service) tellLate(ctx context.Context, a lateArgs) error {
	t, err := usedcars.TransferOf(s.DB.Read(ctx), a.Order)
	if err != nil || t.Rung < a.Rung || t.Due().IsZero() {
		return err
	}
	mk, err := s.Market(t.Market)
	if err != nil {
		return err
	}
	w, p := s.World.Now(), s.Words.Printer(mk.Locale)
	type reader struct{ mail, name, link string }
	to := []reader{{mk.Access.Mail, mk.Name, "/manager/used"}}
	if a.Rung < 2 {
		to = nil
		for _, code := range []id.Dealer{t.From, t.To} {
			if d, ok := w.Dealer(code); ok {
				to = append(to, reader{d.Email, d.Name, "/dealer/used/moves/" + t.Number})
			}
		}
	}
	for i, r := range to {
		n := mail.Notice{ID: fmt.Sprintf("used.late.%s.%s.%d.%d", t.Order, t.State, a.Rung, i), To: r.mail, ToName: r.name, Words: p, At: s.DB.Clock.Now(), Subject: p.T("mail.used_late.subject", "Number", t.Number),
			Parts: []mail.Part{{Text: p.T("mail.used_late."+string(t.State), "From", s.siteName(t.From), "To", s.siteName(t.To), "Due", p.DateTime(t.Due().In(mk.Zone())))}, {Link: s.BaseURL + r.link}}}
		m, err := s.Letters.Set(n)
		if err == nil {
			err = s.Sender.Send(ctx, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
