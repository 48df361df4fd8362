package dealer_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
	"forecourt/internal/usedcars/intake"
)

func usedBench(t *testing.T) *bench {
	t.Helper()
	return benchOf(t, func(s *sale.Service) *usedcar.Service {
		shelf, err := usedcars.NewShelf(t.Context(), s.DB, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return usedcar.New(s, shelf)
	})
}

func (b *bench) workStock(path string) {
	b.Helper()
	for over := false; !over; {
		var err error
		over, err = b.used.WorkStock(b.Context(), intake.ID(path[strings.LastIndex(path, "/")+1:]))
		b.must(err)
	}
}

const (
	importPath = "/dealer/used/import"
	carsHead   = "Chassis number;Make;Model;Body;Fuel;Gearbox;Colour;Doors;Seats;BHP;CO2;Euro class;First registration;Mileage;Owners;Price;VAT;Note"
)

func carsFile(lines ...string) string { return carsHead + "\n" + strings.Join(lines, "\n") + "\n" }

func carLine(vin, km, price string) string {
	return fmt.Sprintf("%s;Dacia;Duster;SUV;Petrol;Manual;Grey;5;5;130;120;6d;02/05/2023;%s;1;%s;margin;<b>note</b>", vin, km, price)
}

var (
	selects  = regexp.MustCompile(`(?s)<select id="(c[0-9]+)"[^>]*>(.*?)</select>`)
	selected = regexp.MustCompile(`value="([a-z0-9_]*)" selected`)
)

// columnsOf answers the form of a file's columns as the page shows it.
func columnsOf(page string) url.Values {
	out := form()
	for _, m := range selects.FindAllStringSubmatch(page, -1) {
		if v := selected.FindStringSubmatch(m[2]); v != nil {
			out.Set(m[1], v[1])
		}
	}
	return out
}

// A dealer sends a file, sees its columns and what would become of each line, and carries it out; nobody else has it.
func TestADealerBringsCarsIn(t *testing.T) {
	t.Parallel()
	b := usedBench(t)
	s, other := b.staffOf(leeds), b.staffOf(london)
	key := func() string { return string(id.New[id.Order]()) }
	for name, c := range map[string]struct {
		file, text string
		status     int
	}{
		"none": {"", "", 422}, "empty": {"a.csv", " \n", 422}, "a picture": {"a.xlsx", "\x89PNG\r\n\x1a\n\x00\x00", 422}, "a packed file": {"a.xlsx", "PK\x03\x04" + strings.Repeat("x", 100), 422}, "a header": {"a.csv", carsHead + "\n", 422}, "a quotation": {"a.csv", "a;b\n\"x;" + strings.Repeat("y\n", 200_000), 422}, "a line too long": {"a.csv", strings.Repeat("vin;price;more\n", 32<<20/15+2), 413},
	} {
		if a := s.sendTo(importPath, key(), c.file, c.text); a.status != c.status || c.status == 422 && !strings.Contains(a.body, `class="errors"`) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if p := s.get(importPath); p.status != 200 || !strings.Contains(p.body, "None.") {
		t.Errorf("a refused file left something: %d", p.status)
	}
	text := carsFile(carLine("UU1RJU00X24000001", "25,476", "£15,990"), carLine("UU1RJU00X24000002", "1000", "-5"), carLine("=1+1", "1", "9990"))
	once := key()
	a := s.sendTo(importPath, once, `../<i>cars</i>.csv`, text)
	if a.status != 303 || !strings.HasPrefix(a.to, importPath+"/") {
		t.Fatalf("%d %.300s", a.status, a.body)
	}
	if again := s.sendTo(importPath, once, `../<i>cars</i>.csv`, text); again.to != a.to {
		t.Errorf("sent twice: %d %s", again.status, again.to)
	}
	for _, p := range []answer{other.get(a.to), other.get(a.to + "/rejects.csv"), other.post(a.to, form()), other.post(a.to+"/columns", form()), other.post(a.to+"/back", form())} {
		if p.status != 404 {
			t.Errorf("another dealer: %d", p.status)
		}
	}
	p := s.get(a.to)
	if p.status != 200 || !strings.Contains(p.body, "For example: UU1RJU00X24000001") || strings.Contains(p.body, "<b>note") || strings.Contains(p.body, "<i>cars") {
		t.Errorf("the columns: %d", p.status)
	}
	f := columnsOf(p.body)
	if f.Get("c0") != "vin" || f.Get("c9") != "hp" || f.Get("c13") != "miles" || f.Get("c17") != "" {
		t.Errorf("guessed: %v", f)
	}
	for name, change := range map[string][2]string{"no VIN": {"c0", ""}, "twice": {"c17", "price"}, "no such": {"c17", "soul"}} {
		bad := columnsOf(p.body)
		bad.Set(change[0], change[1])
		if r := s.post(a.to+"/columns", bad); r.status != 422 || !strings.Contains(r.body, `role="alert"`) {
			t.Errorf("%s: %d", name, r.status)
		}
	}
	if r := s.post(a.to+"/columns", f); r.status != 303 {
		t.Fatalf("columns: %d %.300s", r.status, r.body)
	}
	if r := s.post(a.to, form()); r.status != 409 {
		t.Errorf("carried out too early: %d", r.status)
	}
	b.workStock(a.to)
	p = s.get(a.to)
	if !strings.Contains(p.body, `action="`+a.to+`"`) || !strings.Contains(p.body, "less than nought (-5)") || !strings.Contains(p.body, "not 17 letters and digits") || !strings.Contains(p.body, `class="bars"`) {
		t.Errorf("looked at: %.900s", p.body)
	}
	if p := s.get(a.to + "?outcome=reject"); strings.Contains(p.body, "UU1RJU00X24000001") || !strings.Contains(p.body, "UU1RJU00X24000002") {
		t.Error("the refused lines are not by themselves")
	}
	rows, err := csv.NewReader(strings.NewReader(s.get(a.to + "/rejects.csv").body)).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][0] != "3" || rows[2][4] != "'=1+1" {
		t.Errorf("rejects: %v, %v", rows, err)
	}
	if r := s.post(a.to+"/back", form()); r.status != 303 {
		t.Errorf("back to the columns: %d", r.status)
	}
	if r := s.post(a.to+"/columns", columnsOf(s.get(a.to).body)); r.status != 303 {
		t.Errorf("the columns again: %d", r.status)
	}
	b.workStock(a.to)
	if r := s.post(a.to, form()); r.status != 303 {
		t.Fatalf("carrying out: %d", r.status)
	}
	b.workStock(a.to)
	if p := s.get(a.to); !strings.Contains(p.body, "3 of 3 rows") || strings.Contains(p.body, `action="`+a.to+`"`) {
		t.Errorf("carried out: %d", p.status)
	}
	if p := s.get("/dealer/used"); !strings.Contains(p.body, "UU1RJU00X24000001") || !strings.Contains(p.body, "25,476 mi") {
		t.Errorf("the car is not in the list: %d", p.status)
	}
	// What is taken home and sent back changes nothing, and is understood without a word about its columns.
	home := s.get("/dealer/used/stock.csv")
	if home.status != 200 || !strings.Contains(home.body, "UU1RJU00X24000001") || strings.Contains(other.get("/dealer/used/stock.csv").body, "UU1RJU00X24000001") {
		t.Fatalf("taken home: %d %s", home.status, home.body)
	}
	a = s.sendTo(importPath, key(), "stock.csv", home.body)
	if r := s.post(a.to+"/columns", columnsOf(s.get(a.to).body)); r.status != 303 {
		t.Fatalf("sent back: %d", r.status)
	}
	b.workStock(a.to)
	if p := s.get(a.to); !strings.Contains(p.body, "Nothing of this file would change a car.") {
		t.Errorf("sent back: %.900s", p.body)
	}
}

// A car whose mileage fell stands on top of the list until its dealer has said why.
func TestADealerSaysWhyAMileageFell(t *testing.T) {
	t.Parallel()
	b := usedBench(t)
	s, other := b.staffOf(leeds), b.staffOf(london)
	var car id.UsedCar
	for _, km := range []string{"30000", "20000"} {
		_, err := b.used.BringStock(t.Context(), intake.Scope{Actor: "system", Dealer: leeds}, usedcar.Said{{"vin": "UU1RJU00X24000001", "make": "Dacia", "model": "Duster", "body": "suv", "fuel": "petrol", "gearbox": "manual", "colour": "grey", "doors": "5", "seats": "5", "kw": "96", "co2": "120", "emission": "euro6d",
			"registered": "2023-05-02", "km": km, "owners": "1", "price": "15990", "vat": "margin"}}, false)
		b.must(err)
	}
	b.tx(func(_ context.Context, tx *db.Tx) error {
		cars, err := usedcars.Standing(tx.DB, []string{"UU1RJU00X24000001"})
		car = cars["UU1RJU00X24000001"].ID
		return err
	})
	path := "/dealer/used/" + string(car)
	kit := &testkit.Kit{T: t, DB: b.db, Clock: dbtest.Clock(t, b.db), UsedCar: b.used}
	kit.Ready(sale.Staff{User: id.New[id.User](), Dealer: leeds}, car) // but for its mileage
	if p := s.post(path+"/list", form()); p.status != 409 || !strings.Contains(p.body, "Say why before you offer it.") {
		t.Errorf("offered: %d", p.status)
	}
	words := func(w string) url.Values {
		f := form()
		f.Set("words", w)
		return f
	}
	if p := other.post(path+"/mileage", words("This is not mine to say.")); p.status != 404 {
		t.Errorf("another dealer: %d", p.status)
	}
	if p := s.post(path+"/mileage", words("typo <b>")); p.status != 422 || !strings.Contains(p.body, "typo &lt;b&gt;</textarea>") {
		t.Errorf("too few words: %d", p.status)
	}
	if p := s.post(path+"/mileage", words("The panel was replaced at 30,000 km.")); p.status != 303 {
		t.Errorf("explained: %d %.300s", p.status, p.body)
	}
	if p := s.get("/dealer/used"); strings.Contains(p.body, path+"/mileage") {
		t.Error("it is asked for again")
	}
	if p := s.post(path+"/list", form()); p.status != 303 {
		t.Errorf("offered: %d", p.status)
	}
}

// The example is a file as it is understood here: each of its lines would be a new car.
func TestTheExampleFileIsUnderstood(t *testing.T) {
	t.Parallel()
	b := usedBench(t)
	s := b.staffOf(leeds)
	if p := s.get(importPath); !strings.Contains(p.body, importPath+"/example.csv") || !strings.Contains(p.body, "Windows-1252") {
		t.Error("the page does not say what is understood")
	}
	e := s.get(importPath + "/example.csv")
	if e.status != 200 {
		t.Fatalf("the example: %d", e.status)
	}
	a := s.sendTo(importPath, string(id.New[id.Order]()), "example.csv", e.body)
	if r := s.post(a.to+"/columns", columnsOf(s.get(a.to).body)); r.status != 303 {
		t.Fatalf("columns: %d", r.status)
	}
	b.workStock(a.to)
	f, err := intake.Of(b.db.Read(t.Context()), leeds, intake.ID(a.to[strings.LastIndex(a.to, "/")+1:]))
	if err != nil || f.Counts[intake.New] != 2 || f.Rows != 2 {
		t.Errorf("of the example: %+v, %v", f, err)
	}
}
