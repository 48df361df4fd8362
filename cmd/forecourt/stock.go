package main

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/config"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/sheet"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars/intake"
)

// importUsed brings the used cars of a file in, or says only what it would do. Progress goes to standard error, what was
// refused to standard output, as CSV.
func importUsed(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("import-used", flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), "forecourt import-used -dealer CODE [flags] FILE\nbrings a dealer's used cars in: a CSV file or an XLSX workbook with one car a line. What its columns are is told by their\nheader, by what the dealer said of such a file before, or by -column. The same file again changes nothing. Refused lines are printed as CSV.")
		fs.PrintDefaults()
	}
	dry := fs.Bool("dry-run", false, "say only what would happen to each line; no car changes")
	dealer := fs.String("dealer", "", "the dealer's code")
	var columns listFlag
	fs.Var(&columns, "column", "WORD=FIELD: what the column below a word is, or WORD= to read it not; may be given several times. Fields: "+fieldList())
	paths, err := words(fs, args, 1, 1)
	if err != nil {
		return err
	}
	if *dealer == "" {
		fmt.Fprintln(os.Stderr, "forecourt import-used: -dealer is missing")
		return errUsage
	}
	return withDB(ctx, func(ctx context.Context, d *db.DB, _ config.Settings) error {
		desk, err := quietSale(ctx, d)
		if err != nil {
			return err
		}
		cars := usedcar.New(desk, nil)
		scope := intake.Scope{Actor: "system", Dealer: id.Dealer(*dealer)}
		key, err := takeStock(ctx, cars, scope, paths[0], columns)
		if err == nil {
			err = throughStock(ctx, cars, scope, key, "looked at")
		}
		if err == nil && !*dry {
			if err = d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return cars.ApplyStockTx(ctx, tx, scope, key) }); err == nil {
				err = throughStock(ctx, cars, scope, key, "carried out")
			}
		}
		if err != nil {
			return fileFault(err, stockFaults)
		}
		return tellStock(ctx, d, scope, key, *dry)
	})
}

func fieldList() string {
	var out []string
	for _, f := range intake.Fields {
		out = append(out, string(f))
	}
	return strings.Join(out, ", ")
}

// takeStock takes a file in with its columns as they are guessed or told.
func takeStock(ctx context.Context, cars *usedcar.Service, scope intake.Scope, path string, columns []string) (key intake.ID, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	about, err := file.Stat()
	if err != nil {
		return "", err
	}
	err = cars.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		table, err := sheet.Open(file, about.Size(), intake.Limits)
		if err != nil {
			return err
		}
		defer func() { _ = table.Close() }()
		if key, err = cars.TakeStockTx(ctx, tx, scope, filepath.Base(path), table); err != nil {
			return err
		}
		f, err := intake.Of(tx.DB, scope.Dealer, key)
		if err != nil {
			return err
		}
		for _, c := range columns {
			word, field, ok := strings.Cut(c, "=")
			i := slices.Index(f.Header, word)
			if !ok || i < 0 {
				return fmt.Errorf("-column %q: the file has the columns %s", c, strings.Join(f.Header, ", "))
			}
			f.Fields[i] = intake.Field(field)
		}
		for i, x := range f.Fields {
			if x == intake.None {
				fmt.Fprintf(os.Stderr, "column %q is not read\n", f.Header[i])
			} else {
				fmt.Fprintf(os.Stderr, "column %q is %s\n", f.Header[i], x)
			}
		}
		return cars.MapStockTx(ctx, tx, scope, key, f.Fields)
	})
	return key, err
}

// stockFaults say at the command line what is wrong with a file as a whole.
var stockFaults = map[string]string{sheet.ErrKind.Key: "it is no table; CSV files and XLSX workbooks are read", sheet.ErrEmpty.Key: "it has no rows", sheet.ErrPacked.Key: "the workbook unpacks to more than is opened", sheet.ErrMany.Key: "it has more than 100,000 rows; split it",
	sheet.ErrWide.Key: "it has more than 100 columns", sheet.ErrQuote.Key: "a quotation mark is opened and never closed", sheet.ErrOldDays.Key: "the workbook counts its days from 1904; save it as CSV", sheet.ErrLarge.Key: "it has more than 32 MB",
	intake.ErrNoVIN.Key: "no column is the VIN; say which with -column", intake.ErrTwice.Key: "two columns are the same field", intake.ErrColumns.Key: "there is no such field", sale.ErrDealer.Key: "there is no such dealer, or it sells no used cars"}

// throughStock goes on with a file until it is through. A worker that is at it too does no harm.
func throughStock(ctx context.Context, cars *usedcar.Service, scope intake.Scope, key intake.ID, what string) error {
	for {
		over, err := cars.WorkStock(ctx, key)
		if err != nil {
			return err
		}
		f, err := intake.Of(cars.DB.Read(ctx), scope.Dealer, key)
		if err != nil {
			return err
		}
		left := ""
		if d := f.Left(cars.DB.Clock.Now()); d > 0 {
			left = ", about " + d.Round(time.Second).String() + " left"
		}
		fmt.Fprintf(os.Stderr, "%d of %d lines %s, %d refused%s\n", f.Rows-f.Open(), f.Rows, what, f.Counts[intake.Rejects], left)
		if over {
			return nil
		}
	}
}

func tellStock(ctx context.Context, d *db.DB, scope intake.Scope, key intake.ID, dry bool) error {
	g := d.Read(ctx)
	f, err := intake.Of(g, scope.Dealer, key)
	if err != nil {
		return err
	}
	would := ""
	if dry {
		would = "would be "
	}
	fmt.Fprintf(os.Stderr, "%s%d new, %d changed; %d known before, %d refused; %d mileages fell\n", would, f.Counts[intake.New], f.Counts[intake.Changes], f.Counts[intake.Same], f.Counts[intake.Rejects], f.Fell)
	w := csv.NewWriter(os.Stdout)
	if f.Counts[intake.Rejects] > 0 {
		_ = w.Write([]string{"line", "vin", "column", "reason", "value"})
	}
	for after := 0; ; {
		lines, err := intake.Lines(g, key, intake.Rejects, after, 1000)
		if err != nil {
			return err
		}
		for _, l := range lines {
			_ = w.Write([]string{strconv.Itoa(l.No), l.VIN, string(l.Fault.Field), string(l.Fault.Why), sheet.Defuse(l.Fault.Said)})
			after = l.No
		}
		if len(lines) == 0 {
			w.Flush()
			return w.Error()
		}
	}
}
