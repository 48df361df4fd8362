package storefront_test

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

var details = []string{"name", "Priya Raman", "email", "Priya.Raman@example.com", "phone", "07700 900142", "street", "8 Ash Grove", "postcode", "ls6 2ab", "town", "Leeds"}

const cheapDuster = "/dacia/gb/new/duster"

// begin chooses the car's dealer and gives the path of the draft.
func (s *shop) begin(dealer string, fallbacks ...string) string {
	s.T.Helper()
	page := s.page(cheapDuster + "/dealer?near=Leeds")
	form := with(page.form(s.T, cheapDuster+"/dealer"), "dealer", dealer)
	form["fallback"] = fallbacks
	a := s.post(cheapDuster+"/dealer", form)
	if a.status != 303 || !strings.HasSuffix(a.to(), "/details") {
		s.T.Fatalf("begin: %d %s %s", a.status, a.to(), a.text())
	}
	return strings.TrimSuffix(a.to(), "/details")
}

// ready brings a draft to its check page.
func (s *shop) ready() (draft string, check answer) {
	s.T.Helper()
	draft = s.begin(string(testkit.Leeds))
	a := s.post(draft+"/details", with(s.page(draft+"/details").form(s.T, draft+"/details"), details...))
	if a.status != 303 || a.to() != draft+"/check" {
		s.T.Fatalf("details: %d %s", a.status, a.text())
	}
	return draft, s.page(draft + "/check")
}

// order presses the button and gives the card page.
func (s *shop) order() (draft, card string) {
	s.T.Helper()
	draft, check := s.ready()
	a := s.post(draft+"/pay", with(check.form(s.T, draft+"/pay"), "terms", "yes"))
	if a.status != 303 || !strings.HasPrefix(a.to(), s.BankURL) {
		s.T.Fatalf("pay: %d %s %s", a.status, a.to(), a.text())
	}
	return draft, a.to()
}

// bought is the path of the page of an order whose deposit is reserved.
func (s *shop) bought() string {
	s.T.Helper()
	_, card := s.order()
	back, err := banktest.Pay(s.T.Context(), nil, card, testkit.Good)
	must(s.T, err)
	a := s.get(back)
	if a.status != 303 {
		s.T.Fatalf("back from the bank: %d", a.status)
	}
	page, _, _ := strings.Cut(a.to(), "?")
	return page
}

func TestACarIsBoughtWithoutScript(t *testing.T) {
	t.Parallel()
	s := open(t)
	if door := s.page("/"); !strings.Contains(door.body, `href="/dacia/gb"`) || strings.Contains(door.body, "/zz") {
		t.Error("the front door leads nowhere")
	}
	if r := s.page("/dacia/gb"); !strings.Contains(r.body, `href="/dacia/gb/new/duster"`) {
		t.Error("the range lacks a car")
	}
	order := s.bought()
	page := s.page(order)
	for _, want := range []string{"Your Duster order is with the dealer", "£100.00 released", "Deposit reserved on your card", "Left to pay, before or at the pickup", "Expected at the dealer: "} {
		if !strings.Contains(page.text(), want) {
			t.Errorf("the order page lacks %q: %s", want, page.text())
		}
	}
	if page.head.Get("Referrer-Policy") != "no-referrer" || page.head.Get("Cache-Control") != "no-store" {
		t.Errorf("a secret page may leak: %v", page.head)
	}
	if c := s.page(order + "/documents/confirmation"); !strings.Contains(c.text(), "Priya Raman") || !strings.Contains(c.text(), "07700 900142") {
		t.Error("the confirmation does not name the buyer")
	}
	cancel := s.page(order + "/cancel")
	form := cancel.form(t, order+"/cancel")
	for range 2 { // a double click is answered once
		if a := s.post(order+"/cancel", form); a.status != 303 || a.to() != order {
			t.Fatalf("cancel: %d %s", a.status, a.text())
		}
	}
	if p := s.page(order); !strings.Contains(p.text(), "Your order is cancelled") {
		t.Error("the page does not say that the order is cancelled")
	}
}

