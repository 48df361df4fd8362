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
