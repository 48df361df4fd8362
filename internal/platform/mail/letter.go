package mail

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	letterSuffix  = ".eml"
	largestLetter = 4 << 20
)

// A letter's name is its file's; nothing else in the folder can be asked for.
var letterName = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)\.([0-9]+)\.eml$`)

// letter is a caught message as the mailbox shows it.
type letter struct {
	Name    string
	ID      string
	Repeat  int // 2 and above: the same letter was sent again
	From    string
	To      string
	Subject string
	Lang    string
	Date    time.Time
	Text    string
	HTML    string
	caught  time.Time

	pictures map[string][]byte // by their id in the HTML
}

// lettersIn lists the caught letters, newest first, with headers only.
func lettersIn(dir string, most int) (newest []letter, all int, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	var found []letter
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !letterName.MatchString(e.Name()) {
			continue // swept away meanwhile, or half written
		}
		found = append(found, letter{Name: e.Name(), caught: info.ModTime()})
	}
	slices.SortFunc(found, func(a, b letter) int {
		if c := b.caught.Compare(a.caught); c != 0 {
			return c
		}
		return strings.Compare(b.Name, a.Name)
	})
	all = len(found)
	for _, f := range found[:min(most, all)] {
		l, err := readLetter(dir, f.Name)
		if err != nil {
			return nil, 0, err
		}
		newest = append(newest, l)
	}
	return newest, all, nil
}

func openLetter(dir, name string) (*os.File, error) {
	if !letterName.MatchString(name) {
		return nil, fs.ErrNotExist
	}
	return os.OpenInRoot(dir, name)
}

func readLetter(dir, name string) (letter, error) {
	f, err := openLetter(dir, name)
	if err != nil {
		return letter{}, err
	}
	defer f.Close()
	msg, err := netmail.ReadMessage(io.LimitReader(f, largestLetter))
	if err != nil {
		return letter{}, fmt.Errorf("read %s: %w", name, err)
	}
	parts := letterName.FindStringSubmatch(name)
	repeat, err := strconv.Atoi(parts[2])
	if err != nil {
		return letter{}, err
	}
	l := letter{Name: name, ID: parts[1], Repeat: repeat, Lang: msg.Header.Get("Content-Language")}
	l.From, l.To, l.Subject = decoded(msg.Header, "From"), decoded(msg.Header, "To"), decoded(msg.Header, "Subject")
	if l.Date, err = msg.Header.Date(); err != nil {
		return letter{}, fmt.Errorf("read the date of %s: %w", name, err)
	}
	return l, l.readPart(msg.Header, msg.Body)
}

func decoded(h netmail.Header, name string) string {
	raw := h.Get(name)
	if plain, err := new(mime.WordDecoder).DecodeHeader(raw); err == nil {
		return plain
	}
	return raw
}

// header is what a message and its parts have in common.
type header interface{ Get(name string) string }

func (l *letter) readPart(h header, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		return l.readParts(multipart.NewReader(body, params["boundary"]))
	}
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	switch kind {
	case "text/plain":
		l.Text = strings.ReplaceAll(string(content), "\r\n", "\n")
	case "text/html":
		l.HTML = string(content)
	case "image/png":
		if l.pictures == nil {
			l.pictures = map[string][]byte{}
		}
		l.pictures[strings.Trim(h.Get("Content-ID"), "<>")] = content
	}
	return nil
}

// shown is the HTML with its pictures in it: a browser cannot ask a letter for them.
func (l *letter) shown() string {
	out := l.HTML
	for id, png := range l.pictures {
		out = strings.ReplaceAll(out, `src="cid:`+id+`"`, `src="data:image/png;base64,`+base64.StdEncoding.EncodeToString(png)+`"`)
	}
	return out
}

func (l *letter) readParts(parts *multipart.Reader) error {
	for {
		// The raw part: NextPart would undo quoted-printable silently.
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.readPart(part.Header, part); err != nil {
			return err
		}
	}
}

// run is a piece of text, or a link when Link is set.
type run struct {
	Text string
	Link bool
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)]`)

// Runs splits the text so that its links can be followed.
func (l letter) Runs() []run {
	var out []run
	from := 0
	for _, at := range webAddress.FindAllStringIndex(l.Text, -1) {
		out = append(out, run{Text: l.Text[from:at[0]]}, run{Text: l.Text[at[0]:at[1]], Link: true})
		from = at[1]
	}
	return append(out, run{Text: l.Text[from:]})
}
