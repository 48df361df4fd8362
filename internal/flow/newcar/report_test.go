package newcar_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

var (
	leedsScope  = ordering.Scope{Actor: "staff:0198a000-0000-7000-8000-000000000001", Dealer: testkit.Leeds}
	londonScope = ordering.Scope{Actor: "staff:0198a000-0000-7000-8000-000000000002", Dealer: testkit.London}
	makerScope  = ordering.Scope{Actor: "staff:0198a000-0000-7000-8000-000000000003", Markets: []id.Market{"gb"}}
)

// through takes a file in, looks at it, and with apply carries it out; it gives what became of each row, in a word.
func through(k *testkit.Kit, scope ordering.Scope, apply bool, rows ...string) string {
	k.T.Helper()
	var key ordering.ImportID
	must(k, act(k, func(ctx context.Context, tx *db.Tx) (err error) {
		key, err = k.NewCar.TakeReportsTx(ctx, tx, scope, "cars.csv", strings.NewReader("vin,stage,date,order,correction\n"+strings.Join(rows, "\n")+"\n"))
		return err
	}))
	work := func() {
		for over := false; !over; {
			var err error
			over, err = k.NewCar.WorkReports(k.T.Context(), key)
			must(k, err)
		}
	}
	work()
	if apply {
		must(k, act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ApplyReportsTx(ctx, tx, scope, key) }))
		work()
		if err := act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ApplyReportsTx(ctx, tx, scope, key) }); !errors.Is(err, ordering.ErrImportMoved) {
			k.T.Errorf("carried out twice: %v", err)
		}
	}
	got, err := ordering.ImportRows(k.DB.Read(k.T.Context()), key, "", 0, 100)
	must(k, err)
	out := make([]string, len(got))
	for i, r := range got {
		if out[i] = string(r.Outcome); r.Why != "" {
			out[i] = r.Why
		}
	}
	return strings.Join(out, " ")
}

func count(k *testkit.Kit, query string, args ...any) (n int) {
	k.T.Helper()
	_, err := db.One(k.DB.Read(k.T.Context()), &n, query, args...)
	must(k, err)
	return n
}

func TestCarsMoveByFile(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o, other := accepted(k), k.Buy()
	const vin = "VF1RJA00061234567"
	k.Clock.Advance(24 * time.Hour)
	day := k.Clock.Now().Format(time.DateOnly)
	row := func(stage, more string) string { return fmt.Sprintf("%s,%s,%s,%s", vin, stage, day, more) }
	file := []string{row("ordered", o.Number), row("in_transit", o.Number)}
	if got := through(k, makerScope, false, file...); got != "move move" || state(k, o.ID) != ordering.Accepted || count(k, `SELECT count(*) FROM vehicle_reports`) != 0 {
		t.Fatalf("looked at: %s, the order is %s", got, state(k, o.ID))
	}
	if got := through(k, makerScope, true, file...); got != "move move" {
		t.Fatalf("carried out: %s", got)
	}
	if now := k.Order(o.ID); now.State != ordering.InTransit || now.VIN != vin {
		t.Errorf("the order is %s with %q", now.State, now.VIN)
	}
	// One letter for each report, not for each step that was passed.
	if n := count(k, `SELECT count(*) FROM mails WHERE order_id = ? AND template IN ('ordered', 'built', 'in_transit')`, o.ID); n != 2 {
		t.Errorf("%d letters", n)
	}
	steps := count(k, `SELECT count(*) FROM order_history WHERE order_id = ?`, o.ID)
	if got := through(k, makerScope, true, file...); got != "same same" || count(k, `SELECT count(*) FROM order_history WHERE order_id = ?`, o.ID) != steps {
		t.Errorf("the same file again: %s", got)
	}
	before := k.Clock.Now().AddDate(0, 0, -1).Format(time.DateOnly)
	for _, x := range []struct{ row, want string }{ // in this order: a correction is remembered
		{row("built", ""), "behind"},
		{vin + ",built," + before + ",,yes", "correct"},
		{vin + ",ordered," + before + ",", "other_day"},
		{vin + ",arrived,2099-01-01,", "future"},
		{"VF1RJA00069999999,built," + day + ",", "unknown"},
		{vin + ",arrived," + day + "," + other.Number, "not_accepted"},
		{vin + ",arrived," + day + ",FC-2222-2222", "unknown"},
		{"VF1RJA00069999999,built," + day + "," + o.Number, "other_vin"},
	} {
		if got := through(k, makerScope, true, x.row); got != x.want {
			t.Errorf("%s: %s, want %s", x.row, got, x.want)
		}
	}
	if now := state(k, o.ID); now != ordering.InTransit {
		t.Errorf("a correction moved the order to %s", now)
	}
	k.Healthy("deadlines_kept", "mail_leaves") // no worker runs here
}

