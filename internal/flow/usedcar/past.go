package usedcar

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"

	"github.com/riverqueue/river"
)

// Past is a register of cars' pasts, outside the house: who is owed money on a car, whether an insurer gave it up or somebody
// misses it, what its odometer said. An error is that it could not be asked now.
type Past interface {
	Look(ctx context.Context, q usedcars.Asked) (usedcars.Report, error)
}

// ErrNoPast says that no register is connected.
var ErrNoPast = fault.New(fault.Conflict, "condition.no_register", "usedcar.Ask")

// pastArgs asks a register about a car, once for each time somebody wanted it.
type pastArgs struct {
	Car   id.UsedCar `json:"car"`
	Asked time.Time  `json:"asked"`
}

func (pastArgs) Kind() string { return "usedcar.past" }

// AskPastTx lets a register be asked about a car of a dealer.
func (s *Service) AskPastTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar) error {
	if s.Past == nil {
		return ErrNoPast
	}
	c, err := ownTx(tx, staff, key)
	if err != nil {
		return err
	}
	if c.State.Over() {
		return usedcars.ErrBusy
	}
	if err := s.askTx(ctx, tx, c); err != nil {
		return err
	}
	return s.auditTx(ctx, tx, staff, "used.past", c, "")
}

func (s *Service) askTx(ctx context.Context, tx *db.Tx, c *usedcars.Car) error {
	if err := usedcars.AskTx(tx, c); err != nil {
		return err
	}
	return s.Jobs.InsertTx(ctx, tx, pastArgs{c.ID, c.AskedAt}, nil)
}

// look asks the register, outside any transaction, and keeps what it said. Run twice it keeps it once; what was asked anew
// meanwhile is left to the newer job.
func (s *Service) look(ctx context.Context, a pastArgs) error {
	c, err := usedcars.WholeOf(s.DB.Read(ctx), a.Car)
	if err != nil || c.State.Over() || !c.AskedAt.Equal(a.Asked) || s.Past == nil {
		return err
	}
	mk, err := s.Market(c.Market)
	if err != nil {
		return err
	}
	r, err := s.Past.Look(ctx, usedcars.Asked{VIN: c.VIN, Plate: c.Plate, Country: mk.Country, Registered: c.Registered, Km: c.Km, Owners: c.Owners, On: cmp.Or(c.ReadOn(), world.Today(mk, s.DB.Clock.Now()))})
	if err != nil {
		return fmt.Errorf("usedcar: past of %s: %w", c.ID, err)
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.keepTx(ctx, tx, a, r) })
}

// LookNow asks what its job would ask, at once.
func (s *Service) LookNow(ctx context.Context, key id.UsedCar) error {
	c, err := usedcars.Get(s.DB.Read(ctx), key)
	if err != nil {
		return err
	}
	return s.look(ctx, pastArgs{key, c.AskedAt})
}

// keepTx keeps a register's answer. A car on offer that turns out to have a red flag is a draft again: nobody can buy it until
// its dealer has cleared that up. One that somebody holds stays his to look at, and can be neither ordered nor held anew.
func (s *Service) keepTx(ctx context.Context, tx *db.Tx, a pastArgs, r usedcars.Report) error {
	c, err := usedcars.LockTx(tx, a.Car)
	if err != nil || !c.AskedAt.Equal(a.Asked) {
		return err
	}
	fresh, err := usedcars.KeepReportTx(tx, c, r)
	if err != nil || !fresh || c.State != usedcars.Listed {
		return err
	}
	return s.offTx(ctx, tx, c)
}

// offTx takes a car that nobody has off the market when it has a red flag. Who waits for it is told that it is over.
func (s *Service) offTx(ctx context.Context, tx *db.Tx, c *usedcars.Car) error {
	flags, err := usedcars.FlagsOf(tx.DB, c.ID)
	if err != nil || len(flags) == 0 {
		return err
	}
	if err := usedcars.MoveTx(tx, c, usedcars.Step{To: usedcars.Draft, Actor: "system", Why: flags[0]}); err != nil {
		return err
	}
	return s.lineOverTx(ctx, tx, c.ID)
}

// lineOverTx ends the line of a car and lets everybody in it be written to.
func (s *Service) lineOverTx(ctx context.Context, tx *db.Tx, key id.UsedCar) error {
	gone, err := usedcars.LineOverTx(tx, key)
	if err != nil || len(gone) == 0 {
		return err
	}
	notes := make([]river.JobArgs, len(gone))
	for i, w := range gone {
		notes[i] = noteArgs{w.ID}
	}
	return s.Jobs.InsertManyTx(ctx, tx, notes...)
}

// clearTx refuses a car with a red flag: usedcars.ErrRed.
func clearTx(tx *db.Tx, c *usedcars.Car) error {
	flags, err := usedcars.FlagsOf(tx.DB, c.ID)
	if err == nil && len(flags) > 0 {
		err = usedcars.ErrRed
	}
	return err
}

// pastBatch bounds what one sweep asks.
const pastBatch = 20

// sweepPasts asks again about cars on offer of which a register was last asked longer ago than their market wants.
func (s *Service) sweepPasts(ctx context.Context) error {
	if s.Past == nil {
		return nil
	}
	now := s.DB.Clock.Now()
	var wrong error
	for _, m := range s.World.Now().Markets {
		_, terms, _, err := s.Terms(m.Code, now)
		if err != nil || terms.PastDays == 0 {
			continue // sells no used cars, or asks no register
		}
		due, err := usedcars.Unasked(s.DB.Read(ctx), m.Code, now.AddDate(0, 0, -terms.PastDays), pastBatch)
		wrong = errors.Join(wrong, err)
		for _, car := range due {
			wrong = errors.Join(wrong, s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
				return s.againTx(ctx, tx, car, now.AddDate(0, 0, -terms.PastDays))
			}))
		}
	}
	return wrong
}

func (s *Service) againTx(ctx context.Context, tx *db.Tx, key id.UsedCar, since time.Time) error {
	c, err := usedcars.LockTx(tx, key)
	if err != nil || c.State != usedcars.Listed || !c.AskedAt.Before(since) {
		return err // somebody asked a moment ago
	}
	return s.askTx(ctx, tx, c)
}

// PastFacts are what a register answered, in the reader's words; day is when.
func PastFacts(p *i18n.Printer, x *usedcars.Past, day string) []sale.Fact {
	yes := func(on bool, key string) string {
		if on {
			return p.T("condition.past." + key + "_yes")
		}
		return p.T("condition.past." + key + "_no")
	}
	written := p.T("condition.past.written_no")
	if x.WrittenOff != "" {
		written = p.T("condition.past.written_yes", "Category", x.WrittenOff)
	}
	return []sale.Fact{{Label: p.T("condition.past.source"), Value: x.Source + ", " + day}, {Label: p.T("condition.past.finance"), Value: yes(x.Finance, "finance")}, {Label: p.T("condition.past.written"), Value: written},
		{Label: p.T("condition.past.stolen"), Value: yes(x.Stolen, "stolen")}, {Label: p.T("used.fact.owners"), Value: p.Int(int64(x.Owners))}}
}
