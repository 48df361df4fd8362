package journey

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	dealerLogin  = "anna@northgate-leeds.example.com"
	managerLogin = "harriet@gb-office.example.com"
	password     = "forecourt-demo"
)

// buy makes an order the short way, at Leeds, and gives its number; the tab stands on its page.
func (b *tab) buy(s *site, name string) string {
	b.t.Helper()
	b.open(s.url + "/dacia/gb/new/duster/dealer?near=LS6+2AB")
	b.click(`input[name=dealer][value="` + leeds + `"]`)
	b.leave(`form[method=post] button[type=submit]`)
	for id, text := range map[string]string{"name": name, "email": "buyer@example.com", "phone": "07700 900142", "street": "8 Ash Grove", "postcode": "LS6 2AB", "town": "Leeds"} {
		b.fill(id, text)
	}
	b.leave(`form[method=post] button[type=submit]`)
	b.agree()
	b.card(goodCard)
	b.until("the order page", `location.pathname.includes("/orders/")`)
	s.becomes("offered", `SELECT state FROM orders ORDER BY created_at DESC, id DESC LIMIT 1`)
	return one[string](s, `SELECT number FROM orders ORDER BY created_at DESC, id DESC LIMIT 1`)
}

// login types name and password and presses Enter; the hand never leaves the keys.
func (b *tab) login(s *site, to, email string) {
	b.t.Helper()
	b.open(s.url + to)
	b.station("login")
	b.do(chromedp.Focus(chromedp.CSS("#email")))
	b.press(email)
	b.press(kb.Tab)
	b.press(password)
	b.after(func() { b.press(kb.Enter) })
	if got := b.path(); got != to {
		b.fail("after signing in: %s, want %s", got, to)
	}
}

func TestDealerByKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	buyer := newTab(t, "dealer-buyer", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	first := buyer.buy(s, "Priya Raman")
	firstPage := buyer.address()
	second := buyer.buy(s, "Marcus Oyelaran")
	d := newTab(t, "dealer", 1280, 800)
	d.login(s, "/dealer", dealerLogin)
	d.shows(first)
	d.station("queue")
	d.walkQueue(first, second)
	d.acceptByKey(s, first)
	d.declineByKey(s, second)
	d.toReady(s, first)
	code := buyer.bookSlot(s, firstPage)
	d.handOver(s, first, code, "4")
	buyer.open(firstPage)
	buyer.station("order-handed-over")
	if ask[bool](buyer, `!!document.querySelector('a[href$="/cancel"]')`) {
		t.Error("after the handover the order page still offers to cancel")
	}
}

// selected is the order number of the row that the keys have chosen.
func (b *tab) selected() string {
	b.t.Helper()
	return ask[string](b, `document.querySelector(".qtable tr[aria-current=true] .btn .vh")?.textContent.trim() ?? ""`)
}

// walkQueue goes down and up; the panel never lets the wrong order be answered.
func (b *tab) walkQueue(numbers ...string) {
	b.t.Helper()
	seen := map[string]bool{b.selected(): true}
	b.press("j")
	seen[b.selected()] = true
	for _, n := range numbers {
		if !seen[n] {
			b.t.Errorf("j does not reach %s, only %v", n, seen)
		}
	}
	b.press("k")
	b.press("j")
	b.after(func() { b.press(kb.Enter) })
	b.until("the order that Enter opened", `document.querySelector("h1")`)
	b.station("queue-entered")
	b.open(strings.SplitN(b.address(), "/dealer", 2)[0] + "/dealer")
}

// acceptByKey walks to an order and answers it, by keys only.
func (b *tab) acceptByKey(s *site, number string) {
	b.t.Helper()
	b.walkTo(number)
	// The key answers the order that the panel shows, and nothing while the panel is still on its way.
	b.until("the panel of the row", `document.querySelector(".peek").dataset.number === document.querySelector(".qtable tr[aria-current=true]").dataset.number && !document.querySelector(".peek").dataset.wait`)
	b.press("a") // goes to the button; Enter presses it
	b.after(func() { b.press(kb.Enter) })
	s.becomes("accepted", `SELECT state FROM orders WHERE number = ?`, number)
	b.open(s.url + "/dealer/orders/" + number)
	b.shows("Priya Raman")
	b.station("order-accepted")
}

func (b *tab) walkTo(number string) {
	b.t.Helper()
	for range 5 {
		if b.selected() == number {
			return
		}
		b.press("j")
	}
	b.fail("the keys never reach %s", number)
}

// declineByKey opens the other order to decline it; without a reason it is refused.
func (b *tab) declineByKey(s *site, number string) {
	b.t.Helper()
	b.open(s.url + "/dealer/orders/" + number)
	b.station("order-offered")
	if strings.Contains(b.text(), "Marcus") {
		b.t.Error("the buyer's name shows before the dealer accepted")
	}
	b.do(chromedp.Focus(chromedp.CSS("#reason")))
	b.press("T")
	b.after(func() {
		b.press(kb.Tab)
		b.press(kb.Enter)
	})
	s.becomes("choosing", `SELECT state FROM orders WHERE number = ?`, number)
	b.station("declined")
}

