package stripesim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"forecourt/internal/platform/clock"
)

// APIVersion is the one version of Stripe's API that the bank speaks and stamps on its events.
const APIVersion = "2023-10-16"

// Options configure a bank.
type Options struct {
	SecretKey     string      // sk_test_...; the only key that is let in
	Beside        []string    // other Stripe keys of this process; a live one among them refuses the start
	WebhookURLs   []string    // where events go from the start; more through the API
	WebhookSecret string      // signs the deliveries to WebhookURLs
	PublicURL     string      // address of the hosted page; empty takes the caller's Host
	Dir           string      // folder of the journal; empty keeps everything in memory only
	Clock         clock.Clock // nil is the machine's

	// Forward moves the clock for everybody who shares it, when somebody presses the bank's button; nil lets the bank go
	// ahead alone, or moves a clock that can be moved itself.
	Forward func(context.Context, time.Duration) error

	Schedule []time.Duration // waiting time before each delivery attempt; nil is DefaultSchedule
	Seed     uint64          // of the chances below
	Dup      float64         // part of the events that is delivered twice
	Drop     float64         // part of the events that is never delivered by itself
	Shuffle  time.Duration   // each first delivery waits up to this long
	Late     float64         // part of the events that comes LateBy later
	LateBy   time.Duration   // 0 is DefaultLateBy
	Fail     float64         // part of the writing calls that answer 500, before or after they did their work

	// PaidOnAuthorisation makes a session's payment_status "paid" as soon as the card is authorised
	// under manual capture; otherwise it stays "unpaid" until the capture. Clients must work with both.
	PaidOnAuthorisation bool
}

// DefaultSchedule is the waiting time before each delivery attempt.
var DefaultSchedule = []time.Duration{
	0, time.Second, 5 * time.Second, 30 * time.Second, 5 * time.Minute, 30 * time.Minute,
	2 * time.Hour, 8 * time.Hour, 24 * time.Hour, 24 * time.Hour,
}

// DefaultLateBy is how late a late event comes: as long as Stripe goes on trying.
const DefaultLateBy = 3 * 24 * time.Hour

// Bank is the card bank. All methods are safe for concurrent use.
type Bank struct {
	opt     Options
	handler http.Handler
	pages   *pages
	log     *journal // nil in memory
	faults  faultBoard
	inUse   keysInUse
	courier *courier

	mu       sync.Mutex // guards everything below
	st       *state
	delivery chances
	chance   *rand.Rand
}

// New opens a bank. It serves as soon as its Handler is mounted; events leave only after Start.
func New(o Options) (*Bank, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	b := &Bank{opt: o, st: newState(), delivery: o.chances(), chance: rand.New(rand.NewPCG(o.Seed, o.Seed))}
	if o.Dir != "" {
		log, err := openJournal(o.Dir, b.st)
		if err != nil {
			return nil, fmt.Errorf("stripesim: %w", err)
		}
		b.log = log
	}
	if o.Fail > 0 {
		b.faults.add(&fault{Path: "/v1/", Method: http.MethodPost, Phase: mixed, Kind: faultError, Left: math.MaxInt, Rate: o.Fail, Seed: o.Seed, chance: rand.New(rand.NewPCG(o.Seed, o.Seed))})
	}
	b.courier = newCourier(b)
	handler, err := b.routes()
	if err != nil {
		return nil, err
	}
	b.handler = handler
	b.installEndpoints()
	return b, nil
}

