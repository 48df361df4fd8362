package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Migrate brings the schema up to date: first the job queue's own tables, then ours. Replicas that
// start together wait for one another at a session lock, so dsn must be a direct connection.
func Migrate(ctx context.Context, dsn string, files fs.FS) error {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	defer pool.Close()
	sqlDB := stdlib.OpenDBFromPool(pool)
	defer sqlDB.Close()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, sqlDB, files, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	pending, err := p.HasPending(ctx)
	if err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	rm, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return err
	}
	// Cheap on a schema that is up to date; a second starter finds the tables there.
	if _, err := rm.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("db: migrate jobs: %w", err)
	}
	if !pending {
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	return nil
}

// SchemaVersion is the number of the newest migration that was applied; zero before the first.
func SchemaVersion(ctx context.Context, d *DB) (int64, error) {
	var n int64
	_, err := One(d.Read(ctx), &n, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42P01" { // there is no such table: nobody has migrated yet
		return 0, nil
	}
	return n, err
}
