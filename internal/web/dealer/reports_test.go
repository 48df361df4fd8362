package dealer_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/dbtest"
)

// sendFile posts a file as the page's form does.
func (s *staff) sendFile(key, name, text string) answer {
	s.b.Helper()
	return s.sendTo("/dealer/reports", key, name, text)
}

func (s *staff) sendTo(path, key, name, text string) answer {
	s.b.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	s.b.must(w.WriteField("form_key", key))
	if name != "" {
		f, err := w.CreateFormFile("file", name)
		s.b.must(err)
		_, err = f.Write([]byte(text))
		s.b.must(err)
	}
	s.b.must(w.Close())
	req, err := http.NewRequestWithContext(s.b.Context(), http.MethodPost, s.b.url+path, &body)
	s.b.must(err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := s.client.Do(req)
	s.b.must(err)
	return read(s.b, res)
}

func (b *bench) work(path string) {
	b.Helper()
	for over := false; !over; {
		var err error
		over, err = b.cars.WorkReports(b.Context(), ordering.ImportID(path[strings.LastIndex(path, "/")+1:]))
		b.must(err)
	}
}

func TestTheWorkshopSendsAFile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, other := b.staffOf(leeds), b.staffOf(london)
	o := b.offer(leeds)
	b.walk(o, s, ordering.Ordered)
	dbtest.Clock(t, b.db).Advance(time.Minute)
	key := func() string { return string(id.New[id.Order]()) }
	for name, c := range map[string]struct {
		file, text string
		status     int
	}{
		"none": {"", "", 422}, "empty": {"a.csv", "", 422}, "a workbook": {"cars.xlsx", "PK\x03\x04" + strings.Repeat("x", 100), 422}, "UTF-16": {"a.csv", "\xff\xfev\x00", 422}, "no columns": {"a.csv", "a;b\n1;2\n", 422}, "a head": {"a.csv", "vin,stage,date\n", 422},
		"8 MB": {"a.csv", strings.Repeat("vin,stage,date\n", 600_000), 413},
	} {
		if a := s.sendFile(key(), c.file, c.text); a.status != c.status || c.status == 422 && !strings.Contains(a.body, `class="errors"`) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	day := b.db.Clock.Now().Format(time.DateOnly)
	file := fmt.Sprintf("vin;stage;date;order\r\nVF1RJA00061234567;built;%s;%s\r\nVF1RJA00061234567;flown;%s;\r\n=1+1;built;<b>;\r\n", day, o.Number, day)
	once := key()
	a := s.sendFile(once, `../<i>cars</i>.csv`, file)
	if a.status != 303 || !strings.HasPrefix(a.to, "/dealer/reports/") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if again := s.sendFile(once, `../<i>cars</i>.csv`, file); again.to != a.to {
		t.Errorf("sent twice: %d %s", again.status, again.to)
	}
	if p := s.get(a.to); p.status != 200 || !strings.Contains(p.body, "2 of 3 rows") || strings.Contains(p.body, "<i>cars") || strings.Contains(p.body, `method="post"><input type="hidden" name="form_key"`) && strings.Contains(p.body, `action="`+a.to+`"`) {
		t.Errorf("while it is looked at: %d", p.status)
	}
	if p := s.post(a.to, form()); p.status != 409 {
		t.Errorf("carried out too early: %d", p.status)
	}
	b.work(a.to)
	if p := s.get(a.to); !strings.Contains(p.body, `action="`+a.to+`"`) || !strings.Contains(p.body, "moves on") || !strings.Contains(p.body, "the stage is none of") {
		t.Errorf("looked at: %.600s", p.body)
	}
	if p := s.get(a.to + "?outcome=reject"); strings.Contains(p.body, o.Number) || !strings.Contains(p.body, "=1&#43;1") {
		t.Error("the refused rows are not by themselves")
	}
	rows, err := csv.NewReader(strings.NewReader(s.get(a.to + "/rejects.csv").body)).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][5] != "the stage is none of ordered, built, in_transit, arrived" || rows[2][1] != "'=1+1" {
		t.Errorf("rejects: %v, %v", rows, err)
	}
	for _, p := range []string{a.to, a.to + "/rejects.csv"} {
		if got := other.get(p); got.status != 404 {
			t.Errorf("another dealer gets %s: %d", p, got.status)
		}
	}
	if got := other.post(a.to, form()); got.status != 404 {
		t.Errorf("another dealer carries it out: %d", got.status)
	}
	if b.order(o.ID).State != ordering.Ordered {
		t.Error("looking at a file moved an order")
	}
	if p := s.post(a.to, form()); p.status != 303 {
		t.Fatalf("carrying out: %d %s", p.status, p.body)
	}
	b.work(a.to)
	if now := b.order(o.ID).State; now != ordering.Built {
		t.Errorf("the order is %s", now)
	}
	if p := s.get(a.to); !strings.Contains(p.body, "3 of 3 rows") || strings.Contains(p.body, `action="`+a.to+`"`) {
		t.Errorf("carried out: %d", p.status)
	}
	if p := s.get("/dealer/reports"); !strings.Contains(p.body, a.to) {
		t.Error("the list lacks the file")
	}
}
