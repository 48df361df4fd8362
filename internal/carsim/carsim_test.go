package carsim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"forecourt/config"
	"forecourt/internal/carsim"
	"forecourt/internal/connected"
	"forecourt/internal/id"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/testkit"
	"forecourt/internal/vehicle"
)

func TestASeedIsTheSameCarsAgain(t *testing.T) {
	t.Parallel()
	at, seen := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC), map[string]bool{}
	one, again, other := carsim.New(2000, 7), carsim.New(2000, 7), carsim.New(2000, 8)
	for i, c := range one.Cars {
		if !vehicle.GoodVIN(c.VIN) || seen[c.VIN] || seen[other.Cars[i].VIN] {
			t.Fatalf("car %d is called %s", i, c.VIN)
		}
		seen[c.VIN], seen[other.Cars[i].VIN] = true, true
		first, err := c.Say(at)
		if err != nil {
			t.Fatal(err)
		}
		if second, _ := again.Cars[i].Say(at); first != second {
			t.Fatalf("car %d says another thing the second time", i)
		}
	}
}

// A fleet that is enrolled is taken at its word; what is forged or sent again is told apart.
func TestAFleetSpeaks(t *testing.T) {
	t.Parallel()
	d, _ := testkit.World(t, dbtest.Options{Clock: clock.System{}})
	rules, err := connected.ReadRules(config.World)
	if err != nil {
		t.Fatal(err)
	}
	in := connected.NewIntake(d, rules, func(id.Market) *time.Location { return time.UTC })
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		tokens := []string{string(body)}
		if r.Header.Get("Content-Type") == "application/json" {
			_ = json.Unmarshal(body, &tokens)
		}
		out, err := in.Take(r.Context(), tokens)
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"messages": out})
	}))
	defer site.Close()
	f := carsim.New(30, 3)
	for range 2 { // enrolled again, they are the same
		if err := f.Enrol(t.Context(), d, 2, func(int) {}); err != nil {
			t.Fatal(err)
		}
	}
	for _, batch := range []int{1, 5} {
		r, err := f.Run(t.Context(), carsim.Drive{URL: site.URL, Rate: 200, For: time.Second, Batch: batch, Conns: 4, Wrong: .1})
		if err != nil || r.Failure != nil {
			t.Fatal(err, r.Failure)
		}
		if r.Sent != 200 || r.Acknowledged()+r.Outcomes["refused forged"]+r.Busy != 200 || r.Outcomes["accepted"] < 100 || r.Outcomes["refused forged"] == 0 || r.Outcomes["known"] == 0 || r.Percentile(.5) <= 0 {
			t.Errorf("%d a request: %+v", batch, r.Outcomes)
		}
	}
	var links, mails int
	if _, err := db.One(d.Read(t.Context()), &links, `SELECT count(*) FROM car_links WHERE until IS NULL`); err != nil || links != 30 {
		t.Errorf("%d keepers, %v", links, err)
	}
	if _, err := db.One(d.Read(t.Context()), &mails, `SELECT count(*) FROM car_channels`); err != nil || mails != 2 {
		t.Errorf("%d are told by mail, %v", mails, err)
	}
}
