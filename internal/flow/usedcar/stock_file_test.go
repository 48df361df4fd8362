package usedcar_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/sheet"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
	"forecourt/internal/usedcars/intake"
)

const stockHead = "VIN;Make;Model;Body;Fuel;Gearbox;Colour;Doors;Seats;Power kW;CO2;Euro class;First registration;Mileage km;Owners;Price;VAT\n"

// stockLine is a good line of a car.
func stockLine(vin string, km int, price string) string {
	return fmt.Sprintf("%s;Dacia;Duster;SUV;Hybrid;Automatic;Grey;5;5;103;120;Euro 6d;02/05/2023;%d;1;%s;Margin scheme\n", vin, km, price)
}

func numbered(n int) string { return fmt.Sprintf("UU1RJU00X24%06d", n) }

func scopeOf(d id.Dealer) intake.Scope { return intake.Scope{Actor: "staff:x", Dealer: d} }

// take sends a file and accepts what its columns are guessed to be.
func (y *yard) take(d id.Dealer, text string) (key intake.ID) {
	y.T.Helper()
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		s, err := sheet.Open(strings.NewReader(text), int64(len(text)), intake.Limits)
		if err != nil {
			return err
		}
		if key, err = y.UsedCar.TakeStockTx(ctx, tx, scopeOf(d), "cars.csv", s); err != nil {
			return err
		}
		f, err := intake.Of(tx.DB, d, key)
		if err != nil {
			return err
		}
		return y.UsedCar.MapStockTx(ctx, tx, scopeOf(d), key, f.Fields)
	})
	return key
}

func (y *yard) through(key intake.ID) {
	y.T.Helper()
	for over := false; !over; {
		var err error
		if over, err = y.UsedCar.WorkStock(y.T.Context(), key); err != nil {
			y.T.Fatal(err)
		}
	}
}

func (y *yard) apply(d id.Dealer, key intake.ID) {
	y.T.Helper()
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.ApplyStockTx(ctx, tx, scopeOf(d), key) })
	y.through(key)
}

// bring sends a file, looks and carries it out.
func (y *yard) bring(d id.Dealer, text string) *intake.File {
	y.T.Helper()
	key := y.take(d, text)
	y.through(key)
	y.apply(d, key)
	return y.file(d, key)
}

func (y *yard) file(d id.Dealer, key intake.ID) *intake.File {
	y.T.Helper()
	f, err := intake.Of(y.DB.Read(y.T.Context()), d, key)
	if err != nil {
		y.T.Fatal(err)
	}
	return f
}

func (y *yard) counts(f *intake.File, fresh, changed, same, rejected int) {
	y.T.Helper()
	if f.Counts[intake.New] != fresh || f.Counts[intake.Changes] != changed || f.Counts[intake.Same] != same || f.Counts[intake.Rejects] != rejected || f.Open() != 0 {
		y.T.Errorf("%v, not %d new, %d changed, %d the same, %d refused", f.Counts, fresh, changed, same, rejected)
	}
}

func (y *yard) n(query string, args ...any) (n int) {
	y.T.Helper()
	if _, err := db.One(y.DB.Read(y.T.Context()), &n, query, args...); err != nil {
		y.T.Fatal(err)
	}
	return n
}

func (y *yard) standing(vin string) *usedcars.Car {
	y.T.Helper()
	cars, err := usedcars.Standing(y.DB.Read(y.T.Context()), []string{vin})
	if err != nil || cars[vin] == nil {
		y.T.Fatalf("%s: %v", vin, err)
	}
	return cars[vin]
}

// A file is looked at before it counts, brings drafts in, and sent again changes nothing.
func TestAFileBringsCarsInOnce(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.Clock.Advance(48 * time.Hour)
	text := stockHead + stockLine(numbered(1), 41000, "£15,990") + stockLine(numbered(2), 30000, "12990.50") + stockLine(numbered(1), 41000, "15990") + stockLine("WRONG", 1, "1") + stockLine("UU1RJU00X247K2M9X", 41000, "14,990")
	key := y.take(testkit.Leeds, text)
	y.through(key)
	f := y.file(testkit.Leeds, key)
	y.counts(f, 2, 1, 0, 2)
	if f.State != intake.Checked || y.n(`SELECT count(*) FROM used_cars`) != 1 {
		t.Fatal("looking at a file brought a car in")
	}
	y.apply(testkit.Leeds, key)
	y.counts(y.file(testkit.Leeds, key), 2, 1, 0, 2)
	c := y.standing(numbered(2))
	if c.State != usedcars.Draft || c.PriceMinor != 1299050 || c.Registered != "2023-05-02" || c.Emission != "euro6d" || c.VAT != usedcars.Margin || c.Dealer != testkit.Leeds || c.Brand != "dacia" {
		t.Errorf("%+v", c)
	}
	// The price of the car that was for sale went the way of every price.
	if c := y.standing("UU1RJU00X247K2M9X"); c.PriceMinor != 1499000 || c.PriorMinor != 1599000 || c.State != usedcars.Listed || y.n(`SELECT count(*) FROM used_prices WHERE car = ?`, c.ID) != 2 {
		t.Errorf("%+v", c)
	}
	books := func() [5]int {
		var out [5]int
		for i, q := range []string{`SELECT count(*) FROM used_cars`, `SELECT count(*) FROM used_moves`, `SELECT count(*) FROM used_prices`, `SELECT count(*) FROM used_mileages`, `SELECT count(*) FROM audit_log WHERE subject LIKE 'used_car:%'`} {
			out[i] = y.n(q)
		}
		return out
	}
	before := books()
	y.Clock.Advance(48 * time.Hour)
	key = y.take(testkit.Leeds, text)
	y.through(key)
	y.counts(y.file(testkit.Leeds, key), 0, 0, 3, 2)
	y.apply(testkit.Leeds, key)
	y.counts(y.file(testkit.Leeds, key), 0, 0, 3, 2)
	if now := books(); now != before {
		t.Errorf("the same file again: %v, then %v", before, now)
	}
	if y.n(`SELECT count(*) FROM used_import_columns WHERE dealer = ?`, testkit.Leeds) != 17 {
		t.Error("what the columns were is not kept")
	}
}