func TestTwoTabsReachOneCardPage(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, check := s.ready()
	again := s.page(draft + "/check")
	var cards [8]string
	var wg sync.WaitGroup
	for i := range cards {
		form := with(check.form(t, draft+"/pay"), "terms", "yes")
		if i%2 == 1 {
			form = with(again.form(t, draft+"/pay"), "terms", "yes")
		}
		wg.Go(func() { cards[i] = s.post(draft+"/pay", form).to() })
	}
	wg.Wait()
	for _, c := range cards {
		if c != cards[0] || !strings.HasPrefix(c, s.BankURL) {
			t.Fatalf("card pages differ: %v", cards)
		}
	}
	if n := count(s, "orders"); n != 1 {
		t.Errorf("%d orders", n)
	}
}

func TestTheWayBackFromTheCardPage(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, card := s.order()
	back, err := banktest.Cancel(t.Context(), nil, card)
	must(t, err)
	a := s.get(back)
	page := s.page(a.to())
	order, _, _ := strings.Cut(a.to(), "?")
	if !strings.Contains(page.text(), "Nothing was taken") {
		t.Errorf("back unpaid: %s", page.text())
	}
	if p := s.post(order+"/pay", page.form(t, order+"/pay")); p.status != 303 || p.to() != card {
		t.Errorf("another card page: %d %s, not %s", p.status, p.to(), card)
	}
	must(t, pay(s, card))
	// The tab was closed: the draft's button leads to the order that is paid meanwhile.
	s.get(order + "/paid")
	form := url.Values{"form_key": {"another-tab-of-the-same"}, "terms": {"yes"}, "seen_total": {"1"}}
	if p := s.post(draft+"/pay", form); p.status != 303 || p.to() != order {
		t.Errorf("an order paid already: %d %s", p.status, p.to())
	}
	for _, step := range []string{"/dealer", "/details", "/check"} {
		if p := s.get(draft + step); p.status != 303 || p.to() != order {
			t.Errorf("what was ordered can be changed at %s: %d", step, p.status)
		}
	}
}

func pay(s *shop, card string) error {
	_, err := banktest.Pay(s.T.Context(), nil, card, testkit.Good)
	return err
}

func TestASilentCardPageTakesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, check := s.ready()
	must(t, s.Bank.Close())
	s.NewCar.Gateway = deaf{s.NewCar.Gateway}
	a := s.post(draft+"/pay", with(check.form(t, draft+"/pay"), "terms", "yes"))
	if a.status != 503 || !strings.Contains(a.text(), "Nothing was taken") || !strings.Contains(a.body, `action="`+draft+`/pay"`) {
		t.Errorf("a silent bank: %d %s", a.status, a.text())
	}
}

func TestAChangedPriceIsShownBeforeAnythingIsOrdered(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, check := s.ready()
	for _, seen := range []string{"1", "0", "-1", "x", "", "99999999999999999999"} {
		a := s.post(draft+"/pay", with(s.page(draft+"/check").form(t, draft+"/pay"), "terms", "yes", "seen_total", seen))
		if a.status != 422 || !strings.Contains(a.text(), "The price has changed") {
			t.Errorf("seen total %q: %d %s", seen, a.status, a.to())
		}
	}
	if a := s.post(draft+"/pay", check.form(t, draft+"/pay")); a.status != 422 || !strings.Contains(a.body, `id="terms-error"`) {
		t.Errorf("ordered without the terms: %d", a.status)
	}
	if n := count(s, "orders"); n != 0 {
		t.Errorf("%d orders", n)
	}
}

var (
	choiceButton = regexp.MustCompile(`<button class="choice" name="(take|leave)" value="([^"]*)" formaction="#c-[^"]*"( aria-current="true")?`)
	picksField   = regexp.MustCompile(`name="s" value="([^"]*)"`)
	undoLink     = regexp.MustCompile(`<a href="([^"]*)" data-swap="undo"`)
	barTotal     = regexp.MustCompile(`<strong class="price">([^<]*)`)
)

