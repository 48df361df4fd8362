package feedback

import (
	"time"

	"forecourt/internal/id"
)

// Life is how long a report is kept.
const Life = 365 * 24 * time.Hour

// Limits of what a reader may send.
const (
	MostMessage = 2000
	MostPage    = 300
)

// Report is one barrier, in the reader's words.
type Report struct {
	ID        id.Report
	Brand     id.Brand
	Market    id.Market
	Page      string // where it stands; empty when the reader did not say
	Message   string
	Email     string // for an answer; empty when none is wanted
	CreatedAt time.Time
}
