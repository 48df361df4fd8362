package storefront_test

import (
	"strings"
	"testing"

	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

// A buyer who names no dealer is told by which rule one is found, is shown no dealer before one is asked, and sees
// on the order's page who it is.
func TestTheChoiceIsLeftToTheRule(t *testing.T) {
	t.Parallel()
	s := open(t)
	page := s.page(cheapDuster + "/dealer")
	for _, want := range []string{"Leave the choice to us", "the nearest to your address first", "the next one, 4 at most", "None is farther than 75 mi"} {
		if !strings.Contains(page.text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	a := s.post(cheapDuster+"/dealer", with(page.form(t, cheapDuster+"/dealer"), "dealer", "any"))
	draft := strings.TrimSuffix(a.to(), "/details")
	a = s.post(draft+"/details", with(s.page(draft+"/details").form(t, draft+"/details"), details...))
	check := s.page(a.to())
	if text := check.text(); !strings.Contains(text, "We find a dealer for you") || !strings.Contains(text, "The dealer who accepts your order") || strings.Contains(text, "Northgate") {
		t.Fatalf("the check page: %s", text)
	}
	if p := s.page(draft + "/dealer"); !strings.Contains(p.body, `name="dealer" value="any" checked`) {
		t.Error("the choice is not kept")
	}
	a = s.post(draft+"/pay", with(check.form(t, draft+"/pay"), "terms", "yes"))
	if a.status != 303 {
		t.Fatalf("pay: %d %s", a.status, a.text())
	}
	back, err := banktest.Pay(t.Context(), nil, a.to(), testkit.Good)
	must(t, err)
	order, _, _ := strings.Cut(s.get(back).to(), "?")
	if p := s.page(order); !strings.Contains(p.text(), "Northgate Motors Leeds answers by") {
		t.Errorf("the order's page: %s", p.text())
	}
	receipt := s.page(order + "/receipt").text()
	for _, want := range []string{"Northgate Motors Leeds was asked, with time until", "The rule: the nearest first.", "version gb-2026-1", "Too far away", "Could be asked, place 2", "none was changed or taken out"} {
		if !strings.Contains(receipt, want) {
			t.Errorf("the receipt does not say %q: %s", want, receipt)
		}
	}
}

func TestOthersMayBeAskedAfterThoseNamed(t *testing.T) {
	t.Parallel()
	s := open(t)
	page := s.page(cheapDuster + "/dealer?near=Leeds")
	a := s.post(cheapDuster+"/dealer", with(page.form(t, cheapDuster+"/dealer"), "dealer", string(testkit.Leeds), "any", "yes"))
	draft := strings.TrimSuffix(a.to(), "/details")
	a = s.post(draft+"/details", with(s.page(draft+"/details").form(t, draft+"/details"), details...))
	if text := s.page(a.to()).text(); !strings.Contains(text, "Then others by rule: the nearest") || strings.Contains(text, "We ask you first") || !strings.Contains(text, "Northgate") {
		t.Fatalf("the check page: %s", text)
	}
}
