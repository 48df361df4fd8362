package usedcars

import (
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/photo"
)

// Faults of what is known of a car.
var (
	ErrPhotoSmall = fault.New(fault.Invalid, "condition.photo_small", "usedcars.CutPhoto")
	ErrPhotoMany  = fault.New(fault.Invalid, "condition.photo_many", "usedcars.AddPhoto")
	ErrFaultMany  = fault.New(fault.Invalid, "condition.fault_many", "usedcars.AddFault")
	ErrBusy       = fault.New(fault.Conflict, "condition.busy", "usedcars")
	ErrRed        = fault.New(fault.Conflict, "condition.red", "usedcars.Flags")
)

// Angles are the pictures that a dealer is guided to, in the order in which somebody walks around a car. A picture may be of
// none of them.
var Angles = []string{"front_left", "side_left", "rear_left", "rear_right", "side_right", "front_right", "interior_front", "interior_rear", "boot", "dashboard", "wheels", "engine"}

// around are how many of the angles stand around the car; a tour has at least leastAround of them.
const around, leastAround = 6, 4

// Around are the pictures that walk once around the car, in the order of the angles, one of each: a tour of it. Nil when there
// are too few for one.
func Around(ps []Photo) []Photo {
	var out []Photo
	for _, a := range Angles[:around] {
		if i := slices.IndexFunc(ps, func(p Photo) bool { return p.Angle == a }); i >= 0 {
			out = append(out, ps[i])
		}
	}
	if len(out) < leastAround {
		return nil
	}
	return out
}

// BatteryHows are the ways in which a battery was measured.
var BatteryHows = []string{"maker", "drive"}

// The bounds of what a car may have.
const (
	MostPhotos     = 30
	MostFaults     = 40
	MostAltRunes   = 200
	MostWordsRunes = 300
	MostFaultMM    = 5000
	leastPhotoWide = 640 // pixels; a smaller one shows no fault
	leastPhotoHigh = 480
)

// photoWidths are the widths in which a picture is kept, in pixels.
var photoWidths = []int{320, 640, 1280}

// Photo is a picture of a car, as its page shows it.
type Photo struct {
	ID    id.UsedPhoto
	Place int // 1 is shown first; 0 for the picture of a fault
	Angle string
	Alt   string
	Cut   int // grows each time it is cut anew
	Frame photo.Frame
	Wide  int // pixels of the widest cut
}

// Widths are those in which it is kept, in pixels.
func (p Photo) Widths() []int {
	return append(slices.DeleteFunc(slices.Clone(photoWidths), func(w int) bool { return w >= p.Wide }), p.Wide)
}

// Best is the narrowest width that has so many pixels, or the widest.
func (p Photo) Best(wide int) int {
	for _, w := range p.Widths() {
		if w >= wide {
			return w
		}
	}
	return p.Wide
}

// High is the height of a width: the frame is four to three.
func (p Photo) High(wide int) int { return max(1, wide*3/4) }

// NewPhoto is a picture as it will be kept: drawn anew and cut.
type NewPhoto struct {
	Whole photo.Photo
	Frame photo.Frame
	Cuts  []photo.Photo
	Angle string
	Alt   string
}

// CutPhoto makes the widths of a cleaned picture. It takes a moment: not inside a transaction.
func CutPhoto(p photo.Photo, f photo.Frame) (NewPhoto, error) {
	if max(p.Width, p.Height) < leastPhotoWide || min(p.Width, p.Height) < leastPhotoHigh {
		return NewPhoto{}, ErrPhotoSmall
	}
	cuts, err := p.Cuts(f, photoWidths)
	return NewPhoto{Whole: p, Frame: f, Cuts: cuts}, err
}

// Fault is something worn or broken.
type Fault struct {
	Seq         int // its number at this car
	Panel, Kind string
	MM          int // across
	Words       string
	Photo       *Photo
	Added       time.Time // zero when it was known before the car was offered
}

// FaultNote is a change of what is known: a fault was written down, or taken back.
type FaultNote struct {
	Act     string // "added", "removed"
	Fault   Fault
	Offered bool // the car was on offer by then
	At      time.Time
}

// What may be said of a point of the checklist.
const (
	Pass      = "pass"
	Fail      = "fail"
	Disclosed = "disclosed" // not as it should be, and the buyer is told in words
)

// Verdicts are all that may be said, the best first.
var Verdicts = []string{Pass, Disclosed, Fail}

// Answer is what somebody said of a point of the checklist.
type Answer struct {
	Said  string      `json:"said"`
	Words string      `json:"words,omitempty"`
	By    string      `json:"by"`
	On    market.Date `json:"on"`
}

// Answers are those of a car by point.
type Answers map[string]Answer

// Last is the day of the newest answer; empty without one.
func (a Answers) Last() market.Date {
	var last market.Date
	for _, x := range a {
		last = max(last, x.On)
	}
	return last
}

// With are the answers after somebody said something anew: what is said as before keeps who said it first.
func (a Answers) With(said Answers) Answers {
	out := Answers{}
	for point, x := range said {
		if was, ok := a[point]; ok && was.Said == x.Said && was.Words == x.Words {
			x = was
		}
		out[point] = x
	}
	return out
}
