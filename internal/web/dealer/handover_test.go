package dealer_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
)

var draftField = regexp.MustCompile(`name="draft" value="([^"]+)"`)

// sendHandover posts a handover with its pictures, as a browser does.
func (s *staff) sendHandover(path string, f url.Values, photos ...[]byte) answer {
	s.b.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range f {
		for _, v := range values {
			_ = w.WriteField(name, v)
		}
	}
	for _, p := range photos {
		part, _ := w.CreateFormFile("photo", "../../etc/passwd.jpg")
		_, _ = part.Write(p)
	}
	_ = w.Close()
	req, _ := http.NewRequestWithContext(s.b.Context(), http.MethodPost, s.b.url+path, &b)
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := s.client.Do(req)
	s.b.must(err)
	return read(s.b, res)
}

// readyPaid is an order that waits for its keys at Leeds.
func readyPaid(b *bench, s *staff) *ordering.Order {
	o := b.offer(leeds)
	b.walk(o, s, ordering.Ready)
	b.payAll(o, s)
	return b.order(o.ID)
}

func jpegOf(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 48)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestAHandoverWritesEverythingDown: what is refused comes back with what was typed and nothing half written; what is
// taken stands on the order's page and on the record, its pictures without what was hidden in them, and for nobody else.
func TestAHandoverWritesEverythingDown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, other := b.staffOf(leeds), b.staffOf(london)
	o := readyPaid(b, s)
	at := "/dealer/orders/" + o.Number + "/handover"
	page := s.get(at).body
	if !strings.Contains(page, o.VIN) || !strings.Contains(page, `name="keys" type="text" value="2"`) || strings.Count(page, `name="given"`) != 4 {
		t.Error("the page does not show the whole VIN, two keys and four papers")
	}
	fill := func(more ...string) url.Values {
		f := handing(o)
		f.Set("draft", draftField.FindStringSubmatch(s.get(at).body)[1])
		f.Set("keys", "3")
		f["given"] = []string{"registration", "manual"}
		f.Set("faults", "Scratch <b>left</b>\r\n\r\nNo mat")
		for i := 0; i+1 < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return f
	}
	var bomb bytes.Buffer
	b.must(png.Encode(&bomb, image.NewGray(image.Rect(0, 0, 13_000, 20))))
	good := jpegOf(t)
	for name, c := range map[string]struct {
		form   url.Values
		photos [][]byte
		field  string
	}{
		"no keys":        {fill("keys", "none"), nil, "keys"},
		"ten keys":       {fill("keys", "10"), nil, "keys"},
		"an odd paper":   {fill("given", "banknotes"), nil, "given"},
		"endless faults": {fill("faults", strings.Repeat("x", 201)), nil, "faults"},
		"eleven faults":  {fill("faults", strings.Repeat("x\n", 11)), nil, "faults"},
		"no picture":     {fill(), [][]byte{[]byte("GIF89a nothing")}, "photo"},
		"a pixel bomb":   {fill(), [][]byte{bomb.Bytes()}, "photo"},
		"a torn picture": {fill(), [][]byte{good[:40]}, "photo"},
		"five pictures":  {fill(), [][]byte{good, good, good, good, good}, "photo"},
	} {
		a := s.sendHandover(at, c.form, c.photos...)
		if a.status != 422 || !strings.Contains(a.body, `id="`+c.field+`-error"`) || !strings.Contains(a.body, `value="`+c.form.Get("odometer")+`"`) {
			t.Errorf("%s: %d", name, a.status)
		}
		if b.order(o.ID).State != ordering.Ready {
			t.Fatalf("%s: handed over", name)
		}
	}
	f := fill()
	for range 2 { // sent twice, done once
		if a := s.sendHandover(at, f, append(bytes.Clone(good), "GPS 53.8008"...)); a.status != 303 || a.to != "/dealer/orders/"+o.Number+"?done=handed_over" {
			t.Fatalf("handover: %d %s", a.status, a.body)
		}
	}
	f.Set("form_key", form().Get("form_key")) // the same draft from another tab
	if a := s.sendHandover(at, f); a.status != 409 || !strings.Contains(a.body, "Nothing was done twice") || !strings.Contains(a.body, "Anna Whitcombe") {
		t.Errorf("the draft again: %d", a.status)
	}
	order := s.get("/dealer/orders/" + o.Number).body
	for _, want := range []string{"<dd><bdi>3</bdi></dd>", "Registration papers</bdi><br><bdi>Owner&#39;s manual", "Scratch &lt;b&gt;left&lt;/b&gt;</bdi><br><bdi>No mat", "with the buyer&#39;s pickup code", "Not yet", at + "/1.jpg", "Take the handover back"} {
		if !strings.Contains(order, want) {
			t.Errorf("the order's page lacks %q", want)
		}
	}
	if a := s.get(at + "/1.jpg"); a.status != 200 || strings.Contains(a.body, "GPS") || !strings.HasPrefix(a.body, "\xff\xd8") {
		t.Errorf("the picture: %d", a.status)
	}
	for _, path := range []string{at + "/2.jpg", at + "/0.jpg", at + "/1.png"} {
		if a := s.get(path); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := other.get(at + "/1.jpg"); a.status != 404 {
		t.Errorf("another dealer sees the picture: %d", a.status)
	}
	_, rest, _ := strings.Cut(order, "Handover record ")
	number, _, _ := strings.Cut(rest, "<")
	paper := s.get("/dealer/orders/" + o.Number + "/papers/" + strings.TrimSpace(number)).body
	for _, want := range []string{"No mat", "Photos, by check sum", "not yet when this record was issued", "signature", "Maker&#39;s warranty until", o.VIN} {
		if !strings.Contains(paper, want) {
			t.Errorf("the record lacks %q", want)
		}
	}
	if a := s.get("/dealer/orders/" + o.Number + "/papers/" + strings.TrimSpace(number) + "/pdf"); a.status != 200 || !strings.HasPrefix(a.body, "%PDF") {
		t.Errorf("the record as PDF: %d", a.status)
	}
}