// toReady makes every step up to the car being ready, and takes the balance at the desk.
func (b *tab) toReady(s *site, number string) {
	b.t.Helper()
	b.open(s.url + "/dealer/orders/" + number)
	for _, state := range []string{"ordered", "built", "in_transit", "arrived"} {
		if state == "in_transit" {
			b.fill("vin", "VF1RJA00X74471902")
		}
		b.leave(`form[action$="/step"] button.main`)
		s.becomes(state, `SELECT state FROM orders WHERE number = ?`, number)
	}
	b.prepare(s, number)
}

// prepare makes every step of a car that has arrived, and takes the balance at the desk.
func (b *tab) prepare(s *site, number string) {
	b.t.Helper()
	b.station("order-arrived")
	for _, x := range []string{"inspection", "accessories", "plates", "tax", "cleaning"} {
		b.click(`input[value="` + x + `"]`)
	}
	b.leave(`button[name=prepared]`)
	b.leave(`form[action$="/step"] button.main`)
	s.becomes("ready", `SELECT state FROM orders WHERE number = ?`, number)
	b.click(`#pay details:has(form[action$="/payments"]) > summary`)
	b.leave(`form[action$="/payments"] button`)
	b.station("order-ready")
}

// bookSlot is the buyer again: picks a time and reads the code.
func (b *tab) bookSlot(s *site, page string) string {
	b.t.Helper()
	b.open(page)
	b.station("order-ready")
	b.click(`input[name=starts]`)
	b.leave(`form[action$="/slot"] button`)
	if n := one[int](s, `SELECT count(*) FROM appointments WHERE state = 'booked'`); n != 1 {
		b.t.Errorf("%d appointments are booked", n)
	}
	b.station("order-booked")
	return strings.ReplaceAll(ask[string](b, `document.querySelector(".pass .code").innerText`), " ", "")
}

// handOver types a wrong code and then the buyer's; miles is what the odometer says.
func (b *tab) handOver(s *site, number, code, miles string) {
	b.t.Helper()
	s.becomes("captured", `SELECT p.state FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.number = ? AND p.purpose = 'deposit'`, number)
	b.open(s.url + "/dealer/handovers")
	b.station("handovers")
	b.open(s.url + "/dealer/orders/" + number + "/handover")
	b.station("handover")
	for _, c := range []string{"WRONG2", code} {
		presses := 0
		if c == code { // the plain case, counted from the queue
			b.open(s.url + "/dealer?flow=" + one[string](s, `SELECT flow FROM orders WHERE number = ?`, number))
			b.count(&presses, `.qtable a.btn[href="/dealer/orders/`+number+`/handover"]`)
		}
		b.fill("code", c)
		b.do(chromedp.SetValue(chromedp.CSS("#odometer"), miles))
		b.click(`input[value="all"]`)
		presses++
		b.count(&presses, `form[action$="/handover"] button`)
		if c != code {
			b.station("handover-wrong-code")
		} else if presses > 3 {
			b.t.Errorf("a plain handover took %d presses", presses)
		}
	}
	s.becomes("handed_over", `SELECT state FROM orders WHERE number = ?`, number)
	b.station("order-handed-over")
}

func TestManagerPausesAMarket(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := newTab(t, "manager", 1280, 800)
	m.login(s, "/manager", managerLogin)
	m.station("markets")
	shop := newTab(t, "manager-shop", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	m.turn("paused", "Too few technicians this week")
	shop.within(s.url+"/dacia/gb", true)
	shop.station("paused")
	shop.open(s.url + "/dacia/gb/new/duster/configure")
	shop.station("paused-configure")
	shop.leave(`.bar a.btn.main`)
	shop.station("leave-name")
	shop.fill("name", "Priya Raman")
	shop.fill("email", "priya.raman@example.com")
	shop.click("#consent")
	shop.leave(`form[method=post] button[type=submit]`)
	shop.station("leave-name-done")
	if n := one[int](s, `SELECT count(*) FROM leads`); n != 1 {
		t.Errorf("%d wishes are kept", n)
	}
	m.station("markets-paused")
	m.turn("live", "Technicians are back")
	shop.within(s.url+"/dacia/gb", false)
	m.open(s.url + "/manager/orders")
	m.station("orders")
	m.open(s.url + "/manager/audit")
	m.shows("Technicians are back", "Too few technicians this week")
	m.station("audit")
}

// turn switches the shop dacia gb in three presses at most, the reason typed.
func (b *tab) turn(to, reason string) {
	b.t.Helper()
	clicks := 1
	b.leave(`.market a[href^="/manager/switch/dacia/gb/new"]`)
	if ask[bool](b, `!document.querySelector("input[name=to][value=`+to+`]").checked`) {
		b.click(`input[name=to][value=` + to + `]`)
		clicks++
	}
	b.fill("reason", reason)
	b.station("switch-to-" + to)
	b.leave(`form[action$="/new"] button[type=submit]`)
	if clicks++; clicks > 3 {
		b.t.Errorf("%d presses to switch", clicks)
	}
	if got := b.path(); got != "/manager" {
		b.fail("after switching: %s", got)
	}
}

// within looks at the shop until a second has passed: by then it must be closed, or open.
func (b *tab) within(shop string, closed bool) {
	b.t.Helper()
	for end := time.Now().Add(time.Second); ; time.Sleep(50 * time.Millisecond) {
		b.open(shop)
		if ask[bool](b, `!!document.querySelector('a[href*="/leave-name"]')`) == closed {
			return
		}
		if time.Now().After(end) {
			b.fail("a second after the switch the shop does not show it (closed: %t)", closed)
		}
	}
}
