package usedcar

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
)

// Faults of a car that is not ready, or would not be any more.
var (
	ErrNotReady = fault.New(fault.Invalid, "condition.not_ready", "usedcar.List")
	ErrNeeded   = fault.New(fault.Invalid, "condition.needed", "usedcar.Condition")
	ErrOffered  = fault.New(fault.Conflict, "condition.offered", "usedcar.DropFault")
)

// Missing says what a car still needs before it can be offered, by its market's terms of the day.
func (s *Service) Missing(w *usedcars.Whole, now time.Time) ([]usedcars.Lack, error) {
	_, terms, _, err := s.Terms(w.Market, now)
	return usedcars.Missing(w, terms, now), err
}

// readyTx refuses a car that lacks anything: ErrNotReady, or usedcars.ErrFell where it lacks nothing but a word about its mileage.
func (s *Service) readyTx(tx *db.Tx, key id.UsedCar) error {
	w, err := usedcars.WholeOf(tx.DB, key)
	if err != nil {
		return err
	}
	lacks, err := s.Missing(w, tx.Now)
	switch {
	case err != nil || len(lacks) == 0:
		return err
	case len(lacks) == 1 && lacks[0].Code == "flag_"+usedcars.FlagFalls:
		return usedcars.ErrFell
	}
	return ErrNotReady
}

// openTx locks a car of a dealer whose description may change: a draft, or one on offer that nobody has. Who has it was
// promised what he saw.
func openTx(tx *db.Tx, staff sale.Staff, key id.UsedCar) (*usedcars.Car, error) {
	c, err := ownTx(tx, staff, key)
	if err == nil && c.State != usedcars.Draft && c.State != usedcars.Listed {
		err = usedcars.ErrBusy
	}
	return c, err
}

// changeTx carries a change of what is known of a car out. A car on offer needs afterwards what it needed before: ErrNeeded.
func (s *Service) changeTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar, act string, do func(c *usedcars.Car) error) error {
	c, err := openTx(tx, staff, key)
	if err != nil {
		return err
	}
	if err := do(c); err != nil {
		return err
	}
	return s.auditTx(ctx, tx, staff, act, c, "")
}

// keepReadyTx refuses what would leave a car on offer with fewer pictures, or a picture that says nothing.
func (s *Service) keepReadyTx(tx *db.Tx, c *usedcars.Car) error {
	if c.State == usedcars.Draft {
		return nil
	}
	w, err := usedcars.WholeOf(tx.DB, c.ID)
	if err != nil {
		return err
	}
	lacks, err := s.Missing(w, tx.Now)
	for _, l := range lacks {
		if l.Section == "photos" {
			return ErrNeeded
		}
	}
	return err
}

// AddPhotosTx puts pictures behind the others of a car. On a car that is on offer each must say what it shows.
func (s *Service) AddPhotosTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar, ps []usedcars.NewPhoto) error {
	return s.changeTx(ctx, tx, staff, key, "used.photo_add", func(c *usedcars.Car) error {
		for _, p := range ps {
			if c.State != usedcars.Draft && p.Alt == "" {
				return ErrNeeded
			}
			if err := usedcars.AddPhotoTx(tx, c.ID, p, staff.Actor()); err != nil {
				return err
			}
		}
		return nil
	})
}

// PhotoChange is what becomes of a picture.
type PhotoChange struct {
	Photo      id.UsedPhoto
	Angle, Alt string
	Move       int                // -1 before the one before it, 1 behind the next
	Drop       bool               // taken away
	Recut      *usedcars.NewPhoto // nil when its frame stays
}

// PhotoTx changes a picture of a car.
func (s *Service) PhotoTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar, x PhotoChange) error {
	return s.changeTx(ctx, tx, staff, key, "used.photo", func(c *usedcars.Car) error {
		if err := changePhotoTx(tx, c, x); err != nil {
			return err
		}
		return s.keepReadyTx(tx, c)
	})
}

func changePhotoTx(tx *db.Tx, c *usedcars.Car, x PhotoChange) error {
	switch {
	case x.Drop:
		return usedcars.DropPhotoTx(tx, c.ID, x.Photo)
	case x.Move != 0:
		return usedcars.MovePhotoTx(tx, c.ID, x.Photo, x.Move)
	}
	if err := usedcars.SayPhotoTx(tx, c.ID, x.Photo, x.Angle, x.Alt); err != nil || x.Recut == nil {
		return err
	}
	return usedcars.RecutTx(tx, c.ID, x.Photo, *x.Recut)
}

// AddFaultTx writes a fault down. On a car that is on offer the page says when it was added.
func (s *Service) AddFaultTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar, f usedcars.Fault, picture *usedcars.NewPhoto) error {
	return s.changeTx(ctx, tx, staff, key, "used.fault_add", func(c *usedcars.Car) error {
		return usedcars.AddFaultTx(tx, c, f, picture, staff.Actor())
	})
}

// DropFaultTx takes a fault back, of a draft alone: what was offered with it stays with it. ErrOffered.
func (s *Service) DropFaultTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar, seq int) error {
	return s.changeTx(ctx, tx, staff, key, "used.fault_drop", func(c *usedcars.Car) error {
		if c.State != usedcars.Draft {
			return ErrOffered
		}
		return usedcars.DropFaultTx(tx, c, seq, staff.Actor())
	})
}

// InspectTx keeps what is said of the points of the checklist. A car on offer that does not pass any more is a draft again.
func (s *Service) InspectTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar, said usedcars.Answers) error {
	return s.changeTx(ctx, tx, staff, key, "used.inspect", func(c *usedcars.Car) error {
		w, err := usedcars.WholeOf(tx.DB, c.ID)
		if err != nil {
			return err
		}
		if err := usedcars.AnswersTx(tx, c, w.Answers.With(said), staff.Actor()); err != nil {
			return err
		}
		if w.Answers = w.Answers.With(said); c.State == usedcars.Draft {
			return nil
		}
		lacks, err := s.Missing(w, tx.Now)
		if err != nil {
			return err
		}
		for _, l := range lacks {
			if l.Section == "checks" {
				return usedcars.MoveTx(tx, c, usedcars.Step{To: usedcars.Draft, Actor: staff.Actor(), Why: "inspection"})
			}
		}
		return nil
	})
}

// BatteryTx writes down how the battery of a car is; the zero Battery says that nobody measured it.
func (s *Service) BatteryTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar, b usedcars.Battery) error {
	return s.changeTx(ctx, tx, staff, key, "used.battery", func(c *usedcars.Car) error {
		if !c.HasBattery() {
			return usedcars.ErrMoved
		}
		return usedcars.BatteryTx(tx, c, b)
	})
}
