package stripesim

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const bodyLimit = 64 << 10

// call is one request to the API after it was let in.
type call struct {
	*params
	id     string // {id} of the path
	host   string // address under which the caller reached the bank
	broken string // kind of fault that a verb wants its answer to have: the card is a test of that
}

// verb answers one route of the API. It runs alone over the state: it checks, then puts.
type verb func(*tx, *call) (any, *apiError)

// answer is a finished response.
type answer struct {
	status   int
	body     []byte
	replayed bool
	broken   string
}

// api makes a handler of a verb: who calls, faults ordered for this path, the idempotency layer.
func (b *Bank) api(v verb) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		request := newID("req_", 14)
		w.Header().Set("Request-Id", request)
		if refused := b.letIn(r); refused != nil {
			b.write(w, b.refusal(refused))
			return
		}
		body, refused := readForm(w, r)
		if refused != nil {
			b.write(w, b.refusal(refused))
			return
		}
		key := keyOf(r)
		if len(key) > 255 {
			b.write(w, b.refusal(errKeyLong))
			return
		}
		if !b.inUse.enter(key) {
			b.write(w, b.refusal(errKeyInUse))
			return
		}
		defer b.inUse.leave(key) // also when a fault hangs: so long the call is in flight
		f, ordered := b.faults.take(r.Method, r.URL.Path)
		if ordered && f.Phase == phaseBefore {
			f.strike(w, r, nil)
			return
		}
		a := b.execute(r, v, request, body, ordered && f.Kind == faultError)
		if a.broken != "" {
			f, ordered = fault{Kind: a.broken, Hang: hangFor}, true
		}
		if ordered {
			f.strike(w, r, a.body)
			return
		}
		b.echoKey(w, r, a)
		b.write(w, a)
	}
}

func (b *Bank) echoKey(w http.ResponseWriter, r *http.Request, a answer) {
	w.Header().Set("Stripe-Version", APIVersion)
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		w.Header().Set("Idempotency-Key", key)
	}
	if a.replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
}

func (b *Bank) letIn(r *http.Request) *apiError {
	key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		key, _, _ = r.BasicAuth()
	}
	if subtle.ConstantTimeCompare([]byte(key), []byte(b.opt.SecretKey)) != 1 {
		return errUnsigned
	}
	if v := r.Header.Get("Stripe-Version"); v != "" && v != APIVersion {
		return errVersion
	}
	return nil
}

// readForm takes the query of a GET and the body of a POST.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, *apiError) {
	if r.Method == http.MethodGet {
		return r.URL.Query(), nil
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, errBody
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, errBody
	}
	return form, nil
}

// execute runs the verb, or gives what its key was answered before. spoiled makes the kept answer a
// 500: this is how the original looks after it failed in the middle of a write.
func (b *Bank) execute(r *http.Request, v verb, request string, form url.Values, spoiled bool) answer {
	key := keyOf(r)
	c := &call{params: newParams(form), id: r.PathValue("id"), host: r.Host}
	print := fingerprint(r, form)
	var a answer
	line := b.update(func(t *tx) {
		t.request, t.key = request, key
		a = t.answerOnce(v, c, key, print, spoiled)
	})
	if err := b.durable(line); err != nil {
		return b.refusal(errDisk)
	}
	return a
}

// keyOf is the idempotency key of a write; reads need none.
func keyOf(r *http.Request) string {
	if r.Method == http.MethodGet {
		return ""
	}
	return r.Header.Get("Idempotency-Key")
}

// answerOnce is the idempotency layer: the first executed answer to a key is kept with the change
// itself, in one journal line, so that neither can be lost without the other.
func (t *tx) answerOnce(v verb, c *call, key, print string, spoiled bool) answer {
	if k := t.st.kept.byID[key]; key != "" && k != nil && t.now.Sub(time.Unix(k.At, 0)) <= keyLife {
		if k.Print != print {
			return encode(errKeyReused.status, errKeyReused.object(t.st))
		}
		body, err := unpack(k.Body)
		if err != nil {
			return encode(errDisk.status, errDisk.object(t.st))
		}
		return answer{status: k.Status, body: body, replayed: true}
	}
	result, refused := v(t, c)
	a := encode(http.StatusOK, result)
	if refused != nil {
		a = encode(refused.status, refused.object(t.st))
	}
	a.broken = c.broken
	spoiled = spoiled || c.broken == faultError
	if key != "" && (refused == nil || !refused.early) {
		k := &kept{Key: key, Print: print, Status: a.status, Body: pack(a.body), At: t.now.Unix()}
		if spoiled {
			k.Status, k.Body = http.StatusInternalServerError, pack(faultBody(faultError))
		}
		t.put(change{Kept: k})
	}
	return a
}

func encode(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic("stripesim: an answer cannot be written: " + err.Error()) // only plain fields: cannot happen
	}
	return answer{status: status, body: body}
}

func (b *Bank) refusal(e *apiError) answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	return encode(e.status, e.object(b.st))
}

func (b *Bank) write(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache, no-store")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// fingerprint tells whether two calls with one key are the same call.
func fingerprint(r *http.Request, form url.Values) string {
	sum := sha256.Sum256([]byte(r.Method + " " + r.URL.Path + "?" + form.Encode()))
	return hex.EncodeToString(sum[:12])
}

// keysInUse are the idempotency keys of calls that are not answered yet.
type keysInUse struct {
	mu   sync.Mutex
	keys map[string]bool
}

// enter takes the key, unless a call has it; a call without a key never waits for another.
func (k *keysInUse) enter(key string) bool {
	if key == "" {
		return true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys[key] {
		return false
	}
	if k.keys == nil {
		k.keys = map[string]bool{}
	}
	k.keys[key] = true
	return true
}

func (k *keysInUse) leave(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.keys, key)
}
