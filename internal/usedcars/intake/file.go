package intake

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/sheet"
)

// Faults of a file and of its columns.
var (
	ErrNone    = fault.New(fault.NotFound, "fault.not_found", "intake.Of")
	ErrMoved   = fault.New(fault.Conflict, "used.import.moved", "intake.Move")
	ErrColumns = fault.New(fault.Invalid, "used.import.columns_bad", "intake.Map")
	ErrTwice   = fault.New(fault.Invalid, "used.import.column_twice", "intake.Map")
	ErrNoVIN   = fault.New(fault.Invalid, "used.import.no_vin", "intake.Map")
)

// Limits are what a file may cost. 100,000 cars with all that is said of them are 20 MB of text.
var Limits = sheet.Limits{Bytes: 32 << 20, Unpacked: 256 << 20, Rows: 100_000, Columns: mostColumns, Cell: 200}

// State is where a file stands.
type State string

// The states.
const (
	Mapping  State = "mapping"  // its sender looks at what its columns are
	Checking State = "checking" // its lines are looked at; nothing changes
	Checked  State = "checked"  // its sender decides
	Applying State = "applying"
	Done     State = "done"
)

// Edges are the steps of a file.
var Edges = [][2]State{{"", Mapping}, {Mapping, Checking}, {Checking, Checked}, {Checked, Applying}, {Checked, Mapping}, {Applying, Done}}

// Scope is whose stock a file is about, and who sends it: "staff:<id>", "client:<id>" or "system".
type Scope struct {
	Actor  string
	Dealer id.Dealer
}

// File is one that was sent.
type File struct {
	ID        ID
	Dealer    id.Dealer
	Market    id.Market
	Actor     string
	Name      string
	State     State
	Header    []string
	Fields    []Field
	Rows      int
	Counts    map[Outcome]int // of lines by outcome; the open ones have none
	Fell      int             // of lines that count, though a mileage fell
	CreatedAt time.Time
	ChangedAt time.Time // of the state
}

// ID names a file.
type ID string

// Open is how many lines nobody has looked at.
func (f *File) Open() int { return f.Counts[""] }

// Left is how long the open lines will take, at the speed of those before; zero when nobody can tell.
func (f *File) Left(now time.Time) time.Duration {
	done := f.Rows - f.Open()
	if f.State == Applying {
		done -= f.Counts[Rejects] + f.Counts[Same] // they were so before
	}
	if took := now.Sub(f.ChangedAt); done > 0 && took > 0 && f.Open() > 0 {
		return took * time.Duration(f.Open()) / time.Duration(done)
	}
	return 0
}

// Rows gives the lines of a file one after the other; io.EOF after the last.
type Rows interface{ Next() (sheet.Row, error) }
