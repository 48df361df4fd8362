package dealer_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/platform/dbtest"
)

// counts reads the tabs of a queue page by their address.
func counts(page string) map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`<a href="/dealer(?:\?tab=([a-z]+))?"[^>]*>[^<]+ <b[^>]*>(\d+)</b>`).FindAllStringSubmatch(page, -1) {
		out[m[1]] = m[2]
	}
	return out
}

func TestTheQueueIsCutByDays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds) // at 9:30 on a day that is open until the evening, eight open hours to answer
	got := counts(s.get("/dealer").body)
	if got[""] != "1" || got["today"] != "1" || got["overdue"] != "0" || got["tomorrow"] != "0" {
		t.Fatalf("a fresh offer stands in %v", got)
	}
	clock := dbtest.Clock(t, b.db)
	clock.Advance(30 * time.Hour)
	got = counts(s.get("/dealer").body)
	if got["today"] != "0" || got["overdue"] != "1" {
		t.Errorf("an offer of yesterday stands in %v", got)
	}
	if a := s.get("/dealer?tab=overdue"); !strings.Contains(a.body, o.Number) || !strings.Contains(a.body, `class="late"`) {
		t.Error("the overdue offer is not in its tab, or the tab does not warn")
	}
	if a := s.get("/dealer?tab=today"); strings.Contains(a.body, o.Number) {
		t.Error("the overdue offer is in the tab of today")
	}
}

func TestALongQueueHasPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	seen := map[string]bool{}
	for range 53 {
		b.offer(leeds)
	}
	row := regexp.MustCompile(`<tr data-number="([^"]+)"`)
	for page, want := range map[int]int{1: 50, 2: 3, 99: 3, 0: 50} {
		got := row.FindAllStringSubmatch(s.get(fmt.Sprintf("/dealer?page=%d", page)).body, -1)
		if len(got) != want {
			t.Errorf("page %d has %d rows, want %d", page, len(got), want)
		}
		if page == 1 || page == 2 {
			for _, m := range got {
				seen[m[1]] = true
			}
		}
	}
	if len(seen) != 53 {
		t.Errorf("two pages show %d different orders of 53", len(seen))
	}
	first := s.get("/dealer").body
	if !strings.Contains(first, `href="/dealer?page=2" rel="next"`) || strings.Contains(first, `rel="prev"`) || !strings.Contains(first, "1 to 50 of 53") {
		t.Error("the first page does not lead to the second")
	}
}

func TestAViewIsKeptForItsReaderAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, colleague := b.staffOf(leeds), b.staffOf(leeds)
	b.offer(leeds)
	save := form("name", "My Dusters", "tab", "answer", "q", "duster")
	for range 2 {
		if a := s.post("/dealer/views", save); a.status != 303 || a.to != "/dealer?q=duster&tab=answer&done=view_saved" {
			t.Fatalf("save: %d %s", a.status, a.to)
		}
	}
	page := s.get("/dealer?q=duster&tab=answer").body
	if !strings.Contains(page, `<a class="chip" href="/dealer?q=duster&amp;tab=answer" aria-current="page">My Dusters</a>`) {
		t.Error("the view is not among the views")
	}
	if strings.Contains(colleague.get("/dealer?q=duster&tab=answer").body, "My Dusters") {
		t.Error("a colleague sees the view")
	}
	key := regexp.MustCompile(`/dealer/views/([0-9a-f-]{36})/drop`).FindStringSubmatch(page)[1]
	if a := colleague.post("/dealer/views/"+key+"/drop", form()); a.status != 303 || !strings.Contains(s.get("/dealer").body, "My Dusters") {
		t.Errorf("a colleague took the view away: %d", a.status)
	}
	for i := range allocation.MostViews {
		a := s.post("/dealer/views", form("name", fmt.Sprintf("View %d", i), "tab", "work"))
		if want := map[bool]int{true: 303, false: 422}[i < allocation.MostViews-1]; a.status != want {
			t.Errorf("view %d: %d", i+2, a.status)
		}
	}
	if a := s.post("/dealer/views", form("name", "my dusters", "tab", "overdue")); a.status != 303 {
		t.Errorf("replacing a view when all places are taken: %d", a.status)
	}
	if a := s.post("/dealer/views", form("name", strings.Repeat("x", 31), "tab", "work", "q", "abc")); a.status != 422 || !strings.Contains(a.body, `id="name-error"`) || !strings.Contains(a.body, `value="abc"`) {
		t.Errorf("a long name: %d", a.status)
	}
	s.post("/dealer/views/"+key+"/drop", form())
	if strings.Contains(strings.ToLower(s.get("/dealer").body), "my dusters") {
		t.Error("the view stays after it was removed")
	}
}

// listener is an open stream of one portal.
type listener struct {
	lines chan string
	end   context.CancelFunc
}

