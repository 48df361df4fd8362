package usedcars

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
)

// Faults of saved searches.
var (
	ErrNoSearch     = fault.New(fault.NotFound, "fault.not_found", "usedcars.Search")
	ErrSearchOver   = fault.New(fault.Gone, "used.search_over", "usedcars.Search")
	ErrSearchesFull = fault.New(fault.Conflict, "used.searches_full", "usedcars.Confirm")
)

// SearchState is where a saved search stands.
type SearchState string

// The states of a search.
const (
	SearchWaiting SearchState = "waiting" // its address has not said yes yet
	SearchOn      SearchState = "on"
	SearchPaused  SearchState = "paused"
	SearchEnded   SearchState = "ended"
)

// SearchEdge is one allowed step of a search.
type SearchEdge struct{ From, To SearchState }

// SearchEdges is the machine of a search.
var SearchEdges = []SearchEdge{{"", SearchWaiting}, {SearchWaiting, SearchOn}, {SearchOn, SearchPaused}, {SearchPaused, SearchOn}, {SearchWaiting, SearchEnded}, {SearchOn, SearchEnded}, {SearchPaused, SearchEnded}}

// Pace is how soon its reader is told.
type Pace string

// The paces.
const (
	AtOnce Pace = "once"
	Daily  Pace = "daily"
)

// SearchWhy is why a search ended.
type SearchWhy string

// The reasons.
const (
	SearchDeleted SearchWhy = "deleted" // on its page
	SearchOff     SearchWhy = "off"     // by the link in a letter
	SearchLapsed  SearchWhy = "lapsed"  // nobody said that it is still wanted
)

// What an address may have, and how long.
const (
	MostSearches = 10 // that it said yes to
	MostUnheard  = 3  // that it did not: who types addresses of others fills no mailbox
	ConfirmLife  = 7 * 24 * time.Hour
	SearchLife   = 365 * 24 * time.Hour // since its reader last did something about it
)

// Search is what somebody wants to be told of.
type Search struct {
	ID        id.Search
	Brand     id.Brand
	Market    id.Market
	Locale    string
	Email     string // empty when it ended
	Query     string // as an address says it; see usedcar.Query
	State     SearchState
	Pace      Pace
	Asked     int // how often it was asked for
	Created   time.Time
	Confirmed time.Time
	DueAt     time.Time // when it ends by itself
	EndWhy    SearchWhy
}

// Secrets are the hashes of a search's three links: to say yes, to its page, and to end it with one press.
type Secrets struct{ Confirm, Page, Off []byte }

// AlertKind is what happened to a car.
type AlertKind string

// The kinds.
const (
	AlertNew  AlertKind = "new"  // listed for the first time
	AlertDrop AlertKind = "drop" // cheaper than on any of the thirty days before
	AlertBack AlertKind = "back" // somebody had it for a while, or it was off the market
)

// awayLeast is how long a car must have been away to be back: a hold that came to nothing within the hour is no news.
const awayLeast = time.Hour

// staleAfter is how old an event may be to be told. What was not read for so long, after a pause of all workers or a
// restored backup, is no news any more.
const staleAfter = 3 * 24 * time.Hour

// CarEvent is something that happened to a car.
type CarEvent struct {
	Car   id.UsedCar
	Key   string // unique for the car: "m3", "p1764498000000000"
	Kind  AlertKind
	Price int64 // minor units; of a drop, the new one
	At    time.Time
}

// Told is an event that a search is told of.
type Told struct {
	Search id.Search
	CarEvent
}

// AlertLetter is a letter with what it tells and to whom.
type AlertLetter struct {
	ID     id.Alert
	Search *Search
	Events []CarEvent // by time
}
