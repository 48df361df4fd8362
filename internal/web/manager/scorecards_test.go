package manager_test

import (
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/platform/db"
	"forecourt/internal/web/webtest"
)

func TestTheCountryReadsAndAnswersTheCardsOfOwnMarkets(t *testing.T) {
	t.Parallel()
	h := house(t)
	o := h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", Queue: "accepted"})
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: london, State: "offered", Queue: "expired"})
	harriet, hq := h.Manager("harriet@gb-office.example.com", "gb"), h.HQ("hq@example.com")
	list := page(t, h, harriet, "/manager/scorecards?sort=in_time")
	first, second := strings.Index(list.Body, "/manager/scorecards/"+london), strings.Index(list.Body, "/manager/scorecards/"+leeds)
	if first < 0 || second < first || strings.Contains(list.Body, string(italian(h))) || !strings.Contains(list.Body, `aria-sort="ascending"`) {
		t.Errorf("sorted by answers in time London (0%%) stands at %d, Leeds (100%%) at %d", first, second)
	}
	turned := page(t, h, harriet, "/manager/scorecards?sort=in_time&turn=1")
	if strings.Index(turned.Body, "/manager/scorecards/"+leeds) > strings.Index(turned.Body, "/manager/scorecards/"+london) {
		t.Error("turned round the list is the same")
	}
	for _, by := range []string{"", "market", "answer", "keep", "declines", "buyers", "waiting", "nonsense"} {
		page(t, h, harriet, "/manager/scorecards?sort="+by)
	}
	// What one flow did is no record of another, and the addresses stay in it.
	used := page(t, h, harriet, "/manager/scorecards?sort=in_time&flow=used")
	if !strings.Contains(used.Body, `flow=used" aria-current="page"`) || strings.Contains(used.Body, "100%") {
		t.Errorf("the used cars' list: %.3000s", used.Body)
	}
	if !strings.Contains(used.Body, "/manager/scorecards/"+leeds+"?days=90&amp;flow=used") || !strings.Contains(used.Body, "flow=used&amp;sort=declines") {
		t.Error("from the used cars' list one comes to the new cars' card")
	}
	at := "/manager/scorecards/" + leeds
	if a := page(t, h, harriet, at+"?flow=used&figure=answer"); strings.Contains(a.Body, o.Number) || !strings.Contains(a.Body, `flow=used" aria-current="page">Used cars`) {
		t.Error("the used cars' card shows a new one")
	}
	card := page(t, h, harriet, at+"?figure=answer")
	if !strings.Contains(card.Body, "/manager/orders/"+o.Number) {
		t.Error("the case is not linked")
	}
	say := url.Values{"form_key": {card.Hidden("form_key")}, "figure": {"answer"}, "days": {"90"}, "number": {o.Number}, "body": {"Well done."}}
	if a := harriet.Post(at+"/remarks", say); a.Status != 303 {
		t.Fatalf("an answer: %d", a.Status)
	}
	if a := page(t, h, harriet, at+"?figure=answer"); !strings.Contains(a.Body, "Well done.") {
		t.Error("the answer is not shown")
	}
	say.Set("body", "")
	if a := harriet.Post(at+"/remarks", say); a.Status != 422 || !strings.Contains(a.Body, `id="body-error"`) {
		t.Errorf("an empty answer: %d", a.Status)
	}
	if a := page(t, h, hq, at+"?figure=answer"); strings.Contains(a.Body, "/remarks\"") {
		t.Error("the head office is offered a form that it may not send")
	}
	if a := hq.Post(at+"/remarks", say); a.Status != 403 {
		t.Errorf("the head office writes: %d", a.Status)
	}
	foreign := "/manager/scorecards/" + string(italian(h))
	if a, b := harriet.Get(foreign), harriet.Post(foreign+"/remarks", say); a.Status != 404 || b.Status != 404 {
		t.Errorf("a dealer of another market: %d, %d", a.Status, b.Status)
	}
	var n int
	if _, err := db.One(h.DB.Read(t.Context()), &n, `SELECT count(*) FROM scorecard_remarks`); err != nil || n != 1 {
		t.Errorf("%d remarks, %v", n, err)
	}
}
