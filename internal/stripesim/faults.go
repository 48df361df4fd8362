package stripesim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// When a fault strikes.
const (
	phaseBefore = "before" // nothing was executed
	phaseAfter  = "after"  // executed, but the caller does not hear of it
)

// Kinds of faults.
const (
	faultError    = "500"
	faultBusy     = "503"
	faultLimit    = "429"
	faultLock     = "lock_timeout" // 429, too: another call holds the object
	faultConflict = "409"          // another call holds the idempotency key
	faultHang     = "hang"
	faultReset    = "reset"
	faultTruncate = "truncate"
	faultHTML     = "html"
)

var (
	faultPhases = []string{phaseBefore, phaseAfter}
	faultKinds  = []string{faultError, faultBusy, faultLimit, faultLock, faultConflict, faultHang, faultReset, faultTruncate, faultHTML}
)

// mixed draws a phase or a kind anew for each call that a rate strikes.
const mixed = "mix"

// hangFor is longer than any caller waits.
const hangFor = 90 * time.Second

// fault is an order to break calls of a path: the next Left of them, or, with a rate, a part of them
// for as long as the order stands.
type fault struct {
	Path   string // prefix
	Method string // empty is any
	Phase  string
	Kind   string
	Left   int
	Hang   time.Duration
	Retry  string // value of the Stripe-Should-Retry header of an answer with a status; "" sends none

	Rate   float64 // part of the calls that break; 0 breaks each
	Seed   uint64
	chance *rand.Rand
	struck int
}

func readFault(form url.Values) (*fault, error) {
	f := &fault{
		Path: form.Get("path"), Method: form.Get("method"), Phase: form.Get("phase"), Kind: form.Get("kind"), Hang: hangFor,
	}
	seconds, errHang := numberIn(form, "hang_seconds", int64(hangFor/time.Second), 1, 600)
	f.Hang = time.Duration(seconds) * time.Second
	f.Retry = form.Get("should_retry")
	return f, errors.Join(errHang, f.readHowOften(form), f.check())
}

// readHowOften reads rate and seed of a standing order, or count of a passing one. A rate without
// path is for all of the API.
func (f *fault) readHowOften(form url.Values) error {
	standing := form.Get("rate") != ""
	preset := int64(1)
	if standing {
		preset = 1_000_000_000
	}
	count, err := numberIn(form, "count", preset, 1, 1_000_000_000)
	f.Left = int(count)
	if err != nil || !standing {
		return err
	}
	if f.Path == "" {
		f.Path = "/v1/"
	}
	if f.Rate, err = strconv.ParseFloat(form.Get("rate"), 64); err != nil || !(f.Rate > 0 && f.Rate <= 1) {
		return errors.New("rate must be above 0 and at most 1")
	}
	if s := form.Get("seed"); s != "" {
		if f.Seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			return errors.New("seed must be a whole number from 0")
		}
	}
	f.chance = rand.New(rand.NewPCG(f.Seed, f.Seed))
	return nil
}

func (f *fault) check() error {
	phases, kinds := faultPhases, faultKinds
	if f.chance != nil {
		phases, kinds = append([]string{mixed}, phases...), append([]string{mixed}, kinds...)
	}
	switch {
	case !strings.HasPrefix(f.Path, "/v1/"):
		return errors.New("path must begin with /v1/")
	case !slices.Contains(phases, f.Phase):
		return fmt.Errorf("phase must be one of %s", strings.Join(phases, ", "))
	case !slices.Contains([]string{"", "true", "false"}, f.Retry):
		return errors.New("should_retry must be true or false")
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("kind must be one of %s", strings.Join(kinds, ", "))
	}
	return nil
}

func (f *fault) object() obj {
	o := obj{"path": f.Path, "method": f.Method, "phase": f.Phase, "kind": f.Kind, "count": f.Left, "struck": f.struck}
	if f.chance != nil {
		o["rate"], o["seed"] = f.Rate, f.Seed
	}
	return o
}

// faultBoard holds the orders; the first that fits a call strikes.
type faultBoard struct {
	mu     sync.Mutex
	orders []*fault
	struck map[string]int // how often, by phase and kind
}

func (f *faultBoard) add(order *fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.orders = append(f.orders, order)
}

func (f *faultBoard) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.orders = nil
}

func (f *faultBoard) take(method, path string) (fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.orders {
		if o.Left > 0 && strings.HasPrefix(path, o.Path) && (o.Method == "" || o.Method == method) && o.strikesNow() {
			return f.note(o), true
		}
	}
	return fault{}, false
}

// strikesNow draws for a rate; an order without one strikes always.
func (f *fault) strikesNow() bool { return f.chance == nil || f.chance.Float64() < f.Rate }

// note counts a strike and settles what a mixed order does this time.
func (f *faultBoard) note(o *fault) fault {
	o.Left--
	o.struck++
	now := *o
	if now.Phase == mixed {
		now.Phase = faultPhases[o.chance.IntN(len(faultPhases))]
	}
	if now.Kind == mixed {
		now.Kind = faultKinds[o.chance.IntN(len(faultKinds))]
	}
	if f.struck == nil {
		f.struck = map[string]int{}
	}
	f.struck[now.Phase+" "+now.Kind]++
	return now
}

// object lists the standing orders and what struck so far, also by orders that are over.
func (f *faultBoard) object() obj {
	f.mu.Lock()
	defer f.mu.Unlock()
	orders, struck := []obj{}, map[string]int{}
	for _, o := range f.orders {
		if o.Left > 0 {
			orders = append(orders, o.object())
		}
	}
	for what, n := range f.struck {
		struck[what] = n
	}
	return obj{"orders": orders, "struck": struck}
}

// strike answers in the broken way. body is the true answer when the call was executed.
func (f fault) strike(w http.ResponseWriter, r *http.Request, body []byte) {
	switch f.Kind {
	case faultHang:
		select {
		case <-r.Context().Done():
		case <-time.After(f.Hang):
		}
		panic(http.ErrAbortHandler)
	case faultReset:
		panic(http.ErrAbortHandler) // the server closes the connection without a word
	case faultTruncate:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case faultHTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>Gateway</title><p>Something in between answered."))
	default:
		f.status(w)
	}
}

func (f fault) status(w http.ResponseWriter) {
	status := map[string]int{
		faultError: http.StatusInternalServerError, faultBusy: http.StatusServiceUnavailable,
		faultLimit: http.StatusTooManyRequests, faultLock: http.StatusTooManyRequests, faultConflict: http.StatusConflict,
	}[f.Kind]
	w.Header().Set("Content-Type", "application/json")
	if f.Retry != "" {
		w.Header().Set("Stripe-Should-Retry", f.Retry)
	}
	w.WriteHeader(status)
	_, _ = w.Write(faultBody(f.Kind))
}

func faultBody(kind string) []byte {
	switch kind {
	case faultLimit:
		return []byte(`{"error":{"type":"invalid_request_error","code":"rate_limit","message":"Too many requests."}}`)
	case faultLock:
		return []byte(`{"error":{"type":"invalid_request_error","code":"lock_timeout","message":"This object cannot be accessed right now because another API request or Stripe process is currently accessing it."}}`)
	case faultConflict:
		return encode(errKeyInUse.status, errKeyInUse.object(nil)).body
	}
	return []byte(`{"error":{"type":"api_error","message":"An unknown error occurred."}}`)
}
