package chaos

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
)

const (
	manyCars   = 4100 // of a file: three rounds of its work
	readers    = 40
	newCars    = 3
	restWithin = 3 * time.Minute
)

// yard is a database with its world, and the program as processes that are killed and started again.
type yard struct {
	t      *testing.T
	books  *db.DB
	dir    string
	env    []string
	relay  *mailbox
	binary string
	end    <-chan error // of the command that was begun last
}

func openYard(t *testing.T, binary string) *yard {
	t.Helper()
	books, dsn := testkit.World(t, dbtest.Options{Clock: &shifted{}, MaxConns: 4})
	y := &yard{t: t, books: books, dir: t.TempDir(), relay: newMailbox(t), binary: binary}
	s := &stand{shop: "http://localhost:1", card: "http://localhost:1"}
	p := s.settings(dsn, 0)
	y.env = append(ownEnvironment(), "ADMIN_ADDR="+loopback(freePorts(t, 1)[0]), "BASE_URL="+p.BaseURL, "DATABASE_URL="+dsn, "DATA_DIR="+y.dir, "SECRET_KEY="+p.SecretKey, "TOKEN_KEYS="+p.TokenKeys[0], "STRIPE_SECRET_KEY="+cardKey,
		"STRIPE_WEBHOOK_SECRET="+cardSecret, "STRIPE_URL="+s.card, "STRIPE_ACCOUNT=cardbank", "CARD_ORIGIN="+s.card, "SMTP_ADDR="+y.relay.addr(), "SMTP_TLS=opportunistic", "MAIL_FROM="+p.MailFrom, "DATABASE_CONNS=10")
	return y
}

// begin starts a command of the program.
func (y *yard) begin(args ...string) (kill func()) {
	y.t.Helper()
	c, said := exec.Command(y.binary, args...), &lockedBuffer{}
	c.Env, c.Stdout, c.Stderr = y.env, said, said
	if err := c.Start(); err != nil {
		y.t.Fatal(err)
	}
	over := make(chan error, 1)
	var gone sync.WaitGroup
	gone.Go(func() {
		err := c.Wait()
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, said.tail())
		}
		over <- err
	})
	y.end = over
	kill = func() { _ = c.Process.Kill(); gone.Wait() }
	y.t.Cleanup(kill)
	return kill
}

func (y *yard) count(query string, args ...any) int {
	y.t.Helper()
	var n int
	if _, err := db.One(y.books.Read(y.t.Context()), &n, query, args...); err != nil {
		y.t.Fatal(err)
	}
	return n
}