// TestAHandoverIsTakenBackOnThePage: by its dealer, with a reason, once; signing on paper likewise.
func TestAHandoverIsTakenBackOnThePage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, other := b.staffOf(leeds), b.staffOf(london)
	o := readyPaid(b, s)
	at := "/dealer/orders/" + o.Number
	for _, path := range []string{"/undo", "/signed"} {
		if a := s.post(at+path, form("undo", "slip")); a.status != 409 {
			t.Errorf("%s before the handover: %d", path, a.status)
		}
	}
	b.tx(func(ctx context.Context, tx *db.Tx) error { return b.hand(ctx, tx, s, o) })
	if a := other.post(at+"/undo", form("undo", "slip")); a.status != 404 {
		t.Errorf("another dealer takes it back: %d", a.status)
	}
	for _, why := range []string{"", "because"} {
		if a := s.post(at+"/undo", form("undo", why)); a.status != 422 || !strings.Contains(a.body, `id="undo-error"`) || b.order(o.ID).State != ordering.HandedOver {
			t.Errorf("taken back for %q: %d", why, a.status)
		}
	}
	if a := s.post(at+"/signed", form()); a.status != 303 || !strings.Contains(s.get(a.to).body, "signed on paper, noted by the dealer") {
		t.Errorf("signed: %d", a.status)
	}
	if a := s.post(at+"/signed", form()); a.status != 409 {
		t.Errorf("signed twice: %d", a.status)
	}
	if a := s.post(at+"/undo", form("undo", "slip")); a.status != 303 || a.to != at+"?done=undone" || b.order(o.ID).State != ordering.Ready {
		t.Fatalf("taken back: %d %s", a.status, a.body)
	}
	page := s.get(at + "?done=undone").body
	for _, want := range []string{"The order is ready as before", "Handover taken back", at + "/handover"} {
		if !strings.Contains(page, want) {
			t.Errorf("after it the page lacks %q", want)
		}
	}
	if n := b.letters(o, "handover_undone"); n != 1 {
		t.Errorf("%d letters", n)
	}
	// What was held open in another tab hands nothing over any more: the order is as it is now.
	if a := s.post(at+"/undo", form("undo", "slip")); a.status != 409 {
		t.Errorf("taken back twice: %d", a.status)
	}
}

// hand hands an order over without its page.
func (b *bench) hand(ctx context.Context, tx *db.Tx, s *staff, o *ordering.Order) error {
	return b.cars.HandOverTx(ctx, tx, sale.Staff{User: s.user, Dealer: leeds}, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 5})
}
