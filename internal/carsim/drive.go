package carsim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"forecourt/internal/connected"

	"golang.org/x/sync/errgroup"
)

// Drive is how a fleet sends.
type Drive struct {
	URL   string        // of the site
	Rate  int           // messages a second
	For   time.Duration // then it ends by itself
	Batch int           // messages in a request
	Conns int           // requests at a time
	Wrong float64       // part of the messages that are forged, and as many that are sent again, 0 to 1
}

// Report is what came of it.
type Report struct {
	Sent     int // messages
	Outcomes map[string]int
	Busy     int // messages that were sent away, to come again
	Failed   int // messages that got no answer of use
	Latency  []time.Duration
	Late     time.Duration // by how much the slowest request began after its time
	Took     time.Duration
	Failure  error // the first
}

// Percentile is how long so many of the requests took at most.
func (r *Report) Percentile(p float64) time.Duration {
	if len(r.Latency) == 0 {
		return 0
	}
	slices.Sort(r.Latency)
	return r.Latency[min(int(p*float64(len(r.Latency))), len(r.Latency)-1)]
}

// parcel is a request that is ready to go at its time.
type parcel struct {
	at   time.Time
	body []byte
	kind string
	n    int
}

// Run lets the fleet send until its time is over or ctx ends. Each request has its time, whatever became of those before: a slow
// site does not get fewer.
func (f *Fleet) Run(ctx context.Context, d Drive) (*Report, error) {
	start := time.Now().Add(lead)
	parcels, g := make(chan parcel, 4*d.Conns), new(errgroup.Group)
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	g.Go(func() error { defer close(parcels); return f.pack(stop, d, start, parcels) })
	out := &Report{Outcomes: map[string]int{}}
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: d.Conns, MaxConnsPerHost: d.Conns}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	for range d.Conns {
		g.Go(func() error {
			for p := range parcels {
				time.Sleep(time.Until(p.at))
				late := time.Since(p.at)
				answer, err := send(ctx, client, d.URL, p)
				took := time.Since(p.at)
				mu.Lock()
				out.note(p, answer, err, took, late)
				mu.Unlock()
			}
			return nil
		})
	}
	err := g.Wait()
	out.Took = time.Since(start)
	if errors.Is(err, context.Canceled) {
		err = nil // whoever stopped it knows
	}
	return out, err
}

// lead is before the first message: the second in which a keeper begins is nobody's.
const lead = 1100 * time.Millisecond

// pack signs ahead of time, so that the cars' arithmetic is not counted as the site's slowness.
func (f *Fleet) pack(ctx context.Context, d Drive, start time.Time, out chan<- parcel) error {
	r := rand.New(rand.NewPCG(f.seed, 1))
	every := time.Duration(float64(time.Second) * float64(d.Batch) / float64(d.Rate))
	next, last := 0, ""
	for at := start; at.Sub(start) < d.For; at = at.Add(every) {
		var tokens []string
		for range d.Batch {
			token, err := f.Cars[next%len(f.Cars)].Say(at)
			if err != nil {
				return err
			}
			next++
			switch x := r.Float64(); {
			case x < d.Wrong:
				token = token[:len(token)-8] + "AAAAAAAA"
			case x < 2*d.Wrong && last != "":
				token = last
			default:
				last = token
			}
			tokens = append(tokens, token)
		}
		p := parcel{at: at, body: []byte(tokens[0]), kind: "application/jwt", n: len(tokens)}
		if d.Batch > 1 {
			p.body, p.kind = list(tokens), "application/json"
		}
		select {
		case out <- p:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func list(tokens []string) []byte {
	b, _ := json.Marshal(tokens) // texts: it can not fail
	return b
}

var errBusy = errors.New("the site is busy")

// send brings a request and gives what became of each message.
func send(ctx context.Context, client *http.Client, url string, p parcel) ([]connected.Outcome, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1/signals", bytes.NewReader(p.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", p.kind)
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode == http.StatusServiceUnavailable, res.StatusCode == http.StatusTooManyRequests:
		return nil, errBusy
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("status %d: %.200s", res.StatusCode, body)
	}
	var answer struct {
		Messages []connected.Outcome `json:"messages"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Messages) != p.n {
		return nil, fmt.Errorf("an answer for %d messages of %d: %w", len(answer.Messages), p.n, err)
	}
	return answer.Messages, nil
}

func (r *Report) note(p parcel, answer []connected.Outcome, err error, took, late time.Duration) {
	r.Sent += p.n
	r.Late = max(r.Late, late)
	switch {
	case errors.Is(err, errBusy):
		r.Busy += p.n
		return
	case err != nil:
		r.Failed += p.n
		if r.Failure == nil {
			r.Failure = err
		}
		return
	}
	r.Latency = append(r.Latency, took)
	for _, o := range answer {
		name := string(o.Verdict)
		if o.Reason != "" {
			name += " " + o.Reason
		}
		r.Outcomes[name]++
	}
}

// Acknowledged counts the messages that the site took over.
func (r *Report) Acknowledged() (n int) {
	for name, count := range r.Outcomes {
		if !isRefused(name) {
			n += count
		}
	}
	return n
}

func isRefused(name string) bool { return len(name) >= 7 && name[:7] == string(connected.Refused) }
