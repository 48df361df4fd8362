package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sort"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/limit"

	"github.com/labstack/echo/v4"
)

// Unlocker opens a session that was left alone.
type Unlocker interface {
	Unlock(ctx context.Context, u identity.User, secret string) error
}

// UnlockField is what somebody types to go on; it never reaches the page behind the lock.
const UnlockField = "unlock_secret"

// FilesField marks a form that was sent into a locked session with files: its words were kept, the files were not.
const FilesField = "files_again"

// UnlockPage asks whoever sits before a locked session to show that it is his. What he had typed when it
// locked is carried along, so that nothing has to be typed twice.
type UnlockPage struct {
	Base
	Errors FieldErrors
	URL    string
	Next   string // where to go; empty when a form goes on by itself
	Name   string
	Kept   []KeptField
	Files  bool // files were sent, and are to be chosen again
	App    bool // a code of an authenticator app will do
	// SSO is the group whose provider began the session: it may be asked again. Only, when nothing else will do.
	SSO  id.Group
	Only bool
}

// KeptField is a field of the form that was being sent.
type KeptField struct{ Name, Value string }

// behindLock answers for a request into a locked session. A page is asked for again behind the lock. A form
// is shown the lock at its own address, with its fields kept; with the right secret it goes on from there:
// then and only then the answer is true. Files are not kept, and that is said: the form goes on with a mark, with which
// it is shown again with all that was typed (ReadMessage).
func (k *Kit) behindLock(c echo.Context, u identity.User) (bool, error) {
	req := c.Request()
	if req.Method != http.MethodPost {
		return false, SeeOther(c, "/login/unlock?next="+url.QueryEscape(req.URL.RequestURI()))
	}
	files, err := dropFiles(req)
	if err != nil {
		return false, err
	}
	f, err := ReadForm(c)
	if err != nil {
		return false, err
	}
	status := http.StatusForbidden
	if secret := req.PostForm.Get(UnlockField); secret != "" {
		ok, err := k.TryUnlock(c, f, u, secret)
		if err != nil {
			return false, err
		}
		if ok {
			req.PostForm.Del(UnlockField)
			req.Form.Del(UnlockField)
			return true, nil
		}
		status = http.StatusUnprocessableEntity
	}
	p := k.UnlockPage(c, u, f)
	p.URL = req.URL.RequestURI()
	for name, values := range req.PostForm {
		for _, v := range values {
			if name != UnlockField && !strings.HasPrefix(name, "password") { // no page carries a password
				p.Kept = append(p.Kept, KeptField{name, v})
			}
		}
	}
	if p.Files = files || req.PostForm.Get(FilesField) != ""; files {
		p.Kept = append(p.Kept, KeptField{FilesField, "1"})
	}
	sort.SliceStable(p.Kept, func(i, j int) bool { return p.Kept[i].Name < p.Kept[j].Name })
	return false, k.Show(c, status, "shared/unlock", p)
}

// dropFiles reads a form with files, keeps its words in the form and lets go of the files; it tells whether there were any.
func dropFiles(r *http.Request) (bool, error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return false, nil
	}
	if err := parseFiles(r); err != nil {
		return false, err
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	for _, list := range r.MultipartForm.File {
		for _, file := range list {
			if file.Size > 0 {
				return true, nil
			}
		}
	}
	return false, nil
}

// parseFiles reads a form with files; one that is too large, or none, is refused in our own words.
func parseFiles(r *http.Request) error {
	err := r.ParseMultipartForm(1 << 20)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return ErrTooLarge
	case err != nil:
		return ErrBadForm
	}
	return nil
}

// TryUnlock opens the visitor's session when the secret is right, under a new token.
func (k *Kit) TryUnlock(c echo.Context, f *Form, u identity.User, secret string) (bool, error) {
	if k.Unlocker == nil {
		return false, ErrSignIn
	}
	ctx := c.Request().Context()
	err := k.Unlocker.Unlock(ctx, u, secret)
	switch {
	case err == nil:
		return true, k.Sessions.GoOn(ctx, u)
	case errors.Is(err, limit.ErrLimited):
		f.Reject(UnlockField, "signin.wait")
	case fault.KindOf(err) == fault.Invalid:
		f.Reject(UnlockField, "account.unlock_wrong")
	default:
		return false, err
	}
	return false, nil
}

// UnlockPage begins the page of the lock, in the language in which the person works.
func (k *Kit) UnlockPage(c echo.Context, u identity.User, f *Form) *UnlockPage {
	c.Set(userKey, u) // for the language; the page has nothing of the session
	p := &UnlockPage{Base: k.BaseFor(c), Name: u.Name, App: u.Second}
	p.User, p.SessionLeft = identity.User{}, 0
	if k.Sessions.BySSO(c.Request().Context()) {
		p.SSO, p.Only = u.Group, u.Policy.SSO && !u.Second
	}
	p.Title, p.NoIndex = p.T("account.unlock_title"), true
	if f != nil {
		p.Errors = f.Errors()
	}
	return p
}
