package configurator_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forecourt/internal/configurator/instance"
)

// One file: go test ./internal/configurator -run Instance -v -instance=FILE [-orders=FILE]
// A folder: FORECOURT_INSTANCES=FOLDER; orders stand beside an instance, medium.csv or medium_orders.csv
// for medium.xml. Without either the test makes ranges of its own.
var (
	instanceFile   = flag.String("instance", "", "XCSP 2.1 or XCSP3 file, or CLib folder, to compile and check")
	instanceOrders = flag.String("orders", "", "recorded orders to replay on -instance")
	instanceSearch = flag.Duration("instance.search", 0, "time for the search of an order from nothing; 0 leaves it to the compiler")
	instanceBudget = flag.Duration("instance.budget", 100*time.Second, "time for the checks that ask other engines, for each file")
)

func TestInstance(t *testing.T) {
	switch folder := os.Getenv("FORECOURT_INSTANCES"); {
	case *instanceFile != "":
		tryFile(t, found(*instanceFile), found(*instanceOrders))
	case folder != "":
		tryFolder(t, found(folder))
	default:
		for _, s := range shapes() {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				tryGenerated(t, s)
			})
		}
	}
}

// found takes a path as the caller meant it: from here, or from the top of the project.
func found(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	for dir := "."; ; dir = filepath.Join("..", dir) {
		if there := filepath.Join(dir, path); exists(there) {
			return there
		}
		if exists(filepath.Join(dir, "go.mod")) {
			return path
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func tryFolder(t *testing.T, folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if !isInstance(path, e.IsDir()) {
			continue
		}
		tried++
		t.Run(e.Name(), func(t *testing.T) { tryFile(t, path, ordersBeside(path)) })
	}
	if tried == 0 {
		t.Errorf("%s holds no instance: *.xml, *.xml.gz, or a folder with domains.txt", folder)
	}
}

func isInstance(path string, dir bool) bool {
	if dir {
		return exists(filepath.Join(path, "domains.txt"))
	}
	return strings.HasSuffix(path, ".xml") || strings.HasSuffix(path, ".xml.gz")
}

func ordersBeside(path string) string {
	stem := strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".xml")
	for _, end := range []string{".csv", "_orders.csv", "-orders.csv", ".txt", "_orders.txt", ".csv.gz", "_orders.csv.gz"} {
		if exists(stem + end) {
			return stem + end
		}
	}
	return ""
}

func tryFile(t *testing.T, path, orders string) {
	in, err := instance.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	var o *instance.Orders
	if orders != "" {
		if o, err = instance.LoadOrders(orders, in); err != nil {
			t.Fatalf("%s: %v", orders, err)
		}
	}
	tell(t, newTrial(t, in, o, bigPlan()).run())
}

// generatedTrial is a range of our own.
type generatedTrial struct {
	name  string
	shape instance.Shape
	plan  plan
}

// shapes are those of one model and market, from a small one to twice the real one that is known.
func shapes() []generatedTrial {
	var out []generatedTrial
	for _, s := range []struct {
		name string
		s    instance.Shape
	}{
		{"40", instance.Shape{Seed: 1, Variables: 40, Versions: 8, Orders: 300}},
		{"80", instance.Shape{Seed: 2, Variables: 80, Versions: 20, Orders: 300}},
		{"148", instance.Shape{Seed: 3, Variables: 148, Versions: 20, Orders: 400}},
		{"296", instance.Shape{Seed: 4, Variables: 296, Versions: 24, Orders: 400}},
	} {
		if slow {
			s.s.Orders, s.s.Versions = 25, min(s.s.Versions, 8)
		}
		out = append(out, generatedTrial{name: s.name, shape: s.s, plan: smallPlan()})
	}
	return out
}

func tryGenerated(t *testing.T, g generatedTrial) {
	in, orders := instance.Generate(g.shape)
	tell(t, newTrial(t, in, orders, g.plan).run())
}

// tell writes the line to where the test's words go, and without -v also to where those of the command
// go that runs the tests, since that command keeps the words of a passing test to itself.
func tell(t *testing.T, r report) {
	line, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	line = append(line, '\n')
	os.Stdout.Write(line)
	if !testing.Verbose() && (*instanceFile != "" || os.Getenv("FORECOURT_INSTANCES") != "") {
		tellCommand(line)
	}
}

// TestInstanceRandom tries many small problems without shape on the same checks.
func TestInstanceRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		in := instance.Random(seed)
		tr := newTrial(t, in, nil, tinyPlan())
		if tr == nil {
			continue
		}
		tr.run()
	}
}