func (s *staff) listen(after string) *listener {
	s.b.Helper()
	ctx, cancel := context.WithCancel(s.b.Context())
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.b.url+"/dealer/events", nil)
	req.Header.Set("Accept", "text/event-stream")
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	res, err := s.client.Do(req)
	if err != nil || res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		s.b.Fatalf("the stream does not open: %v %v", res, err)
	}
	l := &listener{lines: make(chan string, 100), end: cancel}
	go func() {
		defer close(l.lines)
		defer res.Body.Close()
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			l.lines <- in.Text()
		}
	}()
	s.b.Cleanup(cancel)
	return l
}

// hears waits for an event and gives its id; empty when the stream ended.
func (l *listener) hears(t *testing.T) string {
	t.Helper()
	last := ""
	for {
		select {
		case line, open := <-l.lines:
			if !open {
				return ""
			}
			if v, ok := strings.CutPrefix(line, "id: "); ok {
				last = v
			}
			if line == "data: changed" {
				return last
			}
		case <-time.After(time.Minute):
			t.Fatal("nothing is heard for a minute")
		}
	}
}

func (l *listener) silent() bool {
	for {
		select {
		case line := <-l.lines:
			if strings.HasPrefix(line, "data:") {
				return false
			}
		default:
			return true
		}
	}
}

func TestAnOpenQueueHearsOfItsOwnDealerOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { b.live.Run(ctx); close(ended) }()
	ours, theirs := b.staffOf(leeds), b.staffOf(london)
	near := ours.listen("")
	o := b.offer(leeds)
	at := near.hears(t)
	if at == "" {
		t.Fatal("an offer is not heard")
	}
	far := theirs.listen("") // now, because who comes before the first poll is told to look anyway
	b.walk(o, ours, "accepted")
	if at = near.hears(t); at == "" {
		t.Fatal("an accept is not heard")
	}
	if !far.silent() {
		t.Error("another dealer hears of it")
	}
	// Who was away is told what happened, and only then.
	near.end()
	b.walk(o, ours, "ordered")
	if ours.listen(at).hears(t) == "" {
		t.Error("what happened during a break is not told after it")
	}
	b.offer(london)
	if far.hears(t) == "" {
		t.Error("the other dealer does not hear of its own")
	}
	still := ours.listen("")
	stop()
	<-ended
	if still.hears(t) != "" {
		t.Error("a stream stays open when the process stops")
	}
	if b.live.Listeners() != 0 {
		t.Errorf("%d ears are left", b.live.Listeners())
	}
}

func TestAStreamIsForScriptsOfStaff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	if a := s.get("/dealer/events"); a.status != 400 {
		t.Errorf("opened by hand: %d", a.status)
	}
	s.client.Jar = nil
	if a := s.get("/dealer/events"); a.status != 303 {
		t.Errorf("by a stranger: %d", a.status)
	}
}

// page counts what it is told.
type page struct{ told, closed int }

func (p *page) Changed(allocation.Moment) bool { p.told++; return true }
func (p *page) Beat() bool                     { return true }
func (p *page) Close()                         { p.closed++ }

func TestAPageIsToldWhatItMissed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	live := allocation.NewLive(b.db, b.kit.Log)
	hear := func(d id.Dealer, after allocation.Moment) bool {
		var x page
		b.must(live.Hear(t.Context(), d, after, &x))
		return x.told > 0
	}
	if hear(leeds, "") {
		t.Error("a page that has just been loaded is told to load again")
	}
	if !hear(leeds, "7:7:") || !hear(leeds, "'); DROP") {
		t.Error("nobody knows what happened since, and nobody says so")
	}
	b.offer(leeds)
	found, err := allocation.QueueOf(b.db.Read(t.Context()), allocation.Ask{Dealer: leeds, Flow: id.FlowNew, Now: b.db.Clock.Now(), Zone: time.UTC})
	b.must(err)
	seen := found.Seen
	if hear(leeds, seen) {
		t.Error("a page is told of what it shows")
	}
	b.offer(leeds)
	if !hear(leeds, seen) || hear(london, seen) {
		t.Error("a page is not told of what came after it, or another dealer's is")
	}
}

// gone is a page whose reader has left.
type gone struct{ page }

func (g *gone) Changed(allocation.Moment) bool { return false }

func TestOpenPagesAreBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	live := allocation.NewLive(b.db, b.kit.Log)
	last := &gone{}
	for live.Room(leeds) == nil {
		b.must(live.Hear(t.Context(), leeds, "", last))
	}
	if n := live.Listeners(); n == 0 || n > 200 {
		t.Errorf("one dealer has %d pages open", n)
	}
	var more page
	if err := live.Hear(t.Context(), leeds, "", &more); err == nil || more.closed != 1 {
		t.Errorf("one page too many: %v, closed %d times", err, more.closed)
	}
	if err := live.Room(london); err != nil {
		t.Errorf("another dealer pays for it: %v", err)
	}
	// Those who have gone are forgotten with the first thing that they should hear.
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { live.Run(ctx); close(ended) }()
	for live.Listeners() > 0 {
		if t.Context().Err() != nil {
			t.Fatal("pages that have gone are kept")
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	<-ended
	if live.Room(leeds) == nil {
		t.Error("somebody may still come when the process stops")
	}
}
