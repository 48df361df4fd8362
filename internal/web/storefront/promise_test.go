package storefront_test

import (
	"strings"
	"testing"

	"forecourt/internal/ordering"
	"forecourt/internal/testkit"
)

func TestAPostcodeIsKeptAsThePostWritesIt(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft := s.begin(string(testkit.Leeds))
	form := with(with(s.page(draft+"/details").form(t, draft+"/details"), details...), "postcode", "ls62ab")
	if a := s.post(draft+"/details", form); a.status != 303 {
		t.Fatalf("details: %d %s", a.status, a.text())
	}
	if check := s.page(draft + "/check"); !strings.Contains(check.text(), "Leeds LS6 2AB") {
		t.Errorf("the check page: %s", check.text())
	}
}

func TestTheChosenDealerIsNoFallback(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft := s.begin(string(testkit.Leeds))
	page := s.page(draft + "/dealer?near=ls31lh")
	if strings.Contains(page.body, `name="fallback" value="`+string(testkit.Leeds)+`"`) {
		t.Error("the chosen dealer is offered as its own fallback")
	}
	for _, want := range []string{"Sorted by distance from ls31lh (area LS)", "Nearest first."} {
		if !strings.Contains(page.text(), want) {
			t.Errorf("the page lacks %q: %s", want, page.text())
		}
	}
}

func TestAfterThePickupNothingIsPromisedOnline(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	s.walk(s.only().ID, ordering.Ready)
	must(t, s.DB.Read(t.Context()).Exec(`UPDATE orders SET state = 'handed_over', handed_over_at = ?`, s.Clock.Now()).Error)
	page := s.page(order)
	if !strings.Contains(page.body, `href="mailto:withdraw@example.com"`) || !strings.Contains(page.text(), "or write to us until") {
		t.Errorf("how to withdraw is not told: %s", page.text())
	}
	if strings.Contains(page.body, `href="`+order+`/cancel"`) {
		t.Error("an order handed over can be cancelled online")
	}
}
