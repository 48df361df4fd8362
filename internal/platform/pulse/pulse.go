package pulse

import (
	"time"

	"forecourt/internal/platform/latency"
)

// Every is how often a process tells that it lives.
const Every = 10 * time.Second

// Silent is when one that tells nothing any more is taken for dead: three times it was not heard, and a little.
const Silent = 35 * time.Second

// Life is how long the row of a dead one stays.
const Life = 24 * time.Hour

// Instance is one process as it tells of itself.
type Instance struct {
	ID      string
	Role    string // serve, worker or demo
	Host    string
	Version string // of the build; empty when the build does not tell
	Schema  int64  // the newest migration that the build knows
	Figures Figures

	Age     time.Duration // since its start
	Unheard time.Duration // since it told something
}

// Alive tells whether the process was heard lately.
func (i Instance) Alive() bool { return i.Unheard <= Silent }

// Figures are how long the work of a process takes since its start, the slowest first.
type Figures struct {
	Requests   []latency.Figure `json:"requests,omitempty"`
	Calls      []latency.Figure `json:"calls,omitempty"` // of strangers' systems
	Statements []latency.Figure `json:"statements,omitempty"`
}

// mostFigures is how many of each kind a process tells.
const mostFigures = 40

// Cut keeps the slowest of each kind, and those requests that are named, however fast they are.
func (f Figures) Cut(always ...string) Figures {
	cut := func(of []latency.Figure) []latency.Figure {
		var out []latency.Figure
		for i, x := range of {
			keep := i < mostFigures
			for _, name := range always {
				keep = keep || x.Name == name
			}
			if keep {
				out = append(out, x)
			}
		}
		return out
	}
	return Figures{cut(f.Requests), cut(f.Calls), cut(f.Statements)}
}

// Database is how the database does.
type Database struct {
	Server      string // its version
	Bytes       int64
	Schema      int64 // the newest migration that was applied
	Connections int   // to this database, of everybody
	Active      int   // of these, at work now
	Idle        int   // of these, in a transaction in which nothing happens
	Most        int   // that the server takes
	Longest     time.Duration
	Standbys    int
	Behind      int64 // bytes that the last standby has not replayed; zero without standbys
	Standby     bool  // this server is one itself
}

// Jobs are the jobs of one kind, by what is to become of them.
type Jobs struct {
	Kind      string
	Waiting   int64 // ready, for a worker
	Running   int64
	Retryable int64         // failed, and tried again later
	Later     int64         // for a time to come
	Discarded int64         // given up
	Oldest    time.Duration // that the oldest of the waiting, running, retryable or discarded ones has been so
	Delay     time.Duration // that the oldest of the waiting ones has waited
}

// Report is all of it.
type Report struct {
	Instances []Instance
	Database  Database
	Jobs      []Jobs
	Done      []int64 // jobs that ended well, in each of the last twelve five minutes
	Figures   Figures // of all instances together
	Extension bool    // the statements are the server's own figures, of everybody who asks it
}
