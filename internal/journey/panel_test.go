package journey

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// holdPanel keeps every answer that the list asks for until the test lets it go by its place, 0 being the first. What was
// called off comes all the same, as late as the test likes.
const holdPanel = `(() => {
	const ask = window.fetch;
	window.held = [];
	window.fetch = (url, how) => new Promise((done, failed) => window.held.push(() => ask(url, { ...how, signal: undefined }).then(done, failed)));
	window.acted = [];
	for (const kind of ["click", "submit"]) addEventListener(kind, e => window.acted.push(kind + " " + (e.target.closest("a, form")?.outerHTML ?? "").slice(0, 90)));
	return true;
})()`

const (
	highlit  = `document.querySelector(".qtable tr[aria-current]")?.dataset.number`
	shown    = `document.querySelector(".peek")?.dataset.number`
	together = `!document.querySelector(".peek").dataset.wait && ` + shown + ` === ` + highlit
	// readable tells whether the panel's button for accepting can be seen.
	readable = `document.querySelector(".peek form[action$='/accept'] button")?.checkVisibility({ visibilityProperty: true }) ?? false`
)

// rows are the orders of the open list from top to bottom.
func (b *tab) rows() []string {
	b.t.Helper()
	return ask[[]string](b, `[...document.querySelectorAll(".qtable tbody tr")].map(r => r.dataset.number)`)
}

// dead presses every key that acts, and fails when one of them did.
func (b *tab) dead(when string) {
	b.t.Helper()
	b.press("a")
	b.press("d")
	_ = ask[bool](b, `(document.querySelector(".peek form")?.requestSubmit(), document.activeElement?.blur(), true)`)
	if got := ask[string](b, `location.pathname + JSON.stringify(window.acted.filter(a => !a.startsWith("submit")))`); got != "/dealer[]" {
		b.fail("%s a key acted: %s", when, got)
	}
}

// While the panel has not followed the highlight nothing answers an order, and an answer that comes late does not undo a
// newer choice.
func TestKeysAnswerOnlyTheOrderThatPanelAndHighlightShow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	buyer := newTab(t, "dealer-panel-buyer", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	for _, name := range []string{"Priya Raman", "Marcus Oyelaran", "Ines Duarte"} {
		buyer.buy(s, name)
	}
	d := newTab(t, "dealer-panel", 1280, 800)
	d.login(s, "/dealer", dealerLogin)
	d.until("three orders", `document.querySelectorAll(".qtable tbody tr").length === 3`)
	d.until("the stream", `document.querySelector(".live")?.dataset.state === "fresh"`)
	rows := d.rows()
	_ = ask[bool](d, holdPanel)

	d.press("j")
	d.until("the highlight on the second row", highlit+` === `+quote(rows[1]))
	d.until("the panel's question", `held.length === 1`)
	if ask[string](d, `document.querySelector(".peek").getAttribute("aria-busy") + document.querySelector(".peek [role=status]").innerText`) != "trueThe order is loading." {
		d.fail("the panel does not say that it is loading")
	}
	if ask[bool](d, readable) {
		d.fail("the first order's button is still there under the second one's highlight")
	}
	d.dead("while the panel was still on its way")

	d.press("j")
	d.until("the highlight on the third row", highlit+` === `+quote(rows[2]))
	d.until("the next question", `held.length === 2`)
	d.dead("while the third order was on its way")
	_ = ask[bool](d, `(held[1](), true)`)
	d.until("the third order in the panel", together+` && `+shown+` === `+quote(rows[2]))
	_ = ask[bool](d, `(held[0](), true)`)
	// The older answer has been read once a third question, asked after it, was answered too.
	d.press("k")
	d.until("the third question", `held.length === 3`)
	if got := ask[string](d, highlit); got != rows[1] {
		d.fail("an older answer moved the highlight to %s", got)
	}
	_ = ask[bool](d, `(held[2](), true)`)
	d.until("the second order in the panel", together+` && `+shown+` === `+quote(rows[1]))
	for _, number := range rows {
		if got := one[string](s, `SELECT state FROM orders WHERE number = ?`, number); got != "offered" {
			t.Fatalf("%s is %s", number, got)
		}
	}
	d.press("a") // goes to the button; Enter presses it
	d.after(func() { d.press(kb.Enter) })
	s.becomes("accepted", `SELECT state FROM orders WHERE number = ?`, rows[1])
	for _, number := range []string{rows[0], rows[2]} {
		if got := one[string](s, `SELECT state FROM orders WHERE number = ?`, number); got != "offered" {
			t.Errorf("the key for %s also made %s %s", rows[1], number, got)
		}
	}
}

// The order that somebody looks at is answered by a colleague: the next one must not take its place under the hand.
func TestAnOrderThatLeavesTheListDoesNotHandItsKeysOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	buyer := newTab(t, "dealer-gone-buyer", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	buyer.buy(s, "Priya Raman")
	buyer.buy(s, "Marcus Oyelaran")
	d := newTab(t, "dealer-gone", 1280, 800)
	d.login(s, "/dealer", dealerLogin)
	d.open(s.url + "/dealer?tab=answer")
	d.until("two orders", `document.querySelectorAll(".qtable tbody tr").length === 2`)
	d.until("the stream", `document.querySelector(".live")?.dataset.state === "fresh"`)
	rows := d.rows()
	_ = ask[bool](d, `(window.acted = [], addEventListener("click", () => window.acted.push("click")), true)`)
	colleague := d.another()
	colleague.open(s.url + "/dealer/orders/" + rows[0])
	colleague.leave(`form[action$="/accept"] button`)
	s.becomes("accepted", `SELECT state FROM orders WHERE number = ?`, rows[0])
	d.front()
	d.until("the list without it", `!document.querySelector(".qtable tr[data-number='`+rows[0]+`']")`)
	if got := ask[string](d, `String(`+highlit+`)`); got != "undefined" {
		d.fail("the highlight went to %s by itself", got)
	}
	d.dead("after the order left the list")
	d.shows("has left this list")
	d.station("gone")
	d.press("j")
	d.until("the order that was chosen by hand", together+` && `+shown+` === `+quote(rows[1]))
	if got := one[string](s, `SELECT state FROM orders WHERE number = ?`, rows[1]); got != "offered" {
		t.Fatalf("the neighbour became %s", got)
	}
	d.press("a") // goes to the button; Enter presses it
	d.after(func() { d.press(kb.Enter) })
	s.becomes("accepted", `SELECT state FROM orders WHERE number = ?`, rows[1])
}
