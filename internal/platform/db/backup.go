package db

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"forecourt/internal/platform/localpg"

	"github.com/jackc/pgx/v5"
)

// ErrNotEmpty refuses to restore over something.
var ErrNotEmpty = errors.New("db: restore needs an empty database")

// Backup writes the whole database, as of one instant, to a file that appears only when it is whole.
// It needs pg_dump of the server's version or newer.
func Backup(ctx context.Context, dsn, bin, file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	half := file + ".half"
	defer os.Remove(half)
	if err := tool(ctx, dsn, bin, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file="+half); err != nil {
		return err
	}
	return os.Rename(half, file)
}

// Restore reads a backup into an empty database in one transaction.
func Restore(ctx context.Context, dsn, bin, file string) error {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("db: restore: %w", err)
	}
	var tables int
	err = c.QueryRow(ctx, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&tables)
	_ = c.Close(ctx)
	if err != nil {
		return err
	}
	if tables > 0 {
		return ErrNotEmpty
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return errors.New("db: restore: DATABASE_URL is not an address")
	}
	return tool(ctx, dsn, bin, "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--dbname="+strings.TrimPrefix(u.Path, "/"), file)
}

// tool runs a program of PostgreSQL against dsn. The password goes by the environment: arguments can
// be read by everybody on the machine.
func tool(ctx context.Context, dsn, bin, name string, args ...string) error {
	path, err := toolPath(bin, name)
	if err != nil {
		return err
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return errors.New("db: DATABASE_URL is not an address")
	}
	password, _ := u.User.Password()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "PGHOST="+u.Hostname(), "PGPORT="+u.Port(), "PGUSER="+u.User.Username(), "PGPASSWORD="+password,
		"PGDATABASE="+strings.TrimPrefix(u.Path, "/"))
	if m := u.Query().Get("sslmode"); m != "" {
		cmd.Env = append(cmd.Env, "PGSSLMODE="+m)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("db: %s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

func toolPath(bin, name string) (string, error) {
	if dir, err := localpg.Binaries(bin); err == nil {
		if p := filepath.Join(dir, name); executable(p) {
			return p, nil
		}
	}
	p, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("db: %s was not found: install PostgreSQL's client programs or set PG_BIN to their folder", name)
	}
	return p, nil
}

func executable(p string) bool {
	st, err := os.Stat(p)
	return err == nil && st.Mode()&0o111 != 0
}
