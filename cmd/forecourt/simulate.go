package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"forecourt/config"
	"forecourt/internal/carsim"
	"forecourt/internal/platform/db"
)

const simulateUsage = `forecourt simulate cars [flags]
lets simulated cars send signals to a running site, for a while. The cars are made known first, straight in the database of the
settings (DATABASE_URL, else the one that the demo keeps in DATA_DIR), which must be that of the site: each gets a keeper who agrees
to everything, and a key. The same seed is the same cars again. It stops by itself and prints what came of it.
`

// simulate lets machines speak that nobody has.
func simulate(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("simulate", flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), simulateUsage)
		fs.PrintDefaults()
	}
	n := fs.Int("n", 10_000, "how many cars there are, 100,000 at most")
	seed := fs.Uint64("seed", 1, "which cars they are")
	mails := fs.Int("mails", 20, "how many of their keepers are told of warnings by mail")
	d := carsim.Drive{}
	fs.StringVar(&d.URL, "url", "http://localhost:8080", "address of the site")
	fs.IntVar(&d.Rate, "rate", 200, "messages a second, all cars together, 20,000 at most")
	fs.DurationVar(&d.For, "for", time.Minute, "for how long, an hour at most")
	fs.IntVar(&d.Batch, "batch", 1, "messages in a request, 500 at most")
	fs.IntVar(&d.Conns, "conns", 32, "requests at a time, 256 at most")
	fs.Float64Var(&d.Wrong, "wrong", 0, "part of the messages that are forged, and as many that are sent again, 0 to 0.5")
	if len(args) == 0 || args[0] != "cars" {
		if len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0]) {
			fs.SetOutput(os.Stdout)
			fs.Usage()
			return nil
		}
		fmt.Fprintln(os.Stderr, "forecourt simulate: say what: cars")
		return errUsage
	}
	if err := parse(fs, args[1:]); err != nil {
		return err
	}
	within := func(v, most int) bool { return 1 <= v && v <= most }
	if !within(*n, carsim.MostCars) || !within(d.Rate, 20_000) || !within(d.Batch, 500) || !within(d.Conns, 256) || d.For <= 0 || d.For > time.Hour || d.Wrong < 0 || d.Wrong > .5 {
		fmt.Fprintln(os.Stderr, "forecourt simulate: a flag is out of its bounds; forecourt simulate cars -h tells them")
		return errUsage
	}
	return simulateCars(ctx, carsim.New(*n, *seed), *mails, d)
}

func simulateCars(ctx context.Context, f *carsim.Fleet, mails int, d carsim.Drive) error {
	err := withDB(ctx, func(ctx context.Context, db *db.DB, _ config.Settings) error {
		begin := time.Now()
		err := f.Enrol(ctx, db, mails, func(done int) {
			if done%2500 == 0 {
				fmt.Fprintf(os.Stderr, "%d of %d cars are known\n", done, len(f.Cars))
			}
		})
		if err == nil {
			fmt.Fprintf(os.Stderr, "All %d cars are known after %s.\n", len(f.Cars), time.Since(begin).Round(time.Second))
		}
		return err
	})
	if err != nil {
		return err
	}
	r, err := f.Run(ctx, d)
	if err != nil {
		return err
	}
	fmt.Printf("%d messages sent in %s, %d acknowledged\n", r.Sent, r.Took.Round(time.Second/10), r.Acknowledged())
	for _, name := range slices.Sorted(maps.Keys(r.Outcomes)) {
		fmt.Printf("  %-24s %d\n", name, r.Outcomes[name])
	}
	fmt.Printf("  %-24s %d\n  %-24s %d\n", "to come again (503)", r.Busy, "without an answer", r.Failed)
	fmt.Printf("requests took p50 %s, p99 %s, at most %s\n", r.Percentile(.5).Round(10*time.Microsecond), r.Percentile(.99).Round(10*time.Microsecond), r.Percentile(1).Round(10*time.Microsecond))
	return r.Failure
}
