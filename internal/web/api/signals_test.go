package api_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"forecourt/config"
	"forecourt/internal/connected"
	"forecourt/internal/id"
	"forecourt/internal/identity/cartoken"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/vehicle"
)

const (
	signalsPath = "/api/v1/signals"
	megane      = "VF1RJA00X70000001"
)

// owner is a car with a key and a proven keeper who agreed to everything.
type owner struct {
	key    ed25519.PrivateKey
	keeper id.Keeper
}

func (s *site) owner(t *testing.T, vin string) owner {
	t.Helper()
	o := owner{key: ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", 32)))}
	err := s.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
		v := &vehicle.Vehicle{VIN: vin, Market: "gb", Brand: "renault", Model: "megane-e-tech", Title: "Renault Megane", Fuel: "electric", Registered: "2024-05-02"}
		if err := vehicle.RegisterTx(tx, v, "2026-11-24"); err != nil {
			return err
		}
		g, err := vehicle.GarageTx(tx, "gb", vehicle.Person{Email: "keeper@example.com"}, func(g id.Garage, n int) []byte { return fmt.Append(nil, g, n) })
		if err != nil {
			return err
		}
		k, err := vehicle.KeepTx(tx, v.ID, g.ID, vehicle.Papers, "")
		if err != nil {
			return err
		}
		o.keeper = k.ID
		for _, kind := range connected.Kinds {
			if err := connected.SetConsentTx(tx, k.ID, kind, true); err != nil {
				return err
			}
		}
		_, err = connected.AddKeyTx(tx, v.ID, o.key.Public().(ed25519.PublicKey))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.DB.Clock.(*clock.Manual).Advance(time.Second)
	return o
}

func (s *site) says(t *testing.T, o owner, seq int64, signals string) string {
	t.Helper()
	token, err := cartoken.Sign(cartoken.Message{VIN: megane, At: s.DB.Clock.Now(), Seq: seq, Signals: json.RawMessage(signals)}, o.key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (s *site) signals(t *testing.T, kind, body string) (status int, outcomes string) {
	t.Helper()
	a := s.call(t, "POST", signalsPath, body, "Content-Type", kind)
	var got struct {
		Messages []struct{ Outcome, Reason string }
	}
	_ = json.Unmarshal([]byte(a.Body), &got)
	for _, m := range got.Messages {
		outcomes += strings.TrimSpace(m.Outcome+" "+m.Reason) + ";"
	}
	return a.Status, outcomes
}

func TestSignalsComeOneByOneOrManyAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	o := s.owner(t, megane)
	first, second := s.says(t, o, 1, `{"battery_pct":50}`), s.says(t, o, 2, `{"battery_pct":49}`)
	list, _ := json.Marshal([]string{first, "nonsense", second})
	for _, c := range []struct {
		kind, body string
		status     int
		outcomes   string
	}{
		{"application/jwt", first, 200, "accepted;"},
		{"application/json", string(list), 200, "known;refused unreadable;accepted;"},
		{"application/x-ndjson", first + "\n\n\"" + second + "\"\n", 200, "known;known;"},
		{"application/jwt", "", 200, "refused unreadable;"},
		{"application/json", "[]", 422, ""},
		{"application/json", `{"a":1}`, 400, ""},
		{"text/plain", first, 400, ""},
		{"application/x-ndjson", strings.Repeat("x\n", connected.MostAtOnce+1), 422, ""},
		{"application/x-ndjson", strings.Repeat("x", 1<<20+1), 413, ""},
	} {
		if status, outcomes := s.signals(t, c.kind, c.body); status != c.status || outcomes != c.outcomes {
			t.Errorf("%s %.30q: %d %s, want %d %s", c.kind, c.body, status, outcomes, c.status, c.outcomes)
		}
	}
}

func TestAPartnerReadsWhatAKeeperLetsItRead(t *testing.T) {
	t.Parallel()
	s := open(t)
	o := s.owner(t, megane)
	if _, outcomes := s.signals(t, "application/jwt", s.says(t, o, 1, `{"battery_pct":15,"odometer_km":16093,"service_days":12}`)); outcomes != "accepted;" {
		t.Fatal(outcomes)
	}
	client, secret, err := s.tokens.AddPartner(t.Context(), "Plug finder")
	if err != nil {
		t.Fatal(err)
	}
	bearer := "Bearer " + access(t, s.call(t, "POST", "/api/v1/token", credentials(client, secret), "Content-Type", "application/json"))
	get := func(path string) (int, string) {
		a := s.call(t, "GET", path, "", "Authorization", bearer)
		return a.Status, a.Body
	}
	path := "/api/v1/vehicles/" + strings.ToLower(megane) + "/signals"
	for _, p := range []string{path, "/api/v1/vehicles/VF1RJA00X70000009/signals", "/api/v1/vehicles/nonsense/signals"} {
		if status, body := get(p); status != 404 {
			t.Errorf("%s without a grant: %d %s", p, status, body)
		}
	}
	if status, _ := get(list); status != 403 {
		t.Errorf("a partner reads orders: %d", status)
	}
	dealers := "Bearer " + s.token(t, leeds)
	if a := s.call(t, "GET", path, "", "Authorization", dealers); a.Status != 403 {
		t.Errorf("a dealer's machine without the right: %d", a.Status)
	}
	s.grant(t, o, connected.Grant{Client: client, Kinds: []connected.Kind{connected.Battery, connected.Upkeep}})
	status, body := get(path)
	var got struct {
		Values map[string]any
		Speech struct{ Language, Text string }
		Kinds  []string
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	want := "The battery is down to 15 percent. The yearly service is due soon."
	if got.Values["battery_pct"] != 15.0 || got.Values["odometer_km"] != nil || got.Speech.Text != want || got.Speech.Language != "en-GB" {
		t.Errorf("%s", body)
	}
	seen, err := connected.ForKeeper(s.DB.Read(t.Context()), rules(t), o.keeper, s.DB.Clock.Now())
	if err != nil || len(seen.Reads) != 1 || seen.Reads[0].Who != "Plug finder" {
		t.Errorf("the keeper sees %+v, %v", seen.Reads, err)
	}
}

func rules(t *testing.T) *connected.Rules {
	t.Helper()
	r, err := connected.ReadRules(config.World)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *site) grant(t *testing.T, o owner, g connected.Grant) {
	t.Helper()
	err := s.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
		g.Until = tx.Now.Add(time.Hour)
		return connected.GrantTx(tx, o.keeper, &g)
	})
	if err != nil {
		t.Fatal(err)
	}
}
