package db_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
)

func TestAStatementIsNamedWithoutWhatWasAsked(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"SELECT id\n\tFROM users  WHERE email = $1":                        "SELECT id FROM users WHERE email = $1",
		"SELECT 1 FROM x WHERE a IN ($1,$2, $3) AND b = $4":                "SELECT 1 FROM x WHERE a IN ($…) AND b = $4",
		"SELECT 'priya@example.com', 'it''s', '' FROM x -- Priya\nLIMIT 1": "SELECT '?', '?', '?' FROM x LIMIT 1",
		"/* Priya */ UPDATE x SET a = 'a\nb'":                              "UPDATE x SET a = '?'",
		"SELECT " + strings.Repeat("é", 400):                               "SELECT " + strings.Repeat("é", 293) + "…",
	} {
		if got := db.StatementName(sql); got != want {
			t.Errorf("%q is named %q, want %q", sql, got, want)
		}
	}
}

func TestStatementsAreCountedByTheirWords(t *testing.T) {
	t.Parallel()
	var s db.Statements
	d, err := db.Open(t.Context(), dbtest.DSN(t), clock.System{}, db.Options{MaxConns: 2, Statements: &s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	for _, who := range []string{"priya@example.com", "anna@example.com"} {
		var n int
		if _, err := db.One(d.Read(t.Context()), &n, `SELECT count(*) FROM users WHERE email = ?`, who); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error { return tx.Exec(`SELECT pg_sleep(0.05)`).Error }); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int64{}
	for _, f := range s.Figures() {
		seen[f.Name] = f.N
		if strings.Contains(f.Name, "example.com") {
			t.Errorf("a name holds what was asked: %s", f.Name)
		}
		if strings.Contains(f.Name, "pg_sleep") && f.Max.Milliseconds() < 50 {
			t.Errorf("the long one took %s", f.Max)
		}
	}
	if seen["SELECT count(*) FROM users WHERE email = $1"] != 2 || seen["SELECT pg_sleep(0.05)"] != 1 {
		t.Errorf("%v", seen)
	}
}
