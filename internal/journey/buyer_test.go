package journey

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The test cards of the offline bank.
const (
	goodCard     = "4242424242424242"
	secureCard   = "4000000000003220"
	declinedCard = "4000000000000002"
)

const leeds = "gb-leeds-northgate"

func TestBuyerOnAPhone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newTab(t, "buyer", 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	b.open(s.url + "/")
	b.station("front-door")
	b.leave(`a[href="/dacia/gb"]`)
	b.shows("Duster", "Sandero")
	b.station("range")
	b.leave(`a[href="/dacia/gb/new/duster"]`)
	b.station("model")
	b.leave(`a.btn.main[href*="/configure"]`)
	b.configure()
	b.chooseDealer()
	b.details()
	b.shows("Priya Raman", "priya.raman@example.com", "07700 900142", "LS6 2AB")
	b.station("check")
	b.twoTabs(s)
	b.pay(s)
}

// picks reads what the page of the configurator holds as picked.
const picks = `(document.querySelector("main [name=s]")?.value ?? "")`

// configure picks a colour, runs into a choice that does not fit, takes the repair and undoes it.
func (b *tab) configure() {
	b.t.Helper()
	b.station("configure")
	before := b.address()
	price := b.price()
	b.click(`#colour li:last-child button.choice`)
	b.until("the address of the picked colour", `location.href !== `+quote(before)+` && document.querySelector(".changed")`)
	b.station("configure-colour")
	if b.price() == price {
		b.t.Error("another colour has the same price: the journey picked none that costs")
	}
	coloured := ask[string](b, picks)
	b.click(`#engine li:last-child button.choice`)
	b.until("the picked engine", picks+` !== `+quote(coloured)+` && document.querySelector(".blocked")`)
	picked, saved := b.price(), ask[string](b, picks)
	b.click(`.blocked .btn`)
	b.until("the repaired car", picks+` !== `+quote(saved)+` && document.querySelector(".changed")`)
	b.station("configure-repaired")
	repaired := b.price()
	b.click(`.changed a[data-swap="undo"]`)
	b.until("the car before the repair", picks+` === `+quote(saved))
	if got := b.price(); got != picked {
		b.t.Errorf("after undoing the price is %s, want %s (it was %s after the repair)", got, picked, repaired)
	}
	b.do(chromedp.Reload())
	if got := b.price(); got != picked {
		b.t.Errorf("after a reload the price is %s, want %s", got, picked)
	}
	b.leave(`.bar a.btn.main`)
}

func (b *tab) price() string {
	b.t.Helper()
	return ask[string](b, `document.querySelector(".bar .price").innerText`)
}

// chooseDealer looks near a postcode and agrees to a second dealer.
func (b *tab) chooseDealer() {
	b.t.Helper()
	b.fill("near", "LS6 2AB")
	b.leave(`form[role=search] button[type=submit]`)
	b.shows("Northgate")
	b.station("dealer")
	first := ask[string](b, `document.querySelector("input[name=dealer]").value`)
	if first != leeds {
		b.t.Errorf("the nearest dealer to LS6 2AB is %s", first)
	}
	b.click(`input[name=dealer][value="` + leeds + `"]`)
	b.click(`.check:has(input[name=fallback]:not([value="` + leeds + `"]))`)
	b.leave(`form[method=post] button[type=submit]`)
}

// details makes one mistake first: what was typed must stay.
func (b *tab) details() {
	b.t.Helper()
	b.station("details")
	for id, text := range map[string]string{"name": "Priya Raman", "email": "priya.raman@example.com", "phone": "12", "street": "8 Ash Grove", "postcode": "LS6 2AB", "town": "Leeds"} {
		b.fill(id, text)
	}
	b.leave(`form[method=post] button[type=submit]`)
	b.station("details-wrong")
	if focus := ask[string](b, `document.activeElement.className`); focus != "errors" {
		b.t.Errorf("after a refused form the focus is on %q", focus)
	}
	if n := ask[int](b, `document.querySelectorAll("[aria-invalid=true]").length`); n != 1 {
		b.t.Errorf("%d fields are marked, one was wrong", n)
	}
	for id, want := range map[string]string{"name": "Priya Raman", "phone": "12", "postcode": "LS6 2AB"} {
		if got := ask[string](b, `document.getElementById("`+id+`").value`); got != want {
			b.t.Errorf("%s holds %q after a mistake elsewhere, want %q", id, got, want)
		}
	}
	b.fill("phone", "07700 900142")
	b.leave(`form[method=post] button[type=submit]`)
}

