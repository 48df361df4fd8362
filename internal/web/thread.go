package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"forecourt/internal/platform/photo"
	"forecourt/internal/talk"

	"github.com/labstack/echo/v4"
)

// Thread is what buyer and dealer wrote to each other, with the form to write more, for either side's page.
type Thread struct {
	Lines    []ThreadLine
	Action   string // where the form leads; empty when nobody may write any more
	Other    string // who reads it
	Typed    string
	MaxRunes int
	Errors   FieldErrors
	Open     bool // the form lies open
}

// ThreadLine is one message.
type ThreadLine struct {
	talk.Message
	Mine  bool
	Who   string
	When  string
	Photo string // its address; empty when there is none
}

// NewThread makes the thread as one side sees it; action is where the form leads, below which the pictures are.
func NewThread(ms []talk.Message, mine talk.Side, you, other, action string, open bool, when func(talk.Message) string) Thread {
	t := Thread{Other: other, MaxRunes: talk.MostRunes}
	if open {
		t.Action = action
	}
	for _, m := range ms {
		l := ThreadLine{Message: m, Mine: m.Side == mine, Who: other, When: when(m)}
		if l.Mine {
			l.Who = you
		}
		if m.Photo {
			l.Photo = action + "/" + strconv.Itoa(m.Seq) + ".jpg"
		}
		t.Lines = append(t.Lines, l)
	}
	return t
}

// MaxThreadForm is the most that a message with its picture may have.
const MaxThreadForm = photo.MostBytes + 64<<10

// ReadMessage reads a message's form: its words and, drawn anew, its picture. What is wrong is noted in the form.
func ReadMessage(c echo.Context) (f *Form, body string, picture *photo.Photo, err error) {
	r := c.Request()
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		if err := parseFiles(r); err != nil {
			return nil, "", nil, err
		}
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	if f, err = ReadForm(c); err != nil {
		return nil, "", nil, err
	}
	body = f.Text("body")
	if f.Has(FilesField) { // comes from behind a lock, without its picture
		f.Reject("photo", "talk.photo_again")
	}
	if picture, err = pictureOf(r, f); err != nil {
		return nil, "", nil, err
	}
	if err := (talk.New{Body: body, Photo: picture}).Check(); err != nil && f.OK() {
		return f, body, picture, f.RejectFault("body", err)
	}
	return f, body, picture, nil
}

// pictureOf draws the picture of a form anew; nil when none was sent.
func pictureOf(r *http.Request, f *Form) (*photo.Photo, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File["photo"]) == 0 || r.MultipartForm.File["photo"][0].Size == 0 {
		return nil, nil
	}
	file, err := r.MultipartForm.File["photo"][0].Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	p, err := photo.Clean(file)
	switch {
	case errors.Is(err, photo.ErrTooLarge):
		f.Reject("photo", "talk.photo_large")
	case err != nil:
		f.Reject("photo", "talk.photo_kind")
	}
	return &p, nil
}

// ShowPhoto answers a picture of a thread. It was drawn by us; the browser is told to believe that and nothing else.
func ShowPhoto(c echo.Context, jpeg []byte) error {
	c.Response().Header().Set("Cache-Control", "private, max-age=3600")
	c.Response().Header().Set("Content-Disposition", "inline")
	return c.Blob(http.StatusOK, "image/jpeg", jpeg)
}
