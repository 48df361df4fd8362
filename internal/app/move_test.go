package app

import (
	"net/http"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/testkit"
)

// TestAnOfficeMovesAnOrderByItsPages: the three who must agree do it on their own pages, without script; a page that was
// open too long says what happened, and nobody else gets anywhere.
func TestAnOfficeMovesAnOrderByItsPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	o := p.accepted
	office, buyer, london := h.staff("harriet@gb-office.example.com"), h.visitor(), h.staff(loginOf(t, string(testkit.London)))
	page, move, order := "/manager/orders/"+o.Number, "/manager/orders/"+o.Number+"/move", "/dacia/gb/orders/"+p.acceptedToken
	// 1. Nobody else orders it.
	for name, v := range map[string]*visitor{"another market's office": h.staff("lorenzo@it-office.example.com"), "the head office": h.staff("ines@hq.example.com"), "the dealer": h.staff("anna@northgate-leeds.example.com"), "a visitor": h.visitor()} {
		if a := v.post(move, form("cause", "closes", "dealer", string(testkit.London))); a.status < 400 {
			t.Errorf("%s: %d", name, a.status)
		}
		if a := v.post(move+"/stop", form("seq", "1")); a.status < 400 {
			t.Errorf("%s stops: %d", name, a.status)
		}
	}
	// 2. Bad input answers with the page, and nothing is written.
	if a := office.get(page); a.status != http.StatusOK || !strings.Contains(a.body, move) {
		t.Fatalf("the order's page: %d", a.status)
	}
	for name, f := range map[string][]string{"nothing": {}, "no dealer": {"cause", "closes"}, "no cause": {"dealer", string(testkit.London)}, "another country": {"cause", "closes", "dealer", "it-torino"}, "the same": {"cause", "closes", "dealer", string(testkit.Leeds)}} {
		if a := office.post(move, form(f...)); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `<form action="`+move) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := office.post(move, form("cause", "closes", "offered", "1")); a.status != http.StatusConflict {
		t.Errorf("a page from before the dealer's yes: %d", a.status)
	}
	if r, err := ordering.Waiting(h.DB.Read(t.Context()), o.ID); err != nil || r != nil {
		t.Fatalf("something was asked: %v", err)
	}
	// 3. Ordered, and sent twice.
	f := form("cause", "closes", "dealer", string(testkit.London))
	for range 2 {
		if a := office.post(move, f); a.status != http.StatusSeeOther || a.to() != page+"?done=move_ordered" {
			t.Fatalf("ordered: %d to %s", a.status, a.to())
		}
	}
	if a := office.get(move); a.status != http.StatusConflict || strings.Contains(a.body, "<form action=\""+move) {
		t.Errorf("a second order: %d", a.status)
	}
	if a := london.get("/dealer/requests/" + o.Number); a.status != http.StatusNotFound {
		t.Errorf("the other dealer before the buyer's yes: %d", a.status)
	}
	if a := london.post("/dealer/requests/"+o.Number+"/accept", form()); a.status != http.StatusNotFound {
		t.Errorf("it takes over before the buyer's yes: %d", a.status)
	}
	// 4. The buyer reads why, and says yes; stale and empty answers say so.
	a := buyer.get(order)
	for _, want := range []string{"/proposal", "is closing or gives up this brand", `value="yes"`, `value="no"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the buyer's page lacks %q", want)
		}
	}
	if strings.Contains(a.body, "/change/dealer") {
		t.Error("the page offers another question beside it")
	}
	if a := buyer.post(order+"/proposal", form("seq", "1")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="word"`) {
		t.Errorf("neither yes nor no: %d", a.status)
	}
	if a := buyer.post(order+"/proposal", form("seq", "7", "word", "yes")); a.status != http.StatusConflict {
		t.Errorf("another question: %d", a.status)
	}
	if a := buyer.post("/dacia/gb/orders/"+p.orderToken+"/proposal", form("seq", "1", "word", "yes")); a.status != http.StatusConflict {
		t.Errorf("the secret of another order: %d", a.status)
	}
	if a := buyer.post(order+"/proposal", form("seq", "1", "word", "yes")); a.status != http.StatusSeeOther || a.to() != order+"?done=move_yes" {
		t.Fatalf("yes: %d to %s", a.status, a.to())
	}
	if a := buyer.post(order+"/proposal", form("seq", "1", "word", "no")); a.status != http.StatusConflict {
		t.Errorf("a no after the yes: %d", a.status)
	}
	// 5. The other dealer reads who proposes it, and takes it over.
	if a := london.get("/dealer/requests/" + o.Number); a.status != http.StatusOK || !strings.Contains(a.body, "office proposes you instead of") || strings.Contains(a.body, testkit.Buyer.Name) {
		t.Errorf("the other dealer's question: %d", a.status)
	}
	if a := london.post("/dealer/requests/"+o.Number+"/accept", form()); a.status != http.StatusSeeOther {
		t.Fatalf("taken over: %d", a.status)
	}
	if d := h.Order(o.ID).Dealer; d != id.Dealer(testkit.London) {
		t.Fatalf("at %s", d)
	}
	if a := h.staff("anna@northgate-leeds.example.com").get("/dealer/orders/" + o.Number); a.status == http.StatusOK || strings.Contains(a.body, testkit.Buyer.Name) {
		t.Errorf("the first dealer still reads it: %d", a.status)
	}
	// 6. Stopped too late, everybody reads what became of it.
	if a := office.post(move+"/stop", form("seq", "1")); a.to() != page+"?done=move_over" {
		t.Errorf("stopped after the end: %d to %s", a.status, a.to())
	}
	if a := office.get(page + "?done=move_over"); !strings.Contains(a.body, "has taken the order over from") || strings.Contains(a.body, "/move/stop") {
		t.Error("the office does not read what became of it")
	}
	if a := buyer.get(order + "/receipt"); !strings.Contains(a.body, "office proposed this dealer") {
		t.Error("the receipt does not say who proposed it")
	}
	h.noOwnMistakes()
}

// TestAnOfferThatIsNotAnsweredGoesOn: the office passes an order on that nobody has accepted, and only such a one.
func TestAnOfferThatIsNotAnsweredGoesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	office, page := h.staff("harriet@gb-office.example.com"), "/manager/orders/"+p.offered.Number
	if a := office.get(page + "/move"); a.status != http.StatusOK || strings.Contains(a.body, `name="dealer"`) || !strings.Contains(a.body, `name="offered"`) {
		t.Fatalf("the page names a dealer: %d", a.status)
	}
	if a := office.post(page+"/move", form("cause", "closes", "dealer", string(testkit.London))); a.status != http.StatusConflict || h.Order(p.offered.ID).State != ordering.Offered {
		t.Errorf("a form for an accepted order: %d", a.status)
	}
	if a := office.post(page+"/move", form("offered", "1")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a cause: %d", a.status)
	}
	if a := office.post(page+"/move", form("offered", "1", "cause", "closes")); a.status != http.StatusSeeOther || a.to() != page+"?done=offer_taken" {
		t.Fatalf("passed on: %d to %s", a.status, a.to())
	}
	if st := h.Order(p.offered.ID).State; st != ordering.Choosing {
		t.Errorf("nobody else was agreed to, and the order is %s", st)
	}
	if a := office.get(page + "/move"); a.status != http.StatusConflict {
		t.Errorf("while the buyer decides: %d", a.status)
	}
	h.noOwnMistakes()
}
