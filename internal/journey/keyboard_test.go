package journey

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// byKeyboard puts the mouse away: what is pressed is reached by Tab and arrows first.
func (b *tab) byKeyboard() { b.keys = true }

// whereIsFocus compares the focus with what shall be pressed; a label stands for its field. A radio button is
// reached by the arrows once the focus is in its group.
const whereIsFocus = `(sel => {
	const e = document.querySelector(sel), a = document.activeElement;
	const want = e?.matches("a, button, input, select, textarea, summary") ? e : e?.querySelector("input, a, button");
	if (!want) return "missing";
	if (a !== want) return want.type === "radio" && a.type === "radio" && a.name === want.name && a.form === want.form ? "group" : "elsewhere";
	const boxes = [...a.getClientRects()].flatMap(r => [.2, .5, .8].map(x => [r.x + r.width * x, r.y + r.height / 2]));
	const seen = boxes.some(([x, y]) => {
		const top = document.elementFromPoint(x, y);
		return top && (a.contains(top) || top.contains(a) && top !== document.body || a.labels?.[0]?.contains(top));
	});
	return seen ? "here " + (want.type || want.tagName) + (want.checked ? " checked" : "") : "hidden";
})`

// mostKeys is more than any page has stops for Tab.
const mostKeys = 300

// reach walks to an element by keys, and fails when it cannot be reached or is hidden with the focus on it.
func (b *tab) reach(sel string) string {
	b.t.Helper()
	for range mostKeys {
		switch at := ask[string](b, whereIsFocus+`(`+quote(sel)+`)`); at {
		case "missing":
			b.fail("there is no %s", sel)
		case "hidden":
			b.fail("%s has the focus, and something covers it", sel)
		case "elsewhere":
			b.press(kb.Tab)
		case "group":
			b.press(kb.ArrowDown)
		default:
			return at
		}
	}
	b.fail("no key leads to %s", sel)
	return ""
}

// strike presses what it reached with the key that people use for it.
func (b *tab) strike(sel string) {
	b.t.Helper()
	switch b.reach(sel) {
	case "here radio checked":
	case "here radio", "here checkbox", "here checkbox checked":
		b.press(" ")
	default:
		b.press(kb.Enter)
	}
}

func TestBuyerByKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newTab(t, "buyer-keyboard", 1280, 800)
	b.byKeyboard()
	b.open(s.url + "/")
	b.leave(`a[href="/dacia/gb"]`)
	b.leave(`a[href="/dacia/gb/new/duster"]`)
	b.leave(`a.btn.main[href*="/configure"]`)
	b.configure()
	b.chooseDealer()
	b.details()
	b.agree()
	b.card(goodCard)
	b.order(s)
}

func TestManagerByKeyboardAndWithoutScripts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	shop := newTab(t, "manager-keyboard-shop", 390, 844)
	for name, prepare := range map[string]func(*tab){"manager-keyboard": (*tab).byKeyboard, "manager-no-script": (*tab).withoutScripts} {
		m := newTab(t, name, 1280, 800)
		prepare(m)
		m.login(s, "/manager", managerLogin)
		m.turn("paused", "Too few technicians this week")
		shop.within(s.url+"/dacia/gb", true)
		m.turn("live", "Technicians are back")
		shop.within(s.url+"/dacia/gb", false)
	}
}

func TestDealerWithoutScripts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	buyer := newTab(t, "dealer-no-script-buyer", 390, 844)
	number := buyer.buy(s, "Priya Raman")
	page := buyer.address()
	d := newTab(t, "dealer-no-script", 820, 1180)
	d.withoutScripts()
	d.login(s, "/dealer", dealerLogin)
	d.open(s.url + "/dealer/orders/" + number)
	d.leave(`form[action$="/accept"] button`)
	s.becomes("accepted", `SELECT state FROM orders WHERE number = ?`, number)
	d.toReady(s, number)
	d.handOver(s, number, buyer.bookSlot(s, page), "4")
}
