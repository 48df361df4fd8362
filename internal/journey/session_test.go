package journey

import (
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// A member of staff who has not touched the page for hours is told before the session ends and keeps it with
// one press; when it is over all the same, what was typed stays on the screen.
func TestStaffAreToldBeforeTheSessionEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := newTab(t, "session", 1280, 900)
	d.login(s, "/dealer", dealerLogin)
	d.hurry()
	d.open(s.url + "/dealer/handovers")
	d.until("the warning", `document.querySelector("#live.toast button")`)
	d.shows("In ten minutes or less you will be signed out")
	d.station("warned")
	d.click("#live button")
	d.until("the promise", `document.querySelector("#live.toast")?.textContent === "You stay signed in."`)
	d.until("the warning again", `document.querySelector("#live.toast button")`)
	_ = one[int](s, `WITH x AS (DELETE FROM sessions RETURNING 1) SELECT count(*) FROM x`)
	d.click("#live button")
	d.until("the truth", `document.querySelector("#live.toast")?.textContent.includes("still on this page")`)
	if got := d.path(); got != "/dealer/handovers" {
		t.Errorf("the page went to %s", got)
	}
	d.station("signed-out")
}

// hurry makes hours pass in three seconds for the scripts of pages that are opened from now on.
func (b *tab) hurry() {
	b.t.Helper()
	const fast = `(() => { const real = window.setTimeout; window.setTimeout = (act, ms) => real(act, ms > 600000 ? 3000 : ms); })()`
	if _, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fast}); err != nil {
		b.t.Fatal(err)
	}
}
