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
	done, err := ReadParts(c)
	if err != nil {
		return nil, "", nil, err
	}
	defer done()
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

// ReadParts reads a body that may have files; done, which is called when they have been read, removes them.
func ReadParts(c echo.Context) (done func(), err error) {
	r := c.Request()
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		r.Body = http.MaxBytesReader(c.Response(), r.Body, 64<<10) // words only
		return func() {}, nil
	}
	if err := parseFiles(r); err != nil {
		return nil, err
	}
	return func() { _ = r.MultipartForm.RemoveAll() }, nil
}

// pictureOf draws the picture of a form anew; nil when none was sent.
func pictureOf(r *http.Request, f *Form) (*photo.Photo, error) {
	ps, err := pictures(r, f, 1)
	if err != nil || len(ps) == 0 {
		return nil, err
	}
	return &ps[0], nil
}

// Photos draws the pictures of a form anew, as many as most: what is wrong with one is noted in the form. Its files
// were read with ReadParts.
func (f *Form) Photos(most int) ([]photo.Photo, error) { return pictures(f.c.Request(), f, most) }

func pictures(r *http.Request, f *Form, most int) ([]photo.Photo, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	var out []photo.Photo
	for _, head := range r.MultipartForm.File["photo"] {
		if head.Size == 0 {
			continue
		}
		if len(out) == most {
			break
		}
		file, err := head.Open()
		if err != nil {
			return nil, err
		}
		p, err := photo.Clean(file)
		_ = file.Close()
		switch {
		case errors.Is(err, photo.ErrTooLarge):
			f.Reject("photo", "talk.photo_large")
		case err != nil:
			f.Reject("photo", "talk.photo_kind")
		}
		out = append(out, p)
	}
	return out, nil
}

// SentPhotos counts the pictures of a form that have anything in them.
func (f *Form) SentPhotos() (n int) {
	if m := f.c.Request().MultipartForm; m != nil {
		for _, head := range m.File["photo"] {
			if head.Size > 0 {
				n++
			}
		}
	}
	return n
}

// AnswerPhoto shows the picture that the address names by its number, as "12.jpg"; read says whether there is one.
func AnswerPhoto(c echo.Context, read func(seq int) ([]byte, bool, error)) error {
	n, ok := strings.CutSuffix(c.Param("photo"), ".jpg")
	seq, err := strconv.Atoi(n)
	if !ok || err != nil || seq <= 0 {
		return ErrNotFound
	}
	jpeg, ok, err := read(seq)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNotFound
	}
	return showPhoto(c, jpeg)
}

// showPhoto answers a picture of a thread. It was drawn by us; the browser is told to believe that and nothing else.
func showPhoto(c echo.Context, jpeg []byte) error {
	c.Response().Header().Set("Cache-Control", "private, max-age=3600")
	c.Response().Header().Set("Content-Disposition", "inline")
	return c.Blob(http.StatusOK, "image/jpeg", jpeg)
}