// twoTabs presses the obliging button in two tabs, and again after the back button: one order, one
// card page.
func (b *tab) twoTabs(s *site) {
	b.t.Helper()
	other := b.another()
	other.open(b.address())
	for _, x := range []*tab{b, other} {
		x.agree()
	}
	card := b.address()
	if got := other.address(); got != card {
		b.t.Errorf("the second tab pays at %s, the first at %s", got, card)
	}
	_ = ask[bool](other, `(history.back(), true)`) // from the cache, which fires no load event
	other.until("the check page again", `document.querySelector("form[action$='/pay']")`)
	other.agree()
	if got := other.address(); got != card {
		b.t.Errorf("after going back one pays at %s, before at %s", got, card)
	}
	for table, want := range map[string]int{"orders": 1, "payments": 1} {
		if n := one[int](s, `SELECT count(*) FROM `+table); n != want {
			b.t.Errorf("%d %s after two tabs and going back", n, table)
		}
	}
}

func (b *tab) agree() {
	b.t.Helper()
	if ask[bool](b, `!document.getElementById("terms").checked`) {
		b.click("#terms")
	}
	b.leave(`form[action$="/pay"] button[type=submit]`)
	b.until("the card page", `location.pathname.startsWith("/c/pay/")`)
}

// pay is declined first, then passes 3-D Secure.
func (b *tab) pay(s *site) {
	b.t.Helper()
	b.station("card-page")
	b.card(declinedCard)
	b.until("a declined card", `document.querySelector("[role=alert]")`)
	b.shows("declined")
	b.station("card-declined")
	b.card(secureCard)
	b.station("card-3ds")
	b.leave(`button[value=complete]`)
	b.order(s)
}

func (b *tab) card(number string) {
	b.t.Helper()
	for id, text := range map[string]string{"number": number, "expiry": "12 / 34", "cvc": "123", "name": "Priya Raman"} {
		b.fill(id, text)
	}
	b.leave(`form[method=post] button.main`)
}

// order is the order page after paying; the money is reserved, not taken.
func (b *tab) order(s *site) {
	b.t.Helper()
	b.until("the order page", `location.pathname.includes("/orders/")`)
	s.becomes("offered", `SELECT state FROM orders`)
	s.becomes("authorised", `SELECT state FROM payments`)
	b.do(chromedp.Reload())
	b.station("order")
	b.shows("FC-", "Northgate", "£100", "reserved")
	if strings.Contains(b.text(), "!") && strings.Contains(b.text(), "MISSING") {
		b.t.Error("a word is missing")
	}
}

func TestBuyerWithoutScripts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newTab(t, "buyer-no-script", 320, 640, chromedp.EmulateMobile, chromedp.EmulateTouch)
	b.withoutScripts()
	b.open(s.url + "/")
	b.station("front-door")
	b.leave(`a[href="/dacia/gb"]`)
	b.station("range")
	b.leave(`a[href="/dacia/gb/new/duster"]`)
	b.station("model")
	b.leave(`a.btn.main[href*="/configure"]`)
	b.station("configure")
	b.leave(`#colour li:last-child button.choice`)
	b.shows("Undo")
	b.station("configure-colour")
	b.leave(`#engine li:last-child button.choice`)
	b.leave(`.blocked .btn`)
	b.station("configure-repaired")
	b.leave(`.changed a[data-swap="undo"]`)
	b.leave(`.bar a.btn.main`)
	b.chooseDealer()
	b.noScriptDetails()
	b.station("check")
	b.agree()
	b.station("card-page")
	b.card(secureCard)
	b.station("card-3ds")
	b.leave(`button[value=complete]`)
	b.order(s)
	if ask[bool](b, `!!document.querySelector("#live")`) {
		t.Error("a script ran")
	}
}

func (b *tab) noScriptDetails() {
	b.t.Helper()
	b.station("details")
	for id, text := range map[string]string{"name": "Priya Raman", "email": "priya.raman@example.com", "phone": "07700 900142", "street": "8 Ash Grove", "postcode": "LS6", "town": "Leeds"} {
		b.fill(id, text)
	}
	b.leave(`form[method=post] button[type=submit]`)
	b.station("details-wrong")
	b.fill("postcode", "LS6 2AB")
	b.leave(`form[method=post] button[type=submit]`)
}
