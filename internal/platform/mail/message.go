package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// Message is a letter to one person.
type Message struct {
	ID      string // local part of the Message-ID, such as "GB-1042.order_booked.1"
	To      string
	ToName  string
	Subject string
	Text    string // equal in content to HTML
	HTML    string // may be empty
	Lang    string // of the words, such as "it"
	Date    time.Time
	Headers map[string]string // further ones, such as List-Unsubscribe
	// Pictures travel inside the letter, so that no reader has to let it load anything.
	Pictures []Picture
}

// Picture is a PNG that the HTML shows as <img src="cid:ID">.
type Picture struct {
	ID   string // such as "car@shop"
	Name string // of the file, for readers that list it
	PNG  []byte
}

// Sender takes a letter for delivery. It may be called again with the same letter.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Address is the sender on every letter.
type Address struct {
	Name string
	Mail string
}

// ErrUnsendable means that a letter can never be sent as it is; trying again does not help.
var ErrUnsendable = errors.New("mail: unsendable letter")

var (
	validID      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$`)
	validPicture = regexp.MustCompile(`^[a-z0-9.-]+@[a-z0-9.-]+$`)
	validHeader  = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
)

const longestID = 120 // it is a file name too

// MessageID is the whole header value of a letter from this address.
func (a Address) MessageID(localPart string) string {
	_, domain, _ := strings.Cut(a.Mail, "@")
	return "<" + localPart + "@" + domain + ">"
}

// check refuses an address that letters cannot come from.
func (a Address) check() error {
	parsed, err := netmail.ParseAddress(a.Mail)
	if err != nil || parsed.Address != a.Mail {
		return fmt.Errorf("mail: %q is no address to send from", a.Mail)
	}
	return nil
}

// compose makes the letter as it goes over the wire.
func compose(from Address, m Message) (*gomail.Msg, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&netmail.Address{Name: oneLine(from.Name), Address: from.Mail})
	msg.ToMailAddress(&netmail.Address{Name: oneLine(m.ToName), Address: m.To})
	msg.Subject(oneLine(m.Subject))
	msg.SetDateWithValue(m.Date)
	msg.SetMessageIDWithValue(strings.Trim(from.MessageID(m.ID), "<>"))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // so that absence notes do not answer
	if m.Lang != "" {
		msg.SetGenHeader(gomail.HeaderContentLang, m.Lang)
	}
	for name, value := range m.Headers {
		msg.SetGenHeader(gomail.Header(name), value)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, p := range m.Pictures {
		err := msg.EmbedReader(p.Name, bytes.NewReader(p.PNG), gomail.WithFileContentID("<"+p.ID+">"), gomail.WithFileContentType("image/png"))
		if err != nil {
			return nil, fmt.Errorf("%w: picture %q: %w", ErrUnsendable, p.Name, err)
		}
	}
	return msg, nil
}

// check refuses what no cleaning can make right. Names and subjects are cleaned instead: a strange
// character in a buyer's name must not keep the letter from him.
func (m Message) check() error {
	to, err := netmail.ParseAddress(m.To)
	switch {
	case err != nil || to.Address != m.To || to.Name != "":
		return fmt.Errorf("%w: address of the reader", ErrUnsendable)
	case !validID.MatchString(m.ID) || len(m.ID) > longestID:
		return fmt.Errorf("%w: id %q", ErrUnsendable, m.ID)
	case strings.TrimSpace(m.Text) == "" || strings.TrimSpace(oneLine(m.Subject)) == "":
		return fmt.Errorf("%w: %s has no text or no subject", ErrUnsendable, m.ID)
	case m.Date.IsZero():
		return fmt.Errorf("%w: %s has no date", ErrUnsendable, m.ID)
	case oneLine(m.Lang) != m.Lang:
		return fmt.Errorf("%w: %s has a broken language", ErrUnsendable, m.ID)
	}
	for _, p := range m.Pictures {
		if !validPicture.MatchString(p.ID) || !validID.MatchString(p.Name) || len(p.PNG) == 0 || m.HTML == "" {
			return fmt.Errorf("%w: %s has a broken picture %q", ErrUnsendable, m.ID, p.ID)
		}
	}
	for name, value := range m.Headers {
		if !validHeader.MatchString(name) || reserved[strings.ToLower(name)] || oneLine(value) != value {
			return fmt.Errorf("%w: %s has a broken header %q", ErrUnsendable, m.ID, name)
		}
	}
	return nil
}

// reserved headers are made from the other fields; a second one would contradict them.
var reserved = map[string]bool{
	"from": true, "to": true, "cc": true, "bcc": true, "sender": true, "subject": true, "date": true, "message-id": true,
	"content-type": true, "content-transfer-encoding": true, "content-language": true, "mime-version": true, "auto-submitted": true,
}

// oneLine turns line breaks and other controls into spaces and drops the marks that turn the
// reading direction around: both can forge headers or what a reader sees.
func oneLine(s string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.TrimSpace(clean)
}
