package localpg

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrNoBinaries means that no usable PostgreSQL was found; the error that wraps it lists where.
var ErrNoBinaries = errors.New(`no PostgreSQL programs found; do one of these:
  - set DATABASE_URL to a database that runs already, such as postgres://user:password@host:5432/name
  - install the package "postgresql" (Debian, Ubuntu: apt-get install postgresql)
  - set PG_BIN to the folder that holds initdb and postgres`)

// ErrOtherVersion means that the folder holds data of a PostgreSQL version whose programs are not
// here. Starting an empty cluster beside it would look like lost data.
var ErrOtherVersion = errors.New("the data folder belongs to another version of PostgreSQL")

// usualPlaces are searched in this order, higher versions first.
var usualPlaces = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
}

type binaries struct {
	dir   string
	major int
}

// Binaries returns the folder of the PostgreSQL programs: bin when given, else the newest found.
func Binaries(bin string) (string, error) {
	found, err := candidates(bin)
	if err != nil {
		return "", err
	}
	return found[0].dir, nil
}

// candidates lists the usable installations, the preferred one first.
func candidates(bin string) ([]binaries, error) {
	dirs := []string{bin}
	if bin == "" {
		dirs = searchPath()
	}
	var found []binaries
	for _, dir := range dirs {
		if major, err := majorOf(dir); err == nil {
			found = append(found, binaries{dir: dir, major: major})
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w\n  looked in: %s", ErrNoBinaries, strings.Join(dirs, ", "))
	}
	slices.SortStableFunc(found, func(a, b binaries) int { return b.major - a.major })
	return found, nil
}

func searchPath() []string {
	var dirs []string
	for _, pattern := range usualPlaces {
		matches, _ := filepath.Glob(pattern) // the patterns are constants
		if len(matches) == 0 && !strings.Contains(pattern, "@") {
			matches = []string{pattern}
		}
		dirs = append(dirs, matches...)
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(initdb); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	return dirs
}

// majorOf asks postgres for its version; it fails when one of the two programs is missing.
func majorOf(dir string) (int, error) {
	if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err != nil {
		return 0, err
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(out)) // "postgres (PostgreSQL) 15.8 (Debian ...)"
	if len(fields) < 3 {
		return 0, fmt.Errorf("%s: unknown version %q", dir, out)
	}
	digits := strings.IndexFunc(fields[2]+".", func(r rune) bool { return r < '0' || r > '9' })
	return strconv.Atoi(fields[2][:digits])
}

// matchData prefers the programs whose version has data already: a newer PostgreSQL that arrives
// with an upgrade of the machine must not make yesterday's orders vanish.
func matchData(found []binaries, dir string, explicit bool, logf func(string, ...any)) (binaries, error) {
	for _, b := range found {
		if _, err := os.Stat(filepath.Join(place{dir: dir, major: b.major}.data(), "PG_VERSION")); err == nil {
			return b, nil
		}
	}
	others, _ := filepath.Glob(filepath.Join(dir, "pg[0-9]*", "PG_VERSION"))
	// pg<major>.new* is a cluster that never became one.
	others = slices.DeleteFunc(others, func(name string) bool { return strings.Contains(filepath.Base(filepath.Dir(name)), ".") })
	if len(others) == 0 {
		return found[0], nil
	}
	if explicit {
		logf("%s holds data of another version (%s); starting an empty PostgreSQL %d beside it, as PG_BIN asks",
			dir, filepath.Dir(others[0]), found[0].major)
		return found[0], nil
	}
	return binaries{}, fmt.Errorf("%w: found %s, but only the programs of version %d; install that version, set PG_BIN to it, or move the folder away",
		ErrOtherVersion, filepath.Dir(others[0]), found[0].major)
}
