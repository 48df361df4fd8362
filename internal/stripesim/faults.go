package stripesim

import (
	"net/http"
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
	faultHang     = "hang"
	faultReset    = "reset"
	faultTruncate = "truncate"
	faultHTML     = "html"
)

// hangFor is longer than any caller waits.
const hangFor = 90 * time.Second

// fault is an order to break the next calls of a path.
type fault struct {
	Path   string // prefix
	Method string // empty is any
	Phase  string
	Kind   string
	Left   int
}

// faultBoard holds the orders; the first that fits a call strikes.
type faultBoard struct {
	mu     sync.Mutex
	orders []*fault
}

func (f *faultBoard) add(order fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.orders = append(f.orders, &order)
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
		if o.Left > 0 && strings.HasPrefix(path, o.Path) && (o.Method == "" || o.Method == method) {
			o.Left--
			return *o, true
		}
	}
	return fault{}, false
}

// strike answers in the broken way. body is the true answer when the call was executed.
func (f fault) strike(w http.ResponseWriter, r *http.Request, body []byte) {
	switch f.Kind {
	case faultHang:
		select {
		case <-r.Context().Done():
		case <-time.After(hangFor):
		}
		panic(http.ErrAbortHandler)
	case faultReset:
		panic(http.ErrAbortHandler) // the server closes the connection without a word
	case faultTruncate:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "4000")
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
		faultError: http.StatusInternalServerError,
		faultBusy:  http.StatusServiceUnavailable,
		faultLimit: http.StatusTooManyRequests,
	}[f.Kind]
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(faultBody(status))
}

func faultBody(status int) []byte {
	if status == http.StatusTooManyRequests {
		return []byte(`{"error":{"type":"invalid_request_error","code":"rate_limit","message":"Too many requests."}}`)
	}
	return []byte(`{"error":{"type":"api_error","message":"An unknown error occurred."}}`)
}
