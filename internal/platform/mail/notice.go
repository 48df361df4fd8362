package mail

import (
	"time"

	"forecourt/internal/platform/i18n"
)

// Notice is a letter about no order: to a colleague, a dealer's office or a market's desk. Who writes it brings the
// words in the reader's language, the house's letters (package letters) set them.
type Notice struct {
	ID         string // of the message, without its domain; the same notice has the same
	To, ToName string
	ReplyTo    string // empty for the house
	Words      *i18n.Printer
	Subject    string
	Parts      []Part
	At         time.Time
	// Off is an address that ends such letters with one press. It is told to mail programs as RFC 2369 and RFC 8058 say;
	// the mail server that sends must sign both headers.
	Off string
}

// Headers are what a notice says beside its text; nil when it says nothing.
func (n Notice) Headers() map[string]string {
	out := map[string]string{}
	if n.ReplyTo != "" {
		out["Reply-To"] = n.ReplyTo
	}
	if n.Off != "" {
		out["List-Unsubscribe"], out["List-Unsubscribe-Post"] = "<"+n.Off+">", "List-Unsubscribe=One-Click"
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// Part is a paragraph, a list or a link on a line of its own.
type Part struct {
	Text  string // line breaks count
	Items []string
	Link  string
}

// Setter sets notices.
type Setter interface {
	Set(n Notice) (Message, error)
}
