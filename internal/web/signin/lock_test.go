package signin_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"forecourt/internal/identity"
	"forecourt/internal/platform/forms"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// upload is a form with a file, as a browser sends it; without content no file was chosen.
func upload(path, words string, content []byte) *http.Request {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("form_key", forms.NewKey())
	_ = w.WriteField("body", words)
	part, _ := w.CreateFormFile("photo", "boot.jpg")
	_, _ = part.Write(content)
	_ = w.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

// A form with a file that meets a locked screen keeps its words, says that the file is to be chosen again, and
// sends nothing without it.
func TestALockedUploadKeepsItsWordsAndSaysThatTheFileIsGone(t *testing.T) {
	t.Parallel()
	h := desk(t)
	h.Open([]web.Route{{Method: http.MethodPost, Path: "/dealer/say", Perm: identity.DealerSee, MaxBody: web.MaxThreadForm, Handler: func(c echo.Context) error {
		f, body, _, err := web.ReadMessage(c)
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, body+"|"+f.Errors().Of("photo"))
	}}})
	b := h.Dealer("desk@example.com", "gb-leeds-northgate")
	for _, c := range []struct {
		content []byte
		files   string
		want    string
	}{{[]byte("a picture"), "1", "a scratch|talk.photo_again"}, {nil, "", "a scratch|"}} {
		idle(t, h, 16*time.Minute)
		a := b.Do(upload("/dealer/say", "a scratch", c.content))
		if a.Status != 403 || a.Hidden("body") != "a scratch" || a.Hidden(web.FilesField) != c.files || strings.Contains(a.Body, "choose them again") != (c.files != "") {
			t.Fatalf("the lock: %d, files %q", a.Status, a.Hidden(web.FilesField))
		}
		kept := url.Values{"body": {a.Hidden("body")}, "form_key": {a.Hidden("form_key")}, web.UnlockField: {"wrong"}}
		if c.files != "" {
			kept.Set(web.FilesField, c.files)
		}
		if a := b.Post("/dealer/say", kept); a.Status != 422 || a.Hidden("body") != "a scratch" || a.Hidden(web.FilesField) != c.files || strings.Contains(a.Body, "choose them again") != (c.files != "") {
			t.Errorf("a wrong password: %d", a.Status)
		}
		kept.Set(web.UnlockField, identity.DemoPassword)
		if a := b.Post("/dealer/say", kept); a.Status != 200 || a.Body != c.want {
			t.Errorf("unlocked: %d %q, want %q", a.Status, a.Body, c.want)
		}
	}
	idle(t, h, 16*time.Minute)
	if a := b.Do(upload("/dealer/say", "x", make([]byte, web.MaxThreadForm+1))); a.Status != 413 {
		t.Errorf("a body that is too large: %d", a.Status)
	}
	r := httptest.NewRequest(http.MethodPost, "/dealer/say", strings.NewReader("rubbish"))
	r.Header.Set("Content-Type", "multipart/form-data")
	if a := b.Do(r); a.Status != 400 {
		t.Errorf("no form at all: %d", a.Status)
	}
}
