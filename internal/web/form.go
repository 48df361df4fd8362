package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/forms"

	"github.com/labstack/echo/v4"
)

// Form reads a POST's fields. Values are trimmed, cut of control and bidirectional override signs,
// and must be valid UTF-8. Messages are catalogue keys by field.
type Form struct {
	c     echo.Context
	errs  map[string]string
	order []string
}

// FormKeyField is the hidden field with the form's unique key.
const FormKeyField = "form_key"

// ReadForm parses the body; a body that is too large or not a form is an error.
func ReadForm(c echo.Context) (*Form, error) {
	if err := c.Request().ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, ErrTooLarge
		}
		return nil, ErrBadForm
	}
	f := &Form{c: c, errs: map[string]string{}}
	for _, vs := range c.Request().PostForm {
		for _, v := range vs {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return nil, ErrBadForm
			}
		}
	}
	return f, nil
}

// Value is a field as one clean line.
func (f *Form) Value(name string) string { return CleanLine(f.c.Request().PostForm.Get(name)) }

// Text is a field of several lines, each clean; empty lines in a row become one.
func (f *Form) Text(name string) string {
	var out []string
	for line := range strings.Lines(strings.ReplaceAll(f.c.Request().PostForm.Get(name), "\r\n", "\n")) {
		line = CleanLine(line)
		if line != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, line)
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// Values are all values of a field, clean.
func (f *Form) Values(name string) []string {
	var out []string
	for _, v := range f.c.Request().PostForm[name] {
		if v = CleanLine(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// Has tells whether a box is ticked.
func (f *Form) Has(name string) bool { return f.c.Request().PostForm.Get(name) != "" }

// Key is the form's unique key.
func (f *Form) Key() string { return f.c.Request().PostForm.Get(FormKeyField) }

// Reject notes a message for a field; the first one stays.
func (f *Form) Reject(field, key string) {
	if _, ok := f.errs[field]; ok {
		return
	}
	f.errs[field] = key
	f.order = append(f.order, field)
}

// OK tells whether no field was rejected.
func (f *Form) OK() bool { return len(f.errs) == 0 }

// Errors are the messages for the page.
func (f *Form) Errors() FieldErrors { return FieldErrors{Keys: f.errs, Order: f.order} }

// FieldErrors are messages beside fields and in the summary on top, as catalogue keys.
type FieldErrors struct {
	Keys  map[string]string
	Order []string
}

// Add notes a message for a field of a page that no form was sent to; the first one stays.
func (e *FieldErrors) Add(field, key string) {
	if _, ok := e.Keys[field]; ok {
		return
	}
	if e.Keys == nil {
		e.Keys = map[string]string{}
	}
	e.Keys[field] = key
	e.Order = append(e.Order, field)
}

// Any tells whether there is a message.
func (e FieldErrors) Any() bool { return len(e.Keys) > 0 }

// Of is the message key of a field; empty when it is fine.
func (e FieldErrors) Of(field string) string { return e.Keys[field] }

// RejectFault turns an Invalid or Conflict fault into a message of a field; other errors come back.
func (f *Form) RejectFault(field string, err error) error {
	var x *fault.Fault
	if errors.As(err, &x) && (x.Kind == fault.Invalid || x.Kind == fault.Conflict) {
		f.Reject(field, x.Key)
		return nil
	}
	return err
}

// CleanLine makes one line of what was typed: white space folded, control signs and the signs that
// turn the direction of text dropped, so that nobody can make a name read as something else.
func CleanLine(s string) string { return forms.Line(s) }

// Once carries out a POST one time, however often it is sent, and answers where to go. What is the same
// is the form's key, its address and all that was typed: a form sent again from the history with another
// answer is another act, and no key opens what it was not made for. Only a hash is kept.
func (k *Kit) Once(c echo.Context, f *Form, action string, act func(ctx context.Context, tx *db.Tx) (string, error)) (string, error) {
	key, err := actKey(c, f)
	if err != nil {
		return "", err
	}
	return forms.Once(c.Request().Context(), k.DB, key, action, act)
}

// Before is what a POST answered when it was carried out; false when it was not. It asks without a transaction, for where many
// send something of which one alone can succeed.
func (k *Kit) Before(c echo.Context, f *Form, action string) (string, bool, error) {
	key, err := actKey(c, f)
	if err != nil {
		return "", false, err
	}
	return forms.Before(k.DB.Read(c.Request().Context()), key, action)
}

func actKey(c echo.Context, f *Form) (string, error) {
	if !forms.IsKey(f.Key()) {
		return "", forms.ErrKey
	}
	sum := sha256.Sum256([]byte(f.Key() + "\x00" + c.Request().URL.Path + "\x00" + c.Request().PostForm.Encode()))
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}
