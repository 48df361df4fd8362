package journey

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"forecourt/internal/testkit"

	"github.com/chromedp/chromedp"
)

// The connection is lost in the middle of a handover: the page keeps it with its picture, also when it is loaded again
// without a connection, sends it when the connection is back, and it happens once. Then the buyer scans the dealer's
// code, and signing out leaves nothing on the phone.
func TestAHandoverWithoutAConnection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	buyer := newTab(t, "lost-buyer", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	number := buyer.buy(s, "Priya Raman")
	page := buyer.address()
	d := newTab(t, "lost-dealer", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	d.notes.allow(`net::ERR_`)
	hall := newHall(t, strings.TrimPrefix(s.url, "http://"))
	in := &site{t: t, db: s.db, url: hall.url, log: s.log, stop: s.stop}
	d.login(in, "/dealer", dealerLogin)
	d.open(in.url + "/dealer/orders/" + number)
	d.leave(`form[action$="/accept"] button`)
	s.becomes("accepted", `SELECT state FROM orders WHERE number = ?`, number)
	d.toReady(in, number)
	code := buyer.bookSlot(s, page)
	s.becomes("captured", `SELECT p.state FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.number = ? AND p.purpose = 'deposit'`, number)
	d.open(in.url + "/dealer/orders/" + number + "/handover")
	d.comes("the page kept on the phone", `caches.open("handover").then(b => b.match(location.pathname)).then(hit => !!hit)`)
	d.until("somebody who stands in", `navigator.serviceWorker.controller`)
	d.fill("code", code)
	d.do(chromedp.SetValue(chromedp.CSS("#odometer"), "4"))
	d.click(`input[value="all"]`)
	d.click(`form[data-keep] summary:not(#checks summary)`)
	d.fill("faults", "Scratch on the left mirror")
	d.do(chromedp.SetUploadFiles(chromedp.CSS("#photo"), []string{picture(t)}))
	hall.cut(true)
	d.click(`form[data-keep] button.main`)
	d.until("the words that it is kept", `!document.querySelector("[data-note]").hidden`)
	d.station("handover-kept")
	d.open(in.url + "/dealer/orders/" + number + "/handover") // the phone forgot the page
	d.until("the words that it is kept, again", `document.querySelector("[data-note]")?.hidden === false`)
	if got := ask[string](d, `[document.querySelector("#odometer").value, document.querySelector("#faults").value, document.querySelector("#photo").files.length, document.querySelector("input[value=all]").checked].join("|")`); got != "4|Scratch on the left mirror|1|true" {
		t.Errorf("after the page was loaded again it says %s", got)
	}
	d.station("handover-kept-again")
	if got := one[string](s, `SELECT state FROM orders WHERE number = ?`, number); got != "ready" {
		t.Fatalf("without a connection the order is %s", got)
	}
	hall.cut(false)
	d.until("the order's page", `location.pathname.endsWith("/orders/`+number+`")`)
	if n := one[int](s, `SELECT count(*) FROM order_history h JOIN orders o ON o.id = h.order_id WHERE o.number = ? AND h.event = 'hand_over'`, number); n != 1 {
		t.Errorf("handed over %d times", n)
	}
	if got := one[string](s, `SELECT h.keys || '|' || array_to_string(h.faults, ',') || '|' || (SELECT count(*) FROM handover_photos f WHERE f.order_id = h.order_id) FROM handovers h JOIN orders o ON o.id = h.order_id WHERE o.number = ?`, number); got != "2|Scratch on the left mirror|1" {
		t.Errorf("the record says %s", got)
	}
	if kept := ask[int](d, leftOnThePhone); kept != 0 {
		t.Errorf("%d drafts and pages are left on the phone", kept)
	}
	d.shows("Scratch on the left mirror")
	d.station("handover-record")
	buyer.confirm(s, strings.ReplaceAll(ask[string](d, `document.querySelector("[aria-labelledby=h-code] .mono").innerText`), " ", ""))
	d.open(in.url + "/dealer/orders/" + number)
	d.shows("with the dealer's code")

	// A page that is open when somebody signs out goes with him.
	if !ask[bool](d, `caches.open("handover").then(b => b.put("/dealer/orders/X/handover", new Response("secret"))).then(() => true)`) {
		t.Error("nothing can be kept")
	}
	d.open(in.url + "/account")
	d.leave(`form[action="/logout"] button`)
	d.comes("an empty phone", `caches.keys().then(names => names.length === 0)`)
}

// leftOnThePhone counts drafts and kept pages of handovers.
const leftOnThePhone = `(async () => {
	const pages = (await (await caches.open("handover")).keys()).filter((r) => r.url.includes("/orders/")).length;
	return pages + await new Promise((done) => {
		const open = indexedDB.open("handover", 1);
		open.onsuccess = () => { const all = open.result.transaction("drafts").objectStore("drafts").count(); all.onsuccess = () => done(all.result); };
	});
})()`

// comes waits for what a page promises.
func (b *tab) comes(what, promise string) {
	b.t.Helper()
	testkit.Eventually(b.t, what, func() bool {
		ok, err := tryAsk[bool](b, `(async () => !!(await (`+promise+`)))()`)
		return err == nil && ok
	})
}

// confirm is the buyer again, whose phone showed the pass: the dealer's code leads to his own page.
func (b *tab) confirm(s *site, code string) {
	b.t.Helper()
	b.open(s.url + "/dacia/gb/collected/" + code)
	b.until("the order's own page with the code", `document.querySelector("#dealer_code")?.value === "`+code+`"`)
	b.station("handover-to-confirm")
	b.leave(`form[action$="/handover"] button`)
	b.shows("Both sides have confirmed")
	b.station("handover-confirmed")
}

// hall is a way to the site that can be cut, also for a worker, which a browser's own switch does not reach.
type hall struct {
	url  string
	to   string
	mu   sync.Mutex
	dead bool
	open map[net.Conn]bool
}

func newHall(t *testing.T, to string) *hall {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hall{url: "http://" + l.Addr().String(), to: to, open: map[net.Conn]bool{}}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() { h.serve(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); h.cut(true); work.Wait() })
	return h
}

func (h *hall) serve(c net.Conn) {
	defer h.drop(c)
	far, err := net.Dial("tcp", h.to)
	if err != nil {
		return
	}
	defer h.drop(far)
	if !h.take(c) || !h.take(far) {
		return
	}
	go func() { _, _ = io.Copy(far, c); h.drop(far) }()
	_, _ = io.Copy(c, far)
}

func (h *hall) take(c net.Conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.dead {
		h.open[c] = true
	}
	return !h.dead
}

func (h *hall) drop(c net.Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.open, c)
	_ = c.Close()
}

// cut ends every connection and lets no new one in, until it is told otherwise.
func (h *hall) cut(dead bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dead = dead
	if dead {
		for c := range h.open {
			_ = c.Close()
		}
	}
}

// picture is a photograph on disk.
func picture(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 48)), nil); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "mirror.jpg")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
