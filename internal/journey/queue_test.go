package journey

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// count presses a link or button with the mouse and counts it.
func (b *tab) count(n *int, sel string) {
	b.t.Helper()
	b.leave(sel)
	*n++
}

// An open queue is never touched and shows the next order by itself; accepting it takes one press from the list,
// and two from anywhere else.
func TestTheQueueChangesByItselfAndAcceptsInOnePress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := newTab(t, "dealer-live", 1280, 800)
	d.login(s, "/dealer", dealerLogin)
	d.until("the stream", `document.querySelector(".live")?.dataset.state === "fresh"`)
	buyer := newTab(t, "dealer-live-buyer", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	first := buyer.buy(s, "Priya Raman")
	d.until("the new order in the open list", `document.querySelector(".qtable tr[data-number='`+first+`']")`)
	d.fill("q", "ja?k/")
	if got := ask[string](d, `document.querySelector("#q").value + document.querySelectorAll("dialog[open]").length`); got != "ja?k/0" {
		t.Errorf("keys in a field were taken away: %q", got)
	}
	d.do(chromedp.Blur(chromedp.CSS("#q")))
	d.press("?")
	d.until("the help", `document.querySelector("dialog#keyhelp").open`)
	d.press("a") // a dialog keeps its keys
	d.press(kb.Escape)
	if got := one[string](s, `SELECT state FROM orders WHERE number = ?`, first); got != "offered" {
		t.Fatalf("a key in the help accepted the order: %s", got)
	}
	second := buyer.buy(s, "Marcus Oyelaran")
	d.until("the second order in the open list", `document.querySelectorAll(".qtable tbody tr").length === 2`)
	clicks := 0
	if ask[string](d, `document.querySelector(".peek").dataset.number`) != first {
		d.press("j")
	}
	d.until("the panel that follows", `document.querySelector(".peek").dataset.number === document.querySelector(".qtable tr[aria-current]").dataset.number`)
	number := ask[string](d, `document.querySelector(".peek").dataset.number`)
	d.do(chromedp.Sleep(1600 * 1e6)) // a list that has just changed under the hand answers nothing
	d.count(&clicks, `.peek form[action$="/accept"] button`)
	s.becomes("accepted", `SELECT state FROM orders WHERE number = ?`, number)
	if clicks > 3 {
		t.Errorf("accepting took %d presses", clicks)
	}
	other := first
	if number == first {
		other = second
	}
	clicks = 0
	d.open(s.url + "/dealer")
	d.count(&clicks, `.qtable tr[data-number="`+other+`"] th a`)
	d.count(&clicks, `form[action$="/accept"] button`)
	s.becomes("accepted", `SELECT state FROM orders WHERE number = ?`, other)
	if clicks > 3 {
		t.Errorf("accepting from the list took %d presses", clicks)
	}
	d.station("accepted")
}
