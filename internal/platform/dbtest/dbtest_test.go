package dbtest_test

import (
	"context"
	"errors"
	"testing"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/forms"

	"gorm.io/gorm"
)

var errBoom = errors.New("boom")

func count(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if _, err := db.One(d.Read(t.Context()), &n, `SELECT count(*) FROM form_results`); err != nil {
		t.Fatal(err)
	}
	return n
}

func add(g *gorm.DB, key string) error {
	return g.Exec(`INSERT INTO form_results (key, action, location, created_at) VALUES (?, 'x', '', now())`, key).Error
}

func TestInTxKeepsAllOrNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := add(tx.DB, "outer-key-0123456789"); err != nil {
			return err
		}
		// A failing inner transaction is undone to its savepoint, the outer one goes on.
		inner := tx.Transaction(func(g *gorm.DB) error {
			if err := add(g, "inner-key-0123456789"); err != nil {
				return err
			}
			return errBoom
		})
		if !errors.Is(inner, errBoom) {
			t.Errorf("inner: %v", inner)
		}
		return nil
	})
	if err != nil || count(t, d) != 1 {
		t.Fatalf("after commit: %d rows, %v", count(t, d), err)
	}
	err = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_ = tx.Transaction(func(g *gorm.DB) error { return add(g, "second-key-012345678") })
		return errBoom
	})
	if !errors.Is(err, errBoom) || count(t, d) != 1 {
		t.Fatalf("after rollback: %d rows, %v", count(t, d), err)
	}
}

func TestInTxGivesUpWhenCancelled(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := add(tx.DB, "cancelled-key-012345"); err != nil {
			return err
		}
		cancel()
		return add(tx.DB, "cancelled-key-543210")
	})
	if err == nil || count(t, d) != 0 {
		t.Fatalf("cancelled transaction left %d rows, %v", count(t, d), err)
	}
}

func TestConstraintNamesTheConflict(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_ = add(tx.DB, "same-key-0123456789")
		return add(tx.DB, "same-key-0123456789")
	})
	if db.Constraint(err) != "form_results_pkey" {
		t.Fatalf("constraint %q of %v", db.Constraint(err), err)
	}
}

func TestOnceAnswersARepeatedFormWithTheFirstResult(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	runs := 0
	act := func(ctx context.Context, tx *db.Tx) (string, error) { runs++; return "/there", nil }
	key := forms.NewKey()
	for range 3 {
		to, err := forms.Once(t.Context(), d, key, "test", act)
		if err != nil || to != "/there" {
			t.Fatalf("got %q, %v", to, err)
		}
	}
	if runs != 1 {
		t.Fatalf("acted %d times", runs)
	}
	if _, err := forms.Once(t.Context(), d, key, "other", act); !errors.Is(err, forms.ErrKey) {
		t.Fatalf("a key of another act: %v", err)
	}
	failing := forms.NewKey()
	_, err := forms.Once(t.Context(), d, failing, "test", func(context.Context, *db.Tx) (string, error) { return "", errBoom })
	if !errors.Is(err, errBoom) {
		t.Fatal(err)
	}
	if to, err := forms.Once(t.Context(), d, failing, "test", act); err != nil || to != "/there" {
		t.Fatalf("a failed form may be sent again: %q, %v", to, err)
	}
}

// A value of a type of ours is found like any other.
func TestOneFindsAValueOfANamedType(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	type code string
	var c code
	ok, err := db.One(d.Read(t.Context()), &c, `SELECT 'x' WHERE ? = 1`, 1)
	if err != nil || !ok || c != "x" {
		t.Errorf("found %t, %q, %v", ok, c, err)
	}
	if ok, err := db.One(d.Read(t.Context()), &c, `SELECT 'y' WHERE ? = 1`, 2); err != nil || ok || c != "x" {
		t.Errorf("none: found %t, %q, %v", ok, c, err)
	}
	var n int64
	if ok, err := db.One(d.Read(t.Context()), &n, `SELECT count(*) FROM no_such_table`); err == nil || ok {
		t.Errorf("no table: found %t, %v", ok, err)
	}
}
