package world

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// Refusals of a publication.
var (
	ErrNoBrand = fault.New(fault.Invalid, "fault.not_found", "world.Publish")
	ErrNote    = fault.New(fault.Invalid, "fault.invalid.text", "world.Publish")
)

// maxNote bounds what a publisher writes about a publication, in letters.
const maxNote = 500

// Ready is a range with what was compiled from it: all that is left is to write it down.
type Ready struct {
	Range    *catalogue.Range
	Editions []configurator.Edition

	over *int64 // the publication that this one takes the place of, when somebody looked at it
}

// Prepare compiles a range for every market that has prices for it and writes nothing. Each report
// says what would change against what is published now. A range without an order takes the one of the
// former; the order found is left in the range. It answers *Uncompilable when a market cannot have it.
func Prepare(ctx context.Context, w *World, r *catalogue.Range, now time.Time, b configurator.Budget) ([]configurator.Edition, error) {
	if _, ok := w.Brand(r.Brand); !ok {
		return nil, ErrNoBrand.With("brand", string(r.Brand))
	}
	former, had := w.Range(r.Brand, r.Model)
	if had && len(r.VariableOrder) == 0 {
		r.VariableOrder = former.VariableOrder
	}
	es, order, err := compileRange(ctx, w.Market, r, now, b)
	if err != nil {
		return nil, err
	}
	r.VariableOrder = order
	if had {
		w.compare(former, r, es)
	}
	return es, w.leavesCars(r, es, now)
}

// compare fills in what the editions change.
func (w *World) compare(former, r *catalogue.Range, es []configurator.Edition) {
	for i := range es {
		e := &es[i]
		was, had := w.EditionOn(r.Brand, r.Model, e.Market, e.From)
		if _, sold := former.PricesAt(e.Market, e.From); !had && !sold {
			continue // new in this market
		}
		c := configurator.Changes(former, r, e.Market, e.From)
		c.CarsBefore = was.Report.Cars
		e.Report.Changed = &c
	}
}

// leavesCars refuses a range of which today's holds leave no car: its shop would stand empty.
func (w *World) leavesCars(r *catalogue.Range, es []configurator.Edition, now time.Time) error {
	for _, e := range es {
		mk, day := w.markets[e.Market], e.From
		holds := inForce(w.holds[holdKey{r.Brand, e.Market, r.Model}], day)
		if len(holds) == 0 || day != Today(mk, now) {
			continue
		}
		mo, err := configurator.Open(mk, r, day, func(string) *diagram.Diagram {
			d, _ := diagram.Open(e.Diagram)
			return d
		})
		if err == nil {
			_, err = mo.With(holds)
		}
		if err != nil {
			return &Uncompilable{Market: e.Market, Err: err}
		}
	}
	return nil
}

// Publish compiles a range and makes it live in all its markets at once. Every instance sells it
// within a second. Any failure leaves the former live.
func Publish(ctx context.Context, d *db.DB, w *World, r *catalogue.Range, by, note string, now time.Time, b configurator.Budget) ([]configurator.Edition, error) {
	es, err := Prepare(ctx, w, r, now, b)
	if err != nil {
		return nil, err
	}
	return es, Commit(ctx, d, []Ready{{Range: r, Editions: es}}, by, note)
}

// PublishOver is Publish by somebody who looked at a publication, 0 for none: when another one went live
// meanwhile it answers ErrMoved and changes nothing.
func PublishOver(ctx context.Context, d *db.DB, w *World, r *catalogue.Range, looked int64, by, note string, now time.Time, b configurator.Budget) error {
	es, err := Prepare(ctx, w, r, now, b)
	if err != nil {
		return err
	}
	return Commit(ctx, d, []Ready{{Range: r, Editions: es, over: &looked}}, by, note)
}

// ErrMoved is a publication over one that is not the newest any more.
var ErrMoved = fault.New(fault.Conflict, "fault.range_moved", "world.PublishOver")

// Commit makes prepared ranges live together, in one transaction.
func Commit(ctx context.Context, d *db.DB, ready []Ready, by, note string) error {
	if utf8.RuneCountInString(note) > maxNote {
		return ErrNote
	}
	err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		// The row lock makes publications and imports wait for one another.
		if err := lockStaticTx(tx); err != nil {
			return err
		}
		for _, p := range ready {
			if p.over != nil {
				if at, err := newestOf(tx.DB, p.Range.Brand, p.Range.Model); err != nil || at != *p.over {
					return errors.Join(ErrMoved, err)
				}
			}
			old, err := publishedOf(tx.DB, p.Range.Brand, p.Range.Model)
			if err != nil {
				return err
			}
			if err := writeRangeTx(tx, p, publication{by: by, note: note}); err != nil {
				return err
			}
			if err := audit.WriteTx(ctx, tx, p.audit(by, note, old)); err != nil {
				return err
			}
		}
		return TouchStaticTx(tx)
	})
	if err != nil {
		return fmt.Errorf("world: publish: %w", err)
	}
	return nil
}

// audit notes which structure took the place of which: by market the signature on the first day.
func (p Ready) audit(by, note string, old map[string]string) audit.Row {
	row := audit.Row{Actor: by, Action: "range.publish", Subject: "range:" + string(p.Range.Brand) + "/" + string(p.Range.Model),
		Brand: string(p.Range.Brand), Reason: note, New: signatures(p.Editions)}
	if len(old) > 0 {
		row.Old = old
	}
	return row
}

func signatures(es []configurator.Edition) map[string]string {
	out := map[string]string{}
	for _, e := range es {
		if out[string(e.Market)] == "" {
			out[string(e.Market)] = e.Signature
		}
	}
	return out
}

// Publication is one time that a range went live.
type Publication struct {
	ID          int64
	Brand       id.Brand
	Model       id.Model
	PublishedAt time.Time
	By          string
	Note        string
}

// ErrNoPublication is a publication that never was.
var ErrNoPublication = fault.New(fault.NotFound, "fault.not_found", "world.Publication")

// Try compiles a range that is not published, for one market on a day: to ask it things before it
// goes live.
func (w *World) Try(r *catalogue.Range, m id.Market, day market.Date) (*configurator.Model, error) {
	mk, ok := w.Market(m)
	if !ok {
		return nil, ErrNoShop
	}
	return configurator.Compile(mk, r, day)
}
