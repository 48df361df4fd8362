package aftersales

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/photo"
)

// Faults of what a workshop finds.
var (
	ErrNoFinding = fault.New(fault.NotFound, "fault.not_found", "aftersales.Finding")
	ErrAnswered  = fault.New(fault.Conflict, "aftersales.answered", "aftersales.Answer")
	ErrWords     = fault.New(fault.Invalid, "aftersales.finding_words", "aftersales.Find")
	ErrUrgency   = fault.New(fault.Invalid, "aftersales.finding_urgency", "aftersales.Find")
)

// Urgencies are how soon work should be done; words are service.urgency.<code>.
var Urgencies = []string{"now", "soon", "watch"}

// FindingState is where a question to a customer stands.
type FindingState string

// The states of a finding: asked until the customer says yes or no, or the car is ready without an answer.
const (
	FindAsked FindingState = "asked"
	FindYes   FindingState = "yes"
	FindNo    FindingState = "no"
	FindOver  FindingState = "over"
)

// The fewest and the most signs of what is said of a finding.
const leastOfFinding, mostOfFinding = 3, 500

// Finding is work that a workshop found to be needed, and asks for.
type Finding struct {
	Booking    id.Booking
	Seq        int
	State      FindingState
	Urgency    string // of Urgencies
	Words      string
	Line       Line
	Photo      *photo.Photo // nil without one; a list leaves the picture itself out
	AskedAt    time.Time
	AnsweredAt time.Time
}