func TestEveryChoiceCanBeUndone(t *testing.T) {
	t.Parallel()
	s := open(t)
	page := s.page(cheapDuster + "/configure")
	buttons := choiceButton.FindAllStringSubmatch(page.body, -1)
	if len(buttons) < 12 {
		t.Fatalf("%d choices", len(buttons))
	}
	total := func(p answer) string { return barTotal.FindStringSubmatch(p.body)[1] }
	for _, l := range buttons {
		next := s.page(cheapDuster + "/configure?" + l[1] + "=" + l[2])
		undo := undoLink.FindStringSubmatch(next.body)
		if inCar := l[3] != ""; inCar != (undo == nil) {
			t.Errorf("%s: it is in the car %t, it can be undone %t", l[2], inCar, undo != nil)
		}
		if undo == nil {
			continue
		}
		if before := s.page(cheapDuster + "/configure" + strings.ReplaceAll(undo[1], "&amp;", "&")); total(before) != total(page) {
			t.Errorf("%s undone costs %s, it was %s", l[2], total(before), total(page))
		}
	}
}

func TestASavedBuildOpensAtTheSamePrice(t *testing.T) {
	t.Parallel()
	s := open(t)
	save := s.page(cheapDuster + "/save")
	form := save.form(t, cheapDuster+"/save")
	a := s.post(cheapDuster+"/save", form)
	if a.status != 303 || a.to() != s.post(cheapDuster+"/save", form).to() {
		t.Fatalf("save: %d %s", a.status, a.to())
	}
	build := s.page(a.to())
	if !strings.Contains(build.text(), "same car, same price") {
		t.Errorf("reopened: %s", build.text())
	}
	code := strings.ToLower(strings.ReplaceAll(a.to()[strings.LastIndexByte(a.to(), '/')+1:], "-", " "))
	if found := s.get("/dacia/gb/build?code=" + url.QueryEscape(code)); found.to() != a.to() {
		t.Errorf("typed as %q: %d %s", code, found.status, found.to())
	}
	must(t, s.DB.Read(t.Context()).Exec(`UPDATE configurations SET quote = jsonb_set(quote::jsonb, '{total,minor}', '1000000')`).Error)
	if p := s.page(a.to()); !strings.Contains(p.text(), "It was £10,000.00 when you saved it") {
		t.Errorf("at another price: %s", p.text())
	}
}

func TestTheBuyerBooksAPickup(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	o := s.only()
	s.walk(o.ID, ordering.Ready)
	page := s.page(order)
	starts := regexp.MustCompile(`name="starts" value="(\d+)"`).FindAllStringSubmatch(page.body, -1)
	if len(starts) == 0 {
		t.Fatal("no time to choose")
	}
	if strings.Contains(page.body, `" required><span>`) {
		t.Error("a time that is folded away is required: the browser can not show it and sends nothing")
	}
	for _, want := range []string{"How to pay the rest", "by bank transfer or by card at the desk. Your order number " + o.Number} {
		if !strings.Contains(page.text(), want) {
			t.Errorf("the order page lacks %q: %s", want, page.text())
		}
	}
	form := page.form(t, order+"/slot")
	if a := s.post(order+"/slot", with(form, "starts", "12345")); a.status != 422 {
		t.Errorf("a time nobody offers: %d", a.status)
	}
	if a := s.post(order+"/slot", with(form, "starts", starts[3][1])); a.status != 303 || a.to() != order+"?done=starts" {
		t.Fatalf("book: %d %s", a.status, a.text())
	}
	if p := s.page(order + "?done=starts"); !strings.Contains(p.text(), "Pick it up on") || !strings.Contains(p.text(), "Your pickup is booked: ") {
		t.Errorf("booked: %s", p.text())
	}
	ics := s.page(order + "/calendar.ics")
	if !strings.HasPrefix(ics.body, "BEGIN:VCALENDAR\r\n") || !strings.Contains(ics.body, "DTSTART;TZID=Europe/London:20261") {
		t.Errorf("calendar: %q", ics.body)
	}
}

func TestACancelledOrderCanBePlacedAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, card := s.order()
	order := s.get(draft + "/check").to()
	if a := s.post(order+"/cancel", s.page(order+"/cancel").form(t, order+"/cancel")); a.status != 303 {
		t.Fatalf("cancel: %d", a.status)
	}
	check := s.page(draft + "/check")
	a := s.post(draft+"/pay", with(check.form(t, draft+"/pay"), "terms", "yes"))
	if a.status != 303 || a.to() == card || !strings.HasPrefix(a.to(), s.BankURL) {
		t.Errorf("placed again: %d %s", a.status, a.to())
	}
}

