package main

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"forecourt/config"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
)

// importStatus carries a file of reports out, or says only what it would do. Progress goes to standard error, what was
// refused to standard output, as CSV.
func importStatus(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("import-status", flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), "forecourt import-status [flags] FILE\nsays how far cars are: a CSV file with the columns vin, stage (ordered, built, in_transit, arrived) and date,\nand order and correction if wanted. The same file again changes nothing. Refused rows are printed as CSV.")
		fs.PrintDefaults()
	}
	dry := fs.Bool("dry-run", false, "say only what would happen to each row; no order changes")
	paths, err := words(fs, args, 1, 1)
	if err != nil {
		return err
	}
	file, err := os.Open(paths[0])
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return withDB(ctx, func(ctx context.Context, d *db.DB, _ config.Settings) error {
		desk, err := quietSale(ctx, d)
		if err != nil {
			return err
		}
		cars := newcar.New(desk)
		scope := ordering.Scope{Actor: "system"}
		for _, m := range desk.World.Now().Markets {
			scope.Markets = append(scope.Markets, id.Market(m.Code))
		}
		var key ordering.ImportID
		err = d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			if _, err := file.Seek(0, 0); err != nil {
				return err
			}
			key, err = cars.TakeReportsTx(ctx, tx, scope, filepath.Base(paths[0]), file)
			return err
		})
		if err != nil {
			return fileFault(err, reportFaults)
		}
		if err := workThrough(ctx, cars, scope, key, "looked at"); err != nil {
			return err
		}
		if !*dry {
			if err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return cars.ApplyReportsTx(ctx, tx, scope, key) }); err != nil {
				return err
			}
			if err := workThrough(ctx, cars, scope, key, "carried out"); err != nil {
				return err
			}
		}
		return tellReports(ctx, d, scope, key, *dry)
	})
}

// reportFaults say at the command line what is wrong with a file as a whole.
var reportFaults = map[string]string{ordering.ErrReportKind.Key: "it is no CSV file; save a workbook as CSV first", ordering.ErrReportCode.Key: "it is not UTF-8; save it as CSV UTF-8",
	ordering.ErrReportColumns.Key: "the first line must name the columns vin, stage and date", ordering.ErrReportMany.Key: "it has more than 50,000 rows; split it", ordering.ErrReportEmpty.Key: "it has no rows"}

// workThrough goes on with a file until it is through. A worker that is at it too does no harm.
func workThrough(ctx context.Context, cars *newcar.Service, scope ordering.Scope, key ordering.ImportID, what string) error {
	for {
		over, err := cars.WorkReports(ctx, key)
		if err != nil {
			return err
		}
		i, err := ordering.ImportOf(cars.DB.Read(ctx), scope, key)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%d of %d rows %s\n", i.Rows-i.Open, i.Rows, what)
		if over {
			return nil
		}
	}
}

func tellReports(ctx context.Context, d *db.DB, scope ordering.Scope, key ordering.ImportID, dry bool) error {
	g := d.Read(ctx)
	i, err := ordering.ImportOf(g, scope, key)
	if err != nil {
		return err
	}
	would := ""
	if dry {
		would = "would be "
	}
	fmt.Fprintf(os.Stderr, "%s%d moved, %d noted, %d corrected; %d known before, %d refused\n", would, i.Counts[ordering.Moves], i.Counts[ordering.Notes], i.Counts[ordering.Corrects], i.Counts[ordering.Same], i.Counts[ordering.Rejects])
	w := csv.NewWriter(os.Stdout)
	if i.Counts[ordering.Rejects] > 0 {
		_ = w.Write([]string{"line", "vin", "stage", "date", "order", "reason"})
	}
	for after := 0; ; {
		rows, err := ordering.ImportRows(g, key, ordering.Rejects, after, 1000)
		if err != nil {
			return err
		}
		for _, r := range rows {
			_ = w.Write([]string{strconv.Itoa(r.Line), r.VIN, string(r.Stage), r.On, r.Number, r.Why})
			after = r.Line
		}
		if len(rows) == 0 {
			w.Flush()
			return w.Error()
		}
	}
}
