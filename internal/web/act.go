package web

import (
	"context"
	"errors"
	"net/http"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"

	"github.com/labstack/echo/v4"
)

// Act is one thing that a form asks for. It is done once however often the form is sent (Kit.Once); done, the answer is
// 303, and what was refused is told on the page that asked for it, as things are by now.
type Act struct {
	Name string // what is done, and to what: part of what makes two forms the same
	// First runs before the transaction, for what must not be inside: a call of somebody else's, a count of attempts.
	First func(ctx context.Context) error
	// Do does it in one transaction and says where the reader goes. That is kept with the form's key: where the address
	// has a secret in it, Do answers a word about what was done and To makes the address of it.
	Do func(ctx context.Context, tx *db.Tx) (to string, err error)
	To func(done string) string
	// Fields say by a fault's key beside which field it is shown: what was typed is wrong, 422. Field is that of every
	// other fault that the reader can put right. With neither, or an empty one, it is a sentence on top of the page.
	Fields map[string]string
	Field  string
	// Over says where the reader goes when somebody was quicker: what was asked for is so by now, or cannot be any more,
	// and that page tells it.
	Over map[*fault.Fault]string
	// Done runs when it is so, for what must not be inside the transaction.
	Done func() error
	// Again shows the page again with what was typed and why not. Without it a refusal is an error page.
	Again func(r Refusal) error
}

// Refusal is why an act was not done.
type Refusal struct {
	Status int    // 422 for what was typed, 409 for what changed meanwhile
	Key    string // of the catalogue: the sentence on top of the page; empty when a field says it
	Cause  error  // nil when the fields were refused before anything was tried
}

// Act carries an act out, unless a field of its form was refused before.
func (k *Kit) Act(c echo.Context, f *Form, a Act) error {
	if !f.OK() {
		return a.Again(Refusal{Status: http.StatusUnprocessableEntity})
	}
	if a.First != nil {
		if err := a.First(c.Request().Context()); err != nil {
			return a.refused(c, f, err)
		}
	}
	to, err := k.Once(c, f, a.Name, a.Do)
	if err != nil {
		return a.refused(c, f, err)
	}
	if a.To != nil {
		to = a.To(to)
	}
	return a.arrive(c, to)
}

func (a Act) arrive(c echo.Context, to string) error {
	if a.Done != nil {
		if err := a.Done(); err != nil {
			return err
		}
	}
	return SeeOther(c, to)
}

func (a Act) refused(c echo.Context, f *Form, err error) error {
	for over, to := range a.Over {
		if errors.Is(err, over) {
			return a.arrive(c, to)
		}
	}
	r, ok := a.refusal(f, err)
	if !ok || a.Again == nil {
		return err
	}
	return a.Again(r)
}

// changed is the key of whatever moved on while somebody typed.
const changed = "fault.conflict"

// refusal words a fault for the page that asked; false for what no page can explain.
func (a Act) refusal(f *Form, err error) (Refusal, bool) {
	r := Refusal{Status: http.StatusUnprocessableEntity, Cause: err}
	var x *fault.Fault
	if !errors.As(err, &x) {
		return r, false
	}
	field, named := a.Fields[x.Key]
	if !named && x.Key != changed { // of that nothing which was typed is to blame
		field = a.Field
	}
	if !named && x.Kind != fault.Invalid && x.Kind != fault.Conflict {
		return r, false
	}
	switch {
	case !f.OK(): // Do has said beside which field
	case field != "":
		f.Reject(field, x.Key)
	case x.Kind == fault.Conflict:
		r.Status, r.Key = http.StatusConflict, x.Key
	default:
		r.Key = x.Key
	}
	return r, true
}

// Post answers a form: who finds with what rights it is sent and about what, plan says what to do with what was typed.
func Post[W any](k *Kit, c echo.Context, who func(echo.Context) (W, error), plan func(w W, f *Form) (Act, error)) error {
	f, err := ReadForm(c) // first: what is no form, or too long for one, is that whoever sends it
	if err != nil {
		return err
	}
	w, err := who(c)
	if err != nil {
		return err
	}
	a, err := plan(w, f)
	if err != nil {
		return err
	}
	return k.Act(c, f, a)
}

// Sentence is the text of a fault's key, which may have a title beside it; nothing for no key.
func (b Base) Sentence(key string) string {
	if b.P.Has(key + ".text") {
		key += ".text"
	}
	if key == "" {
		return ""
	}
	return b.T(key)
}

// View answers a page: who finds with what rights it is asked for and about what, page reads it.
func View[W, P any](k *Kit, c echo.Context, who func(echo.Context) (W, error), template string, page func(c echo.Context, w W) (P, error)) error {
	w, err := who(c)
	if err != nil {
		return err
	}
	p, err := page(c, w)
	if err != nil {
		return err
	}
	return k.Show(c, http.StatusOK, template, p)
}
