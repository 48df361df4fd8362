package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"forecourt/config"
	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"
)

const rangeUsage = `forecourt range is the product office's desk: what can be built, and what is on sale.

  forecourt range publish FILE...              compile range files, verify them and make them live
  forecourt range report BRAND/MODEL [MARKET]  tell what is published of a model
  forecourt range order FILE...                look for the best layout anew, write FILE's .order beside it
  forecourt range generate                     write whole ranges for tests and demos
  forecourt range holds [BRAND/MODEL]          list what can not be ordered for the time being
  forecourt range hold BRAND/MODEL MARKET FEATURE     keep a feature out of new orders
  forecourt range release BRAND/MODEL MARKET FEATURE  sell it again

A range file is called BRAND/MODEL.yaml. forecourt range COMMAND -h tells the flags.
`

func rangeCmd(ctx context.Context, args []string) error {
	commands := map[string]command{
		"publish": publishRange, "report": reportRange, "order": orderRange, "generate": generateRanges,
		"holds": listHolds, "hold": holdFeature, "release": releaseFeature,
	}
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, rangeUsage)
		return errUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		fmt.Print(rangeUsage)
		return nil
	}
	if commands[args[0]] == nil {
		fmt.Fprintf(os.Stderr, "forecourt range: unknown command %q\n\n%s", args[0], rangeUsage)
		return errUsage
	}
	return commands[args[0]](ctx, args[1:])
}

// words parses flags and the words between them; min and max bound how many words there are. Flags may
// stand before and after words.
func words(fs *flag.FlagSet, args []string, min, max int) ([]string, error) {
	var out []string
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				os.Exit(0)
			}
			return nil, errUsage
		}
		if fs.NArg() == 0 {
			break
		}
		out, args = append(out, fs.Arg(0)), fs.Args()[1:]
	}
	if len(out) < min || len(out) > max {
		fmt.Fprintf(os.Stderr, "forecourt %s: the words do not fit\n", fs.Name())
		fs.Usage()
		return nil, errUsage
	}
	return out, nil
}

// flags makes the flags of a subcommand with words.
func flags(name, takes, does string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "forecourt %s %s\n%s\n", name, takes, does)
		fs.PrintDefaults()
	}
	return fs
}

// rangeFile is a range file as it was read, with the order beside it.
type rangeFile struct {
	path  string // where it lies
	name  string // BRAND/MODEL.yaml
	data  []byte
	Range *catalogue.Range
}

// readRange reads a range file and its order. Mistakes are told with the path that was given.
func readRange(path string) (*rangeFile, error) {
	f := &rangeFile{path: path}
	var err error
	if f.data, err = readBounded(path); err != nil {
		return nil, err
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f.name = filepath.ToSlash(filepath.Join(filepath.Base(filepath.Dir(full)), filepath.Base(full)))
	r, problems := catalogue.DecodeRange(f.name, f.data)
	for i := range problems {
		problems[i].File = path // as it was given, so that an editor finds it
	}
	order, err := readBounded(world.OrderFile(path))
	if err == nil && len(problems) == 0 {
		r.VariableOrder, problems = world.DecodeOrder(world.OrderFile(path), order)
	}
	if len(problems) > 0 {
		return nil, &world.Refused{Problems: problems}
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	f.Range = r
	return f, nil
}

// maxRangeFile is beyond what the range reader takes; more than it is not even read.
const maxRangeFile = 4 << 20

func readBounded(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, maxRangeFile))
}

// readRanges reads all files and tells the mistakes of all.
func readRanges(paths []string) ([]*rangeFile, error) {
	var out []*rangeFile
	all := &world.Refused{}
	for _, path := range paths {
		f, err := readRange(path)
		var r *world.Refused
		switch {
		case errors.As(err, &r):
			all.Problems = append(all.Problems, r.Problems...)
		case err != nil:
			return nil, err
		default:
			out = append(out, f)
		}
	}
	if len(all.Problems) > 0 {
		return nil, all
	}
	return out, nil
}

// modelName takes BRAND/MODEL apart.
func modelName(word string) (id.Brand, id.Model, error) {
	b, m, ok := strings.Cut(word, "/")
	if !ok || b == "" || m == "" {
		return "", "", fmt.Errorf("%q: a model is written BRAND/MODEL, like dacia/duster", word)
	}
	return id.Brand(b), id.Model(m), nil
}

// withWorld runs fn with the database and its newest picture.
func withWorld(ctx context.Context, fn func(ctx context.Context, d *db.DB, w *world.World) error) error {
	return withDB(ctx, func(ctx context.Context, d *db.DB, _ config.Settings) error {
		w, err := world.Load(ctx, d, nil)
		if err != nil {
			return err
		}
		return fn(ctx, d, w)
	})
}

// budgetFlags let a publication be bounded.
func budgetFlags(fs *flag.FlagSet) *configurator.Budget {
	b := configurator.DefaultBudget
	fs.IntVar(&b.Nodes, "nodes", b.Nodes, "most nodes while compiling; beyond them the file is refused")
	fs.DurationVar(&b.Search, "search", b.Search, "how long to look for a layout, for a range that has none")
	return &b
}
