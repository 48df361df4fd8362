package newcar

import (
	"context"
	"errors"
	"io"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/world"
)

// importArgs asks to go on with a file of reports.
type importArgs struct {
	Import ordering.ImportID `json:"import"`
}

func (importArgs) Kind() string { return "newcar.import" }

// How much of a file is done at a time: a job stays well within its time, and begins another one for the rest.
const (
	importBatch = 200
	importFor   = 5 * time.Second
)

// stepsTo are the events that lead into the stages that may be reported.
var stepsTo = map[ordering.State]ordering.Event{ordering.Ordered: ordering.Place, ordering.Built: ordering.Build, ordering.InTransit: ordering.Dispatch, ordering.Arrived: ordering.Arrive}

// TakeReportsTx takes a file in and begins to look at it; nothing changes before its sender says so.
func (s *Service) TakeReportsTx(ctx context.Context, tx *db.Tx, scope ordering.Scope, name string, file io.Reader) (ordering.ImportID, error) {
	rows, err := ordering.ReadReports(file)
	if err != nil {
		return "", err
	}
	key, err := ordering.AddImportTx(tx, scope, name, rows)
	if err != nil {
		return "", err
	}
	if err := s.auditImportTx(ctx, tx, scope, "report.file", key); err != nil {
		return "", err
	}
	return key, s.Jobs.InsertTx(ctx, tx, importArgs{key}, nil)
}

// ApplyReportsTx begins to carry a file out that was looked at.
func (s *Service) ApplyReportsTx(ctx context.Context, tx *db.Tx, scope ordering.Scope, key ordering.ImportID) error {
	i, err := ordering.ImportOf(tx.DB, scope, key)
	if err != nil {
		return err
	}
	if err := ordering.MoveImportTx(tx, i.ID, ordering.Checked, ordering.Applying); err != nil {
		return err
	}
	if err := s.auditImportTx(ctx, tx, scope, "report.apply", key); err != nil {
		return err
	}
	return s.Jobs.InsertTx(ctx, tx, importArgs{key}, nil)
}

func (s *Service) auditImportTx(ctx context.Context, tx *db.Tx, scope ordering.Scope, action string, key ordering.ImportID) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: scope.Actor, Action: action, Subject: "import:" + string(key), New: map[string]string{"dealer": string(scope.Dealer)}})
}

// workImport goes on with a file for a while, and leaves the rest to another job.
func (s *Service) workImport(ctx context.Context, key ordering.ImportID) error {
	begin, cancel := context.WithTimeout(ctx, importFor)
	defer cancel()
	for begin.Err() == nil {
		over, err := s.WorkReports(ctx, key)
		if err != nil || over {
			return err
		}
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.Jobs.InsertTx(ctx, tx, importArgs{key}, nil) })
}

// WorkReports looks at, or carries out, the next rows of a file; true when there are no more. Done twice it does no harm.
func (s *Service) WorkReports(ctx context.Context, key ordering.ImportID) (over bool, err error) {
	i, err := ordering.ImportByID(s.DB.Read(ctx), key)
	if err != nil {
		return errors.Is(err, ordering.ErrNoImport), ignore(err, ordering.ErrNoImport)
	}
	if i.State != ordering.Checking && i.State != ordering.Applying {
		return true, nil
	}
	rows, err := ordering.OpenRows(s.DB.Read(ctx), key, importBatch)
	if err != nil {
		return false, err
	}
	if len(rows) == 0 {
		next := ordering.Checked
		if i.State == ordering.Applying {
			next = ordering.Applied
		}
		err := s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return ordering.MoveImportTx(tx, key, i.State, next) })
		return true, ignore(err, ordering.ErrImportMoved)
	}
	if i.State == ordering.Checking {
		return false, s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
			for _, r := range rows {
				if r.Outcome, r.Why, err = s.judgeTx(tx, i.Scope, r); err != nil {
					return err
				}
				if err := ordering.SetOutcomeTx(tx, key, r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, r := range rows {
		err := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			if r, err = s.ReportTx(ctx, tx, i.Scope, r); err != nil {
				return err
			}
			return ordering.SetOutcomeTx(tx, key, r)
		})
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// JudgeReport says what one report would do.
func (s *Service) JudgeReport(ctx context.Context, scope ordering.Scope, r ordering.Report) (ordering.Report, error) {
	if r.Outcome == ordering.Rejects {
		return r, nil
	}
	err := s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) (err error) {
		r.Outcome, r.Why, err = s.judgeTx(tx, scope, r)
		return err
	})
	return r, err
}

// Report carries one report out.
func (s *Service) Report(ctx context.Context, scope ordering.Scope, r ordering.Report) (out ordering.Report, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		out, err = s.ReportTx(ctx, tx, scope, r)
		return err
	})
	return out, err
}

func ignore(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}

// judgeTx says what a report would do, without a lock: between this and the deed the world may change.
func (s *Service) judgeTx(tx *db.Tx, scope ordering.Scope, r ordering.Report) (ordering.Outcome, string, error) {
	o, err := ordering.ReportedOrder(tx.DB, r)
	if errors.Is(err, ordering.ErrNoOrder) || err == nil && !scope.Has(o) {
		return ordering.Rejects, "unknown", nil
	}
	if err != nil {
		return "", "", err
	}
	out, why, _, err := s.judgeOrderTx(tx, scope, r, o)
	return out, why, err
}

