package world_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"forecourt/config"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/world"

	"context"
)

func copyOf(t *testing.T) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	err := fs.WalkDir(config.World, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := config.World.ReadFile(name)
		m[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func read(t *testing.T, f fs.FS) *world.Files {
	t.Helper()
	files, err := world.Read(f, dbtest.Start)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func version(t *testing.T, d *db.DB) (v int64) {
	t.Helper()
	if _, err := db.One(d.Read(t.Context()), &v, `SELECT version FROM world_version`); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestImportingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	files := read(t, config.World)
	if world.DigestOf(config.World) != files.Digest {
		t.Fatal("the quick digest is another one")
	}
	changed, err := world.Import(t.Context(), d, files, market.Live)
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	before := version(t, d)
	if changed, err = world.Import(t.Context(), d, files, market.Off); err != nil || changed || version(t, d) != before {
		t.Fatal(changed, err)
	}
}

func TestABrokenFileIsRefusedWholeWithEveryMistake(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	if _, err := world.Import(t.Context(), d, read(t, config.World), market.Live); err != nil {
		t.Fatal(err)
	}
	before := version(t, d)
	broken := copyOf(t)
	edit := func(name, old, new string) {
		s := string(broken[name].Data)
		if !strings.Contains(s, old) {
			t.Fatalf("%s does not hold %q", name, old)
		}
		broken[name] = &fstest.MapFile{Data: []byte(strings.Replace(s, old, new, 1))}
	}
	edit("markets/it.yaml", "currency: EUR", "currency: LIRA")
	edit("dealers/gb.yaml", "skills: [", "skills: [flying, ")
	edit("ranges/dacia/duster.yaml", "brand: dacia", "brand: dacia\ncolour: red")
	_, err := world.Read(broken, dbtest.Start)
	var r *world.Refused
	if !errors.As(err, &r) || len(r.Problems) < 3 {
		t.Fatalf("got %v", err)
	}
	for _, p := range r.Problems {
		if p.Line < 1 || p.Reason == "" {
			t.Errorf("no line or reason: %+v", p)
		}
	}
	for _, file := range []string{"markets/it.yaml:", "dealers/gb.yaml:", "ranges/dacia/duster.yaml:"} {
		if !strings.Contains(err.Error(), file) {
			t.Errorf("%s is not named in\n%v", file, err)
		}
	}
	if version(t, d) != before {
		t.Fatal("something was changed")
	}
}

// A market may say who sells a brand for its maker and forget another brand that its dealers sell.
func TestABrandThatNobodySellsForIsRefused(t *testing.T) {
	t.Parallel()
	files := copyOf(t)
	gb := strings.Replace(string(files["markets/gb.yaml"].Data), "full_payment: true, seller: dealer", "full_payment: true, seller: maker", 1)
	gb = strings.Replace(gb, "from: 2025-01-01\n    as: maker\n    brand: renault", "from: 2026-11-21\n    as: maker\n    brand: renault", 1)
	files["markets/gb.yaml"] = &fstest.MapFile{Data: []byte(gb)}
	_, err := world.Read(files, dbtest.Start)
	var r *world.Refused
	if !errors.As(err, &r) || len(r.Problems) != 1 || !strings.Contains(err.Error(), "markets/gb.yaml:1: the maker sells new of renault from 2026-11-20, but no entry of sellers says who that is") {
		t.Errorf("got %v", err)
	}
}

func TestASwitchIsSeenByAnotherInstanceWithinASecond(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	d := dbtest.Open(t, dbtest.Options{DSN: dsn})
	if _, err := world.Import(t.Context(), d, read(t, config.World), market.Live); err != nil {
		t.Fatal(err)
	}
	for _, direct := range []string{dsn, ""} { // told by notification, and by the poll alone
		k, err := world.NewKeeper(t.Context(), d, direct, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go k.Run(ctx)
		was := k.Now().Switch("dacia", "gb", "new").State
		to := market.Paused
		if was == to {
			to = market.Live
		}
		err = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := tx.Exec(`UPDATE switches SET state = ? WHERE brand = 'dacia' AND market = 'gb'`, to).Error; err != nil {
				return err
			}
			return world.TouchTx(tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		seen := false
		for end := time.Now().Add(10 * time.Second); !seen && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			seen = k.Now().Switch("dacia", "gb", "new").State == to
		}
		if !seen {
			t.Fatalf("not seen (direct %t)", direct != "")
		}
		cancel()
	}
}

func TestEveryModelOfTheDemoCanBeBoughtAndFromIsItsCheapestBuild(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	if _, err := world.Import(t.Context(), d, read(t, config.World), market.Live); err != nil {
		t.Fatal(err)
	}
	w, err := world.Load(t.Context(), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, b := range w.Brands {
		for _, m := range w.Markets {
			day := world.Today(m, dbtest.Start)
			for _, r := range w.Ranges(b.Code, m.Code, day) {
				model, err := w.Model(b.Code, m.Code, r.Model, day)
				if err != nil {
					t.Fatal(err)
				}
				page, err := model.Page(model.Default())
				if err != nil {
					t.Fatal(err)
				}
				if page.Build.Quote.Total != model.From().Total {
					t.Errorf("%s %s: from %v, cheapest build %v", m.Code, r.Model, model.From().Total, page.Build.Quote.Total)
				}
				for _, g := range page.Groups {
					for _, c := range g.Choices {
						if c.Next == nil {
							continue
						}
						next, err := model.Complete(c.Next)
						if err != nil || next.Quote.Total.Minor < model.From().Total.Minor {
							t.Errorf("%s %s: %s is cheaper than from: %v", m.Code, r.Model, c.Feature.Code, err)
						}
						if err := model.Check(next.Selection); err != nil {
							t.Errorf("%s %s: the way to %s leads to no car: %v", m.Code, r.Model, c.Feature.Code, err)
						}
					}
				}
				n++
			}
		}
	}
	if n < 40 {
		t.Fatalf("only %d models", n)
	}
}
