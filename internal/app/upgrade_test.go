package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"forecourt/config"
	"forecourt/internal/doctor"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/log"
	"forecourt/internal/smoke"
	"forecourt/internal/testkit"
	"forecourt/migrations"
)

// An upgrade is: migrate, then exchange the processes one by one; and back again, when something is wrong. So the release
// before has to sell with the new schema, and this one with any schema that it does not refuse. See docs/decisions/0047.

// TestTheReleaseBeforeSellsWithTheNewSchema builds the release before and lets its binary sell.
func TestTheReleaseBeforeSellsWithTheNewSchema(t *testing.T) {
	t.Parallel()
	old := releaseBefore(t)
	if old.binary == "" {
		// Without history there is no earlier code. What is left to look at is that nothing of the last migration stands in the way of rows
		// written without it: this build, which is told nothing of that migration, sells beside it.
		reduced(t, old.why)
		sells(t, migrations.Files, dbtest.DSN(t))
		return
	}
	dsn := dbtest.DSN(t)
	url := old.demo(t, dsn)
	said, err := exec.CommandContext(t.Context(), old.binary, "smoke", "-base", url).CombinedOutput()
	if err != nil {
		t.Errorf("%s does not sell with this schema: %v\n%s", old.commit, err, said)
	}
	healthy(t, dsn)
}

// TestThisReleaseSellsWithTheLeastSchemaThatItAccepts: what waits for nobody to have migrated is not needed for a sale.
func TestThisReleaseSellsWithTheLeastSchemaThatItAccepts(t *testing.T) {
	t.Parallel()
	sells(t, upTo(t, migrations.Needed()), dbtest.Empty(t))
}

// TestThisReleaseBesideTheSchemaBefore: it sells, or it says at its start that it cannot. Never the half of it.
func TestThisReleaseBesideTheSchemaBefore(t *testing.T) {
	t.Parallel()
	before := schemaBefore(t)
	newest, _ := migrations.Of(before)
	if newest >= migrations.Needed() {
		sells(t, before, dbtest.Empty(t))
		return
	}
	d, _ := aDemo(t, before, dbtest.Empty(t))
	if err := d.Run(t.Context()); !errors.Is(err, ErrSchema) {
		t.Errorf("with the schema %d, needed is %d: %v", newest, migrations.Needed(), err)
	}
}

// upTo are the migrations up to a number.
func upTo(t *testing.T, last int64) fs.FS {
	t.Helper()
	return some(t, func(name string) bool { return migrations.Number(name) <= last })
}

// some are the migrations whose names are wanted.
func some(t *testing.T, wanted func(name string) bool) fs.FS {
	t.Helper()
	names, err := fs.Glob(migrations.Files, "*.sql")
	must(t, err)
	out := fstest.MapFS{}
	for _, name := range names {
		if !wanted(name) {
			continue
		}
		text, err := migrations.Files.ReadFile(name)
		must(t, err)
		out[name] = &fstest.MapFile{Data: text, Mode: 0o644}
	}
	return out
}

// schemaBefore is the schema of the release before; without history, this one without its last migration.
func schemaBefore(t *testing.T) fs.FS {
	t.Helper()
	commit, why := commitBefore(t)
	listed := ""
	if commit != "" {
		out, err := git("ls-tree", "--name-only", commit, "migrations/")
		must(t, err)
		listed = out
	} else {
		reduced(t, why)
	}
	if !strings.Contains(listed, ".sql") {
		return upTo(t, migrations.Newest()-1)
	}
	return some(t, func(name string) bool { return strings.Contains("\n"+listed, "\nmigrations/"+name+"\n") })
}