func TestAnOrderNobodyPaysLapses(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, _ := s.order()
	order := s.get(draft + "/check").to()
	form := s.page(order).form(t, order+"/pay")
	s.Clock.Advance(2 * sale.QuoteLife)
	if a := s.post(order+"/pay", form); a.status != 303 || a.to() != order {
		t.Fatalf("pay too late: %d %s", a.status, a.to())
	}
	if p := s.page(order); !strings.Contains(p.text(), "The time to pay is over") || !strings.Contains(p.body, `href="/dacia/gb/build/`) {
		t.Errorf("lapsed: %s", p.text())
	}
	if a := s.get(draft + "/check"); a.status != 200 {
		t.Errorf("the draft of a lapsed order: %d", a.status)
	}
}

func TestTheButtonSettlesACardPageThatEnded(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, check := s.ready()
	press := func() answer {
		return s.post(draft+"/pay", with(check.form(t, draft+"/pay"), "terms", "yes", "form_key", string(id.New[id.Order]())))
	}
	first := press()
	s.Clock.Advance(2 * sale.QuoteLife)
	second := press()
	if second.status != 303 || second.to() == first.to() || !strings.HasPrefix(second.to(), s.BankURL) {
		t.Errorf("after the page ended: %d %s %s", second.status, second.to(), second.text())
	}
	if n := count(s, "orders WHERE state = 'lapsed'"); n != 1 {
		t.Errorf("%d lapsed orders", n)
	}
}

func TestTheBuyerChoosesAnotherDealer(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	staff := sale.Staff{User: id.New[id.User](), Dealer: testkit.Leeds}
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return s.NewCar.DeclineTx(ctx, tx, staff, s.only().Number, "no_slot")
	})
	page := s.page(order)
	if !strings.Contains(page.text(), "The dealer you agreed to could not take your order.") || !strings.Contains(page.text(), "could not take the order: no free handover times.") {
		t.Errorf("the reason is not told: %s", page.text())
	}
	form := page.form(t, order+"/dealer")
	for _, d := range []string{"", "nobody", string(testkit.Leeds), "it-milano-naviglio"} {
		if a := s.post(order+"/dealer", with(form, "dealer", d)); a.status != 422 {
			t.Errorf("dealer %q: %d", d, a.status)
		}
	}
	if a := s.post(order+"/dealer", with(form, "dealer", string(testkit.London))); a.status != 303 {
		t.Fatalf("choose: %d %s", a.status, a.text())
	}
	if p := s.page(order); !strings.Contains(p.text(), "Kestrel Cars Park Royal answers by") {
		t.Errorf("chosen: %s", p.text())
	}
}

func TestTheDealerOfADraftCanBeChanged(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, _ := s.ready()
	page := s.page(draft + "/dealer?near=London")
	if !strings.Contains(page.body, `value="gb-leeds-northgate" checked`) {
		t.Error("the earlier choice is not kept")
	}
	form := with(page.form(t, draft+"/dealer"), "dealer", string(testkit.London))
	form["fallback"] = []string{string(testkit.Leeds)}
	if a := s.post(draft+"/dealer", form); a.status != 303 || a.to() != draft+"/check" {
		t.Fatalf("change: %d %s", a.status, a.text())
	}
	check := s.page(draft + "/check")
	if !strings.Contains(check.text(), "Kestrel Cars Park Royal") || !strings.Contains(check.text(), "If they cannot Northgate Motors Leeds") {
		t.Errorf("after the change: %s", check.text())
	}
}

func TestAnAddressWithAPartThatIsGoneKeepsTheRest(t *testing.T) {
	t.Parallel()
	s := open(t)
	p := s.page("/dacia/gb/new/duster/configure?s=hybrid-155.sold-last-year.cedar")
	for _, want := range []string{"not sold any more", "Hybrid 155, Cedar green"} {
		if !strings.Contains(p.text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if a := s.get("/dacia/gb/new/duster/configure?s=sold-last-year"); a.status != 422 {
		t.Errorf("nothing but what is gone: %d", a.status)
	}
}
