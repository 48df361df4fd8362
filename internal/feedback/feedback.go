// Package feedback keeps what readers report about barriers in the pages, until the market's desk has it
// and for a year after, so that an answer can be checked. It owns the table barrier_reports. Retention: one
// year. The message and the address are personal data: they stand in this table and in the one mail to the
// desk, in no log and in no job.
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
