package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"forecourt/internal/platform/db"
)

const usedPath = "/api/v1/dealer/used-cars"

// A machine with the right to do so brings cars in, and is told of each what became of it.
func TestAMachineBringsUsedCarsIn(t *testing.T) {
	t.Parallel()
	s := open(t)
	client, secret := s.client(t, leeds)
	bearer := func() string {
		return "Bearer " + access(t, s.call(t, "POST", "/api/v1/token", credentials(client, secret), "Content-Type", "application/json"))
	}
	post := func(body string) (int, string) {
		a := s.call(t, "POST", usedPath, body, "Authorization", bearer(), "Content-Type", "application/json")
		return a.Status, a.Body
	}
	car := func(vin, more string) string {
		return fmt.Sprintf(`{"vin":%q,"make":"Dacia","model":"Duster","body":"suv","fuel":"petrol","gearbox":"manual","colour":"grey","doors":5,"seats":5,"kw":96,"co2":120,"emission":"euro6d","registered":"2023-05-02","miles":25476,"owners":1,"price":15990.5,"vat":"margin","equipment":["led","camera"]%s}`, vin, more)
	}
	good := `{"cars":[` + car("UU1RJU00X24000001", "") + `,` + car("UU1RJU00X24000002", `,"market":"fr"`) + `,` + car("UU1RJU00X24000001", "") + `]}`
	if status, _ := post(good); status != 403 {
		t.Fatalf("without the right: %d", status)
	}
	if err := s.tokens.AllowStock(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]int{`{"cars":[]}`: 422, `{"cars":[{"soul":"x"}]}`: 422, `{"cars":[{"vin":{"a":1}}]}`: 422, `{"cars":[` + strings.Repeat(`{"vin":"x"},`, 500) + `{"vin":"x"}]}`: 422, `nonsense`: 400, `{"cars":"x"}`: 400} {
		if status, _ := post(body); status != want {
			t.Errorf("%.40s: %d, not %d", body, status, want)
		}
	}
	outcomes := func(body string) (out []string) {
		status, answer := post(body)
		var got struct {
			Cars []struct{ Outcome, Reason, Field string }
		}
		if err := json.Unmarshal([]byte(answer), &got); err != nil || status != 200 {
			t.Fatalf("%d %s", status, answer)
		}
		for _, c := range got.Cars {
			out = append(out, strings.Trim(c.Outcome+" "+c.Reason+" "+c.Field, " "))
		}
		return out
	}
	stock := func() (n int) {
		if _, err := db.One(s.DB.Read(t.Context()), &n, `SELECT count(*) FROM used_cars WHERE dealer = ? AND km = 41000 AND price_minor = 1599050`, leeds); err != nil {
			t.Fatal(err)
		}
		return n
	}
	want := "[new reject market market reject twice vin]"
	if got := fmt.Sprint(outcomes(`{"dry_run":true,` + good[1:])); got != want || stock() != 0 {
		t.Errorf("dry: %s", got)
	}
	if got := fmt.Sprint(outcomes(good)); got != want || stock() != 1 {
		t.Errorf("%s, %d cars", got, stock())
	}
	if got := fmt.Sprint(outcomes(`{"cars":[{"vin":"UU1RJU00X24000001","price":"15,490"},{"vin":"UU1RJU00X24000001","price":null}]}`)); got != "[change reject twice vin]" {
		t.Errorf("a price: %s", got)
	}
}
