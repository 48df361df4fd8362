package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"forecourt/config"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"
)

// byCommand is the actor of what is done at the command line.
const byCommand = "command"

// editionJSON is one report as machines read it.
type editionJSON struct {
	Brand     id.Brand            `json:"brand"`
	Model     id.Model            `json:"model"`
	Market    id.Market           `json:"market"`
	From      market.Date         `json:"from"`
	Signature string              `json:"signature"`
	Live      bool                `json:"live"`
	Report    configurator.Report `json:"report"`
}

func publishRange(ctx context.Context, args []string) error {
	fs := flags("range publish", "[flags] FILE...", "compiles range files, verifies them and makes them live together, on every instance within a second.")
	note := fs.String("note", "", "why, for the history")
	dry := fs.Bool("dry-run", false, "compile and report only; nothing is written")
	asJSON := fs.Bool("json", false, "print JSON")
	b := budgetFlags(fs)
	paths, err := words(fs, args, 1, math.MaxInt)
	if err != nil {
		return err
	}
	files, err := readRanges(paths)
	if err != nil {
		return err
	}
	return withWorld(ctx, func(ctx context.Context, d *db.DB, w *world.World) error {
		start := time.Now()
		ready, err := prepare(ctx, w, files, *b)
		if err != nil {
			return err
		}
		if !*dry {
			if err := world.Commit(ctx, d, ready, byCommand, *note); err != nil {
				return err
			}
		}
		if *asJSON {
			return printJSON(os.Stdout, ready, !*dry)
		}
		for _, p := range ready {
			printReports(os.Stdout, p)
		}
		if *dry {
			fmt.Printf("Nothing was changed: this was a dry run (%d ms).\n", time.Since(start).Milliseconds())
		} else {
			fmt.Printf("Live on every instance within a second (%d ms).\n", time.Since(start).Milliseconds())
		}
		return nil
	})
}

// prepare compiles files one after the other; each uses all cores for its markets.
func prepare(ctx context.Context, w *world.World, files []*rangeFile, b configurator.Budget) ([]world.Ready, error) {
	var out []world.Ready
	for i, f := range files {
		progress("%d of %d: %s", i+1, len(files), f.name)
		es, err := world.Prepare(ctx, w, f.Range, time.Now(), b)
		progressEnd()
		if err != nil {
			return nil, world.Refusal(f.path, f.data, f.Range, b, err)
		}
		out = append(out, world.Ready{Range: f.Range, Editions: es})
	}
	return out, nil
}

func printJSON(out io.Writer, ready []world.Ready, live bool) error {
	all := []editionJSON{}
	for _, p := range ready {
		for _, e := range p.Editions {
			all = append(all, editionJSON{p.Range.Brand, p.Range.Model, e.Market, e.From, e.Signature, live, e.Report})
		}
	}
	return json.NewEncoder(out).Encode(all)
}

func reportRange(ctx context.Context, args []string) error {
	fs := flags("range report", "[flags] BRAND/MODEL [MARKET]", "tells what is published of a model, and when it went live.")
	asJSON := fs.Bool("json", false, "print JSON")
	given, err := words(fs, args, 1, 2)
	if err != nil {
		return err
	}
	b, m, err := modelName(given[0])
	if err != nil {
		return err
	}
	return withWorld(ctx, func(ctx context.Context, d *db.DB, w *world.World) error {
		es := slices.DeleteFunc(w.Editions(b, m), func(e world.EditionInfo) bool { return len(given) == 2 && string(e.Market) != given[1] })
		if len(es) == 0 {
			return fmt.Errorf("nothing is published of %s", strings.Join(given, " in "))
		}
		if *asJSON {
			all := []editionJSON{}
			for _, e := range es {
				all = append(all, editionJSON{b, m, e.Market, e.From, e.Signature, true, e.Report})
			}
			return json.NewEncoder(os.Stdout).Encode(all)
		}
		for _, e := range es {
			printReport(os.Stdout, fmt.Sprintf("%s/%s", b, m), e.Market, e.From, e.Report)
			fmt.Printf("  published       %s by %s\n", e.PublishedAt.UTC().Format("2006-01-02 15:04 UTC"), e.By)
		}
		return printHistory(ctx, d, b, m)
	})
}

func printHistory(ctx context.Context, d *db.DB, b id.Brand, m id.Model) error {
	all, err := world.History(ctx, d, b, m)
	if err != nil {
		return err
	}
	fmt.Println("history")
	for _, p := range all[:min(len(all), 10)] {
		fmt.Printf("  %6d  %s  %-10s %s\n", p.ID, p.PublishedAt.UTC().Format("2006-01-02 15:04 UTC"), p.By, p.Note)
	}
	return nil
}

