package storefront_test

import (
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/ordering"
)

var (
	takeButton = regexp.MustCompile(`<button class="choice" name="take" value="([^"]*)"`)
	goOn       = regexp.MustCompile(`href="([^"]*/change/confirm\?s=[^"]*)"`)
	hiddenPick = regexp.MustCompile(`name="s" value="([^"]*)"`)
)

// The configurator opens with the order's car, tells the difference, and one press changes the order; at the factory
// there is nothing to change any more.
func TestAnOrderIsChangedInTheConfigurator(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	before := s.only()
	if !strings.Contains(s.page(order).body, `href="`+order+`/change"`) {
		t.Fatal("the order does not offer to change its car")
	}
	a := s.get(order + "/change")
	if a.status != 303 || !strings.HasPrefix(a.to(), order+"/change?s=") {
		t.Fatalf("%d to %s", a.status, a.to())
	}
	page := s.page(a.to())
	if !strings.Contains(page.text(), "This is your order "+before.Number) || goOn.MatchString(page.body) || strings.Contains(page.body, "/dealer?s=") {
		t.Errorf("the configurator: %s", page.text())
	}
	picks := hiddenPick.FindStringSubmatch(page.body)[1]
	next := ""
	for _, b := range takeButton.FindAllStringSubmatch(page.body, -1) {
		other := s.page(order + "/change?s=" + picks + "&take=" + b[1])
		if m := goOn.FindStringSubmatch(other.body); m != nil && strings.Contains(other.text(), "Order "+before.Number+" would go from") {
			next = strings.ReplaceAll(m[1], "&amp;", "&")
			break
		}
	}
	if next == "" {
		t.Fatal("no choice leads on")
	}
	confirm := s.page(next)
	for _, want := range []string{"to pay", "Your deposit of £100 stays as it is", "the day of your order"} {
		if !strings.Contains(confirm.text(), want) {
			t.Errorf("the comparison lacks %q: %s", want, confirm.text())
		}
	}
	form := confirm.form(t, order+"/change")
	if bad := s.post(order+"/change", with(form, "seen_total", "1")); bad.status != 422 || s.only().TotalMinor != before.TotalMinor {
		t.Errorf("at another price: %d", bad.status)
	}
	done := s.post(order+"/change", s.page(next).form(t, order+"/change"))
	if done.status != 303 || done.to() != order+"?done=changed" {
		t.Fatalf("%d to %s: %s", done.status, done.to(), done.text())
	}
	if after := s.only(); after.TotalMinor == before.TotalMinor && after.Configuration == before.Configuration || after.DepositMinor != before.DepositMinor {
		t.Error("nothing changed")
	}
	if !strings.Contains(s.page(done.to()).text(), "Your order is changed") {
		t.Error("it is not said")
	}
	s.walk(s.only().ID, ordering.Ordered)
	if a := s.get(order + "/change"); a.status != 303 || a.to() != order {
		t.Errorf("at the factory: %d to %s", a.status, a.to())
	}
	if a := s.get(next); a.status != 422 || strings.Contains(a.body, `name="seen_total"`) {
		t.Errorf("the comparison at the factory: %d", a.status)
	}
}
