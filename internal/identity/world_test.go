package identity

import (
	"context"
	"errors"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
)

const (
	leeds    = id.Dealer("gb-leeds-northgate")
	kendal   = id.Dealer("gb-kendal-fellside") // of the same group
	milan    = id.Dealer("it-milano-porta")
	password = "a longer sentence of words"
	homeIP   = "192.0.2.10"
)

// world is a database with three dealers of two groups in two markets.
func world(t *testing.T) *db.DB {
	t.Helper()
	d := dbtest.New(t)
	must(t, d.Read(t.Context()).Exec(`INSERT INTO markets (code, currency, doc) VALUES ('gb', 'GBP', '{}'), ('it', 'EUR', '{}')`).Error)
	must(t, d.Read(t.Context()).Exec(`INSERT INTO dealer_groups (code, market, name) VALUES ('gb-pennine', 'gb', 'Pennine'), ('it-porta', 'it', 'Porta')`).Error)
	must(t, d.Read(t.Context()).Exec(`INSERT INTO dealers (code, market, group_code, doc) VALUES (?, 'gb', 'gb-pennine', '{}'), (?, 'gb', 'gb-pennine', '{}'), (?, 'it', 'it-porta', '{}')`, leeds, kendal, milan).Error)
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused asks for one error and no other.
func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

func clerk() User {
	return User{Email: "amy@example.com", Name: "Amy Clerk", Role: RoleDealer, Dealer: leeds}
}

func boss() User {
	return User{Email: "boss@example.com", Name: "Ben Boss", Role: RoleManager, Markets: []id.Market{"gb", "it"}}
}

// staffed is a world with the clerk in it.
func staffed(t *testing.T) (*Users, User) {
	t.Helper()
	s := NewUsers(world(t), Options{})
	u, err := s.Create(t.Context(), clerk(), password)
	must(t, err)
	return s, u
}

func ensureDemo(t *testing.T, d *db.DB, users ...User) error {
	t.Helper()
	return d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return EnsureDemoTx(ctx, tx, users) })
}

func countRows(t *testing.T, d *db.DB, query string, args ...any) (n int) {
	t.Helper()
	_, err := db.One(d.Read(t.Context()), &n, query, args...)
	must(t, err)
	return n
}

func text(t *testing.T, d *db.DB, query string, args ...any) (s string) {
	t.Helper()
	_, err := db.One(d.Read(t.Context()), &s, query, args...)
	must(t, err)
	return s
}

func manyOf(r rune, n int) string { return strings.Repeat(string(r), n) }

func sweep(t *testing.T, d *db.DB) error {
	t.Helper()
	return d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return SweepTx(tx) })
}