func orderRange(ctx context.Context, args []string) error {
	fs := flags("range order", "[flags] FILE...", "looks for the best layout of range files anew and writes it beside each, so that compiling them is quick from then on.")
	search := fs.Duration("search", time.Minute, "how long to look, for each market of each file")
	paths, err := words(fs, args, 1, math.MaxInt)
	if err != nil {
		return err
	}
	files, err := readRanges(paths)
	if err != nil {
		return err
	}
	markets, err := world.ReadMarkets(config.World)
	if err != nil {
		return err
	}
	for i, f := range files {
		progress("%d of %d: %s", i+1, len(files), f.name)
		before, after, err := world.Reorder(ctx, markets, f.Range, time.Now(), *search)
		progressEnd()
		if err != nil {
			return world.Refusal(f.path, f.data, f.Range, configurator.DefaultBudget, err)
		}
		fmt.Printf("%-32s %d nodes before, %d after\n", f.name, before, after)
		if err := os.WriteFile(world.OrderFile(f.path), world.EncodeOrder(f.Range), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func generateRanges(_ context.Context, args []string) error {
	fs := flags("range generate", "[flags]", "writes whole ranges, sound by construction: the same seed gives the same files.")
	o := generate{}
	fs.Int64Var(&o.seed, "seed", 1, "where chance begins")
	fs.IntVar(&o.models, "models", 1, "how many models")
	fs.IntVar(&o.scale, "scale", 1, "size of a model; 1 has about 65 features and 80 rules")
	fs.StringVar(&o.dir, "dir", "", "folder to write to, below it BRAND/MODEL.yaml")
	fs.StringVar(&o.brand, "brand", "", "whose models (default: a maker that does not exist)")
	if _, err := words(fs, args, 0, 0); err != nil {
		return err
	}
	if o.dir == "" {
		fmt.Fprintln(os.Stderr, "forecourt range generate: -dir is missing")
		return errUsage
	}
	return o.run()
}

// progress tells what is going on where a person looks, and leaves no trace in files.
func progress(format string, args ...any) {
	if st, err := os.Stderr.Stat(); err == nil && st.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintf(os.Stderr, "\r\033[K"+format, args...)
	}
}

func progressEnd() { progress("") }

// printReports prints what a publication says of every market.
func printReports(out io.Writer, p world.Ready) {
	for _, e := range p.Editions {
		printReport(out, fmt.Sprintf("%s/%s", p.Range.Brand, p.Range.Model), e.Market, e.From, e.Report)
	}
}

func printReport(out io.Writer, model string, m id.Market, from market.Date, r configurator.Report) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(out, "  %-15s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(out, "%s in %s from %s\n", model, m, from)
	line("cars", "%s", thousands(r.Cars))
	line("choices", "%d features in %d variables", r.Features, r.Variables)
	line("rules", "%d in force; %d never bite", r.Rules, len(r.Idle))
	for _, n := range r.Never {
		line("never built", "%s: %s", n.Feature, cmp.Or(strings.Join(n.Rules, "; "), "by all rules together"))
	}
	for _, rule := range r.Idle {
		line("never bites", "%s", rule)
	}
	line("compiled", "%d nodes, %s bytes, %d ms", r.Nodes, thousands(fmt.Sprint(r.Bytes)), r.Millis)
	if r.Changed != nil {
		printChanges(line, *r.Changed)
	}
}

func printChanges(line func(name, format string, args ...any), c configurator.RangeChanges) {
	line("cars before", "%s", thousands(cmp.Or(c.CarsBefore, "unknown")))
	for _, f := range c.FeaturesAdded {
		line("new", "%s", f)
	}
	for _, f := range c.FeaturesRemoved {
		line("gone", "%s", f)
	}
	for _, r := range c.RulesAdded {
		line("new rule", "%s", r)
	}
	for _, r := range c.RulesRemoved {
		line("rule gone", "%s", r)
	}
	if c.PricesChanged > 0 {
		line("prices", "%d changed", c.PricesChanged)
	}
	if len(c.FeaturesAdded)+len(c.FeaturesRemoved)+len(c.RulesAdded)+len(c.RulesRemoved)+c.PricesChanged == 0 {
		line("changed", "nothing")
	}
}

// thousands sets commas into a long number in digits.
func thousands(digits string) string {
	for _, r := range digits {
		if r < '0' || r > '9' {
			return digits
		}
	}
	out := []byte(digits)
	for i := len(digits) - 3; i > 0; i -= 3 {
		out = slices.Insert(out, i, ',')
	}
	return string(out)
}