func (o *Options) check() error {
	if !strings.HasPrefix(o.SecretKey, "sk_test_") {
		return errors.New("stripesim: the secret key must begin with sk_test_")
	}
	for _, key := range o.Beside {
		if strings.HasPrefix(key, "sk_live_") || strings.HasPrefix(key, "rk_live_") {
			return errors.New("stripesim: the card bank does not run beside a live key")
		}
	}
	if len(o.WebhookURLs) > 0 && o.WebhookSecret == "" {
		return errors.New("stripesim: webhook addresses need a signing secret")
	}
	for name, part := range map[string]float64{"doubled": o.Dup, "dropped": o.Drop, "late": o.Late, "failing": o.Fail} {
		if !(part >= 0 && part <= 1) {
			return fmt.Errorf("stripesim: the part of what is %s must be from 0 to 1", name)
		}
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Schedule == nil {
		o.Schedule = DefaultSchedule
	}
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	return nil
}

// chances are what a switch can change while the bank runs.
type chances struct {
	seed            uint64
	dup, drop, late float64
	shuffle, lateBy time.Duration
}

func (o *Options) chances() chances {
	return chances{
		seed: o.Seed, dup: o.Dup, drop: o.Drop, late: o.Late, shuffle: o.Shuffle, lateBy: cmp.Or(o.LateBy, DefaultLateBy),
	}
}

// Handler serves the API, the hosted page, the dashboard and the switches.
func (b *Bank) Handler() http.Handler { return b.handler }

// Start begins the delivery of events and the sweep of what runs out. It ends with ctx or Close.
func (b *Bank) Start(ctx context.Context) { b.courier.start(ctx) }

// Close stops the delivery and closes the journal.
func (b *Bank) Close() error {
	b.courier.stop()
	if b.log == nil {
		return nil
	}
	return b.log.close()
}

// Now is the bank's time: its clock and what it was advanced by.
func (b *Bank) Now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now()
}

func (b *Bank) now() time.Time { return b.opt.Clock.Now().Add(b.st.advanced) }

// Forward asks for the bank's time to be moved, as its button does: by whoever moves it for all, else by Advance.
func (b *Bank) Forward(ctx context.Context, d time.Duration) error {
	if b.opt.Forward == nil {
		b.Advance(d)
		return nil
	}
	if d == 0 {
		return nil
	}
	return b.opt.Forward(ctx, d)
}

// Quiet does what is due by now, and tells whether all of it was told to those who want to hear of it: nothing waits for
// delivery, and nothing is under way.
func (b *Bank) Quiet() bool {
	quiet := false
	b.commit(func(t *tx) { quiet = !t.st.mails.has(t.now) })
	b.courier.wake()
	return quiet && b.courier.underWay.Load() == 0
}

// Advance moves the bank's time. A clock that can be moved itself is moved, so that everybody who
// shares it moves along; beside any other clock the bank keeps a distance of its own.
func (b *Bank) Advance(d time.Duration) {
	if m, ok := b.opt.Clock.(interface{ Advance(time.Duration) }); ok {
		m.Advance(d)
		b.commit(func(*tx) {}) // sweeps what ran out by now
		b.courier.wake()
		return
	}
	b.commit(func(t *tx) {
		total := t.st.advanced + d
		t.put(change{Advanced: &total})
	})
}

// installEndpoints makes the configured addresses endpoints under ids that survive a restart, so
// that what was not delivered yet finds the address also when its port changed. A secret that was
// rotated stays so, until another one is configured.
func (b *Bank) installEndpoints() {
	b.commit(func(t *tx) {
		for i, url := range b.opt.WebhookURLs {
			w := endpoint{
				ID: fmt.Sprintf("we_configured%02d", i+1), Secret: b.opt.WebhookSecret, Configured: b.opt.WebhookSecret,
				Events: []string{"*"}, Created: t.now.Unix(),
			}
			if known := t.st.endpoints.byID[w.ID]; known != nil && known.Configured == b.opt.WebhookSecret {
				w = *known
			}
			w.URL, w.Enabled = url, true
			t.put(change{Endpoint: &w})
		}
	})
}

// update runs fn alone over the state, sweeps what ran out first, and writes the changes to the
// journal. The number is what durable waits for.
func (b *Bank) update(fn func(*tx)) (line int64) {
	b.mu.Lock()
	t := &tx{b: b, st: b.st, now: b.now()}
	t.sweep()
	fn(t)
	if b.log != nil {
		line = b.log.append(t.changes)
	}
	b.mu.Unlock()
	if t.wakes {
		b.courier.wake()
	}
	return line
}

// durable returns when everything up to line is on disk.
func (b *Bank) durable(line int64) error {
	if b.log == nil {
		return nil
	}
	return b.log.wait(line)
}

// commit is update and durable; a journal that cannot be written is told by the next answer.
func (b *Bank) commit(fn func(*tx)) { _ = b.durable(b.update(fn)) }