func (y *yard) until(what string, ok func() bool) {
	y.t.Helper()
	late := time.After(restWithin)
	for !ok() {
		select {
		case err := <-y.end:
			y.t.Fatalf("the program ended by itself before: %s: %v", what, err)
		case <-late:
			y.t.Fatalf("not within %v: %s", restWithin, what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestUsedCarsAmidAKill kills what writes many things of used cars at once: nothing is lost, and nothing is there twice.
func TestUsedCarsAmidAKill(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "forecourt")
	build(t, binary)
	t.Run("import", func(t *testing.T) { t.Parallel(); amidAnImport(t, openYard(t, binary)) })
	t.Run("letters", func(t *testing.T) { t.Parallel(); amidLetters(t, openYard(t, binary)) })
}

// amidAnImport kills the process that brings a file of cars in when a part of them is there. The same file sent
// again brings the rest, and a worker ends the first one: each car is there once.
func amidAnImport(t *testing.T, y *yard) {
	var b strings.Builder
	b.WriteString("vin;make;model;body;fuel;gearbox;colour;doors;seats;kw;co2;emission;registered;km;owners;price;vat\n")
	for i := range manyCars {
		fmt.Fprintf(&b, "UU1MANY%010d;Dacia;Duster;suv;petrol;manual;grey;5;5;96;130;euro6d;2023-05-02;41000;1;14990;margin\n", i)
	}
	file := filepath.Join(y.dir, "cars.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	const there = `SELECT count(*) FROM used_cars WHERE vin LIKE 'UU1MANY%'`
	kill := y.begin("import-used", "-dealer", string(testkit.Leeds), file)
	y.until("a part of the cars", func() bool { return y.count(there) > 0 })
	kill()
	if n := y.count(there); n == manyCars {
		t.Fatal("the file was through before the kill: nothing is proven")
	}
	y.begin("import-used", "-dealer", string(testkit.Leeds), file)
	if err := <-y.end; err != nil {
		t.Fatal(err)
	}
	y.whole(there)
	y.begin("worker")
	y.until("the first file to end", func() bool {
		return y.count(`SELECT count(*) FROM used_imports WHERE state = 'done'`) == 2
	})
	y.whole(there)
}

// whole finds every car of the file once, with its first price, its odometer and who brought it.
func (y *yard) whole(there string) {
	y.t.Helper()
	for what, query := range map[string]string{
		"cars":            there,
		"VINs":            `SELECT count(DISTINCT vin) FROM used_cars WHERE vin LIKE 'UU1MANY%'`,
		"first steps":     `SELECT count(*) FROM used_moves m JOIN used_cars c ON c.id = m.car WHERE c.vin LIKE 'UU1MANY%'`,
		"readings":        `SELECT count(*) FROM used_mileages WHERE vin LIKE 'UU1MANY%'`,
		"rows of the log": `SELECT count(*) FROM audit_log WHERE action = 'used.add'`,
	} {
		if n := y.count(query); n != manyCars {
			y.t.Errorf("%d %s of %d", n, what, manyCars)
		}
	}
}

// amidLetters kills the worker while it writes to the readers of saved searches. Started again it
// writes to the others: each reader hears of each car in one letter. A letter that was on the wire may come twice, with its name.
func amidLetters(t *testing.T, y *yard) {
	err := y.books.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
		for i := range readers {
			secret := func(which string) []byte { return fmt.Appendf(nil, "%s secret of reader %04d........", which, i)[:32] }
			s := usedcars.Search{ID: id.New[id.Search](), Brand: "dacia", Market: "gb", Locale: "en-GB", Email: fmt.Sprintf("reader%d@example.com", i), State: usedcars.SearchOn, Pace: usedcars.AtOnce, Created: tx.Now.Add(-time.Hour)}
			if err := usedcars.SeedSearchTx(tx, &s, usedcars.Secrets{Confirm: secret("a"), Page: secret("b"), Off: secret("c")}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := range newCars {
		r := &rush{stand: &stand{books: y.books}, n: n}
		if _, err := r.offer(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	kill := y.begin("worker")
	y.until("the first letters", func() bool { return y.relay.letters() >= 5 })
	kill()
	if n := y.relay.letters(); n >= readers {
		t.Fatalf("%d letters had gone before the kill: nothing is proven", n)
	}
	y.begin("worker")
	y.until("every letter to be sent", func() bool {
		return y.count(`SELECT count(*) FROM used_letters WHERE told > 0`) >= readers && y.count(`SELECT count(*) FROM used_letters WHERE sent_at IS NULL`) == 0
	})
	if n := y.count(`SELECT coalesce(sum(told), 0) FROM used_letters`); n != readers*newCars {
		t.Errorf("readers are told %d times of a car, not %d", n, readers*newCars)
	}
	y.relay.mu.Lock()
	defer y.relay.mu.Unlock()
	if names, sent := len(y.relay.copies), y.count(`SELECT count(*) FROM used_letters`); names != sent {
		t.Errorf("%d letters came, %d were written", names, sent)
	}
	again := 0
	for name, n := range y.relay.copies {
		if again += n - 1; n > 2 {
			t.Errorf("the letter %s came %d times", name, n)
		}
	}
	t.Logf("%d letters, %d of them came again after the kill", len(y.relay.copies), again)
}

// mailbox is a mail relay that takes whatever comes and counts it by name.
type mailbox struct {
	l      net.Listener
	mu     sync.Mutex
	copies map[string]int
}

var messageID = regexp.MustCompile(`(?im)^message-id:\s*(\S+)`)

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailbox{l: l, copies: map[string]int{}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { m.talk(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	return m
}

func (m *mailbox) addr() string { return m.l.Addr().String() }

func (m *mailbox) letters() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.copies)
}

// talk speaks as much SMTP as a letter needs.
func (m *mailbox) talk(c net.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(restWithin))
	in := bufio.NewReader(c)
	say := func(line string) { _, _ = fmt.Fprintf(c, "%s\r\n", line) }
	say("220 mailbox")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch strings.ToUpper(strings.TrimSpace(line[:min(4, len(line))])) {
		case "DATA":
			say("354 go on")
			if !m.take(in) {
				return
			}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 mailbox")
		}
	}
}

// take reads a letter; one that breaks off is none.
func (m *mailbox) take(in *bufio.Reader) bool {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		b.WriteString(line)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if name := messageID.FindStringSubmatch(b.String()); name != nil {
		m.copies[name[1]]++
	}
	return true
}