// A mileage that falls keeps a car from being offered until its dealer has said why.
func TestAMileageThatFellIsExplained(t *testing.T) {
	t.Parallel()
	y := open(t)
	f := y.bring(testkit.Leeds, "vin;km\nUU1RJU00X247K2M9X;14000\n")
	y.counts(f, 0, 1, 0, 0)
	c := y.is(usedcars.Draft)
	if f.Fell != 1 || c.Km != 14000 || y.n(`SELECT count(*) FROM used_moves WHERE car = ? AND why = 'mileage_fell'`, y.car) != 1 {
		t.Fatalf("%d fell, %d km", f.Fell, c.Km)
	}
	list := func() error {
		return y.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.ListTx(ctx, tx, y.staff, y.car) })
	}
	explain := func(d id.Dealer, words string) error {
		return y.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return y.UsedCar.ExplainTx(ctx, tx, sale.Staff{User: y.staff.User, Dealer: d}, y.car, words)
		})
	}
	y.Ready(y.staff, y.car)
	if err := list(); !errors.Is(err, usedcars.ErrFell) {
		t.Fatalf("offered without a word: %v", err)
	}
	if err := explain(testkit.London, "It is not my car at all"); !errors.Is(err, usedcars.ErrNoCar) {
		t.Errorf("another dealer: %v", err)
	}
	if err := explain(testkit.Leeds, " so  "); !errors.Is(err, usedcars.ErrExplain) {
		t.Errorf("no words: %v", err)
	}
	if err := explain(testkit.Leeds, "The instrument panel was replaced."); err != nil {
		t.Fatal(err)
	}
	if err := list(); err != nil {
		t.Fatalf("explained: %v", err)
	}
	y.is(usedcars.Listed)
	y.counts(y.bring(testkit.Leeds, "vin;km\nUU1RJU00X247K2M9X;14000\n"), 0, 0, 1, 0)
	// What was explained is no fall again when it is driven on.
	y.Clock.Advance(24 * time.Hour)
	f = y.bring(testkit.Leeds, "vin;km\nUU1RJU00X247K2M9X;15000\n")
	if y.counts(f, 0, 1, 0, 0); f.Fell != 0 {
		t.Errorf("%d fell", f.Fell)
	}
	y.is(usedcars.Listed)
	// It falls once more: the old words do not count for that.
	y.bring(testkit.Leeds, "vin;km\nUU1RJU00X247K2M9X;9000\n")
	if err := list(); !errors.Is(err, usedcars.ErrFell) {
		t.Errorf("fallen again: %v", err)
	}
}

