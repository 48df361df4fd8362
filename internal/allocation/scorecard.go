package allocation

import (
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/fault"
)

// Figure is one of a scorecard's.
type Figure string

// The figures.
const (
	FigureAnswer   Figure = "answer"   // how long answers take, and how many come in time
	FigureKeep     Figure = "keep"     // how many promised days were kept
	FigureDeclines Figure = "declines" // why offers were declined
	FigureBuyers   Figure = "buyers"   // what buyers thought
)

// CardFigures lists them as people see them.
var CardFigures = []Figure{FigureAnswer, FigureKeep, FigureDeclines, FigureBuyers}

// CardDays are the periods to choose from, in days back from now. The middle one is that of the strategy Record.
var CardDays = []int{PaceDays, RecordDays, 365}

// RepeatedFrom is how often one reason to decline must have been given in a period to be called repeated.
const RepeatedFrom = 3

// Answers is a dealer's record of answers, as the strategy Record draws by it and its scorecard shows it.
type Answers struct {
	Answered int // offers accepted or declined
	Accepted int // of them
	Silent   int // offers let pass
}

// Weight is the share of a dealer in a draw by record: the part of its offers that it accepted, in thousandths,
// as if it had accepted one of two more. So one that is new has an even chance and none is ever out of the draw.
func (a Answers) Weight() int64 {
	return int64(a.Accepted+1) * 1000 / int64(a.Answered+a.Silent+2)
}

// Share is the Weight as people read it: rounded half up, where the draw goes by whole thousandths.
func (a Answers) Share() int64 {
	n := int64(a.Answered + a.Silent + 2)
	return (2*int64(a.Accepted+1)*1000 + n) / (2 * n)
}

// All is how many offers were answered or let pass.
func (a Answers) All() int { return a.Answered + a.Silent }

// ReasonCount is how often a reason to decline was given.
type ReasonCount struct {
	Reason string
	Count  int
}

// Repeated tells whether the reason was given so often that it is no accident.
func (r ReasonCount) Repeated() bool { return r.Count >= RepeatedFrom }

// Scorecard is what a dealer did in a period.
type Scorecard struct {
	Dealer id.Dealer
	Answers
	Median   time.Duration // opening time from offer to answer, without the buyer's time for a question; of the last MostTimed
	Timed    int           // answers that the median is of
	Promised int           // days promised that came in the period
	Kept     int           // of them
	Declines []ReasonCount // the most frequent first
	Stars    [5]int        // ratings with one to five
	Waiting  int           // remarks of the dealer that the country has not answered
}

// Rated is how many buyers rated.
func (s Scorecard) Rated() int { return s.Stars[0] + s.Stars[1] + s.Stars[2] + s.Stars[3] + s.Stars[4] }

// ScoreTenths is the mean of the ratings in tenths, half up; zero without any.
func (s Scorecard) ScoreTenths() int64 {
	var sum, n int64
	for i, c := range s.Stars {
		sum, n = sum+int64((i+1)*c), n+int64(c)
	}
	if n == 0 {
		return 0
	}
	return (20*sum + n) / (2 * n)
}

// InTimePct is the share of offers that were answered before their time was over, in hundredths; false without any.
func (s Scorecard) InTimePct() (int, bool) { return pct(s.Answered, s.All()) }

// KeptPct is the share of promised days that were kept, in hundredths; false without any.
func (s Scorecard) KeptPct() (int, bool) { return pct(s.Kept, s.Promised) }

// Declined is how many offers were declined.
func (s Scorecard) Declined() int { return s.Answered - s.Accepted }

// pct is a share in hundredths, half up.
func pct(part, whole int) (int, bool) {
	if whole == 0 {
		return 0, false
	}
	return (200*part + whole) / (2 * whole), true
}

// Stopwatch is one answer with the clock that ran for it.
type Stopwatch struct {
	Dealer     id.Dealer
	OfferedAt  time.Time
	AnsweredAt time.Time
	ClockFrom  *time.Time
	ClockUsed  int // seconds
}

// took is the opening time that the dealer used. What a question to the buyer took is not its own.
func (a Stopwatch) took(d *network.Dealer, m *market.Market) time.Duration {
	c := Clock{From: a.OfferedAt}
	if a.ClockFrom != nil {
		c = Clock{From: *a.ClockFrom, Used: time.Duration(a.ClockUsed) * time.Second}
	}
	return c.Stopped(d, m, a.AnsweredAt, a.AnsweredAt).Used
}

// median of durations; the lower of two in the middle.
func median(ds []time.Duration) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	return ds[(len(ds)-1)/2]
}

// Case is one thing that a figure counts.
type Case struct {
	Order    id.Order
	Number   string
	Here     bool          // the order is the dealer's, or was last
	At       time.Time     // of the offer or of the rating
	Answered State         // of an offer: accepted, declined, expired
	Took     time.Duration // opening time until the answer; zero when there was none
	Reason   string        // to decline
	Kind     string        // of a promise: "ready" or "handover"
	Day      market.Date   // that was promised
	Came     market.Date   // when it was so; empty when it is not yet
	Stars    int
	Words    string // of the buyer
}

// Good tells whether the case speaks for the dealer.
func (c Case) Good() bool {
	switch {
	case c.Kind != "":
		return c.Came != "" && c.Came <= c.Day
	case c.Stars > 0:
		return c.Stars >= 4
	}
	return c.Answered == Accepted
}

// Side is who writes a remark.
type Side string

// The sides.
const (
	SideDealer  Side = "dealer"
	SideCountry Side = "country"
)

// Remark is what a dealer says to a figure or a case, or what the country answers.
type Remark struct {
	Figure Figure
	Number string // of the case; empty when it is about the figure
	Side   Side
	Name   string // of who wrote it
	Body   string
	At     time.Time
}

// The bounds of a remark and of a buyer's words, in characters, and of the remarks of one dealer and side in a day.
const (
	MostRemark     = 1_000
	MostRatingNote = 500
	MostRemarksDay = 50
)

// RatingOpen is how long a buyer may change a rating.
const RatingOpen = 14 * 24 * time.Hour

// RatingStands says of a rating g of the order o that it is about the handover that stands: one that was given before a
// handover was undone is about none, and counts for nobody.
const RatingStands = `o.handed_over_at <= g.given_at`

// Rating is what a buyer thought.
type Rating struct {
	Stars     int       `json:"stars"`
	Words     string    `json:"words"`
	GivenAt   time.Time `json:"given_at"`
	ChangedAt time.Time `json:"changed_at"`
}

// Changeable tells whether the buyer may still change it.
func (r *Rating) Changeable(now time.Time) bool {
	return r == nil || now.Before(r.GivenAt.Add(RatingOpen))
}

// Faults of scorecards.
var (
	ErrStars      = fault.New(fault.Invalid, "rate.stars", "allocation.Rate")
	ErrRateWords  = fault.New(fault.Invalid, "rate.long", "allocation.Rate")
	ErrRated      = fault.New(fault.Conflict, "rate.over", "allocation.Rate") // the time to change it is over
	ErrRemark     = fault.New(fault.Invalid, "score.remark_empty", "allocation.Remark")
	ErrRemarkCase = fault.New(fault.Invalid, "score.remark_case", "allocation.Remark") // no order that this dealer was offered
	ErrRemarkMany = fault.New(fault.Conflict, "score.remark_many", "allocation.Remark")
)

// IsFigure refuses anything else.
func IsFigure(f Figure) bool { return slices.Contains(CardFigures, f) }