// aDemo is this build's demo on a database, with a schema of its own.
func aDemo(t *testing.T, schema fs.FS, dsn string) (d *Demo, ready chan string) {
	t.Helper()
	settings, err := config.FromEnv()
	must(t, err)
	settings.DatabaseURL, settings.DatabaseDirectURL, settings.DatabaseConns, settings.Workers = dsn, "", 8, 2
	ready = make(chan string, 1)
	return &Demo{Addr: "127.0.0.1:0", Admin: "127.0.0.1:0", CardBank: "127.0.0.1:0", Data: t.TempDir(), Settings: settings, Out: &testkit.Log{},
		Log: log.New(&testkit.Log{}, slog.LevelError), Ready: func(shop, _, _ string) { ready <- shop }, schema: schema}, ready
}

// sells drives a whole sale through this build beside a schema.
func sells(t *testing.T, schema fs.FS, dsn string) {
	t.Helper()
	d, ready := aDemo(t, schema, dsn)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	defer func() {
		stop()
		must(t, <-ended)
		healthy(t, dsn)
	}()
	select {
	case url := <-ready:
		var said testkit.Log
		answers(t, url)
		if err := smoke.Run(t.Context(), smoke.Options{Base: url, Brand: "dacia", Market: "zz", Out: &said}); err != nil {
			newest, _ := migrations.Of(schema)
			t.Errorf("this build accepts the schema %d and does not sell with it: %v\n%s\neither it works without the migrations that follow, or the mark that they may wait is wrong", newest, err, said.String())
		}
	case err := <-ended:
		ended <- nil
		t.Fatalf("the demo did not start: %v", err)
	}
}

