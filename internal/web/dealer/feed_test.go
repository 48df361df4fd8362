package dealer_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
)

var feedAddress = regexp.MustCompile(`/calendar/[A-Za-z0-9_-]{43}\.ics`)

// subscribe makes an address and answers its path.
func (s *staff) subscribe() string {
	s.b.Helper()
	a := s.post("/dealer/feed", form())
	at := feedAddress.FindString(a.body)
	if a.status != 200 || at == "" {
		s.b.Fatalf("an address: %d", a.status)
	}
	return at
}

// fetch reads a calendar as a program does: without a session.
func (b *bench) fetch(at string, head ...string) (*http.Response, string) {
	b.Helper()
	r, err := http.NewRequest(http.MethodGet, b.url+at, nil)
	b.must(err)
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	b.must(err)
	a := read(b, res)
	return res, strings.ReplaceAll(a.body, "\r\n ", "")
}

func TestACalendarTellsWhatIsBeforeTheSiteAndNoPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, watch := b.staffOf(leeds), b.db.Clock.(*clock.Manual)
	ready, offered, theirs := b.offer(leeds), b.offer(leeds), b.offer(london)
	b.walk(ready, s, ordering.Ready)
	b.book(ready, 0)
	at := s.subscribe()
	res, body := b.fetch(at)
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/calendar") || res.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	for _, want := range []string{ready.Number, offered.Number, "SUMMARY:Handover: Duster", ready.VIN[11:], "SUMMARY:Answer due: Duster", "DTSTART;TZID=Europe/London:", "BEGIN:VTIMEZONE"} {
		if !strings.Contains(body, want) {
			t.Errorf("the calendar lacks %q: %s", want, body)
		}
	}
	for _, not := range []string{"Zebedee", "Quillfeather", "7700", "Marmalade", ready.PickupCode, ready.VIN, theirs.Number} {
		if strings.Contains(body, not) {
			t.Errorf("the calendar tells %q", not)
		}
	}
	tag, changed := res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	watch.Advance(2 * time.Second)
	if res, _ := b.fetch(at, "If-None-Match", tag); res.StatusCode != 304 {
		t.Errorf("the same tag: %d", res.StatusCode)
	}
	when, err := http.ParseTime(changed)
	b.must(err)
	later := when.Add(time.Second).Format(http.TimeFormat)
	if res, _ := b.fetch(at, "If-Modified-Since", later); res.StatusCode != 304 {
		t.Errorf("nothing since %s: %d", later, res.StatusCode)
	}
	b.book(ready, 1)
	if res, _ := b.fetch(at, "If-None-Match", tag); res.StatusCode != 200 || res.Header.Get("ETag") == tag {
		t.Errorf("a moved handover keeps its tag: %d", res.StatusCode)
	}
	if res, _ := b.fetch(at, "If-Modified-Since", later); res.StatusCode != 200 {
		t.Errorf("a moved handover is unseen: %d", res.StatusCode)
	}
}

func TestACalendarsAddressEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	gone := func(why, at string) {
		t.Helper()
		if res, _ := b.fetch(at); res.StatusCode != 404 {
			t.Errorf("%s: %d", why, res.StatusCode)
		}
	}
	gone("no secret", "/calendar/x.ics")
	gone("another's secret", "/calendar/"+strings.Repeat("A", 43)+".ics")
	first := s.subscribe()
	if a := s.get("/dealer/feed"); feedAddress.MatchString(a.body) || !strings.Contains(a.body, "You have had an address since") {
		t.Error("the address is shown twice, or nothing is said of it")
	}
	var kept string
	_, err := db.One(b.db.Read(t.Context()), &kept, `SELECT hash FROM calendar_links`)
	if b.must(err); strings.Contains(first, kept) {
		t.Error("the secret itself is kept")
	}
	f := form()
	if a := s.post("/dealer/feed", f); a.status != 200 {
		t.Fatalf("a second address: %d", a.status)
	} else if second := feedAddress.FindString(a.body); second == first {
		t.Error("the second address is the first")
	} else {
		gone("the address of before", first)
		if a := s.post("/dealer/feed", f); a.status != 303 {
			t.Errorf("the same form again: %d", a.status)
		}
		if res, _ := b.fetch(second); res.StatusCode != 200 {
			t.Errorf("the second address: %d", res.StatusCode)
		}
		if a := s.post("/dealer/feed/end", form()); a.status != 303 {
			t.Errorf("ending it: %d", a.status)
		}
		gone("an ended address", second)
	}
	third := s.subscribe()
	b.tx(func(_ context.Context, tx *db.Tx) error {
		return tx.Exec(`UPDATE staff_roles SET ended_at = ?, ended_by = 'system' WHERE user_id = ?`, tx.Now, s.user).Error
	})
	gone("the address of somebody who works there no more", third)
}

func TestACalendarIsNotFetchedWithoutEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	at := b.staffOf(leeds).subscribe()
	for range 60 {
		if res, _ := b.fetch(at); res.StatusCode != 200 {
			t.Fatalf("too early: %d", res.StatusCode)
		}
	}
	if res, _ := b.fetch(at); res.StatusCode != 429 {
		t.Errorf("the 61st in a quarter of an hour: %d", res.StatusCode)
	}
}