func TestADealerReportsOnItsOwnCarsAlone(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o, mine := accepted(k), k.Buy(testkit.London)
	must(k, decline(k, leedsStaff, mine))
	must(k, accept(k, sale.Staff{User: "0198a000-0000-7000-8000-000000000002", Dealer: testkit.London}, mine))
	settleAll(k, mine.ID)
	const vin = "VF1RJA00061234567"
	k.Clock.Advance(24 * time.Hour)
	day := k.Clock.Now().Format(time.DateOnly)
	if got := through(k, leedsScope, true, vin+",in_transit,"+day+","+o.Number); got != "move" {
		t.Fatalf("its own: %s", got)
	}
	// By VIN, by number, and by an own order with the other's VIN: nothing tells that there is such a car.
	none := "VF1RJA00068888888"
	for _, pair := range [][2]string{{vin + ",arrived," + day + ",", none + ",arrived," + day + ","}, {vin + ",arrived," + day + "," + o.Number, vin + ",arrived," + day + ",FC-2222-2222"}} {
		theirs, nobodys := through(k, londonScope, true, pair[0]), through(k, londonScope, true, pair[1])
		if theirs != "unknown" || theirs != nobodys {
			t.Errorf("%s: %s, of no car: %s", pair[0], theirs, nobodys)
		}
	}
	if got := through(k, londonScope, true, vin+",in_transit,"+day+","+mine.Number); got != "moved" || state(k, mine.ID) != ordering.Accepted {
		t.Errorf("an own order with another's VIN: %s, it is %s", got, state(k, mine.ID))
	}
	if got := through(k, ordering.Scope{Actor: "system", Markets: []id.Market{"it"}}, true, vin+",arrived,"+day+","); got != "unknown" {
		t.Errorf("an office of another market: %s", got)
	}
	// A file belongs to its dealer.
	var key ordering.ImportID
	must(k, act(k, func(ctx context.Context, tx *db.Tx) (err error) {
		key, err = k.NewCar.TakeReportsTx(ctx, tx, leedsScope, "cars.csv", strings.NewReader("vin,stage,date\n"+vin+",arrived,"+day+"\n"))
		return err
	}))
	for _, s := range []ordering.Scope{londonScope, makerScope} {
		if _, err := ordering.ImportOf(k.DB.Read(t.Context()), s, key); !errors.Is(err, ordering.ErrNoImport) {
			t.Errorf("%v reads another's file: %v", s, err)
		}
	}
	k.Healthy("deadlines_kept", "mail_leaves") // no worker runs here
}

// A file of the most rows is taken in, looked at and counted; what is wrong with it is wrong with rows.
func TestALongFile(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	k.Clock.Advance(24 * time.Hour)
	day := k.Clock.Now().Format(time.DateOnly)
	var file strings.Builder
	file.WriteString("vin;stage;date;order\r\n")
	for i := range ordering.MostReports - 1 {
		fmt.Fprintf(&file, "VF1RJA0006%07d;built;%s;\r\n", i, day)
	}
	fmt.Fprintf(&file, "VF1RJA00161234567;ordered;%s;%s\r\n", day, o.Number)
	var key ordering.ImportID
	take := func(text string) error {
		return act(k, func(ctx context.Context, tx *db.Tx) (err error) {
			key, err = k.NewCar.TakeReportsTx(ctx, tx, makerScope, "cars.csv", strings.NewReader(text))
			return err
		})
	}
	must(k, take(file.String()))
	for over := false; !over; {
		var err error
		over, err = k.NewCar.WorkReports(t.Context(), key)
		must(k, err)
	}
	i, err := ordering.ImportOf(k.DB.Read(t.Context()), makerScope, key)
	must(k, err)
	if i.State != ordering.Checked || i.Rows != ordering.MostReports || i.Open != 0 || i.Counts[ordering.Rejects] != ordering.MostReports-1 || i.Counts[ordering.Moves] != 1 {
		t.Errorf("%+v", i)
	}
	if err := take(file.String() + "x;y;z;\r\n"); !errors.Is(err, ordering.ErrReportMany) {
		t.Errorf("one row more: %v", err)
	}
	if err := take("vin,stage,date\nx\xff,y,z\n"); !errors.Is(err, ordering.ErrReportCode) {
		t.Errorf("not UTF-8: %v", err)
	}
	if n := count(k, `SELECT count(*) FROM status_imports`); n != 1 {
		t.Errorf("%d files are kept", n)
	}
}
