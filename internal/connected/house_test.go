package connected_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"forecourt/config"
	"forecourt/internal/connected"
	"forecourt/internal/id"
	"forecourt/internal/identity/cartoken"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/testkit"
	"forecourt/internal/vehicle"
)

// yard is a house with connected cars.
type yard struct {
	*testkit.Kit
	t      *testing.T
	clock  *clock.Manual
	rules  *connected.Rules
	in     *connected.Intake
	cars   *connected.Service
	texts  []connected.Text
	serial int
}

func open(t *testing.T) *yard {
	t.Helper()
	k := testkit.New(t)
	rules, err := connected.ReadRules(config.World)
	if err != nil {
		t.Fatal(err)
	}
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	y := &yard{Kit: k, t: t, clock: k.Clock, rules: rules}
	place := func(code id.Market) connected.Place {
		m, _ := k.World.Now().Market(code)
		return connected.Place{Locale: m.Locale, Zone: m.Zone(), Unit: m.Unit(), Desk: m.Access.Mail}
	}
	y.cars = &connected.Service{DB: k.DB, Jobs: k.NewCar.Jobs, Words: words, Letters: k.NewCar.Letters, Sender: k.Mails, Texts: y, Rules: rules, Log: slog.New(slog.DiscardHandler), Place: place}
	y.in = connected.NewIntake(k.DB, rules, y.cars.Zone)
	return y
}

// SendText catches texts.
func (y *yard) SendText(_ context.Context, x connected.Text) error {
	y.texts = append(y.texts, x)
	return nil
}

// car is one that somebody keeps, with a key.
type car struct {
	y       *yard
	vehicle id.Vehicle
	keeper  id.Keeper
	vin     string
	key     ed25519.PrivateKey
	kid     string
	seq     int64
}

// car makes one that is kept for an hour, whose keeper agreed to kinds.
func (y *yard) car(kinds ...connected.Kind) *car {
	y.t.Helper()
	y.serial++
	seed := sha256.Sum256(fmt.Appendf(nil, "%s %d", y.t.Name(), y.serial))
	c := &car{y: y, vin: fmt.Sprintf("VF1RJA00X7%07d", y.serial), key: ed25519.NewKeyFromSeed(seed[:])}
	v := &vehicle.Vehicle{VIN: c.vin, Market: "it", Brand: "renault", Model: "megane-e-tech", Title: "Renault Megane", Fuel: "electric", Registered: "2024-05-02"}
	y.tx(func(tx *db.Tx) (err error) {
		if err := vehicle.RegisterTx(tx, v, "2026-11-24"); err != nil {
			return err
		}
		c.vehicle = v.ID
		c.kid, err = connected.AddKeyTx(tx, c.vehicle, c.key.Public().(ed25519.PublicKey))
		return err
	})
	c.keep()
	y.clock.Advance(time.Second)
	c.agree(kinds...)
	y.clock.Advance(time.Hour)
	return c
}

func (y *yard) tx(fn func(tx *db.Tx) error) {
	y.t.Helper()
	if err := y.try(fn); err != nil {
		y.t.Fatal(err)
	}
}

func (y *yard) try(fn func(tx *db.Tx) error) error {
	return y.DB.InTx(y.t.Context(), func(_ context.Context, tx *db.Tx) error { return fn(tx) })
}

func (y *yard) count(query string, args ...any) (n int) {
	y.t.Helper()
	if _, err := db.One(y.DB.Read(y.t.Context()), &n, query, args...); err != nil {
		y.t.Fatal(err)
	}
	return n
}

// keep gives the car a new keeper, by papers that a dealer saw; the one before ends.
func (c *car) keep() id.Keeper {
	c.y.t.Helper()
	c.y.serial++
	c.y.tx(func(tx *db.Tx) error {
		k, err := c.y.keepTx(tx, c.vehicle, vehicle.Papers)
		if err == nil {
			c.keeper = k.ID
		}
		return err
	})
	return c.keeper
}

// keepTx makes somebody the keeper of a car.
func (y *yard) keepTx(tx *db.Tx, v id.Vehicle, proof vehicle.Proof) (*vehicle.Keeper, error) {
	y.serial++
	g, err := vehicle.GarageTx(tx, "it", vehicle.Person{Email: fmt.Sprintf("keeper%d@example.com", y.serial), Name: "Keeper"}, func(g id.Garage, no int) []byte { return fmt.Appendf(nil, "%s %d", g, no) })
	if err != nil {
		return nil, err
	}
	return vehicle.KeepTx(tx, v, g.ID, proof, "")
}

// leave ends the keeper of now.
func (c *car) leave() {
	c.y.t.Helper()
	c.y.tx(func(tx *db.Tx) error {
		_, err := vehicle.EndKeeperTx(tx, c.keeper, vehicle.Resold)
		return err
	})
}

func (c *car) agree(kinds ...connected.Kind) {
	c.y.t.Helper()
	c.y.tx(func(tx *db.Tx) error {
		for _, k := range kinds {
			if err := connected.SetConsentTx(tx, c.keeper, k, true); err != nil {
				return err
			}
		}
		return nil
	})
}

// says signs a message of now, with the next number.
func (c *car) says(signals string) string {
	c.seq++
	return c.signed(c.y.clock.Now(), c.seq, signals)
}

func (c *car) signed(at time.Time, seq int64, signals string) string {
	c.y.t.Helper()
	token, err := cartoken.Sign(cartoken.Message{VIN: c.vin, At: at, Seq: seq, Signals: json.RawMessage(signals)}, c.key)
	if err != nil {
		c.y.t.Fatal(err)
	}
	return token
}

// take sends messages and gives what became of each, in words.
func (y *yard) take(tokens ...string) (out []string) {
	y.t.Helper()
	got, err := y.in.Take(y.t.Context(), tokens)
	if err != nil {
		y.t.Fatal(err)
	}
	for _, o := range got {
		s := string(o.Verdict)
		if o.Reason != "" {
			s = o.Reason
		}
		out = append(out, s)
	}
	return out
}

// wants sends messages and says what should become of them.
func (y *yard) wants(name string, want string, tokens ...string) {
	y.t.Helper()
	if got := fmt.Sprint(y.take(tokens...)); got != "["+want+"]" {
		y.t.Errorf("%s: %s, want [%s]", name, got, want)
	}
}

func (c *car) sees() *connected.Overview {
	c.y.t.Helper()
	o, err := connected.ForKeeper(c.y.DB.Read(c.y.t.Context()), c.y.rules, c.keeper, c.y.clock.Now())
	if err != nil {
		c.y.t.Fatal(err)
	}
	return o
}

// values are what the keeper's page shows, by kind.
func (c *car) values() string {
	c.y.t.Helper()
	out := ""
	for _, v := range c.sees().Values {
		b, _ := json.Marshal(v.Readings)
		out += string(b)
	}
	return out
}

// warned are the open warnings of the keeper's page.
func (c *car) warned() string {
	c.y.t.Helper()
	out := ""
	for _, w := range c.sees().Open() {
		out += w.Rule + " " + string(w.State) + ";"
	}
	return out
}
