package journey

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// The connection is lost in the middle of a handover: the page keeps it and sends it when the connection is back, and
// it happens once, also when the phone forgets the page meanwhile.
func TestAHandoverWithoutAConnection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	buyer := newTab(t, "lost-buyer", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	number := buyer.buy(s, "Priya Raman")
	page := buyer.address()
	d := newTab(t, "lost-dealer", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	d.notes.allow(`net::ERR_`)
	d.login(s, "/dealer", dealerLogin)
	d.open(s.url + "/dealer/orders/" + number)
	d.leave(`form[action$="/accept"] button`)
	s.becomes("accepted", `SELECT state FROM orders WHERE number = ?`, number)
	d.toReady(s, number)
	code := buyer.bookSlot(s, page)
	s.becomes("captured", `SELECT p.state FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.number = ? AND p.purpose = 'deposit'`, number)
	d.open(s.url + "/dealer/orders/" + number + "/handover")
	d.fill("code", code)
	d.do(chromedp.SetValue(chromedp.CSS("#odometer"), "4"))
	d.click(`input[value="all"]`)
	d.offline(true)
	d.click(`form[data-keep] button.main`)
	d.until("the words that it is kept", `!document.querySelector("[data-note]").hidden`)
	d.station("handover-kept")
	if got := one[string](s, `SELECT state FROM orders WHERE number = ?`, number); got != "ready" {
		t.Fatalf("without a connection the order is %s", got)
	}
	d.offline(false)
	d.until("the order's page", `location.pathname.endsWith("/orders/`+number+`")`)
	if n := one[int](s, `SELECT count(*) FROM order_history h JOIN orders o ON o.id = h.order_id WHERE o.number = ? AND h.event = 'hand_over'`, number); n != 1 {
		t.Errorf("handed over %d times", n)
	}
	if kept := ask[int](d, `Object.keys(localStorage).filter(n => n.startsWith("handover ")).length`); kept != 0 {
		t.Errorf("%d drafts are left on the phone", kept)
	}
}
