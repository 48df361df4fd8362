package newcar

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/mail"
	"forecourt/internal/sale"
	"forecourt/internal/stock"
	"forecourt/internal/world"

	"github.com/riverqueue/river"
)

// poolArgs asks to look after cars that nobody has bought; poolMailArgs to tell a dealer what became of its own.
type poolArgs struct{}

func (poolArgs) Kind() string { return "newcar.pool" }

type poolMailArgs struct {
	Dealer id.Dealer `json:"dealer"`
	What   string    `json:"what"`
	At     time.Time `json:"at"`
}

func (poolMailArgs) Kind() string { return "newcar.pool_mail" }

// PoolEvery bounds how late the end of a car's time is noticed; it is counted in days.
const PoolEvery = time.Minute

// poolBatch bounds one round of a market.
const poolBatch = 500

// registerPool adds the workers of the pool.
func (s *Service) registerPool(w *river.Workers) *river.PeriodicJob {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[poolArgs]) error { return s.SweepPool(ctx) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[poolMailArgs]) error { return s.sendPool(ctx, j.Args) }))
	return river.NewPeriodicJob(river.PeriodicInterval(PoolEvery), func() (river.JobArgs, *river.InsertOpts) {
		return poolArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: PoolEvery}}
	}, nil)
}

// SweepPool tells dealers whose cars' time is nearly over, takes those whose time is over, and gives what is in the pool to
// buyers who wait for such a car, else to dealers who asked for it. Every step is guarded: it may run twice, and on
// several instances at once.
func (s *Service) SweepPool(ctx context.Context) error {
	var err error
	for _, m := range s.World.Now().Markets {
		today := world.Today(m, s.DB.Clock.Now())
		rule, ok := m.UnusedAt(today)
		if !ok {
			continue
		}
		before := func(days int) time.Time { return today.Plus(1 - days).Time(m.Zone()) }
		// Told first: nobody loses a car of whose end he has not heard so many days before.
		err = errors.Join(err,
			s.nearEnd(ctx, m, rule, false, before(rule.CarDays-rule.WarnDays), before(rule.SlotDays-rule.WarnDays)),
			s.nearEnd(ctx, m, rule, true, before(rule.CarDays), before(rule.SlotDays)),
			s.servePool(ctx, m, rule, today))
	}
	return errors.Join(err, s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return stock.EndGoneWishesTx(tx) }))
}

// nearEnd warns of cars whose time is nearly over, or takes those that were warned of and whose time is over. One
// letter a dealer tells of all of its cars.
func (s *Service) nearEnd(ctx context.Context, m *market.Market, rule market.Unused, told bool, ground, slot time.Time) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		cars, err := stock.NearEndTx(tx, m.Code, told, ground, slot, poolBatch)
		if err != nil {
			return err
		}
		act, what := stock.WarnTx, stock.Warned
		if told {
			act, what = stock.PoolTx, stock.Pooled
		}
		today := world.Today(m, tx.Now)
		tell := map[id.Dealer]bool{}
		for _, c := range cars {
			if told && today < c.KeptUntil(rule, m) {
				continue // was told too late for the day of the rule
			}
			if err := act(tx, c, rule.Version, whyOf(c, rule, m, 0, 0)); err != nil {
				return err
			}
			if !tell[c.Dealer] {
				tell[c.Dealer] = true
				if err := s.Jobs.InsertTx(ctx, tx, poolMailArgs{c.Dealer, what, tx.Now}, nil); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func whyOf(c *stock.Car, rule market.Unused, m *market.Market, waiting, wishes int) stock.Why {
	return stock.Why{Stage: c.Stage, KeptSince: market.DateOf(c.KeptSince.In(m.Zone())), Days: c.DaysOf(rule), Until: c.KeptUntil(rule, m), Waiting: waiting, Wishes: wishes}
}

// servePool gives each car of a market's pool away: sold orders before stock orders.
func (s *Service) servePool(ctx context.Context, m *market.Market, rule market.Unused, today market.Date) error {
	pool, err := stock.PoolOf(s.DB.Read(ctx), m.Code, "", poolBatch)
	for _, p := range pool {
		waiting, e := waitingFor(s.DB.Read(ctx), p.Car, 5)
		if e != nil {
			return errors.Join(err, e)
		}
		given := false
		for _, o := range waiting {
			if given {
				break
			}
			e := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (e error) {
				given, e = s.toOrderTx(ctx, tx, o, p.ID, m, rule, len(waiting), p.Wishes)
				return e
			})
			err = errors.Join(err, e)
		}
		if given || len(waiting) > 0 || p.Wishes == 0 || s.DB.Clock.Now().Sub(p.PooledAt) < stock.PoolRest {
			continue
		}
		err = errors.Join(err, s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.toStockTx(ctx, tx, p.ID, m, rule, today) }))
	}
	return err
}

// toOrderTx gives a car of the pool to an order that waits for the same one; false when either has moved on. The order
// goes to where the car is: the buyer's car, dealer and price stay what they were.
func (s *Service) toOrderTx(ctx context.Context, tx *db.Tx, key id.Order, car id.StockCar, m *market.Market, rule market.Unused, waiting, wishes int) (bool, error) {
	o, err := ordering.LockTx(tx, key)
	if err != nil || o.State != ordering.Accepted {
		return false, err
	}
	c, err := stock.LockTx(tx, car)
	if err != nil || c.State != stock.Free || c.PooledAt.IsZero() {
		return false, err
	}
	still, err := waitingFor(tx.DB, c, poolBatch)
	if err != nil || !slices.Contains(still, key) {
		return false, err
	}
	if err := stock.ToOrderTx(tx, c, o.ID, o.Dealer, rule.Version, whyOf(c, rule, m, waiting, wishes)); err != nil {
		return false, err
	}
	from := o.State
	if err := s.toCarTx(ctx, tx, o, c); err != nil {
		return false, err
	}
	if err := s.Jobs.InsertTx(ctx, tx, poolMailArgs{o.Dealer, stock.ToOrder, tx.Now}, nil); err != nil {
		return false, err
	}
	return true, audit.WriteTx(ctx, tx, audit.Row{Actor: "system", Action: "stock.to_order", Subject: "order:" + string(o.ID), Market: string(o.Market), Brand: string(o.Brand),
		Old: map[string]string{"state": string(from)}, New: map[string]string{"state": string(o.State), "car": string(c.ID), "rule": rule.Version}})
}