// Cut off in the middle, a file goes on where it was, with no car twice and none lost.
func TestAFileGoesOnAfterACut(t *testing.T) {
	t.Parallel()
	y := open(t)
	const cars = 4500
	var b strings.Builder
	b.WriteString(stockHead)
	for i := range cars {
		b.WriteString(stockLine(numbered(i), 1000+i, "9990"))
	}
	key := y.take(testkit.Leeds, b.String())
	y.through(key)
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.UsedCar.ApplyStockTx(ctx, tx, scopeOf(testkit.Leeds), key)
	})
	if over, err := y.UsedCar.WorkStock(t.Context(), key); over || err != nil {
		t.Fatal(over, err)
	}
	if n := y.n(`SELECT count(*) FROM used_cars WHERE state = 'draft'`); n == 0 || n == cars {
		t.Fatalf("%d cars after the first part", n)
	}
	// The connection dies within a transaction, with its cars written and their lines not.
	err := y.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
		lines, err := intake.Open(tx.DB, key, 10)
		if err != nil {
			return err
		}
		c := sample(usedcars.NewNumber(), lines[0].Cells[0])
		if _, err := usedcars.BringTx(tx, usedcars.Delivery{Adds: []*usedcars.Car{&c}, Say: (*usedcars.Car).Title, Actor: "x"}); err != nil {
			return err
		}
		return tx.Exec(`SELECT pg_terminate_backend(pg_backend_pid())`).Error
	})
	if err == nil {
		t.Fatal("the connection did not die")
	}
	other := usedcar.New(&sale.Service{DB: y.DB, World: y.World, Jobs: y.Sale.Jobs, Words: y.Sale.Words, Log: y.Sale.Log}, nil)
	for over := false; !over; {
		if over, err = other.WorkStock(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	f := y.file(testkit.Leeds, key)
	y.counts(f, cars, 0, 0, 0)
	if f.State != intake.Done || y.n(`SELECT count(*) FROM used_cars WHERE state = 'draft'`) != cars || y.n(`SELECT count(*) FROM used_moves WHERE why = ?`, "import:"+string(key)) != cars {
		t.Error("cars are missing or doubled")
	}
}

// Two dealers send the same cars at once: each car is one dealer's, and the other is told without a name.
func TestTwoDealersSendTheSameCars(t *testing.T) {
	t.Parallel()
	y := open(t)
	const cars = 300
	forth, back := stockHead, stockHead
	for i := range cars {
		forth += stockLine(numbered(i), 1000, "9990")
		back += stockLine(numbered(cars-1-i), 1000, "9990")
	}
	dealers := map[id.Dealer]intake.ID{testkit.Leeds: y.take(testkit.Leeds, forth), testkit.London: y.take(testkit.London, back)}
	for d, key := range dealers {
		y.through(key)
		y.counts(y.file(d, key), cars, 0, 0, 0)
		y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.ApplyStockTx(ctx, tx, scopeOf(d), key) })
	}
	var wg sync.WaitGroup
	for _, key := range dealers {
		wg.Go(func() {
			for over := false; !over; {
				var err error
				if over, err = y.UsedCar.WorkStock(t.Context(), key); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	won := 0
	for d, key := range dealers {
		f := y.file(d, key)
		won += f.Counts[intake.New]
		if f.Counts[intake.New]+f.Counts[intake.Rejects] != cars || y.n(`SELECT count(*) FROM used_cars WHERE dealer = ? AND state = 'draft'`, d) != f.Counts[intake.New] {
			t.Errorf("%s: %v", d, f.Counts)
		}
		lines, err := intake.Lines(y.DB.Read(t.Context()), key, intake.Rejects, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if l.Fault.Why != intake.WhyElsewhere || strings.Contains(l.Fault.Said, "leeds") || strings.Contains(l.Fault.Said, "london") {
				t.Errorf("%+v", l.Fault)
			}
		}
	}
	if won != cars {
		t.Errorf("%d of %d cars have a dealer", won, cars)
	}
}

// Whose file it is, and at which step, is asked each time.
func TestAFileIsItsDealersAlone(t *testing.T) {
	t.Parallel()
	y := open(t)
	key := y.take(testkit.Leeds, stockHead+stockLine(numbered(1), 1, "9990"))
	try := func(fn func(ctx context.Context, tx *db.Tx) error) error { return y.DB.InTx(t.Context(), fn) }
	if err := try(func(ctx context.Context, tx *db.Tx) error {
		return y.UsedCar.ApplyStockTx(ctx, tx, scopeOf(testkit.Leeds), key)
	}); !errors.Is(err, intake.ErrMoved) {
		t.Errorf("carried out before it was looked at: %v", err)
	}
	y.through(key)
	for name, act := range map[string]func(ctx context.Context, tx *db.Tx) error{
		"apply": func(ctx context.Context, tx *db.Tx) error {
			return y.UsedCar.ApplyStockTx(ctx, tx, scopeOf(testkit.London), key)
		},
		"map": func(ctx context.Context, tx *db.Tx) error {
			return y.UsedCar.MapStockTx(ctx, tx, scopeOf(testkit.London), key, nil)
		},
		"back": func(_ context.Context, tx *db.Tx) error {
			return y.UsedCar.RemapStockTx(tx, scopeOf(testkit.London), key)
		},
	} {
		if err := try(act); !errors.Is(err, intake.ErrNone) {
			t.Errorf("%s by another dealer: %v", name, err)
		}
	}
	if err := try(func(_ context.Context, tx *db.Tx) error {
		return y.UsedCar.RemapStockTx(tx, scopeOf(testkit.Leeds), key)
	}); err != nil || y.file(testkit.Leeds, key).Open() != 1 {
		t.Errorf("back to the columns: %v", err)
	}
	lines, err := y.UsedCar.BringStock(t.Context(), scopeOf(testkit.Leeds), usedcar.Said{{intake.VIN: numbered(2), intake.Price: "1"}, {intake.VIN: "UU1RJU00X247K2M9X", intake.Price: "15500"}}, true)
	if err != nil || len(lines) != 2 || lines[0].Outcome != intake.Rejects || lines[1].Outcome != intake.Changes || y.is(usedcars.Listed).PriceMinor != 1599000 {
		t.Errorf("by API, dry: %+v, %v", lines, err)
	}
}
