package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/world"
)

func TestWordsAndFlagsMayStandInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-until", "x", "a", "b"}, {"a", "--until=x", "b"}, {"a", "b", "-until", "x"}} {
		fs := flags("range test", "", "")
		fs.SetOutput(&strings.Builder{})
		until := fs.String("until", "", "")
		if got, err := words(fs, args, 2, 2); err != nil || !slices.Equal(got, []string{"a", "b"}) || *until != "x" {
			t.Errorf("%v: %v, %q, %v", args, got, *until, err)
		}
	}
	for _, args := range [][]string{{}, {"a", "b", "c"}, {"-nonsense", "a"}} {
		fs := flag.NewFlagSet("range test", flag.ContinueOnError)
		fs.SetOutput(&strings.Builder{})
		if _, err := words(fs, args, 1, 2); !errors.Is(err, errUsage) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestLongNumbersAreGrouped(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "7": "7", "278": "278", "278744": "278,744", "10000000000000000000000": "10,000,000,000,000,000,000,000", "unknown": "unknown"} {
		if got := thousands(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestAReportIsForPeople(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	printReport(&b, "dacia/kite", "gb", "2026-11-24", configurator.Report{Cars: "278744", Features: 60, Variables: 40, Rules: 80, Nodes: 910, Bytes: 12345, Millis: 12,
		Never: []configurator.NeverBuilt{{Feature: "rug", Rules: []string{"rug requires radio", "radio excludes rug"}}}, Idle: []string{"a excludes b"},
		Changed: &configurator.RangeChanges{CarsBefore: "1000", RulesAdded: []string{"a excludes b"}, PricesChanged: 3}})
	for _, want := range []string{"dacia/kite in gb from 2026-11-24", "278,744", "60 features in 40 variables", "80 in force; 1 never bite",
		"rug: rug requires radio; radio excludes rug", "never bites     a excludes b", "910 nodes, 12,345 bytes, 12 ms", "cars before     1,000", "new rule", "3 changed"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestEveryMistakeOfEveryFileIsTold(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "dacia")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one, two := put("one.yaml", "brand: dacia\nmodel: one\n"), put("two.yaml", "brand: [")
	_, err := readRanges([]string{one, two})
	var r *world.Refused
	if !errors.As(err, &r) || !strings.Contains(err.Error(), one+":") || !strings.Contains(err.Error(), two+":") {
		t.Fatalf("got %v", err)
	}
	if _, err := readRanges([]string{filepath.Join(dir, "none.yaml")}); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
}

func TestGeneratedRangesAreReadBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := (generate{seed: 7, models: 2, scale: 1, dir: dir, brand: "dacia"}).run(); err != nil {
		t.Fatal(err)
	}
	paths, _ := filepath.Glob(filepath.Join(dir, "dacia", "*.yaml"))
	files, err := readRanges(paths)
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	files[0].Range.VariableOrder = []string{"version", "colour"}
	if err := os.WriteFile(world.OrderFile(paths[0]), world.EncodeOrder(files[0].Range), 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := readRange(paths[0])
	if err != nil || !slices.Equal(again.Range.VariableOrder, []string{"version", "colour"}) {
		t.Fatal(again, err)
	}
}
