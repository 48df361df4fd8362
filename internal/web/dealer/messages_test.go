package dealer_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
)

// send posts a message with a file, as a browser does.
func (s *staff) send(path, key, body string, file []byte) answer {
	s.b.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("form_key", key)
	_ = w.WriteField("body", body)
	part, _ := w.CreateFormFile("photo", "../../etc/passwd.jpg")
	_, _ = part.Write(file)
	_ = w.Close()
	req, _ := http.NewRequestWithContext(s.b.Context(), http.MethodPost, s.b.url+path, &b)
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := s.client.Do(req)
	s.b.must(err)
	return read(s.b, res)
}

func (b *bench) letters(o *ordering.Order, template string) int {
	b.Helper()
	var n int
	_, err := db.One(b.db.Read(b.Context()), &n, `SELECT count(*) FROM mails WHERE order_id = ? AND template = ?`, o.ID, template)
	b.must(err)
	return n
}

func TestDealerAndBuyerWriteToEachOther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, other := b.staffOf(leeds), b.staffOf(london)
	o := b.offer(leeds)
	at := "/dealer/orders/" + o.Number + "/messages"
	if a := s.post(at, form("body", "too early")); a.status != 409 {
		t.Errorf("a message before the accept: %d", a.status)
	}
	b.walk(o, s, ordering.Accepted)
	var photo bytes.Buffer
	b.must(jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 64, 48)), nil))
	key := form().Get("form_key")
	for range 3 { // sent three times, said once
		if a := s.send(at, key, "Here it is <b>today</b>", append(photo.Bytes(), "GPS 53.8008"...)); a.status != 303 {
			t.Fatalf("a message: %d %s", a.status, a.body)
		}
	}
	page := s.get("/dealer/orders/" + o.Number).body
	if strings.Count(page, "Here it is &lt;b&gt;today") != 1 || !strings.Contains(page, at+"/1.jpg") {
		t.Error("the message is not there once, as text, with its picture")
	}
	if a := s.get(at + "/1.jpg"); a.status != 200 || strings.Contains(a.body, "GPS") || a.body == photo.String() {
		t.Errorf("the picture: %d, or it was not drawn anew", a.status)
	}
	for _, path := range []string{at + "/2.jpg", at + "/1.png", at + "/x.jpg"} {
		if a := s.get(path); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := other.get(at + "/1.jpg"); a.status != 404 {
		t.Errorf("another dealer sees the picture: %d", a.status)
	}
	if a := other.post(at, form("body", "hello")); a.status != 404 {
		t.Errorf("another dealer writes: %d", a.status)
	}
	for body, file := range map[string]string{"An evil file": "GIF89a<script>", "": ""} {
		if a := s.send(at, form().Get("form_key"), body, []byte(file)); a.status != 422 || !strings.Contains(a.body, body) {
			t.Errorf("%q with %q: %d", body, file, a.status)
		}
	}
	if a := s.post(at, form("body", strings.Repeat("é", 2001))); a.status != 422 || !strings.Contains(a.body, `id="body-error"`) {
		t.Errorf("a long message: %d", a.status)
	}
	s.post(at, form("body", "And one more"))
	if n := b.letters(o, "message"); n != 1 {
		t.Errorf("%d letters about two messages of a day", n)
	}
	dbtest.Clock(t, b.db).Advance(25 * time.Hour)
	s.post(at, form("body", "The next day"))
	if n := b.letters(o, "message"); n != 2 {
		t.Errorf("%d letters on two days", n)
	}
	write := func(text string) error {
		return b.db.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return b.cars.WriteTx(ctx, tx, o.ID, text, nil) })
	}
	b.must(write("When may I come?"))
	if n := b.letters(o, "dealer_message"); n != 1 {
		t.Errorf("%d letters to the dealer", n)
	}
	if a := s.get("/dealer"); !strings.Contains(a.body, "The buyer wrote") {
		t.Error("the queue does not say that the buyer waits for an answer")
	}
	s.post(at, form("body", "On Tuesday"))
	if a := s.get("/dealer"); strings.Contains(a.body, "The buyer wrote") {
		t.Error("the queue goes on saying so after the answer")
	}
	b.walk(o, s, ordering.Ready)
	b.payAll(o, s)
	b.must(b.db.InTx(b.Context(), func(ctx context.Context, tx *db.Tx) error { return b.hand(ctx, tx, s, o) }))
	if a := s.post(at, form("body", "How does it drive?")); a.status != 303 { // the car is gone, the dealer is still there
		t.Errorf("a message after the handover: %d", a.status)
	}
	if a := other.post(at, form("body", "Buy another")); a.status != 404 {
		t.Errorf("a stranger after the handover: %d", a.status)
	}
	// A question after the handover is work with an age, like one before it.
	if a := s.get("/dealer"); strings.Contains(a.body, o.Number) {
		t.Error("an order with nothing left to do stands among the work")
	}
	b.must(write("The horn is silent."))
	if a := s.get("/dealer"); !strings.Contains(a.body, "Reply to the buyer") || !strings.Contains(a.body, "The buyer wrote: ") || !strings.Contains(a.body, "/dealer/orders/"+o.Number+"#messages") {
		t.Error("the queue does not show that a buyer waits after the handover")
	}
	if a := s.get("/dealer?tab=work"); !strings.Contains(a.body, o.Number) {
		t.Error("it is not among the work")
	}
	if a := s.get("/dealer?tab=done"); strings.Contains(a.body, o.Number) {
		t.Error("it stands among what is done as well")
	}
	if a := s.get("/dealer?tab=overdue"); strings.Contains(a.body, o.Number) {
		t.Error("it is late at once")
	}
	dbtest.Clock(t, b.db).Advance(allocation.ReplyWithin + time.Minute)
	if a := s.get("/dealer?tab=overdue"); !strings.Contains(a.body, o.Number) {
		t.Error("a day without an answer is not late")
	}
	if a := other.get("/dealer"); strings.Contains(a.body, o.Number) {
		t.Error("another dealer sees it")
	}
	s.post(at, form("body", "Come by, we look at it."))
	if a := s.get("/dealer?tab=work"); strings.Contains(a.body, o.Number) {
		t.Error("it stays among the work after the answer")
	}
	for i := 0; ; i++ {
		if err := write("again"); err != nil {
			break
		}
		if i > 100 {
			t.Fatal("a buyer may write without end")
		}
	}
}
