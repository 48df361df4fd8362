package allocation

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
)

// How a buyer confirms a handover.
const (
	ByCode  = "code"  // the dealer's code, on the buyer's own page
	OnPaper = "paper" // signed beside the car, as the dealer notes
)

// The bounds of what a handover records beside its checks.
const (
	MostKeys       = 9
	MostFaults     = 10
	LongestFault   = 200 // runes
	MostHandPhotos = 4
)

// Faults of handovers.
var (
	ErrNoHandover = fault.New(fault.NotFound, "fault.not_found", "allocation.Handover")
	ErrConfirmed  = fault.New(fault.Conflict, "handover.confirmed_already", "allocation.Confirm")
	ErrDraftTaken = fault.New(fault.Conflict, "handover.draft_taken", "allocation.TakeDraft")
)

// Handover is what was checked and given when the car was handed over, and how each side confirmed it: the dealer by
// the buyer's pickup code, the buyer by the dealer's code or on paper.
type Handover struct {
	Order       id.Order
	Round       int // from one; more than one when an earlier one was undone
	At          time.Time
	By          id.User
	Checks      []string
	OdometerKm  int
	Keys        int // 0 when nobody counted them
	Papers      []string
	Faults      []string
	Code        string // the dealer's
	Confirmed   string // how the buyer did: ByCode or OnPaper; empty while he has not
	ConfirmedAt time.Time
	ConfirmedBy string // "buyer", or the user who saw the signature
	Photos      []HandoverPhoto
}

// HandoverPhoto is a picture of a handover; JPEG is empty where only its name is read.
type HandoverPhoto struct {
	Seq    int
	JPEG   []byte
	Width  int
	Height int
	SHA256 string
}
