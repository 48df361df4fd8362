package journey

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// The shop is gone in the middle of a visit: what was chosen stays on the screen, and a page that cannot be
// got says so in the buyer's language, with no price from before.
func TestAPhoneWithoutAConnection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newTab(t, "offline", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	b.notes.allow(`net::ERR_`)
	b.open(s.url + "/dacia/it/leave-name")
	b.until("somebody who stands in", `navigator.serviceWorker.controller`)
	b.offline(true)
	b.click(`main button[type=submit]`)
	b.until("the words about the connection", `document.querySelector("#live.toast")?.textContent.includes("connessione")`)
	if ask[bool](b, `document.querySelector("main button[type=submit]").disabled`) {
		t.Error("the button is dead after a form that could not be sent")
	}
	b.station("form-not-sent")
	b.offline(false)
	b.until("silence once the connection is back", `!document.querySelector("#live.toast")?.textContent`)

	b.open(s.url + "/dacia/it/new/duster/configure")
	before, price := b.address(), b.price()
	s.stop()
	b.click(`#colour li:last-child button.choice`)
	b.until("the words about the connection", `document.querySelector("#live.toast")?.textContent && !document.querySelector("#main").ariaBusy`)
	if b.address() != before || b.price() != price {
		t.Error("the car on the screen was lost")
	}
	b.station("choice-not-made")
	b.leave(`.top .brand`)
	b.shows("Nessuna connessione")
	if got := b.path(); got != "/dacia/it" {
		t.Errorf("the address in the bar is %s, so trying again asks for another page", got)
	}
	if text := b.text(); strings.Contains(text, "€") {
		t.Errorf("a price from memory: %s", text)
	}
	b.station("no-connection")
	if kept := ask[string](b, `(async () => { let all = []; for (const n of await caches.keys()) for (const r of await (await caches.open(n)).keys()) all.push(new URL(r.url).pathname); return all.join(" "); })()`); !regexp.MustCompile(`^/dacia/it/offline /static/css/app\.[0-9a-f]+\.css$`).MatchString(kept) {
		t.Errorf("kept on the phone: %s", kept)
	}
}

// offline tells the page that there is no connection, as the browser does on a train.
func (b *tab) offline(cut bool) {
	b.t.Helper()
	p := network.OverrideNetworkStateParams{Offline: cut, DownloadThroughput: -1, UploadThroughput: -1}
	if _, err := chromedp.Call(b.ctx, network.OverrideNetworkState, p); err != nil {
		b.t.Fatal(err)
	}
}
