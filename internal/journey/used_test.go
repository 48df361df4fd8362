package journey

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// Two people on phones without scripts want one used car. The first holds it and walks away; the second, who waits in its line,
// gets it, pays, collects it and gives it back, and it stands in its dealer's stock again with its history.
func TestTheNextInLineBuysAUsedCar(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first, second := newTab(t, "used-first", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch), newTab(t, "used-next", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	first.withoutScripts()
	second.withoutScripts()
	car := first.findUsed(s)
	first.leave(`form[action$="/hold"] button`)
	first.station("held")
	hold := first.address()
	second.open(car)
	second.station("taken")
	second.fill("email", "priya.raman@example.com")
	second.leave(`form[action$="/line"] button`)
	second.shows("You are number 1 in the line")
	second.station("waits")
	first.open(hold)
	first.leave(`button[value=leave]`)
	second.do(chromedp.Reload())
	second.station("first-refusal")
	second.leave(`button[value=take]`)
	page := second.buyHeld(s)
	number := one[string](s, `SELECT number FROM orders`)
	d := newTab(t, "used-dealer", 820, 1180)
	d.withoutScripts()
	d.login(s, "/dealer", dealerLogin)
	d.open(s.url + "/dealer/orders/" + number)
	d.station("order-offered")
	d.leave(`form[action$="/accept"] button`)
	s.becomes("arrived", `SELECT state FROM orders WHERE number = ?`, number)
	d.prepare(s, number)
	miles := strconv.Itoa(one[int](s, `SELECT ceil(c.km / 1.609344) FROM used_cars c JOIN orders o ON c.order_ref = o.id`) + 9)
	d.handOver(s, number, second.bookSlot(s, page), miles)
	second.givesBack(s, page, number, d, miles)
}

// findUsed goes from the shop's front door to the page of a car at Leeds.
func (b *tab) findUsed(s *site) string {
	b.t.Helper()
	b.open(s.url + "/dacia/gb")
	b.leave(`a[href="/dacia/gb/used"]`)
	b.station("used")
	b.open(s.url + "/dacia/gb/used?dealer=" + leeds + "&sort=cheapest")
	b.station("used-at-leeds")
	b.leave(`.usedlist h3 a`)
	b.station("used-car")
	return b.address()
}

// buyHeld orders and pays the car that the tab holds, and gives the order's page.
func (b *tab) buyHeld(s *site) string {
	b.t.Helper()
	b.station("hold")
	for id, text := range map[string]string{"name": "Priya Raman", "email": "priya.raman@example.com", "phone": "07700 900142", "street": "8 Ash Grove", "postcode": "LS6 2AB", "town": "Leeds"} {
		b.fill(id, text)
	}
	b.agree()
	b.card(secureCard)
	b.leave(`button[value=complete]`)
	b.until("the order page", `location.pathname.includes("/orders/")`)
	s.becomes("offered", `SELECT state FROM orders`)
	b.do(chromedp.Reload())
	b.station("order")
	if ask[bool](b, `!!document.querySelector("#live")`) {
		b.t.Error("a script ran")
	}
	return b.address()
}

// givesBack withdraws from the contract; the dealer takes the car back, and it is a draft of his again.
func (b *tab) givesBack(s *site, page, number string, d *tab, miles string) {
	b.t.Helper()
	b.open(page)
	b.leave(`a[href$="/withdraw"].btn`)
	b.leave(`form[action$="/withdraw"] button`)
	b.station("order-withdrawn")
	s.becomes("returning", `SELECT state FROM orders WHERE number = ?`, number)
	d.open(s.url + "/dealer/orders/" + number)
	d.fill("odometer", miles)
	d.leave(`form[action$="/take-back"] button`)
	s.becomes("returned", `SELECT state FROM orders WHERE number = ?`, number)
	const ofVIN = `FROM used_cars WHERE vin = (SELECT vin FROM orders WHERE number = ?)`
	if got := one[string](s, `SELECT string_agg(state, ' ' ORDER BY created_at) `+ofVIN, number); got != "returned draft" {
		b.t.Errorf("the car's rows are %q", got)
	}
	if n := one[int](s, `SELECT count(*) FROM used_mileages WHERE vin = (SELECT vin `+ofVIN+` LIMIT 1) AND source <> 'demo'`, number); n < 2 {
		b.t.Errorf("%d readings of its odometer are known", n)
	}
	d.open(s.url + "/dealer/used")
	d.shows(one[string](s, `SELECT vin FROM orders WHERE number = ?`, number))
	d.station("used-back-in-stock")
}
