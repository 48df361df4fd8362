package carsim

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	mrand "math/rand/v2"

	"forecourt/internal/connected"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/vehicle"
)

// MostCars bounds a fleet.
const MostCars = 100_000

// kind is a model that cars of a fleet are of.
type kind struct {
	brand id.Brand
	model id.Model
	title string
	fuel  string
}

var kinds = []kind{
	{"renault", "megane-e-tech", "Renault Megane E-Tech", "electric"}, {"renault", "clio", "Renault Clio", "petrol"}, {"renault", "captur", "Renault Captur", "hybrid"},
	{"renault", "kangoo", "Renault Kangoo", "diesel"}, {"dacia", "spring", "Dacia Spring", "electric"}, {"dacia", "duster", "Dacia Duster", "petrol"},
}

var markets = []struct {
	code   id.Market
	locale string
}{{"it", "it-IT"}, {"fr", "fr-FR"}, {"gb", "en-GB"}, {"de", "de-DE"}, {"es", "es-ES"}}

// Fleet is many cars.
type Fleet struct {
	Cars []*Car
	seed uint64
}

// New makes n cars of a seed.
func New(n int, seed uint64) *Fleet {
	f := &Fleet{seed: seed}
	for i := range n {
		f.Cars = append(f.Cars, newCar(i, seed))
	}
	return f
}

func newCar(i int, seed uint64) *Car {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64([]byte("forecourt car "), seed), uint64(i)))
	r := mrand.New(mrand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
	c := &Car{number: i, kind: kinds[r.IntN(len(kinds))], market: r.IntN(len(markets)), key: ed25519.NewKeyFromSeed(sum[:]), r: r}
	c.VIN = vin(seed, i)
	c.km, c.charge, c.health, c.days = 1000+r.IntN(150_000), 30+r.Float64()*70, 70+r.IntN(31), r.IntN(365)
	for w := range c.tyres {
		c.tyres[w] = 215 + r.IntN(30)
	}
	return c
}

// vin is one of a simulated maker, whose cars nobody builds: the seed and the number in the signs of a VIN.
func vin(seed uint64, i int) string {
	const signs = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
	out := []byte("ZZSM")
	for n, v := range []uint64{seed % (33 * 33 * 33 * 33 * 33 * 33), uint64(i)} {
		width := 6 + n
		for p := width - 1; p >= 0; p-- {
			d := v
			for range p {
				d /= uint64(len(signs))
			}
			out = append(out, signs[d%uint64(len(signs))])
		}
	}
	return string(out)
}

const enrolAtOnce = 250

// Enrol makes the cars known: each is registered, has a keeper who agrees to everything, and a key. The first tell keepers are told of
// warnings by mail. Those that are known already stay as they are. tell hears how many are done.
func (f *Fleet) Enrol(ctx context.Context, d *db.DB, mails int, tell func(done int)) error {
	for from := 0; from < len(f.Cars); from += enrolAtOnce {
		part := f.Cars[from:min(from+enrolAtOnce, len(f.Cars))]
		if err := d.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return f.enrolTx(tx, part, mails) }); err != nil {
			return err
		}
		tell(from + len(part))
	}
	return nil
}

func (f *Fleet) enrolTx(tx *db.Tx, part []*Car, mails int) error {
	seeds := make([]connected.Seed, len(part))
	for i, c := range part {
		k, err := f.keepTx(tx, c)
		if err != nil {
			return fmt.Errorf("carsim: %s: %w", c.VIN, err)
		}
		seeds[i] = connected.Seed{Vehicle: k.Vehicle, Keeper: k.ID, Public: c.key.Public().(ed25519.PublicKey)}
	}
	if err := connected.SeedTx(tx, seeds); err != nil {
		return err
	}
	for i, c := range part {
		if c.number < mails {
			if err := connected.SetChannelTx(tx, seeds[i].Keeper, connected.Mail, f.email(c)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Fleet) email(c *Car) string {
	return fmt.Sprintf("car-%d-%d@keepers.example.com", f.seed, c.number)
}

func (f *Fleet) keepTx(tx *db.Tx, c *Car) (*vehicle.Keeper, error) {
	m := markets[c.market]
	v := &vehicle.Vehicle{VIN: c.VIN, Market: m.code, Brand: c.kind.brand, Model: c.kind.model, Title: c.kind.title, Fuel: c.kind.fuel, Registered: "2024-03-01"}
	if err := vehicle.RegisterTx(tx, v, "2026-01-01"); err != nil {
		return nil, err
	}
	// The link of a simulated keeper's garage is a number that nobody knows: his mailbox can ask for one that works.
	g, err := vehicle.GarageTx(tx, m.code, vehicle.Person{Email: f.email(c), Name: "Simulated keeper", Locale: m.locale}, func(id.Garage, int) []byte {
		b := make([]byte, 32)
		_, _ = rand.Read(b)
		return b
	})
	if err != nil {
		return nil, err
	}
	return vehicle.KeepTx(tx, v.ID, g.ID, vehicle.Papers, "")
}
