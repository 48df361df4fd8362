package world_test

import (
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/testkit"
	"forecourt/internal/world"
)

// kitePlain is a small range that no demo file knows; tests change it and publish it.
// The sentences that rules need are added to it.
const kitePlain = `brand: dacia
model: kite
name: Kite
body: city
seats: 4
order: 900
strapline: {en: Small and made up., it: Piccola e inventata., fr: Petite et inventée.}
weeks_from: 6
weeks_to: 12
show_off: [white, steel]
versions: [{code: basic, name: Basic}, {code: plus, name: Plus}]
engines:
  - {code: motor, name: Motor, engine: {fuel: electric, kw: 52, co2: 0, mass_kg: 1015, kwh_100: 124, range_km: 225, gearbox: automatic, drive: fwd, towing_kg: 0}}
colours:
  - {code: white, name: White, hex: "#f0f1ee", finish: solid}
  - {code: blue, name: Blue, hex: "#2d4f73", finish: metallic}
upholstery: [{code: cloth, name: Cloth, hex: "#4a4d50"}]
wheels: [{code: steel, name: Steel, design: steel, inches: 14}]
options: [{code: radio, name: Radio}, {code: camera, name: Camera}, {code: rug, name: Rug}]
rules:
  - {kind: requires, if: camera, any: [radio]}
  - {kind: excludes, if: basic, any: [blue]}
prices:
  gb:
    - version: gb-1
      from: 2026-01-01
      amounts: {basic: 1000000, plus: 1200000, motor: 0, white: 0, blue: 50000, cloth: 0, steel: 0, radio: 20000, camera: 30000, rug: 4000}
  it:
    - version: it-1
      from: 2026-01-01
      amounts: {basic: 1100000, plus: 1300000, motor: 0, white: 0, blue: 50000, cloth: 0, steel: 0, radio: 20000, camera: 30000}
`

var (
	ruleEnd  = regexp.MustCompile(`(kind: (?:requires|excludes)[^}]*)}`)
	kiteFile = ruleEnd.ReplaceAllString(kitePlain, "$1, because: {en: It cannot be., it: Non si può., fr: Impossible.}}")
)

// kiteText is the file after some words of it were changed, pair by pair.
func kiteText(t *testing.T, change ...string) string {
	t.Helper()
	text := kitePlain
	for i := 0; i < len(change); i += 2 {
		if !strings.Contains(text, change[i]) {
			t.Fatalf("the file does not hold %q", change[i])
		}
		text = strings.Replace(text, change[i], change[i+1], 1)
	}
	return ruleEnd.ReplaceAllString(text, "$1, because: {en: It cannot be., it: Non si può., fr: Impossible.}}")
}

// kite reads the range after some words of it were changed.
func kite(t *testing.T, change ...string) *catalogue.Range {
	t.Helper()
	r, problems := catalogue.DecodeRange("dacia/kite.yaml", []byte(kiteText(t, change...)))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return r
}

// shop is a database with the demo world.
type shop struct {
	*testing.T
	db  *db.DB
	dsn string
}

func open(t *testing.T) *shop {
	t.Helper()
	d, dsn := testkit.World(t, dbtest.Options{})
	return &shop{t, d, dsn}
}

func (s *shop) world() *world.World {
	s.Helper()
	w, err := world.Load(s.Context(), s.db, nil)
	if err != nil {
		s.Fatal(err)
	}
	return w
}

func (s *shop) publish(r *catalogue.Range) []configurator.Edition {
	s.Helper()
	es, err := world.Publish(s.Context(), s.db, s.world(), r, "staff:1", "a test", s.db.Clock.Now(), configurator.DefaultBudget)
	if err != nil {
		s.Fatal(err)
	}
	return es
}

func (s *shop) keeper(direct string) *world.Keeper {
	s.Helper()
	k, err := world.NewKeeper(s.Context(), s.db, direct, slog.New(slog.DiscardHandler))
	if err != nil {
		s.Fatal(err)
	}
	return k
}

func (s *shop) count(query string) (n int) {
	s.Helper()
	if _, err := db.One(s.db.Read(s.Context()), &n, query); err != nil {
		s.Fatal(err)
	}
	return n
}

// today is the day of the tests in every market of theirs.
const today = "2026-11-24"

func cars(t *testing.T, w *world.World) string {
	t.Helper()
	e, ok := w.EditionOn("dacia", "kite", "gb", today)
	if !ok {
		t.Fatal("not published")
	}
	return e.Report.Cars
}

// until waits for what another goroutine does.
func until(t *testing.T, what string, seen func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if seen() {
			return
		}
	}
	t.Fatal("never seen: " + what)
}
