package fault

import (
	"errors"
	"fmt"
)

// Kind decides the answer's status; see web.StatusOf for the mapping.
type Kind int

// The kinds. The zero value is Internal on purpose: an error nobody classified is ours.
const (
	Internal   Kind = iota // ours: logged once, never shown
	Invalid                // 422: the request is understood and refused
	NotFound               // 404: no such thing, or not for this reader
	Conflict               // 409: the thing moved on meanwhile
	Forbidden              // 403: signed in, not allowed
	Unsigned               // 401: not signed in
	Gone                   // 410: was valid, is over (expired or revoked link)
	Limited                // 429: too many requests
	Closed                 // 409: the market's switch does not allow this first step
	TooLarge               // 413: body over the limit
	Unavail                // 503: a counterpart is down; trying again helps
	BadRequest             // 400: not understandable at all
)

// Fault is an error with a kind and a message key of the locale catalogues.
type Fault struct {
	Kind Kind
	Key  string            // catalogue key of the sentence for the reader, e.g. "fault.not_found"
	Op   string            // operation, e.g. "ordering.Cancel"
	Args map[string]string // values for the sentence; never personal data
	Err  error             // cause, for the log only
}

// New makes a fault.
func New(kind Kind, key, op string) *Fault { return &Fault{Kind: kind, Key: key, Op: op} }

// Wrap makes a fault with a cause.
func Wrap(kind Kind, key, op string, err error) *Fault {
	return &Fault{Kind: kind, Key: key, Op: op, Err: err}
}

// With returns a copy that carries a value for the sentence.
func (f *Fault) With(name, value string) *Fault {
	c := *f
	c.Args = map[string]string{name: value}
	for k, v := range f.Args {
		if k != name {
			c.Args[k] = v
		}
	}
	return &c
}

// Error implements error. It is for logs, not for readers.
func (f *Fault) Error() string {
	if f.Err != nil {
		return fmt.Sprintf("%s: %s: %v", f.Op, f.Key, f.Err)
	}
	return f.Op + ": " + f.Key
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

// Is makes two faults with the same key equal for errors.Is, so that a sentinel such as
// ordering.ErrNotPayable matches its copies with arguments.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Key == f.Key && t.Kind == f.Kind
}

// KindOf tells the kind of the outermost fault in err; Internal when there is none.
func KindOf(err error) Kind {
	var f *Fault
	if errors.As(err, &f) {
		return f.Kind
	}
	return Internal
}