func answers(t *testing.T, url string) {
	t.Helper()
	testkit.Eventually(t, "the shop answers", func() bool {
		res, err := http.Get(url + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// healthy brings the schema up to date, as an upgrade does after all, and looks at what must never be false.
func healthy(t *testing.T, dsn string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	must(t, db.Migrate(ctx, dsn, migrations.Files))
	d, err := db.Open(ctx, dsn, clock.System{}, db.Options{MaxConns: 2})
	must(t, err)
	defer d.Close()
	var orders int
	if _, err := db.One(d.Read(ctx), &orders, `SELECT count(*) FROM orders WHERE state = 'handed_over'`); err != nil || orders != 1 {
		t.Errorf("%d cars were handed over: %v", orders, err)
	}
	report, err := doctor.Examine(ctx, d)
	must(t, err)
	if broken := report.Broken(); len(broken) > 0 {
		t.Errorf("broken: %v", broken)
	}
}

// release is an earlier state of the code.
type release struct {
	commit, binary string
	why            string // there is none
}

// unreachable is what Go says of modules that it cannot fetch.
var unreachable = regexp.MustCompile(`dial tcp|module lookup disabled|no such host|proxyconnect|i/o timeout`)

// releaseBefore builds it; without a way to do so it says why.
func releaseBefore(t *testing.T) release {
	t.Helper()
	commit, why := commitBefore(t)
	if commit == "" {
		return release{why: why}
	}
	dir := t.TempDir()
	archive, err := exec.CommandContext(t.Context(), "git", gitArgs("archive", "--format=tar", commit)...).Output()
	must(t, err)
	untar := exec.CommandContext(t.Context(), "tar", "-x", "-C", dir)
	untar.Stdin = bytes.NewReader(archive)
	must(t, untar.Run())
	r := release{commit: commit, binary: filepath.Join(dir, "forecourt-before")}
	// The flags of make build: what has not changed since is in Go's cache.
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-o", r.binary, "./cmd/forecourt")
	build.Dir = dir
	said, err := build.CombinedOutput()
	if err != nil && unreachable.Match(said) {
		return release{why: commit + " needs modules that cannot be fetched here"}
	}
	if err != nil {
		t.Fatalf("%s cannot be built: %v\n%s", commit, err, said) // it could, when it became main
	}
	return r
}

// commitBefore is the last commit of the code that works elsewhere while this one is brought out: where the branch left main,
// else the commit before. When nothing changed in the schema since then, the last one with another schema: an upgrade
// without a change of schema would show nothing. Empty where the checkout has no such history.
func commitBefore(t *testing.T) (commit, why string) {
	t.Helper()
	head, err := git("rev-parse", "HEAD")
	if err != nil {
		return "", "this checkout has no history: " + err.Error()
	}
	candidates := []string{"HEAD~1"}
	for _, main := range []string{"origin/main", "main"} {
		if base, err := git("merge-base", "HEAD", main); err == nil && strings.TrimSpace(base) != strings.TrimSpace(head) {
			candidates = append([]string{strings.TrimSpace(base)}, candidates...)
			break
		}
	}
	if last, err := git("log", "-10", "--first-parent", "--format=%H", "--", "migrations/*.sql"); err == nil {
		for _, c := range strings.Fields(last) {
			candidates = append(candidates, c+"~1")
		}
	}
	for _, c := range candidates {
		out, err := git("rev-parse", "--verify", "--quiet", c+"^{commit}")
		if err != nil {
			continue
		}
		if at := strings.TrimSpace(out); leadsHere(at) {
			if commit = at; !sameSchema(at) {
				break
			}
		}
	}
	if commit == "" {
		return "", "this checkout has only one commit"
	}
	return commit, ""
}

// leadsHere tells whether a commit's migrations are the first ones of this build. Others were never a release: a branch's numbers
// moved behind those that were merged before it.
func leadsHere(commit string) bool {
	listed, err := git("ls-tree", "--name-only", commit, "migrations/")
	if err != nil {
		return false
	}
	ours, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		return false
	}
	var theirs []string
	for _, path := range strings.Fields(listed) {
		if name := strings.TrimPrefix(path, "migrations/"); strings.HasSuffix(name, ".sql") {
			theirs = append(theirs, name)
		}
	}
	return len(theirs) > 0 && len(theirs) <= len(ours) && slices.Equal(theirs, ours[:len(theirs)])
}

// sameSchema tells whether a commit has the migrations of this build.
func sameSchema(commit string) bool {
	listed, err := git("ls-tree", "--name-only", commit, "migrations/")
	names, _ := fs.Glob(migrations.Files, "*.sql")
	return err == nil && strings.Count(listed, ".sql\n") == len(names)
}

func gitArgs(args ...string) []string {
	root, _ := filepath.Abs("../..")
	return append([]string{"-C", root, "-c", "safe.directory=*"}, args...)
}

func git(args ...string) (string, error) {
	out, err := exec.Command("git", gitArgs(args...)...).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("git %s: %s", args[0], bytes.TrimSpace(failed.Stderr))
	}
	return string(out), err
}

// reduced says, where nobody can overlook it, that less was looked at than should be.
func reduced(t *testing.T, why string) {
	t.Helper()
	text := fmt.Sprintf("REDUCED %s: %s. The release before was not tried; only this one, beside less schema.\n", t.Name(), why)
	t.Log(text)
	fmt.Fprint(os.Stderr, text)
}

var localURL = regexp.MustCompile(`http://(?:localhost|127\.0\.0\.1):\d+`)

// demo starts the release's own demo on a database and gives the shop's address; it ends with the test.
func (r release) demo(t *testing.T, dsn string) string {
	t.Helper()
	c := exec.Command(r.binary, "demo", "-addr", "127.0.0.1:0", "-admin-addr", "127.0.0.1:0", "-cardbank-addr", "127.0.0.1:0", "-data", t.TempDir())
	c.Env = append(os.Environ(), "DATABASE_URL="+dsn, "DATABASE_DIRECT_URL=")
	var wrong testkit.Log
	c.Stderr = &wrong
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	ended := make(chan struct{})
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(time.Minute):
			_ = c.Process.Kill()
			<-ended
		}
	})
	url := make(chan string, 1)
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if u := localURL.FindString(lines.Text()); u != "" {
				select {
				case url <- u: // the first is the shop's
				default:
				}
			}
		}
		_ = c.Wait()
	}()
	select {
	case u := <-url:
		answers(t, u)
		return u
	case <-ended:
		t.Fatalf("%s does not start with this schema: %s", r.commit, wrong.String())
	case <-time.After(3 * time.Minute):
		t.Fatalf("%s does not say where its shop is", r.commit)
	}
	return ""
}