// toStockTx gives a car of the pool to the dealer who asked for it first and still takes part.
func (s *Service) toStockTx(ctx context.Context, tx *db.Tx, car id.StockCar, m *market.Market, rule market.Unused, today market.Date) error {
	c, err := stock.LockTx(tx, car)
	if err != nil || c.State != stock.Free || c.PooledAt.IsZero() {
		return err
	}
	wishes, err := stock.WishesOfTx(tx, car)
	if err != nil {
		return err
	}
	for _, d := range wishes {
		site, err := s.DealerIn(sale.Shop{Brand: c.Brand, Market: c.Market, Flow: id.FlowNew}, d)
		if err != nil {
			continue // has left the pilot since
		}
		if err := stock.ToStockTx(tx, c, d, c.ReadyAt(site, m, today), rule.Version, whyOf(c, rule, m, 0, len(wishes))); err != nil {
			return err
		}
		if err := s.Jobs.InsertTx(ctx, tx, poolMailArgs{d, stock.ToStock, tx.Now}, nil); err != nil {
			return err
		}
		return audit.WriteTx(ctx, tx, audit.Row{Actor: "system", Action: "stock.to_stock", Subject: "car:" + string(c.ID), Market: string(c.Market), Brand: string(c.Brand),
			Old: map[string]string{"dealer": string(c.Dealer)}, New: map[string]string{"dealer": string(d), "rule": rule.Version}})
	}
	return nil
}

// AskCarTx asks for a car of the pool for a dealer's own stock. A car of another market does not exist.
func (s *Service) AskCarTx(ctx context.Context, tx *db.Tx, staff sale.Staff, car id.StockCar) error {
	c, err := s.poolCarTx(tx, staff, car)
	if err != nil {
		return err
	}
	if err := stock.WishTx(tx, c, staff.Dealer, staff.Actor()); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: staff.Actor(), Action: "stock.asked", Subject: "car:" + string(c.ID), Market: string(c.Market), Brand: string(c.Brand), New: map[string]string{"dealer": string(staff.Dealer)}})
}

// LeaveCarOfPoolTx takes a dealer's wish for a car back.
func (s *Service) LeaveCarOfPoolTx(ctx context.Context, tx *db.Tx, staff sale.Staff, car id.StockCar) error {
	c, err := s.poolCarTx(tx, staff, car)
	if err != nil {
		return err
	}
	if err := stock.DropWishTx(tx, c.ID, staff.Dealer); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: staff.Actor(), Action: "stock.not_asked", Subject: "car:" + string(c.ID), Market: string(c.Market), Brand: string(c.Brand), New: map[string]string{"dealer": string(staff.Dealer)}})
}

func (s *Service) poolCarTx(tx *db.Tx, staff sale.Staff, car id.StockCar) (*stock.Car, error) {
	c, err := stock.LockTx(tx, car)
	if err != nil {
		return nil, err
	}
	if _, err := s.DealerIn(sale.Shop{Brand: c.Brand, Market: c.Market, Flow: id.FlowNew}, staff.Dealer); err != nil {
		return nil, stock.ErrNoCar
	}
	return c, nil
}

// modelName is a car's model as people say it.
func modelName(w *world.World, c *stock.Car) string {
	if r, ok := w.Range(c.Brand, c.Model); ok {
		return r.Name
	}
	return string(c.Model)
}

// sendPool writes to a dealer what became of its cars at one instant. A crash between the sending and the job's end
// repeats the letter under the same Message-ID.
func (s *Service) sendPool(ctx context.Context, a poolMailArgs) error {
	w := s.World.Now()
	d, ok := w.Dealer(a.Dealer)
	if !ok || d.Email == "" {
		return nil
	}
	m, ok := w.Market(d.Market)
	if !ok {
		return nil
	}
	list, err := stock.MovesAt(s.DB.Read(ctx), a.Dealer, a.What, a.At)
	if err != nil || len(list) == 0 {
		return err
	}
	p := s.Words.Printer(m.Locale)
	var cars []string
	for _, x := range list {
		c, err := stock.Get(s.DB.Read(ctx), x.Car)
		if err != nil {
			return err
		}
		until := p.Date(x.Why.Until.Time(time.UTC).Add(12 * time.Hour))
		cars = append(cars, p.T("pool.mail.car", "Car", string(x.Car), "Model", modelName(w, c), "Days", x.Why.Days, "Until", until, "Rule", x.Rule))
	}
	letter, err := s.Letters.Set(mail.Notice{ID: fmt.Sprintf("pool.%s.%s.%d", a.What, a.Dealer, a.At.UnixMicro()), To: d.Email, ToName: d.Name, Words: p, Subject: p.T("pool.mail." + a.What + ".subject"), At: a.At,
		Parts: []mail.Part{{Text: p.T("pool.mail." + a.What + ".intro")}, {Items: cars}, {Link: s.BaseURL + "/dealer/stock"}}})
	if err != nil {
		return err
	}
	return s.Sender.Send(ctx, letter)
}