// judgeOrderTx judges a report of an order within the scope, and gives its accepted entry when it moves.
func (s *Service) judgeOrderTx(tx *db.Tx, scope ordering.Scope, r ordering.Report, o *ordering.Order) (ordering.Outcome, string, *allocation.Entry, error) {
	// A dealer has no order that only was, or only may become, his own: it looks like none.
	es, err := allocation.Of(tx.DB, o.ID)
	if err != nil {
		return "", "", nil, err
	}
	var mine *allocation.Entry
	for _, e := range es {
		if e.Dealer == o.Dealer && (e.State == allocation.Accepted || e.State == allocation.Done) {
			mine = e
		}
	}
	if scope.Dealer != "" && mine == nil {
		return ordering.Rejects, "unknown", nil, nil
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return "", "", nil, err
	}
	days, err := ordering.ReportedDays(tx.DB, o.ID, r.Stage)
	if err != nil {
		return "", "", nil, err
	}
	out, why := r.Judge(o, string(world.Today(mk, tx.Now)), days)
	return out, why, mine, nil
}

// reportFaults are refusals of a step that are the report's own matter, with their words.
var reportFaults = map[string]string{ordering.ErrVINTaken.Key: "vin_taken", sale.ErrAnswerFirst.Key: "question", ordering.ErrMoved.Key: "moved"}

// errReject rolls back what a refused step has begun.
type errReject struct{ why string }

func (e errReject) Error() string { return "report refused: " + e.why }

// ReportTx carries one report out, guarded by the order's lock: the steps up to the stage, one letter to the buyer, the day
// in the book of reports. Said again, it changes nothing. A refusal is an outcome, not an error.
func (s *Service) ReportTx(ctx context.Context, tx *db.Tx, scope ordering.Scope, r ordering.Report) (ordering.Report, error) {
	if r.Outcome == ordering.Rejects {
		return r, nil
	}
	tx.By = scope.Actor
	found, err := ordering.ReportedOrder(tx.DB, r)
	if errors.Is(err, ordering.ErrNoOrder) || err == nil && !scope.Has(found) {
		r.Outcome, r.Why = ordering.Rejects, "unknown"
		return r, nil
	}
	if err != nil {
		return r, err
	}
	o, err := ordering.LockTx(tx, found.ID)
	if err != nil {
		return r, err
	}
	if !scope.Has(o) { // it went to another dealer since
		r.Outcome, r.Why = ordering.Rejects, "unknown"
		return r, nil
	}
	var e *allocation.Entry
	if r.Outcome, r.Why, e, err = s.judgeOrderTx(tx, scope, r, o); err != nil {
		return r, err
	}
	switch r.Outcome {
	case ordering.Moves:
		err = s.moveReportedTx(ctx, tx, scope, r, o, e)
	case ordering.Notes, ordering.Corrects:
	default:
		return r, nil
	}
	var no errReject
	if errors.As(err, &no) {
		r.Outcome, r.Why = ordering.Rejects, no.why
		return r, nil
	}
	if err != nil {
		return r, err
	}
	return r, ordering.AddReportTx(tx, o, r, scope.Actor)
}

// moveReportedTx makes the steps up to a stage within a savepoint: refused, none of them was made.
func (s *Service) moveReportedTx(ctx context.Context, tx *db.Tx, scope ordering.Scope, r ordering.Report, o *ordering.Order, e *allocation.Entry) error {
	if e == nil || e.State != allocation.Accepted {
		return errReject{"moved"}
	}
	if err := tx.Exec(`SAVEPOINT reported`).Error; err != nil {
		return err
	}
	from := o.State
	err := s.walkTx(ctx, tx, scope, r, o, e)
	var x *fault.Fault
	if errors.As(err, &x) && reportFaults[x.Key] != "" {
		if back := tx.Exec(`ROLLBACK TO SAVEPOINT reported`).Error; back != nil {
			return back
		}
		why := reportFaults[x.Key]
		if why == "vin_taken" && scope.Dealer != "" {
			why = "moved" // whose car it is, is no dealer's business
		}
		return errReject{why}
	}
	if err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, progressEvents[stepsTo[r.Stage]], 0); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: scope.Actor, Action: "order.reported", Subject: "order:" + string(o.ID), Market: string(o.Market), Brand: string(o.Brand),
		Old: map[string]string{"state": string(from)}, New: map[string]string{"state": string(o.State)}, Reason: r.On})
}

func (s *Service) walkTx(ctx context.Context, tx *db.Tx, scope ordering.Scope, r ordering.Report, o *ordering.Order, e *allocation.Entry) error {
	for o.State != r.Stage {
		ev := ordering.Event("")
		for _, st := range ordering.ReportStages {
			if to, ok := ordering.Next(o.Flow, o.State, stepsTo[st]); ok && to == st {
				ev = stepsTo[st]
			}
		}
		if ev == "" {
			return ordering.ErrMoved
		}
		ch := ordering.Change{}
		if ev == ordering.Dispatch {
			ch.VIN = r.VIN
		}
		if err := s.stepTx(ctx, tx, o, e, ev, scope.Actor, ch); err != nil {
			return err
		}
	}
	return nil
}
